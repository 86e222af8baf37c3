//! A page of a site within a frame of the console: it is of another host, and nothing in it runs.

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use publish::preview::{PreviewError, Shown};
use web::{App, Error};

/// Makes a page on a thread of its own: it opens a view of the database, and must not wait for one that holds another.
pub(crate) async fn made(
    make: impl FnOnce() -> Result<Option<Shown>, PreviewError> + Send + 'static,
) -> Result<Option<Shown>, Error> {
    let fault = |error: &dyn std::fmt::Display| Error::Fault(error.to_string());
    tokio::task::spawn_blocking(make).await.map_err(|error| fault(&error))?.map_err(|error| fault(&error))
}

/// The page with a content policy of its own: what is shown comes from the site and the console's own library, and nothing else
/// frames it.
pub(crate) fn framed(Shown { page, base }: Shown) -> Response {
    let policy = format!(
        "default-src 'none'; style-src {base} 'unsafe-inline'; img-src {base} 'self' data:; font-src {base}; base-uri {base}; \
         form-action 'none'; frame-ancestors 'self'"
    );
    let policies = [(header::CONTENT_SECURITY_POLICY, policy), (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned())];
    (policies, Html(page)).into_response()
}

/// Where this console was asked, as a page of another host names it.
pub(crate) fn address_of(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if app.engine.settings.web.secure { "https" } else { "http" };
    format!("{scheme}://{}", render::html::escape(host))
}
