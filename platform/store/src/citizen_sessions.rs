//! Sessions of citizens: one where they signed in, below it a *visit* on each site that knows them, and *handovers* on the way from the one
//! to the other. All of it ends with the session, and nobody who is shut out has one.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{CitizenId, CitizenSessionId, SiteId};

use crate::schema::{citizen_handovers as handovers, citizen_sessions as sessions, citizen_visits as visits, citizens};
use crate::{Connection, Result};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitizenSession {
    /// Its number.
    pub id: CitizenSessionId,
    /// Whose it is.
    pub citizen: CitizenId,
    /// From which address it was opened.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// UTC.
    pub opened: NaiveDateTime,
    /// When it was last used, on whatever site, UTC.
    pub seen: NaiveDateTime,
    /// When its person last proved who they are, UTC.
    pub proven: NaiveDateTime,
}

/// Opens one for somebody who proved who they are at `proven`. Only the hash of its token is kept.
pub fn insert(
    connection: &mut Connection,
    token_hash: &str,
    citizen: CitizenId,
    (address, agent): (&str, &str),
    (now, proven): (NaiveDateTime, NaiveDateTime),
) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token_hash),
            sessions::citizen_id.eq(citizen.0),
            sessions::address.eq(address),
            sessions::agent.eq(agent),
            sessions::opened_at.eq(now),
            sessions::seen_at.eq(now),
            sessions::proven_at.eq(proven),
        ))
        .execute(connection)?;
    Ok(())
}

/// The session with this token.
pub fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<CitizenSession>> {
    let row = sessions::table
        .inner_join(citizens::table.on(citizens::id.eq(sessions::citizen_id)))
        .filter(sessions::token_hash.eq(token_hash).and(citizens::suspended_at.is_null()))
        .select(COLUMNS);
    Ok(row.first::<Row>(connection).optional()?.map(session))
}

/// The session that a site knows by this token.
pub fn find_visit(connection: &mut Connection, site: SiteId, token_hash: &str) -> Result<Option<CitizenSession>> {
    let row = visits::table
        .inner_join(sessions::table.on(sessions::id.eq(visits::session_id)))
        .inner_join(citizens::table.on(citizens::id.eq(sessions::citizen_id)))
        .filter(visits::site_id.eq(site.0).and(visits::token_hash.eq(token_hash)).and(citizens::suspended_at.is_null()))
        .select(COLUMNS);
    Ok(row.first::<Row>(connection).optional()?.map(session))
}

/// The sessions of a citizen that were used after `moment`, the last used first.
pub fn list(connection: &mut Connection, citizen: CitizenId, moment: NaiveDateTime) -> Result<Vec<CitizenSession>> {
    let open = sessions::table.filter(sessions::citizen_id.eq(citizen.0).and(sessions::seen_at.ge(moment)));
    let rows = open.order((sessions::seen_at.desc(), sessions::id.desc())).select(COLUMNS).load::<Row>(connection)?;
    Ok(rows.into_iter().map(session).collect())
}

/// Notes that one was used.
pub fn touch(connection: &mut Connection, id: CitizenSessionId, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(id.0)).set(sessions::seen_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Notes that whoever is there has proved again who they are.
pub fn prove(connection: &mut Connection, id: CitizenSessionId, now: NaiveDateTime) -> Result<()> {
    diesel::update(sessions::table.find(id.0)).set(sessions::proven_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Ends one of a citizen's; says whether there was such a one.
pub fn delete_one(connection: &mut Connection, citizen: CitizenId, id: CitizenSessionId) -> Result<bool> {
    let theirs = sessions::table.filter(sessions::citizen_id.eq(citizen.0).and(sessions::id.eq(id.0)));
    Ok(diesel::delete(theirs).execute(connection)? > 0)
}

/// Ends every session of a citizen but the one that is kept; says how many there were.
pub fn delete_of(connection: &mut Connection, citizen: CitizenId, kept: Option<CitizenSessionId>) -> Result<usize> {
    let kept = kept.map_or(0, |session| session.0);
    let theirs = sessions::table.filter(sessions::citizen_id.eq(citizen.0).and(sessions::id.ne(kept)));
    Ok(diesel::delete(theirs).execute(connection)?)
}

/// Ends every session not used since `moment`.
pub fn delete_unseen_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::seen_at.lt(moment))).execute(connection)?)
}

/// Sends somebody on to a site: the code of this hash is good there once, for the browser that knows the state.
pub fn hand_over(
    connection: &mut Connection,
    hash: &str,
    (session, site): (CitizenSessionId, SiteId),
    state_hash: &str,
    until: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<()> {
    diesel::delete(handovers::table.filter(handovers::until.lt(now))).execute(connection)?;
    diesel::insert_into(handovers::table)
        .values((
            handovers::hash.eq(hash),
            handovers::session_id.eq(session.0),
            handovers::site_id.eq(site.0),
            handovers::state_hash.eq(state_hash),
            handovers::until.eq(until),
        ))
        .execute(connection)?;
    Ok(())
}

/// Takes somebody over on a site, who is known there by the token from then on; says whether there was such a handover. It is used up
/// whether or not it fits.
pub fn take_over(
    connection: &mut Connection,
    hash: &str,
    site: SiteId,
    state_hash: &str,
    token_hash: &str,
    now: NaiveDateTime,
) -> Result<bool> {
    let row = handovers::table.find(hash);
    let found = row
        .select((handovers::session_id, handovers::site_id, handovers::state_hash, handovers::until))
        .first::<(i64, i64, String, NaiveDateTime)>(connection)
        .optional()?;
    let Some((session, meant, state, until)) = found else { return Ok(false) };
    // Whoever deletes the row has it: of two who come at once one does.
    if diesel::delete(row).execute(connection)? == 0 || meant != site.0 || state != state_hash || until < now {
        return Ok(false);
    }
    diesel::insert_into(visits::table)
        .values((visits::token_hash.eq(token_hash), visits::session_id.eq(session), visits::site_id.eq(site.0)))
        .execute(connection)?;
    Ok(true)
}

type Row = (i64, i64, String, String, NaiveDateTime, NaiveDateTime, NaiveDateTime);

type Columns = (
    sessions::id,
    sessions::citizen_id,
    sessions::address,
    sessions::agent,
    sessions::opened_at,
    sessions::seen_at,
    sessions::proven_at,
);

const COLUMNS: Columns = (
    sessions::id,
    sessions::citizen_id,
    sessions::address,
    sessions::agent,
    sessions::opened_at,
    sessions::seen_at,
    sessions::proven_at,
);

fn session((id, citizen, address, agent, opened, seen, proven): Row) -> CitizenSession {
    let (id, citizen) = (CitizenSessionId(id), CitizenId(citizen));
    CitizenSession { id, citizen, address, agent, opened, seen, proven }
}
