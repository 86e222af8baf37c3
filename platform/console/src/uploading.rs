//! Bringing files: each is judged by itself, so that one that is refused does not lose the others.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::MediaId;
use model::media::readable_size;
use publish::CommandError;
use publish::commands::media::{self, Kept, Upload};
use serde::Serialize;
use web::{App, Error, Files, Scope, Turn};

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
pub(crate) async fn upload(
    State(app): State<Arc<App>>,
    scope: Scope,
    headers: HeaderMap,
    mut files: Files,
) -> Result<Response, Error> {
    let set = &app.engine.settings.media;
    let (most, longest) = (set.files_at_once, set.image_bytes.max(set.attachment_bytes));
    let (mut outcomes, mut is_plain) = (Vec::new(), true);
    let turn = files.turn();
    while let Some(part) = files.next().await? {
        let Some(name) = part.file_of("files").filter(|_| outcomes.len() <= most) else {
            part.skip().await?;
            continue;
        };
        if outcomes.len() == most {
            part.skip().await?;
            outcomes.push(refused(name, format!("一次最多上传{most}个文件，此文件及其后的文件均未上传，请分次上传")));
            continue;
        }
        let outcome = match part.read(longest).await? {
            Some(bytes) => take(&app, &scope, Upload { name, bytes }, turn.clone(), &mut is_plain).await?,
            None => refused(name, format!("文件超过{}", readable_size(i64::try_from(longest).unwrap_or(i64::MAX)))),
        };
        outcomes.push(outcome);
    }
    if outcomes.is_empty() {
        outcomes.push(refused(String::new(), "请先选择文件".to_owned()));
    }
    if wants_json(&headers) {
        return Ok(Json(outcomes).into_response());
    }
    let has_refusals = outcomes.iter().any(Outcome::is_refused);
    if !has_refusals && is_plain {
        return Ok(Redirect::to(&format!("/console/{}/media?done=uploaded", scope.site.key)).into_response());
    }
    let status = if has_refusals { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    draw(&app, &scope, &Wish::default(), outcomes, status).await
}

/// A script that brings what was pasted wants to know what became of it, and no screen.
fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|value| value == "application/json")
}

/// Gives one file to the library.
async fn take(app: &Arc<App>, scope: &Scope, upload: Upload, turn: Turn, is_plain: &mut bool) -> Result<Outcome, Error> {
    let (actor, site, name) = (scope.actor(), scope.site.id, upload.name.clone());
    let kept = app.command(move |engine| {
        let kept = media::upload(engine, &actor, site, upload);
        // Only now is the file out of memory, whether or not the browser is still there.
        drop(turn);
        kept
    });
    match kept.await {
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

fn refused(name: String, message: String) -> Outcome {
    Outcome { name, id: None, message }
}
