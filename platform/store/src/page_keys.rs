//! What pages read: the keys each page holds, and the pages that hold a key.
//!
//! A key is stored as a number, the first eight bytes of its BLAKE3. Two keys that happened to share a number would only render
//! a page once too often. Keys that many pages hold alike are stored once, as the *frame* those pages have in common.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::Text;
use model::{Key, Keys, PageId};

use crate::door::{Lock, lock, lock_shared};
use crate::schema::{frame_keys, frames, page_keys, pages};
use crate::{BINDS, Connection, Result, on};

/// Settles, for this transaction, which side sees the other: the resolver all recorded keys, or a recorder the resolver's event.
pub fn lock_for_resolving(connection: &mut Connection) -> Result<()> {
    lock(connection, Lock::Keys)
}

/// Shares the lock that the resolver takes for itself.
pub fn lock_for_recording(connection: &mut Connection) -> Result<()> {
    lock_shared(connection, Lock::Keys)
}

/// Who holds keys: asked once for all the keys of a batch of events.
pub struct Holders(HashMap<i64, Vec<PageId>>);

impl Holders {
    /// The pages that hold this key.
    pub fn of(&self, key: &Key) -> &[PageId] {
        self.0.get(&number(key)).map_or(&[], Vec::as_slice)
    }
}

/// The pages that hold any of the keys, on whatever site.
pub fn holders<'k>(connection: &mut Connection, keys: impl IntoIterator<Item = &'k Key>) -> Result<Holders> {
    let numbers: BTreeSet<i64> = keys.into_iter().map(number).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let mut found: HashMap<i64, Vec<PageId>> = HashMap::new();
    for some in numbers.chunks(BINDS) {
        let own = page_keys::table
            .filter(page_keys::key.eq_any(some))
            .select((page_keys::key, page_keys::page_id))
            .load::<(i64, i64)>(connection)?;
        let common = frame_keys::table
            .inner_join(pages::table.on(pages::frame_id.eq(frame_keys::frame_id.nullable())))
            .filter(frame_keys::key.eq_any(some))
            .select((frame_keys::key, pages::id))
            .load::<(i64, i64)>(connection)?;
        for (key, page) in own.into_iter().chain(common) {
            found.entry(key).or_default().push(PageId(page));
        }
    }
    Ok(Holders(found))
}

/// Makes the stored keys of pages agree with what they have just read; says each page's frame.
pub(crate) fn record(connection: &mut Connection, read: &[(PageId, &Keys)]) -> Result<Vec<i64>> {
    let mut before: HashMap<i64, BTreeSet<i64>> = HashMap::new();
    for some in read.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|(page, _)| page.0).collect();
        let rows = page_keys::table.filter(page_keys::page_id.eq_any(ids)).load::<(i64, i64)>(connection)?;
        for (key, page) in rows {
            before.entry(page).or_default().insert(key);
        }
    }
    let (mut gone, mut new, mut common) = (Vec::new(), Vec::new(), Vec::with_capacity(read.len()));
    for (page, keys) in read {
        let (alike, own): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(|key| key.is_common());
        let own: BTreeSet<i64> = own.into_iter().map(number).collect();
        let held = before.remove(&page.0).unwrap_or_default();
        gone.extend(held.difference(&own).map(|key| (*key, page.0)));
        new.extend(own.difference(&held).map(|key| (*key, page.0)));
        common.push(alike.into_iter().map(number).collect::<BTreeSet<i64>>());
    }
    // In one order, so that two who both make frames never wait for each other.
    let mut frames = BTreeMap::new();
    for keys in common.iter().collect::<BTreeSet<_>>() {
        frames.insert(keys, frame(connection, keys)?);
    }
    let frames = common.iter().filter_map(|keys| frames.get(keys).copied()).collect();
    if !gone.is_empty() {
        pairs(connection, &gone, DELETE_POSTGRES, DELETE_SQLITE)?;
    }
    if !new.is_empty() {
        pairs(connection, &new, INSERT_POSTGRES, INSERT_SQLITE)?;
    }
    Ok(frames)
}

/// The frame of just these keys, made when it is the first of its kind.
fn frame(connection: &mut Connection, keys: &BTreeSet<i64>) -> Result<i64> {
    let mut hasher = blake3::Hasher::new();
    for key in keys {
        hasher.update(&key.to_le_bytes());
    }
    let hash = hasher.finalize().to_hex().to_string();
    let find = frames::table.filter(frames::hash.eq(&hash)).select(frames::id);
    if let Some(id) = find.first::<i64>(connection).optional()? {
        return Ok(id);
    }
    let new = frames::hash.eq(&hash);
    let made = on!(connection, c => diesel::insert_into(frames::table).values(new).on_conflict_do_nothing().execute(c))?;
    let id = find.first::<i64>(connection)?;
    if made > 0 {
        let rows: Vec<_> = keys.iter().map(|key| (frame_keys::key.eq(key), frame_keys::frame_id.eq(id))).collect();
        on!(connection, c => diesel::insert_into(frame_keys::table).values(&rows).execute(c))?;
    }
    Ok(id)
}

/// Runs a statement on many pairs of key and page at once, given to it as JSON: the one shape of a list both databases read.
fn pairs(connection: &mut Connection, pairs: &[(i64, i64)], postgres: &str, sqlite: &str) -> Result<()> {
    let statement = match connection {
        Connection::Postgres(_) => postgres,
        Connection::Sqlite(_) => sqlite,
    };
    diesel::sql_query(statement).bind::<Text, _>(serde_json::to_string(pairs)?).execute(connection)?;
    Ok(())
}

const DELETE_SQLITE: &str = "DELETE FROM page_keys WHERE (key, page_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))";
const DELETE_POSTGRES: &str = "DELETE FROM page_keys WHERE (key, page_id) IN
    (SELECT (pair ->> 0)::bigint, (pair ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) AS pair)";
const INSERT_SQLITE: &str =
    "INSERT INTO page_keys (key, page_id) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
const INSERT_POSTGRES: &str = "INSERT INTO page_keys (key, page_id)
    SELECT (pair ->> 0)::bigint, (pair ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) AS pair ON CONFLICT DO NOTHING";

fn number(key: &Key) -> i64 {
    let hash = blake3::hash(key.as_str().as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_le_bytes(first)
}
