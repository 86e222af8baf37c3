//! A reviewer's word (审核) on the step now waiting; the last approval leads to the receipt.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{ResourceId, Verdict};
use publish::CommandError;
use publish::commands::review::{self, Opinion};
use serde::Deserialize;
use web::{App, Error, Scope};

use crate::receipt;
use crate::resource::{self, Attempt};

/// What was decided.
#[derive(Deserialize)]
pub(crate) struct Typed {
    step: i32,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
}

/// POST /console/{site}/resources/{id}/review
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let attempt = Attempt { review_reason: typed.reason.clone(), ..Attempt::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let opinion = Opinion { step: typed.step, verdict: typed.verdict, reason: typed.reason };
    let address = match app.command(move |engine| review::give(engine, &actor, site, id, opinion)).await {
        Ok(Some(publication)) => receipt::address(&scope, publication),
        Ok(None) if typed.verdict == Verdict::Return => resource::address(&scope, id, "returned"),
        Ok(None) => resource::address(&scope, id, "approved"),
        Err(CommandError::Invalid(problems)) => {
            let attempt = Attempt { review_problem: resource::sentence(problems), ..attempt };
            return resource::correct(&app, &scope, id, attempt).await;
        }
        Err(error) => return resource::refuse(&app, &scope, id, error, attempt).await,
    };
    Ok(Redirect::to(&address).into_response())
}
