//! Removing a resource from every site at once (撤回).

use chrono::NaiveDateTime;
use model::{
    Actor, Lane, Problem, PublicationId, PublicationKind, Resource, ResourceId, ResourceState, SiteId, SubmissionState, WorkState,
};
use serde_json::json;
use store::schedules::Subject;
use store::{Command, audit, pins, placements, resources, schedules, submissions};

use super::{CommandError, Result, found, offer, publication, refused, revision_of, schedule, subject};
use crate::engine::Engine;

/// Letters of a reason.
const LONGEST: usize = 500;

/// Takes a live resource down everywhere. A review under way and open offers end with it; the text goes back to its author.
pub fn withdraw(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, reason: &str) -> Result<PublicationId> {
    let reason = given(reason, "请填写撤回理由")?;
    let now = engine.clock.now();
    let withdrawn = engine.store.command(|command| withdraw_within(command, actor, site, id, reason, now))?;
    engine.wake();
    Ok(withdrawn)
}

/// The same within the caller's transaction.
pub(super) fn withdraw_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    reason: &str,
    now: NaiveDateTime,
) -> Result<PublicationId> {
    let resource = found(command, site, id)?;
    take_down(command, actor, resource, PublicationKind::Withdrawal, reason, now)
}

/// A reason that is one.
pub(super) fn given<'a>(reason: &'a str, otherwise: &str) -> Result<&'a str> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(CommandError::Invalid(vec![Problem::at("reason", otherwise)]));
    }
    if reason.chars().count() > LONGEST {
        return Err(CommandError::Invalid(vec![Problem::at("reason", format!("理由不超过{LONGEST}字"))]));
    }
    Ok(reason)
}

/// Takes a resource down within the caller's transaction. Whatever was still to be done about it at its time is given up.
pub(super) fn take_down(
    command: &mut Command<'_>,
    actor: &Actor,
    mut resource: Resource,
    kind: PublicationKind,
    reason: &str,
    now: NaiveDateTime,
) -> Result<PublicationId> {
    let id = resource.id;
    if resource.state != ResourceState::Live {
        return refused("该内容当前未发布，无需撤回");
    }
    let live = revision_of(command, &resource, resource.live_revision_id)?;
    placements::take_down(command, id)?;
    pins::delete_by_resource(command, id)?;
    offer::end_all(command, actor, id, now)?;
    let open = submissions::find_open(command, id)?;
    if let Some(open) = &open {
        submissions::close(command, open.id, SubmissionState::Cancelled, now)?;
    }
    let ended = open.map(|open| open.step_name().to_owned());
    let open = schedules::list_open_about(command, Subject::Resource(id))?;
    schedule::close_all(command, &open, "内容已撤回", now)?;
    resource.state = ResourceState::Withdrawn;
    resource.live_revision_id = None;
    resource.live_since = None;
    resource.work = WorkState::Draft;
    resources::update(command, &resource, now)?;
    let is_takedown = kind == PublicationKind::Takedown;
    let record = audit::Record {
        action: if is_takedown { "resource.takedown" } else { "resource.withdraw" },
        subject: subject(id),
        site: Some(resource.site_id),
        before: json!({ "revision": live.number, "title": live.content.title }),
        after: json!({ "reason": reason, "ended": ended }),
    };
    audit::append(command, actor, record, now)?;
    let announced = publication::announce(command, actor, &resource, &live, kind, reason, now)?;
    publication::follow_up(command, vec![announced.event], Lane::Urgent, now)?;
    Ok(announced.publication)
}
