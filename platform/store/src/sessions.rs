//! Sessions live in the database: they survive a restart, hold on every node, and end when their row does.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::UserId;

use crate::schema::sessions;
use crate::{Connection, Result};

/// Opens a session. Only the hash of its token is kept.
pub fn insert(connection: &mut Connection, token_hash: &str, user: UserId, address: &str, now: NaiveDateTime) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::user_id.eq(user.0),
            sessions::address.eq(address),
            sessions::created_at.eq(now),
            sessions::seen_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whose session this is and when it was opened and last seen.
pub fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<(UserId, NaiveDateTime, NaiveDateTime)>> {
    let row = sessions::table
        .find(token_hash)
        .select((sessions::user_id, sessions::created_at, sessions::seen_at))
        .first::<(i64, NaiveDateTime, NaiveDateTime)>(connection)
        .optional()?;
    Ok(row.map(|(user, created, seen)| (UserId(user), created, seen)))
}

/// Notes that a session was used.
pub fn touch(connection: &mut Connection, token_hash: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(token_hash)).set(sessions::seen_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Ends a session.
pub fn delete(connection: &mut Connection, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.find(token_hash)).execute(connection)?;
    Ok(())
}

/// Ends every session not used since `moment`.
pub fn delete_unseen_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::seen_at.lt(moment))).execute(connection)?)
}
