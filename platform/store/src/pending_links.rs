//! Whom an upper-level service means who is linked with nobody yet (待关联): kept for the browser that brought it until its person has come in
//! and confirms. It opens nothing.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{CitizenId, RealName, UpstreamId};

use crate::schema::pending_links as table;
use crate::{Command, Connection, Result};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingLink {
    /// Its number.
    pub id: i64,
    /// The service.
    pub upstream: UpstreamId,
    /// To whom it was shown; nobody else can confirm it.
    pub citizen: Option<CitizenId>,
    /// What the service calls them by, sealed.
    pub subject: String,
    /// How well it says it is known who they are.
    pub level: RealName,
    /// UTC.
    pub begun_at: NaiveDateTime,
}

/// Keeps one for the browser that holds the token; those begun before `forgotten` are over.
pub fn insert(
    command: &mut Command<'_>,
    token_hash: &str,
    upstream: UpstreamId,
    level: RealName,
    (now, forgotten): (NaiveDateTime, NaiveDateTime),
    seal: impl FnOnce(i64) -> String,
) -> Result<()> {
    diesel::delete(table::table.filter(table::begun_at.lt(forgotten))).execute(&mut **command)?;
    let id = diesel::insert_into(table::table)
        .values((
            table::token_hash.eq(token_hash),
            table::upstream_id.eq(upstream.0),
            table::subject_sealed.eq(""),
            table::level.eq(level.as_str()),
            table::begun_at.eq(now),
        ))
        .returning(table::id)
        .get_result::<i64>(&mut **command)?;
    diesel::update(table::table.find(id)).set(table::subject_sealed.eq(seal(id))).execute(&mut **command)?;
    Ok(())
}

/// The one of this browser.
pub fn find(connection: &mut Connection, token_hash: &str) -> Result<Option<PendingLink>> {
    type Row = (i64, i64, Option<i64>, String, String, NaiveDateTime);
    let columns = (table::id, table::upstream_id, table::citizen_id, table::subject_sealed, table::level, table::begun_at);
    let row = table::table.filter(table::token_hash.eq(token_hash)).select(columns);
    let Some((id, upstream, citizen, subject, level, begun_at)) = row.first::<Row>(connection).optional()? else {
        return Ok(None);
    };
    let (upstream, citizen) = (UpstreamId(upstream), citizen.map(CitizenId));
    Ok(Some(PendingLink { id, upstream, citizen, subject, level: level.parse()?, begun_at }))
}

/// Has it shown to somebody, and to nobody else from then on.
pub fn show_to(connection: &mut Connection, id: i64, citizen: CitizenId) -> Result<()> {
    let unseen = table::table.filter(table::id.eq(id).and(table::citizen_id.is_null()));
    diesel::update(unseen).set(table::citizen_id.eq(citizen.0)).execute(connection)?;
    Ok(())
}

/// Ends the one of this browser.
pub fn delete(connection: &mut Connection, token_hash: &str) -> Result<()> {
    diesel::delete(table::table.filter(table::token_hash.eq(token_hash))).execute(connection)?;
    Ok(())
}

/// Ends those that were shown to somebody.
pub fn delete_of(command: &mut Command<'_>, citizen: CitizenId) -> Result<()> {
    diesel::delete(table::table.filter(table::citizen_id.eq(citizen.0))).execute(&mut **command)?;
    Ok(())
}

/// Ends those of a service: what it said before it was changed says nothing any more.
pub fn delete_through(command: &mut Command<'_>, upstream: UpstreamId) -> Result<()> {
    diesel::delete(table::table.filter(table::upstream_id.eq(upstream.0))).execute(&mut **command)?;
    Ok(())
}
