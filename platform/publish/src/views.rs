//! Page views (浏览量) counted in memory and added to the database now and then. What is counted names no visitor; what a killed
//! process had counted since the last time is lost, which is a few seconds' worth.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;
use model::SiteId;
use store::Store;
use store::views::{self, Views as Counted};

/// Addresses counted between two flushes at most; no site has more read in a few seconds.
const MOST: usize = 100_000;

/// Views of one process that the database does not know yet. Sorted, so that two processes adding at once never wait for each
/// other in a circle.
#[derive(Default)]
pub struct Views(Mutex<BTreeMap<(SiteId, String, NaiveDate), i64>>);

impl Views {
    /// Counts one view of an address on a day.
    pub fn count(&self, site: SiteId, path: &str, day: NaiveDate) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() < MOST {
            *counted.entry((site, path.to_owned(), day)).or_default() += 1;
        }
    }

    /// Adds what was counted to the database; what cannot be added is kept for the next time.
    pub fn flush(&self, store: &Store) -> store::Result<()> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if taken.is_empty() {
            return Ok(());
        }
        let rows: Vec<Counted> = taken
            .iter()
            .map(|((site, path, day), views)| Counted { site: *site, path: path.clone(), day: *day, views: *views })
            .collect();
        let added = store.write(|connection| views::add_all_sites(connection, &rows));
        if added.is_err() {
            let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, views) in taken {
                *counted.entry(key).or_default() += views;
            }
        }
        added
    }
}
