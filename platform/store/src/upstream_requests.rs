//! Who was sent to an upper-level service and may come back: once, within minutes, with the browser that was sent.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::UpstreamId;

use crate::schema::upstream_requests as table;
use crate::{Connection, Result};

/// Somebody who was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The service.
    pub upstream: UpstreamId,
    /// Where it was asked to send them back to.
    pub redirect: String,
    /// What for, in the words of who sent them.
    pub errand: String,
    /// UTC.
    pub begun_at: NaiveDateTime,
}

/// Keeps one under the hash of its state; those begun before `forgotten` are over.
pub fn insert(connection: &mut Connection, state_hash: &str, request: &Request, forgotten: NaiveDateTime) -> Result<()> {
    diesel::delete(table::table.filter(table::begun_at.lt(forgotten))).execute(connection)?;
    diesel::insert_into(table::table)
        .values((
            table::state_hash.eq(state_hash),
            table::upstream_id.eq(request.upstream.0),
            table::redirect.eq(&request.redirect),
            table::errand.eq(&request.errand),
            table::begun_at.eq(request.begun_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Takes one: whoever comes second finds none.
pub fn take(connection: &mut Connection, state_hash: &str) -> Result<Option<Request>> {
    type Row = (i64, String, String, NaiveDateTime);
    let columns = (table::upstream_id, table::redirect, table::errand, table::begun_at);
    let row = table::table.find(state_hash).select(columns).first::<Row>(connection).optional()?;
    let is_ours = diesel::delete(table::table.find(state_hash)).execute(connection)? > 0;
    let request = |(upstream, redirect, errand, begun_at)| Request { upstream: UpstreamId(upstream), redirect, errand, begun_at };
    Ok(row.filter(|_| is_ours).map(request))
}
