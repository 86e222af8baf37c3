//! Who works where and as what: the roles a person holds on a site, or on the platform as a whole.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use model::{Actor, Duty, Grant, Ground, Problem, Role, RoleId, Roles, SiteId, User, UserId};
use serde_json::json;
use store::{Command, audit, groups, people, roles};

use super::account::subject;
use super::{CommandError, Result, seal, upstream_link};
use crate::engine::Engine;

/// The roles among these grants that are held for good on the whole of just this site, or with none on the platform.
pub fn roles_on(grants: &[Grant], site: Option<SiteId>) -> BTreeSet<RoleId> {
    grants.iter().filter(|grant| **grant == Grant::lasting(grant.role, Ground::whole(site))).map(|grant| grant.role).collect()
}

/// Stands for the roles that a person held when they were looked at.
pub fn roles_seal(roles: &BTreeSet<RoleId>) -> String {
    seal(roles)
}

/// Takes a person who has an account, known by the whole of their username, in on a site or on the platform.
pub fn join(engine: &Engine, actor: &Actor, site: Option<SiteId>, username: &str, roles: &BTreeSet<RoleId>) -> Result<UserId> {
    engine.store.command(|command| {
        let mut problems = Vec::new();
        let account = people::find_by_username(command, username)?;
        match &account {
            None if username.is_empty() => problems.push(Problem::at("username", "请填写用户名")),
            None => problems.push(Problem::at("username", format!("没有账号“{username}”，请核对用户名，须完整填写"))),
            Some(account) if !account.is_active() => {
                let sentence = format!("该账号{}，请联系安全管理员", account.decided.chinese());
                problems.push(Problem::at("username", sentence));
            }
            Some(_) => {}
        }
        if roles.is_empty() {
            problems.push(Problem::at("roles", "请至少选择一个角色"));
        }
        let Some(account) = account.filter(|_| problems.is_empty()) else { return Err(CommandError::Invalid(problems)) };
        let held = roles_on(&people::list_grants(command, account.id)?, site);
        if !held.is_empty() {
            return invalid("username", format!("{}已在人员列表中，请在其页面上调整角色", account.display_name));
        }
        set(command, engine, actor, site, &account, &held, roles)?;
        Ok(account.id)
    })
}

/// Puts `roles` in the place of those whose seal is `seen`. With no role left the person does not belong there any more.
pub fn change(
    engine: &Engine,
    actor: &Actor,
    site: Option<SiteId>,
    id: UserId,
    seen: &str,
    roles: &BTreeSet<RoleId>,
) -> Result<()> {
    engine.store.command(|command| {
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        let grants = people::list_grants(command, id)?;
        let held = roles_on(&grants, site);
        // Whoever is not of the site comes to it by their username alone.
        if site.is_some() && grants.iter().all(|grant| grant.ground.site() != site) {
            return Err(CommandError::NotFound);
        }
        if roles_seal(&held) != seen {
            return Err(CommandError::Stale);
        }
        set(command, engine, actor, site, &account, &held, roles)
    })
}

fn set(
    command: &mut Command<'_>,
    engine: &Engine,
    actor: &Actor,
    site: Option<SiteId>,
    account: &User,
    held: &BTreeSet<RoleId>,
    roles: &BTreeSet<RoleId>,
) -> Result<()> {
    let (given, taken): (Vec<RoleId>, Vec<RoleId>) =
        (roles.difference(held).copied().collect(), held.difference(roles).copied().collect());
    let limited: Vec<Grant> = people::list_grants(command, account.id)?
        .into_iter()
        .filter(|grant| roles.is_empty() && grant.is_limited() && grant.ground.site() == site)
        .collect();
    if given.is_empty() && taken.is_empty() && limited.is_empty() {
        return Ok(());
    }
    let (now, known) = (engine.clock.now(), roles::all(command)?);
    for role in given.iter().chain(&taken) {
        if let Some(problem) = check_grant(command, actor, &known, Grant::lasting(*role, Ground::whole(site)), now)? {
            return Err(CommandError::Invalid(vec![problem]));
        }
    }
    if !given.is_empty() {
        let elsewhere = people::list_grants(command, account.id)?.into_iter().filter(|grant| grant.ground != Ground::whole(site));
        if let Some(problem) = conflict(&known, elsewhere.map(|grant| grant.role).chain(roles.iter().copied())) {
            return Err(CommandError::Invalid(vec![problem]));
        }
    }
    for role in taken.iter().filter_map(|role| known.find(*role)) {
        check_stays(command, actor, role, Ground::whole(site), account.id)?;
    }
    for role in given {
        people::revoke(command, account.id, role, Ground::whole(site))?;
        people::grant(command, account.id, Grant::lasting(role, Ground::whole(site)))?;
        upstream_link::is_given(command, account.id, (role, Ground::whole(site)))?;
    }
    for role in taken {
        people::revoke(command, account.id, role, Ground::whole(site))?;
    }
    // Who is of the place no more has nothing left there within limits either.
    for grant in limited {
        people::revoke(command, account.id, grant.role, grant.ground)?;
    }
    if roles.is_empty() {
        groups::leave(command, site, account.id)?;
    }
    let record = audit::Record {
        action: "user.grant",
        subject: subject(account.id),
        site,
        before: json!({ "roles": known.names(held) }),
        after: json!({ "roles": known.names(roles), "name": account.display_name, "username": account.username }),
    };
    Ok(audit::append(command, actor, record, now)?)
}

/// What is wrong with giving this to somebody, or taking it from them.
pub(super) fn check_grant(
    command: &mut Command<'_>,
    actor: &Actor,
    roles: &Roles,
    grant: Grant,
    now: NaiveDateTime,
) -> Result<Option<Problem>> {
    let Some(role) = roles.find(grant.role) else { return Ok(Some(Problem::at("roles", "没有这个角色"))) };
    if !role.fits(grant.ground) {
        let place = match grant.ground {
            Ground::Platform => "全平台",
            Ground::Site(_) => "单个站点",
            Ground::Channel(..) => "单个栏目",
        };
        return Ok(Some(Problem::at("roles", format!("“{}”不能在{place}范围内授予", role.name))));
    }
    if !may_grant(command, actor, role, grant.ground, now)? {
        return Ok(Some(Problem::at("roles", format!("您不能授予或取消“{}”角色", role.name))));
    }
    Ok(None)
}

/// Why nobody may hold all of these together: 三员分立.
pub(super) fn conflict(roles: &Roles, held: impl IntoIterator<Item = RoleId>) -> Option<Problem> {
    let told = |duty| match duty {
        Duty::Audit => "审计管理员",
        Duty::Security => "安全管理员",
        Duty::System => "系统管理员",
        Duty::Business => "业务角色",
    };
    let (alone, other) = roles.conflict(held)?;
    Some(Problem::at(
        "roles",
        format!("{}不能与{}由同一人担任，请先取消该人员在全平台和各站点的其他角色", told(alone), told(other)),
    ))
}

/// Nobody gives up what a place cannot do without, and somebody always stays who has it.
fn check_stays(command: &mut Command<'_>, actor: &Actor, role: &Role, ground: Ground, id: UserId) -> Result<()> {
    if role.is_indispensable() && actor.user_id == Some(id) {
        return invalid("roles", format!("不能取消本人的“{}”角色，请由其他人员操作", role.name));
    }
    if is_last(command, role, ground, id)? {
        let place = if ground == Ground::Platform { "平台" } else { "本站" };
        return invalid("roles", format!("{place}至少保留一名{}，请先指定其他人员", role.name));
    }
    Ok(())
}

/// Whether the place would be without what it cannot do without.
pub(super) fn is_last(command: &mut Command<'_>, role: &Role, ground: Ground, id: UserId) -> Result<bool> {
    Ok(role.is_indispensable() && people::list_holding_role(command, role.id, ground.site())? == [id])
}

/// Whether the actor may give or take this, as they are now; commands typed on the server may.
pub(super) fn may_grant(
    command: &mut Command<'_>,
    actor: &Actor,
    role: &Role,
    ground: Ground,
    now: NaiveDateTime,
) -> Result<bool> {
    let Some(id) = actor.user_id else { return Ok(true) };
    Ok(people::find_person(command, id, now)?.is_some_and(|person| person.may_grant(role, ground)))
}

fn invalid<T>(field: &'static str, message: String) -> Result<T> {
    Err(CommandError::Invalid(vec![Problem::at(field, message)]))
}
