//! Pushing a live resource (推送) to channels of other sites that are open to it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{Channel, ChannelId, Offer, Placement, ResourceId, ResourceState, SiteId};
use publish::CommandError;
use publish::commands::offer;
use serde::{Deserialize, Serialize};
use store::{Connection, channels, offers, placements, resources};
use web::{App, Error, Scope};

use crate::screens::{self, Frame, Place};

/// What was chosen and typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    #[serde(rename = "channel")]
    channels: Vec<ChannelId>,
    note: String,
    search: String,
    /// `search` narrows the list and sends nothing.
    action: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    id: ResourceId,
    title: String,
    sites: Vec<Target>,
    note: String,
    search: String,
    chosen: usize,
    problems: Vec<model::Problem>,
    refusal: String,
    /// Whether any site is open to pushes at all.
    has_any: bool,
}

/// A site with its open channels.
#[derive(Serialize)]
pub(crate) struct Target {
    name: String,
    channels: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    id: ChannelId,
    name: String,
    chosen: bool,
    /// Why it cannot be chosen.
    taken: Option<&'static str>,
}

struct Found {
    title: String,
    open: Vec<Channel>,
    placed: Vec<Placement>,
    asked: Vec<Offer>,
}

/// GET /console/{site}/resources/{id}/push
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Response, Error> {
    draw(&app, &scope, id, Typed::default(), Vec::new(), String::new(), StatusCode::OK).await
}

/// POST /console/{site}/resources/{id}/push
pub(crate) async fn push(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    if typed.action == "search" {
        return draw(&app, &scope, id, typed, Vec::new(), String::new(), StatusCode::OK).await;
    }
    let (actor, site) = (scope.actor(), scope.site.id);
    let (targets, note) = (typed.channels.clone(), typed.note.clone());
    match app.command(move |engine| offer::push(engine, &actor, site, id, &targets, &note)).await {
        Ok(_) => Ok(Redirect::to(&format!("/console/{}/resources/{id}/places?done=pushed", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &scope, id, typed, problems, String::new(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Refused(refusal)) => draw(&app, &scope, id, typed, Vec::new(), refusal, StatusCode::CONFLICT).await,
        Err(error) => Err(error.into()),
    }
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    id: ResourceId,
    typed: Typed,
    problems: Vec<model::Problem>,
    refusal: String,
    status: StatusCode,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let found = app.read(move |connection| find(connection, site, id)).await?;
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        sites: targets(app, site, &found.open, typed.search.trim(), &typed.channels, |channel| taken(&found, channel)),
        has_any: found.open.iter().any(|channel| channel.site_id != site),
        title: found.title,
        chosen: typed.channels.len(),
        note: typed.note,
        search: typed.search,
        problems,
        refusal,
    };
    let frame = Frame::site(scope, Place::Desk, "推送");
    Ok((status, screens::draw("push.html", frame, screen)?).into_response())
}

fn find(connection: &mut Connection, site: SiteId, id: ResourceId) -> Result<Found, Error> {
    let resource = resources::find(connection, site, id)?.ok_or(Error::NotFound)?;
    let Some(live) = resource.live_revision_id.filter(|_| resource.state == ResourceState::Live) else {
        return Err(Error::Refused("只有已发布的稿件可以推送。".to_owned()));
    };
    if resources::list_waiting(connection, &[id].into())?.contains(&id) {
        return Err(Error::Refused("稿件所在的专题正在筹备，上线后才能推送。".to_owned()));
    }
    let revision = resources::find_revision(connection, id, live)?.ok_or(Error::NotFound)?;
    Ok(Found {
        title: revision.content.title,
        open: channels::list_open_anywhere(connection)?,
        placed: placements::list_by_resource(connection, id)?,
        asked: offers::list_by_resource(connection, id)?,
    })
}

/// Open channels of other sites, narrowed to what is searched for; what is chosen already stays in sight. `taken` says why one
/// cannot be chosen.
pub(crate) fn targets(
    app: &App,
    own: SiteId,
    open: &[Channel],
    wanted: &str,
    chosen: &[ChannelId],
    taken: impl Fn(&Channel) -> Option<&'static str>,
) -> Vec<Target> {
    let mut targets = Vec::new();
    for site in app.tenants.list().iter().filter(|site| site.id != own) {
        let fits = |channel: &&Channel| {
            let named = [&site.name, &site.short_name, &channel.name].iter().any(|name| name.contains(wanted));
            channel.site_id == site.id && (named || chosen.contains(&channel.id))
        };
        let choice = |channel: &Channel| {
            let taken = taken(channel);
            Choice { id: channel.id, name: channel.name.clone(), chosen: chosen.contains(&channel.id) && taken.is_none(), taken }
        };
        let channels: Vec<Choice> = open.iter().filter(fits).map(choice).collect();
        if !channels.is_empty() {
            targets.push(Target { name: site.name.clone(), channels });
        }
    }
    targets
}

fn taken(found: &Found, channel: &Channel) -> Option<&'static str> {
    let is_shown = found.placed.iter().any(|placement| placement.channel_id == channel.id && placement.stands());
    let is_asked = found.asked.iter().any(|offer| offer.channel_id == channel.id && offer.state.is_unsettled());
    match (is_shown, is_asked) {
        (true, _) => Some("已展示"),
        (_, true) => Some("等待对方处理"),
        _ => None,
    }
}
