//! What nodes share for a while: counters that limit rates, and a bus that says what has changed.
//!
//! In one process both live in memory; with Redis they hold over all nodes. Nothing here is the only copy of anything: when
//! Redis is lost, counting goes on per node, and a node that may have missed a message is told to forget everything.

mod bus;
mod counters;

use std::time::Duration;

pub use bus::Message;

use bus::Bus;
use counters::Counters;
use redis::IntoConnectionInfo;

/// Counters and bus, in memory or in Redis.
pub struct Cache {
    counters: Counters,
    bus: Bus,
}

/// Why the cache cannot be opened; a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is not one of ours.
    #[error("cache URL `{0}` is not understood: use memory: or redis://HOST")]
    UnknownScheme(String),
    /// Redis does not answer.
    #[error("cannot reach Redis: {0}")]
    Unreachable(#[from] redis::RedisError),
}

impl Cache {
    /// Opens `memory:` or `redis://…`, which must answer now. Needs a tokio runtime.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        if url == "memory:" {
            return Ok(Self { counters: Counters::memory(), bus: Bus::memory() });
        }
        if !url.starts_with("redis://") && !url.starts_with("rediss://") {
            return Err(OpenError::UnknownScheme(url.split('@').next_back().unwrap_or_default().to_owned()));
        }
        let client = redis::Client::open(url.into_connection_info()?.set_tcp_settings(bus::vigilant()))?;
        Ok(Self { counters: Counters::redis(&client).await?, bus: Bus::redis(client) })
    }

    /// Counts one more under `key` and says how many there were within the window that its first began.
    pub async fn hit(&self, key: &str, window: Duration) -> u32 {
        self.counters.hit(key, window).await
    }

    /// Takes one back that was counted under `key` in its present window.
    pub async fn take_back(&self, key: &str) {
        self.counters.take_back(key).await;
    }

    /// How many were counted under `key` in its present window.
    pub async fn count(&self, key: &str) -> u32 {
        self.counters.count(key).await
    }

    /// Forgets what was counted under `key`.
    pub async fn clear(&self, key: &str) {
        self.counters.clear(key).await;
    }

    /// Tells everything that listens, on this node at once and on every other within moments.
    pub fn announce(&self, message: &Message) {
        self.bus.announce(message);
    }

    /// Has `ear` hear every message from now on. It must be quick: whoever announces waits for it.
    pub fn listen(&self, ear: impl Fn(&Message) + Send + Sync + 'static) {
        self.bus.listen(Box::new(ear));
    }
}
