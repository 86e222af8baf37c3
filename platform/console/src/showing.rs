//! The live preview (网站效果): the text as typed on the page a site would make of it, within a frame of the form.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use model::{ChannelId, Content, Placement, PlacementId, Resource, ResourceId, ResourceKind, SiteId};
use publish::preview::{self, Shown, Typed};
use serde::Deserialize;
use store::{Connection, channels, placements, resources};
use web::{App, Error, Scope};

use crate::form::Draft;
use crate::media::shown_body;

/// Whose form it is, a new text's where there is no number; and where another site shows it.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Of {
    resource: Option<ResourceId>,
    placement: Option<PlacementId>,
}

/// Where a text belongs.
struct Place {
    channel: ChannelId,
    kind: ResourceKind,
    resource: Option<Resource>,
    placement: Option<Placement>,
}

/// What is shown before there is a channel, and with it a page.
const EMPTY: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>网站效果</title></head><body><p>请先选择栏目。</p></body></html>";

/// POST /console/{site}/preview/page
pub(crate) async fn draw(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(of): Query<Of>,
    headers: HeaderMap,
    Form(draft): Form<Draft>,
) -> Result<Response, Error> {
    let (site, chosen) = (scope.site.id, draft.channel.parse().ok());
    let place = app.read(move |connection| find(connection, site, of, chosen)).await?;
    let (engine, key, console) = (Arc::clone(&app.engine), scope.site.key.clone(), address_of(&app, &headers));
    // Cleaning takes a while, and the page opens a view of the database for itself: it must not wait for one holding another.
    let made = tokio::task::spawn_blocking(move || {
        let Some(Place { channel, kind, resource, placement }) = place else { return Ok(None) };
        let content = content(&draft, kind, &key, &console);
        preview::article(&engine, site, Typed { channel, kind, resource, placement, content })
    });
    let shown = made.await.map_err(|error| Error::Fault(error.to_string()))?.map_err(|error| Error::Fault(error.to_string()))?;
    let Shown { page, base } = shown.unwrap_or_else(|| Shown { page: EMPTY.to_owned(), base: String::new() });
    // What is shown comes from the site and the console's own library; nothing in it runs, and nothing else frames it.
    let policy = format!(
        "default-src 'none'; style-src {base} 'unsafe-inline'; img-src {base} 'self' data:; font-src {base}; base-uri {base}; \
         form-action 'none'; frame-ancestors 'self'"
    );
    let policies = [(header::CONTENT_SECURITY_POLICY, policy), (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned())];
    Ok((policies, Html(page)).into_response())
}

/// Where a text belongs; none before a channel is chosen.
fn find(connection: &mut Connection, site: SiteId, of: Of, chosen: Option<ChannelId>) -> Result<Option<Place>, Error> {
    let Some(id) = of.resource else {
        let tree = channels::tree(connection, site)?;
        let channel = chosen.and_then(|id| tree.by_id(id));
        return Ok(channel.map(|one| Place { channel: one.id, kind: one.resource_kind, resource: None, placement: None }));
    };
    let resource = resources::find(connection, site, id)?.ok_or(Error::NotFound)?;
    let placement = match of.placement {
        Some(wanted) => placements::list_by_resource(connection, id)?.into_iter().find(|one| one.id == wanted),
        None => None,
    };
    Ok(Some(Place { channel: resource.channel_id, kind: resource.kind, resource: Some(resource), placement }))
}

/// As much of it as can be read, with pictures as the console shows them: those that are not live have no other address yet.
fn content(draft: &Draft, kind: ResourceKind, key: &str, console: &str) -> Content {
    let (mut content, _) = draft.readable(kind);
    let body = render::html::clean(&content.body)
        .unwrap_or_else(|problem| format!("<p>{}</p>", render::html::escape(&problem.to_string())));
    content.body = shown_body(key, &body).replace("\"/console/", &format!("\"{console}/console/"));
    content.cover = None;
    content
}

/// Where this console was asked, as a page of another host names it.
fn address_of(app: &App, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if app.engine.settings.web.secure { "https" } else { "http" };
    format!("{scheme}://{}", render::html::escape(host))
}
