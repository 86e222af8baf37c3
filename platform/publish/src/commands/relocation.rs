//! Moving a resource to another channel of its site; its old address leads to the new one.

use chrono::NaiveDateTime;
use model::{
    Actor, ChannelId, EventKind, Keys, Lane, Permission, Placement, Resource, ResourceId, ResourceState, SiteId, WorkState,
};
use serde_json::json;
use store::{Command, audit, channels, events, pages, placements, resources};

use super::placing::Closed;
use super::{CommandError, Result, found, placing, publication, refused, revision_of, rights, subject};
use crate::address;
use crate::engine::Engine;

/// Where a resource is moved to.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) channel: ChannelId,
    /// Its place in the list there, which it once had; none: the top.
    pub(super) sequence: Option<i64>,
}

/// Moves a resource to `target`. Where it is shown stays, and whoever listens to the new channel shows it as well. To move what
/// is live takes a right of its own, where it leaves and where it arrives: it changes what the public sees without a review.
pub fn relocate(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, target: ChannelId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        // What is told of a channel is told to whoever may write there.
        if !rights::may_in(command, actor, Permission::Write, (site, target), now)? {
            return Err(CommandError::NotFound);
        }
        relocate_within(command, actor, site, id, Target { channel: target, sequence: None }, now)
    })?;
    engine.wake();
    Ok(())
}

/// The same within the caller's transaction. Says its place in the list that it left, where it was shown in one.
pub(super) fn relocate_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    Target { channel: target, sequence }: Target,
    now: NaiveDateTime,
) -> Result<Option<i64>> {
    let mut resource = found(command, site, id)?;
    for channel in [resource.channel_id, target] {
        rights::check_in(command, actor, Permission::Write, (site, channel), now)?;
    }
    let channel = channels::find(command, site, target)?.filter(|channel| !channel.retired).ok_or(CommandError::NotFound)?;
    if resource.state == ResourceState::Live {
        for channel in [resource.channel_id, target] {
            rights::check_in(command, actor, Permission::Withdraw, (site, channel), now)?;
        }
    }
    // What was approved was approved for its channel: another may ask for more steps.
    match resource.work {
        WorkState::Reviewing => return refused("稿件正在审核，如需调整栏目请先收回"),
        WorkState::Scheduled => {
            return refused("稿件已通过审核、待定时发布，如需调整栏目，请先在“定时安排”中取消定时发布，调整后重新送审");
        }
        WorkState::Discarded => return refused("稿件在回收站，请先恢复"),
        WorkState::Draft | WorkState::Returned | WorkState::Idle => {}
    }
    let from = channels::find(command, site, resource.channel_id)?.ok_or(CommandError::NotFound)?;
    if channel.preparing && resource.state == ResourceState::Live && !from.preparing {
        return refused("目标栏目正在筹备，公众还看不到，不能把已发布的稿件移入");
    }
    if resource.channel_id == target {
        return refused("稿件已在该栏目");
    }
    if channel.resource_kind != resource.kind {
        return refused("目标栏目不接收该类型的稿件");
    }
    let placed = placements::list_by_resource(command, id)?;
    if placed.iter().any(|placement| placement.channel_id == target) {
        return refused("该稿件已在目标栏目展示");
    }
    let mut keys = Keys::new();
    let mut left = None;
    if let Some(own) = placed.iter().find(|placement| placement.channel_id == resource.channel_id) {
        publication::touch(command, &mut keys, own)?;
        let chosen = own.slug.as_deref().map(|slug| address::chosen(&channel, slug));
        let path = chosen.unwrap_or_else(|| address::article(&channel, id, own.published_at));
        if !pages::is_path_free(command, site, &path, own.id)? {
            return refused("目标栏目中已有同名地址，请先在“投放设置”中修改本稿的网址名");
        }
        let sequence = match sequence {
            Some(sequence) => sequence,
            None => channels::next_sequence(command, site, target)?,
        };
        left = Some(own.sequence);
        placements::relocate(command, own.id, target, &path, sequence)?;
        let moved = placements::find(command, site, own.id)?.ok_or(CommandError::NotFound)?;
        publication::touch(command, &mut keys, &moved)?;
    }
    let record = audit::Record {
        action: "resource.move",
        subject: subject(id),
        site: Some(site),
        before: json!({ "channel": from.id, "name": from.name }),
        after: json!({ "channel": target, "name": channel.name }),
    };
    resource.channel_id = target;
    resources::update(command, &resource, now)?;
    audit::append(command, actor, record, now)?;
    if resource.state == ResourceState::Live {
        let reached = follow(command, &resource, &placed, now)?;
        publication::touch_all(command, &mut keys, &reached)?;
    }
    if !keys.is_empty() {
        let event = events::NewEvent {
            kind: EventKind::Published,
            site: Some(site),
            resource: Some(id),
            actor: actor.user_id,
            keys: &keys,
        };
        let event = events::insert(command, event, now)?;
        publication::follow_up(command, vec![event], Lane::Urgent, now)?;
    }
    Ok(left)
}

/// Shows what is live wherever its new channel is listened to. Says where it was not shown before.
fn follow(command: &mut Command<'_>, resource: &Resource, before: &[Placement], now: NaiveDateTime) -> Result<Vec<Placement>> {
    let revision = revision_of(command, resource, resource.live_revision_id)?;
    let closed = Closed::read(command)?;
    let asked = placing::place(command, resource, &revision.content, None, &closed, now)?;
    placing::offer(command, resource, asked, now)?;
    let was_live = |id| before.iter().any(|placement| placement.id == id && placement.live);
    let placed = placements::list_by_resource(command, resource.id)?;
    Ok(placed.into_iter().filter(|placement| placement.live && !was_live(placement.id)).collect())
}
