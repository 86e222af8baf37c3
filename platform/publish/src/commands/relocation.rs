//! Moving a resource to another channel of its site; its old address leads to the new one.

use model::{Actor, ChannelId, EventKind, Keys, Lane, ResourceId, SiteId, WorkState};
use serde_json::json;
use store::{audit, channels, events, pages, placements, resources};

use super::{CommandError, Result, found, publication, refused, subject};
use crate::address;
use crate::engine::Engine;

/// Moves a resource to `target`. Where it is shown on other sites does not change.
pub fn relocate(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, target: ChannelId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let mut resource = found(command, site, id)?;
        let channel = channels::find(command, site, target)?.filter(|channel| !channel.retired).ok_or(CommandError::NotFound)?;
        if resource.work == WorkState::Reviewing {
            return refused("稿件正在审核，如需调整栏目请先收回");
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
        if let Some(own) = placed.into_iter().find(|placement| placement.channel_id == resource.channel_id) {
            publication::touch(command, &mut keys, &own)?;
            let chosen = own.slug.as_deref().map(|slug| address::chosen(&channel, slug));
            let path = chosen.unwrap_or_else(|| address::article(&channel, id, own.published_at));
            if !pages::is_path_free(command, site, &path, own.id)? {
                return refused("目标栏目中已有同名地址，请先在“投放设置”中修改本稿的网址名");
            }
            let sequence = channels::next_sequence(command, site, target)?;
            placements::relocate(command, own.id, target, &path, sequence)?;
            let moved = placements::find(command, site, own.id)?.ok_or(CommandError::NotFound)?;
            publication::touch(command, &mut keys, &moved)?;
        }
        let record = audit::Record {
            action: "resource.move",
            subject: subject(id),
            site: Some(site),
            before: json!({ "channel": resource.channel_id }),
            after: json!({ "channel": target }),
        };
        resource.channel_id = target;
        resources::update(command, &resource, now)?;
        audit::append(command, actor, record, now)?;
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
        Ok(())
    })?;
    engine.wake();
    Ok(())
}
