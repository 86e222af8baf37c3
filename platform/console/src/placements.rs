//! What a site shows, its own and others', and for how long each stands in its channel: pinned, or until it is taken down.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::schedule::{field_time, told, typed_time};
use model::{Card, ChannelTree, Deed, Permission, PlacementId, Problem, ResourceId, Schedule, ScheduleState};
use publish::CommandError;
use publish::commands::pin::Span;
use publish::commands::{expiry, pin};
use serde::{Deserialize, Serialize};
use store::placements::CardQuery;
use store::schedules::Subject;
use store::{channels, pins, placements, resources, schedules};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::moment::Moment;
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Lines on a page.
const PAGE: i64 = 20;

/// Which page.
#[derive(Deserialize)]
pub(crate) struct Turn {
    page: Option<u32>,
}

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// Everything typed on the screen of a placement.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    pin_from: String,
    pin_until: String,
    until: String,
}

#[derive(Serialize)]
struct List {
    key: String,
    rows: Vec<Row>,
    page: i64,
    has_next: bool,
}

#[derive(Serialize)]
struct Row {
    id: PlacementId,
    title: String,
    channel: String,
    /// The site that wrote it, where that is another.
    origin: String,
    since: Moment,
    is_pinned: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides a part of its own")]
struct Screen {
    key: String,
    id: PlacementId,
    resource: Option<ResourceId>,
    title: String,
    url: String,
    channel: String,
    origin: String,
    since: Moment,
    is_pinned: bool,
    open: Vec<(&'static str, String)>,
    /// Shown in the channel it was written in: it ends with the resource itself.
    is_own_channel: bool,
    may_pin: bool,
    may_expire: bool,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
}

#[derive(Default)]
struct Attempt {
    typed: Option<Typed>,
    problems: Vec<Problem>,
    refusal: String,
}

/// GET /console/{site}/placements
pub(crate) async fn list(State(app): State<Arc<App>>, scope: Scope, Query(turn): Query<Turn>) -> Result<Html<String>, Error> {
    let (site, page) = (scope.site.id, i64::from(turn.page.unwrap_or(1).max(1)));
    let query = CardQuery { offset: (page - 1) * PAGE, limit: PAGE + 1, ..CardQuery::default() };
    let (cards, tree, pinned) = app
        .read(move |connection| {
            let cards = placements::list_cards(connection, site, &query)?;
            Ok::<_, store::Error>((cards, channels::tree(connection, site)?, pins::list_by_site(connection, site)?))
        })
        .await?;
    let (cards, has_next) = cut(cards, PAGE);
    let rows = cards.into_iter().map(|card| row(&app, &scope, &tree, &pinned, card)).collect();
    let screen = List { key: scope.site.key.clone(), rows, page, has_next };
    screens::draw("placements.html", Frame::site(&scope, Place::Schedules, "在线内容"), screen)
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

/// POST /console/{site}/placements/{placement}/pin
pub(crate) async fn pin(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PlacementId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let span = match (typed_time("pin_from", &typed.pin_from), typed_time("pin_until", &typed.pin_until)) {
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
    let at = match typed_time("until", &typed.until) {
        Ok(at) => at,
        Err(problem) => return again(&app, &scope, id, typed, Err(CommandError::Invalid(vec![problem])), "").await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = app.command(move |engine| expiry::expire_here(engine, &actor, site, id, at)).await;
    again(&app, &scope, id, typed, done, "expiry-set").await
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
            (Attempt { typed: Some(typed), problems, ..Attempt::default() }, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(CommandError::Refused(refusal)) => {
            (Attempt { typed: Some(typed), refusal, ..Attempt::default() }, StatusCode::CONFLICT)
        }
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
    let (card, tree, pinned, open, resource) = app
        .read(move |connection| {
            let card = placements::find_cards(connection, site, &[id])?.remove(&id).ok_or(Error::NotFound)?;
            let resource = resources::find_anywhere(connection, card.resource_id)?.ok_or(Error::NotFound)?;
            let pinned = pins::list_by_site(connection, site)?;
            let open = schedules::list_open_about(connection, Subject::Placement(id))?;
            Ok::<_, Error>((card, channels::tree(connection, site)?, pinned, open, resource))
        })
        .await?;
    let url = app.engine.settings.public_url(&scope.site.key, &scope.site.domain) + &card.placement.path;
    let is_own = card.owner_site_id == site;
    let channel = card.placement.channel_id;
    let row = row(app, scope, &tree, &pinned, card);
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        resource: is_own.then_some(resource.id),
        title: row.title,
        url,
        channel: row.channel,
        origin: row.origin,
        since: row.since,
        is_pinned: row.is_pinned,
        open: open.iter().map(|schedule| (schedule.deed.chinese(), told(schedule.at))).collect(),
        is_own_channel: resource.channel_id == channel,
        may_pin: scope.may(Permission::Schedule),
        may_expire: scope.may(Permission::Withdraw),
        typed: attempt.typed.unwrap_or_else(|| filled(&open)),
        problems: attempt.problems,
        refusal: attempt.refusal,
    };
    let frame = Frame::site(scope, Place::Schedules, "展示安排").noticed(notice::find(done));
    Ok((status, screens::draw("placement.html", frame, screen)?).into_response())
}

/// The fields with what is arranged now.
fn filled(open: &[Schedule]) -> Typed {
    let of = |deed: Deed| {
        let found = open.iter().find(|schedule| schedule.deed == deed && schedule.state == ScheduleState::Waiting);
        found.map(|schedule| field_time(schedule.at)).unwrap_or_default()
    };
    Typed { pin_from: of(Deed::Pin), pin_until: of(Deed::Unpin), until: of(Deed::TakeDown) }
}

fn row(app: &App, scope: &Scope, tree: &ChannelTree, pinned: &[PlacementId], card: Card) -> Row {
    let sites = app.tenants.list();
    let origin = sites.iter().find(|site| site.id == card.owner_site_id && site.id != scope.site.id);
    Row {
        id: card.placement.id,
        title: card.content.title,
        channel: trail(tree, card.placement.channel_id),
        origin: origin.map(|site| site.short_name.clone()).unwrap_or_default(),
        since: card.placement.published_at.into(),
        is_pinned: pinned.contains(&card.placement.id),
    }
}
