//! Who we are to applications: the address of the console that they ask.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use oidc::Endpoints;
use web::{App, Error};

/// Our addresses under the host that was asked. Only the console's hosts lead here, so it is one of ours.
pub struct Issuer(pub Endpoints);

impl<S> FromRequestParts<S> for Issuer
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = Arc::<App>::from_ref(state);
        let scheme = if app.engine.settings.web.secure { "https" } else { "http" };
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        // A name and a port and nothing else, so that no address of ours can mean another's.
        let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let endpoints = Endpoints::new(format!("{scheme}://{host}/oidc")).ok().filter(|_| is_plain);
        Ok(Self(endpoints.ok_or_else(|| Error::BadRequest("访问地址有误".into()))?))
    }
}
