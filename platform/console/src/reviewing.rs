//! A reviewer's word (审核) on the step now waiting; the last approval leads to the receipt.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{ResourceId, SubmissionId, Verdict};
use publish::CommandError;
use publish::commands::review::{self, Given, Opinion};
use serde::Deserialize;
use web::{App, Error, Scope};

use crate::receipt;
use crate::resource::{self, Attempt};
use crate::times;

/// What was decided.
#[derive(Deserialize)]
pub(crate) struct Typed {
    /// The submission that was looked at, and the step it waited for.
    submission: Option<SubmissionId>,
    step: i32,
    verdict: Verdict,
    #[serde(default)]
    reason: String,
    publish_at: Option<String>,
    withdraw_at: Option<String>,
}

/// POST /console/{site}/resources/{id}/review
pub(crate) async fn give(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let fields = times::Typed { publish_at: typed.publish_at, withdraw_at: typed.withdraw_at };
    let attempt = Attempt { review_reason: typed.reason.clone(), review_times: Some(fields.clone()), ..Attempt::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let times = match fields.times() {
        Ok(times) => times,
        // Whoever sends a text back decides nothing about its times.
        Err(_) if typed.verdict == Verdict::Return => None,
        Err(review_time_problems) => {
            return resource::correct(&app, &scope, id, Attempt { review_time_problems, ..attempt }).await;
        }
    };
    let opinion = Opinion { submission: typed.submission, step: typed.step, verdict: typed.verdict, reason: typed.reason, times };
    let address = match app.command(move |engine| review::give(engine, &actor, site, id, opinion)).await {
        Ok(Given::Published(publication)) => receipt::address(&scope, publication),
        Ok(Given::Scheduled(_)) => resource::address(&scope, id, "scheduled"),
        Ok(Given::Returned) => resource::address(&scope, id, "returned"),
        Ok(Given::Passed) => resource::address(&scope, id, "approved"),
        Err(CommandError::Invalid(problems)) => {
            let (reason, times): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.field == "reason");
            let attempt = Attempt { review_problem: resource::sentence(reason), review_time_problems: times, ..attempt };
            return resource::correct(&app, &scope, id, attempt).await;
        }
        Err(error) => return resource::refuse(&app, &scope, id, error, attempt).await,
    };
    Ok(Redirect::to(&address).into_response())
}
