//! Who works where and as what: the roles a person holds on a site, or on the platform as a whole.

use std::collections::BTreeSet;

use model::person::mixes_auditing;
use model::{Actor, Grant, Problem, Role, SiteId, User, UserId};
use serde_json::json;
use store::{Command, audit, groups, people};

use super::account::subject;
use super::{CommandError, Result, seal};
use crate::engine::Engine;

/// The roles among these grants that are held on just this site, or with none on the platform as a whole.
pub fn roles_on(grants: &[Grant], site: Option<SiteId>) -> BTreeSet<Role> {
    grants.iter().filter(|grant| grant.site_id == site).map(|grant| grant.role).collect()
}

/// Stands for the roles that a person held when they were looked at.
pub fn roles_seal(roles: &BTreeSet<Role>) -> String {
    seal(roles)
}

/// Takes a person who has an account, known by the whole of their username, in on a site or on the platform.
pub fn join(engine: &Engine, actor: &Actor, site: Option<SiteId>, username: &str, roles: &BTreeSet<Role>) -> Result<UserId> {
    engine.store.command(|command| {
        let mut problems = Vec::new();
        let account = people::find_by_username(command, username)?;
        match &account {
            None if username.is_empty() => problems.push(Problem::at("username", "请填写用户名")),
            None => problems.push(Problem::at("username", format!("没有账号“{username}”，请核对用户名，须完整填写"))),
            Some(account) if !account.active => problems.push(Problem::at("username", "该账号已停用，请联系平台管理员")),
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
    roles: &BTreeSet<Role>,
) -> Result<()> {
    engine.store.command(|command| {
        let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
        let held = roles_on(&people::list_grants(command, id)?, site);
        // Whoever is not of the site comes to it by their username alone.
        if held.is_empty() && site.is_some() {
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
    held: &BTreeSet<Role>,
    roles: &BTreeSet<Role>,
) -> Result<()> {
    let (given, taken): (Vec<Role>, Vec<Role>) =
        (roles.difference(held).copied().collect(), held.difference(roles).copied().collect());
    if given.is_empty() && taken.is_empty() {
        return Ok(());
    }
    for role in given.iter().chain(&taken) {
        if !may_grant(command, actor, Grant { role: *role, site_id: site })? {
            return invalid("roles", format!("您不能授予或取消“{}”角色", role.chinese()));
        }
    }
    if !given.is_empty() {
        check_auditing(command, site, account.id, roles)?;
    }
    if taken.contains(&Role::Administrator) {
        check_administrators(command, actor, site, account.id)?;
    }
    for role in given {
        people::grant(command, account.id, Grant { role, site_id: site })?;
    }
    for role in taken {
        people::revoke(command, account.id, Grant { role, site_id: site })?;
    }
    if roles.is_empty() {
        groups::leave(command, site, account.id)?;
    }
    let record = audit::Record {
        action: "user.grant",
        subject: subject(account.id),
        site,
        before: json!({ "roles": held }),
        after: json!({ "roles": roles, "name": account.display_name, "username": account.username }),
    };
    Ok(audit::append(command, actor, record, engine.clock.now())?)
}

/// Whoever audits does nothing else, here or elsewhere.
fn check_auditing(command: &mut Command<'_>, site: Option<SiteId>, id: UserId, roles: &BTreeSet<Role>) -> Result<()> {
    let mut grants: Vec<Grant> = people::list_grants(command, id)?.into_iter().filter(|grant| grant.site_id != site).collect();
    grants.extend(roles.iter().map(|role| Grant { role: *role, site_id: site }));
    if !mixes_auditing(&grants) {
        return Ok(());
    }
    let sentence = if roles.contains(&Role::Auditor) {
        "审计员不能兼任其他角色，请先取消该人员在全平台和各站点的其他角色"
    } else {
        "该人员是审计员，不能兼任其他角色"
    };
    invalid("roles", sentence.into())
}

/// Nobody gives up being the administrator, and one always stays.
fn check_administrators(command: &mut Command<'_>, actor: &Actor, site: Option<SiteId>, id: UserId) -> Result<()> {
    if actor.user_id == Some(id) {
        return invalid("roles", "不能取消本人的管理员角色，请由其他管理员操作".into());
    }
    if people::list_holding_role(command, Role::Administrator, site)? == [id] {
        let place = if site.is_some() { "本站" } else { "平台" };
        return invalid("roles", format!("{place}至少保留一名管理员，请先指定其他管理员"));
    }
    Ok(())
}

/// Whether the actor may give or take this, as they are now; commands typed on the server may.
pub(super) fn may_grant(command: &mut Command<'_>, actor: &Actor, grant: Grant) -> Result<bool> {
    let Some(id) = actor.user_id else { return Ok(true) };
    Ok(people::find_person(command, id)?.is_some_and(|person| person.may_grant(grant)))
}

/// “甲”“乙”
pub(super) fn named(names: &[String]) -> String {
    format!("“{}”", names.join("”“"))
}

fn invalid<T>(field: &'static str, message: String) -> Result<T> {
    Err(CommandError::Invalid(vec![Problem::at(field, message)]))
}
