//! How often sign-in may fail: counted by account and by network address, whether or not the account exists.

use std::time::Duration;

use web::App;

/// The two counters of one attempt.
pub(crate) struct Throttle<'a> {
    app: &'a App,
    account: String,
    address: String,
}

impl<'a> Throttle<'a> {
    pub(crate) fn new(app: &'a App, username: &str, address: &str) -> Self {
        let username: String = username.to_lowercase().chars().take(64).collect();
        Self { app, account: format!("sign-in:account:{username}"), address: format!("sign-in:address:{address}") }
    }

    /// Counts an attempt before it is judged, so that many at once are not let through together; says whether it may go on.
    pub(crate) async fn admits(&self) -> bool {
        let limits = &self.app.engine.settings.web;
        if self.app.engine.cache.count(&self.address).await >= limits.sign_in_failures_per_address {
            return false;
        }
        self.app.engine.cache.hit(&self.account, self.window()).await <= limits.sign_in_failures
    }

    /// Notes that the attempt failed; says whether it was the one after which the account or the address must wait.
    pub(crate) async fn failed(&self) -> bool {
        let limits = &self.app.engine.settings.web;
        let from_address = self.app.engine.cache.hit(&self.address, self.window()).await;
        let on_account = self.app.engine.cache.count(&self.account).await;
        from_address == limits.sign_in_failures_per_address || on_account == limits.sign_in_failures
    }

    /// Forgets the account's attempts. Those of the address stay: one good account must not open the door for guessing others.
    pub(crate) async fn succeeded(&self) {
        self.app.engine.cache.clear(&self.account).await;
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
