//! 公众用户 as whoever manages all people looks after them: found by what somebody says is theirs, looked at, shut out (停用) and let in
//! again. They cannot be browsed, and all of it is in the audit log, which knows the number of an account alone.

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use model::proof::personal;
use model::{Actor, Citizen, CitizenId, Permission, Problem, Recipient, Suspension, citizen_policy, from_local, local};
use serde_json::json;
use store::{Command, audit, citizen_sessions, citizens};

use super::citizen::{self, subject};
use super::{CommandError, Result, refused, rights, seal, withdrawal};
use crate::engine::Engine;

/// Digits of the number of an account at most; a phone has more.
const LONGEST_NUMBER: usize = 10;

/// By what a citizen is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Where they are reached, the whole of it.
    Recipient(Recipient),
    /// The number of their account.
    Number(CitizenId),
}

impl Asked {
    /// What was typed in a field, or what is wrong with it.
    pub fn typed(field: &'static str, text: &str) -> std::result::Result<Self, Vec<Problem>> {
        let text = text.trim();
        if text.is_empty() {
            return Err(vec![Problem::at(field, "请填写手机号、电子邮箱或账号编号")]);
        }
        let is_number = text.len() <= LONGEST_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if is_number => Ok(Self::Number(number)),
            _ => Recipient::typed(field, text).map(Self::Recipient),
        }
    }

    /// What it is, as the log may say.
    fn kind(&self) -> &'static str {
        match self {
            Self::Recipient(recipient) => recipient.kind().as_str(),
            Self::Number(_) => "number",
        }
    }
}

/// What is shown of a citizen.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Who.
    pub citizen: Citizen,
    /// On how many devices they are signed in.
    pub devices: usize,
    /// When they last came in, UTC.
    pub last_in: Option<NaiveDateTime>,
}

/// Whose this is. That it was asked is on record, whether or not anybody was found; what was asked is not.
pub fn seek(engine: &Engine, actor: &Actor, asked: &Asked) -> Result<Option<CitizenId>> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        rights::check_everywhere(command, actor, Permission::Staff, now)?;
        check_pace(command, actor, now)?;
        let found = match asked {
            Asked::Recipient(recipient) => citizen::find_by_recipient(&engine.vault, command, recipient)?.map(|(one, _)| one.id),
            Asked::Number(id) => citizens::find(command, *id)?.map(|one| one.id),
        };
        let record = audit::Record {
            action: "citizen.seek",
            subject: found.map_or_else(|| "platform".to_owned(), subject),
            site: None,
            before: json!(null),
            after: json!({ "by": asked.kind(), "found": found.is_some() }),
        };
        audit::append(command, actor, record, now)?;
        Ok(found)
    })
}

/// What is known of a citizen. That somebody looked is on record, once a day; also where there is none.
pub fn look(engine: &Engine, actor: &Actor, id: CitizenId) -> Result<Overview> {
    let (now, rule) = (engine.clock.now(), citizen_policy().sessions);
    let today = from_local(local(now).date_naive().and_time(NaiveTime::MIN));
    let found = engine.store.command(|command| -> Result<_> {
        rights::check_everywhere(command, actor, Permission::Staff, now)?;
        let found = citizen::find(&engine.vault, command, id)?;
        if !audit::was_done(command, actor.author(), ("citizen.look", &subject(id)), None, today)? {
            check_pace(command, actor, now)?;
            let record = audit::Record {
                action: "citizen.look",
                subject: subject(id),
                site: None,
                before: json!(null),
                after: if found.is_some() { json!(null) } else { json!({ "found": false }) },
            };
            audit::append(command, actor, record, now)?;
        }
        let Some(citizen) = found else { return Ok(None) };
        let sessions = citizen_sessions::list(command, id, now - rule.longest())?;
        Ok(Some(Overview {
            citizen,
            devices: sessions.iter().filter(|one| rule.holds(one.opened, one.seen, now)).count(),
            last_in: audit::last_of_citizen(command, id, &["citizen.open", "citizen.register"])?,
        }))
    })?;
    found.ok_or(CommandError::NotFound)
}

/// Nobody goes through the citizens of a city one by one: helping somebody takes longer than that.
fn check_pace(command: &mut Command<'_>, actor: &Actor, now: NaiveDateTime) -> Result<()> {
    let most = citizen_policy().oversight.per_hour;
    let so_far = audit::count_deeds(command, actor.author(), &["citizen.seek", "citizen.look"], now - TimeDelta::hours(1))?;
    if so_far < most.into() {
        return Ok(());
    }
    refused(&format!("您一小时内查找、查看公众用户已满{most}次，请稍后再操作"))
}

/// Shuts out the citizen who was seen to be let in, and ends all their sessions, on every site with it.
pub fn suspend(engine: &Engine, actor: &Actor, id: CitizenId, seen: &str, reason: &str) -> Result<()> {
    let reason = checked(reason)?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        if seen_as(command, engine, actor, id, seen)?.is_some() {
            return refused("该账号已停用");
        }
        citizens::set_suspension(command, id, Some(&Suspension { since: now, reason: reason.to_owned() }))?;
        let ended = citizen_sessions::delete_of(command, id, None)?;
        let record = audit::Record {
            action: "citizen.suspend",
            subject: subject(id),
            site: None,
            before: json!(null),
            after: json!({ "reason": reason, "ended": ended }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Lets the citizen in again who was seen to be shut out.
pub fn reinstate(engine: &Engine, actor: &Actor, id: CitizenId, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let Some(suspension) = seen_as(command, engine, actor, id, seen)? else { return refused("该账号未停用") };
        citizens::set_suspension(command, id, None)?;
        // Whoever came in while they were being shut out has a session that opened nothing since.
        citizen_sessions::delete_of(command, id, None)?;
        let record = audit::Record {
            action: "citizen.reinstate",
            subject: subject(id),
            site: None,
            before: json!({ "reason": suspension.reason }),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Why somebody who has proved who they are is not let in; that they came is on record.
pub fn keep_out(engine: &Engine, deed: &citizen::Deed) -> Result<Option<Suspension>> {
    let found = engine.store.read(|connection| citizens::find(connection, deed.citizen))?;
    let suspension = found.and_then(|one| one.suspension);
    if suspension.is_some() {
        citizen::kept_out(engine, Some(deed.citizen), &deed.address, false)?;
    }
    Ok(suspension)
}

/// Stands for whether, since when and why somebody is shut out.
pub fn suspension_seal(citizen: &Citizen) -> String {
    seal(&(citizen.id, &citizen.suspension))
}

/// As they are shut out now, which must be as it was seen.
fn seen_as(command: &mut Command<'_>, engine: &Engine, actor: &Actor, id: CitizenId, seen: &str) -> Result<Option<Suspension>> {
    rights::check_everywhere(command, actor, Permission::Staff, engine.clock.now())?;
    let citizen = citizen::find(&engine.vault, command, id)?.ok_or(CommandError::NotFound)?;
    if suspension_seal(&citizen) != seen {
        return Err(CommandError::Stale);
    }
    Ok(citizen.suspension)
}

/// A reason that is one, and that names nobody: it is told, and stays in the log.
fn checked(reason: &str) -> Result<&str> {
    let reason = withdrawal::given(reason, "请填写停用原因，当事人登录时会看到")?;
    if reason.contains('@') || !personal("reason", reason).is_empty() {
        let told = "停用原因会告知当事人并记入审计日志，请勿填写手机号、邮箱、证件号码等个人信息";
        return Err(CommandError::Invalid(vec![Problem::at("reason", told)]));
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_a_whole_phone_a_mailbox_or_a_number() {
        let asked = |text| Asked::typed("asked", text);
        assert_eq!(asked(" 17 "), Ok(Asked::Number(CitizenId(17))));
        assert_eq!(asked("138 0013 8000"), Ok(Asked::Recipient(Recipient::Phone("13800138000".into()))));
        assert_eq!(asked("Li@example.com"), Ok(Asked::Recipient(Recipient::Mail("li@example.com".into()))));
        for part in ["", "138****8000", "李明", "22345678901", "-3", "99999999999999999999"] {
            assert!(asked(part).is_err(), "{part}");
        }
    }

    #[test]
    fn a_reason_names_nobody() {
        assert_eq!(checked(" 多次冒用他人身份 ").unwrap(), "多次冒用他人身份");
        for wrong in ["", "   ", "其手机13800138000冒用", "来信 li@example.com"] {
            assert!(matches!(checked(wrong), Err(CommandError::Invalid(problems)) if problems[0].field == "reason"), "{wrong}");
        }
    }
}
