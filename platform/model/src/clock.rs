//! The only place that knows the time. Everything else is handed a [`Clock`].

use std::sync::Mutex;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};

/// Tells the time in UTC, to the microsecond (what both databases keep).
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> NaiveDateTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one door to the time")]
    fn now(&self) -> NaiveDateTime {
        let now = Utc::now().naive_utc();
        NaiveDateTime::new(now.date(), truncate(now))
    }
}

/// A clock that stands where it was set: for tests and for dated sample content.
#[derive(Debug)]
pub struct FixedClock(Mutex<NaiveDateTime>);

impl FixedClock {
    /// A clock standing at `now` (UTC).
    pub fn at(now: NaiveDateTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock to `now` (UTC).
    pub fn set(&self, now: NaiveDateTime) {
        *self.lock() = now;
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: TimeDelta) {
        *self.lock() += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, NaiveDateTime> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> NaiveDateTime {
        *self.lock()
    }
}

/// The same moment on a wall clock in China (UTC+8, no daylight saving): what people read and type.
pub fn local(moment: NaiveDateTime) -> DateTime<FixedOffset> {
    moment.and_utc().with_timezone(&beijing())
}

/// A wall-clock time in China as UTC.
pub fn from_local(wall: NaiveDateTime) -> NaiveDateTime {
    wall - TimeDelta::hours(8)
}

fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours is a valid offset")
}

fn truncate(now: NaiveDateTime) -> chrono::NaiveTime {
    use chrono::Timelike;
    let micros = now.nanosecond() / 1_000 * 1_000;
    now.time().with_nanosecond(micros).unwrap_or(now.time())
}
