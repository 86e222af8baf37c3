//! Emergency takedown (紧急下架): the city takes any resource of any site down, ahead of everything else.

use model::{Actor, Permission, PublicationId, PublicationKind, ResourceId};
use store::resources;

use super::rights::check_everywhere;
use super::withdrawal::{given, take_down};
use super::{CommandError, Result};
use crate::engine::Engine;

/// Takes a live resource of whatever site down everywhere. It is done when its receipt is complete and read back.
pub fn order(engine: &Engine, actor: &Actor, id: ResourceId, reason: &str) -> Result<PublicationId> {
    let reason = given(reason, "请填写下架理由")?;
    let now = engine.clock.now();
    let ordered = engine.store.command(|command| {
        check_everywhere(command, actor, Permission::Takedown, now)?;
        let resource = resources::find_anywhere(command, id)?.ok_or(CommandError::NotFound)?;
        take_down(command, actor, resource, PublicationKind::Takedown, reason, now)
    })?;
    engine.wake();
    Ok(ordered)
}
