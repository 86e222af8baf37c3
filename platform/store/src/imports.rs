//! What was brought in from where, so that a second import changes nothing.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{ResourceId, SiteId};

use crate::schema::imports;
use crate::{Command, Connection, Result};

/// The resource a source became on this site, with the hash of what was read then.
pub fn find(connection: &mut Connection, site: SiteId, source: &str) -> Result<Option<(ResourceId, String)>> {
    let row = imports::table
        .find((site.0, source))
        .select((imports::resource_id, imports::hash))
        .first::<(i64, String)>(connection)
        .optional()?;
    Ok(row.map(|(id, hash)| (ResourceId(id), hash)))
}

/// Notes what a source became.
pub fn save(
    command: &mut Command<'_>,
    site: SiteId,
    source: &str,
    resource: ResourceId,
    hash: &str,
    now: NaiveDateTime,
) -> Result<()> {
    let values = (imports::resource_id.eq(resource.0), imports::hash.eq(hash), imports::imported_at.eq(now));
    if diesel::update(imports::table.find((site.0, source))).set(values).execute(&mut **command)? == 0 {
        diesel::insert_into(imports::table)
            .values((imports::site_id.eq(site.0), imports::source.eq(source), values))
            .execute(&mut **command)?;
    }
    Ok(())
}
