//! Accounts: who can sign in at all, which only who manages all people and the command line say. Passwords come as
//! hashes; the one an account begins with is also known to whoever made it, so it is changed at the first sign-in.

use chrono::NaiveDateTime;
use model::person::is_username;
use model::text::is_plain_line;
use model::{
    AccountDeed, AccountState, Actor, Grant, Password, PasswordOrigin, Permission, Problem, Roles, User, UserId, sign_in_policy,
};
use serde_json::json;
use store::{Command, api_tokens, audit, begun_sign_ins, groups, people, roles, sessions, sites};

use super::membership::{check_grant, conflict, is_last, may_grant};
use super::{CommandError, Result, contact, refused, seal, upstream_link};
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
    /// Who chose the password.
    pub origin: PasswordOrigin,
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
        let password = Password { hash: new.password_hash.clone(), origin: new.origin, since: now };
        let id = people::insert(command, &new.username, &new.display_name, &password, &new.grants, now)?;
        let held = new.grants.iter().map(|grant| grant.role).collect();
        let record = audit::Record {
            action: "user.add",
            subject: subject(id),
            site: new.grants.first().and_then(|grant| grant.ground.site()),
            before: json!(null),
            after: json!({ "username": new.username, "name": new.display_name, "roles": roles.names(&held) }),
        };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Gives the account whose password has the seal `seen` a new one, and ends its sessions. Whoever does so could sign in with it, so
/// they must be one who could have given it all that it holds. It is changed at the next sign-in, unless it is nobody else's (`origin`).
pub fn reset(engine: &Engine, actor: &Actor, id: UserId, seen: &str, password_hash: &str, origin: PasswordOrigin) -> Result<()> {
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
        if account.decided == AccountState::Left {
            return refused("该账号已办理离任，不能重置密码");
        }
        replace_password(command, &account, Password { hash: password_hash.to_owned(), origin, since: now }, now)?;
        // What somebody else made with the password that was lost ends with it.
        api_tokens::delete_of(command, id)?;
        upstream_link::forget(command, &account, now)?;
        // Who lost it has likely tried too often.
        people::set_state(command, id, account.decided)?;
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
    seal(&(account.id, &account.password.hash))
}

/// Replaces a password and ends every session; what is not taken again is remembered as long as the rules ask.
pub(super) fn replace_password(command: &mut Command<'_>, account: &User, password: Password, now: NaiveDateTime) -> Result<()> {
    let person = people::find_person(command, account.id, now)?;
    let rule = sign_in_policy().rule(person.is_some_and(|person| person.is_officer));
    people::set_password(command, account, &password, rule.earlier)?;
    begun_sign_ins::delete_of(command, account.id)?;
    sessions::delete_of(command, account.id, None)?;
    Ok(())
}

/// Does this with the account whose state has the seal `seen`. Who is shut out by it is signed out at once; who leaves holds nothing any
/// more and never comes back, while their name stays wherever it is written.
pub fn turn(engine: &Engine, actor: &Actor, id: UserId, seen: &str, deed: AccountDeed) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        let state = account.state(now);
        if state_seal(&account, now) != seen || !deed.fits(state) {
            return Err(CommandError::Stale);
        }
        let roles = roles::all(command)?;
        check_may_turn(command, actor, &account, &roles, deed, now)?;
        people::set_state(command, id, deed.decides())?;
        if deed.shuts_out() {
            begun_sign_ins::delete_of(command, id)?;
            sessions::delete_of(command, id, None)?;
        }
        let lost = if deed == AccountDeed::Leave { take_all(command, id, &roles)? } else { Vec::new() };
        if deed == AccountDeed::Leave {
            contact::forget(command, id)?;
            api_tokens::delete_of(command, id)?;
            upstream_link::forget(command, &account, now)?;
        }
        let record = audit::Record {
            action: action(deed),
            subject: subject(id),
            site: None,
            before: json!({ "state": state, "roles": lost }),
            after: json!({ "state": deed.decides(), "name": account.display_name, "username": account.username }),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Signs somebody out wherever they are; says at how many places that was.
pub fn end_sessions(engine: &Engine, actor: &Actor, id: UserId) -> Result<usize> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        if actor.user_id == Some(id) {
            return refused("不能在此退出本人的登录，请到“我的账号”操作");
        }
        check_may_give_all(command, actor, &account, "退出其登录", now)?;
        let count = sessions::delete_of(command, id, None)?;
        let record = audit::Record {
            action: "session.end",
            subject: subject(id),
            site: None,
            before: json!(null),
            after: json!({ "count": count, "name": account.display_name, "username": account.username }),
        };
        audit::append(command, actor, record, now)?;
        Ok(count)
    })
}

/// As the audit log names it.
fn action(deed: AccountDeed) -> &'static str {
    match deed {
        AccountDeed::Lock => "user.lock",
        AccountDeed::Unlock => "user.unlock",
        AccountDeed::Deactivate => "user.deactivate",
        AccountDeed::Activate => "user.activate",
        AccountDeed::Leave => "user.leave",
    }
}

/// Takes everything somebody holds, and takes them out of their groups; gives the names of the roles.
fn take_all(command: &mut Command<'_>, id: UserId, roles: &Roles) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for grant in people::list_grants(command, id)? {
        people::revoke(command, id, grant.role, grant.ground)?;
        groups::leave(command, grant.ground.site(), id)?;
        names.extend(roles.find(grant.role).map(|role| role.name.clone()));
    }
    Ok(names)
}

/// Accounts are for who manages the people of the whole platform, as they are now, and for commands typed on the server.
pub(super) fn check_manages_people(command: &mut Command<'_>, actor: &Actor, now: NaiveDateTime) -> Result<()> {
    let Some(id) = actor.user_id else { return Ok(()) };
    match people::find_person(command, id, now)? {
        Some(person) if person.may_everywhere(Permission::Staff) => Ok(()),
        _ => Err(CommandError::Forbidden),
    }
}

/// Stands for the state that an account was in when it was looked at.
pub fn state_seal(account: &User, now: NaiveDateTime) -> String {
    seal(&(account.id, account.state(now)))
}

/// Nobody is left without an administrator, and nobody shuts out whom they could not have appointed.
fn check_may_turn(
    command: &mut Command<'_>,
    actor: &Actor,
    account: &User,
    roles: &Roles,
    deed: AccountDeed,
    now: NaiveDateTime,
) -> Result<()> {
    if actor.user_id == Some(account.id) {
        return Err(CommandError::Refused(format!("不能对本人的账号{}，请由其他安全管理员操作", deed.chinese())));
    }
    check_may_give_all(command, actor, account, deed.chinese(), now)?;
    if !account.is_active() || !deed.shuts_out() {
        return Ok(());
    }
    let orphaned = orphaned_without(command, account, roles)?;
    if orphaned.is_empty() {
        return Ok(());
    }
    Err(CommandError::Refused(format!("该账号是{}，请先指定其他人员", orphaned.join("、"))))
}

/// What nobody else would look after, each as `青屿区唯一的站点管理员`.
pub(super) fn orphaned_without(command: &mut Command<'_>, account: &User, roles: &Roles) -> Result<Vec<String>> {
    let mut orphaned = Vec::new();
    for grant in people::list_grants(command, account.id)? {
        let Some(role) = roles.find(grant.role) else { continue };
        if is_last(command, role, grant.ground, account.id)? {
            let place = match grant.ground.site() {
                Some(site) => sites::find(command, site)?.map(|site| site.name).unwrap_or_default(),
                None => "平台".to_owned(),
            };
            orphaned.push(format!("{place}唯一的{}", role.name));
        }
    }
    Ok(orphaned)
}

/// Nobody does this to whom they could not have given everything they hold.
pub(super) fn check_may_give_all(
    command: &mut Command<'_>,
    actor: &Actor,
    account: &User,
    deed: &str,
    now: NaiveDateTime,
) -> Result<()> {
    let roles = roles::all(command)?;
    for grant in people::list_grants(command, account.id)? {
        let Some(role) = roles.find(grant.role) else { continue };
        if !may_grant(command, actor, role, grant.ground, now)? {
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
