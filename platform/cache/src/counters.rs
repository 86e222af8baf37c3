//! Counters with a window: how often something happened since its window began.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};

/// Windows kept at least before those that have ended are swept out.
const SWEEP_AT: usize = 10_000;

/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) struct Counters {
    memory: Mutex<HashMap<String, Window>>,
    /// At how many windows those that have ended are swept out next.
    sweep_at: AtomicUsize,
    redis: Option<ConnectionManager>,
}

struct Window {
    count: u32,
    ends: Instant,
}

impl Counters {
    pub(crate) fn memory() -> Self {
        Self { memory: Mutex::default(), sweep_at: AtomicUsize::new(SWEEP_AT), redis: None }
    }

    pub(crate) async fn redis(client: &redis::Client) -> Result<Self, redis::RedisError> {
        // While Redis is away it is counted here, and nobody's sign-in waits for it.
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let redis = ConnectionManager::new_with_config(client.clone(), config).await?;
        Ok(Self { memory: Mutex::default(), sweep_at: AtomicUsize::new(SWEEP_AT), redis: Some(redis) })
    }

    pub(crate) async fn hit(&self, key: &str, window: Duration) -> u32 {
        if let Some(redis) = &self.redis {
            match hit(redis.clone(), key, window).await {
                Ok(count) => return count,
                Err(error) => tracing::warn!(%error, "counting without Redis"),
            }
        }
        self.hit_here(key, window)
    }

    pub(crate) async fn take_back(&self, key: &str) {
        if let Some(redis) = &self.redis {
            match take_back(redis.clone(), key).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "counting without Redis"),
            }
        }
        if let Some(open) = self.windows().get_mut(key) {
            open.count = open.count.saturating_sub(1);
        }
    }

    pub(crate) async fn count(&self, key: &str) -> u32 {
        if let Some(redis) = &self.redis {
            match redis::cmd("GET").arg(named(key)).query_async::<Option<u32>>(&mut redis.clone()).await {
                Ok(count) => return count.unwrap_or(0),
                Err(error) => tracing::warn!(%error, "counting without Redis"),
            }
        }
        self.windows().get(key).filter(|window| window.ends > Instant::now()).map_or(0, |window| window.count)
    }

    pub(crate) async fn clear(&self, key: &str) {
        if let Some(redis) = &self.redis
            && let Err(error) = redis::cmd("DEL").arg(named(key)).query_async::<()>(&mut redis.clone()).await
        {
            tracing::warn!(%error, "counting without Redis");
        }
        self.windows().remove(key);
    }

    fn hit_here(&self, key: &str, window: Duration) -> u32 {
        let now = Instant::now();
        let mut windows = self.windows();
        if windows.len() >= self.sweep_at.load(Ordering::Relaxed) {
            windows.retain(|_, window| window.ends > now);
            // Where most are open still, looking through all of them again at once would find nothing.
            self.sweep_at.store(SWEEP_AT.max(2 * windows.len()), Ordering::Relaxed);
        }
        let open = windows.entry(key.to_owned()).or_insert(Window { count: 0, ends: now + window });
        if open.ends <= now {
            *open = Window { count: 0, ends: now + window };
        }
        open.count += 1;
        open.count
    }

    fn windows(&self) -> std::sync::MutexGuard<'_, HashMap<String, Window>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first hit opens the window, in one step with counting it.
async fn hit(mut redis: ConnectionManager, key: &str, window: Duration) -> Result<u32, redis::RedisError> {
    const SCRIPT: &str = "
        local count = redis.call('INCR', KEYS[1])
        if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
        return count";
    let milliseconds = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    redis::Script::new(SCRIPT).key(named(key)).arg(milliseconds).invoke_async(&mut redis).await
}

/// A window that has ended meanwhile is not opened again.
async fn take_back(mut redis: ConnectionManager, key: &str) -> Result<(), redis::RedisError> {
    const SCRIPT: &str = "
        local count = tonumber(redis.call('GET', KEYS[1]) or '0')
        if count > 0 then redis.call('DECR', KEYS[1]) end";
    redis::Script::new(SCRIPT).key(named(key)).invoke_async(&mut redis).await
}

fn named(key: &str) -> String {
    format!("tongyuan:count:{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_window_counts_until_it_ends_or_is_cleared() {
        let counters = Counters::memory();
        assert_eq!(counters.hit("a", Duration::from_mins(1)).await, 1);
        assert_eq!(counters.hit("a", Duration::from_mins(1)).await, 2);
        assert_eq!(counters.count("b").await, 0);
        counters.take_back("a").await;
        counters.take_back("b").await;
        assert_eq!((counters.count("a").await, counters.count("b").await), (1, 0));
        counters.clear("a").await;
        assert_eq!(counters.count("a").await, 0);
        assert_eq!(counters.hit("c", Duration::ZERO).await, 1);
        assert_eq!(counters.hit("c", Duration::ZERO).await, 1, "a window that has ended begins anew");
    }
}
