//! Bringing files: each is judged by itself, so that one that is refused does not lose the others.

use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::MediaId;
use publish::CommandError;
use publish::commands::media::{self, Kept, Upload};
use serde::Serialize;
use web::{App, Error, Scope};

use crate::media::{Wish, draw};

/// What became of one file.
#[derive(Serialize)]
pub(crate) struct Outcome {
    name: String,
    /// Its number in the library; none where it was refused.
    id: Option<MediaId>,
    /// What to know about it.
    message: String,
}

impl Outcome {
    pub(crate) fn is_refused(&self) -> bool {
        self.id.is_none()
    }
}

/// POST /console/{site}/media
pub(crate) async fn upload(State(app): State<Arc<App>>, scope: Scope, mut form: Multipart) -> Result<Response, Error> {
    let most = app.engine.settings.media.files_at_once;
    let mut outcomes = Vec::new();
    let mut is_plain = true;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.file_name().unwrap_or_default().to_owned();
        if field.name() != Some("files") || name.is_empty() {
            continue;
        }
        let outcome = if outcomes.len() < most {
            take(&app, &scope, name, field, &mut is_plain).await?
        } else {
            refused(name, format!("一次最多上传{most}个文件，请分次上传"))
        };
        outcomes.push(outcome);
    }
    if outcomes.is_empty() {
        outcomes.push(refused(String::new(), "请先选择文件".to_owned()));
    }
    let has_refusals = outcomes.iter().any(Outcome::is_refused);
    if !has_refusals && is_plain {
        return Ok(Redirect::to(&format!("/console/{}/media?done=uploaded", scope.site.key)).into_response());
    }
    let status = if has_refusals { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    draw(&app, &scope, &Wish::default(), outcomes, status).await
}

/// Reads one file, no further than it may be long, and gives it to the library.
async fn take(app: &Arc<App>, scope: &Scope, name: String, field: Field<'_>, is_plain: &mut bool) -> Result<Outcome, Error> {
    let set = &app.engine.settings.media;
    let most = set.image_bytes.max(set.attachment_bytes);
    let Some(bytes) = read(field, most).await.map_err(broken)? else {
        return Ok(refused(name, format!("文件超过{}", model::media::readable_size(i64::try_from(most).unwrap_or(i64::MAX)))));
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    let upload = Upload { name: name.clone(), bytes };
    match app.command(move |engine| media::upload(engine, &actor, site, upload)).await {
        Ok(Kept::New(media)) => Ok(Outcome { name, id: Some(media.id), message: "已上传".to_owned() }),
        Ok(Kept::Known(media)) => {
            *is_plain = false;
            let message = format!("本站已有相同文件“{}”，未重复保存", media.file_name);
            Ok(Outcome { name, id: Some(media.id), message })
        }
        Err(CommandError::Refused(sentence)) => Ok(refused(name, sentence)),
        Err(other) => Err(other.into()),
    }
}

/// The bytes of a file; none when there are too many, of which no more are kept than may be.
async fn read(mut field: Field<'_>, most: u64) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if (bytes.len() + chunk.len()) as u64 > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn refused(name: String, message: String) -> Outcome {
    Outcome { name, id: None, message }
}

fn broken(error: MultipartError) -> Error {
    tracing::debug!(%error, "an upload ended early");
    Error::BadRequest("上传中断或内容不完整，请重新上传。".into())
}
