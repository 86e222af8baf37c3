//! Applications (应用) are registered, changed and given another secret by whoever runs the platform; each person agrees for themselves.

use chrono::TimeDelta;
use model::{Actor, Application, ApplicationContent, ApplicationId, Clientele, Problem, Subject, UserId};
use oidc::Scope;
use serde_json::{Value, json};
use store::sign_ons::{self, Code};
use store::{Command, Connection, applications, audit, citizens};

use super::citizen::{self, Deed};
use super::{CommandError, Result, seal};
use crate::engine::Engine;

/// How long codes are kept that are good no more: whoever brings one again is known by it.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Somebody who does something about an application, for themselves.
#[derive(Clone, Debug)]
pub enum By {
    /// One of our people.
    Staff(Actor, UserId),
    /// A citizen.
    Citizen(Deed),
}

impl By {
    /// Who they are to applications.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Staff(_, user) => Subject::Staff(*user),
            Self::Citizen(deed) => Subject::Citizen(deed.citizen),
        }
    }
}

/// Registers one for such people under a name it has from now on; `secret_hash` of a secret that only it knows, if it can keep one.
pub fn add(
    engine: &Engine,
    actor: &Actor,
    (client, clientele): (&str, Clientele),
    secret_hash: Option<&str>,
    content: &ApplicationContent,
) -> Result<ApplicationId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let content = ApplicationContent { asks_consent: asks_consent(clientele, content), ..content.clone() };
        let mut problems = problems(command, None, clientele, &content)?;
        if clientele == Clientele::Citizens && engine.settings.citizens.address.is_none() {
            problems.push(Problem::at("clientele", "本平台未开设统一用户中心，不能登记面向社会公众的应用"));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let id = applications::insert(command, (client, clientele), secret_hash, &content, now)?;
        let mut after = json!(content);
        after["clientele"] = json!(clientele);
        let record = audit::Record { action: "application.add", subject: subject(id), site: None, before: json!(null), after };
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
        let content = ApplicationContent {
            is_confidential: before.content.is_confidential,
            asks_consent: asks_consent(before.clientele, content),
            ..content.clone()
        };
        if before.content == content {
            return Ok(());
        }
        let problems = problems(command, Some(id), before.clientele, &content)?;
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        applications::update(command, id, &content)?;
        let is_another = before.content.is_another(&content);
        if is_another {
            applications::forget_consents(command, id)?;
        }
        if is_another || !content.is_open {
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

/// Lets somebody in to an application with a code that it will redeem, of which a hash is kept; `agrees`: they have just agreed to what it may
/// be told. All is judged as it is now, so nothing is given after it was taken back.
pub fn enter(engine: &Engine, by: &By, id: ApplicationId, (hash, code): (&str, &Code), agrees: bool) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let application = known(command, id)?;
        check_may_enter(command, by)?;
        if agrees {
            applications::agree(command, id, by.subject(), &code.scopes, now)?;
        } else if application.content.asks_consent && !has_agreed(command, id, by.subject(), &code.scopes)? {
            return Err(CommandError::Stale);
        }
        sign_ons::delete_all_until(command, now - KEPT)?;
        sign_ons::insert_code(command, hash, code)?;
        let (action, scopes) = if agrees { ("citizen.agree", Some(code.scopes.as_str())) } else { ("citizen.enter", None) };
        note(engine, command, by, &application, ("application.enter", action), scopes)
    })
}

/// Whether somebody has agreed to all of this.
pub fn has_agreed(connection: &mut Connection, id: ApplicationId, subject: Subject, scopes: &str) -> store::Result<bool> {
    let said = applications::find_consent(connection, id, subject)?;
    Ok(said.is_some_and(|said| Scope::among(&said).is_superset(&Scope::among(scopes))))
}

/// A guardian consented to the account of a minor, and to nothing that others are told (《个人信息保护法》第三十一条).
fn check_may_enter(command: &mut Command<'_>, by: &By) -> Result<()> {
    let By::Citizen(deed) = by else { return Ok(()) };
    let citizen = citizens::find(command, deed.citizen)?.ok_or(CommandError::NotFound)?;
    if citizen.guardian.is_some() || citizen.suspension.is_some() {
        return Err(CommandError::Forbidden);
    }
    Ok(())
}

/// Takes back what somebody agreed to, and ends all that the application was given about them.
pub fn take_back(engine: &Engine, by: &By, id: ApplicationId) -> Result<()> {
    engine.store.command(|command| {
        let application = known(command, id)?;
        if !applications::disagree(command, id, by.subject())? {
            return Err(CommandError::NotFound);
        }
        sign_ons::end_of(command, id, by.subject())?;
        note(engine, command, by, &application, ("application.take_back", "citizen.take_back"), None)
    })
}

/// Keeps what one of our people did about an application, and what a citizen did about their own data.
fn note(
    engine: &Engine,
    command: &mut Command<'_>,
    by: &By,
    application: &Application,
    (of_staff, of_citizens): (&str, &str),
    agreed: Option<&str>,
) -> Result<()> {
    match by {
        By::Staff(actor, _) => {
            let after = json!({ "name": application.content.name, "agreed": agreed });
            let record =
                audit::Record { action: of_staff, subject: subject(application.id), site: None, before: json!(null), after };
            Ok(audit::append(command, actor, record, engine.clock.now())?)
        }
        By::Citizen(deed) => {
            let after = json!({ "application": application.content.name, "agreed": agreed });
            citizen::note(engine, command, deed, of_citizens, Value::Null, after)
        }
    }
}

/// What is known of citizens is given to others with the consent of each alone (《个人信息保护法》第二十三条).
fn asks_consent(clientele: Clientele, content: &ApplicationContent) -> bool {
    content.asks_consent || clientele == Clientele::Citizens
}

fn known(command: &mut Command<'_>, id: ApplicationId) -> Result<Application> {
    applications::find(command, id)?.ok_or(CommandError::NotFound)
}

fn problems(
    command: &mut Command<'_>,
    id: Option<ApplicationId>,
    clientele: Clientele,
    content: &ApplicationContent,
) -> Result<Vec<Problem>> {
    let mut problems = content.problems(clientele);
    if applications::list(command)?.iter().any(|other| Some(other.id) != id && other.content.name == content.name) {
        problems.push(Problem::at("name", format!("已有名为“{}”的应用", content.name)));
    }
    Ok(problems)
}

fn subject(id: ApplicationId) -> String {
    format!("application:{id}")
}
