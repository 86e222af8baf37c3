//! How often sign-in may fail: counted by account and by network address, whether or not the account exists. What those within fail at is
//! counted apart, so that nobody can keep them from their work by guessing at the door.

use std::time::Duration;

use model::sign_in_policy;
use publish::Engine;
use web::App;

/// Whom a failed attempt keeps out from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// Nobody yet.
    None,
    /// Whoever tries from that address.
    Address,
    /// Whoever tries that account.
    Account,
}

/// Lets somebody try again at once whose account was unlocked.
pub async fn forget_failures(engine: &Engine, username: &str) {
    for place in [DOOR, WITHIN] {
        engine.cache.clear(&key(place, username)).await;
    }
}

/// What is tried at the door.
const DOOR: &str = "sign-in";

/// What is tried by those who are signed in.
const WITHIN: &str = "within";

/// Under which the attempts at an account are counted.
fn key(place: &str, username: &str) -> String {
    let username: String = username.to_lowercase().chars().take(64).collect();
    format!("{place}:account:{username}")
}

/// The two counters of one attempt.
pub(crate) struct Throttle<'a> {
    app: &'a App,
    account: String,
    address: String,
    /// Which attempt from its address this one is.
    number: u32,
    /// Which attempt at its account.
    tries: u32,
}

impl<'a> Throttle<'a> {
    /// Of whoever comes in.
    pub(crate) fn at_the_door(app: &'a App, username: &str, address: &str) -> Self {
        Self::new(app, DOOR, username, address)
    }

    /// Of whoever is signed in.
    pub(crate) fn within(app: &'a App, username: &str, address: &str) -> Self {
        Self::new(app, WITHIN, username, address)
    }

    fn new(app: &'a App, place: &str, username: &str, address: &str) -> Self {
        Self { app, account: key(place, username), address: format!("{place}:address:{address}"), number: 0, tries: 0 }
    }

    /// Counts an attempt before it is judged, so that many at once are not let through together; says whether it may go on.
    pub(crate) async fn admits(&mut self) -> bool {
        let (limits, cache) = (&self.app.engine.settings.web, &self.app.engine.cache);
        self.number = cache.hit(&self.address, window()).await;
        let mut is_admitted = self.number <= limits.sign_in_failures_per_address;
        if is_admitted {
            self.tries = cache.hit(&self.account, window()).await;
            is_admitted = self.tries <= sign_in_policy().attempts.failures;
        }
        if !is_admitted {
            self.spare_address().await;
        }
        is_admitted
    }

    /// Whether this attempt, which failed, was the one after which the account or the address must wait.
    pub(crate) fn failed(&self) -> Strike {
        if self.tries == sign_in_policy().attempts.failures {
            return Strike::Account;
        }
        let is_last = self.number == self.app.engine.settings.web.sign_in_failures_per_address;
        if is_last { Strike::Address } else { Strike::None }
    }

    /// Forgets the account's attempts, and of the address this one alone: one good account must not open the door for
    /// guessing others.
    pub(crate) async fn succeeded(&self) {
        self.app.engine.cache.clear(&self.account).await;
        self.spare_address().await;
    }

    /// Takes the attempt back where the password was right and a second factor is asked for. The account's failures are kept: those of the
    /// second factor are among them, and nobody may forget them by bringing the password again.
    pub(crate) async fn halfway(&self) {
        self.app.engine.cache.take_back(&self.account).await;
        self.spare_address().await;
    }

    /// Takes the attempt back from the address, where it was no wrong guess.
    pub(crate) async fn spare_address(&self) {
        self.app.engine.cache.take_back(&self.address).await;
    }
}

/// How long one must wait at most, in words.
pub(crate) fn wait() -> String {
    format!("{}分钟", sign_in_policy().attempts.minutes)
}

fn window() -> Duration {
    Duration::from_secs(u64::from(sign_in_policy().attempts.minutes) * 60)
}
