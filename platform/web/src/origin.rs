//! The address of the console under the host that was asked.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;

use crate::{App, Error};

/// `https://HOST`. Only the console's hosts lead to its routes, so it is one of ours.
pub struct Origin(pub String);

impl<S> FromRequestParts<S> for Origin
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
        let is_plain = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        if is_plain { Ok(Self(format!("{scheme}://{host}"))) } else { Err(Error::BadRequest("访问地址有误".into())) }
    }
}
