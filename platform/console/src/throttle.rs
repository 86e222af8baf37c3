//! How often sign-in may fail: counted by account and by network address, whether or not the account exists.

use std::time::Duration;

use web::App;

/// The two counters of one attempt.
pub(crate) struct Throttle<'a> {
    app: &'a App,
    account: String,
    address: String,
    /// Which attempt from its address this one is.
    number: u32,
}

impl<'a> Throttle<'a> {
    pub(crate) fn new(app: &'a App, username: &str, address: &str) -> Self {
        let username: String = username.to_lowercase().chars().take(64).collect();
        let (account, address) = (format!("sign-in:account:{username}"), format!("sign-in:address:{address}"));
        Self { app, account, address, number: 0 }
    }

    /// Counts an attempt before it is judged, so that many at once are not let through together; says whether it may go on.
    pub(crate) async fn admits(&mut self) -> bool {
        let (limits, cache) = (&self.app.engine.settings.web, &self.app.engine.cache);
        self.number = cache.hit(&self.address, self.window()).await;
        let is_admitted = self.number <= limits.sign_in_failures_per_address
            && cache.hit(&self.account, self.window()).await <= limits.sign_in_failures;
        if !is_admitted {
            self.spare_address().await;
        }
        is_admitted
    }

    /// Whether this attempt, which failed, was the one after which the account or the address must wait.
    pub(crate) async fn failed(&self) -> bool {
        let limits = &self.app.engine.settings.web;
        let on_account = self.app.engine.cache.count(&self.account).await;
        self.number == limits.sign_in_failures_per_address || on_account == limits.sign_in_failures
    }

    /// Forgets the account's attempts, and of the address this one alone: one good account must not open the door for
    /// guessing others.
    pub(crate) async fn succeeded(&self) {
        self.app.engine.cache.clear(&self.account).await;
        self.spare_address().await;
    }

    /// Takes the attempt back from the address, where it was no wrong guess.
    pub(crate) async fn spare_address(&self) {
        self.app.engine.cache.take_back(&self.address).await;
    }

    /// How long one must wait at most, in words.
    pub(crate) fn wait(&self) -> String {
        let seconds = self.app.engine.settings.web.sign_in_window_seconds;
        if seconds < 120 { format!("{seconds}秒") } else { format!("{}分钟", seconds.div_ceil(60)) }
    }

    fn window(&self) -> Duration {
        Duration::from_secs(self.app.engine.settings.web.sign_in_window_seconds)
    }
}
