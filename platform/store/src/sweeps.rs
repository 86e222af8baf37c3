//! Sweeps: work that goes round and round over everything, done by one process at a time, which holds a lease.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use crate::schema::sweeps;
use crate::{Connection, Result, on};

/// How long a process may be silent before another takes over.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);

/// How a sweep stands.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Sweep {
    /// Where it goes on; 0 at the beginning of a round.
    pub position: i64,
    /// When the present round began, UTC.
    pub begun_at: Option<NaiveDateTime>,
    /// When the last round ended, UTC.
    pub finished_at: Option<NaiveDateTime>,
}

/// Takes or keeps the lease of a sweep; none while another process holds it.
pub fn take(connection: &mut Connection, name: &str, holder: &str, now: NaiveDateTime) -> Result<Option<Sweep>> {
    let first = (sweeps::name.eq(name), sweeps::holder.eq(""), sweeps::lease_until.eq(now), sweeps::position.eq(0));
    on!(connection, c => diesel::insert_into(sweeps::table).values(first).on_conflict_do_nothing().execute(c))?;
    let free = sweeps::holder.eq(holder).or(sweeps::lease_until.le(now));
    Ok(diesel::update(sweeps::table.filter(sweeps::name.eq(name).and(free)))
        .set((sweeps::holder.eq(holder), sweeps::lease_until.eq(now + LEASE)))
        .returning((sweeps::position, sweeps::begun_at, sweeps::finished_at))
        .get_result(connection)
        .optional()?)
}

/// Notes how far the holder has come.
pub fn note(connection: &mut Connection, name: &str, holder: &str, sweep: &Sweep) -> Result<()> {
    diesel::update(sweeps::table.filter(sweeps::name.eq(name).and(sweeps::holder.eq(holder))))
        .set((
            sweeps::position.eq(sweep.position),
            sweeps::begun_at.eq(sweep.begun_at),
            sweeps::finished_at.eq(sweep.finished_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Gives the lease back, so that another process need not wait for its end.
pub fn release(connection: &mut Connection, name: &str, holder: &str, now: NaiveDateTime) -> Result<()> {
    diesel::update(sweeps::table.filter(sweeps::name.eq(name).and(sweeps::holder.eq(holder))))
        .set(sweeps::lease_until.eq(now))
        .execute(connection)?;
    Ok(())
}

/// How a sweep stands; none when it has never begun.
pub fn find(connection: &mut Connection, name: &str) -> Result<Option<Sweep>> {
    let wanted = sweeps::table.find(name).select((sweeps::position, sweeps::begun_at, sweeps::finished_at));
    Ok(wanted.first(connection).optional()?)
}
