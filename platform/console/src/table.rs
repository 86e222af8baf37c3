//! Tables for Excel: made into a file without a name, which is gone when it is closed, and sent as it is read back.

use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use model::{Actor, SiteId};
use publish::{CommandError, Engine};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;
use store::audit;
use tokio::sync::Semaphore;
use web::{App, Error};

/// Bytes sent at once.
const CHUNK: usize = 64 << 10;

/// Tables made in this process at once; the others wait.
static TURNS: Semaphore = Semaphore::const_new(2);

const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Sends the table that `write` makes, called `name` and the day.
pub(crate) async fn send(
    app: &Arc<App>,
    name: &str,
    write: impl FnOnce(&Engine, &mut Workbook) -> Result<(), CommandError> + Send + 'static,
) -> Result<Response, Error> {
    let turn = TURNS.acquire().await.map_err(|_| Error::Fault("exports have ended".into()))?;
    let file = app
        .command(move |engine| {
            let mut workbook = Workbook::new();
            write(engine, &mut workbook)?;
            let mut file = tempfile::tempfile()?;
            workbook.save_to_writer(&mut file).map_err(broken)?;
            file.rewind()?;
            Ok(file)
        })
        .await?;
    drop(turn);
    let today = model::local(app.engine.clock.now()).format("%Y%m%d");
    let headers = [
        (header::CONTENT_TYPE, header::HeaderValue::from_static(KIND)),
        (header::CONTENT_DISPOSITION, web::attachment(&format!("{name}-{today}.xlsx"))),
    ];
    Ok((headers, body(file)).into_response())
}

/// Keeps that somebody takes this away, and what they chose, before anything is read: whoever breaks off has seen some of it.
pub(crate) fn on_record(
    engine: &Engine,
    actor: &Actor,
    action: &str,
    site: Option<SiteId>,
    chosen: Value,
) -> Result<(), CommandError> {
    let subject = site.map_or_else(|| "platform".to_owned(), |site| format!("site:{site}"));
    let record = audit::Record { action, subject, site, before: Value::Null, after: chosen };
    engine.store.command(|command| Ok(audit::append(command, actor, record, engine.clock.now())?))
}

/// A sheet with its columns, each with its width.
pub(crate) fn begin<'a>(workbook: &'a mut Workbook, name: &str, heads: &[(&str, f64)]) -> Result<&'a mut Worksheet, XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let bold = Format::new().set_bold();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, (name, width)) in (0..).zip(heads) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, *name, &bold)?;
    }
    Ok(sheet)
}

pub(crate) fn broken(error: XlsxError) -> CommandError {
    CommandError::Blob(std::io::Error::other(error))
}

/// The file piece by piece.
fn body(file: File) -> Body {
    Body::from_stream(stream::try_unfold(file, |mut file| async {
        let read = move || {
            let mut chunk = vec![0; CHUNK];
            let length = file.read(&mut chunk)?;
            chunk.truncate(length);
            Ok::<_, std::io::Error>((length > 0).then(|| (Bytes::from(chunk), file)))
        };
        tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
    }))
}
