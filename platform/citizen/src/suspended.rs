//! 停用: what somebody who is shut out is told once they have shown who they are, and never before.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::{Suspension, local};
use publish::commands::citizen::Deed;
use publish::commands::citizen_oversight;
use serde::Serialize;
use web::{App, Error};

use crate::screens::{self, Frame};

#[derive(Serialize)]
struct Screen<'a> {
    since: String,
    reason: &'a str,
    contact: &'a str,
}

/// The page for somebody who is shut out; none for everybody else.
pub(crate) async fn keep_out(app: &Arc<App>, deed: &Deed) -> Result<Option<Response>, Error> {
    let asked = deed.clone();
    match app.command(move |engine| citizen_oversight::keep_out(engine, &asked)).await? {
        Some(suspension) => Ok(Some(page(app, &suspension)?)),
        None => Ok(None),
    }
}

fn page(app: &App, suspension: &Suspension) -> Result<Response, Error> {
    let since = local(suspension.since).format("%Y年%-m月%-d日").to_string();
    let screen = Screen { since, reason: &suspension.reason, contact: &app.engine.settings.citizens.contact };
    let page = screens::draw("suspended.html", Frame::outside(app, "账号已停用"), screen)?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}
