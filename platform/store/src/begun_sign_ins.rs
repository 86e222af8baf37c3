//! Sign-ins that have begun: the password was right, or an upper-level service said who it is; the second factor is waited for. They open nothing.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::UserId;

use crate::schema::begun_sign_ins as begun;
use crate::{Connection, Result};

/// One of them.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its number.
    pub id: i64,
    /// Who is coming in.
    pub user_id: UserId,
    /// UTC.
    pub begun_at: NaiveDateTime,
    /// The upper-level service they came through, by name; none: with their password.
    pub via: Option<String>,
}

/// Begins one for the browser that holds the token; those begun before `forgotten` are over.
pub fn insert(
    connection: &mut Connection,
    token_hash: &str,
    user: UserId,
    via: Option<&str>,
    now: NaiveDateTime,
    forgotten: NaiveDateTime,
) -> Result<()> {
    diesel::delete(begun::table.filter(begun::begun_at.lt(forgotten))).execute(connection)?;
    diesel::insert_into(begun::table)
        .values((
            begun::token_hash.eq(token_hash),
            begun::user_id.eq(user.0),
            begun::tries.eq(0),
            begun::begun_at.eq(now),
            begun::via.eq(via),
        ))
        .execute(connection)?;
    Ok(())
}

/// The one of this browser.
pub fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<Begun>> {
    let row = begun::table
        .filter(begun::token_hash.eq(token_hash))
        .select((begun::id, begun::user_id, begun::begun_at, begun::via))
        .first::<(i64, i64, NaiveDateTime, Option<String>)>(connection)
        .optional()?;
    Ok(row.map(|(id, user, begun_at, via)| Begun { id, user_id: UserId(user), begun_at, via }))
}

/// Counts a try before it is judged; says whether there was one left.
pub fn count_try(connection: &mut Connection, id: i64, most: u32) -> Result<bool> {
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    let left = begun::table.filter(begun::id.eq(id).and(begun::tries.lt(most)));
    Ok(diesel::update(left).set(begun::tries.eq(begun::tries + 1)).execute(connection)? > 0)
}

/// Ends one; says whether it was there, so that it opens one session and no second.
pub fn delete(connection: &mut Connection, id: i64) -> Result<bool> {
    Ok(diesel::delete(begun::table.filter(begun::id.eq(id))).execute(connection)? > 0)
}

/// Ends all of somebody's: what their password was then says nothing any more.
pub fn delete_of(connection: &mut Connection, user: UserId) -> Result<()> {
    diesel::delete(begun::table.filter(begun::user_id.eq(user.0))).execute(connection)?;
    Ok(())
}
