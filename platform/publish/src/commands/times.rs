//! When a text is to go live (定时发布) and until when it stays (有效期至): asked for with the draft, in force with its approval.

use chrono::NaiveDateTime;
use model::schedule::told;
use model::{Actor, Deed, Problem, Resource, ResourceId, Revision, Schedule, ScheduleState, SiteId, Times, WorkState};
use serde_json::json;
use store::schedules::{NewSchedule, Subject};
use store::{Command, audit, resources, schedules};

use super::schedule::{arrange, close_all, open_about};
use super::{CommandError, Result, found, refused, subject};
use crate::engine::Engine;
use crate::task::Task;

/// Asks for the times of the text being written or reviewed. They are in force once it is approved.
pub fn ask(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, times: Times) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        match resource.work {
            WorkState::Draft | WorkState::Reviewing | WorkState::Returned => note(command, actor, &resource, times, now),
            WorkState::Scheduled => refused("稿件已通过审核，如需调整时间请在“定时安排”中修改"),
            WorkState::Idle => refused("没有待发布的修改"),
            WorkState::Discarded => refused("稿件在回收站，请先恢复"),
        }
    })
}

/// The times asked for with the text of a resource.
pub fn asked(connection: &mut store::Connection, id: ResourceId) -> store::Result<Times> {
    let mut times = Times::default();
    for schedule in asked_for(schedules::list_open_about(connection, Subject::Resource(id))?) {
        match schedule.deed {
            Deed::Publish => times.publish_at = Some(schedule.at),
            Deed::Withdraw => times.withdraw_at = Some(schedule.at),
            _ => {}
        }
    }
    Ok(times)
}

/// Writes down what was asked for; says at the fields what is wrong with it.
pub(super) fn note(
    command: &mut Command<'_>,
    actor: &Actor,
    resource: &Resource,
    times: Times,
    now: NaiveDateTime,
) -> Result<()> {
    let problems = times.problems(now);
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let before = asked(command, resource.id)?;
    if before == times {
        return Ok(());
    }
    let known = asked_for(schedules::list_open_about(command, Subject::Resource(resource.id))?);
    close_all(command, &known, "已重新填写", now)?;
    for (deed, at) in [(Deed::Publish, times.publish_at), (Deed::Withdraw, times.withdraw_at)] {
        let Some(at) = at else { continue };
        arrange(command, &about(actor, resource, deed, at, ScheduleState::Asked), now)?;
    }
    let record = audit::Record {
        action: "schedule.ask",
        subject: subject(resource.id),
        site: Some(resource.site_id),
        before: json!({ "publish_at": before.publish_at.map(told), "withdraw_at": before.withdraw_at.map(told) }),
        after: json!({ "publish_at": times.publish_at.map(told), "withdraw_at": times.withdraw_at.map(told) }),
    };
    Ok(audit::append(command, actor, record, now)?)
}

/// With the last approval, what was asked for comes into force. Says when the revision is to go live; none: at once.
pub(super) fn enforce(
    command: &mut Command<'_>,
    actor: &Actor,
    resource: &mut Resource,
    revision: &Revision,
    now: NaiveDateTime,
) -> Result<Option<NaiveDateTime>> {
    let open = schedules::list_open_about(command, Subject::Resource(resource.id))?;
    let in_force = |deed| open.iter().filter(move |one| one.deed == deed && one.state == ScheduleState::Waiting);
    let wished = |deed| open.iter().find(move |one| one.deed == deed && one.state == ScheduleState::Asked);
    // Who approves late approves for now.
    let publish = wished(Deed::Publish).filter(|wish| wish.at > now);
    let withdraw = wished(Deed::Withdraw);
    if withdraw.is_some_and(|wish| wish.at <= now) {
        return invalid("withdraw_at", "有效期已过，请改为更晚的时间或清空");
    }
    let until = withdraw.or_else(|| in_force(Deed::Withdraw).next()).map(|schedule| schedule.at);
    if let (Some(publish), Some(until)) = (publish, until)
        && publish.at >= until
    {
        return invalid("publish_at", &format!("发布时间应早于有效期（{}）", told(until)));
    }
    if let Some(wish) = withdraw {
        let replaced: Vec<Schedule> = in_force(Deed::Withdraw).cloned().collect();
        close_all(command, &replaced, "有效期已更新", now)?;
        arm(command, actor, wish, revision)?;
    }
    let late: Vec<Schedule> = wished(Deed::Publish).filter(|wish| wish.at <= now).cloned().into_iter().collect();
    close_all(command, &late, "审核通过时已过定时，立即发布", now)?;
    let Some(wish) = publish else { return Ok(None) };
    arm(command, actor, wish, revision)?;
    resource.work = WorkState::Scheduled;
    resources::update(command, resource, now)?;
    let record = audit::Record {
        action: "resource.schedule",
        subject: subject(resource.id),
        site: Some(resource.site_id),
        before: json!(null),
        after: json!({ "revision": revision.number, "at": told(wish.at) }),
    };
    audit::append(command, actor, record, now)?;
    Ok(Some(wish.at))
}

/// Earlier revisions have nothing to wait for once a later one is live.
pub(super) fn overtake(command: &mut Command<'_>, resource: ResourceId, by: &Revision, now: NaiveDateTime) -> Result<()> {
    let open = open_about(command, Subject::Resource(resource), Deed::Publish)?;
    let overtaken: Vec<Schedule> =
        open.into_iter().filter(|one| one.revision_id.is_some_and(|revision| revision <= by.id)).collect();
    close_all(command, &overtaken, &format!("第{}版已先行发布", by.number), now)
}

/// A schedule about a resource.
pub(super) fn about(actor: &Actor, resource: &Resource, deed: Deed, at: NaiveDateTime, state: ScheduleState) -> NewSchedule {
    NewSchedule {
        deed,
        site: Some(resource.site_id),
        resource: Some(resource.id),
        revision: None,
        placement: None,
        notice: None,
        offer: None,
        at,
        state,
        by: actor.author(),
    }
}

fn arm(command: &mut Command<'_>, actor: &Actor, wish: &Schedule, revision: &Revision) -> Result<()> {
    schedules::arm(command, wish.id, revision.id, actor.author())?;
    Ok(Task::Keep(wish.id).enqueue(command, model::Lane::Urgent, wish.at)?)
}

fn asked_for(open: Vec<Schedule>) -> Vec<Schedule> {
    open.into_iter().filter(|schedule| schedule.state == ScheduleState::Asked).collect()
}

fn invalid<T>(field: &'static str, message: &str) -> Result<T> {
    Err(CommandError::Invalid(vec![Problem::at(field, message)]))
}
