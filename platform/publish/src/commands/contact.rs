//! 联系方式: how people are reached, sealed. Everybody says their own; of others whoever could have appointed them does.

use model::{AccountState, Actor, Contact, SiteId, UserId};
use serde_json::json;
use store::contacts::{self, Marked, SealedContact};
use store::sealed::{Column, EMAIL, PHONE};
use store::{Command, Connection, audit, people};
use vault::{Place, Sealed, Vault};

use super::account::{check_may_give_all, subject};
use super::granting::belonging;
use super::{CommandError, Result, refused, seal};
use crate::engine::Engine;

/// What is known of a person.
pub fn find(vault: &Vault, connection: &mut Connection, id: UserId) -> Result<Contact> {
    let kept = contacts::find(connection, id)?;
    Ok(Contact { phone: opened(vault, &PHONE, id, kept.phone)?, email: opened(vault, &EMAIL, id, kept.email)? })
}

/// Stands for what was looked at.
pub fn contact_seal(contact: &Contact) -> String {
    seal(contact)
}

/// Puts this in place of what has the seal `seen`; `site` is where it is done, none: over the platform, or by the person themselves.
pub fn save(engine: &Engine, actor: &Actor, site: Option<SiteId>, id: UserId, seen: &str, contact: &Contact) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let account = belonging(command, actor, site, id)?;
        if actor.user_id != Some(id) {
            check_may_give_all(command, actor, &account, "修改其联系方式", now)?;
        }
        if account.decided == AccountState::Left {
            return refused("该账号已办理离任，不再保存联系方式");
        }
        let before = find(&engine.vault, command, id)?;
        if contact_seal(&before) != seen {
            return Err(CommandError::Stale);
        }
        if before == *contact {
            return Ok(());
        }
        contacts::save(command, id, &sealed(&engine.vault, id, contact))?;
        let told = |contact: &Contact| {
            let masked = contact.masked();
            json!({ "name": account.display_name, "phone": masked.phone, "email": masked.email })
        };
        let record =
            audit::Record { action: "contact.change", subject: subject(id), site, before: told(&before), after: told(contact) };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Forgets how to reach whoever has left.
pub(super) fn forget(command: &mut Command<'_>, id: UserId) -> Result<()> {
    Ok(contacts::save(command, id, &SealedContact::default())?)
}

/// Whether somebody may look at how a person is reached and change it: themselves, and whoever could have appointed them.
pub fn is_theirs(connection: &mut Connection, person: &model::Person, id: UserId) -> store::Result<bool> {
    if person.id == id {
        return Ok(true);
    }
    let roles = store::roles::all(connection)?;
    Ok(person.may_give_all(&roles, &people::list_grants(connection, id)?))
}

fn sealed(vault: &Vault, id: UserId, contact: &Contact) -> SealedContact {
    let marked = |column: &Column, text: &Option<String>| -> Marked {
        let text = text.as_deref()?;
        Some((vault.seal(Place::new(column.name, id.0), text.as_bytes()).to_string(), vault.mark(column.name, text)))
    };
    SealedContact { phone: marked(&PHONE, &contact.phone), email: marked(&EMAIL, &contact.email) }
}

fn opened(vault: &Vault, column: &Column, id: UserId, kept: Marked) -> Result<Option<String>> {
    let Some((text, _)) = kept else { return Ok(None) };
    let place = Place::new(column.name, id.0);
    let sealed: Sealed = text.parse().map_err(|_| vault::Error::Broken(place.to_string()))?;
    Ok(Some(vault.open_text(place, &sealed)?))
}
