//! The bin (回收站): a draft that the public never saw is put aside, taken back, and after its days gone for good.

use chrono::{NaiveDateTime, TimeDelta};
use model::{Actor, Lane, Resource, ResourceId, ResourceState, SiteId, SubmissionState, WorkState};
use serde_json::json;
use store::schedules::Subject;
use store::{Command, audit, resources, schedules, submissions};

use super::{Result, found, refused, revision_of, schedule, subject};
use crate::engine::Engine;
use crate::task::Task;

/// Whether a resource may be put in the bin.
pub fn may_discard(resource: &Resource) -> bool {
    obstacle(resource).is_none()
}

/// What keeps a resource out of the bin: what was public once never goes there.
pub fn obstacle(resource: &Resource) -> Option<&'static str> {
    let was_public = resource.state != ResourceState::Unpublished || resource.published_at.is_some();
    match resource.work {
        WorkState::Discarded => Some("稿件已在回收站"),
        WorkState::Reviewing => Some("稿件正在审核，请先收回"),
        WorkState::Scheduled => Some("稿件已通过审核、待定时发布，请先取消定时发布"),
        WorkState::Idle => Some("发布过的稿件不能放入回收站"),
        WorkState::Draft | WorkState::Returned => was_public.then_some("发布过的稿件不能放入回收站"),
    }
}

/// When a resource in the bin is gone for good. Nothing else happens to it there, so it was put there when it last changed.
pub fn gone_at(engine: &Engine, resource: &Resource) -> NaiveDateTime {
    resource.updated_at + TimeDelta::days(i64::from(engine.settings.library.bin_days))
}

/// Puts a draft in the bin. Times that were asked for with it are given up.
pub fn discard(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| discard_within(engine, command, actor, site, id, now))
}

/// The same within the caller's transaction.
pub(super) fn discard_within(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    now: NaiveDateTime,
) -> Result<()> {
    let mut resource = found(command, site, id)?;
    if let Some(told) = obstacle(&resource) {
        return refused(told);
    }
    let latest = revision_of(command, &resource, resource.latest_revision_id)?;
    let open = schedules::list_open_about(command, Subject::Resource(id))?;
    schedule::close_all(command, &open, "稿件已放入回收站", now)?;
    let before = resource.work;
    resource.work = WorkState::Discarded;
    resources::update(command, &resource, now)?;
    let record = audit::Record {
        action: "resource.discard",
        subject: subject(id),
        site: Some(site),
        before: json!({ "work": before }),
        after: json!({ "title": latest.content.title }),
    };
    audit::append(command, actor, record, now)?;
    Ok(Task::Erase(id).enqueue(command, Lane::After, now + TimeDelta::days(i64::from(engine.settings.library.bin_days)))?)
}

/// Takes a draft out of the bin.
pub fn restore(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| restore_within(command, actor, site, id, now))
}

/// The same within the caller's transaction.
pub(super) fn restore_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    now: NaiveDateTime,
) -> Result<()> {
    let mut resource = found(command, site, id)?;
    if resource.work != WorkState::Discarded {
        return refused("稿件不在回收站");
    }
    resource.work = former(command, &resource)?;
    resources::update(command, &resource, now)?;
    let record = audit::Record {
        action: "resource.restore",
        subject: subject(id),
        site: Some(site),
        before: json!(null),
        after: json!({ "work": resource.work }),
    };
    Ok(audit::append(command, actor, record, now)?)
}

/// What it was before it went to the bin: what came back and was not changed since still waits for its writer.
fn former(command: &mut Command<'_>, resource: &Resource) -> Result<WorkState> {
    let last = submissions::list_by_resource(command, resource.id)?.into_iter().max_by_key(|one| one.id);
    let came_back =
        last.is_some_and(|one| one.state == SubmissionState::Returned && Some(one.revision_id) == resource.latest_revision_id);
    Ok(if came_back { WorkState::Returned } else { WorkState::Draft })
}

/// Lets a draft go for good when its days in the bin are over. One that was taken out stays; one that was put there again waits
/// for its new day.
pub(crate) fn erase(engine: &Engine, id: ResourceId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let Some(resource) = resources::find_anywhere(command, id)? else { return Ok(()) };
        if resource.work != WorkState::Discarded {
            return Ok(());
        }
        let due = gone_at(engine, &resource);
        if due > now {
            return Ok(Task::Erase(id).enqueue(command, Lane::After, due)?);
        }
        let latest = revision_of(command, &resource, resource.latest_revision_id)?;
        resources::erase(command, id)?;
        let record = audit::Record {
            action: "resource.erase",
            subject: subject(id),
            site: Some(resource.site_id),
            before: json!({ "title": latest.content.title, "discarded": resource.updated_at }),
            after: json!(null),
        };
        let platform = Actor::platform();
        Ok(audit::append(command, &platform, record, now)?)
    })
}
