//! Making a revision live (发布): on its own site and on every site whose standing queries ask for it.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, NaiveDateTime};
use model::{
    Actor, ChannelId, EventId, EventKind, IndexNumber, Key, Keys, Lane, Placement, PlacementId, PublicationId, PublicationKind,
    Resource, ResourceId, ResourceState, Revision, SiteId, UserId, WorkState,
};
use serde_json::json;
use store::{Command, audit, channels, events, explaining, media, placements, publications, resources, sites};

use super::placing::Closed;
use super::{CommandError, Result, offer, placing, refused, revision_of, subject, times};
use crate::address;
use crate::task::Task;

/// A publication and its event, whose resolving the caller puts in line: one job for as many as it makes at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Announced {
    pub(super) publication: PublicationId,
    pub(super) event: EventId,
}

/// Makes `revision` live within the caller's transaction. A later revision is never replaced by an earlier one.
pub(super) fn publish(
    command: &mut Command<'_>,
    actor: &Actor,
    mut resource: Resource,
    revision: &Revision,
    closed: &Closed,
    now: NaiveDateTime,
) -> Result<Announced> {
    closed.refuse(resource.site_id)?;
    let live = match resource.live_revision_id {
        Some(_) => Some(revision_of(command, &resource, resource.live_revision_id)?),
        None => None,
    };
    if live.as_ref().is_some_and(|live| live.number >= revision.number) {
        return refused("该版本或更新的版本已经发布");
    }
    let channel = channels::find(command, resource.site_id, resource.channel_id)?.ok_or(CommandError::NotFound)?;
    if channel.retired {
        return refused("所属栏目已停用，请先调整栏目");
    }
    issue_index_number(command, &mut resource, now)?;
    offer::restart_reviews(command, resource.id, now)?;
    let asked = placing::place(command, &resource, &revision.content, None, closed, now)?;
    placing::offer(command, &resource, asked, now)?;
    let first = resource.published_at.is_none();
    resource.state = ResourceState::Live;
    resource.live_revision_id = Some(revision.id);
    resource.published_at = resource.published_at.or(Some(now));
    resource.live_since = Some(now);
    if resource.latest_revision_id == Some(revision.id) {
        resource.work = WorkState::Idle;
    }
    resources::update(command, &resource, now)?;
    times::overtake(command, resource.id, revision, now)?;
    let record = audit::Record {
        action: "resource.publish",
        subject: subject(resource.id),
        site: Some(resource.site_id),
        before: json!(live.map(|live| json!({ "revision": live.number }))),
        after: json!({ "revision": revision.number, "index_number": resource.index_number, "first": first }),
    };
    audit::append(command, actor, record, now)?;
    announce(command, actor, &resource, revision, PublicationKind::Publication, "", now)
}

/// Records the event with every key the resource's placements touch, and the publication.
pub(super) fn announce(
    command: &mut Command<'_>,
    actor: &Actor,
    resource: &Resource,
    revision: &Revision,
    kind: PublicationKind,
    reason: &str,
    now: NaiveDateTime,
) -> Result<Announced> {
    let placed = placements::list_by_resource(command, resource.id)?;
    let mut keys = Keys::new();
    touch_all(command, &mut keys, &placed)?;
    let event = events::NewEvent {
        kind: match kind {
            PublicationKind::Publication => EventKind::Published,
            PublicationKind::Withdrawal => EventKind::Withdrawn,
            PublicationKind::Takedown => EventKind::TakenDown,
        },
        site: Some(resource.site_id),
        resource: Some(resource.id),
        actor: actor.user_id,
        keys: &keys,
    };
    let event = events::insert(command, event, now)?;
    let new = publications::NewPublication {
        event,
        site: resource.site_id,
        resource: resource.id,
        revision: revision.id,
        kind,
        actor: actor.user_id,
        reason,
    };
    let publication = publications::insert(command, &new, now)?;
    Ok(Announced { publication, event })
}

/// Notes that something changed what pages show, and has those that hold one of its keys made anew. `site`: none where it concerns several.
pub(super) fn renew(
    command: &mut Command<'_>,
    actor: &Actor,
    kind: EventKind,
    site: Option<SiteId>,
    keys: &Keys,
    now: NaiveDateTime,
) -> Result<()> {
    let event = events::insert(command, events::NewEvent { kind, site, resource: None, actor: actor.user_id, keys }, now)?;
    // Whoever arranges a page waits to see it.
    let lane = if kind == EventKind::Arranged { Lane::Urgent } else { Lane::Bulk };
    follow_up(command, vec![event], lane, now)
}

/// Puts the resolving of events in line.
pub(super) fn follow_up(command: &mut Command<'_>, events: Vec<EventId>, lane: Lane, now: NaiveDateTime) -> Result<()> {
    if events.is_empty() { Ok(()) } else { Ok(Task::Resolve(events).enqueue(command, lane, now)?) }
}

/// The keys that change when a placement appears, changes or goes.
pub(super) fn touch(command: &mut Command<'_>, keys: &mut Keys, placement: &Placement) -> Result<()> {
    touch_all(command, keys, std::slice::from_ref(placement))
}

/// The keys that change when any of these placements appears, changes or goes, all read at once.
pub(super) fn touch_all(command: &mut Command<'_>, keys: &mut Keys, placements: &[Placement]) -> Result<()> {
    let channels: BTreeSet<ChannelId> = placements.iter().map(|placement| placement.channel_id).collect();
    let channels = channels::list_anywhere(command, &channels)?;
    let resources: BTreeSet<ResourceId> = placements.iter().map(|placement| placement.resource_id).collect();
    // What was live before and what is live now are both among these.
    let mut used = HashMap::new();
    for resource in resources {
        used.insert(resource, media::list_by_resource(command, resource)?);
        keys.extend(explaining::list_by_resource(command, resource)?.into_iter().map(Key::explaining));
    }
    for placement in placements {
        let channel = channels.get(&placement.channel_id).ok_or(CommandError::NotFound)?;
        keys.extend([
            Key::resource(placement.resource_id),
            Key::channel_items(channel.id),
            Key::channel_chunk(channel.id, channel.chunk_of(placement.sequence)),
            Key::site_items(placement.site_id),
            Key::site_chunk(placement.site_id, address::sitemap_chunk_of(placement)),
        ]);
        let used = used.get(&placement.resource_id).into_iter().flatten();
        keys.extend(used.map(|id| Key::media_use(placement.site_id, *id)));
    }
    let ids: Vec<PlacementId> = placements.iter().map(|placement| placement.id).collect();
    for beside in placements::neighbours(command, &ids)?.into_values() {
        keys.extend([beside.older, beside.newer].into_iter().flatten().map(Key::neighbours));
    }
    Ok(())
}

/// Records that a resource is shown elsewhere or otherwise than before, with the keys of every placement it has, and puts the
/// resolving in line. No publication: what is live has not changed.
pub(super) fn announce_places(
    command: &mut Command<'_>,
    actor: &Actor,
    resource: &Resource,
    lane: Lane,
    now: NaiveDateTime,
) -> Result<()> {
    let event = note_places(command, actor.user_id, resource, now)?;
    follow_up(command, vec![event], lane, now)
}

/// The same, its resolving left to the caller.
pub(super) fn note_places(
    command: &mut Command<'_>,
    actor: Option<UserId>,
    resource: &Resource,
    now: NaiveDateTime,
) -> Result<EventId> {
    let placed = placements::list_by_resource(command, resource.id)?;
    let mut keys = Keys::new();
    touch_all(command, &mut keys, &placed)?;
    let event = events::NewEvent {
        kind: EventKind::Published,
        site: Some(resource.site_id),
        resource: Some(resource.id),
        actor,
        keys: &keys,
    };
    Ok(events::insert(command, event, now)?)
}

/// 索引号 is issued once, at first publication, by agency and year (regulations.md §4.5).
fn issue_index_number(command: &mut Command<'_>, resource: &mut Resource, now: NaiveDateTime) -> Result<()> {
    if resource.index_number.is_some() {
        return Ok(());
    }
    let owner = sites::find(command, resource.site_id)?.ok_or(CommandError::NotFound)?;
    let year = model::local(now).year();
    let serial = resources::next_index_serial(command, owner.agency.id, year)?;
    let serial = u32::try_from(serial).map_err(|_| CommandError::Refused("本年度索引号已用尽".to_owned()))?;
    let number = IndexNumber::new(&owner.agency.code, year, serial).map_err(|error| CommandError::Refused(error.to_string()))?;
    resource.index_number = Some(number.to_string());
    Ok(())
}
