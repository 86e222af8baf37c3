//! `tongyuan user`: accounts and what they hold. Passwords are generated, printed once, and kept only as hashes.

use ::publish::Engine;
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use model::{Actor, Grant, Role};
use rand::seq::IndexedRandom;
use serde_json::json;
use store::{audit, people};

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
        /// editor, reviewer, administrator or auditor.
        #[arg(long)]
        role: Role,
        /// On which site; without it, on the whole platform.
        #[arg(long)]
        site: Option<String>,
    },
    /// Give an account a new password and end its sessions.
    Reset {
        /// The account.
        username: String,
    },
    /// List the accounts.
    List,
}

pub(super) async fn run(context: &Context, action: Action) -> Result<()> {
    let engine = context.engine().await?;
    match action {
        Action::Add { username, name, role, site } => {
            let password = add(&engine, &Actor::operator("user add"), &username, &name, role, site.as_deref())?;
            context.print(&json!({ "username": username, "password": password }), || format!("{username}  {password}"))
        }
        Action::Reset { username } => {
            let password = reset(&engine, &username)?;
            context.print(&json!({ "username": username, "password": password }), || format!("{username}  {password}"))
        }
        Action::List => {
            let users = engine.store.read(people::list)?;
            let names: Vec<_> =
                users.iter().map(|user| json!({ "username": user.username, "name": user.display_name })).collect();
            context.print(&names, || {
                users.iter().map(|user| format!("{:<20} {}", user.username, user.display_name)).collect::<Vec<_>>().join("\n")
            })
        }
    }
}

/// Adds an account; gives its generated password.
pub fn add(engine: &Engine, actor: &Actor, username: &str, name: &str, role: Role, site: Option<&str>) -> Result<String> {
    let password = generate_password();
    let hash = console::hash_password(&password).map_err(anyhow::Error::msg)?;
    let now = engine.clock.now();
    let site = match site {
        Some(key) => {
            let found = engine.store.read(|connection| store::sites::find_by_key(connection, key))?;
            Some(found.with_context(|| format!("there is no site `{key}`: `tongyuan site list` shows them"))?.id)
        }
        None => None,
    };
    engine
        .store
        .command(|command| {
            let id = people::insert(command, username, name, &hash, &[Grant { role, site_id: site }], now)?;
            let record = audit::Record {
                action: "user.add",
                subject: format!("user:{id}"),
                site,
                before: json!(null),
                after: json!({ "username": username, "role": role }),
            };
            audit::append(command, actor, record, now)
        })
        .map_err(|error| match error {
            store::Error::Taken(_) => anyhow::anyhow!("there is already an account `{username}`"),
            other => other.into(),
        })?;
    Ok(password)
}

/// Gives an account a new password and ends its sessions.
pub fn reset(engine: &Engine, username: &str) -> Result<String> {
    let Some(user) = engine.store.read(|connection| people::find_by_username(connection, username))? else {
        bail!("there is no account `{username}`");
    };
    let password = generate_password();
    let hash = console::hash_password(&password).map_err(anyhow::Error::msg)?;
    let now = engine.clock.now();
    engine
        .store
        .command(|command| {
            people::set_password(command, user.id, &hash)?;
            let record = audit::Record {
                action: "user.reset",
                subject: format!("user:{}", user.id),
                site: None,
                before: json!(null),
                after: json!(null),
            };
            audit::append(command, &Actor::operator("user reset"), record, now)
        })
        .context("cannot reset the password")?;
    Ok(password)
}

/// Sixteen characters that are not mistaken for each other, from every class.
fn generate_password() -> String {
    const CLASSES: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"-+=@"];
    let mut random = rand::rng();
    let classes = (0..16).map(|place| CLASSES[if place < 12 { place % 3 } else { place % 4 }]);
    classes.filter_map(|class| class.choose(&mut random)).map(|byte| char::from(*byte)).collect()
}
