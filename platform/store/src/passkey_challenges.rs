//! What browsers were asked to sign with a passkey: each is answered once, and by whom it was put to.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::schema::passkey_challenges as challenges;
use crate::{Connection, Result, on};

/// Asks `owner` this in the place of what it was asked before; what was asked before `forgotten` is answered no more.
pub fn put(connection: &mut Connection, owner: &str, state: &str, now: NaiveDateTime, forgotten: NaiveDateTime) -> Result<()> {
    diesel::delete(challenges::table.filter(challenges::asked_at.lt(forgotten))).execute(connection)?;
    let asked = (challenges::state.eq(state), challenges::asked_at.eq(now));
    let row = (challenges::owner.eq(owner), asked);
    on!(connection, c => diesel::insert_into(challenges::table).values(row).on_conflict(challenges::owner).do_update().set(asked).execute(c))?;
    Ok(())
}

/// Takes what `owner` was asked since `moment`. Of several at once one takes it.
pub fn take(connection: &mut Connection, owner: &str, moment: NaiveDateTime) -> Result<Option<String>> {
    let asked = challenges::table.filter(challenges::owner.eq(owner).and(challenges::asked_at.ge(moment)));
    let Some(state) = asked.select(challenges::state).first::<String>(connection).optional()? else { return Ok(None) };
    let this = challenges::table.filter(challenges::owner.eq(owner).and(challenges::state.eq(&state)));
    Ok((diesel::delete(this).execute(connection)? > 0).then_some(state))
}
