//! Whom an upper-level service means is one of our people (关联), and what its groups brought them.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Ground, LinkId, RoleId, SiteId, UpstreamId, UpstreamLink, UserId};

use crate::links::link_queries;
use crate::schema::{upstream_grants as grants, upstream_links as links};
use crate::{Command, Connection, Result};

link_queries!(links, user_id, UserId);

/// Everybody's links with one service, in the order they were made.
pub fn list_of(connection: &mut Connection, upstream: UpstreamId) -> Result<Vec<UpstreamLink<UserId>>> {
    let of_it = links::table.filter(links::upstream_id.eq(upstream.0)).order(links::id);
    Ok(of_it.select(LINK).load::<LinkRow>(connection)?.into_iter().map(link).collect())
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
