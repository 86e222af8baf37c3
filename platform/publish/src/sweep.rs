//! The sweep: goes through all published pages again and again at a bounded rate, raises an alarm for whatever was tampered
//! with, and restores it. Every night it walks over the audit log as well, and locks accounts that nobody uses. Of all processes that
//! could, the one holding the lease does it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use model::{AlarmId, FaultKind, PageId};
use store::sweeps::Sweep;
use store::{alarms, pages, sites, sweeps};

use crate::audit_log;
use crate::commands::{CommandError, disuse};
use crate::engine::Engine;
use crate::output::PageStore;
use crate::verify::{self, Deed, VerifyError};

/// The sweep's name among sweeps.
pub const PAGES: &str = "pages";

/// The name of the nightly walk over the audit log among sweeps.
const LOG: &str = "audit_log";

/// The name of locking accounts that nobody uses, among sweeps.
const DISUSE: &str = "disuse";

/// Ticks between two looks at whether what is done every night is due.
const NIGHT_TICKS: u32 = 60;

/// How often it looks, which is also how often its lease is renewed.
const TICK: Duration = Duration::from_secs(1);

/// Alarms looked at in one tick to see whether everything is right again.
const ALARMS: i64 = 100;

/// Listing names is cheaper than reading pages: so many are looked at in the time of one page.
const NAMES_PER_PAGE: u64 = 10;

/// The thread that sweeps. It stops when told or dropped.
pub struct Sweeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sweeper {
    /// Starts sweeping; pages are left alone where the settings say so.
    pub fn start(engine: &Arc<Engine>) -> std::io::Result<Self> {
        let rate = engine.settings.publish.sweep_pages_per_second;
        let (stop, stopped) = channel();
        let sweep = Sweeping { engine: Arc::clone(engine), holder: uuid::Uuid::now_v7().to_string(), rate, stopped };
        let thread = std::thread::Builder::new().name("sweep".into()).spawn(move || sweep.run())?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    /// Stops it, waiting for what it is doing.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // The thread hears that nobody can tell it anything any more.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the sweep ended in a panic");
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.end();
    }
}

struct Sweeping {
    engine: Arc<Engine>,
    holder: String,
    rate: u32,
    stopped: Receiver<()>,
}

impl Sweeping {
    fn run(self) {
        let mut ticks = 0;
        while self.rest(TICK) {
            match if self.rate > 0 { self.step() } else { Ok(()) } {
                Ok(()) | Err(VerifyError::Ended) => {}
                Err(error) => tracing::warn!(%error, "pages could not be looked at; trying again"),
            }
            if ticks % NIGHT_TICKS == 0 {
                if let Err(error) = self.verify_log() {
                    tracing::warn!(%error, "the audit log could not be walked over; trying again");
                }
                if let Err(error) = self.lock_unused() {
                    tracing::warn!(%error, "accounts that nobody uses could not be locked; trying again");
                }
            }
            ticks = ticks.wrapping_add(1);
        }
        if self.rate == 0 {
            return;
        }
        let now = self.engine.clock.now();
        let released = self.engine.store.write(|connection| sweeps::release(connection, PAGES, &self.holder, now));
        if let Err(error) = released {
            tracing::debug!(%error, "the lease of the sweep ends by itself");
        }
    }

    /// Waits; false when told to stop.
    fn rest(&self, at_most: Duration) -> bool {
        matches!(self.stopped.recv_timeout(at_most), Err(RecvTimeoutError::Timeout))
    }

    /// Looks at the next pages, if this process holds the lease.
    fn step(&self) -> Result<(), VerifyError> {
        let Some(mut sweep) = self.take()? else { return Ok(()) };
        note_restored(&self.engine)?;
        if sweep.position == 0 {
            sweep.begun_at = Some(self.engine.clock.now());
        }
        let keys = self.engine.store.read(sites::keys)?;
        let batch = self
            .engine
            .store
            .read(|connection| pages::list_after(connection, None, PageId(sweep.position), i64::from(self.rate)))?;
        for page in &batch {
            if let Some(key) = keys.get(&page.site_id) {
                verify::judge_page(&self.engine, key, page, Deed::Alarm)?;
            }
            sweep.position = page.id.0;
        }
        if batch.is_empty() {
            verify::strangers(&self.engine, None, Deed::Alarm, &mut |names| self.pause(names), &mut |_| {})?;
            sweep.position = 0;
            sweep.finished_at = Some(self.engine.clock.now());
        }
        self.engine.store.write(|connection| sweeps::note(connection, PAGES, &self.holder, &sweep))?;
        Ok(())
    }

    /// Walks over the audit log where the walk of the last night is still to be made, and by no other process.
    fn verify_log(&self) -> store::Result<()> {
        let (store, now, hour) = (&self.engine.store, self.engine.clock.now(), self.engine.settings.audit.verify_hour);
        if !store.read(|connection| audit_log::is_due(connection, hour, now))?
            || store.write(|connection| sweeps::take(connection, LOG, &self.holder, now))?.is_none()
        {
            return Ok(());
        }
        // Whoever held the lease until now may have made it.
        if store.read(|connection| audit_log::is_due(connection, hour, now))? {
            audit_log::verify(&self.engine, &[])?;
        }
        store.write(|connection| sweeps::release(connection, LOG, &self.holder, self.engine.clock.now()))
    }

    /// Locks accounts that nobody uses where that is still to be done for the last night, and by no other process.
    fn lock_unused(&self) -> Result<(), CommandError> {
        let (store, now) = (&self.engine.store, self.engine.clock.now());
        let night = audit_log::last_night(self.engine.settings.audit.verify_hour, now);
        let is_due = |sweep: &Sweep| sweep.finished_at.is_none_or(|at| at < night);
        if store.read(|connection| sweeps::find(connection, DISUSE))?.is_some_and(|sweep| !is_due(&sweep)) {
            return Ok(());
        }
        let taken = store.write(|connection| sweeps::take(connection, DISUSE, &self.holder, now))?;
        let Some(mut sweep) = taken.filter(is_due) else { return Ok(()) };
        let locked = disuse::lock_unused(&self.engine)?;
        if locked > 0 {
            tracing::info!(locked, "accounts that nobody has used for long are locked");
        }
        sweep.finished_at = Some(self.engine.clock.now());
        Ok(store.write(|connection| {
            sweeps::note(connection, DISUSE, &self.holder, &sweep)?;
            sweeps::release(connection, DISUSE, &self.holder, self.engine.clock.now())
        })?)
    }

    fn take(&self) -> store::Result<Option<Sweep>> {
        self.engine.store.write(|connection| sweeps::take(connection, PAGES, &self.holder, self.engine.clock.now()))
    }

    /// Rests for as long as so many names are worth, keeping the lease; an error when told to stop or when it was lost.
    fn pause(&self, names: usize) -> Result<(), VerifyError> {
        let mut left = Duration::from_millis(names as u64 * 1_000 / (u64::from(self.rate) * NAMES_PER_PAGE));
        loop {
            if !self.rest(left.min(TICK)) || self.take()?.is_none() {
                return Err(VerifyError::Ended);
            }
            left = left.saturating_sub(TICK);
            if left.is_zero() {
                return Ok(());
            }
        }
    }
}

/// Notes alarms whose page is right again.
fn note_restored(engine: &Engine) -> Result<(), VerifyError> {
    let mut open = engine.store.read(|connection| alarms::list_all_unrestored(connection, ALARMS))?;
    // Of the audit log, only the next walk over it can say so.
    open.retain(|alarm| alarm.kind != FaultKind::Log);
    if open.is_empty() {
        return Ok(());
    }
    let mut restored: Vec<AlarmId> = Vec::new();
    for alarm in open {
        let named = PageStore::named(&alarm.name);
        let page = match alarm.site_id {
            Some(site) => engine.store.read(|connection| pages::find(connection, site, &named.path))?,
            None => None,
        };
        let right = match page {
            Some(page) => verify::is_right(engine.pages(), &named.site_key, &page)?,
            None => !engine.pages().holds(&alarm.name)?,
        };
        if right {
            restored.push(alarm.id);
        }
    }
    engine.store.write(|connection| {
        let now = engine.clock.now();
        restored.iter().try_for_each(|id| alarms::note_restored(connection, *id, now))
    })?;
    Ok(())
}
