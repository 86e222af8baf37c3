//! Workers: threads that claim jobs from the database, do them, and say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::NaiveDateTime;
use model::{EventId, Job, JobState, Lane, PageId, PublicationId};
use serde::{Deserialize, Serialize};
use store::{Connection, jobs};

use crate::engine::Engine;
use crate::{readback, render_job, resolve};

/// How long a worker sleeps when nothing rings: other processes' jobs are found within this time.
const SLEEP: Duration = Duration::from_millis(250);

/// A job as a small struct of ids. Doing one twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Find the pages of these events.
    Resolve(Vec<EventId>),
    /// Render these pages.
    Render(Vec<PageId>),
    /// Read a publication's pages back.
    ReadBack(PublicationId),
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("cannot write pages: {0}")]
    Write(#[from] std::io::Error),
    #[error("{0} page(s) could not be rendered, the first because: {1}")]
    Pages(usize, String),
    #[error("reading back: {0}")]
    Door(String),
    #[error("the job is not understood: {0}")]
    Unknown(#[from] serde_json::Error),
}

impl Task {
    /// Puts the job in its lane, in the caller's transaction.
    pub(crate) fn enqueue(&self, connection: &mut Connection, lane: Lane, now: NaiveDateTime) -> store::Result<()> {
        jobs::enqueue(connection, lane, self.name(), &serde_json::to_string(self)?, now)?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Resolve(_) => "resolve",
            Self::Render(_) => "render",
            Self::ReadBack(_) => "read_back",
        }
    }

    fn run(&self, engine: &Arc<Engine>) -> Result<(), JobError> {
        match self {
            Self::Resolve(events) => resolve::run(engine, events),
            Self::Render(pages) => render_job::run(engine, pages),
            Self::ReadBack(publication) => readback::run(engine, *publication),
        }
    }
}

/// The workers of one process. They stop when told or dropped, each after the job it is doing.
pub struct Workers {
    engine: Arc<Engine>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts as many workers as the settings say.
    pub fn start(engine: &Arc<Engine>) -> std::io::Result<Self> {
        engine.pages().prepare()?;
        if let Err(error) = resolve::requeue_strays(engine) {
            tracing::warn!(%error, "could not look for pages left waiting");
        }
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let count = engine.settings.publish.workers.unwrap_or(cores.min(8));
        let stop = Arc::new(AtomicBool::new(false));
        let threads = (0..count)
            .map(|number| {
                let (engine, stop) = (Arc::clone(engine), Arc::clone(&stop));
                let name = format!("{}-{number}", uuid::Uuid::now_v7());
                std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || work(&engine, &name, &stop))
            })
            .collect::<std::io::Result<_>>()?;
        Ok(Self { engine: Arc::clone(engine), stop, threads })
    }

    /// Stops the workers, waiting for what each is doing.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.engine.wake();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker ended in a panic");
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.end();
    }
}

fn work(engine: &Arc<Engine>, name: &str, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        match step(engine, name) {
            Ok(true) => {}
            Ok(false) => engine.wait(SLEEP),
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read; trying again");
                engine.wait(Duration::from_secs(1));
            }
        }
    }
}

/// Does the next job; false when there is none.
fn step(engine: &Arc<Engine>, worker: &str) -> store::Result<bool> {
    let Some(job) = engine.store.write(|connection| jobs::claim(connection, worker, engine.clock.now()))? else {
        return Ok(false);
    };
    if job.attempts > jobs::ATTEMPTS {
        let reason = "it was begun too often without ever ending";
        engine.store.write(|connection| jobs::set_aside(connection, job.id, reason))?;
        return Ok(true);
    }
    match attempt(engine, &job) {
        Ok(()) => engine.store.write(|connection| jobs::finish(connection, job.id))?,
        Err(error) => {
            let state = engine.store.write(|connection| jobs::fail(connection, &job, &error, engine.clock.now()))?;
            tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, error, "a job failed");
            if state == JobState::Dead {
                tracing::error!(job = %job.id, kind = job.kind, "a job was set aside; see 运行状况 in the console");
            }
        }
    }
    Ok(true)
}

/// A panic in one job must not end the worker.
fn attempt(engine: &Arc<Engine>, job: &Job) -> Result<(), String> {
    let run = || -> Result<(), JobError> { serde_json::from_str::<Task>(&job.payload)?.run(engine) };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the job panicked; the log says where".to_owned()),
    }
}
