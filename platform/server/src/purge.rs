//! The CDN purge hook over HTTP: a POST of JSON to the address in the settings.

use std::time::Duration;

use anyhow::Result;
use publish::{Purge, Purger};
use tokio::runtime::Handle;

/// Posts to one address.
pub struct HttpPurger {
    url: String,
    token: String,
    client: reqwest::Client,
    runtime: Handle,
}

impl HttpPurger {
    /// A hook at `url`; `token` is sent as bearer token unless it is empty. Must be made within a tokio runtime.
    pub fn new(url: String, token: String) -> Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { url, token, client, runtime: Handle::current() })
    }
}

impl Purger for HttpPurger {
    fn purge(&self, purge: &Purge) -> Result<(), String> {
        let body = serde_json::to_vec(purge).map_err(|error| error.to_string())?;
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        // The address may hold a key of its own, so no error names it.
        let answer = self.runtime.block_on(async { request.send().await }).map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("the hook answered {status}")) }
    }
}
