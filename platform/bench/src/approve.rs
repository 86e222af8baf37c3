//! Approvals one after another, each timed from the last reviewer's word to the last page of its receipt.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use model::{Actor, Grant, PublicationId, Receipt, ResourceId, ResourceKind, Role, RoleId, SiteId, SystemClock, Verdict};
use publish::Engine;
use publish::commands::draft::{self, NewDraft};
use publish::commands::review::{self, Opinion};
use publish::commands::submission;
use serde::Serialize;
use server::Platform;

use crate::items::Text;
use crate::load::content;
use crate::sites::{self, SITE};

/// How often a receipt is looked at: what the wall clock says is late by at most this.
const LOOK: Duration = Duration::from_millis(2);

/// The longest anything may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Items of the site before.
    pub items: i64,
    /// Sites that show each approved item beside its own.
    pub subscribers: usize,
    /// Milliseconds of each approval, from the reviewer's word to the last page being recorded as live (what the receipt says).
    pub milliseconds: Vec<i64>,
    /// The same by the wall clock of the bench, until the receipt was seen closed.
    pub wall_milliseconds: Vec<f64>,
    /// Milliseconds until the last reviewer was answered.
    pub answered_milliseconds: Vec<f64>,
    /// Pages on each receipt.
    pub pages: Vec<usize>,
    /// Pages put through by the engine, over all approvals.
    pub rendered: u64,
    /// Pages read back through the public door and found as published, over all receipts.
    pub verified: usize,
}

/// Declares the subscribers, waits until all pages are there, then approves `rounds` items in `channel`.
pub async fn run(platform: &Platform, text: &Text, channel: &str, subscribers: usize, rounds: usize) -> Result<Measured> {
    let engine = &platform.engine;
    let folders = sites::folders(&engine.settings.sites, subscribers);
    server::commands::apply_sites(engine, &folders)?;
    quiet(engine).await?;
    let desk = Desk::open(engine, channel)?;
    let items =
        engine.store.read(|connection| store::resources::count(connection, desk.site, &store::resources::Filter::default()))?;
    let before = engine.tally().0;
    let mut measured = Measured {
        items,
        subscribers,
        milliseconds: Vec::new(),
        wall_milliseconds: Vec::new(),
        answered_milliseconds: Vec::new(),
        pages: Vec::new(),
        rendered: 0,
        verified: 0,
    };
    let mut receipts = Vec::new();
    for round in 0..rounds {
        let id = desk.hand_in(engine, text, round)?;
        let begun = Instant::now();
        let publication = desk.approve(engine, id)?;
        measured.answered_milliseconds.push(begun.elapsed().as_secs_f64() * 1_000.0);
        let receipt = closed(engine, desk.site, publication).await?;
        measured.wall_milliseconds.push(begun.elapsed().as_secs_f64() * 1_000.0);
        measured.milliseconds.extend(receipt.milliseconds());
        measured.pages.push(receipt.pages.len());
        receipts.push(publication);
    }
    quiet(engine).await?;
    measured.rendered = engine.tally().0 - before;
    for publication in receipts {
        let receipt = engine.store.read(|connection| store::publications::find_receipt(connection, desk.site, publication))?;
        let pages = receipt.map(|receipt| receipt.pages).unwrap_or_default();
        measured.verified += pages.iter().filter(|page| page.verified == Some(true)).count();
    }
    Ok(measured)
}

/// Who writes and who reviews, and where.
struct Desk {
    site: SiteId,
    channel: model::ChannelId,
    writer: Actor,
    reviewers: Vec<Actor>,
}

impl Desk {
    fn open(engine: &Engine, channel: &str) -> Result<Self> {
        let (site, channel) = engine.store.read(|connection| {
            let site = store::sites::find_by_key(connection, SITE)?.context("the site is not declared")?;
            let tree = store::channels::tree(connection, site.id)?;
            Ok::<_, anyhow::Error>((site.id, tree.by_key(channel).context("the channel is not declared")?.clone()))
        })?;
        let writer = person(engine, site, "bench-editor", Role::EDITOR)?;
        let reviewers = (0..channel.steps.len())
            .map(|step| person(engine, site, &format!("bench-review{step}"), Role::REVIEWER))
            .collect::<Result<_>>()?;
        Ok(Self { site, channel: channel.id, writer, reviewers })
    }

    /// Writes an item and takes it through all steps but the last.
    fn hand_in(&self, engine: &Engine, text: &Text, round: usize) -> Result<ResourceId> {
        let draft = NewDraft { channel: self.channel, kind: ResourceKind::Article, content: content(text.item(round)) };
        let id = draft::create(engine, &self.writer, self.site, draft)?;
        let seen = engine.store.read(|connection| store::resources::find(connection, self.site, id))?.context("it is there")?;
        submission::submit(engine, &self.writer, self.site, id, seen.version)?;
        for step in 0..self.reviewers.len() - 1 {
            self.give(engine, id, step)?;
        }
        Ok(id)
    }

    /// The last reviewer's word.
    fn approve(&self, engine: &Engine, id: ResourceId) -> Result<PublicationId> {
        self.give(engine, id, self.reviewers.len() - 1)?.context("the last approval publishes")
    }

    fn give(&self, engine: &Engine, id: ResourceId, step: usize) -> Result<Option<PublicationId>> {
        let opinion = Opinion {
            submission: None,
            step: i32::try_from(step)?,
            verdict: Verdict::Approve,
            reason: String::new(),
            times: None,
        };
        match review::give(engine, &self.reviewers[step], self.site, id, opinion)? {
            review::Given::Published(publication) => Ok(Some(publication)),
            _ => Ok(None),
        }
    }
}

/// An account that nobody can sign in with: no password has this hash.
fn person(engine: &Engine, site: SiteId, username: &str, role: RoleId) -> Result<Actor> {
    use model::Clock as _;
    if engine.store.read(|connection| store::people::find_by_username(connection, username))?.is_none() {
        let (grant, now) = (Grant::lasting(role, model::Ground::Site(site)), SystemClock.now());
        let nobodys = model::Password { hash: "-".into(), origin: model::PasswordOrigin::Own, since: now };
        engine.store.command(|command| store::people::insert(command, username, username, &nobodys, &[grant], now))?;
    }
    let user = engine.store.read(|connection| store::people::find_by_username(connection, username))?;
    let user = user.context("the account is there")?;
    Ok(Actor { user_id: Some(user.id), name: user.display_name, address: "bench".into() })
}

async fn closed(engine: &Engine, site: SiteId, id: PublicationId) -> Result<Receipt> {
    let begun = Instant::now();
    loop {
        let receipt = engine.store.read(|connection| store::publications::find_receipt(connection, site, id))?;
        if let Some(receipt) = receipt.filter(|receipt| receipt.publication.completed_at.is_some()) {
            return Ok(receipt);
        }
        ensure!(begun.elapsed() < PATIENCE, "publication {id} was not live after ten minutes");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until nothing waits.
async fn quiet(engine: &Arc<Engine>) -> Result<()> {
    let begun = Instant::now();
    while !engine.is_idle()? {
        ensure!(begun.elapsed() < PATIENCE * 6, "the queue was not empty after an hour");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
