//! Handing a resource in for review (送审) from its page, and taking it back (收回).

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::ResourceId;
use publish::CommandError;
use publish::commands::submission::{self, Handing};
use serde::Deserialize;
use web::{App, Error, Scope};

use crate::editing;
use crate::resource::{self, Attempt};

/// The version the person saw, and `1` where it is urgent.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    version: i64,
    #[serde(default)]
    urgent: String,
}

/// POST /console/{site}/resources/{id}/submit
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let handing = Handing { seen: typed.version, urgent: typed.urgent == "1", ..Handing::default() };
    match app.command(move |engine| submission::hand_in(engine, &actor, site, id, &handing)).await {
        Ok(_) => Ok(Redirect::to(&resource::address(&scope, id, "submitted")).into_response()),
        Err(CommandError::Invalid(problems)) => editing::incomplete(&app, &scope, id, &typed.urgent, problems).await,
        Err(error) => resource::refuse(&app, &scope, id, error, Attempt::default()).await,
    }
}

/// POST /console/{site}/resources/{id}/cancel
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| submission::cancel(engine, &actor, site, id)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "cancelled")).into_response()),
        Err(error) => resource::refuse(&app, &scope, id, error, Attempt::default()).await,
    }
}
