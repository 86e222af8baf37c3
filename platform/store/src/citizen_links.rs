//! Whom an upper-level service means is a citizen (关联), and how well it says it is known who they are.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{CitizenId, LinkId, RealName, UpstreamId, UpstreamLink};

use crate::links::link_queries;
use crate::schema::citizen_links as links;
use crate::{Command, Connection, Result};

link_queries!(links, citizen_id, CitizenId);

/// Keeps what a service says of somebody now.
pub fn set_level(command: &mut Command<'_>, id: LinkId, level: RealName) -> Result<()> {
    diesel::update(links::table.find(id.0)).set(links::level.eq(level.as_str())).execute(&mut **command)?;
    Ok(())
}

/// The best that any service says of somebody.
pub fn best_level(connection: &mut Connection, citizen: CitizenId) -> Result<RealName> {
    let said = links::table.filter(links::citizen_id.eq(citizen.0)).select(links::level).load::<String>(connection)?;
    let said = said.iter().map(|level| level.parse().map_err(Into::into)).collect::<Result<Vec<RealName>>>()?;
    Ok(said.into_iter().max().unwrap_or_default())
}

/// Those of a service that hold a level, and none of these.
pub fn list_beyond(
    connection: &mut Connection,
    upstream: UpstreamId,
    given: &[RealName],
) -> Result<Vec<UpstreamLink<CitizenId>>> {
    let given: Vec<&str> = given.iter().chain([&RealName::None]).map(|level| level.as_str()).collect();
    let beyond = links::table.filter(links::upstream_id.eq(upstream.0).and(links::level.ne_all(given))).order(links::id);
    Ok(beyond.select(LINK).load::<LinkRow>(connection)?.into_iter().map(link).collect())
}

/// What the services say of somebody, in the order of [`list`]: what they call them by, sealed, and how well it is known who they are.
pub fn list_said(connection: &mut Connection, citizen: CitizenId) -> Result<Vec<(String, RealName)>> {
    let theirs = links::table.filter(links::citizen_id.eq(citizen.0)).order(links::id);
    let rows = theirs.select((links::subject_sealed, links::level)).load::<(String, String)>(connection)?;
    rows.into_iter().map(|(sealed, level)| Ok((sealed, level.parse()?))).collect()
}
