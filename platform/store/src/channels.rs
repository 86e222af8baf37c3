//! Channels of sites and the order of what is in them.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use model::{Channel, ChannelId, ChannelTree, GroupId, SiteId};

use crate::schema::channels;
use crate::{BINDS, Command, Connection, Result};

/// Every channel of a site, in navigation order, retired ones included.
pub fn tree(connection: &mut Connection, site: SiteId) -> Result<ChannelTree> {
    let rows = channels::table
        .filter(channels::site_id.eq(site.0))
        .order((channels::position, channels::id))
        .load::<ChannelRow>(connection)?;
    Ok(ChannelTree::new(rows.into_iter().map(channel).collect::<Result<_>>()?))
}

/// One channel of a site.
pub fn find(connection: &mut Connection, site: SiteId, id: ChannelId) -> Result<Option<Channel>> {
    let row = channels::table
        .filter(channels::site_id.eq(site.0).and(channels::id.eq(id.0)))
        .first::<ChannelRow>(connection)
        .optional()?;
    row.map(channel).transpose()
}

/// Channels of whatever sites: for the engine, which follows resources across sites.
pub fn list_anywhere(connection: &mut Connection, ids: &BTreeSet<ChannelId>) -> Result<HashMap<ChannelId, Channel>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = channels::table.filter(channels::id.eq_any(some)).load::<ChannelRow>(connection)?;
        for row in rows {
            let channel = channel(row)?;
            found.insert(channel.id, channel);
        }
    }
    Ok(found)
}

/// A channel of whatever site: for the engine, which follows subscriptions across sites.
pub fn find_anywhere(connection: &mut Connection, id: ChannelId) -> Result<Option<Channel>> {
    channels::table.find(id.0).first::<ChannelRow>(connection).optional()?.map(channel).transpose()
}

/// The channels of all sites that editors of other sites may push resources to, by site and in navigation order. What is in preparation they
/// do not know of.
pub fn list_open_anywhere(connection: &mut Connection) -> Result<Vec<Channel>> {
    let rows = channels::table
        .filter(channels::open_to_offers.eq(true).and(channels::retired.eq(false)).and(channels::preparing.eq(false)))
        .order((channels::site_id, channels::position, channels::id))
        .load::<ChannelRow>(connection)?;
    rows.into_iter().map(channel).collect()
}

/// The channels of whatever sites that have a step for this group; a group of the platform may stand in any of them.
pub fn list_by_group_anywhere(connection: &mut Connection, group: GroupId) -> Result<Vec<Channel>> {
    let rows = channels::table
        .filter(channels::retired.eq(false).and(channels::steps.like("%\"group\":%")))
        .order((channels::site_id, channels::position, channels::id))
        .load::<ChannelRow>(connection)?;
    let found = rows.into_iter().map(channel).collect::<Result<Vec<_>>>()?;
    Ok(found.into_iter().filter(|channel| channel.steps.iter().any(|step| step.group == Some(group))).collect())
}

/// Makes the stored channel with this key agree with the declared one; its id is ignored.
pub fn save(command: &mut Command<'_>, site: SiteId, declared: &Channel) -> Result<ChannelId> {
    let values = (
        channels::parent_id.eq(declared.parent_id.map(|id| id.0)),
        channels::path.eq(&declared.path),
        channels::name.eq(&declared.name),
        channels::description.eq(&declared.description),
        channels::keywords.eq(serde_json::to_string(&declared.keywords)?),
        channels::kind.eq(&declared.kind),
        channels::update_cycle_days.eq(declared.update_cycle_days),
        channels::resource_kind.eq(declared.resource_kind.as_str()),
        channels::steps.eq(serde_json::to_string(&declared.steps)?),
        channels::page_size.eq(declared.page_size),
        channels::navigation.eq(declared.navigation),
        channels::position.eq(declared.position),
        channels::retired.eq(declared.retired),
        channels::open_to_offers.eq(declared.open_to_offers),
        channels::topic.eq(&declared.topic),
        channels::preparing.eq(declared.preparing),
    );
    let target = channels::table.filter(channels::site_id.eq(site.0).and(channels::key.eq(&declared.key)));
    let updated =
        diesel::update(target).set(values.clone()).returning(channels::id).get_result::<i64>(&mut **command).optional()?;
    let id = match updated {
        Some(id) => id,
        None => diesel::insert_into(channels::table)
            .values((channels::site_id.eq(site.0), channels::key.eq(&declared.key), channels::last_sequence.eq(0), values))
            .returning(channels::id)
            .get_result(&mut **command)?,
    };
    Ok(ChannelId(id))
}

/// The next place in a channel's order.
pub fn next_sequence(command: &mut Command<'_>, site: SiteId, id: ChannelId) -> Result<i64> {
    let target = channels::table.filter(channels::site_id.eq(site.0).and(channels::id.eq(id.0)));
    Ok(diesel::update(target)
        .set(channels::last_sequence.eq(channels::last_sequence + 1))
        .returning(channels::last_sequence)
        .get_result(&mut **command)?)
}

/// The next place in the order of each of these channels, of whatever sites.
pub fn next_sequences(command: &mut Command<'_>, ids: &[ChannelId]) -> Result<HashMap<ChannelId, i64>> {
    let mut next = HashMap::with_capacity(ids.len());
    for some in ids.chunks(BINDS) {
        let wanted: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = diesel::update(channels::table.filter(channels::id.eq_any(wanted)))
            .set(channels::last_sequence.eq(channels::last_sequence + 1))
            .returning((channels::id, channels::last_sequence))
            .get_results::<(i64, i64)>(&mut **command)?;
        next.extend(rows.into_iter().map(|(id, last)| (ChannelId(id), last)));
    }
    Ok(next)
}

/// How far a channel has come.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Extent {
    /// The place of the newest item it ever had.
    pub last_sequence: i64,
    /// How many resources are live in it.
    pub live_items: i64,
}

/// How far a channel has come.
pub fn extent(connection: &mut Connection, site: SiteId, id: ChannelId) -> Result<Extent> {
    Ok(channels::table
        .filter(channels::site_id.eq(site.0).and(channels::id.eq(id.0)))
        .select((channels::last_sequence, channels::live_items))
        .first(connection)?)
}

/// How far every channel of a site has come.
pub fn extents(connection: &mut Connection, site: SiteId) -> Result<Vec<(ChannelId, Extent)>> {
    let rows = channels::table
        .filter(channels::site_id.eq(site.0))
        .select((channels::id, (channels::last_sequence, channels::live_items)))
        .load::<(i64, Extent)>(connection)?;
    Ok(rows.into_iter().map(|(id, extent)| (ChannelId(id), extent)).collect())
}

#[derive(Queryable)]
#[expect(clippy::struct_excessive_bools, reason = "the columns of the table")]
pub(crate) struct ChannelRow {
    id: i64,
    site_id: i64,
    parent_id: Option<i64>,
    key: String,
    path: String,
    name: String,
    description: String,
    keywords: String,
    kind: String,
    update_cycle_days: i32,
    resource_kind: String,
    steps: String,
    page_size: i32,
    navigation: bool,
    position: i32,
    retired: bool,
    _last_sequence: i64,
    open_to_offers: bool,
    _live_items: i64,
    topic: String,
    preparing: bool,
}

pub(crate) fn channel(row: ChannelRow) -> Result<Channel> {
    Ok(Channel {
        id: ChannelId(row.id),
        site_id: SiteId(row.site_id),
        parent_id: row.parent_id.map(ChannelId),
        key: row.key,
        path: row.path,
        name: row.name,
        description: row.description,
        keywords: serde_json::from_str(&row.keywords)?,
        kind: row.kind,
        update_cycle_days: row.update_cycle_days,
        resource_kind: row.resource_kind.parse()?,
        steps: serde_json::from_str(&row.steps)?,
        page_size: row.page_size,
        navigation: row.navigation,
        position: row.position,
        retired: row.retired,
        open_to_offers: row.open_to_offers,
        topic: row.topic,
        preparing: row.preparing,
    })
}
