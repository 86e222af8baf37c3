//! Seeding: every item is written, reviewed by three people and published through the same commands as in the console, at the
//! time it says.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::publish::commands::{draft, review, submission};
use ::publish::{Engine, Workers};
use anyhow::{Context as _, Result, bail};
use chrono::{NaiveDateTime, TimeDelta};
use model::{Actor, Clock, ResourceId, Site, SystemClock, UserId, Verdict, WorkState};
use store::{channels, imports, pages, people, resources, sites, submissions};

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

/// What a record of an item says until the item has come as far as it should.
const UNFINISHED: &str = "unfinished";

fn missing<'i>(engine: &Engine, items: &'i [Item]) -> Result<Vec<&'i Item>> {
    Ok(engine.store.read(|connection| {
        let mut missing = Vec::new();
        for item in items {
            let known = match sites::find_by_key(connection, &item.site)? {
                Some(site) => imports::find(connection, site.id, &item.source)?,
                None => None,
            };
            if known.is_none_or(|(_, hash)| hash == UNFINISHED) {
                missing.push(item);
            }
        }
        Ok::<_, store::Error>(missing)
    })?)
}

/// Brings one item as far as it should come, from wherever a run cut short has left it.
fn seed_one(engine: &Engine, clock: &ShiftedClock, item: &Item) -> Result<()> {
    let site = engine.store.read(|connection| sites::find_by_key(connection, &item.site))?.context("there is no such site")?;
    let editor = actor(engine, &site, "editor")?;
    clock.begin_at(item.published - TimeDelta::minutes(150));
    let id = match engine.store.read(|connection| imports::find(connection, site.id, &item.source))? {
        Some((id, _)) => id,
        None => write(engine, &editor, &site, item)?,
    };
    while let Some(resource) = engine.store.read(|connection| resources::find(connection, site.id, id))? {
        match (resource.work, item.stage) {
            (WorkState::Draft, Stage::Draft)
            | (WorkState::Returned | WorkState::Idle | WorkState::Scheduled | WorkState::Discarded, _) => break,
            (WorkState::Draft, _) => {
                clock.begin_at(item.published - TimeDelta::minutes(120));
                submission::submit(engine, &editor, site.id, id, resource.version)?;
            }
            (WorkState::Reviewing, _) => {
                if !review_next(engine, clock, &site, item, id)? {
                    break;
                }
            }
        }
    }
    note(engine, &site, item, id, "")
}

fn write(engine: &Engine, editor: &Actor, site: &Site, item: &Item) -> Result<ResourceId> {
    let tree = engine.store.read(|connection| channels::tree(connection, site.id))?;
    let channel = tree.by_key(&item.channel).with_context(|| format!("there is no channel `{}`", item.channel))?;
    let new = draft::NewDraft { channel: channel.id, kind: item.kind, content: item.content.clone() };
    let id = draft::create(engine, editor, site.id, new)?;
    note(engine, site, item, id, UNFINISHED)?;
    Ok(id)
}

/// The review now due, by its reviewer; false when the item is to wait there.
fn review_next(engine: &Engine, clock: &ShiftedClock, site: &Site, item: &Item, id: ResourceId) -> Result<bool> {
    let open = engine.store.read(|connection| submissions::find_open(connection, id))?.context("nothing is in review")?;
    let step = open.step;
    if item.stage == Stage::Reviewing && step == 1 {
        return Ok(false);
    }
    let reviewer = actor(engine, site, &format!("review{}", step + 1))?;
    clock.begin_at(item.published - TimeDelta::minutes(40) * (2 - step));
    let (verdict, reason) = match item.stage {
        Stage::Returned => (Verdict::Return, "第二段数据请与统计部门核对，并补充联系电话。"),
        _ => (Verdict::Approve, ""),
    };
    review::give(
        engine,
        &reviewer,
        site.id,
        id,
        review::Opinion { submission: None, step, verdict, reason: reason.into(), times: None },
    )?;
    Ok(true)
}

fn note(engine: &Engine, site: &Site, item: &Item, id: ResourceId, state: &str) -> Result<()> {
    let now = engine.clock.now();
    Ok(engine.store.command(|command| imports::save(command, site.id, &item.source, id, state, now))?)
}

fn actor(engine: &Engine, site: &Site, suffix: &str) -> Result<Actor> {
    let username = format!("{}-{suffix}", site.key);
    let user = engine.store.read(|connection| people::find_by_username(connection, &username))?;
    let user = user.with_context(|| format!("there is no account `{username}`: run with --fresh"))?;
    Ok(Actor { user_id: Some(UserId(user.id.0)), name: user.display_name, address: "127.0.0.1".into() })
}

/// Waits until nothing waits to be rendered; a page that cannot be rendered ends the wait.
async fn quiet(engine: &Engine) -> Result<()> {
    while !engine.is_idle()? {
        if let Some(page) = engine.store.read(|connection| pages::list_failed(connection, 1))?.first() {
            bail!("{} cannot be rendered: {}", page.path, page.failure.as_deref().unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
