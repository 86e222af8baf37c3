//! Keeping a schedule when its second has come: once, on whichever node comes first, and however late.

use chrono::NaiveDateTime;
use model::schedule::told;
use model::{Actor, Deed, Lane, PublicationKind, Schedule, ScheduleId, ScheduleState, UserId};
use serde_json::json;
use store::schedules::Subject;
use store::{Command, audit, people, schedules};

use super::placing::Closed;
use super::{CommandError, Result, found, notice, offer, pin, placement, publication, revision_of, schedule, withdrawal};
use crate::engine::Engine;
use crate::task::Task;

/// Keeps a schedule, after whatever was to be done before it: after a downtime a text is published before it expires, whichever
/// of the two a worker finds first.
pub(crate) fn keep(engine: &Engine, id: ScheduleId) -> Result<()> {
    let now = engine.clock.now();
    for earlier in engine.store.read(|connection| list_earlier(connection, id, now))? {
        keep_one(engine, earlier, now)?;
    }
    keep_one(engine, id, now)
}

/// Puts schedules whose second has passed in line again: for a start after somebody discarded the job of one.
pub(crate) fn requeue_overdue(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    engine.store.write(|connection| {
        for id in schedules::list_overdue_everywhere(connection, now)? {
            Task::Keep(id).enqueue(connection, Lane::Urgent, now)?;
        }
        Ok(())
    })
}

fn list_earlier(connection: &mut store::Connection, id: ScheduleId, now: NaiveDateTime) -> store::Result<Vec<ScheduleId>> {
    let Some(late) = schedules::find_anywhere(connection, id)? else { return Ok(Vec::new()) };
    let about = match (late.resource_id, late.notice_id) {
        (Some(resource), _) => Subject::Resource(resource),
        (None, Some(notice)) => Subject::Notice(notice),
        (None, None) => return Ok(Vec::new()),
    };
    let open = schedules::list_open_about(connection, about)?;
    Ok(open.into_iter().filter(|other| other.at < late.at && other.at <= now).map(|other| other.id).collect())
}

/// Does the deed if its second has come and nobody has done it yet. One that has become impossible is closed with the reason.
fn keep_one(engine: &Engine, id: ScheduleId, now: NaiveDateTime) -> Result<()> {
    let kept = engine.store.command(|command| match due(command, id, now)? {
        Some(due) => do_it(command, &due, now),
        None => Ok(()),
    });
    let reason = match kept {
        Ok(()) => {
            engine.wake();
            return Ok(());
        }
        Err(error @ CommandError::Forbidden) => return Err(error),
        Err(error) => error.sentence()?,
    };
    engine.store.command(|command| match due(command, id, now)? {
        Some(due) => give_up(command, &due, &reason, now),
        None => Ok(()),
    })
}

/// The schedule, if it is still waiting and not for later. Commands run one after another, so whoever finds it here is alone.
fn due(command: &mut Command<'_>, id: ScheduleId, now: NaiveDateTime) -> Result<Option<Schedule>> {
    let found = schedules::find_anywhere(command, id)?;
    Ok(found.filter(|schedule| schedule.state == ScheduleState::Waiting && schedule.at <= now))
}

fn do_it(command: &mut Command<'_>, due: &Schedule, now: NaiveDateTime) -> Result<()> {
    let actor = actor(command, due.asked_by)?;
    schedules::close(command, due.id, ScheduleState::Kept, "", now)?;
    record(command, &actor, due, "schedule.keep", "", now)?;
    match (due.deed, due.resource_id, due.placement_id, due.notice_id) {
        (Deed::Publish, Some(_), ..) => publish(command, &actor, due, now),
        (Deed::Withdraw, Some(resource), ..) => {
            let site = due.site_id.ok_or(CommandError::NotFound)?;
            let resource = found(command, site, resource)?;
            withdrawal::take_down(command, &actor, resource, PublicationKind::Withdrawal, "到期自动撤下", now)?;
            Ok(())
        }
        (Deed::Place, ..) => {
            let (Some(site), Some(accepted)) = (due.site_id, due.offer_id) else { return Err(CommandError::NotFound) };
            offer::begin(command, &actor, site, accepted, now)
        }
        (Deed::TakeDown, _, Some(id), _) => {
            let shown = placement::shown(command, due.site_id.ok_or(CommandError::NotFound)?, id)?;
            placement::end(command, &actor, &shown, now)
        }
        (Deed::Pin, _, Some(placement), _) => pin::begin(command, &actor, due.site_id, placement, now),
        (Deed::Unpin, _, Some(placement), _) => pin::end(command, &actor, due.site_id, placement, now),
        (Deed::StartNotice, .., Some(notice)) => notice::begin(command, &actor, due.site_id, notice, now),
        (Deed::EndNotice, .., Some(notice)) => notice::finish(command, &actor, due.site_id, notice, now),
        _ => Err(CommandError::NotFound),
    }
}

fn publish(command: &mut Command<'_>, actor: &Actor, due: &Schedule, now: NaiveDateTime) -> Result<()> {
    let (Some(site), Some(resource)) = (due.site_id, due.resource_id) else { return Err(CommandError::NotFound) };
    let resource = found(command, site, resource)?;
    let revision = revision_of(command, &resource, due.revision_id)?;
    let closed = Closed::read(command)?;
    let announced = publication::publish(command, actor, resource, &revision, &closed, now)?;
    publication::follow_up(command, vec![announced.event], Lane::Urgent, now)
}

fn give_up(command: &mut Command<'_>, due: &Schedule, reason: &str, now: NaiveDateTime) -> Result<()> {
    let actor = actor(command, due.asked_by)?;
    schedules::close(command, due.id, ScheduleState::Cancelled, reason, now)?;
    schedule::release(command, due, now)?;
    record(command, &actor, due, "schedule.fail", reason, now)
}

/// Whoever decided it, at work through the platform.
pub(super) fn actor(command: &mut Command<'_>, id: UserId) -> Result<Actor> {
    let names = people::names(command, &[id])?;
    let name = names.get(&id).cloned().unwrap_or_else(|| "平台".to_owned());
    Ok(Actor { user_id: (id.0 != 0).then_some(id), name, address: "local".to_owned() })
}

fn record(
    command: &mut Command<'_>,
    actor: &Actor,
    due: &Schedule,
    action: &'static str,
    reason: &str,
    now: NaiveDateTime,
) -> Result<()> {
    let record = audit::Record {
        action,
        subject: schedule::subject(due),
        site: due.site_id,
        before: json!({ "deed": due.deed, "at": told(due.at) }),
        after: json!({ "reason": reason }),
    };
    Ok(audit::append(command, actor, record, now)?)
}
