//! Moving a resource to another channel of its site (调整栏目).

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{ChannelId, ResourceId};
use publish::commands::relocation;
use serde::Deserialize;
use web::{App, Error, Scope};

use crate::resource::{self, Attempt};

/// Where to.
#[derive(Deserialize)]
pub(crate) struct Typed {
    channel: ChannelId,
}

/// POST /console/{site}/resources/{id}/move
pub(crate) async fn relocate(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| relocation::relocate(engine, &actor, site, id, typed.channel)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "moved")).into_response()),
        Err(error) => resource::refuse(&app, &scope, id, error, Attempt::default()).await,
    }
}
