//! What anybody may read: where we answer, and the public halves of our keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use oidc::{discovery as document, key_set};
use publish::commands::signing;
use web::{App, Error};

use crate::Issuer;

/// GET /oidc/.well-known/openid-configuration
pub(crate) async fn discovery(issuer: Issuer) -> Response {
    public(Json(document(&issuer.endpoints, issuer.clientele)))
}

/// GET /oidc/keys
pub(crate) async fn keys(State(app): State<Arc<App>>) -> Result<Response, Error> {
    let keys = app.command(signing::keys).await?;
    Ok(public(Json(key_set(&keys))))
}

/// Also scripts of other sites may read it; an hour later it is asked for again.
fn public(answer: impl IntoResponse) -> Response {
    ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CACHE_CONTROL, "public, max-age=3600")], answer).into_response()
}
