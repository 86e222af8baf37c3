//! `tongyuan user`: accounts and what they hold. Passwords are generated, printed once, and kept only as hashes.

use std::collections::BTreeSet;

use ::publish::commands::account::{self, NewAccount};
use ::publish::commands::granting::{self, Limited};
use ::publish::commands::{membership, second_factor};
use ::publish::{CommandError, Engine};
use anyhow::{Context as _, Result, bail};
use chrono::NaiveDateTime;
use clap::Subcommand;
use factors::{generate_password, hash_password};
use model::schedule::typed_time;
use model::{AccountDeed, Actor, Grant, Ground, PasswordOrigin, RoleId, SiteId, User};
use serde_json::json;
use store::{people, second_factors};

use super::Context;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Add an account with one role.
    Add {
        /// What is typed to sign in.
        username: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// editor, reviewer, administrator (of a site), system, security, auditor, or a role made in the console: role-101 or its name.
        #[arg(long)]
        role: String,
        /// On which site; without it, on the whole platform.
        #[arg(long)]
        site: Option<String>,
    },
    /// Give an account a new password and end its sessions.
    Reset {
        /// The account.
        username: String,
    },
    /// Take second factor and recovery codes from an account whose person lost them, and end its sessions.
    ResetFactor {
        /// The account.
        username: String,
    },
    /// Give an account a role besides what it holds.
    Grant {
        /// The account.
        username: String,
        /// editor, reviewer, administrator (of a site), system, security, auditor, or a role made in the console: role-101 or its name.
        #[arg(long)]
        role: String,
        /// On which site; without it, on the whole platform.
        #[arg(long)]
        site: Option<String>,
        /// For this channel of the site and all below it alone.
        #[arg(long, requires = "site")]
        channel: Option<String>,
        /// Until then, in Beijing, as "2026-12-31 18:00".
        #[arg(long, value_parser = moment)]
        until: Option<NaiveDateTime>,
    },
    /// Take a role from an account.
    Revoke {
        /// The account.
        username: String,
        /// editor, reviewer, administrator (of a site), system, security, auditor, or a role made in the console: role-101 or its name.
        #[arg(long)]
        role: String,
        /// On which site; without it, on the whole platform.
        #[arg(long)]
        site: Option<String>,
        /// What is held for this channel of the site alone.
        #[arg(long, requires = "site")]
        channel: Option<String>,
    },
    /// Let an account sign in no more, and end its sessions.
    Deactivate {
        /// The account.
        username: String,
    },
    /// Let an account sign in again.
    Activate {
        /// The account.
        username: String,
    },
    /// Keep somebody out until the account is unlocked, and end its sessions.
    Lock {
        /// The account.
        username: String,
    },
    /// Let somebody in again. Where nodes count failures in memory, those before the lock keep them waiting as long as the lock would have.
    Unlock {
        /// The account.
        username: String,
    },
    /// End an account for good: what it holds is taken away, its name stays in the records.
    Leave {
        /// The account.
        username: String,
    },
    /// Tell what somebody may do in a place, and by which role; without a site, on the whole platform.
    Explain {
        /// The account.
        username: String,
        /// On which site.
        #[arg(long)]
        site: Option<String>,
        /// In which channel of it, by its key.
        #[arg(long, requires = "site")]
        channel: Option<String>,
    },
    /// Tell who may do something in a place, and by which role; without a site, on the whole platform.
    Who {
        /// What is to be done: read, write, review, push, takedown and so on.
        permission: String,
        /// On which site.
        #[arg(long)]
        site: Option<String>,
        /// In which channel of it, by its key.
        #[arg(long, requires = "site")]
        channel: Option<String>,
    },
    /// List the accounts.
    List,
}

pub(super) async fn run(context: &Context, action: Action) -> Result<()> {
    let engine = context.engine().await?;
    match action {
        Action::Add { username, name, role, site } => {
            let password = add(
                &engine,
                &Actor::operator("user add"),
                &username,
                &name,
                (&role, site.as_deref()),
                PasswordOrigin::Invitation,
            )?;
            context.print(&json!({ "username": username, "password": password }), || format!("{username}  {password}"))
        }
        Action::Reset { username } => {
            let password = reset(&engine, &username, PasswordOrigin::Reset)?;
            context.print(&json!({ "username": username, "password": password }), || format!("{username}  {password}"))
        }
        Action::ResetFactor { username } => {
            reset_factor(&engine, &username)?;
            context.print(&json!({ "username": username }), || format!("{username}: no second factor any more"))
        }
        Action::Grant { username, role, site, channel, until } => {
            let (id, ground) = (role_id(&engine, &role)?, ground(&engine, site.as_deref(), channel.as_deref())?);
            let actor = Actor::operator("user grant");
            if channel.is_some() || until.is_some() {
                let limited = Limited { roles: BTreeSet::from([id]), ground, until };
                granting::give(&engine, &actor, find(&engine, &username)?.id, &limited).map_err(told)?;
            } else {
                change(&engine, &actor, &username, site.as_deref(), |roles| _ = roles.insert(id))?;
            }
            let summary = json!({ "username": username, "granted": role, "channel": channel, "until": until });
            context.print(&summary, || format!("{username}: {role} granted"))
        }
        Action::Revoke { username, role, site, channel } => {
            let (id, ground) = (role_id(&engine, &role)?, ground(&engine, site.as_deref(), channel.as_deref())?);
            let (actor, user) = (Actor::operator("user revoke"), find(&engine, &username)?.id);
            let held = engine.store.read(|connection| people::list_grants(connection, user))?;
            if held.iter().any(|grant| grant.is_limited() && (grant.role, grant.ground) == (id, ground)) {
                granting::take(&engine, &actor, user, id, ground).map_err(told)?;
            } else if channel.is_some() {
                bail!("`{username}` does not hold that for this channel");
            } else {
                change(&engine, &actor, &username, site.as_deref(), |roles| _ = roles.remove(&id))?;
            }
            context.print(&json!({ "username": username, "revoked": role }), || format!("{username}: {role} revoked"))
        }
        Action::Deactivate { username } => turn(context, &engine, &username, AccountDeed::Deactivate),
        Action::Activate { username } => turn(context, &engine, &username, AccountDeed::Activate),
        Action::Lock { username } => turn(context, &engine, &username, AccountDeed::Lock),
        Action::Unlock { username } => {
            console::forget_failures(&engine, &username).await;
            turn(context, &engine, &username, AccountDeed::Unlock)
        }
        Action::Leave { username } => turn(context, &engine, &username, AccountDeed::Leave),
        Action::Explain { username, site, channel } => {
            super::explain::person(context, &engine, &find(&engine, &username)?, (site.as_deref(), channel.as_deref()))
        }
        Action::Who { permission, site, channel } => {
            super::explain::act(context, &engine, &permission, (site.as_deref(), channel.as_deref()))
        }
        Action::List => {
            let (users, now) = (engine.store.read(people::list)?, engine.clock.now());
            let names: Vec<_> = users
                .iter()
                .map(|user| json!({ "username": user.username, "name": user.display_name, "state": user.state(now) }))
                .collect();
            context.print(&names, || {
                users
                    .iter()
                    .map(|user| format!("{:<20} {:<9} {}", user.username, user.state(now).as_str(), user.display_name))
                    .collect::<Vec<_>>()
                    .join("\n")
            })
        }
    }
}

fn turn(context: &Context, engine: &Engine, username: &str, deed: AccountDeed) -> Result<()> {
    let user = find(engine, username)?;
    let seal = account::state_seal(&user, engine.clock.now());
    account::turn(engine, &Actor::operator(&format!("user {deed}")), user.id, &seal, deed).map_err(|error| match error {
        CommandError::Stale => anyhow::anyhow!("`{username}` is {} now", user.state(engine.clock.now())),
        other => told(other),
    })?;
    context.print(&json!({ "username": username, "state": deed.decides() }), || format!("{username}: {}", deed.decides()))
}

/// Adds an account; gives its generated password.
pub fn add(
    engine: &Engine,
    actor: &Actor,
    username: &str,
    name: &str,
    (role, site): (&str, Option<&str>),
    origin: PasswordOrigin,
) -> Result<String> {
    let grants = vec![Grant::lasting(role_id(engine, role)?, Ground::whole(site_id(engine, site)?))];
    let password = generate_password();
    let password_hash = hash_password(&password).map_err(anyhow::Error::msg)?;
    let new = NewAccount { username: username.to_owned(), display_name: name.to_owned(), password_hash, origin, grants };
    account::add(engine, actor, &new).map_err(told)?;
    Ok(password)
}

/// Gives an account a new password and ends its sessions.
pub fn reset(engine: &Engine, username: &str, origin: PasswordOrigin) -> Result<String> {
    let user = find(engine, username)?;
    let password = generate_password();
    let hash = hash_password(&password).map_err(anyhow::Error::msg)?;
    account::reset(engine, &Actor::operator("user reset"), user.id, &account::password_seal(&user), &hash, origin)
        .map_err(told)?;
    Ok(password)
}

/// Takes second factor and recovery codes from an account.
fn reset_factor(engine: &Engine, username: &str) -> Result<()> {
    let user = find(engine, username)?;
    let had = engine.store.read(|connection| second_factors::list(connection, user.id))?;
    if had.is_empty() {
        bail!("`{username}` has no second factor");
    }
    let seal = second_factor::factors_seal(&had);
    second_factor::reset(engine, &Actor::operator("user reset-factor"), user.id, &seal).map_err(told)
}

/// Gives or takes a role; the account keeps what else it holds.
fn change(
    engine: &Engine,
    actor: &Actor,
    username: &str,
    site: Option<&str>,
    change: impl Fn(&mut BTreeSet<RoleId>),
) -> Result<()> {
    let (user, site) = (find(engine, username)?, site_id(engine, site)?);
    let held = membership::roles_on(&engine.store.read(|connection| people::list_grants(connection, user.id))?, site);
    let mut roles = held.clone();
    change(&mut roles);
    if !held.is_empty() {
        return membership::change(engine, actor, site, user.id, &membership::roles_seal(&held), &roles).map_err(told);
    }
    if roles.is_empty() {
        bail!("`{username}` holds nothing there");
    }
    membership::join(engine, actor, site, username, &roles).map_err(told)?;
    Ok(())
}

fn find(engine: &Engine, username: &str) -> Result<User> {
    let found = engine.store.read(|connection| people::find_by_username(connection, username))?;
    found.with_context(|| format!("there is no account `{username}`"))
}

/// The role that this word means.
fn role_id(engine: &Engine, word: &str) -> Result<RoleId> {
    let roles = engine.store.read(store::roles::all)?;
    let known = || roles.0.iter().map(|role| role.word.as_str()).collect::<Vec<_>>().join(", ");
    let found = roles
        .by_word(word)
        .or_else(|| roles.by_name(word))
        .with_context(|| format!("there is no role `{word}`: take one of {}", known()))?;
    Ok(found.id)
}

pub(super) fn site_id(engine: &Engine, key: Option<&str>) -> Result<Option<SiteId>> {
    let Some(key) = key else { return Ok(None) };
    let found = engine.store.read(|connection| store::sites::find_by_key(connection, key))?;
    Ok(Some(found.with_context(|| format!("there is no site `{key}`: `tongyuan site list` shows them"))?.id))
}

/// The channel, the whole of the site, or without either the platform.
fn ground(engine: &Engine, site: Option<&str>, channel: Option<&str>) -> Result<Ground> {
    let site = site_id(engine, site)?;
    let (Some(site), Some(key)) = (site, channel) else { return Ok(Ground::whole(site)) };
    let tree = engine.store.read(|connection| store::channels::tree(connection, site))?;
    let channel = tree.by_key(key).with_context(|| format!("there is no channel `{key}` on that site"))?;
    Ok(Ground::Channel(site, channel.id))
}

/// A moment as it is typed, UTC.
fn moment(text: &str) -> Result<NaiveDateTime> {
    let typed = typed_time("until", text).map_err(|problem| anyhow::anyhow!(problem.message))?;
    typed.context("a moment is typed as \"2026-12-31 18:00\"")
}

/// What is wrong, in one sentence.
fn told(error: CommandError) -> anyhow::Error {
    match error {
        CommandError::Invalid(problems) => {
            anyhow::anyhow!(problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("；"))
        }
        other => other.into(),
    }
}
