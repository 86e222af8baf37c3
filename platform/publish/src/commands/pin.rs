//! Putting a placement first in its channel for a while (置顶).

use chrono::NaiveDateTime;
use model::schedule::{past, told};
use model::{Actor, Deed, EventKind, Key, Keys, Lane, Permission, Placement, PlacementId, Problem, ScheduleState, SiteId};
use serde_json::json;
use store::schedules::{NewSchedule, Subject};
use store::{Command, audit, events, pins, schedules};

use super::placement::{shown, shown_to};
use super::schedule::{arrange, close_all};
use super::{CommandError, Result, publication, refused, subject};
use crate::engine::Engine;

/// More than this first in one channel and nothing is first.
pub const MOST: usize = 5;

/// From when (none: at once) until when a placement is to stand first, UTC.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// 开始
    pub from: Option<NaiveDateTime>,
    /// 置顶至
    pub until: NaiveDateTime,
}

/// Pins a placement for a span; one known before is replaced.
pub fn pin(engine: &Engine, actor: &Actor, site: SiteId, id: PlacementId, span: Span) -> Result<()> {
    let now = engine.clock.now();
    check(span, now)?;
    engine.store.command(|command| {
        let placement = shown_to(command, actor, Permission::Schedule, site, id, now)?;
        forget_schedules(command, id, "置顶时间已更新", now)?;
        if let Some(from) = span.from {
            release(command, actor, &placement, now)?;
            arrange(command, &about(actor, &placement, Deed::Pin, from), now)?;
        } else {
            hold(command, actor, &placement, now)?;
        }
        arrange(command, &about(actor, &placement, Deed::Unpin, span.until), now)?;
        let after = json!({ "from": span.from.map(told), "until": told(span.until) });
        record(command, actor, "placement.pin", &placement, after, now)
    })?;
    engine.wake();
    Ok(())
}

/// Lets a placement return to its place now.
pub fn unpin(engine: &Engine, actor: &Actor, site: SiteId, id: PlacementId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let placement = shown_to(command, actor, Permission::Schedule, site, id, now)?;
        let were_open = forget_schedules(command, id, "已取消置顶", now)?;
        if !release(command, actor, &placement, now)? && !were_open {
            return refused("该内容当前未置顶");
        }
        record(command, actor, "placement.unpin", &placement, json!(null), now)
    })?;
    engine.wake();
    Ok(())
}

/// The beginning of a span has come.
pub(super) fn begin(
    command: &mut Command<'_>,
    actor: &Actor,
    site: Option<SiteId>,
    id: PlacementId,
    now: NaiveDateTime,
) -> Result<()> {
    let placement = shown(command, site.ok_or(CommandError::NotFound)?, id)?;
    hold(command, actor, &placement, now)
}

/// The end of a span has come.
pub(super) fn end(
    command: &mut Command<'_>,
    actor: &Actor,
    site: Option<SiteId>,
    id: PlacementId,
    now: NaiveDateTime,
) -> Result<()> {
    let placement = shown(command, site.ok_or(CommandError::NotFound)?, id)?;
    release(command, actor, &placement, now)?;
    Ok(())
}

/// A placement that is taken down is not pinned and waits for nothing.
pub(super) fn forget(command: &mut Command<'_>, placement: &Placement, reason: &str, now: NaiveDateTime) -> Result<()> {
    pins::delete(command, placement.id)?;
    let open = schedules::list_open_about(command, Subject::Placement(placement.id))?;
    close_all(command, &open, reason, now)
}

fn hold(command: &mut Command<'_>, actor: &Actor, placement: &Placement, now: NaiveDateTime) -> Result<()> {
    let others = pins::list(command, placement.site_id, placement.channel_id)?.into_iter().filter(|id| *id != placement.id);
    if others.count() >= MOST {
        return refused("本栏目置顶内容已达5条，请先取消一条");
    }
    pins::insert(command, placement.site_id, placement.id, now)?;
    announce(command, actor, placement, now)
}

/// Says whether it was pinned at all.
fn release(command: &mut Command<'_>, actor: &Actor, placement: &Placement, now: NaiveDateTime) -> Result<bool> {
    let was_pinned = pins::delete(command, placement.id)?;
    if was_pinned {
        announce(command, actor, placement, now)?;
    }
    Ok(was_pinned)
}

/// The channel's front page and every list of that channel ask for its items.
fn announce(command: &mut Command<'_>, actor: &Actor, placement: &Placement, now: NaiveDateTime) -> Result<()> {
    let keys = Keys::from([Key::channel_items(placement.channel_id)]);
    let event = events::NewEvent {
        kind: EventKind::Pinned,
        site: Some(placement.site_id),
        resource: Some(placement.resource_id),
        actor: actor.user_id,
        keys: &keys,
    };
    let event = events::insert(command, event, now)?;
    publication::follow_up(command, vec![event], Lane::Urgent, now)
}

/// Says whether there were any.
fn forget_schedules(command: &mut Command<'_>, id: PlacementId, reason: &str, now: NaiveDateTime) -> Result<bool> {
    let mut open = schedules::list_open_about(command, Subject::Placement(id))?;
    open.retain(|schedule| matches!(schedule.deed, Deed::Pin | Deed::Unpin));
    close_all(command, &open, reason, now)?;
    Ok(!open.is_empty())
}

fn check(span: Span, now: NaiveDateTime) -> Result<()> {
    let mut problems: Vec<Problem> = Vec::new();
    problems.extend(span.from.and_then(|at| past("pin_from", "置顶开始时间", at, now)));
    problems.extend(past("pin_until", "置顶结束时间", span.until, now));
    if span.from.is_some_and(|from| span.until <= from) {
        problems.push(Problem::at("pin_until", "结束时间应晚于开始时间"));
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

fn about(actor: &Actor, placement: &Placement, deed: Deed, at: NaiveDateTime) -> NewSchedule {
    NewSchedule {
        deed,
        site: Some(placement.site_id),
        resource: Some(placement.resource_id),
        revision: None,
        placement: Some(placement.id),
        notice: None,
        offer: None,
        at,
        state: ScheduleState::Waiting,
        by: actor.author(),
    }
}

fn record(
    command: &mut Command<'_>,
    actor: &Actor,
    action: &'static str,
    placement: &Placement,
    after: serde_json::Value,
    now: NaiveDateTime,
) -> Result<()> {
    let record = audit::Record {
        action,
        subject: subject(placement.resource_id),
        site: Some(placement.site_id),
        before: json!({ "channel": placement.channel_id }),
        after,
    };
    Ok(audit::append(command, actor, record, now)?)
}
