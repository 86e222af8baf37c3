//! 投放设置: what a site decides about a placement of its own, whoever wrote the resource.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::{ChannelTree, Placement, PlacementId, Problem, Resource, ResourceId, SiteId};
use publish::CommandError;
use publish::commands::placement::{self, Wishes};
use serde::{Deserialize, Serialize};
use store::{Connection, channels, placements, resources};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::moment::Moment;
use crate::offers::site_name;
use crate::screens::{self, Frame, Place};

/// What was typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    slug: String,
    title_prefix: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    id: PlacementId,
    resource: ResourceId,
    title: String,
    channel: String,
    folder: String,
    owner: String,
    is_shared: bool,
    may_remove: bool,
    url: String,
    since: Moment,
    origin: &'static str,
    slug: String,
    title_prefix: String,
    problems: Vec<Problem>,
    refusal: String,
}

struct Found {
    placement: Placement,
    resource: Resource,
    title: String,
    tree: ChannelTree,
}

/// GET /console/{site}/placements/{placement}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
) -> Result<Response, Error> {
    draw(&app, &scope, id, None, Vec::new(), String::new(), StatusCode::OK).await
}

/// POST /console/{site}/placements/{placement}
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let wishes = Wishes { slug: typed.slug.clone(), title_prefix: typed.title_prefix.clone() };
    match app.command(move |engine| placement::set(engine, &actor, site, id, &wishes)).await {
        Ok(()) => back(&app, &scope, id, "placement-set").await,
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &scope, id, Some(typed), problems, String::new(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Refused(refusal)) => {
            draw(&app, &scope, id, Some(typed), Vec::new(), refusal, StatusCode::CONFLICT).await
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /console/{site}/placements/{placement}/remove
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| placement::remove(engine, &actor, site, id)).await {
        Ok(()) => back(&app, &scope, id, "placement-removed").await,
        Err(CommandError::Refused(refusal)) => draw(&app, &scope, id, None, Vec::new(), refusal, StatusCode::CONFLICT).await,
        Err(error) => Err(error.into()),
    }
}

/// To the page that says where the resource is shown.
async fn back(app: &Arc<App>, scope: &Scope, id: PlacementId, done: &str) -> Result<Response, Error> {
    let site = scope.site.id;
    let placement = app.read(move |connection| placements::find(connection, site, id)).await?.ok_or(Error::NotFound)?;
    let address = format!("/console/{}/resources/{}/places?done={done}", scope.site.key, placement.resource_id);
    Ok(Redirect::to(&address).into_response())
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    id: PlacementId,
    typed: Option<Typed>,
    problems: Vec<Problem>,
    refusal: String,
    status: StatusCode,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let found = app.read(move |connection| find(connection, site, id)).await?;
    let placement = &found.placement;
    let typed = typed.unwrap_or_else(|| Typed {
        slug: placement.slug.clone().unwrap_or_default(),
        title_prefix: placement.title_prefix.clone(),
    });
    let base = app.engine.settings.public_url(&scope.site.key, &scope.site.domain);
    let is_own_place = found.resource.site_id == site && found.resource.channel_id == placement.channel_id;
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        resource: found.resource.id,
        channel: trail(&found.tree, placement.channel_id),
        folder: found.tree.by_id(placement.channel_id).map(|channel| format!("{base}{}", channel.path)).unwrap_or_default(),
        owner: site_name(app, found.resource.site_id),
        is_shared: found.resource.site_id != site,
        may_remove: placement.live && !is_own_place,
        url: format!("{base}{}", placement.path),
        since: placement.published_at.into(),
        origin: placement.origin.chinese(),
        title: found.title,
        slug: typed.slug,
        title_prefix: typed.title_prefix,
        problems,
        refusal,
    };
    let frame = Frame::site(scope, if screen.is_shared { Place::Offers } else { Place::Desk }, "投放设置");
    Ok((status, screens::draw("placement.html", frame, screen)?).into_response())
}

fn find(connection: &mut Connection, site: SiteId, id: PlacementId) -> Result<Found, Error> {
    let placement = placements::find(connection, site, id)?.ok_or(Error::NotFound)?;
    let resource = resources::find_anywhere(connection, placement.resource_id)?.ok_or(Error::NotFound)?;
    let Some(live) = resource.live_revision_id.filter(|_| placement.live) else {
        return Err(Error::Refused("该内容当前未在本站展示，无需设置。".to_owned()));
    };
    let title = resources::find_revision(connection, resource.id, live)?.ok_or(Error::NotFound)?.content.title;
    Ok(Found { tree: channels::tree(connection, site)?, placement, resource, title })
}
