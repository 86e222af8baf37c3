//! Taking a resource down everywhere at once (撤回).

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::ResourceId;
use publish::CommandError;
use publish::commands::withdrawal;
use serde::Deserialize;
use web::{App, Error, Scope};

use crate::receipt;
use crate::resource::{self, Attempt};

/// Why.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    reason: String,
}

/// POST /console/{site}/resources/{id}/withdraw
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let attempt = Attempt { withdraw_reason: typed.reason.clone(), ..Attempt::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| withdrawal::withdraw(engine, &actor, site, id, &typed.reason)).await {
        Ok(publication) => Ok(Redirect::to(&receipt::address(&scope, publication)).into_response()),
        Err(CommandError::Invalid(problems)) => {
            let attempt = Attempt { withdraw_problem: resource::sentence(problems), ..attempt };
            resource::correct(&app, &scope, id, attempt).await
        }
        Err(error) => resource::refuse(&app, &scope, id, error, attempt).await,
    }
}
