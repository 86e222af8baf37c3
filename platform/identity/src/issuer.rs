//! Who we are to applications: the address of the console that they ask.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use oidc::Endpoints;
use web::{App, Error, Origin};

/// Our addresses under the host that was asked.
pub struct Issuer(pub Endpoints);

impl<S> FromRequestParts<S> for Issuer
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Origin(origin) = Origin::from_request_parts(parts, state).await?;
        let endpoints = Endpoints::new(format!("{origin}/oidc")).ok();
        Ok(Self(endpoints.ok_or_else(|| Error::BadRequest("访问地址有误".into()))?))
    }
}
