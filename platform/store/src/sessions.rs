//! Sessions live in the database: they survive a restart, hold on every node, and end when their row does.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{PasswordOrigin, Session, SessionId, UserId};

use crate::schema::{sessions, users};
use crate::{Connection, Result};

/// A session as a request finds it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// Who chose its person's password.
    pub origin: PasswordOrigin,
    /// Since when that is so.
    pub since: NaiveDateTime,
    /// When they last proved who they are, UTC.
    pub proven_at: NaiveDateTime,
}

/// A session as it is opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Whose.
    pub user: UserId,
    /// From which address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// When its person came in, UTC.
    pub opened: NaiveDateTime,
    /// When they last proved who they are, UTC.
    pub proven: NaiveDateTime,
}

/// Opens a session. Only the hash of its token is kept.
pub fn insert(connection: &mut Connection, token_hash: &str, opening: &Opening, now: NaiveDateTime) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::user_id.eq(opening.user.0),
            sessions::address.eq(&opening.address),
            sessions::agent.eq(&opening.agent),
            sessions::created_at.eq(opening.opened),
            sessions::seen_at.eq(now),
            sessions::proven_at.eq(opening.proven),
        ))
        .execute(connection)?;
    Ok(())
}

/// The session with this token.
pub fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<Found>> {
    let row = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(token_hash))
        .select((COLUMNS, users::password_origin, users::password_since, sessions::proven_at))
        .first::<(Row, String, NaiveDateTime, NaiveDateTime)>(connection)
        .optional()?;
    let Some((row, origin, since, proven_at)) = row else { return Ok(None) };
    Ok(Some(Found { session: session(row), origin: origin.parse()?, since, proven_at }))
}

/// The sessions of a person that were used after `moment`, the last used first.
pub fn list(connection: &mut Connection, user: UserId, moment: NaiveDateTime) -> Result<Vec<Session>> {
    let open = sessions::table.filter(sessions::user_id.eq(user.0).and(sessions::seen_at.ge(moment)));
    let rows = open.order((sessions::seen_at.desc(), sessions::id.desc())).select(COLUMNS).load::<Row>(connection)?;
    Ok(rows.into_iter().map(session).collect())
}

/// Notes that a session was used.
pub fn touch(connection: &mut Connection, id: SessionId, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(id.0)).set(sessions::seen_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Notes that whoever is there has proved again who they are.
pub fn prove(connection: &mut Connection, id: SessionId, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(id.0)).set(sessions::proven_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Ends the session with this token.
pub fn delete(connection: &mut Connection, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash))).execute(connection)?;
    Ok(())
}

/// Whether this session of a person is there still.
pub fn is_open(connection: &mut Connection, user: UserId, id: SessionId) -> Result<bool> {
    let theirs = sessions::table.filter(sessions::user_id.eq(user.0).and(sessions::id.eq(id.0)));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(connection)?)
}

/// Ends one session of a person; says whether there was such a one.
pub fn delete_one(connection: &mut Connection, user: UserId, id: SessionId) -> Result<bool> {
    let theirs = sessions::table.filter(sessions::user_id.eq(user.0).and(sessions::id.eq(id.0)));
    Ok(diesel::delete(theirs).execute(connection)? > 0)
}

/// Ends every session of a person but the one that is kept; says how many there were.
pub fn delete_of(connection: &mut Connection, user: UserId, kept: Option<SessionId>) -> Result<usize> {
    let kept = kept.map_or(0, |session| session.0);
    let theirs = sessions::table.filter(sessions::user_id.eq(user.0).and(sessions::id.ne(kept)));
    Ok(diesel::delete(theirs).execute(connection)?)
}

/// Ends every session not used since `moment`.
pub fn delete_unseen_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::seen_at.lt(moment))).execute(connection)?)
}

type Row = (i64, i64, String, String, NaiveDateTime, NaiveDateTime);

const COLUMNS: (sessions::id, sessions::user_id, sessions::address, sessions::agent, sessions::created_at, sessions::seen_at) =
    (sessions::id, sessions::user_id, sessions::address, sessions::agent, sessions::created_at, sessions::seen_at);

fn session((id, user, address, agent, opened, seen): Row) -> Session {
    Session { id: SessionId(id), user_id: UserId(user), address, agent, opened, seen }
}
