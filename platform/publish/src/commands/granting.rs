//! What somebody holds besides their roles on the whole of a site or of the platform: for a channel and all below it, or until a time.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use model::{Actor, Grant, Ground, Lane, Problem, RoleId, Roles, SiteId, User, UserId, local};
use serde_json::{Value, json};
use store::{Command, audit, channels, people, roles};

use super::account::subject;
use super::membership::{check_grant, conflict};
use super::{CommandError, Result};
use crate::engine::Engine;
use crate::task::Task;

/// Roles that are to be given together.
#[derive(Clone, Debug)]
pub struct Limited {
    /// Which.
    pub roles: BTreeSet<RoleId>,
    /// Where.
    pub ground: Ground,
    /// Until when, UTC; none: until they are taken.
    pub until: Option<NaiveDateTime>,
}

/// Gives somebody who belongs there roles within limits. One that they hold on the same ground within other limits is held within these.
pub fn give(engine: &Engine, actor: &Actor, id: UserId, limited: &Limited) -> Result<()> {
    let now = engine.clock.now();
    let site = limited.ground.site();
    engine.store.command(|command| {
        let account = belonging(command, actor, site, id)?;
        let known = roles::all(command)?;
        check(command, actor, &account, &known, limited, now)?;
        for role in &limited.roles {
            let grant = Grant { role: *role, ground: limited.ground, until: limited.until };
            people::revoke(command, id, *role, limited.ground)?;
            people::grant(command, id, grant)?;
            let record = audit::Record {
                action: "grant.give",
                subject: subject(id),
                site,
                before: json!(null),
                after: told(command, &account, &known, grant)?,
            };
            audit::append(command, actor, record, now)?;
        }
        if let Some(until) = limited.until {
            Task::Lapse(id).enqueue(command, Lane::Urgent, until)?;
        }
        Ok(())
    })
}

/// Takes what somebody holds within limits.
pub fn take(engine: &Engine, actor: &Actor, id: UserId, role: RoleId, ground: Ground) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let account = belonging(command, actor, ground.site(), id)?;
        let held = people::list_grants(command, id)?.into_iter().find(|grant| (grant.role, grant.ground) == (role, ground));
        let grant = held.filter(Grant::is_limited).ok_or(CommandError::Stale)?;
        let known = roles::all(command)?;
        if let Some(problem) = check_grant(command, actor, &known, grant, now)? {
            return Err(CommandError::Invalid(vec![problem]));
        }
        people::revoke(command, id, role, ground)?;
        let record = audit::Record {
            action: "grant.take",
            subject: subject(id),
            site: ground.site(),
            before: told(command, &account, &known, grant)?,
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Takes away what somebody held until a time that has come. It permitted nothing from that second on; this tells it.
pub(crate) fn lapse(engine: &Engine, id: UserId) -> Result<()> {
    let now = engine.clock.now();
    let platform = Actor::platform();
    engine.store.command(|command| {
        let Some(account) = people::find(command, id)? else { return Ok(()) };
        let known = roles::all(command)?;
        for grant in people::list_grants(command, id)?.into_iter().filter(|grant| grant.until.is_some_and(|until| until <= now)) {
            people::revoke(command, id, grant.role, grant.ground)?;
            let before = told(command, &account, &known, grant)?;
            let site = grant.ground.site();
            let record = audit::Record { action: "grant.lapse", subject: subject(id), site, before, after: json!(null) };
            audit::append(command, &platform, record, now)?;
        }
        Ok(())
    })
}

/// The account, if it holds anything there: whoever does not comes by their username alone, which commands typed on the server say.
pub(super) fn belonging(command: &mut Command<'_>, actor: &Actor, site: Option<SiteId>, id: UserId) -> Result<User> {
    let account = people::find(command, id)?.ok_or(CommandError::NotFound)?;
    let is_named = site.is_none() || actor.user_id.is_none();
    let belongs = is_named || people::list_grants(command, id)?.iter().any(|grant| grant.ground.site() == site);
    if belongs { Ok(account) } else { Err(CommandError::NotFound) }
}

fn check(
    command: &mut Command<'_>,
    actor: &Actor,
    account: &User,
    known: &Roles,
    limited: &Limited,
    now: NaiveDateTime,
) -> Result<()> {
    let mut problems = Vec::new();
    if limited.roles.is_empty() {
        problems.push(Problem::at("limited", "请至少选择一个角色"));
    }
    if limited.until.is_some_and(|until| until <= now) {
        problems.push(Problem::at("until", "截止时间须晚于现在"));
    }
    match limited.ground {
        Ground::Channel(site, channel) if channels::find(command, site, channel)?.is_none() => {
            problems.push(Problem::at("ground", "没有这个栏目，请重新选择"));
        }
        Ground::Platform | Ground::Site(_) if limited.until.is_none() => {
            problems.push(Problem::at("until", "不限栏目的授权须填写截止时间；长期的请直接勾选角色"));
        }
        _ => {}
    }
    let held = people::list_grants(command, account.id)?;
    for role in &limited.roles {
        let grant = Grant { role: *role, ground: limited.ground, until: limited.until };
        if let Some(problem) = check_grant(command, actor, known, grant, now)? {
            problems.push(Problem::at("limited", problem.message));
        }
        let has_whole = held.iter().any(|one| !one.is_limited() && one.role == *role && one.ground.takes_in(limited.ground));
        if has_whole {
            let name = known.find(*role).map(|role| role.name.as_str()).unwrap_or_default();
            problems.push(Problem::at("limited", format!("{}已长期担任“{name}”，无须另行授权", account.display_name)));
        }
    }
    let together = held.iter().map(|grant| grant.role).chain(limited.roles.iter().copied());
    problems.extend(conflict(known, together).map(|problem| Problem::at("limited", problem.message)));
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// A grant as the audit log tells it.
fn told(command: &mut Command<'_>, account: &User, known: &Roles, grant: Grant) -> Result<Value> {
    let channel = match grant.ground {
        Ground::Channel(site, channel) => channels::find(command, site, channel)?.map(|channel| channel.name),
        Ground::Platform | Ground::Site(_) => None,
    };
    Ok(json!({
        "name": account.display_name,
        "username": account.username,
        "role": known.find(grant.role).map(|role| &role.name),
        "channel": channel,
        "until": grant.until.map(|until| local(until).format("%Y-%m-%d %H:%M").to_string()),
    }))
}
