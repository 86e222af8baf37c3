//! 公众用户: registering, what citizens change about themselves, and closing an account. Each deed is in the audit log, with the person as its
//! subject and nothing personal in it.

use model::{Actor, Citizen, CitizenId, CitizenSessionId, RealName, Recipient, RecipientKind};
use serde_json::{Value, json};
use store::citizens::{self, SealedCitizen};
use store::contacts::Marked;
use store::sealed::{CITIZEN_CALL, CITIZEN_MAIL, CITIZEN_PHONE, Column, GUARDIAN};
use store::{Command, Connection, applications, audit, citizen_links, citizen_sessions};
use vault::{Place, Sealed, Vault};

use super::citizen_link::{self, Entry};
use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// Who does something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Who.
    pub citizen: CitizenId,
    /// The network address.
    pub address: String,
}

/// How somebody came in.
#[derive(Clone, Debug)]
pub enum Means {
    /// With a code that was sent to them.
    Code,
    /// With a password.
    Password,
    /// Through an upper-level service, which means them.
    Upstream(Box<Entry>),
}

/// Somebody who registers: they have shown that the recipient is theirs, and their guardian, where they need one, that it consents.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Where they are reached.
    pub recipient: Recipient,
    /// What they want to be called; may be empty.
    pub call: String,
    /// Who consented.
    pub guardian: Option<Recipient>,
    /// Which version of the terms they agreed to.
    pub terms: String,
    /// The network address.
    pub address: String,
}

/// What is known of a citizen; none where the account is closed.
pub fn find(vault: &Vault, connection: &mut Connection, id: CitizenId) -> Result<Option<Citizen>> {
    citizens::find(connection, id)?.map(|kept| opened(vault, kept)).transpose()
}

/// Whose recipient this is, with the hash of their password.
pub fn find_by_recipient(
    vault: &Vault,
    connection: &mut Connection,
    recipient: &Recipient,
) -> Result<Option<(Citizen, Option<String>)>> {
    let kept = kept_by(vault, connection, recipient)?;
    kept.map(|kept| {
        let hash = kept.password.clone();
        Ok((opened(vault, kept)?, hash))
    })
    .transpose()
}

/// The minors for whom a guardian consented.
pub fn list_by_guardian(vault: &Vault, connection: &mut Connection, guardian: &Recipient) -> Result<Vec<Citizen>> {
    let marks = vault.marks(GUARDIAN.name, guardian.text());
    citizens::list_by_guardian(connection, &marks)?.into_iter().map(|kept| opened(vault, kept)).collect()
}

/// Makes an account.
pub fn register(engine: &Engine, registration: &Registration) -> Result<CitizenId> {
    let Registration { recipient, call, guardian, terms, address } = registration;
    let (vault, now) = (&engine.vault, engine.clock.now());
    engine.store.command(|command| {
        check_free(vault, command, recipient, None)?;
        let id = citizens::insert(command, terms, now)?;
        keep_recipient(vault, command, id, recipient.kind(), Some(recipient))?;
        keep_call(vault, command, id, call)?;
        if let Some(guardian) = guardian {
            let (sealed, mark) = marked(vault, &GUARDIAN, id, guardian.text());
            citizens::set_guardian(command, id, Some((guardian.kind(), sealed, mark)))?;
        }
        let told = json!({ "by": recipient.kind(), "guardian": guardian.is_some(), "terms": terms });
        let deed = Deed { citizen: id, address: address.clone() };
        note(engine, command, &deed, "citizen.register", json!(null), told)?;
        Ok(id)
    })
}

/// Notes that somebody came in. What the service says of them now that they came through counts from now on.
pub fn came_in(engine: &Engine, deed: &Deed, means: &Means) -> Result<()> {
    let told = match means {
        Means::Code => json!({ "by": "code" }),
        Means::Password => json!({ "by": "password" }),
        Means::Upstream(entry) => json!({ "by": "upstream", "upstream": entry.upstream.content.name }),
    };
    engine.store.command(|command| {
        note(engine, command, deed, "citizen.open", json!(null), told)?;
        match means {
            Means::Upstream(entry) => citizen_link::used(engine, command, deed, entry),
            Means::Code | Means::Password => Ok(()),
        }
    })
}

/// Notes that somebody was refused; it is nobody's deed. `is_last`: whoever tries must wait from now on.
pub fn kept_out(engine: &Engine, citizen: Option<CitizenId>, address: &str, is_last: bool) -> Result<()> {
    let actor = Actor { user_id: None, name: "未登录".to_owned(), address: address.to_owned() };
    let subject = citizen.map_or_else(|| format!("address:{address}"), subject);
    let action = if is_last { "citizen.lock" } else { "citizen.fail" };
    let record = audit::Record { action, subject, site: None, before: json!(null), after: json!(null) };
    engine.store.command(|command| Ok(audit::append(command, &actor, record, engine.clock.now())?))
}

/// Changes what somebody is called.
pub fn set_call(engine: &Engine, deed: &Deed, call: &str) -> Result<()> {
    engine.store.command(|command| {
        find(&engine.vault, command, deed.citizen)?.ok_or(CommandError::NotFound)?;
        keep_call(&engine.vault, command, deed.citizen, call)?;
        note(engine, command, deed, "citizen.call", json!(null), json!(null))
    })
}

/// Has somebody reached at a recipient that they have shown to be theirs, in place of the one of its kind, and ends their other sessions.
pub fn set_recipient(engine: &Engine, deed: &Deed, recipient: &Recipient, kept: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        let before = find(&engine.vault, command, deed.citizen)?.ok_or(CommandError::NotFound)?;
        check_free(&engine.vault, command, recipient, Some(deed.citizen))?;
        keep_recipient(&engine.vault, command, deed.citizen, recipient.kind(), Some(recipient))?;
        citizen_sessions::delete_of(command, deed.citizen, Some(kept))?;
        let had = json!({ "kind": before.recipient(recipient.kind()).map(Recipient::kind) });
        note(engine, command, deed, "citizen.recipient", had, json!({ "kind": recipient.kind() }))
    })
}

/// Forgets one of two recipients: somebody without any could never come in again.
pub fn remove_recipient(engine: &Engine, deed: &Deed, kind: RecipientKind, kept: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        let before = find(&engine.vault, command, deed.citizen)?.ok_or(CommandError::NotFound)?;
        if before.recipient(kind).is_none() {
            return Ok(());
        }
        if before.recipients().len() < 2 {
            return refused("这是您唯一的登录方式，不能移除；如需更换，请直接填写新的号码或邮箱");
        }
        keep_recipient(&engine.vault, command, deed.citizen, kind, None)?;
        citizen_sessions::delete_of(command, deed.citizen, Some(kept))?;
        note(engine, command, deed, "citizen.recipient", json!({ "kind": kind }), json!({ "kind": null }))
    })
}

/// Gives somebody a password, or takes theirs away, and ends their other sessions.
pub fn set_password(engine: &Engine, deed: &Deed, hash: Option<&str>, kept: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        let before = citizens::find(command, deed.citizen)?.ok_or(CommandError::NotFound)?;
        citizens::set_password(command, deed.citizen, hash, engine.clock.now())?;
        citizen_sessions::delete_of(command, deed.citizen, Some(kept))?;
        let told = |is_there: bool| json!({ "password": is_there });
        note(engine, command, deed, "citizen.password", told(before.password.is_some()), told(hash.is_some()))
    })
}

/// Ends one session of somebody's, or all but the one they are in.
pub fn end_sessions(engine: &Engine, deed: &Deed, one: Option<CitizenSessionId>, own: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        let count = match one {
            Some(id) => usize::from(citizen_sessions::delete_one(command, deed.citizen, id)?),
            None => citizen_sessions::delete_of(command, deed.citizen, Some(own))?,
        };
        note(engine, command, deed, "citizen.leave", json!(null), json!({ "count": count }))
    })
}

/// Ends the session that somebody leaves by themselves, on every site.
pub fn left(engine: &Engine, deed: &Deed, session: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        if !citizen_sessions::delete_one(command, deed.citizen, session)? {
            return Ok(());
        }
        note(engine, command, deed, "citizen.out", json!(null), json!(null))
    })
}

/// Keeps that somebody has proved once more who they are, before a grave deed.
pub fn proved(engine: &Engine, deed: &Deed, session: CitizenSessionId) -> Result<()> {
    engine.store.command(|command| {
        citizen_sessions::prove(command, session, engine.clock.now())?;
        note(engine, command, deed, "citizen.prove", json!(null), json!(null))
    })
}

/// Notes that somebody took away all that is known of them.
pub fn exported(engine: &Engine, deed: &Deed) -> Result<()> {
    engine.store.command(|command| note(engine, command, deed, "citizen.export", json!(null), json!(null)))
}

/// Closes somebody's account: everything personal is gone at once, and they are signed out everywhere.
pub fn close(engine: &Engine, deed: &Deed) -> Result<()> {
    engine.store.command(|command| {
        let own = find(&engine.vault, command, deed.citizen)?.ok_or(CommandError::NotFound)?;
        check_may_close(engine, &own)?;
        shut(engine, command, deed, "own")
    })
}

/// Closes the account of a minor whose guardian consents no more.
pub fn withdraw_consent(engine: &Engine, guardian: &Recipient, id: CitizenId, address: &str) -> Result<()> {
    engine.store.command(|command| {
        let theirs = list_by_guardian(&engine.vault, command, guardian)?;
        let child = theirs.iter().find(|child| child.id == id).ok_or(CommandError::NotFound)?;
        check_may_close(engine, child)?;
        shut(engine, command, &Deed { citizen: child.id, address: address.to_owned() }, "guardian")
    })
}

/// Has a minor who is old enough by now speak for themselves: their guardian says so.
pub fn end_guardianship(engine: &Engine, guardian: &Recipient, id: CitizenId, address: &str) -> Result<()> {
    engine.store.command(|command| {
        let theirs = list_by_guardian(&engine.vault, command, guardian)?;
        let child = theirs.iter().find(|child| child.id == id).ok_or(CommandError::NotFound)?;
        citizens::set_guardian(command, child.id, None)?;
        let deed = Deed { citizen: child.id, address: address.to_owned() };
        note(engine, command, &deed, "citizen.of_age", json!({ "guardian": true }), json!({ "guardian": false }))
    })
}

/// Whoever is shut out would come in anew with the same number once nothing is kept of it.
fn check_may_close(engine: &Engine, citizen: &Citizen) -> Result<()> {
    match citizen.suspension {
        Some(_) => refused(&format!("该账号已停用，恢复之前不能注销，请联系{}", engine.settings.citizens.contact)),
        None => Ok(()),
    }
}

/// Keeps how well it is known who somebody is: what the best of the services says that they are linked with. `source`: because of which.
pub(super) fn keep_real_name(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    id: CitizenId,
    source: &str,
) -> Result<()> {
    let before = citizens::find(command, id)?.ok_or(CommandError::NotFound)?.real_name;
    let level: RealName = citizen_links::best_level(command, id)?;
    if before == level {
        return Ok(());
    }
    citizens::set_real_name(command, id, level)?;
    let (before, after) = (json!({ "level": before }), json!({ "level": level, "source": source }));
    let record = audit::Record { action: "citizen.real_name", subject: subject(id), site: None, before, after };
    Ok(audit::append(command, actor, record, engine.clock.now())?)
}

fn shut(engine: &Engine, command: &mut Command<'_>, deed: &Deed, by: &str) -> Result<()> {
    citizen_sessions::delete_of(command, deed.citizen, None)?;
    citizen_link::forget(command, deed.citizen)?;
    applications::forget_citizen(command, deed.citizen)?;
    citizens::close(command, deed.citizen, engine.clock.now())?;
    note(engine, command, deed, "citizen.close", json!(null), json!({ "by": by }))
}

/// Nobody else may be reached there: whoever holds it could come in as either. Commands run one after another, so nobody comes in between.
fn check_free(vault: &Vault, command: &mut Command<'_>, recipient: &Recipient, own: Option<CitizenId>) -> Result<()> {
    match kept_by(vault, command, recipient)? {
        Some(other) if Some(other.id) != own => refused(&format!("该{}已被其他账号使用", recipient.kind().chinese())),
        _ => Ok(()),
    }
}

fn kept_by(vault: &Vault, connection: &mut Connection, recipient: &Recipient) -> Result<Option<SealedCitizen>> {
    let marks = vault.marks(column(recipient.kind()).name, recipient.text());
    Ok(citizens::find_by_marks(connection, recipient.kind(), &marks)?)
}

fn keep_recipient(
    vault: &Vault,
    command: &mut Command<'_>,
    id: CitizenId,
    kind: RecipientKind,
    recipient: Option<&Recipient>,
) -> Result<()> {
    let sealed: Marked = recipient.map(|recipient| marked(vault, column(kind), id, recipient.text()));
    Ok(citizens::set_recipient(command, id, kind, sealed)?)
}

fn keep_call(vault: &Vault, command: &mut Command<'_>, id: CitizenId, call: &str) -> Result<()> {
    let place = Place::new(CITIZEN_CALL.name, id.0);
    let sealed = (!call.is_empty()).then(|| vault.seal(place, call.as_bytes()).to_string());
    Ok(citizens::set_call(command, id, sealed.as_deref())?)
}

fn column(kind: RecipientKind) -> &'static Column {
    match kind {
        RecipientKind::Phone => &CITIZEN_PHONE,
        RecipientKind::Mail => &CITIZEN_MAIL,
    }
}

fn marked(vault: &Vault, column: &Column, id: CitizenId, text: &str) -> (String, String) {
    (vault.seal(Place::new(column.name, id.0), text.as_bytes()).to_string(), vault.mark(column.name, text))
}

fn opened(vault: &Vault, kept: SealedCitizen) -> Result<Citizen> {
    let id = kept.id;
    let open = |column: &Column, sealed: Option<String>| -> Result<Option<String>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let place = Place::new(column.name, id.0);
        let sealed: Sealed = sealed.parse().map_err(|_| vault::Error::Broken(place.to_string()))?;
        Ok(Some(vault.open_text(place, &sealed)?))
    };
    let (kind, guardian) = kept.guardian.unzip();
    let guardian = kind.zip(open(&GUARDIAN, guardian)?).map(|(kind, text)| Recipient::of(kind, text));
    Ok(Citizen {
        id,
        call: open(&CITIZEN_CALL, kept.call)?.unwrap_or_default(),
        phone: open(&CITIZEN_PHONE, kept.phone.map(|(sealed, _)| sealed))?.map(Recipient::Phone),
        mail: open(&CITIZEN_MAIL, kept.mail.map(|(sealed, _)| sealed))?.map(Recipient::Mail),
        guardian,
        real_name: kept.real_name,
        password_since: kept.password_since,
        terms: kept.terms,
        registered_at: kept.registered_at,
        suspension: kept.suspension,
    })
}

pub(super) fn note(
    engine: &Engine,
    command: &mut Command<'_>,
    deed: &Deed,
    action: &str,
    before: Value,
    after: Value,
) -> Result<()> {
    let record = audit::Record { action, subject: subject(deed.citizen), site: None, before, after };
    Ok(audit::append(command, &actor(deed), record, engine.clock.now())?)
}

/// Whoever does something about themselves, as the audit log names them.
pub(super) fn actor(deed: &Deed) -> Actor {
    Actor { user_id: None, name: format!("公众用户{}", deed.citizen), address: deed.address.clone() }
}

/// `citizen:42`, as the audit log names them.
pub fn subject(id: CitizenId) -> String {
    format!("citizen:{id}")
}
