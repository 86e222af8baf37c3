//! Which interpretations (解读) explain which policy files, asked from either side.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use model::{Content, ResourceId, RevisionId};

use crate::schema::{resources, revision_explains, revisions};
use crate::{BINDS, Command, Connection, Result, on};

/// Notes what a new revision explains.
pub(crate) fn note(command: &mut Command<'_>, revision: RevisionId, content: &Content) -> Result<()> {
    let rows: Vec<_> = content
        .explains
        .iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|id| (revision_explains::revision_id.eq(revision.0), revision_explains::resource_id.eq(id.0)))
        .collect();
    if !rows.is_empty() {
        on!(&mut **command, c => diesel::insert_into(revision_explains::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The live resources that explain these, whatever their sites, each list newest first.
pub fn list_live(connection: &mut Connection, of: &BTreeSet<ResourceId>) -> Result<BTreeMap<ResourceId, Vec<ResourceId>>> {
    let of: Vec<i64> = of.iter().map(|id| id.0).collect();
    let mut found: BTreeMap<ResourceId, Vec<ResourceId>> = BTreeMap::new();
    for some in of.chunks(BINDS) {
        let rows = resources::table
            .inner_join(revision_explains::table.on(resources::live_revision_id.eq(revision_explains::revision_id.nullable())))
            .filter(revision_explains::resource_id.eq_any(some))
            .order(resources::id.desc())
            .select((revision_explains::resource_id, resources::id))
            .load::<(i64, i64)>(connection)?;
        for (explained, by) in rows {
            found.entry(ResourceId(explained)).or_default().push(ResourceId(by));
        }
    }
    Ok(found)
}

/// What any revision of this resource ever explained.
pub fn list_by_resource(connection: &mut Connection, resource: ResourceId) -> Result<Vec<ResourceId>> {
    let ids = revision_explains::table
        .inner_join(revisions::table)
        .filter(revisions::resource_id.eq(resource.0))
        .select(revision_explains::resource_id)
        .distinct()
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(ResourceId).collect())
}
