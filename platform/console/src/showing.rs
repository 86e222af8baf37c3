//! The live preview (网站效果): the text as typed on the page a site would make of it, within a frame of the form.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use model::{Placement, PlacementId, ResourceId, ResourceKind};
use publish::preview::{self, Shown, Typed};
use serde::Deserialize;
use store::{Connection, channels, placements, resources};
use web::{App, Error, Scope};

use crate::form::Draft;
use crate::media::shown_body;

/// Whose form it is; a new text's where there is no number.
#[derive(Deserialize)]
pub(crate) struct Of {
    resource: Option<ResourceId>,
    /// Where another site shows it.
    placement: Option<PlacementId>,
}

/// POST /console/{site}/preview/page
pub(crate) async fn draw(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(of): Query<Of>,
    headers: HeaderMap,
    Form(draft): Form<Draft>,
) -> Result<Response, Error> {
    let (engine, site) = (Arc::clone(&app.engine), Arc::clone(&scope.site));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let console = format!("{}://{}", if engine.settings.web.secure { "https" } else { "http" }, render::html::escape(host));
    let shown = app
        .read(move |connection| {
            let resource = match of.resource {
                Some(id) => Some(resources::find(connection, site.id, id)?.ok_or(Error::NotFound)?),
                None => None,
            };
            let tree = channels::tree(connection, site.id)?;
            let channel = match &resource {
                Some(resource) => tree.by_id(resource.channel_id),
                None => draft.channel.parse().ok().and_then(|id| tree.by_id(id)),
            };
            let Some(channel) = channel else { return Ok(None) };
            let kind = resource.as_ref().map_or(channel.resource_kind, |resource| resource.kind);
            let placement = placed(connection, of.resource, of.placement)?;
            let typed =
                Typed { channel: channel.id, kind, resource, placement, content: content(&draft, kind, &site.key, &console) };
            preview::article(&engine, site.id, typed).map_err(|error| Error::Fault(error.to_string()))
        })
        .await?;
    let Shown { page, base } = shown.unwrap_or_else(|| Shown { page: EMPTY.to_owned(), base: String::new() });
    // What is shown comes from the site and the console's own library; nothing in it runs, and nothing else frames it.
    let policy = format!(
        "default-src 'none'; style-src {base} 'unsafe-inline'; img-src {base} 'self' data:; font-src {base}; base-uri {base}; \
         form-action 'none'; frame-ancestors 'self'"
    );
    let policies = [(header::CONTENT_SECURITY_POLICY, policy), (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned())];
    Ok((policies, Html(page)).into_response())
}

/// A placement of just this resource.
fn placed(connection: &mut Connection, id: Option<ResourceId>, wanted: Option<PlacementId>) -> store::Result<Option<Placement>> {
    let (Some(id), Some(wanted)) = (id, wanted) else { return Ok(None) };
    Ok(placements::list_by_resource(connection, id)?.into_iter().find(|placement| placement.id == wanted))
}

/// What is shown before there is a channel, and with it a page.
const EMPTY: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>网站效果</title></head><body><p>请先选择栏目。</p></body></html>";

/// As much of it as can be read, with pictures as the console shows them: those that are not live have no other address yet.
fn content(draft: &Draft, kind: ResourceKind, key: &str, console: &str) -> model::Content {
    let (mut content, _) = draft.readable(kind);
    let body = render::html::clean(&content.body).unwrap_or_else(|problem| format!("<p>{problem}</p>"));
    content.body = shown_body(key, &body).replace("\"/console/", &format!("\"{console}/console/"));
    content.cover = None;
    content
}
