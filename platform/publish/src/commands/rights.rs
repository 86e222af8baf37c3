//! What somebody may do as they are now, asked within the command that does it: a form can name a channel that its screen never offered.

use chrono::NaiveDateTime;
use model::{Actor, ChannelId, Permission, Problem, SiteId, Within};
use store::batches::NewItem;
use store::{Command, people, resources};

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

/// Refuses what the actor may not do in that channel.
pub(super) fn check_in(
    command: &mut Command<'_>,
    actor: &Actor,
    permission: Permission,
    place: (SiteId, ChannelId),
    now: NaiveDateTime,
) -> Result<()> {
    if may_in(command, actor, permission, place, now)? { Ok(()) } else { Err(CommandError::Forbidden) }
}

/// Refuses whoever may do none of this in that channel.
pub(super) fn check_any_in(
    command: &mut Command<'_>,
    actor: &Actor,
    any: &[Permission],
    (site, channel): (SiteId, ChannelId),
    now: NaiveDateTime,
) -> Result<()> {
    let Some(id) = actor.user_id else { return Ok(()) };
    let person = people::find_person(command, id, now)?;
    let may = person.is_some_and(|person| any.iter().any(|permission| person.may_in(*permission, site, channel)));
    if may { Ok(()) } else { Err(CommandError::Forbidden) }
}

/// Refuses what the actor may not do on the platform as a whole.
pub(super) fn check_everywhere(
    command: &mut Command<'_>,
    actor: &Actor,
    permission: Permission,
    now: NaiveDateTime,
) -> Result<()> {
    let Some(id) = actor.user_id else { return Ok(()) };
    let may = people::find_person(command, id, now)?.is_some_and(|person| person.may_everywhere(permission));
    if may { Ok(()) } else { Err(CommandError::Forbidden) }
}

/// Those of the texts that the actor may read: what lies elsewhere is not there for them, as another site's texts are not.
pub(super) fn readable(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    items: &[NewItem],
    now: NaiveDateTime,
) -> Result<Vec<NewItem>> {
    let Some(id) = actor.user_id else { return Ok(items.to_vec()) };
    let person = people::find_person(command, id, now)?.ok_or(CommandError::Forbidden)?;
    let Within::Channels(some) = person.within(Permission::Read, site) else { return Ok(items.to_vec()) };
    let mut readable = Vec::new();
    for item in items {
        if resources::find(command, site, item.0)?.is_some_and(|text| some.contains(&text.channel_id)) {
            readable.push(*item);
        }
    }
    Ok(readable)
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
