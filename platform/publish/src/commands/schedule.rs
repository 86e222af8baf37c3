//! Deeds put off until a second (定时): arranged with their job, moved to another time, given up.

use chrono::NaiveDateTime;
use model::schedule::{past, told};
use model::{Actor, Deed, Lane, Problem, Schedule, ScheduleId, ScheduleState, SiteId, WorkState};
use serde_json::json;
use store::schedules::{NewSchedule, Subject};
use store::{Command, audit, resources, schedules};

use super::{CommandError, Result, offer, refused};
use crate::engine::Engine;
use crate::task::Task;

/// Moves a deed of a site to another second.
pub fn change(engine: &Engine, actor: &Actor, site: SiteId, id: ScheduleId, at: NaiveDateTime) -> Result<()> {
    let now = engine.clock.now();
    if let Some(problem) = past("at", "时间", at, now) {
        return Err(CommandError::Invalid(vec![problem]));
    }
    engine.store.command(|command| {
        let schedule = open(command, site, id)?;
        let problems = out_of_order(command, &schedule, at)?;
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        schedules::set_time(command, id, at)?;
        if schedule.state == ScheduleState::Waiting {
            Task::Keep(id).enqueue(command, Lane::Urgent, at)?;
        }
        let record = audit::Record {
            action: "schedule.change",
            subject: subject(&schedule),
            site: schedule.site_id,
            before: json!({ "deed": schedule.deed, "at": told(schedule.at) }),
            after: json!({ "at": told(at) }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Gives a deed of a site up. A revision that was only waiting for it goes back to its author, an offer to those who decide.
pub fn cancel(engine: &Engine, actor: &Actor, site: SiteId, id: ScheduleId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let schedule = open(command, site, id)?;
        if schedule.deed == Deed::Unpin {
            return refused("置顶须有结束时间：可修改时间，或在该内容的展示页面取消置顶");
        }
        schedules::close(command, id, ScheduleState::Cancelled, "已人工取消", now)?;
        release(command, &schedule, now)?;
        if let (Deed::Pin, Some(placement)) = (schedule.deed, schedule.placement_id) {
            // Its end alone would have nothing to end.
            let ends = open_about(command, Subject::Placement(placement), Deed::Unpin)?;
            close_all(command, &ends, "已取消置顶", now)?;
        }
        let record = audit::Record {
            action: "schedule.cancel",
            subject: subject(&schedule),
            site: schedule.site_id,
            before: json!({ "deed": schedule.deed, "at": told(schedule.at) }),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Puts a deed off until its second: the schedule and, unless it still has to be approved, the job that keeps it.
pub(super) fn arrange(command: &mut Command<'_>, new: &NewSchedule, now: NaiveDateTime) -> Result<ScheduleId> {
    let id = schedules::insert(command, new, now)?;
    if new.state == ScheduleState::Waiting {
        Task::Keep(id).enqueue(command, Lane::Urgent, new.at)?;
    }
    Ok(id)
}

/// The open schedules about a subject with this deed.
pub(super) fn open_about(command: &mut Command<'_>, subject: Subject, deed: Deed) -> Result<Vec<Schedule>> {
    Ok(schedules::list_open_about(command, subject)?.into_iter().filter(|schedule| schedule.deed == deed).collect())
}

/// Gives these up for one reason.
pub(super) fn close_all(command: &mut Command<'_>, these: &[Schedule], reason: &str, now: NaiveDateTime) -> Result<()> {
    for schedule in these {
        schedules::close(command, schedule.id, ScheduleState::Cancelled, reason, now)?;
    }
    Ok(())
}

/// What waited for a deed that will not be done waits for it no longer.
pub(super) fn release(command: &mut Command<'_>, schedule: &Schedule, now: NaiveDateTime) -> Result<()> {
    match schedule.deed {
        Deed::Publish => release_revision(command, schedule, now),
        Deed::Place => offer::release(command, schedule),
        _ => Ok(()),
    }
}

/// A revision approved but no longer to be published is a draft again, and its end is not to come either.
fn release_revision(command: &mut Command<'_>, schedule: &Schedule, now: NaiveDateTime) -> Result<()> {
    let Some(id) = schedule.resource_id else { return Ok(()) };
    let Some(mut resource) = resources::find_anywhere(command, id)? else { return Ok(()) };
    if resource.work == WorkState::Scheduled && resource.latest_revision_id == schedule.revision_id {
        resource.work = WorkState::Draft;
        resources::update(command, &resource, now)?;
    }
    let mut ends = open_about(command, Subject::Resource(id), Deed::Withdraw)?;
    ends.retain(|end| end.revision_id.is_some() && end.revision_id == schedule.revision_id);
    close_all(command, &ends, "定时发布未执行", now)
}

/// `resource:42` or `notice:7`, as the audit log names it.
pub(super) fn subject(schedule: &Schedule) -> String {
    match (schedule.resource_id, schedule.notice_id) {
        (Some(resource), _) => format!("resource:{resource}"),
        (None, Some(notice)) => format!("notice:{notice}"),
        (None, None) => format!("schedule:{}", schedule.id),
    }
}

/// A schedule that people may still change. Notices have a screen of their own.
fn open(command: &mut Command<'_>, site: SiteId, id: ScheduleId) -> Result<Schedule> {
    let schedule = schedules::find(command, site, id)?.ok_or(CommandError::NotFound)?;
    if schedule.notice_id.is_some() {
        return refused("公告的时间请在“公告”页面调整");
    }
    match schedule.state {
        ScheduleState::Asked | ScheduleState::Waiting => Ok(schedule),
        ScheduleState::Kept => refused("该安排已经执行"),
        ScheduleState::Cancelled => refused("该安排已经取消"),
    }
}

/// An end must come after its beginning, whichever of the two is moved.
fn out_of_order(command: &mut Command<'_>, schedule: &Schedule, at: NaiveDateTime) -> Result<Vec<Problem>> {
    let (about, other, is_end) = match (schedule.deed, schedule.resource_id, schedule.placement_id) {
        (Deed::Publish, Some(resource), _) => (Subject::Resource(resource), Deed::Withdraw, false),
        (Deed::Withdraw, Some(resource), _) => (Subject::Resource(resource), Deed::Publish, true),
        (Deed::Pin, _, Some(placement)) => (Subject::Placement(placement), Deed::Unpin, false),
        (Deed::Unpin, _, Some(placement)) => (Subject::Placement(placement), Deed::Pin, true),
        _ => return Ok(Vec::new()),
    };
    let others = open_about(command, about, other)?.into_iter().filter(|found| found.state == schedule.state);
    let crossed = others.into_iter().find(|found| if is_end { at <= found.at } else { at >= found.at });
    Ok(crossed
        .map(|found| {
            let order = if is_end { "晚于" } else { "早于" };
            Problem::at("at", format!("时间应{order}“{}”的时间（{}）", found.deed.chinese(), told(found.at)))
        })
        .into_iter()
        .collect())
}
