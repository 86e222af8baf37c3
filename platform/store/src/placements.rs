//! Placements: where each resource is shown, and the lists made of them.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use model::{
    Card, ChannelId, Content, MediaId, Origin, Placement, PlacementId, Resource, ResourceId, ResourceKind, SiteId, Subscription,
    SubscriptionId, ThemeClass, Within,
};

use crate::schema::{channels, placements, resources, revisions};
use crate::{BINDS, Command, Connection, Result, on};

/// Cards, to be narrowed and ordered. A macro because the type of a query has no name worth writing.
macro_rules! cards {
    // Of no site: a database asked for the site as well may go through all the site has.
    () => {
        placements::table
            .inner_join(resources::table)
            .inner_join(revisions::table.on(resources::live_revision_id.eq(revisions::id.nullable())))
            .select((
                placements::all_columns,
                (resources::kind, resources::site_id, resources::index_number, resources::live_since),
                (
                    revisions::title,
                    revisions::subtitle,
                    revisions::summary,
                    revisions::source,
                    revisions::keywords,
                    revisions::document_number,
                    revisions::written_on,
                    revisions::theme_class,
                    revisions::validity,
                    revisions::cover,
                ),
            ))
    };
}

/// A resource about to be shown in one more channel.
pub struct NewPlacement<'a> {
    /// What is shown.
    pub resource: ResourceId,
    /// On which site.
    pub site: SiteId,
    /// In which channel of it.
    pub channel: ChannelId,
    /// At which address.
    pub path: &'a str,
    /// Its place in the channel's order.
    pub sequence: i64,
    /// Its place in the order of the site.
    pub site_sequence: i64,
    /// The standing query that asked for it.
    pub subscription: Option<SubscriptionId>,
    /// How it came there.
    pub origin: Origin,
    /// Whether its channel is in preparation: it goes live with that.
    pub waits: bool,
}

/// A resource of another site that stands on this one, with what a list says of it.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Where and since when.
    pub placement: Placement,
    /// The title of its live revision.
    pub title: String,
    /// The site that wrote it.
    pub owner: SiteId,
}

/// Which cards of a site to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct CardQuery {
    /// In these channels; empty: the whole site.
    pub channels: Vec<ChannelId>,
    /// Of this kind alone.
    pub kind: Option<ResourceKind>,
    /// Without these placements, where one channel is asked for.
    pub except: Vec<PlacementId>,
    /// Together with what waits in these channels, which are in preparation.
    pub ahead: Vec<ChannelId>,
    /// How many to pass over.
    pub offset: i64,
    /// How many at most.
    pub limit: i64,
}

/// Shows a resource in channels, live from `now` on where these are not in preparation.
pub fn insert_all(command: &mut Command<'_>, new: &[NewPlacement<'_>], now: NaiveDateTime) -> Result<()> {
    for some in new.chunks(50) {
        let rows: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    placements::resource_id.eq(one.resource.0),
                    placements::site_id.eq(one.site.0),
                    placements::channel_id.eq(one.channel.0),
                    placements::path.eq(one.path),
                    placements::sequence.eq(one.sequence),
                    placements::site_sequence.eq(one.site_sequence),
                    placements::subscription_id.eq(one.subscription.map(|id| id.0)),
                    placements::origin.eq(one.origin.as_str()),
                    placements::published_at.eq(now),
                    placements::live.eq(!one.waits),
                    placements::waits.eq(one.waits),
                )
            })
            .collect();
        let connection = &mut **command;
        on!(connection, c => diesel::insert_into(placements::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// The placement with this number on this site.
pub fn find(connection: &mut Connection, site: SiteId, id: PlacementId) -> Result<Option<Placement>> {
    let row = placements::table
        .filter(placements::site_id.eq(site.0).and(placements::id.eq(id.0)))
        .first::<PlacementRow>(connection)
        .optional()?;
    row.map(placement).transpose()
}

/// Everywhere a resource is or was shown, on whatever site; the owner's own first.
pub fn list_by_resource(connection: &mut Connection, resource: ResourceId) -> Result<Vec<Placement>> {
    let rows = placements::table
        .filter(placements::resource_id.eq(resource.0))
        .order(placements::id)
        .load::<PlacementRow>(connection)?;
    rows.into_iter().map(placement).collect()
}

/// The placement at this address of a site.
pub fn find_by_path(connection: &mut Connection, site: SiteId, path: &str) -> Result<Option<Placement>> {
    let query = placements::table.filter(placements::site_id.eq(site.0).and(placements::path.eq(path)));
    query.first::<PlacementRow>(connection).optional()?.map(placement).transpose()
}

/// Resources of other sites that stand in channels within of this one, live or waiting for a topic of it, newest first.
pub fn list_shared(connection: &mut Connection, site: SiteId, within: &Within, offset: i64, limit: i64) -> Result<Vec<Shared>> {
    let mut query = placements::table
        .inner_join(resources::table)
        .inner_join(revisions::table.on(resources::live_revision_id.eq(revisions::id.nullable())))
        .filter(placements::site_id.eq(site.0).and(placements::live.eq(true).or(placements::waits.eq(true))))
        .filter(resources::site_id.ne(site.0))
        .order((placements::published_at.desc(), placements::id.desc()))
        .offset(offset)
        .limit(limit)
        .select((placements::all_columns, revisions::title, resources::site_id))
        .into_boxed();
    if let Some(some) = within.some() {
        query = query.filter(placements::channel_id.eq_any(some.iter().map(|channel| channel.0).collect::<Vec<_>>()));
    }
    let rows = query.load::<(PlacementRow, String, i64)>(connection)?;
    rows.into_iter().map(|(row, title, owner)| Ok(Shared { placement: placement(row)?, title, owner: SiteId(owner) })).collect()
}

/// Everywhere these resources are or were shown, on whatever site.
pub fn list_by_resources(connection: &mut Connection, ids: &BTreeSet<ResourceId>) -> Result<Vec<Placement>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(BINDS) {
        let rows = placements::table
            .filter(placements::resource_id.eq_any(some))
            .order(placements::id)
            .load::<PlacementRow>(connection)?;
        for row in rows {
            found.push(placement(row)?);
        }
    }
    Ok(found)
}

/// Where these resources are or were first shown on the sites that own them.
pub fn list_own(connection: &mut Connection, ids: &BTreeSet<ResourceId>) -> Result<HashMap<ResourceId, Placement>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = placements::table
            .inner_join(resources::table)
            // The sum keeps a database from going through all that the owner's site has.
            .filter(placements::resource_id.eq_any(some).and((placements::site_id + 0).eq(resources::site_id)))
            .order(placements::id)
            .select(placements::all_columns)
            .load::<PlacementRow>(connection)?;
        for row in rows {
            let placement = placement(row)?;
            found.entry(placement.resource_id).or_insert(placement);
        }
    }
    Ok(found)
}

/// These placements of a site, live or not.
pub fn list(connection: &mut Connection, site: SiteId, ids: &[PlacementId]) -> Result<Vec<Placement>> {
    let mut found = Vec::new();
    for some in ids.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        for row in placements::table.filter(placements::id.eq_any(ids)).load::<PlacementRow>(connection)? {
            let placement = placement(row)?;
            if placement.site_id == site {
                found.push(placement);
            }
        }
    }
    Ok(found)
}

/// The live cards among these placements of a site.
pub fn find_cards(connection: &mut Connection, site: SiteId, ids: &[PlacementId]) -> Result<HashMap<PlacementId, Card>> {
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        for row in cards!().filter(placements::id.eq_any(ids)).load::<CardRow>(connection)? {
            let card = card(row)?;
            if card.is_live_on(site) {
                found.insert(card.placement.id, card);
            }
        }
    }
    Ok(found)
}

/// The card of a placement that stands on a site, be it that it waits.
pub fn find_card(connection: &mut Connection, site: SiteId, id: PlacementId) -> Result<Option<Card>> {
    let row = cards!().filter(placements::id.eq(id.0)).first::<CardRow>(connection).optional()?;
    Ok(row.map(card).transpose()?.filter(|card| card.placement.site_id == site && card.placement.stands()))
}

/// The live cards of these resources on a site; of one that is shown more than once, the first.
pub fn find_cards_of(connection: &mut Connection, site: SiteId, ids: &BTreeSet<ResourceId>) -> Result<HashMap<ResourceId, Card>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = cards!().filter(placements::resource_id.eq_any(some)).order(placements::id).load::<CardRow>(connection)?;
        for row in rows {
            let card = card(row)?;
            if card.is_live_on(site) {
                found.entry(card.resource_id).or_insert(card);
            }
        }
    }
    Ok(found)
}

/// What is live just before and just behind a placement in its channel.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours {
    /// The one that was shown before it.
    pub older: Option<PlacementId>,
    /// The one that was shown after it.
    pub newer: Option<PlacementId>,
}

/// The live neighbours of placements in their channels, whether these are live themselves or not.
pub fn neighbours(connection: &mut Connection, ids: &[PlacementId]) -> Result<HashMap<PlacementId, Neighbours>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Nullable<BigInt>)]
        older: Option<i64>,
        #[diesel(sql_type = Nullable<BigInt>)]
        newer: Option<i64>,
    }
    let numbers: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let these = match connection {
        Connection::Postgres(_) => "(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))",
        Connection::Sqlite(_) => "(SELECT value FROM json_each(?))",
    };
    let statement = format!("{NEIGHBOURS} {these}");
    let rows = diesel::sql_query(statement).bind::<Text, _>(serde_json::to_string(&numbers)?).load::<Row>(connection)?;
    let found = rows
        .into_iter()
        .map(|row| (PlacementId(row.id), Neighbours { older: row.older.map(PlacementId), newer: row.newer.map(PlacementId) }));
    Ok(found.collect())
}

const NEIGHBOURS: &str = "
    SELECT this.id,
        (SELECT other.id FROM placements AS other
            WHERE other.channel_id = this.channel_id AND other.live = TRUE AND other.sequence < this.sequence
            ORDER BY other.sequence DESC LIMIT 1) AS older,
        (SELECT other.id FROM placements AS other
            WHERE other.channel_id = this.channel_id AND other.live = TRUE AND other.sequence > this.sequence
            ORDER BY other.sequence LIMIT 1) AS newer
    FROM placements AS this WHERE this.id IN";

/// Takes a resource down wherever it is shown.
pub fn take_down(command: &mut Command<'_>, resource: ResourceId) -> Result<()> {
    let target = placements::table.filter(placements::resource_id.eq(resource.0));
    diesel::update(target).set((placements::live.eq(false), placements::waits.eq(false))).execute(&mut **command)?;
    Ok(())
}

/// Shows placements again, or what waited at last, from `now` on. In a channel in preparation they wait (`waits`).
pub fn revive(command: &mut Command<'_>, ids: &[PlacementId], waits: bool, now: NaiveDateTime) -> Result<()> {
    for some in ids.chunks(BINDS) {
        let wanted: Vec<i64> = some.iter().map(|id| id.0).collect();
        diesel::update(placements::table.filter(placements::id.eq_any(wanted)))
            .set((
                placements::live.eq(!waits),
                placements::waits.eq(waits),
                placements::removed.eq(false),
                placements::published_at.eq(now),
            ))
            .execute(&mut **command)?;
    }
    Ok(())
}

/// What waits in channels of a site that are in preparation, in the order it came.
pub fn list_waiting(connection: &mut Connection, site: SiteId, channels: &[ChannelId]) -> Result<Vec<Placement>> {
    let ids: Vec<i64> = channels.iter().map(|id| id.0).collect();
    let rows = placements::table
        .filter(placements::site_id.eq(site.0).and(placements::channel_id.eq_any(ids)).and(placements::waits.eq(true)))
        .order(placements::id)
        .load::<PlacementRow>(connection)?;
    rows.into_iter().map(placement).collect()
}

/// Takes a placement down by will of its site: it stays down until that site accepts the resource again.
pub fn remove(command: &mut Command<'_>, site: SiteId, id: PlacementId) -> Result<()> {
    let target = placements::table.filter(placements::site_id.eq(site.0).and(placements::id.eq(id.0)));
    diesel::update(target)
        .set((placements::live.eq(false), placements::waits.eq(false), placements::removed.eq(true)))
        .execute(&mut **command)?;
    Ok(())
}

/// Gives a placement the address and the title prefix its site wants. Its old address will lead to the new one.
pub fn set(
    command: &mut Command<'_>,
    site: SiteId,
    id: PlacementId,
    slug: Option<&str>,
    path: &str,
    title_prefix: &str,
) -> Result<()> {
    let target = placements::table.filter(placements::site_id.eq(site.0).and(placements::id.eq(id.0)));
    diesel::update(target)
        .set((placements::slug.eq(slug), placements::path.eq(path), placements::title_prefix.eq(title_prefix)))
        .execute(&mut **command)?;
    Ok(())
}

/// Shows a placement in another channel, at another address. Its old address will lead to the new one.
pub fn relocate(command: &mut Command<'_>, id: PlacementId, channel: ChannelId, path: &str, sequence: i64) -> Result<()> {
    diesel::update(placements::table.find(id.0))
        .set((placements::channel_id.eq(channel.0), placements::path.eq(path), placements::sequence.eq(sequence)))
        .execute(&mut **command)?;
    Ok(())
}

/// Cards of a site, newest first. One channel has an order of its own; several share only the time things were published.
pub fn list_cards(connection: &mut Connection, site: SiteId, wanted: &CardQuery) -> Result<Vec<Card>> {
    let mut query = cards!().filter(placements::site_id.eq(site.0)).into_boxed();
    query = if wanted.ahead.is_empty() {
        query.filter(placements::live.eq(true))
    } else {
        let ahead = placements::channel_id.eq_any(wanted.ahead.iter().map(|id| id.0).collect::<Vec<_>>());
        query.filter(placements::live.eq(true).or(placements::waits.eq(true).and(ahead)))
    };
    query = match wanted.channels.as_slice() {
        [] => query.order((placements::published_at.desc(), placements::id.desc())),
        [one] => query.filter(placements::channel_id.eq(one.0)).order(placements::sequence.desc()),
        many => return newest_of(connection, site, many, wanted),
    };
    if let Some(kind) = wanted.kind {
        query = query.filter(resources::kind.eq(kind.as_str()));
    }
    if !wanted.except.is_empty() {
        query = query.filter(placements::id.ne_all(wanted.except.iter().map(|id| id.0).collect::<Vec<_>>()));
    }
    let rows = query.offset(wanted.offset).limit(wanted.limit).load::<CardRow>(connection)?;
    rows.into_iter().map(card).collect()
}

/// What is live in channels within of a site, newest first whichever of them it is in.
pub fn list_live(connection: &mut Connection, site: SiteId, within: &Within, offset: i64, limit: i64) -> Result<Vec<Card>> {
    let mut query = cards!()
        .filter(placements::site_id.eq(site.0).and(placements::live.eq(true)))
        .order((placements::published_at.desc(), placements::id.desc()))
        .offset(offset)
        .limit(limit)
        .into_boxed();
    if let Some(some) = within.some() {
        query = query.filter(placements::channel_id.eq_any(some.iter().map(|channel| channel.0).collect::<Vec<_>>()));
    }
    query.load::<CardRow>(connection)?.into_iter().map(card).collect()
}

/// Asks each channel for its newest: going through a large site for what is new in a small channel would not do.
fn newest_of(connection: &mut Connection, site: SiteId, channels: &[ChannelId], wanted: &CardQuery) -> Result<Vec<Card>> {
    let mut cards = Vec::new();
    for channel in channels {
        let mut query = cards!()
            .filter(placements::channel_id.eq(channel.0))
            // The sum keeps a database from going through all that the site has.
            .filter((placements::site_id + 0).eq(site.0))
            .order((placements::published_at.desc(), placements::id.desc()))
            .into_boxed();
        query = if wanted.ahead.contains(channel) {
            query.filter(placements::live.eq(true).or(placements::waits.eq(true)))
        } else {
            query.filter(placements::live.eq(true))
        };
        if let Some(kind) = wanted.kind {
            query = query.filter(resources::kind.eq(kind.as_str()));
        }
        for row in query.limit(wanted.offset + wanted.limit).load::<CardRow>(connection)? {
            cards.push(card(row)?);
        }
    }
    cards.sort_by_key(|card| std::cmp::Reverse((card.placement.published_at, card.placement.id)));
    let (offset, limit) = (usize::try_from(wanted.offset).unwrap_or(0), usize::try_from(wanted.limit).unwrap_or(0));
    Ok(cards.into_iter().skip(offset).take(limit).collect())
}

/// When something last went live in each channel of a site, of what is still live; channels without anything are left out.
pub fn newest_by_channel(connection: &mut Connection, site: SiteId) -> Result<HashMap<ChannelId, NaiveDateTime>> {
    // One look into the index for each channel, in one question.
    let newest = placements::table
        .filter(placements::channel_id.eq(channels::id).and(placements::live.eq(true)))
        .select(max(placements::published_at))
        .single_value();
    let rows = channels::table
        .filter(channels::site_id.eq(site.0))
        .select((channels::id, newest))
        .load::<(i64, Option<NaiveDateTime>)>(connection)?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((ChannelId(id), at?))).collect())
}

/// How many placements of a site went live at or after a moment and still are.
pub fn count_live_since(connection: &mut Connection, site: SiteId, moment: NaiveDateTime) -> Result<i64> {
    Ok(placements::table
        .filter(placements::site_id.eq(site.0).and(placements::live.eq(true)).and(placements::published_at.ge(moment)))
        .count()
        .get_result(connection)?)
}

/// The cards of a channel whose place in its order is in `from..to`, newest first; `ahead`: with what waits.
pub fn list_chunk(
    connection: &mut Connection,
    site: SiteId,
    channel: ChannelId,
    (from, to): (i64, i64),
    ahead: bool,
) -> Result<Vec<Card>> {
    let query = cards!()
        .filter(placements::site_id.eq(site.0).and(placements::channel_id.eq(channel.0)))
        .filter(placements::sequence.ge(from).and(placements::sequence.lt(to)))
        .order(placements::sequence.desc())
        .into_boxed();
    let query = if ahead {
        query.filter(placements::live.eq(true).or(placements::waits.eq(true)))
    } else {
        query.filter(placements::live.eq(true))
    };
    query.load::<CardRow>(connection)?.into_iter().map(card).collect()
}

/// Addresses on a site of live placements whose place in the site's order is in `from..to`, with the time what is shown there
/// last changed.
pub fn list_paths(connection: &mut Connection, site: SiteId, from: i64, to: i64) -> Result<Vec<(String, NaiveDateTime)>> {
    let rows = placements::table
        .inner_join(resources::table)
        .filter(placements::site_id.eq(site.0).and(placements::live.eq(true)))
        .filter(placements::site_sequence.ge(from).and(placements::site_sequence.lt(to)))
        .order(placements::site_sequence)
        .select((placements::path, placements::published_at, resources::live_since))
        .load::<(String, NaiveDateTime, Option<NaiveDateTime>)>(connection)?;
    Ok(rows.into_iter().map(|(path, shown, live_since)| (path, shown.max(live_since.unwrap_or_default()))).collect())
}

/// Live resources that a standing query asks for and that have no placement in its channel yet, in the order they were first
/// published, beginning after `after`. Of several keywords the caller checks itself which are there.
pub fn list_missing(
    connection: &mut Connection,
    asking: &Subscription,
    after: Option<&Resource>,
    limit: i64,
) -> Result<Vec<ResourceId>> {
    let placed = diesel::alias!(placements as placed);
    let already = placed
        .filter(placed.field(placements::channel_id).eq(asking.channel_id.0))
        .filter(placed.field(placements::resource_id).eq(resources::id));
    let mut query = resources::table
        .inner_join(revisions::table.on(resources::live_revision_id.eq(revisions::id.nullable())))
        .filter(diesel::dsl::not(diesel::dsl::exists(already)))
        .order((resources::published_at, resources::id))
        .limit(limit)
        .select(resources::id)
        .into_boxed();
    let wanted = &asking.query;
    if let Some(channel) = wanted.from_channel {
        let there = placements::table
            .filter(placements::channel_id.eq(channel.0).and(placements::live.eq(true)))
            .filter(placements::resource_id.eq(resources::id));
        query = query.filter(diesel::dsl::exists(there));
    }
    if let Some(site) = wanted.from_site {
        query = query.filter(resources::site_id.eq(site.0));
    }
    if let Some(agency) = wanted.from_agency {
        query = query.filter(resources::agency_id.eq(agency.0));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(resources::kind.eq(kind.as_str()));
    }
    if let Some(class) = &wanted.theme_class {
        let all = ThemeClass::all().iter().filter(|known| known.as_str() == class || known.first_level() == class);
        query = query.filter(revisions::theme_class.eq_any(all.map(|known| known.as_str()).collect::<Vec<_>>()));
    }
    if let [tag] = wanted.tags.as_slice() {
        query = query.filter(revisions::keywords.like(holding(tag)?).escape('!'));
    }
    if let Some(after) = after {
        let moment = after.published_at;
        let later = resources::published_at.gt(moment).or(resources::published_at.eq(moment).and(resources::id.gt(after.id.0)));
        query = query.filter(later);
    }
    let ids = query.load::<i64>(connection)?;
    Ok(ids.into_iter().map(ResourceId).collect())
}

/// A pattern for JSON lists that hold this text.
fn holding(text: &str) -> Result<String> {
    let element = serde_json::to_string(text)?;
    let plain: String =
        element.chars().flat_map(|letter| matches!(letter, '!' | '%' | '_').then_some('!').into_iter().chain([letter])).collect();
    Ok(format!("%{plain}%"))
}

#[derive(Queryable)]
struct PlacementRow {
    id: i64,
    resource_id: i64,
    site_id: i64,
    channel_id: i64,
    path: String,
    sequence: i64,
    site_sequence: i64,
    subscription_id: Option<i64>,
    published_at: NaiveDateTime,
    live: bool,
    origin: String,
    slug: Option<String>,
    title_prefix: String,
    removed: bool,
    waits: bool,
}

fn placement(row: PlacementRow) -> Result<Placement> {
    Ok(Placement {
        id: PlacementId(row.id),
        resource_id: ResourceId(row.resource_id),
        site_id: SiteId(row.site_id),
        channel_id: ChannelId(row.channel_id),
        path: row.path,
        sequence: row.sequence,
        site_sequence: row.site_sequence,
        subscription_id: row.subscription_id.map(SubscriptionId),
        published_at: row.published_at,
        live: row.live,
        origin: row.origin.parse()?,
        slug: row.slug,
        title_prefix: row.title_prefix,
        removed: row.removed,
        waits: row.waits,
    })
}

type CardRow = (
    PlacementRow,
    (String, i64, Option<String>, Option<NaiveDateTime>),
    (String, String, String, String, String, Option<String>, Option<NaiveDate>, Option<String>, Option<String>, Option<i64>),
);

fn card((row, (kind, owner, index_number, live_since), shown): CardRow) -> Result<Card> {
    let (title, subtitle, summary, source, keywords, document_number, written_on, theme_class, validity, cover) = shown;
    let placement = placement(row)?;
    Ok(Card {
        resource_id: placement.resource_id,
        kind: kind.parse()?,
        owner_site_id: SiteId(owner),
        index_number,
        live_since,
        content: Content {
            title: placement.titled(&title),
            subtitle,
            summary,
            source,
            keywords: serde_json::from_str(&keywords)?,
            document_number,
            written_on,
            theme_class,
            validity: validity.map(|word| word.parse()).transpose()?,
            cover: cover.map(MediaId),
            ..Content::default()
        },
        placement,
    })
}
