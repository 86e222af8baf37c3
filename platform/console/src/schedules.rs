//! What a site has put off until a second (定时安排): what, when, by whom; to be moved or given up, and what became of the rest.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::schedule::{field_time, told, typed_time};
use model::{ChannelId, ChannelTree, Deed, Permission, Schedule, ScheduleId, ScheduleState, SiteId};
use publish::CommandError;
use publish::commands::schedule;
use serde::{Deserialize, Serialize};
use store::{Connection, channels, notices, offers, placements, publications, resources, schedules};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// Lines of each list.
const MOST: i64 = 100;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// A time in a form of one field.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    at: String,
}

/// A line that could not be changed, with what was typed for it.
#[derive(Default)]
struct Attempt {
    id: Option<ScheduleId>,
    at: String,
    problem: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    open: Vec<Row>,
    closed: Vec<Row>,
    problem: String,
    problem_at: Option<ScheduleId>,
}

#[derive(Serialize)]
struct Row {
    id: ScheduleId,
    deed: &'static str,
    state: &'static str,
    state_name: &'static str,
    /// To the second, on the wall.
    at: String,
    iso: Moment,
    /// What the field for another time holds.
    typed: String,
    problem: String,
    what: String,
    link: Option<String>,
    place: String,
    by: String,
    reason: String,
    may_change: bool,
    may_cancel: bool,
}

/// GET /console/{site}/schedules
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, &wish.done, Attempt::default(), StatusCode::OK).await
}

/// POST /console/{site}/schedules/{schedule}/change
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ScheduleId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    check(&app, &scope, id).await?;
    let attempt = |problem: String| Attempt { id: Some(id), at: typed.at.clone(), problem };
    let at = match typed_time("at", &typed.at) {
        Ok(Some(at)) => at,
        Ok(None) => return correct(&app, &scope, attempt("请填写时间".to_owned())).await,
        Err(problem) => return correct(&app, &scope, attempt(problem.message)).await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| schedule::change(engine, &actor, site, id, at)).await {
        Ok(()) => Ok(Redirect::to(&address(&scope, "schedule-changed")).into_response()),
        Err(CommandError::Invalid(problems)) => correct(&app, &scope, attempt(crate::resource::sentence(problems))).await,
        Err(CommandError::Refused(sentence)) => correct(&app, &scope, attempt(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// POST /console/{site}/schedules/{schedule}/cancel
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ScheduleId)>,
) -> Result<Response, Error> {
    check(&app, &scope, id).await?;
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| schedule::cancel(engine, &actor, site, id)).await {
        Ok(()) => Ok(Redirect::to(&address(&scope, "schedule-cancelled")).into_response()),
        Err(CommandError::Refused(problem)) => {
            correct(&app, &scope, Attempt { id: Some(id), problem, ..Attempt::default() }).await
        }
        Err(other) => Err(other.into()),
    }
}

/// A deed in a few words for other screens: 定时发布 2026-03-05 08:00:00.
#[derive(Serialize)]
pub(crate) struct Brief {
    deed: &'static str,
    at: String,
    state_name: &'static str,
    reason: String,
    is_open: bool,
}

/// What is arranged about a resource, and what lately came to nothing.
pub(crate) fn briefs(all: &[Schedule]) -> Vec<Brief> {
    let is_open = |schedule: &Schedule| matches!(schedule.state, ScheduleState::Asked | ScheduleState::Waiting);
    let failed = |schedule: &Schedule| schedule.state == ScheduleState::Cancelled && !schedule.reason.is_empty();
    let brief = |schedule: &Schedule| Brief {
        deed: schedule.deed.chinese(),
        at: told(schedule.at),
        state_name: schedule.state.chinese(),
        reason: schedule.reason.clone(),
        is_open: is_open(schedule),
    };
    let open = all.iter().filter(|schedule| is_open(schedule)).map(brief);
    open.chain(all.iter().filter(|schedule| failed(schedule)).take(3).map(brief)).collect()
}

fn address(scope: &Scope, done: &str) -> String {
    format!("/console/{}/schedules?done={done}", scope.site.key)
}

async fn correct(app: &Arc<App>, scope: &Scope, attempt: Attempt) -> Result<Response, Error> {
    draw(app, scope, "", attempt, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Whoever may not take things down may not say when, either; what lies in a channel that they may not read is not there.
async fn check(app: &Arc<App>, scope: &Scope, id: ScheduleId) -> Result<(), Error> {
    let site = scope.site.id;
    let (known, channel) = app
        .read(move |connection| {
            let known = schedules::find(connection, site, id)?.ok_or(Error::NotFound)?;
            let channel = channel_of(connection, site, &known)?;
            Ok::<_, Error>((known, channel))
        })
        .await?;
    if !may_at(scope, Permission::Read, channel) {
        return Err(Error::NotFound);
    }
    if may_change(scope, known.deed, channel) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Whether they may do this where a schedule lies: in its channel, or on the whole where it is about none.
fn may_at(scope: &Scope, permission: Permission, channel: Option<ChannelId>) -> bool {
    channel.map_or_else(|| scope.may(permission), |channel| scope.may_in(permission, channel))
}

fn may_change(scope: &Scope, deed: Deed, channel: Option<ChannelId>) -> bool {
    may_at(scope, Permission::Schedule, channel) && may_at(scope, needed(deed), channel)
}

fn needed(deed: Deed) -> Permission {
    match deed {
        Deed::Publish | Deed::Pin | Deed::Unpin => Permission::Schedule,
        Deed::Withdraw | Deed::TakeDown => Permission::Withdraw,
        Deed::Place => Permission::Subscribe,
        Deed::StartNotice | Deed::EndNotice => Permission::Announce,
    }
}

async fn draw(app: &Arc<App>, scope: &Scope, done: &str, attempt: Attempt, status: StatusCode) -> Result<Response, Error> {
    let site = scope.site.id;
    let (key, may, within) = (scope.site.key.clone(), scope.clone(), scope.within(Permission::Read));
    let mut screen = app
        .read(move |connection| {
            let open = schedules::list_open(connection, site, &within, MOST)?;
            let closed = schedules::list_closed(connection, site, &within, MOST / 4)?;
            let tree = channels::tree(connection, site)?;
            let names = Names::find(connection, open.iter().chain(&closed).map(|schedule| schedule.asked_by))?;
            let mut rows = |list: Vec<Schedule>| -> store::Result<Vec<Row>> {
                list.into_iter().map(|schedule| row(connection, &may, (&names, &tree), schedule)).collect()
            };
            let (open, closed) = (rows(open)?, rows(closed)?);
            Ok::<_, store::Error>(Screen { key, open, closed, problem: String::new(), problem_at: None })
        })
        .await?;
    if let Some(tried) = screen.open.iter_mut().find(|row| Some(row.id) == attempt.id) {
        if !attempt.at.is_empty() {
            tried.typed.clone_from(&attempt.at);
        }
        tried.problem.clone_from(&attempt.problem);
        screen.problem_at = attempt.id;
    }
    screen.problem = attempt.problem;
    let frame = Frame::site(scope, Place::Schedules, "定时安排").noticed(notice::find(done));
    Ok((status, screens::draw("schedules.html", frame, screen)?).into_response())
}

fn row(
    connection: &mut Connection,
    scope: &Scope,
    (names, tree): (&Names, &ChannelTree),
    schedule: Schedule,
) -> store::Result<Row> {
    let channel = channel_of(connection, scope.site.id, &schedule)?;
    let about = about(connection, scope, &schedule)?;
    let is_open = matches!(schedule.state, ScheduleState::Asked | ScheduleState::Waiting);
    let may = is_open && schedule.notice_id.is_none() && may_change(scope, schedule.deed, channel);
    let is_placed = schedule.placement_id.is_some() || schedule.offer_id.is_some();
    Ok(Row {
        id: schedule.id,
        deed: schedule.deed.chinese(),
        state: schedule.state.as_str(),
        state_name: schedule.state.chinese(),
        at: told(schedule.at),
        iso: schedule.at.into(),
        typed: field_time(schedule.at),
        problem: String::new(),
        place: channel.filter(|_| is_placed).map(|channel| trail(tree, channel)).unwrap_or_default(),
        what: about.0,
        link: about.1,
        by: names.of(schedule.asked_by),
        reason: schedule.reason,
        may_change: may,
        may_cancel: may && schedule.deed != Deed::Unpin,
    })
}

/// What it is about, and where that can be looked at.
fn about(connection: &mut Connection, scope: &Scope, schedule: &Schedule) -> store::Result<(String, Option<String>)> {
    let key = &scope.site.key;
    if let Some(id) = schedule.notice_id {
        let notice = notices::find(connection, schedule.site_id, id)?;
        let title = notice.map(|notice| format!("{}：{}", notice.kind.chinese(), notice.title)).unwrap_or_default();
        return Ok((title, Some(format!("/console/{key}/notices"))));
    }
    let Some(id) = schedule.resource_id else { return Ok((String::new(), None)) };
    let Some(resource) = resources::find_anywhere(connection, id)? else { return Ok((String::new(), None)) };
    // Drafts of another site are its own affair: of what is withdrawn, others see what was published last.
    let shown = match schedule.revision_id.or(resource.live_revision_id) {
        Some(shown) => Some(shown),
        None if resource.site_id == scope.site.id => resource.latest_revision_id,
        None => publications::last_published_anywhere(connection, &[id].into())?.remove(&id),
    };
    let revision = match shown {
        Some(revision) => resources::find_revision(connection, id, revision)?,
        None => None,
    };
    let title = revision.map_or_else(String::new, |revision| match schedule.deed {
        Deed::Publish => format!("{}（第{}版）", revision.content.title, revision.number),
        _ => revision.content.title,
    });
    let link = match (schedule.placement_id, schedule.offer_id) {
        (Some(placement), _) => format!("/console/{key}/placements/{placement}"),
        (None, Some(offer)) => format!("/console/{key}/offers/{offer}"),
        (None, None) => format!("/console/{key}/resources/{id}"),
    };
    Ok((title, Some(link)))
}

/// The channel in which it lies: of its placement, of what was offered, or of its text.
fn channel_of(connection: &mut Connection, site: SiteId, schedule: &Schedule) -> store::Result<Option<ChannelId>> {
    Ok(match (schedule.placement_id, schedule.offer_id, schedule.resource_id) {
        (Some(id), _, _) => placements::find(connection, site, id)?.map(|placement| placement.channel_id),
        (None, Some(id), _) => offers::find_received(connection, site, id)?.map(|offer| offer.channel_id),
        (None, None, Some(id)) => resources::find(connection, site, id)?.map(|text| text.channel_id),
        (None, None, None) => None,
    })
}
