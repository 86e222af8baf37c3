//! Taking a site away that the public never saw, with everything that is its own alone.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use model::{ResourceId, ResourceState, SiteId, WorkState};

use crate::schema::{agencies, channels, media, offers, placements, publications, resources, sites, subscriptions, theme_files};
use crate::{Command, Connection, Result, resources as texts};

/// What stands in the way of taking a site away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Something was published on it, offered to it or by it: that belongs to the library.
    Published,
    /// A standing query of another site asks for what is its own.
    AskedFor,
    /// Pictures and files, which are taken away one by one, with their bytes.
    Media,
}

/// Tables whose rows name their site, in an order in which none is in the way of the next. Texts, and what belongs to them, went before.
const ITS_OWN: [&str; 25] = [
    "citizen_visits",
    "citizen_handovers",
    "pages",
    "schedules",
    "notices",
    "site_words",
    "arrangement_media",
    "arrangements",
    "edit_leases",
    "working_copies",
    "saved_views",
    "batches",
    "imports",
    "redirects",
    "page_views",
    "alarms",
    "work_groups",
    "grants",
    "upstream_rules",
    "upstream_grants",
    "api_tokens",
    "site_states",
    "events",
    "site_hosts",
    "channels",
];

/// Rows that name what belongs to the site.
const BELOW: [&str; 4] = [
    "page_keys WHERE page_id IN (SELECT id FROM pages WHERE site_id = ",
    "batch_items WHERE batch_id IN (SELECT id FROM batches WHERE site_id = ",
    "work_group_members WHERE group_id IN (SELECT id FROM work_groups WHERE site_id = ",
    "subscriptions WHERE channel_id IN (SELECT id FROM channels WHERE site_id = ",
];

/// What keeps a site from being taken away, if anything does.
pub fn obstacle(connection: &mut Connection, site: SiteId) -> Result<Option<Obstacle>> {
    let shown = exists(placements::table.filter(placements::site_id.eq(site.0)));
    let told = exists(publications::table.filter(publications::site_id.eq(site.0)));
    let offered = exists(offers::table.filter(offers::site_id.eq(site.0).or(offers::from_site_id.eq(site.0))));
    let is_public = resources::state.ne(ResourceState::Unpublished.as_str()).or(resources::published_at.is_not_null());
    let public = exists(resources::table.filter(resources::site_id.eq(site.0).and(is_public)));
    if diesel::select(shown.or(told).or(offered).or(public)).get_result(connection)? {
        return Ok(Some(Obstacle::Published));
    }
    let own = || channels::table.filter(channels::site_id.eq(site.0)).select(channels::id);
    let asks =
        subscriptions::from_site_id.eq(site.0).or(subscriptions::from_channel_id.eq_any(own().select(channels::id.nullable())));
    let asked = subscriptions::table.filter(asks.and(subscriptions::channel_id.ne_all(own())));
    if diesel::select(exists(asked)).get_result(connection)? {
        return Ok(Some(Obstacle::AskedFor));
    }
    let kept = media::table.filter(media::site_id.eq(site.0));
    Ok(diesel::select(exists(kept)).get_result::<bool>(connection)?.then_some(Obstacle::Media))
}

/// Takes a site away that nothing stands in the way of: its drafts, its pages, all that is said of it, and its agency if that runs nothing
/// else and issued nothing. The audit log keeps what was done on it.
pub fn remove(command: &mut Command<'_>, site: SiteId, key: &str) -> Result<()> {
    let drafts = resources::table.filter(resources::site_id.eq(site.0));
    diesel::update(drafts).set(resources::work.eq(WorkState::Discarded.as_str())).execute(&mut **command)?;
    for id in drafts.select(resources::id).load::<i64>(&mut **command)? {
        texts::erase(command, ResourceId(id))?;
    }
    for rows in BELOW {
        delete(command, rows, ")", site)?;
    }
    for table in ITS_OWN {
        delete(command, &format!("{table} WHERE site_id = "), "", site)?;
    }
    diesel::delete(theme_files::table.filter(theme_files::owner.eq(format!("site/{key}")))).execute(&mut **command)?;
    let agency = sites::table.find(site.0).select(sites::agency_id).first::<i64>(&mut **command)?;
    diesel::delete(sites::table.find(site.0)).execute(&mut **command)?;
    forget_agency(command, agency)
}

fn delete(command: &mut Command<'_>, rows: &str, end: &str, site: SiteId) -> Result<()> {
    let this = match **command {
        Connection::Postgres(_) => "$1",
        Connection::Sqlite(_) => "?",
    };
    diesel::sql_query(format!("DELETE FROM {rows}{this}{end}")).bind::<BigInt, _>(site.0).execute(&mut **command)?;
    Ok(())
}

/// An agency without a site that never issued anything was typed with its site.
fn forget_agency(command: &mut Command<'_>, id: i64) -> Result<()> {
    let runs = exists(sites::table.filter(sites::agency_id.eq(id)));
    let answers = exists(resources::table.filter(resources::agency_id.eq(id)));
    let asked = exists(subscriptions::table.filter(subscriptions::from_agency_id.eq(id)));
    let issued = crate::agencies::has_issued(command, model::AgencyId(id))?;
    if !issued && !diesel::select(runs.or(answers).or(asked)).get_result::<bool>(&mut **command)? {
        diesel::delete(agencies::table.find(id)).execute(&mut **command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables that name a site and are not cleared by it: what is kept, what stands in the way, and what goes with its text.
    const OTHERS: [&str; 9] =
        ["audit_entries", "resources", "placements", "publications", "offers", "media", "pins", "annotations", "subscriptions"];

    #[test]
    fn no_table_that_names_a_site_is_forgotten() {
        let schema = include_str!("schema.rs");
        let mut table = "";
        for line in schema.lines() {
            if line.starts_with("    ") && line.ends_with(") {") {
                table = line.trim().split(' ').next().unwrap_or_default();
            }
            if line.trim_start().starts_with("site_id ->") || line.trim_start().starts_with("from_site_id ->") {
                assert!(ITS_OWN.contains(&table) || OTHERS.contains(&table), "rows of `{table}` would be left behind");
            }
        }
    }
}
