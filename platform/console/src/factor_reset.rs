//! 重置二次验证 of somebody who lost theirs.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::Form;
use publish::commands::second_factor;
use web::{App, Error};

use crate::office::{Named, Office};
use crate::person::{self, Seen};

/// POST /console/people/{user}/factors/reset
pub(crate) async fn reset(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, id) = (office.actor(), named.user);
    match app.command(move |engine| second_factor::reset(engine, &actor, id, &typed.seen)).await {
        Ok(()) => Ok(office.back(&format!("/{id}"), "factors-reset")),
        Err(error) => person::again(&app, &office, id, error, None).await,
    }
}
