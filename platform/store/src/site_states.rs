//! 站点状态: one row a change, the latest is how a site stands. A site without a row is open.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;
use model::{Announcement, SiteId, SiteState, Standing, StandingId, UserId};

use crate::schema::site_states;
use crate::{BINDS, Command, Connection, Result};

/// Notes that a site stands otherwise from now on.
pub fn insert(
    command: &mut Command<'_>,
    site: SiteId,
    state: SiteState,
    announcement: &Announcement,
    by: UserId,
    now: NaiveDateTime,
) -> Result<StandingId> {
    let id = diesel::insert_into(site_states::table)
        .values((
            site_states::site_id.eq(site.0),
            site_states::state.eq(state.as_str()),
            site_states::title.eq(announcement.title.trim()),
            site_states::text.eq(announcement.text.trim()),
            site_states::basis.eq(announcement.basis.trim()),
            site_states::until_at.eq(announcement.until),
            site_states::moved_to.eq(announcement.moved_to.trim()),
            site_states::created_by.eq(by.0),
            site_states::created_at.eq(now),
        ))
        .returning(site_states::id)
        .get_result(&mut **command)?;
    Ok(StandingId(id))
}

/// How a site stands; none where nothing was ever said: it is open.
pub fn find(connection: &mut Connection, site: SiteId) -> Result<Option<Standing>> {
    let latest = site_states::table.filter(site_states::site_id.eq(site.0)).order(site_states::id.desc());
    latest.first::<StandingRow>(connection).optional()?.map(standing).transpose()
}

/// How a site stood ever since, the latest first.
pub fn list(connection: &mut Connection, site: SiteId) -> Result<Vec<Standing>> {
    let all = site_states::table.filter(site_states::site_id.eq(site.0)).order(site_states::id.desc());
    all.load::<StandingRow>(connection)?.into_iter().map(standing).collect()
}

/// How every site of which something was said stands, or stood at a moment.
pub fn list_everywhere(connection: &mut Connection, at: Option<NaiveDateTime>) -> Result<HashMap<SiteId, Standing>> {
    let latest = site_states::table.group_by(site_states::site_id).select(max(site_states::id));
    let latest = match at {
        Some(moment) => latest.filter(site_states::created_at.le(moment)).load::<Option<i64>>(connection)?,
        None => latest.load::<Option<i64>>(connection)?,
    };
    let mut standings = HashMap::with_capacity(latest.len());
    for some in latest.into_iter().flatten().collect::<Vec<_>>().chunks(BINDS) {
        for row in site_states::table.filter(site_states::id.eq_any(some)).load::<StandingRow>(connection)? {
            standings.insert(SiteId(row.site_id), standing(row)?);
        }
    }
    Ok(standings)
}

#[derive(Queryable)]
struct StandingRow {
    id: i64,
    site_id: i64,
    state: String,
    title: String,
    text: String,
    basis: String,
    until_at: Option<NaiveDateTime>,
    moved_to: String,
    created_by: i64,
    created_at: NaiveDateTime,
}

fn standing(row: StandingRow) -> Result<Standing> {
    Ok(Standing {
        id: StandingId(row.id),
        site_id: SiteId(row.site_id),
        state: row.state.parse()?,
        announcement: Announcement {
            title: row.title,
            text: row.text,
            basis: row.basis,
            until: row.until_at,
            moved_to: row.moved_to,
        },
        by: UserId(row.created_by),
        since: row.created_at,
    })
}
