//! 上级账号关联: people link whom an upper-level service means with themselves, and sign in by it; what the groups there bring them comes and
//! goes with what the service says. Nobody is linked because a name or an address is the same.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use model::{Actor, Duty, Grant, Ground, LinkId, RoleId, Roles, Upstream, User, UserId};
use oidc::relying::Subject;
use serde_json::json;
use store::{Command, audit, begun_sign_ins, groups, people, roles, sessions, sites, upstream_links, upstreams};

use super::account::{check_manages_people, check_may_give_all, subject};
use super::linking::{self, CHANGED};
use super::membership::{conflict, is_last};
use super::{CommandError, Result, refused};
use crate::engine::Engine;

/// A role and where it is held.
type Held = (RoleId, Ground);

/// Links whom the service that was asked means with the person who was sent there.
pub fn link(engine: &Engine, actor: &Actor, asked: &Upstream, meant: &Subject) -> Result<()> {
    let (user, now) = (actor.user_id.ok_or(CommandError::Forbidden)?, engine.clock.now());
    engine.store.command(|command| {
        let Some(upstream) = &linking::current::<UserId>(command, asked)? else { return refused(CHANGED) };
        let account = people::find(command, user)?.filter(User::is_active).ok_or(CommandError::Forbidden)?;
        let id = linking::insert(command, engine, upstream, user, &meant.name)?;
        note(command, actor, &account, upstream, "upstream.link", now)?;
        follow(command, &account, id, upstream, &said(upstream, meant), now)
    })
}

/// Whose account it is that the service that was asked means, if it is linked. What its groups bring them now is theirs, where they may come in.
pub fn enter(engine: &Engine, asked: &Upstream, meant: &Subject) -> Result<Option<User>> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let Some(upstream) = &linking::current::<UserId>(command, asked)? else { return Ok(None) };
        let Some(link) = linking::find::<UserId>(command, &engine.vault, upstream, &meant.name)? else { return Ok(None) };
        let account = people::find(command, link.whose)?.ok_or(CommandError::NotFound)?;
        if account.may_sign_in(now) {
            upstream_links::note_use(command, link.id, now)?;
            follow(command, &account, link.id, upstream, &said(upstream, meant), now)?;
        }
        Ok(Some(account))
    })
}

/// Removes a link of one's own. Not while people have taken away what came by it: linked anew, it would come again.
pub fn unlink(engine: &Engine, actor: &Actor, id: LinkId) -> Result<()> {
    let (user, now) = (actor.user_id.ok_or(CommandError::Forbidden)?, engine.clock.now());
    engine.store.command(|command| {
        let account = people::find(command, user)?.ok_or(CommandError::NotFound)?;
        let held = people::list_grants(command, user)?;
        let is_theirs = upstream_links::list(command, user)?.iter().any(|link| link.id == id);
        let is_held = |brought: &Held| held.contains(&Grant::lasting(brought.0, brought.1));
        if is_theirs && !upstream_links::grants(command, id)?.iter().all(is_held) {
            return refused("管理员已取消随该上级账号授予的角色，解除关联须由安全管理员办理");
        }
        remove(command, actor, &account, id, now)
    })
}

/// Removes somebody else's, and signs them out: whoever came in by it is in no more. Who does so could have given them all that they hold.
pub fn unlink_theirs(engine: &Engine, actor: &Actor, user: UserId, id: LinkId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check_manages_people(command, actor, now)?;
        let account = people::find(command, user)?.ok_or(CommandError::NotFound)?;
        check_may_give_all(command, actor, &account, "解除其上级账号关联", now)?;
        remove(command, actor, &account, id, now)?;
        sessions::delete_of(command, user, None)?;
        Ok(())
    })
}

/// Removes all of somebody's, with what they were brought: nobody comes in by them any more.
pub(super) fn forget(command: &mut Command<'_>, account: &User, now: NaiveDateTime) -> Result<()> {
    let known = upstreams::list(command)?;
    for link in upstream_links::list(command, account.id)? {
        if let Some(upstream) = known.iter().find(|upstream| upstream.id == link.upstream_id) {
            follow(command, account, link.id, upstream, &BTreeSet::new(), now)?;
        }
    }
    upstream_links::delete_of(command, account.id)?;
    Ok(())
}

/// Forgets that a service brought somebody this: people have given it by now, and theirs it is to take.
pub(super) fn is_given(command: &mut Command<'_>, user: UserId, held: Held) -> Result<()> {
    for link in upstream_links::list(command, user)? {
        let mut brought = upstream_links::grants(command, link.id)?;
        if brought.remove(&held) {
            upstream_links::set_grants(command, link.id, &brought)?;
        }
    }
    Ok(())
}

/// Takes back from everybody what a service brought them and its rules do not give any more; none is given anything by it.
pub(super) fn narrow(command: &mut Command<'_>, upstream: &Upstream, given: &BTreeSet<Held>, now: NaiveDateTime) -> Result<()> {
    for link in upstream_links::list_of(command, upstream.id)? {
        let account = people::find(command, link.whose)?.ok_or(CommandError::NotFound)?;
        let mut kept = upstream_links::grants(command, link.id)?;
        let held = people::list_grants(command, account.id)?;
        // What people took away stays noted, so that another rule does not bring it again.
        kept.retain(|brought| given.contains(brought) || !held.contains(&Grant::lasting(brought.0, brought.1)));
        follow(command, &account, link.id, upstream, &kept, now)?;
    }
    Ok(())
}

fn remove(command: &mut Command<'_>, actor: &Actor, account: &User, id: LinkId, now: NaiveDateTime) -> Result<()> {
    let link = upstream_links::list(command, account.id)?.into_iter().find(|link| link.id == id).ok_or(CommandError::NotFound)?;
    let upstream =
        upstreams::list(command)?.into_iter().find(|known| known.id == link.upstream_id).ok_or(CommandError::NotFound)?;
    note(command, actor, account, &upstream, "upstream.unlink", now)?;
    follow(command, account, id, &upstream, &BTreeSet::new(), now)?;
    // Whoever is half way in by it goes no further.
    begun_sign_ins::delete_of(command, account.id)?;
    Ok(upstream_links::delete(command, account.id, id)?)
}

fn note(
    command: &mut Command<'_>,
    actor: &Actor,
    account: &User,
    upstream: &Upstream,
    action: &'static str,
    now: NaiveDateTime,
) -> Result<()> {
    let after = json!({ "name": account.display_name, "username": account.username, "upstream": upstream.content.name });
    let record = audit::Record { action, subject: subject(account.id), site: None, before: json!(null), after };
    Ok(audit::append(command, actor, record, now)?)
}

/// What the groups that a service says somebody is in hold here.
fn said(upstream: &Upstream, meant: &Subject) -> BTreeSet<Held> {
    if upstream.content.claim.is_empty() {
        return BTreeSet::new();
    }
    let words = meant.words(&upstream.content.claim);
    let theirs = upstream.content.rules.iter().filter(|rule| words.contains(&rule.value));
    theirs.map(|rule| (rule.role, rule.ground)).collect()
}

/// Gives what is said now and takes back what was brought before and is not said any more. What somebody was given by people is not touched,
/// neither is the last administrator of a place.
fn follow(
    command: &mut Command<'_>,
    account: &User,
    id: LinkId,
    upstream: &Upstream,
    said: &BTreeSet<Held>,
    now: NaiveDateTime,
) -> Result<()> {
    let (known, before) = (roles::all(command)?, upstream_links::grants(command, id)?);
    let (mut brought, mut given, mut taken) = (before.clone(), Vec::new(), Vec::new());
    let elsewhere = brought_elsewhere(command, account.id, id)?;
    for held in before.difference(said).copied() {
        let Some(role) = known.find(held.0) else { continue };
        let is_held = people::list_grants(command, account.id)?.contains(&Grant::lasting(held.0, held.1));
        if is_held && !elsewhere.contains(&held) {
            if is_last(command, role, held.1, account.id)? {
                continue;
            }
            people::revoke(command, account.id, held.0, held.1)?;
            taken.push(held);
        }
        brought.remove(&held);
    }
    for held in said.difference(&before).copied() {
        if elsewhere.contains(&held) {
            brought.insert(held);
        } else if may_be_brought(command, &known, account.id, held)? {
            people::grant(command, account.id, Grant::lasting(held.0, held.1))?;
            brought.insert(held);
            given.push(held);
        }
    }
    if brought != before {
        upstream_links::set_grants(command, id, &brought)?;
    }
    if given.is_empty() && taken.is_empty() {
        return Ok(());
    }
    leave_groups(command, account.id, &taken)?;
    let after = json!({
        "name": account.display_name,
        "username": account.username,
        "upstream": upstream.content.name,
        "given": names(command, &known, &given)?,
        "taken": names(command, &known, &taken)?,
    });
    let record =
        audit::Record { action: "upstream.follow", subject: subject(account.id), site: None, before: json!(null), after };
    Ok(audit::append(command, &Actor::platform(), record, now)?)
}

/// What other services brought the same person.
fn brought_elsewhere(command: &mut Command<'_>, user: UserId, id: LinkId) -> Result<BTreeSet<Held>> {
    let mut found = BTreeSet::new();
    for other in upstream_links::list(command, user)?.into_iter().filter(|other| other.id != id) {
        found.extend(upstream_links::grants(command, other.id)?);
    }
    Ok(found)
}

/// Not what they hold there already, nor what they may not hold beside what they do. Roles change after a rule was made: those who run the
/// platform are named one by one, whatever a rule says.
fn may_be_brought(command: &mut Command<'_>, known: &Roles, user: UserId, (role, ground): Held) -> Result<bool> {
    let held = people::list_grants(command, user)?;
    let is_held = held.iter().any(|grant| (grant.role, grant.ground) == (role, ground));
    let fits = known.find(role).is_some_and(|role| role.duty == Duty::Business && role.fits(ground));
    Ok(fits && !is_held && conflict(known, held.iter().map(|grant| grant.role).chain([role])).is_none())
}

/// Whoever holds nothing in a place any more is in none of its groups.
fn leave_groups(command: &mut Command<'_>, user: UserId, taken: &[Held]) -> Result<()> {
    let held = people::list_grants(command, user)?;
    for site in taken.iter().map(|(_, ground)| ground.site()).collect::<BTreeSet<_>>() {
        if held.iter().all(|grant| grant.ground.site() != site) {
            groups::leave(command, site, user)?;
        }
    }
    Ok(())
}

/// 编辑（望溪）
fn names(command: &mut Command<'_>, known: &Roles, held: &[Held]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (role, ground) in held {
        let place = match ground.site() {
            Some(site) => sites::find(command, site)?.map(|site| site.short_name).unwrap_or_default(),
            None => "全平台".to_owned(),
        };
        names.extend(known.find(*role).map(|role| format!("{}（{place}）", role.name)));
    }
    Ok(names)
}
