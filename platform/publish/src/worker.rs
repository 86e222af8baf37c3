//! Workers: threads that claim jobs from the database, do them, and say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::{Job, JobId, JobState};
use store::jobs;

use crate::commands::{batch, bin, granting, keeping, refresh, site_state, subscription};
use crate::engine::Engine;
use crate::task::{JobError, Task};
use crate::{compress, purge, readback, render_job, resolve};

/// How long a worker sleeps when nothing rings: other processes' jobs are found within this time.
const SLEEP: Duration = Duration::from_millis(250);

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
        if let Err(error) = keeping::requeue_overdue(engine) {
            tracing::warn!(%error, "could not look for schedules left waiting");
        }
        if let Err(error) = batch::requeue_unfinished(engine) {
            tracing::warn!(%error, "could not look for batches left waiting");
        }
        if let Err(error) = site_state::requeue_overdue(engine) {
            tracing::warn!(%error, "could not look for closings left waiting");
        }
        if let Err(error) = refresh::dress(engine) {
            tracing::warn!(%error, "could not look for sites without the files of their theme");
        }
        let count = engine.settings.publish.worker_count();
        let stop = Arc::new(AtomicBool::new(false));
        let hands: Arc<[Hand]> = (0..count).map(Hand::new).collect();
        let mut threads = (0..count)
            .map(|number| {
                let (engine, stop, hands) = (Arc::clone(engine), Arc::clone(&stop), Arc::clone(&hands));
                std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || work(&engine, &hands[number], &stop))
            })
            .collect::<std::io::Result<Vec<_>>>()?;
        let (to_renew, told) = (Arc::clone(engine), Arc::clone(&stop));
        threads.push(std::thread::Builder::new().name("leases".into()).spawn(move || renew(&to_renew, &hands, &told))?);
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
            thread.thread().unpark();
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

/// One worker as the others know it, and what it has in hand.
struct Hand {
    name: String,
    /// The number of the job being done; none is 0.
    job: AtomicI64,
}

impl Hand {
    fn new(number: usize) -> Self {
        Self { name: format!("{}-{number}", uuid::Uuid::now_v7()), job: AtomicI64::new(0) }
    }

    /// Does something with a job in hand. What is laid down is not renewed: if the end of a job cannot be noted, because the
    /// database is away, the job is found again when its lease is over.
    fn hold<T>(&self, job: JobId, something: impl FnOnce() -> T) -> T {
        self.job.store(job.0, Ordering::SeqCst);
        let result = something();
        self.job.store(0, Ordering::SeqCst);
        result
    }

    fn held(&self) -> Option<JobId> {
        Some(JobId(self.job.load(Ordering::SeqCst))).filter(|job| job.0 != 0)
    }
}

fn work(engine: &Arc<Engine>, hand: &Hand, stop: &AtomicBool) {
    loop {
        let heard = engine.rings();
        // Told to stop after the question above: the ring that says so has been heard.
        if stop.load(Ordering::SeqCst) {
            return;
        }
        match step(engine, hand) {
            Ok(true) => {}
            Ok(false) => engine.wait(heard, SLEEP),
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read; trying again");
                engine.wait(heard, Duration::from_secs(1));
            }
        }
    }
}

/// Says every few seconds which jobs are being done, so that a long one is not taken for that of a dead worker.
fn renew(engine: &Engine, hands: &[Hand], stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        std::thread::park_timeout(Duration::from_secs(3));
        let held: Vec<_> = hands.iter().filter_map(|hand| Some((hand.held()?, hand.name.as_str()))).collect();
        if held.is_empty() {
            continue;
        }
        if let Err(error) = engine.store.write(|connection| jobs::renew(connection, &held, engine.clock.now())) {
            tracing::warn!(%error, "leases could not be renewed");
        }
    }
}

/// Does the next job; false when there is none.
fn step(engine: &Arc<Engine>, hand: &Hand) -> store::Result<bool> {
    let Some(job) =
        engine.store.write(|connection| jobs::claim(connection, &hand.name, engine.cannot_do(), engine.clock.now()))?
    else {
        return Ok(false);
    };
    if job.attempts > jobs::ATTEMPTS {
        let reason = "it was begun too often without ever ending";
        engine.store.write(|connection| jobs::set_aside(connection, job.id, reason))?;
        return Ok(true);
    }
    match hand.hold(job.id, || attempt(engine, &job)) {
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
    let run = || perform(engine, &serde_json::from_str(&job.payload)?, job.attempts > 1);
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the job panicked; the log says where".to_owned()),
    }
}

fn perform(engine: &Arc<Engine>, task: &Task, again: bool) -> Result<(), JobError> {
    match task {
        Task::Resolve(events) => resolve::run(engine, events),
        Task::Render(pages) => render_job::run(engine, pages, again),
        Task::Compress(pages) => compress::run(engine, pages),
        Task::ReadBack(publication) => readback::run(engine, *publication),
        Task::Fill(subscription, after) => Ok(subscription::fill(engine, *subscription, *after)?),
        Task::Purge(changed) => purge::run(engine, changed),
        Task::Keep(schedule) => Ok(keeping::keep(engine, *schedule)?),
        Task::Batch(id) => Ok(batch::work(engine, *id)?),
        Task::Erase(id) => Ok(bin::erase(engine, *id)?),
        Task::Lapse(id) => Ok(granting::lapse(engine, *id)?),
        Task::CloseSite(id, site) => Ok(site_state::close(engine, *id, *site)?),
    }
}
