//! Handing a review over (转办) from the page of a text.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{Problem, ResourceId, Seen, SubmissionId, UserId};
use publish::CommandError;
use publish::commands::hand_over::hand_over;
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::resource::{self, Attempt};

/// What was looked at, who is to review it, and what is said with it.
#[derive(Deserialize)]
pub(crate) struct Typed {
    submission: SubmissionId,
    step: i32,
    #[serde(default)]
    to: String,
    #[serde(default)]
    note: String,
}

/// What was typed and did not succeed.
#[derive(Default, Serialize)]
pub(crate) struct Tried {
    to: String,
    note: String,
    problems: Vec<Problem>,
}

/// POST /console/{site}/resources/{id}/hand-over
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site, note) = (scope.actor(), scope.site.id, typed.note.clone());
    let seen = Seen { submission: typed.submission, step: typed.step };
    // Nobody has the number 0.
    let to = typed.to.parse().unwrap_or(UserId(0));
    let tried = |problems| Attempt { hand_over: Tried { to: typed.to, note: typed.note, problems }, ..Attempt::default() };
    match app.command(move |engine| hand_over(engine, &actor, site, id, seen, to, &note)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "handed-over")).into_response()),
        Err(CommandError::Invalid(problems)) => resource::correct(&app, &scope, id, tried(problems)).await,
        Err(error) => resource::refuse(&app, &scope, id, error, tried(Vec::new())).await,
    }
}
