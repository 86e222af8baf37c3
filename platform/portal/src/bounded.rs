//! A map that many read at once and that never grows past its limit: what was not asked for lately makes room.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::SiteId;

/// Parts locked on their own, so that a reader hardly ever waits for a writer.
const SHARDS: usize = 16;

/// Values by site and path.
pub(crate) struct Bounded<V> {
    shards: [RwLock<Shard<V>>; SHARDS],
    /// What one shard may weigh, in bytes.
    limit: usize,
}

struct Shard<V> {
    held: HashMap<SiteId, HashMap<String, Held<V>>>,
    /// In the order in which they came or were last spared.
    order: VecDeque<(SiteId, String, u64)>,
    weight: usize,
    serial: u64,
}

struct Held<V> {
    value: Arc<V>,
    weight: usize,
    /// Tells this value from an earlier one at the same place.
    serial: u64,
    /// Asked for since it was last looked at for removal.
    used: AtomicBool,
}

impl<V> Bounded<V> {
    /// An empty map that holds at most this many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let limit = usize::try_from(bytes).unwrap_or(usize::MAX) / SHARDS;
        Self { shards: std::array::from_fn(|_| RwLock::default()), limit }
    }

    /// What is held at this place.
    pub(crate) fn get(&self, site: SiteId, path: &str) -> Option<Arc<V>> {
        let shard = self.shard(site, path).read().unwrap_or_else(PoisonError::into_inner);
        let held = shard.held.get(&site)?.get(path)?;
        // Written only when it changes: many threads read the same few pages.
        if !held.used.load(Ordering::Relaxed) {
            held.used.store(true, Ordering::Relaxed);
        }
        Some(Arc::clone(&held.value))
    }

    /// Holds a value of this weight, in bytes, unless it would leave room for nothing else.
    pub(crate) fn insert(&self, site: SiteId, path: &str, value: Arc<V>, weight: usize) {
        let mut shard = self.shard(site, path).write().unwrap_or_else(PoisonError::into_inner);
        shard.remove(site, path);
        if weight > self.limit {
            return;
        }
        shard.serial += 1;
        let serial = shard.serial;
        shard.weight += weight;
        let held = Held { value, weight, serial, used: AtomicBool::new(false) };
        shard.held.entry(site).or_default().insert(path.to_owned(), held);
        shard.order.push_back((site, path.to_owned(), serial));
        shard.make_room(self.limit);
    }

    /// Forgets one.
    pub(crate) fn remove(&self, site: SiteId, path: &str) {
        self.shard(site, path).write().unwrap_or_else(PoisonError::into_inner).remove(site, path);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        (0..SHARDS).for_each(|number| self.clear_part(number));
    }

    /// Forgets one of the parts, counted round and round.
    pub(crate) fn clear_part(&self, number: usize) {
        let mut shard = self.shards[number % SHARDS].write().unwrap_or_else(PoisonError::into_inner);
        let forgotten = std::mem::take(&mut *shard);
        // Readers need not wait while much is thrown away.
        drop(shard);
        drop(forgotten);
    }

    /// Addresses differ most at their end.
    fn shard(&self, site: SiteId, path: &str) -> &RwLock<Shard<V>> {
        let end = path.bytes().rev().take(12).fold(site.0.unsigned_abs(), |sum, byte| sum.wrapping_mul(31) + u64::from(byte));
        &self.shards[usize::try_from(end % SHARDS as u64).unwrap_or(0)]
    }
}

impl<V> Shard<V> {
    fn remove(&mut self, site: SiteId, path: &str) {
        if let Some(held) = self.held.get_mut(&site).and_then(|paths| paths.remove(path)) {
            self.weight -= held.weight;
        }
    }

    /// Takes the longest held first; whoever was asked for meanwhile is spared once.
    fn make_room(&mut self, limit: usize) {
        while self.weight > limit {
            let Some((site, path, serial)) = self.order.pop_front() else { return };
            let held = self.held.get(&site).and_then(|paths| paths.get(&path)).filter(|held| held.serial == serial);
            match held.map(|held| held.used.swap(false, Ordering::Relaxed)) {
                Some(true) => self.order.push_back((site, path, serial)),
                Some(false) => self.remove(site, &path),
                None => {}
            }
        }
        self.tidy();
    }

    /// Places that were forgotten since leave the order, so that it stays as short as the map.
    fn tidy(&mut self) {
        let held: usize = self.held.values().map(HashMap::len).sum();
        if self.order.len() > 2 * held + 64 {
            let Self { held, order, .. } = self;
            order.retain(|(site, path, serial)| {
                held.get(site).and_then(|paths| paths.get(path)).is_some_and(|held| held.serial == *serial)
            });
        }
    }
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self { held: HashMap::new(), order: VecDeque::new(), weight: 0, serial: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: SiteId = SiteId(1);

    fn weight<V>(map: &Bounded<V>) -> usize {
        map.shards.iter().map(|shard| shard.read().unwrap().weight).sum()
    }

    #[test]
    fn round_by_round_every_part_is_forgotten_and_no_other() {
        let map = Bounded::new(1 << 20);
        (0..100).for_each(|number| map.insert(SITE, &format!("/{number}.html"), Arc::new(number), 10));
        let held = |map: &Bounded<i32>| (0..100).filter(|number| map.get(SITE, &format!("/{number}.html")).is_some()).count();
        map.clear_part(3);
        assert!((60..100).contains(&held(&map)), "{}", held(&map));
        (SHARDS..2 * SHARDS).for_each(|number| map.clear_part(number));
        assert_eq!((held(&map), weight(&map)), (0, 0));
    }

    #[test]
    fn it_never_weighs_more_than_its_limit_and_keeps_what_is_asked_for() {
        let map = Bounded::new(16_000);
        for number in 0..2_000 {
            map.insert(SITE, "/often", Arc::new(0), 10);
            assert!(map.get(SITE, "/often").is_some());
            map.insert(SITE, &format!("/{number}"), Arc::new(number), 100);
            assert!(weight(&map) <= 16_000);
        }
        let kept = (0..2_000).filter(|number| map.get(SITE, &format!("/{number}")).is_some()).count();
        assert!((50..=160).contains(&kept), "{kept}");
    }

    #[test]
    fn what_is_too_heavy_is_not_held_and_takes_nobodys_place() {
        let map = Bounded::new(1_600);
        for number in 0..100 {
            map.insert(SITE, &format!("/{number}"), Arc::new("page"), 10);
        }
        let before = weight(&map);
        map.insert(SITE, "/7", Arc::new("large"), 101);
        assert!(map.get(SITE, "/7").is_none(), "nor what was there before");
        assert_eq!(weight(&map), before - 10);
    }

    #[test]
    fn what_was_asked_for_is_spared_before_what_was_not() {
        // One shard of a map that is sixteen times as large.
        let mut shard = Shard::<()>::default();
        for (serial, path) in [(1, "/a"), (2, "/b"), (3, "/c")] {
            let held = Held { value: Arc::new(()), weight: 10, serial, used: AtomicBool::new(path == "/a") };
            shard.held.entry(SITE).or_default().insert(path.to_owned(), held);
            shard.order.push_back((SITE, path.to_owned(), serial));
            shard.weight += 10;
        }
        shard.make_room(20);
        assert!(shard.held[&SITE].contains_key("/a") && !shard.held[&SITE].contains_key("/b"));
    }

    #[test]
    fn putting_in_and_forgetting_for_ever_costs_no_memory() {
        let map = Bounded::new(1 << 20);
        for _ in 0..10_000 {
            map.insert(SITE, "/", Arc::new(()), 10);
            map.remove(SITE, "/");
        }
        assert_eq!(weight(&map), 0);
        assert!(map.shards.iter().all(|shard| shard.read().unwrap().order.len() <= 66));
    }

    #[test]
    fn sites_do_not_share_their_addresses() {
        let map = Bounded::new(1 << 20);
        map.insert(SITE, "/", Arc::new("one"), 10);
        map.insert(SiteId(2), "/", Arc::new("two"), 10);
        assert_eq!((*map.get(SITE, "/").unwrap(), *map.get(SiteId(2), "/").unwrap()), ("one", "two"));
        map.remove(SITE, "/");
        assert!(map.get(SITE, "/").is_none() && map.get(SiteId(2), "/").is_some());
        map.clear();
        assert!(map.get(SiteId(2), "/").is_none());
    }
}
