//! Applications (应用) are registered, changed and given another secret by whoever runs the platform; each person agrees for themselves.

use model::{Actor, Application, ApplicationContent, ApplicationId, Problem, UserId};
use serde_json::json;
use store::{Command, applications, audit, sign_ons};

use super::{CommandError, Result, seal};
use crate::engine::Engine;

/// Registers one under a name it has from now on; `secret_hash` of a secret that only it knows, if it can keep one.
pub fn add(
    engine: &Engine,
    actor: &Actor,
    client: &str,
    secret_hash: Option<&str>,
    content: &ApplicationContent,
) -> Result<ApplicationId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check(command, None, content)?;
        let id = applications::insert(command, client, secret_hash, content, now)?;
        let record = audit::Record {
            action: "application.add",
            subject: subject(id),
            site: None,
            before: json!(null),
            after: json!(content),
        };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Puts `content` in the place of what has the seal `seen`. What it can keep secret does not change: that is another application.
pub fn save(engine: &Engine, actor: &Actor, id: ApplicationId, seen: &str, content: &ApplicationContent) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = known(command, id)?;
        if seal(&before.content) != seen {
            return Err(CommandError::Stale);
        }
        let content = ApplicationContent { is_confidential: before.content.is_confidential, ..content.clone() };
        if before.content == content {
            return Ok(());
        }
        check(command, Some(id), &content)?;
        applications::update(command, id, &content)?;
        if !content.is_open {
            sign_ons::end_all(command, id)?;
        }
        let record = audit::Record {
            action: "application.save",
            subject: subject(id),
            site: None,
            before: json!(before.content),
            after: json!(content),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Gives it another secret; the one before is good no more, and nothing that was got with it.
pub fn renew_secret(engine: &Engine, actor: &Actor, id: ApplicationId, secret_hash: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let application = known(command, id)?;
        if !application.content.is_confidential {
            return super::refused("此应用不使用密钥");
        }
        applications::set_secret(command, id, secret_hash)?;
        sign_ons::end_all(command, id)?;
        let after = json!({ "name": application.content.name });
        let record = audit::Record { action: "application.secret", subject: subject(id), site: None, before: json!(null), after };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Notes that a person signed in to an application; with `agreed`, that they agreed to what it may be told.
pub fn enter(engine: &Engine, actor: &Actor, user: UserId, application: &Application, agreed: Option<&str>) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        if let Some(scopes) = agreed {
            applications::agree(command, application.id, user, scopes, now)?;
        }
        let after = json!({ "name": application.content.name, "agreed": agreed });
        let record = audit::Record {
            action: "application.enter",
            subject: subject(application.id),
            site: None,
            before: json!(null),
            after,
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Takes back what a person agreed to, and ends all that the application was given about them.
pub fn take_back(engine: &Engine, actor: &Actor, user: UserId, id: ApplicationId) -> Result<()> {
    engine.store.command(|command| {
        let application = known(command, id)?;
        if !applications::disagree(command, id, user)? {
            return Err(CommandError::NotFound);
        }
        sign_ons::end_of(command, id, user)?;
        let after = json!({ "name": application.content.name });
        let record =
            audit::Record { action: "application.take_back", subject: subject(id), site: None, before: json!(null), after };
        Ok(audit::append(command, actor, record, engine.clock.now())?)
    })
}

fn known(command: &mut Command<'_>, id: ApplicationId) -> Result<Application> {
    applications::find(command, id)?.ok_or(CommandError::NotFound)
}

fn check(command: &mut Command<'_>, id: Option<ApplicationId>, content: &ApplicationContent) -> Result<()> {
    let mut problems = content.problems();
    if applications::list(command)?.iter().any(|other| Some(other.id) != id && other.content.name == content.name) {
        problems.push(Problem::at("name", format!("已有名为“{}”的应用", content.name)));
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

fn subject(id: ApplicationId) -> String {
    format!("application:{id}")
}
