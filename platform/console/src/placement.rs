//! 投放设置: what a site decides about a placement of its own, whoever wrote the resource: its address, what stands before the
//! title, whether it is pinned, and until when it is shown.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDateTime;
use model::schedule::{field_time, told, typed_time};
use model::{
    Card, ChannelTree, Deed, Permission, Placement, PlacementId, Problem, Resource, ResourceId, Schedule, ScheduleState, SiteId,
};
use publish::CommandError;
use publish::commands::pin::Span;
use publish::commands::placement::Wishes;
use publish::commands::{expiry, pin, placement};
use serde::{Deserialize, Serialize};
use store::schedules::Subject;
use store::{Connection, channels, pins, placements, resources, schedules};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::moment::Moment;
use crate::notice;
use crate::offers::site_name;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// What was typed in one of the forms of the screen; none: it has no such field.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    slug: Option<String>,
    title_prefix: Option<String>,
    pin_from: Option<String>,
    pin_until: Option<String>,
    until: Option<String>,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides a part of its own")]
struct Screen {
    key: String,
    id: PlacementId,
    resource: ResourceId,
    title: String,
    channel: String,
    /// Where the name of its page is put.
    folder: String,
    owner: String,
    url: String,
    /// None while it waits for its topic.
    since: Option<Moment>,
    origin: &'static str,
    is_pinned: bool,
    open: Vec<(&'static str, String)>,
    /// Shown in the channel it was written in: it ends with the resource itself.
    is_own_channel: bool,
    /// Whether its text is one of the site's that they may read.
    may_open: bool,
    may_pin: bool,
    /// Whether they may change and end it.
    may_set: bool,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
}

struct Found {
    card: Card,
    resource: Resource,
    tree: ChannelTree,
    is_pinned: bool,
    open: Vec<Schedule>,
}

#[derive(Default)]
struct Attempt {
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
}

/// GET /console/{site}/placements/{placement}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &scope, id, &wish.done, Attempt::default(), StatusCode::OK).await
}

/// POST /console/{site}/placements/{placement}
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let wishes =
        Wishes { slug: typed.slug.clone().unwrap_or_default(), title_prefix: typed.title_prefix.clone().unwrap_or_default() };
    let done = app.command(move |engine| placement::set(engine, &actor, site, id, &wishes)).await;
    again(&app, &scope, id, typed, done, "placement-set").await
}

/// POST /console/{site}/placements/{placement}/remove
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = app.command(move |engine| placement::remove(engine, &actor, site, id)).await;
    if done.is_err() {
        return again(&app, &scope, id, Typed::default(), done, "").await;
    }
    let gone = app.read(move |connection| placements::find(connection, site, id)).await?.ok_or(Error::NotFound)?;
    let address = format!("/console/{}/resources/{}/places?done=placement-removed", scope.site.key, gone.resource_id);
    Ok(Redirect::to(&address).into_response())
}

/// POST /console/{site}/placements/{placement}/pin
pub(crate) async fn pin(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let span = match (typed_at("pin_from", typed.pin_from.as_deref()), typed_at("pin_until", typed.pin_until.as_deref())) {
        (Ok(from), Ok(Some(until))) => Span { from, until },
        (from, until) => {
            let missing = matches!(until, Ok(None)).then(|| Problem::at("pin_until", "请填写置顶结束时间"));
            let problems = [from.err(), until.err(), missing].into_iter().flatten().collect();
            return again(&app, &scope, id, typed, Err(CommandError::Invalid(problems)), "").await;
        }
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = app.command(move |engine| pin::pin(engine, &actor, site, id, span)).await;
    again(&app, &scope, id, typed, done, "pinned").await
}

/// POST /console/{site}/placements/{placement}/unpin
pub(crate) async fn unpin(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = app.command(move |engine| pin::unpin(engine, &actor, site, id)).await;
    again(&app, &scope, id, Typed::default(), done, "unpinned").await
}

/// POST /console/{site}/placements/{placement}/expiry
pub(crate) async fn expire(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let at = match typed_at("until", typed.until.as_deref()) {
        Ok(at) => at,
        Err(problem) => return again(&app, &scope, id, typed, Err(CommandError::Invalid(vec![problem])), "").await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = app.command(move |engine| expiry::expire_here(engine, &actor, site, id, at)).await;
    again(&app, &scope, id, typed, done, "expiry-set").await
}

/// The moment typed in a field, if there is one.
fn typed_at(field: &'static str, typed: Option<&str>) -> Result<Option<NaiveDateTime>, Problem> {
    typed_time(field, typed.unwrap_or_default())
}

/// Back to the placement: done, or with what was typed and what is wrong with it.
async fn again(
    app: &Arc<App>,
    scope: &Scope,
    id: PlacementId,
    typed: Typed,
    result: Result<(), CommandError>,
    done: &str,
) -> Result<Response, Error> {
    let (attempt, status) = match result {
        Ok(()) => return Ok(Redirect::to(&format!("/console/{}/placements/{id}?done={done}", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => {
            (Attempt { typed, problems, ..Attempt::default() }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(CommandError::Refused(refusal)) => (Attempt { typed, refusal, ..Attempt::default() }, StatusCode::CONFLICT),
        Err(other) => return Err(other.into()),
    };
    draw(app, scope, id, "", attempt, status).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    id: PlacementId,
    done: &str,
    attempt: Attempt,
    status: StatusCode,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let Found { card, resource, tree, is_pinned, open } = app.read(move |connection| find(connection, site, id)).await?;
    let placement = card.placement;
    let base = app.engine.settings.public_url(&scope.site.key, &scope.site.domain);
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        resource: resource.id,
        title: card.content.title,
        channel: trail(&tree, placement.channel_id),
        folder: tree.by_id(placement.channel_id).map(|channel| format!("{base}{}", channel.path)).unwrap_or_default(),
        owner: site_name(app, resource.site_id),
        url: format!("{base}{}", placement.path),
        since: placement.live.then(|| placement.published_at.into()),
        origin: placement.origin.chinese(),
        is_pinned,
        open: open.iter().map(|schedule| (schedule.deed.chinese(), told(schedule.at))).collect(),
        is_own_channel: resource.channel_id == placement.channel_id,
        may_open: resource.site_id == site && scope.may_in(Permission::Read, resource.channel_id),
        may_pin: scope.may_in(Permission::Schedule, placement.channel_id),
        may_set: scope.may_in(Permission::Withdraw, placement.channel_id),
        typed: attempt.typed.or(filled(&placement, &open)),
        problems: attempt.problems,
        refusal: attempt.refusal,
    };
    let frame = Frame::site(scope, Place::Schedules, "投放设置").noticed(notice::find(done));
    Ok((status, screens::draw("placement.html", frame, screen)?).into_response())
}

fn find(connection: &mut Connection, site: SiteId, id: PlacementId) -> Result<Found, Error> {
    let known = placements::find(connection, site, id)?.ok_or(Error::NotFound)?;
    let Some(card) = placements::find_card(connection, site, id)? else {
        return Err(Error::Refused("该内容当前未在本站展示，无需设置。".to_owned()));
    };
    Ok(Found {
        card,
        resource: resources::find_anywhere(connection, known.resource_id)?.ok_or(Error::NotFound)?,
        tree: channels::tree(connection, site)?,
        is_pinned: pins::list_by_site(connection, site)?.contains(&id),
        open: schedules::list_open_about(connection, Subject::Placement(id))?,
    })
}

/// The fields with what is arranged now.
fn filled(placement: &Placement, open: &[Schedule]) -> Typed {
    let of = |deed: Deed| {
        let found = open.iter().find(|schedule| schedule.deed == deed && schedule.state == ScheduleState::Waiting);
        Some(found.map(|schedule| field_time(schedule.at)).unwrap_or_default())
    };
    Typed {
        slug: Some(placement.slug.clone().unwrap_or_default()),
        title_prefix: Some(placement.title_prefix.clone()),
        pin_from: of(Deed::Pin),
        pin_until: of(Deed::Unpin),
        until: of(Deed::TakeDown),
    }
}

impl Typed {
    /// What was typed before what is known.
    fn or(self, known: Self) -> Self {
        Self {
            slug: self.slug.or(known.slug),
            title_prefix: self.title_prefix.or(known.title_prefix),
            pin_from: self.pin_from.or(known.pin_from),
            pin_until: self.pin_until.or(known.pin_until),
            until: self.until.or(known.until),
        }
    }
}
