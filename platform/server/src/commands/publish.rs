//! `tongyuan publish`: renders what is due, or everything, and says what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::publish::{Engine, Workers, commands::refresh::refresh};
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use model::{Actor, Lane};
use serde::Serialize;
use store::jobs;

use super::Context;
use super::progress::Progress;

/// What to render.
#[derive(Debug, Args)]
pub struct Options {
    /// Short name of the one site to render in full.
    #[arg(long, conflicts_with = "all", requires = "full")]
    site: Option<String>,
    /// Every site, which is what is meant without `--full` too.
    #[arg(long)]
    all: bool,
    /// Render everything, not only what is due. Pages that come out the same are not written.
    #[arg(long)]
    full: bool,
}

/// What a run came to.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    pages: i64,
    written: i64,
    unchanged: i64,
    /// Until every page was written, synced and recorded.
    seconds: f64,
    /// From then until their compressed forms were there too.
    compressing: f64,
}

pub(super) async fn run(context: &Context, options: Options) -> Result<()> {
    let engine = context.engine().await?;
    if options.full {
        ensure!(options.site.is_some() || options.all, "say which: --site NAME or --all");
        let site = match &options.site {
            Some(key) => {
                let found = engine.store.read(|connection| store::sites::find_by_key(connection, key))?;
                Some(found.with_context(|| format!("there is no site `{key}`: `tongyuan site list` shows them"))?.id)
            }
            None => None,
        };
        refresh(&engine, &Actor::operator("publish --full"), site)?;
    }
    let outcome = drain(&engine, context.json).await?;
    context.print(&outcome, || {
        format!(
            "pages {}  written {}  unchanged {}  seconds {:.2}  compressing {:.2}",
            outcome.pages, outcome.written, outcome.unchanged, outcome.seconds, outcome.compressing
        )
    })
}

/// How often progress is counted, which takes longer than asking whether there is any left to make.
const COUNT_EVERY: Duration = Duration::from_millis(500);

/// Works until nothing waits.
pub(super) async fn drain(engine: &Arc<Engine>, quiet: bool) -> Result<Outcome> {
    let begun = Instant::now();
    let progress = Progress::new(quiet);
    let workers = Workers::start(engine).context("cannot start the workers")?;
    let mut total = 0;
    let (mut live, mut counted) = (None, None);
    loop {
        if counted.is_none_or(|at: Instant| at.elapsed() >= COUNT_EVERY) {
            counted = Some(Instant::now());
            let (waiting, failed) = engine.store.read(store::pages::count_waiting)?;
            total = total.max(waiting);
            progress.show("生成", usize::try_from(total - waiting).unwrap_or(0), usize::try_from(total).unwrap_or(0));
            ensure!(failed == 0, "{failed} pages could not be rendered: the console's 运行状况 says why");
        }
        if live.is_none() && !engine.store.read(|connection| jobs::any_unfinished_before(connection, Lane::After))? {
            live = Some(begun.elapsed());
        }
        if engine.is_idle()? {
            progress.end();
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let live = live.unwrap_or_else(|| begun.elapsed());
    let compressing = begun.elapsed().saturating_sub(live);
    tokio::task::spawn_blocking(move || workers.stop()).await?;
    let set_aside = engine
        .store
        .read(|connection| jobs::count(connection, engine.clock.now()))?
        .into_iter()
        .any(|(_, state, _)| state == model::JobState::Dead);
    ensure!(!set_aside, "jobs have failed too often and were set aside: the console's 运行状况 says why");
    let (pages, written) = engine.tally();
    let as_count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Outcome {
        pages: as_count(pages),
        written: as_count(written),
        unchanged: as_count(pages - written),
        seconds: live.as_secs_f64(),
        compressing: compressing.as_secs_f64(),
    })
}
