//! A gateway of the operator's: it takes a POST of JSON, and knows how the city's short messages and mails are really sent.

use std::time::Duration;

use config::Secret;
use serde_json::json;
use url::{Host, Url};

use crate::{Message, SetupError};
use model::Recipient;

/// Posts to one address.
pub struct Gateway {
    address: Url,
    token: Secret,
    client: reqwest::Client,
}

impl Gateway {
    /// A gateway at this address, with `token` as bearer token unless it is empty.
    pub(crate) fn new(address: &str, token: Secret) -> Result<Self, SetupError> {
        let nonsense = |reason: &str| SetupError::Nonsense(format!("sender.gateway {reason}"));
        let address = Url::parse(address).map_err(|_| nonsense("is no address"))?;
        let is_safe = address.scheme() == "https" || (address.scheme() == "http" && is_this_machine(&address));
        if !is_safe {
            return Err(nonsense("must begin with https:// unless it is on this machine: codes are sent to it"));
        }
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| SetupError::Nonsense(format!("no HTTP client can be made for sender.gateway: {error}")))?;
        Ok(Self { address, token, client })
    }

    pub(crate) fn host(&self) -> &str {
        self.address.host_str().unwrap_or_default()
    }

    pub(crate) async fn send(&self, to: &Recipient, message: &Message) -> Result<(), String> {
        let Message { kind, subject, text, values } = message;
        let body =
            json!({ "to": { to.kind().as_str(): to.text() }, "kind": kind, "subject": subject, "text": text, "values": values })
                .to_string();
        let mut request = self.client.post(self.address.clone()).header("content-type", "application/json").body(body);
        if !self.token.is_empty() {
            request = request.bearer_auth(self.token.reveal());
        }
        // The address may hold a key of its own, so no error names it.
        let answer = request.send().await.map_err(|error| format!("the gateway does not answer: {}", error.without_url()))?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(format!("the gateway answered {status}")) }
    }
}

/// Whether what is sent there stays on this machine.
pub(crate) fn is_this_machine(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_leave_the_machine_by_https_alone() {
        let made = |address: &str| Gateway::new(address, Secret::default()).is_ok();
        for good in ["https://sms.internal/send", "http://127.0.0.1:9000", "http://[::1]:9000/x", "http://localhost/x"] {
            assert!(made(good), "{good}");
        }
        for bad in [
            "http://sms.internal",
            "http://localhost@sms.internal/",
            "http://127.0.0.1.sms.internal",
            "ftp://localhost",
            "sms",
            "",
        ] {
            assert!(!made(bad), "{bad}");
        }
    }
}
