//! Seeding: every item is written, reviewed by three people and published through the same commands as in the console, at the
//! time it says.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::publish::commands::{draft, review, submission};
use ::publish::{Engine, Workers};
use anyhow::{Context as _, Result, bail};
use chrono::{NaiveDateTime, TimeDelta};
use model::{Actor, Clock, ResourceId, Site, SystemClock, UserId, Verdict};
use store::{channels, imports, jobs, pages, people, resources, sites};

use super::content::{Item, Stage};

/// The machine's clock, shifted to the time of the item being seeded; durations stay true.
#[derive(Default)]
pub(super) struct ShiftedClock(Mutex<TimeDelta>);

impl ShiftedClock {
    /// From now on it is `moment` (UTC), and time goes on from there.
    pub(super) fn begin_at(&self, moment: NaiveDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment - SystemClock.now();
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> NaiveDateTime {
        SystemClock.now() + *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Seeds what is not there yet, oldest first.
pub(super) async fn seed(engine: &Arc<Engine>, clock: &ShiftedClock, items: &[Item]) -> Result<()> {
    let missing = missing(engine, items)?;
    let workers = Workers::start(engine)?;
    quiet(engine).await?;
    for (number, item) in missing.iter().enumerate() {
        if number % 10 == 0 {
            println!("正在准备演示内容 {number}/{}", missing.len());
        }
        seed_one(engine, clock, item).with_context(|| format!("cannot seed {} on {}", item.source, item.site))?;
        quiet(engine).await?;
    }
    tokio::task::spawn_blocking(move || workers.stop()).await?;
    Ok(())
}

fn missing<'i>(engine: &Engine, items: &'i [Item]) -> Result<Vec<&'i Item>> {
    Ok(engine.store.read(|connection| {
        let mut missing = Vec::new();
        for item in items {
            let site = sites::find_by_key(connection, &item.site)?;
            let known = match site {
                Some(site) => imports::find(connection, site.id, &item.source)?.is_some(),
                None => false,
            };
            if !known {
                missing.push(item);
            }
        }
        Ok::<_, store::Error>(missing)
    })?)
}

fn seed_one(engine: &Engine, clock: &ShiftedClock, item: &Item) -> Result<()> {
    let (site, channel) = engine.store.read(|connection| {
        let site = sites::find_by_key(connection, &item.site)?;
        let tree = site.as_ref().map(|site| channels::tree(connection, site.id)).transpose()?;
        Ok::<_, store::Error>((site, tree.and_then(|tree| tree.by_key(&item.channel).cloned())))
    })?;
    let site = site.context("there is no such site")?;
    let channel = channel.with_context(|| format!("there is no channel `{}`", item.channel))?;
    let editor = actor(engine, &site, "editor")?;
    clock.begin_at(item.published - TimeDelta::minutes(150));
    let new = draft::NewDraft { channel: channel.id, kind: item.kind, content: item.content.clone() };
    let id = draft::create(engine, &editor, site.id, new)?;
    engine.store.command(|command| imports::save(command, site.id, &item.source, id, "", clock.now()))?;
    if item.stage == Stage::Draft {
        return Ok(());
    }
    clock.begin_at(item.published - TimeDelta::minutes(120));
    submission::submit(engine, &editor, site.id, id, version(engine, &site, id)?)?;
    for step in 0..3 {
        let reviewer = actor(engine, &site, &format!("review{}", step + 1))?;
        clock.begin_at(item.published - TimeDelta::minutes(40) * (2 - step));
        let (verdict, reason) = match (item.stage, step) {
            (Stage::Returned, 0) => (Verdict::Return, "第二段数据请与统计部门核对，并补充联系电话。"),
            (Stage::Reviewing, 1) => return Ok(()),
            _ => (Verdict::Approve, ""),
        };
        review::give(engine, &reviewer, site.id, id, review::Opinion { step, verdict, reason: reason.into() })?;
        if verdict == Verdict::Return {
            return Ok(());
        }
    }
    Ok(())
}

fn actor(engine: &Engine, site: &Site, suffix: &str) -> Result<Actor> {
    let username = format!("{}-{suffix}", site.key);
    let user = engine.store.read(|connection| people::find_by_username(connection, &username))?;
    let user = user.with_context(|| format!("there is no account `{username}`: run with --fresh"))?;
    Ok(Actor { user_id: Some(UserId(user.id.0)), name: user.display_name, address: "127.0.0.1".into() })
}

fn version(engine: &Engine, site: &Site, id: ResourceId) -> Result<i64> {
    let resource = engine.store.read(|connection| resources::find(connection, site.id, id))?;
    Ok(resource.context("the resource is gone")?.version)
}

/// Waits until nothing waits to be rendered; a page that cannot be rendered ends the wait.
async fn quiet(engine: &Engine) -> Result<()> {
    while engine.store.read(jobs::any_unfinished)? {
        if let Some(page) = engine.store.read(|connection| pages::list_failed(connection, 1))?.first() {
            bail!("{} cannot be rendered: {}", page.path, page.failure.as_deref().unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
