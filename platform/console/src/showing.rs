//! The live preview (网站效果): the text as typed on the page a site would make of it, within a frame of the form.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::{ChannelId, Content, Permission, Placement, PlacementId, Resource, ResourceId, ResourceKind, SiteId, Within};
use publish::preview::{self, Shown, Typed};
use serde::Deserialize;
use store::{Connection, channels, placements, resources};
use web::{App, Error, Scope};

use crate::form::Draft;
use crate::framing;
use crate::media::shown_body;
use crate::resource::newest;

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
    let within = scope.within(Permission::Read);
    let (site, chosen) = (scope.site.id, draft.channel.parse().ok());
    let place = app.read(move |connection| find(connection, site, of, chosen, &within)).await?;
    let (engine, key, console) = (Arc::clone(&app.engine), scope.site.key.clone(), framing::address_of(&app, &headers));
    let made = framing::made(move || {
        let Some(Place { channel, kind, resource, placement }) = place else { return Ok(None) };
        // Cleaning takes a while.
        let content = content(&draft, kind, &key, &console);
        preview::article(&engine, site, Typed { channel, kind, resource, placement, content })
    });
    Ok(framing::framed(made.await?.unwrap_or_else(|| Shown { page: EMPTY.to_owned(), base: String::new() })))
}

/// GET /console/{site}/resources/{id}/page: the newest revision, for whoever reviews it.
pub(crate) async fn kept(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let (resource, revision) = app.read(move |connection| newest(connection, site, id)).await?;
    let content = with_pictures(revision.content, &scope.site.key, &framing::address_of(&app, &headers));
    let engine = Arc::clone(&app.engine);
    let (channel, kind) = (resource.channel_id, resource.kind);
    let typed = Typed { channel, kind, resource: Some(resource), placement: None, content };
    let made = framing::made(move || preview::article(&engine, site, typed)).await?;
    Ok(framing::framed(made.ok_or(Error::NotFound)?))
}

/// Where a text belongs; none before a channel is chosen.
fn find(
    connection: &mut Connection,
    site: SiteId,
    of: Of,
    chosen: Option<ChannelId>,
    within: &Within,
) -> Result<Option<Place>, Error> {
    let Some(id) = of.resource else {
        let tree = channels::tree(connection, site)?;
        let channel = chosen.and_then(|id| tree.by_id(id));
        return Ok(channel.map(|one| Place { channel: one.id, kind: one.resource_kind, resource: None, placement: None }));
    };
    let resource = resources::find(connection, site, id)?.filter(|one| within.has(one.channel_id)).ok_or(Error::NotFound)?;
    let placement = match of.placement {
        // What waits on another site is that site's to know of.
        Some(wanted) => placements::list_by_resource(connection, id)?
            .into_iter()
            .find(|one| one.id == wanted && (one.live || one.site_id == site)),
        None => None,
    };
    Ok(Some(Place { channel: resource.channel_id, kind: resource.kind, resource: Some(resource), placement }))
}

/// As much of it as can be read.
fn content(draft: &Draft, kind: ResourceKind, key: &str, console: &str) -> Content {
    let (mut content, _) = draft.readable(kind);
    let body = render::html::clean(&content.body)
        .unwrap_or_else(|problem| format!("<p>{}</p>", render::html::escape(&problem.to_string())));
    content.body = body;
    with_pictures(content, key, console)
}

/// With pictures as the console shows them: those that are not live have no other address yet.
fn with_pictures(mut content: Content, key: &str, console: &str) -> Content {
    content.body = shown_body(key, &content.body).replace("\"/console/", &format!("\"{console}/console/"));
    content.cover = None;
    content
}
