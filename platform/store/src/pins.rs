//! Pins (置顶): placements that stand first in their channel for a while.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{ChannelId, PlacementId, ResourceId, SiteId};

use crate::schema::{pins, placements};
use crate::{Command, Connection, Result, on};

/// Pins a placement; one pinned already comes before the others again.
pub fn insert(command: &mut Command<'_>, site: SiteId, placement: PlacementId, now: NaiveDateTime) -> Result<()> {
    let row = (pins::placement_id.eq(placement.0), pins::site_id.eq(site.0), pins::since.eq(now));
    let since = pins::since.eq(now);
    on!(&mut **command, c => diesel::insert_into(pins::table)
        .values(row).on_conflict(pins::placement_id).do_update().set(since).execute(c))?;
    Ok(())
}

/// Lets a placement go; false when it was not pinned.
pub fn delete(command: &mut Command<'_>, placement: PlacementId) -> Result<bool> {
    Ok(diesel::delete(pins::table.find(placement.0)).execute(&mut **command)? > 0)
}

/// Lets every placement of a resource go, on whatever site.
pub fn delete_by_resource(command: &mut Command<'_>, resource: ResourceId) -> Result<()> {
    let shown = placements::table.filter(placements::resource_id.eq(resource.0)).select(placements::id);
    diesel::delete(pins::table.filter(pins::placement_id.eq_any(shown))).execute(&mut **command)?;
    Ok(())
}

/// The live placements pinned in a channel, the latest pinned first.
pub fn list(connection: &mut Connection, site: SiteId, channel: ChannelId) -> Result<Vec<PlacementId>> {
    let ids = pins::table
        .inner_join(placements::table)
        // The sum keeps a database from beginning with all that the channel has.
        .filter(pins::site_id.eq(site.0).and((placements::channel_id + 0).eq(channel.0)).and(placements::live.eq(true)))
        .order((pins::since.desc(), pins::placement_id.desc()))
        .select(pins::placement_id)
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(PlacementId).collect())
}

/// Every placement pinned on a site.
pub fn list_by_site(connection: &mut Connection, site: SiteId) -> Result<Vec<PlacementId>> {
    let ids = pins::table.filter(pins::site_id.eq(site.0)).select(pins::placement_id).load::<i64>(connection)?;
    Ok(ids.into_iter().map(PlacementId).collect())
}
