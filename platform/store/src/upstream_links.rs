//! Whom an upper-level service means is one of our people (关联), and what its groups brought them.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Ground, LinkId, RoleId, SiteId, UpstreamId, UpstreamLink, UserId};

use crate::schema::{upstream_grants as grants, upstream_links as links};
use crate::{Command, Connection, Result};

type Row = (i64, i64, i64, NaiveDateTime, Option<NaiveDateTime>);

const COLUMNS: (links::id, links::upstream_id, links::user_id, links::linked_at, links::used_at) =
    (links::id, links::upstream_id, links::user_id, links::linked_at, links::used_at);

/// Links somebody; what the service calls them by is sealed once the number is known.
pub fn insert(
    command: &mut Command<'_>,
    upstream: UpstreamId,
    user: UserId,
    mark: &str,
    now: NaiveDateTime,
    seal: impl FnOnce(i64) -> String,
) -> Result<LinkId> {
    let id = diesel::insert_into(links::table)
        .values((
            links::upstream_id.eq(upstream.0),
            links::user_id.eq(user.0),
            links::subject_sealed.eq(""),
            links::subject_mark.eq(mark),
            links::linked_at.eq(now),
        ))
        .returning(links::id)
        .get_result::<i64>(&mut **command)?;
    diesel::update(links::table.find(id)).set(links::subject_sealed.eq(seal(id))).execute(&mut **command)?;
    Ok(LinkId(id))
}

/// The link of whom a service means by what has one of these marks.
pub fn find_by_marks(connection: &mut Connection, upstream: UpstreamId, marks: &[String]) -> Result<Option<UpstreamLink>> {
    let meant = links::table.filter(links::upstream_id.eq(upstream.0).and(links::subject_mark.eq_any(marks.to_vec())));
    Ok(meant.select(COLUMNS).first::<Row>(connection).optional()?.map(link))
}

/// Somebody's links, in the order they were made.
pub fn list(connection: &mut Connection, user: UserId) -> Result<Vec<UpstreamLink>> {
    let theirs = links::table.filter(links::user_id.eq(user.0)).order(links::id);
    Ok(theirs.select(COLUMNS).load::<Row>(connection)?.into_iter().map(link).collect())
}

/// Everybody's links with one service, in the order they were made.
pub fn list_of(connection: &mut Connection, upstream: UpstreamId) -> Result<Vec<UpstreamLink>> {
    let of_it = links::table.filter(links::upstream_id.eq(upstream.0)).order(links::id);
    Ok(of_it.select(COLUMNS).load::<Row>(connection)?.into_iter().map(link).collect())
}

/// How many people are linked with each service.
pub fn count(connection: &mut Connection) -> Result<Vec<(UpstreamId, i64)>> {
    let counted = links::table.group_by(links::upstream_id).select((links::upstream_id, diesel::dsl::count_star()));
    Ok(counted.load::<(i64, i64)>(connection)?.into_iter().map(|(id, count)| (UpstreamId(id), count)).collect())
}

/// Notes that somebody signed in by it.
pub fn note_use(command: &mut Command<'_>, id: LinkId, now: NaiveDateTime) -> Result<()> {
    diesel::update(links::table.find(id.0)).set(links::used_at.eq(now)).execute(&mut **command)?;
    Ok(())
}

/// Removes one of somebody's, with what is noted of it.
pub fn delete(command: &mut Command<'_>, user: UserId, id: LinkId) -> Result<()> {
    diesel::delete(links::table.filter(links::user_id.eq(user.0).and(links::id.eq(id.0)))).execute(&mut **command)?;
    Ok(())
}

/// Removes all of somebody's; says how many there were.
pub fn delete_of(command: &mut Command<'_>, user: UserId) -> Result<usize> {
    Ok(diesel::delete(links::table.filter(links::user_id.eq(user.0))).execute(&mut **command)?)
}

/// What the groups of a service brought somebody.
pub fn grants(connection: &mut Connection, id: LinkId) -> Result<BTreeSet<(RoleId, Ground)>> {
    let rows = grants::table.filter(grants::link_id.eq(id.0)).select((grants::role_id, grants::site_id));
    let brought = |(role, site): (i64, Option<i64>)| (RoleId(role), Ground::whole(site.map(SiteId)));
    Ok(rows.load::<(i64, Option<i64>)>(connection)?.into_iter().map(brought).collect())
}

/// Puts this in the place of it.
pub fn set_grants(command: &mut Command<'_>, id: LinkId, brought: &BTreeSet<(RoleId, Ground)>) -> Result<()> {
    diesel::delete(grants::table.filter(grants::link_id.eq(id.0))).execute(&mut **command)?;
    for (role, ground) in brought {
        let what = (grants::role_id.eq(role.0), grants::site_id.eq(ground.site().map(|site| site.0)));
        diesel::insert_into(grants::table).values((grants::link_id.eq(id.0), what)).execute(&mut **command)?;
    }
    Ok(())
}

fn link((id, upstream, user, linked_at, used_at): Row) -> UpstreamLink {
    UpstreamLink { id: LinkId(id), upstream_id: UpstreamId(upstream), user_id: UserId(user), linked_at, used_at }
}
