//! Edit leases (编辑锁): who is editing a resource. A lease ends by itself, so that nobody locks others out by going home.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use model::{ResourceId, SiteId, UserId};

use crate::schema::edit_leases as leases;
use crate::{Connection, Result, on};

/// How long a window may be silent before others may edit. Browsers let a window in the background speak once a minute.
pub const LEASE: TimeDelta = TimeDelta::seconds(90);

/// Who is editing.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Lease {
    user_id: i64,
    /// The sheet they write on.
    pub sheet: String,
    /// UTC.
    pub since: NaiveDateTime,
}

impl Lease {
    /// The person.
    pub fn user(&self) -> UserId {
        UserId(self.user_id)
    }
}

/// Somebody's sheet, and the moment they speak.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The person.
    pub user: UserId,
    /// The sheet.
    pub sheet: &'a str,
    /// UTC.
    pub now: NaiveDateTime,
}

/// Takes the lease of a resource that nobody else is editing; otherwise says who is. From an older window of the same person
/// it passes to this one.
pub fn take(connection: &mut Connection, site: SiteId, resource: ResourceId, holder: Holder<'_>) -> Result<Option<Lease>> {
    let mine = leases::resource_id.eq(resource.0).and(leases::user_id.eq(holder.user.0)).and(leases::lease_until.gt(holder.now));
    let kept = (leases::sheet.eq(holder.sheet), leases::lease_until.eq(holder.now + LEASE));
    if diesel::update(leases::table.filter(mine)).set(kept).execute(connection)? == 1 {
        return Ok(None);
    }
    begin(connection, site, resource, holder)
}

/// Keeps the lease of this sheet, or takes it where it has ended; otherwise says who has it.
pub fn renew(connection: &mut Connection, site: SiteId, resource: ResourceId, holder: Holder<'_>) -> Result<Option<Lease>> {
    let mine = leases::resource_id.eq(resource.0).and(leases::user_id.eq(holder.user.0)).and(leases::sheet.eq(holder.sheet));
    if diesel::update(leases::table.filter(mine)).set(leases::lease_until.eq(holder.now + LEASE)).execute(connection)? == 1 {
        return Ok(None);
    }
    begin(connection, site, resource, holder)
}

/// Takes the lease whoever has it; says who had.
pub fn seize(connection: &mut Connection, site: SiteId, resource: ResourceId, holder: Holder<'_>) -> Result<Option<Lease>> {
    let before = find(connection, site, resource, holder.now)?;
    diesel::delete(leases::table.find(resource.0)).execute(connection)?;
    begin(connection, site, resource, holder)?;
    Ok(before)
}

/// Who is editing a resource of this site now.
pub fn find(connection: &mut Connection, site: SiteId, resource: ResourceId, now: NaiveDateTime) -> Result<Option<Lease>> {
    let wanted = leases::resource_id.eq(resource.0).and(leases::site_id.eq(site.0)).and(leases::lease_until.gt(now));
    let lease = leases::table.filter(wanted).select((leases::user_id, leases::sheet, leases::since));
    Ok(lease.first(connection).optional()?)
}

/// Gives back what a person holds of a resource.
pub fn release(connection: &mut Connection, site: SiteId, resource: ResourceId, user: UserId) -> Result<()> {
    let held = leases::resource_id.eq(resource.0).and(leases::site_id.eq(site.0)).and(leases::user_id.eq(user.0));
    diesel::delete(leases::table.filter(held)).execute(connection)?;
    Ok(())
}

/// Gives back what one sheet holds, when its window is left.
pub fn release_sheet(connection: &mut Connection, site: SiteId, user: UserId, sheet: &str) -> Result<()> {
    let held = leases::site_id.eq(site.0).and(leases::user_id.eq(user.0)).and(leases::sheet.eq(sheet));
    diesel::delete(leases::table.filter(held)).execute(connection)?;
    Ok(())
}

/// Takes a lease that is free or has ended; otherwise says who has it.
fn begin(connection: &mut Connection, site: SiteId, resource: ResourceId, holder: Holder<'_>) -> Result<Option<Lease>> {
    let taken = (
        leases::user_id.eq(holder.user.0),
        leases::sheet.eq(holder.sheet),
        leases::since.eq(holder.now),
        leases::lease_until.eq(holder.now + LEASE),
    );
    let ended = leases::resource_id.eq(resource.0).and(leases::lease_until.le(holder.now));
    if diesel::update(leases::table.filter(ended)).set(taken).execute(connection)? == 1 {
        return Ok(None);
    }
    let row = (leases::resource_id.eq(resource.0), leases::site_id.eq(site.0), taken);
    if on!(connection, c => diesel::insert_into(leases::table).values(row).on_conflict_do_nothing().execute(c))? == 1 {
        return Ok(None);
    }
    find(connection, site, resource, holder.now)
}
