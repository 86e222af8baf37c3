//! What somebody may do as they are now, asked within the command that does it: a form can name a channel that its screen never offered.

use chrono::NaiveDateTime;
use model::{Actor, ChannelId, Permission, Problem, SiteId};
use store::{Command, people};

use super::{CommandError, Result};

/// Whether the actor may do this in that channel; commands typed on the server may.
pub(super) fn may_in(
    command: &mut Command<'_>,
    actor: &Actor,
    permission: Permission,
    (site, channel): (SiteId, ChannelId),
    now: NaiveDateTime,
) -> Result<bool> {
    let Some(id) = actor.user_id else { return Ok(true) };
    Ok(people::find_person(command, id, now)?.is_some_and(|person| person.may_in(permission, site, channel)))
}

/// Refuses to write into a channel in which the actor may not.
pub(super) fn check_writes(
    command: &mut Command<'_>,
    actor: &Actor,
    (site, channel): (SiteId, ChannelId),
    now: NaiveDateTime,
) -> Result<()> {
    if may_in(command, actor, Permission::Write, (site, channel), now)? {
        return Ok(());
    }
    Err(CommandError::Invalid(vec![Problem::at("channel", "您没有在该栏目撰写的权限，请选择其他栏目")]))
}
