//! Accounts: who can sign in at all, which only who manages all people and the command line say. Passwords come as
//! hashes; the one an account begins with is also known to whoever made it.

use chrono::NaiveDateTime;
use model::person::is_username;
use model::text::is_plain_line;
use model::{Actor, Grant, Permission, Problem, User, UserId};
use serde_json::json;
use store::{Command, audit, people, roles, sites};

use super::membership::{check_grant, conflict, is_last, may_grant};
use super::{CommandError, Result, refused, seal};
use crate::engine::Engine;

/// Characters of a name at most.
const LONGEST: usize = 30;

/// An account that is to be.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub username: String,
    /// The person's name.
    pub display_name: String,
    /// Of the password: Argon2id, PHC string.
    pub password_hash: String,
    /// What it holds from the beginning.
    pub grants: Vec<Grant>,
}

impl NewAccount {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let name = self.display_name.chars().count();
        if name == 0 {
            problems.push(Problem::at("display_name", "请填写姓名"));
        } else if name > LONGEST || !is_plain_line(&self.display_name) {
            problems.push(Problem::at("display_name", format!("姓名不超过{LONGEST}字，不含特殊字符")));
        }
        if !is_username(&self.username) {
            problems.push(Problem::at("username", "用户名为3至30个小写字母、数字或 - _ .，以字母或数字开头"));
        }
        problems
    }
}

/// Adds an account with what it holds, none of it beyond what `actor` may give. Whoever makes an account knows how to sign in
/// with it, so nobody makes colleagues of their own site.
pub fn add(engine: &Engine, actor: &Actor, new: &NewAccount) -> Result<UserId> {
    let mut problems = new.problems();
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let roles = roles::all(command)?;
        problems.extend(conflict(&roles, new.grants.iter().map(|grant| grant.role)));
        for grant in &new.grants {
            problems.extend(check_grant(command, actor, &roles, *grant, now)?);
        }
        if people::find_by_username(command, &new.username)?.is_some() {
            problems.push(Problem::at("username", "该用户名已被使用，请换一个；如是同一人，请按已有账号添加"));
        }
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        let id = people::insert(command, &new.username, &new.display_name, &new.password_hash, &new.grants, now)?;
        let held = new.grants.iter().map(|grant| grant.role).collect();
        let record = audit::Record {
            action: "user.add",
            subject: subject(id),
            site: new.grants.first().and_then(|grant| grant.site_id),
            before: json!(null),
            after: json!({ "username": new.username, "name": new.display_name, "roles": roles.names(&held) }),
        };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Gives the account whose password has the seal `seen` a new one, and ends its sessions. Whoever does so could sign in with it, so
/// they must be one who could have given it all that it holds.
pub fn reset(engine: &Engine, actor: &Actor, id: UserId, seen: &str, password_hash: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        if actor.user_id == Some(account.id) {
            return refused("不能重置本人的密码，请由其他安全管理员操作");
        }
        check_may_give_all(command, actor, &account, "重置其密码", now)?;
        // A form that is sent again would take the place of a password that was told to somebody.
        if password_seal(&account) != seen {
            return refused("该账号的密码刚刚已经重置；如因刷新页面，此前显示的密码仍然有效");
        }
        people::set_password(command, id, password_hash)?;
        let record = audit::Record {
            action: "user.reset",
            subject: subject(id),
            site: None,
            before: json!(null),
            after: json!({ "name": account.display_name, "username": account.username }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Stands for the password that an account had when it was looked at.
pub fn password_seal(account: &User) -> String {
    seal(&(account.id, &account.password_hash))
}

/// Says whether somebody may sign in (停用、恢复), as far as they may as the one whose seal is `seen`. Who may not any more is
/// signed out at once.
pub fn set_active(engine: &Engine, actor: &Actor, id: UserId, seen: &str, active: bool) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        if state_seal(&account) != seen || account.active == active {
            return Err(CommandError::Stale);
        }
        check_may_switch(command, actor, &account, now)?;
        people::set_active(command, id, active)?;
        let record = audit::Record {
            action: if active { "user.activate" } else { "user.deactivate" },
            subject: subject(id),
            site: None,
            before: json!({ "active": account.active }),
            after: json!({ "active": active, "name": account.display_name, "username": account.username }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Accounts are for who manages the people of the whole platform, as they are now, and for commands typed on the server.
fn check_manages_people(command: &mut Command<'_>, actor: &Actor, now: NaiveDateTime) -> Result<()> {
    let Some(id) = actor.user_id else { return Ok(()) };
    match people::find_person(command, id, now)? {
        Some(person) if person.may_everywhere(Permission::Staff) => Ok(()),
        _ => Err(CommandError::Forbidden),
    }
}

/// Stands for whether the account could sign in when it was looked at.
pub fn state_seal(account: &User) -> String {
    seal(&(account.id, account.active))
}

/// Nobody is left without an administrator, and nobody switches off whom they could not have appointed.
fn check_may_switch(command: &mut Command<'_>, actor: &Actor, account: &User, now: NaiveDateTime) -> Result<()> {
    if actor.user_id == Some(account.id) {
        return refused("不能停用本人的账号，请由其他安全管理员操作");
    }
    check_may_give_all(command, actor, account, "停用或恢复", now)?;
    if !account.active {
        return Ok(());
    }
    let roles = roles::all(command)?;
    let mut orphaned = Vec::new();
    for grant in people::list_grants(command, account.id)? {
        let Some(role) = roles.find(grant.role) else { continue };
        if is_last(command, role, grant.site_id, account.id)? {
            let place = match grant.site_id {
                Some(site) => sites::find(command, site)?.map(|site| site.name).unwrap_or_default(),
                None => "平台".to_owned(),
            };
            orphaned.push(format!("{place}唯一的{}", role.name));
        }
    }
    if orphaned.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused(format!("该账号是{}，请先指定其他人员", orphaned.join("、"))))
}

/// Nobody does this to whom they could not have given everything they hold.
fn check_may_give_all(command: &mut Command<'_>, actor: &Actor, account: &User, deed: &str, now: NaiveDateTime) -> Result<()> {
    let roles = roles::all(command)?;
    for grant in people::list_grants(command, account.id)? {
        let Some(role) = roles.find(grant.role) else { continue };
        if !may_grant(command, actor, role, grant.site_id, now)? {
            let sentence = format!("该账号是{}，您无权{deed}，请由运维人员在服务器上办理", role.name);
            return Err(CommandError::Refused(sentence));
        }
    }
    Ok(())
}

/// `user:42`, as the audit log names it.
pub(super) fn subject(id: UserId) -> String {
    format!("user:{id}")
}
