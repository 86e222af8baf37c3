//! `tongyuan check`: settings and every connection, saying what is wrong and how to mend it.

use std::sync::Arc;

use ::publish::{Engine, rotation, upstream};
use anyhow::{Context as _, Result, bail};
use config::SiteManifest;
use model::{SystemClock, Upstream};
use serde_json::json;

use super::Context;
use crate::platform::open_engine;

pub(super) async fn run(context: &Context) -> Result<()> {
    let settings = &context.settings;
    let engine = open_engine(Arc::new(settings.clone()), Arc::new(SystemClock), None).await?;
    let pending = engine.store.pending_migrations()?;
    let pages = Arc::clone(&engine);
    // On a thread that may wait: a bucket answers over the network.
    tokio::task::spawn_blocking(move || pages.pages().prepare().and_then(|()| pages.pages().check())).await?.with_context(
        || {
            format!(
                "cannot write pages to {}: make it writable for this user, or set `pages` to another place",
                engine.pages().shown()
            )
        },
    )?;
    let mut problems = Vec::new();
    if !pending.is_empty() {
        problems.push(format!("the database lacks {} migrations: run `tongyuan migrate`", pending.len()));
    }
    // What is not there yet is told above.
    if pending.is_empty() {
        problems.extend(rotation::faults(&engine)?);
        problems.extend(upstreams(&engine).await?);
    }
    let folders = super::site::folders(&settings.sites).with_context(|| format!("cannot read {}", settings.sites.display()))?;
    for folder in &folders {
        if let Err(error) = SiteManifest::load(folder) {
            problems.push(error.to_string());
        }
    }
    let summary = json!({ "database": engine.store.shown(), "cache": settings.cache.split('@').next_back(), "keys": engine.vault.versions(), "messages": engine.sender.shown(), "sites": folders.len(), "problems": problems });
    context.print(&summary, || {
        format!(
            "database {}: answers\ncache: answers\npages {}: writable\nkeys: {}, key {} seals\nmessages: {}\nsites declared: {}",
            engine.store.shown(),
            engine.pages().shown(),
            engine.vault.versions().len(),
            engine.vault.current().0,
            engine.sender.shown(),
            folders.len()
        )
    })?;
    if problems.is_empty() { Ok(()) } else { bail!("{}", problems.join("; ")) }
}

/// The identity services above us that do not answer as they should.
async fn upstreams(engine: &Arc<Engine>) -> Result<Vec<String>> {
    let engine = Arc::clone(engine);
    // On a thread that may wait: they answer over the network.
    tokio::task::spawn_blocking(move || {
        let known = engine.store.read(store::upstreams::list)?;
        let tried = known.iter().filter(|known| known.content.is_open);
        let told = |known: &Upstream| {
            let failure = upstream::try_out(&engine, known).err()?;
            let (name, issuer) = (&known.content.name, &known.content.issuer);
            Some(format!("nobody can sign in through “{name}” ({issuer}): {failure}"))
        };
        Ok(tried.filter_map(told).collect())
    })
    .await?
}
