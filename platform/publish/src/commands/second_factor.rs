//! Second factors: what somebody sets up, renames and removes for themselves, and what is taken from them when they lost it.

use factors::{AppSecret, hash_code};
use model::second_factor::LONGEST_NAME;
use model::text::is_plain_line;
use model::{AccountState, Actor, FactorId, FactorKind, Problem, SecondFactor, User, UserId, sign_in_policy};
use serde_json::json;
use store::sealed::APP_SECRET;
use store::{Command, api_tokens, audit, begun_sign_ins, people, recovery_codes, second_factors, sessions};
use vault::Place;

use super::account::{check_manages_people, check_may_give_all, subject};
use super::{CommandError, Result, refused, seal, upstream_link};
use crate::engine::Engine;

/// Where the secret of an app belongs.
pub fn place(id: FactorId) -> Place {
    Place::new(APP_SECRET.name, id.0)
}

/// What is to be added.
#[derive(Debug)]
pub enum New {
    /// An app with this secret, which showed the code of this step.
    App(AppSecret, i64),
    /// A passkey, as it is kept.
    Passkey(String),
}

impl New {
    fn kind(&self) -> FactorKind {
        match self {
            Self::App(..) => FactorKind::App,
            Self::Passkey(_) => FactorKind::Passkey,
        }
    }
}

/// Adds one to one's own. With the first come recovery codes, of which `codes` are told; says whether they are theirs now.
pub fn add(engine: &Engine, actor: &Actor, name: &str, new: &New, codes: &[String]) -> Result<bool> {
    let (now, user) = (engine.clock.now(), own(actor)?);
    let (name, hashes) = (checked(name, new.kind())?, hashes(codes));
    engine.store.command(|command| {
        let is_first = !second_factors::has_any(command, user)?;
        let passkey = if let New::Passkey(passkey) = new { Some(passkey.as_str()) } else { None };
        let id = second_factors::insert(command, user, new.kind(), &name, passkey, now)?;
        if let New::App(secret, step) = new {
            let sealed = engine.vault.seal(place(id), secret.bytes()).to_string();
            second_factors::set_secret(command, id, &sealed, *step)?;
        }
        if is_first {
            recovery_codes::replace(command, user, &hashes)?;
        }
        note(command, engine, actor, "factor.add", json!(null), json!({ "kind": new.kind(), "name": name }))?;
        Ok(is_first)
    })
}

/// Gives one of one's own another name.
pub fn rename(engine: &Engine, actor: &Actor, id: FactorId, name: &str) -> Result<()> {
    let user = own(actor)?;
    engine.store.command(|command| {
        let factor = second_factors::find(command, user, id)?.ok_or(CommandError::NotFound)?;
        let name = checked(name, factor.kind)?;
        if name == factor.name {
            return Ok(());
        }
        second_factors::rename(command, user, id, &name)?;
        note(
            command,
            engine,
            actor,
            "factor.rename",
            json!({ "name": factor.name }),
            json!({ "kind": factor.kind, "name": name }),
        )
    })
}

/// Removes one of one's own, but not the last of whoever must have one. With the last go the recovery codes.
pub fn remove(engine: &Engine, actor: &Actor, id: FactorId) -> Result<()> {
    let (now, user) = (engine.clock.now(), own(actor)?);
    engine.store.command(|command| {
        let all = second_factors::list(command, user)?;
        let factor = all.iter().find(|factor| factor.id == id).ok_or(CommandError::NotFound)?;
        let is_last = all.len() == 1;
        let person = people::find_person(command, user, now)?.ok_or(CommandError::Forbidden)?;
        if is_last && is_required(engine, person.is_officer) {
            return refused("您的职责要求设置二次验证，不能移除最后一个验证方式；如需更换，请先添加新的");
        }
        second_factors::delete(command, user, id)?;
        if is_last {
            recovery_codes::delete_of(command, user)?;
        }
        note(command, engine, actor, "factor.remove", json!({ "kind": factor.kind, "name": factor.name }), json!(null))
    })
}

/// Takes other recovery codes in the place of one's own.
pub fn renew_codes(engine: &Engine, actor: &Actor, codes: &[String]) -> Result<()> {
    let (user, hashes) = (own(actor)?, hashes(codes));
    engine.store.command(|command| {
        if !second_factors::has_any(command, user)? {
            return refused("请先添加验证器或通行密钥，再生成恢复码");
        }
        recovery_codes::replace(command, user, &hashes)?;
        note(command, engine, actor, "factor.codes", json!(null), json!({ "count": hashes.len() }))
    })
}

/// Uses up a recovery code; says whether it was theirs and unused.
pub fn use_code(engine: &Engine, user: &User, address: &str, hash: &str) -> Result<bool> {
    let now = engine.clock.now();
    let actor = Actor { user_id: Some(user.id), name: user.display_name.clone(), address: address.to_owned() };
    engine.store.command(|command| {
        if !recovery_codes::use_up(command, user.id, hash, now)? {
            return Ok(false);
        }
        let left = recovery_codes::count_unused(command, user.id)?;
        note(command, engine, &actor, "factor.recover", json!(null), json!({ "left": left }))?;
        Ok(true)
    })
}

/// Takes everything from somebody who lost it, for what was seen, and signs them out: whoever must have a second factor sets up another when
/// they come in next. Who does so could have given them all that they hold.
pub fn reset(engine: &Engine, actor: &Actor, id: UserId, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        if actor.user_id == Some(id) {
            return refused("不能重置本人的二次验证，请到“我的账号”更换");
        }
        check_may_give_all(command, actor, &account, "重置其二次验证", now)?;
        let had = second_factors::list(command, id)?;
        if factors_seal(&had) != seen || had.is_empty() || account.decided == AccountState::Left {
            return Err(CommandError::Stale);
        }
        let count = second_factors::delete_of(command, id)?;
        recovery_codes::delete_of(command, id)?;
        begun_sign_ins::delete_of(command, id)?;
        sessions::delete_of(command, id, None)?;
        api_tokens::delete_of(command, id)?;
        upstream_link::forget(command, &account, now)?;
        let record = audit::Record {
            action: "factor.reset",
            subject: subject(id),
            site: None,
            before: json!({ "count": count }),
            after: json!({ "name": account.display_name, "username": account.username }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Stands for what somebody had when it was looked at.
pub fn factors_seal(had: &[SecondFactor]) -> String {
    seal(&had.iter().map(|factor| (factor.id, factor.added_at)).collect::<Vec<_>>())
}

/// Whether whoever is an officer, or is none, must have a second factor here.
pub fn is_required(engine: &Engine, is_officer: bool) -> bool {
    engine.settings.web.second_factor.binds(sign_in_policy().rule(is_officer).second_factor)
}

fn checked(name: &str, kind: FactorKind) -> Result<String> {
    let name = match name.trim() {
        "" => kind.chinese(),
        name => name,
    };
    if name.chars().count() > LONGEST_NAME || !is_plain_line(name) {
        let problem = Problem::at("name", format!("名称不超过{LONGEST_NAME}字，不含特殊字符"));
        return Err(CommandError::Invalid(vec![problem]));
    }
    Ok(name.to_owned())
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().filter_map(|code| hash_code(code)).collect()
}

fn note(
    command: &mut Command<'_>,
    engine: &Engine,
    actor: &Actor,
    action: &'static str,
    before: serde_json::Value,
    after: serde_json::Value,
) -> Result<()> {
    let record = audit::Record { action, subject: subject(own(actor)?), site: None, before, after };
    Ok(audit::append(command, actor, record, engine.clock.now())?)
}

/// Only a person has factors of their own.
fn own(actor: &Actor) -> Result<UserId> {
    actor.user_id.ok_or(CommandError::Forbidden)
}
