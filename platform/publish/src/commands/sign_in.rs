//! Signing in, as it is kept: who came in, who was tried and refused, and from where.

use model::person::is_username;
use model::{Actor, SessionId, User, UserId, sign_in_policy};
use serde_json::json;
use store::{Command, audit, people, sessions};

use super::Result;
use super::account::subject;
use crate::engine::Engine;

/// At which step somebody tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// With a password.
    Password,
    /// Through an upper-level service.
    Upstream,
    /// With a second factor: they had the password, or came through such a service.
    SecondFactor,
}

/// Whom somebody tried to be, and from where.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The account, if there is one.
    pub account: Option<User>,
    /// What was typed.
    pub username: String,
    /// The network address.
    pub address: String,
    /// At which step.
    pub step: Step,
}

/// Notes that a person came in, with a second factor or without; `via` is the name of the upper-level service they came through.
pub fn opened(engine: &Engine, user: &User, address: String, step: Step, via: Option<&str>) -> Result<()> {
    let now = engine.clock.now();
    let actor = Actor { user_id: Some(user.id), name: user.display_name.clone(), address };
    let after = match (step, via) {
        (Step::SecondFactor, Some(via)) => json!({ "second": true, "via": via }),
        (Step::SecondFactor, None) => json!({ "second": true }),
        (_, Some(via)) => json!({ "via": via }),
        (_, None) => json!(null),
    };
    let record = audit::Record { action: "session.open", subject: subject(user.id), site: None, before: json!(null), after };
    engine.store.command(|command| {
        people::note_sign_in(command, user.id, now)?;
        Ok(audit::append(command, &actor, record, now)?)
    })
}

/// Ends the session that a person leaves by themselves.
pub fn left(engine: &Engine, actor: &Actor, user: UserId, session: SessionId) -> Result<()> {
    engine.store.command(|command| {
        if !sessions::delete_one(command, user, session)? {
            return Ok(());
        }
        note_own(engine, command, actor, user, "session.leave")
    })
}

/// Keeps that a person has proved once more who they are, before a grave deed.
pub fn proved(engine: &Engine, actor: &Actor, user: UserId, session: SessionId) -> Result<()> {
    engine.store.command(|command| {
        sessions::prove(command, session, engine.clock.now())?;
        note_own(engine, command, actor, user, "session.prove")
    })
}

fn note_own(engine: &Engine, command: &mut Command<'_>, actor: &Actor, user: UserId, action: &str) -> Result<()> {
    let record = audit::Record { action, subject: subject(user), site: None, before: json!(null), after: json!(null) };
    Ok(audit::append(command, actor, record, engine.clock.now())?)
}

/// Notes that an upper-level service meant a person who may not come in. Nobody guessed anything, so nobody is locked for it.
pub fn kept_out(engine: &Engine, user: &User, address: String, via: &str) -> Result<()> {
    let actor = Actor { user_id: None, name: "未登录".to_owned(), address };
    let after = json!({ "username": user.username, "via": via });
    let record = audit::Record { action: "session.fail", subject: subject(user.id), site: None, before: json!(null), after };
    engine.store.command(|command| Ok(audit::append(command, &actor, record, engine.clock.now())?))
}

/// Notes that somebody was refused. It is nobody's deed: whoever tried has not said who they are. `locks`: the account, if there is one,
/// is locked for as long as the rules say; without one there is as much to do.
pub fn refused(engine: &Engine, attempt: &Attempt, is_last: bool, locks: bool) -> Result<()> {
    let now = engine.clock.now();
    let actor = Actor { user_id: None, name: "未登录".to_owned(), address: attempt.address.clone() };
    let mut after = json!({ "username": attempt.told() });
    if attempt.step == Step::SecondFactor {
        after["second"] = json!(true);
    }
    engine.store.command(|command| {
        let record = audit::Record {
            action: if is_last { "session.lock" } else { "session.fail" },
            subject: attempt.subject(),
            site: None,
            before: json!(null),
            after,
        };
        if let Some(account) = attempt.account.as_ref().filter(|_| locks) {
            people::lock_until(command, account.id, now + sign_in_policy().attempts.pause())?;
        }
        Ok(audit::append(command, &actor, record, now)?)
    })
}

impl Attempt {
    fn subject(&self) -> String {
        self.account.as_ref().map_or_else(|| format!("address:{}", self.address), |account| subject(account.id))
    }

    /// The name that was tried. What can be no name is left out: it may be a password in the wrong field.
    fn told(&self) -> &str {
        if is_username(&self.username) { &self.username } else { "" }
    }
}
