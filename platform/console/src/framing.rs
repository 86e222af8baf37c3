//! A page of a site within a frame of the console: it is of another host, and nothing in it runs.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use model::{Arrangement, MediaId};
use publish::address::media_of;
use publish::preview::{self, PreviewError, Proposal, Shown};
use store::site_states;
use web::{App, Error, Scope};

/// What is shown where the site has no such page yet.
const EMPTY: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>效果</title></head><body><p>本站还没有已发布的稿件，暂时没有这样的网页。</p></body></html>";

/// Makes a page on a thread of its own: it opens a view of the database, and must not wait for one that holds another.
pub(crate) async fn made<T: Send + 'static>(make: impl FnOnce() -> Result<T, PreviewError> + Send + 'static) -> Result<T, Error> {
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

/// The page a site would have. What nobody may fetch yet comes from the console's own library: all pictures of a site that is shut, and
/// those that a draft brings.
pub(crate) async fn arranged_page(
    app: &Arc<App>,
    scope: &Scope,
    headers: &HeaderMap,
    proposal: Proposal,
) -> Result<Response, Error> {
    let (engine, site) = (Arc::clone(&app.engine), scope.site.id);
    let brought = proposal.arrangement.as_ref().map(Arrangement::media).unwrap_or_default();
    let shown = made(move || preview::arranged(&engine, site, proposal)).await?;
    let shown = shown.unwrap_or_else(|| Shown { page: EMPTY.to_owned(), base: String::new() });
    let standing = app.read(move |connection| site_states::find(connection, site)).await?;
    let is_shut = standing.is_some_and(|standing| standing.state.is_shut());
    Ok(framed(with_pictures(shown, &address_of(app, headers), &scope.site.key, |id| is_shut || brought.contains(&id))))
}

fn with_pictures(mut shown: Shown, console: &str, key: &str, is_wanted: impl Fn(MediaId) -> bool) -> Shown {
    let mut text = String::with_capacity(shown.page.len());
    let mut rest = shown.page.as_str();
    while let Some(start) = rest.find("/media/") {
        let address = &rest[start..];
        let end = address.find(['"', ' ', ',']).unwrap_or(address.len());
        text.push_str(&rest[..start]);
        let own =
            media_of(&address[..end]).filter(|id| is_wanted(*id)).map(|id| format!("{console}/console/{key}/media/{id}/file"));
        text.push_str(own.as_deref().unwrap_or(&address[..end]));
        rest = &address[end..];
    }
    text.push_str(rest);
    shown.page = text;
    shown
}

/// Where this console was asked, as a page of another host names it.
pub(crate) fn address_of(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if app.engine.settings.web.secure { "https" } else { "http" };
    format!("{scheme}://{}", render::html::escape(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_a_page_come_from_the_library() {
        let page = "<img src=\"/media/ab/abcd-17.jpg\" srcset=\"/media/ab/abcd-17-320w.webp 320w, /media/ab/abcd-17.jpg 800w\">/media/ 无".to_owned();
        let shown = with_pictures(Shown { page, base: String::new() }, "https://c", "a", |id| id == MediaId(17));
        let file = "https://c/console/a/media/17/file";
        assert_eq!(shown.page, format!("<img src=\"{file}\" srcset=\"{file} 320w, {file} 800w\">/media/ 无"));
    }
}
