//! What somebody does with their own account: another password, and the places where they are signed in.

use model::{Actor, Password, PasswordOrigin, SessionId, UserId};
use serde_json::json;
use store::{Command, audit, people, sessions};

use super::account::{password_seal, replace_password, subject};
use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// Puts a password of one's own in the place of the one whose seal is `seen`, and ends every session: whoever is here begins another.
pub fn change_password(engine: &Engine, actor: &Actor, seen: &str, password_hash: &str) -> Result<()> {
    let (now, id) = (engine.clock.now(), own(actor)?);
    engine.store.command(|command| {
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        if password_seal(&account) != seen {
            return Err(CommandError::Stale);
        }
        let password = Password { hash: password_hash.to_owned(), origin: PasswordOrigin::Own, since: now };
        replace_password(command, &account, password, now)?;
        let record = audit::Record {
            action: "user.password",
            subject: subject(id),
            site: None,
            before: json!({ "origin": account.password.origin }),
            after: json!({ "username": account.username }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Ends another session of one's own. The number of somebody else's names none.
pub fn end_session(engine: &Engine, actor: &Actor, here: SessionId, id: SessionId) -> Result<()> {
    let user = own(actor)?;
    engine.store.command(|command| {
        if id == here {
            return refused("这是您当前的登录，请用页面右上角的“退出”");
        }
        if !sessions::delete_one(command, user, id)? {
            return Err(CommandError::NotFound);
        }
        note_end(command, engine, actor, user, 1)
    })
}

/// Ends every session of one's own but this; says how many there were.
pub fn end_other_sessions(engine: &Engine, actor: &Actor, here: SessionId) -> Result<usize> {
    let user = own(actor)?;
    engine.store.command(|command| {
        let count = sessions::delete_of(command, user, Some(here))?;
        if count > 0 {
            note_end(command, engine, actor, user, count)?;
        }
        Ok(count)
    })
}

fn note_end(command: &mut Command<'_>, engine: &Engine, actor: &Actor, user: UserId, count: usize) -> Result<()> {
    let record = audit::Record {
        action: "session.end",
        subject: subject(user),
        site: None,
        before: json!(null),
        after: json!({ "count": count, "name": actor.name }),
    };
    Ok(audit::append(command, actor, record, engine.clock.now())?)
}

/// Only a person has an account of their own.
fn own(actor: &Actor) -> Result<UserId> {
    actor.user_id.ok_or(CommandError::Forbidden)
}
