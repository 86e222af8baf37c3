//! The keys that tokens are signed with, sealed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::schema::signing_keys as table;
use crate::{Command, Connection, Result};

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKey {
    /// Its number, which is its name in tokens.
    pub id: i64,
    /// Sealed.
    pub sealed: String,
    /// From when on it signs, UTC; it is shown before, so that nobody meets it unprepared.
    pub signs_from: NaiveDateTime,
}

/// All of them, the newest first.
pub fn list(connection: &mut Connection) -> Result<Vec<KeptKey>> {
    let rows = table::table.order((table::signs_from.desc(), table::id.desc())).select((
        table::id,
        table::key_sealed,
        table::signs_from,
    ));
    let rows = rows.load::<(i64, String, NaiveDateTime)>(connection)?;
    Ok(rows.into_iter().map(|(id, sealed, signs_from)| KeptKey { id, sealed, signs_from }).collect())
}

/// Adds a key, sealed once its number is known.
pub fn insert(
    command: &mut Command<'_>,
    signs_from: NaiveDateTime,
    now: NaiveDateTime,
    seal: impl FnOnce(i64) -> String,
) -> Result<()> {
    let id = diesel::insert_into(table::table)
        .values((table::key_sealed.eq(""), table::signs_from.eq(signs_from), table::created_at.eq(now)))
        .returning(table::id)
        .get_result::<i64>(&mut **command)?;
    diesel::update(table::table.find(id)).set(table::key_sealed.eq(seal(id))).execute(&mut **command)?;
    Ok(())
}

/// Forgets a key.
pub fn delete(command: &mut Command<'_>, id: i64) -> Result<()> {
    diesel::delete(table::table.find(id)).execute(&mut **command)?;
    Ok(())
}
