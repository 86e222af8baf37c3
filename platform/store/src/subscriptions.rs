//! Standing queries: what channels ask of the library.

use diesel::prelude::*;
use model::subscription::Query;
use model::{AgencyId, Channel, ChannelId, SiteId, Subscription, SubscriptionId};

use crate::channels::{ChannelRow, channel};
use crate::schema::{channels, offers, placements, subscriptions};
use crate::{BINDS, Command, Connection, Error, Result};

/// The standing queries, on whatever site, whose first criterion is one of these words, each with the channel it fills.
pub fn list_by_leads_anywhere(connection: &mut Connection, leads: &[String]) -> Result<Vec<(Subscription, Channel)>> {
    let mut found = Vec::new();
    for some in leads.chunks(BINDS) {
        let rows = subscriptions::table
            .inner_join(channels::table)
            .filter(subscriptions::lead.eq_any(some.to_vec()))
            .order(subscriptions::id)
            .load::<(SubscriptionRow, ChannelRow)>(connection)?;
        for row in rows {
            found.push(with_channel(row)?);
        }
    }
    Ok(found)
}

/// A standing query with the channel it fills, on whatever site.
pub fn find_anywhere(connection: &mut Connection, id: SubscriptionId) -> Result<Option<(Subscription, Channel)>> {
    let query = subscriptions::table.inner_join(channels::table).filter(subscriptions::id.eq(id.0));
    query.first::<(SubscriptionRow, ChannelRow)>(connection).optional()?.map(with_channel).transpose()
}

/// The standing queries that fill the channels of a site.
pub fn list(connection: &mut Connection, site: SiteId) -> Result<Vec<Subscription>> {
    let rows = subscriptions::table
        .inner_join(channels::table)
        .filter(channels::site_id.eq(site.0))
        .order(subscriptions::id)
        .select(subscriptions::all_columns)
        .load::<SubscriptionRow>(connection)?;
    rows.into_iter().map(subscription).collect()
}

/// The standing queries of other sites that what this site writes may match, each with the channel it fills.
pub fn list_asking(connection: &mut Connection, site: SiteId, agency: AgencyId) -> Result<Vec<(Subscription, Channel)>> {
    let own = diesel::alias!(channels as own);
    let of_site = own.filter(own.field(channels::site_id).eq(site.0)).select(own.field(channels::id).nullable());
    let rows = subscriptions::table
        .inner_join(channels::table)
        .filter(channels::site_id.ne(site.0).and(channels::retired.eq(false)))
        .filter(subscriptions::from_site_id.is_null().or(subscriptions::from_site_id.eq(site.0)))
        .filter(subscriptions::from_agency_id.is_null().or(subscriptions::from_agency_id.eq(agency.0)))
        .filter(subscriptions::from_channel_id.is_null().or(subscriptions::from_channel_id.eq_any(of_site)))
        .order((channels::site_id, subscriptions::id))
        .load::<(SubscriptionRow, ChannelRow)>(connection)?;
    rows.into_iter().map(with_channel).collect()
}

/// Adds a standing query; its number is ignored.
pub fn insert(command: &mut Command<'_>, new: &Subscription) -> Result<SubscriptionId> {
    let query = &new.query;
    let lead = query.lead().ok_or_else(|| Error::Corrupt("a standing query that asks for nothing".to_owned()))?;
    let id = diesel::insert_into(subscriptions::table)
        .values((
            subscriptions::channel_id.eq(new.channel_id.0),
            subscriptions::from_site_id.eq(query.from_site.map(|id| id.0)),
            subscriptions::from_agency_id.eq(query.from_agency.map(|id| id.0)),
            subscriptions::from_channel_id.eq(query.from_channel.map(|id| id.0)),
            subscriptions::theme_class.eq(&query.theme_class),
            subscriptions::kind.eq(query.kind.map(model::ResourceKind::as_str)),
            subscriptions::tags.eq(serde_json::to_string(&query.tags)?),
            subscriptions::acceptance.eq(new.acceptance.as_str()),
            subscriptions::lead.eq(lead),
        ))
        .returning(subscriptions::id)
        .get_result(&mut **command)?;
    Ok(SubscriptionId(id))
}

/// Ends a standing query; what it has placed and offered stays.
pub fn remove(command: &mut Command<'_>, id: SubscriptionId) -> Result<()> {
    diesel::update(placements::table.filter(placements::subscription_id.eq(id.0)))
        .set(placements::subscription_id.eq(None::<i64>))
        .execute(&mut **command)?;
    diesel::update(offers::table.filter(offers::subscription_id.eq(id.0)))
        .set(offers::subscription_id.eq(None::<i64>))
        .execute(&mut **command)?;
    diesel::delete(subscriptions::table.find(id.0)).execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct SubscriptionRow {
    id: i64,
    channel_id: i64,
    from_site_id: Option<i64>,
    from_agency_id: Option<i64>,
    from_channel_id: Option<i64>,
    theme_class: Option<String>,
    kind: Option<String>,
    tags: String,
    acceptance: String,
    _lead: String,
}

fn with_channel((row, of): (SubscriptionRow, ChannelRow)) -> Result<(Subscription, Channel)> {
    Ok((subscription(row)?, channel(of)?))
}

fn subscription(row: SubscriptionRow) -> Result<Subscription> {
    Ok(Subscription {
        id: SubscriptionId(row.id),
        channel_id: ChannelId(row.channel_id),
        query: Query {
            from_site: row.from_site_id.map(SiteId),
            from_agency: row.from_agency_id.map(AgencyId),
            from_channel: row.from_channel_id.map(ChannelId),
            theme_class: row.theme_class,
            kind: row.kind.map(|word| word.parse()).transpose()?,
            tags: serde_json::from_str(&row.tags)?,
        },
        acceptance: row.acceptance.parse()?,
    })
}
