//! Page views (浏览量): how often each article was asked for, by day. Nobody is told apart: there is no visitor in these rows.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};
use model::{PlacementId, ResourceId, SiteId};

use crate::schema::page_views;
use crate::{Connection, Result, in_dialect, on};

/// Views of one address on one day, to be added to what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Views {
    /// The site.
    pub site: SiteId,
    /// The address within it.
    pub path: String,
    /// The day in China.
    pub day: NaiveDate,
    /// How many.
    pub views: i64,
}

/// A line of the list of what is read most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The resource.
    pub resource: ResourceId,
    /// The site it was written on.
    pub written_on: SiteId,
    /// Its title as it is live.
    pub title: String,
    /// Its address.
    pub path: String,
    /// How often it was read.
    pub views: i64,
}

/// Adds what one process has counted, of all sites, in the caller's transaction.
pub fn add_all_sites(connection: &mut Connection, counted: &[Views]) -> Result<()> {
    for one in counted {
        let row = (
            page_views::site_id.eq(one.site.0),
            page_views::path.eq(&one.path),
            page_views::day.eq(one.day),
            page_views::views.eq(one.views),
        );
        on!(connection, c => diesel::insert_into(page_views::table)
            .values(row)
            .on_conflict((page_views::site_id, page_views::path, page_views::day))
            .do_update()
            .set(page_views::views.eq(page_views::views + one.views))
            .execute(c))?;
    }
    Ok(())
}

/// How often a resource was read from `since` on in each of its placements, under whatever address.
pub fn sum_by_resource(connection: &mut Connection, resource: ResourceId, since: NaiveDate) -> Result<HashMap<PlacementId, i64>> {
    let rows = diesel::sql_query(in_dialect(connection, BY_RESOURCE))
        .bind::<BigInt, _>(resource.0)
        .bind::<Date, _>(since)
        .load::<PlacementSum>(connection)?;
    Ok(rows.into_iter().map(|row| (PlacementId(row.placement_id), row.views)).collect())
}

/// How often anything of a site was read on each day from `since` on, oldest first; days without a reader are left out.
pub fn sum_by_day(connection: &mut Connection, site: SiteId, since: NaiveDate) -> Result<Vec<(NaiveDate, i64)>> {
    let rows = diesel::sql_query(in_dialect(connection, BY_DAY))
        .bind::<BigInt, _>(site.0)
        .bind::<Date, _>(since)
        .load::<DaySum>(connection)?;
    Ok(rows.into_iter().map(|row| (row.day, row.views)).collect())
}

/// What a site's visitors read most from `since` on, most read first; what was withdrawn is left out.
pub fn list_most_read(connection: &mut Connection, site: SiteId, since: NaiveDate, limit: i64) -> Result<Vec<Read>> {
    let rows = diesel::sql_query(in_dialect(connection, MOST_READ))
        .bind::<BigInt, _>(site.0)
        .bind::<Date, _>(since)
        .bind::<BigInt, _>(limit)
        .load::<ReadRow>(connection)?;
    let read = |row: ReadRow| Read {
        resource: ResourceId(row.resource_id),
        written_on: SiteId(row.written_on),
        title: row.title,
        path: row.path,
        views: row.views,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// An address that an article once had is never another's, and its page goes on to say whose it was: so what was read there
/// stays with the placement. Sums come back as different types from the two databases unless they are told which.
const BY_RESOURCE: &str = "
    SELECT p.id AS placement_id, CAST(SUM(v.views) AS BIGINT) AS views
    FROM placements p
    JOIN pages g ON g.kind = 'article' AND g.subject = p.id
    JOIN page_views v ON v.site_id = g.site_id AND v.path = g.path
    WHERE p.resource_id = $1 AND v.day >= $2 GROUP BY p.id";
const BY_DAY: &str = "
    SELECT day, CAST(SUM(views) AS BIGINT) AS views FROM page_views
    WHERE site_id = $1 AND day >= $2 GROUP BY day ORDER BY day";
const MOST_READ: &str = "
    SELECT p.resource_id, o.site_id AS written_on, r.title, p.path, v.views
    FROM (SELECT g.subject, CAST(SUM(w.views) AS BIGINT) AS views
          FROM page_views w JOIN pages g ON g.site_id = w.site_id AND g.path = w.path AND g.kind = 'article'
          WHERE w.site_id = $1 AND w.day >= $2 GROUP BY g.subject) v
    JOIN placements p ON p.id = v.subject AND p.live
    JOIN resources o ON o.id = p.resource_id
    JOIN revisions r ON r.id = o.live_revision_id
    ORDER BY v.views DESC, p.path LIMIT $3";

#[derive(QueryableByName)]
struct PlacementSum {
    #[diesel(sql_type = BigInt)]
    placement_id: i64,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

#[derive(QueryableByName)]
struct DaySum {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

#[derive(QueryableByName)]
struct ReadRow {
    #[diesel(sql_type = BigInt)]
    resource_id: i64,
    #[diesel(sql_type = BigInt)]
    written_on: i64,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    path: String,
    #[diesel(sql_type = BigInt)]
    views: i64,
}
