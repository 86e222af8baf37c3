//! Recovery codes (恢复码): each lets in once who has lost everything else. Only their hashes are kept.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::UserId;

use crate::schema::recovery_codes as codes;
use crate::{Command, Connection, Result};

/// Gives somebody these in the place of those they had.
pub fn replace(command: &mut Command<'_>, user: UserId, hashes: &[String]) -> Result<()> {
    delete_of(command, user)?;
    for hash in hashes {
        let code = (codes::user_id.eq(user.0), codes::code_hash.eq(hash));
        diesel::insert_into(codes::table).values(code).execute(&mut **command)?;
    }
    Ok(())
}

/// Uses one up; says whether it was somebody's and unused. One statement decides, so that of several at once one is let in.
pub fn use_up(command: &mut Command<'_>, user: UserId, hash: &str, now: NaiveDateTime) -> Result<bool> {
    let unused = codes::user_id.eq(user.0).and(codes::code_hash.eq(hash)).and(codes::used_at.is_null());
    Ok(diesel::update(codes::table.filter(unused)).set(codes::used_at.eq(now)).execute(&mut **command)? > 0)
}

/// How many somebody has left.
pub fn count_unused(connection: &mut Connection, user: UserId) -> Result<i64> {
    let unused = codes::table.filter(codes::user_id.eq(user.0).and(codes::used_at.is_null()));
    Ok(unused.count().get_result(connection)?)
}

/// Takes all of somebody's away.
pub fn delete_of(command: &mut Command<'_>, user: UserId) -> Result<()> {
    diesel::delete(codes::table.filter(codes::user_id.eq(user.0))).execute(&mut **command)?;
    Ok(())
}
