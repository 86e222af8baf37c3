//! Offers: what sites push to each other, and what standing queries found that asks to be accepted.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;
use model::{ChannelId, Offer, OfferId, OfferState, Origin, ResourceId, SiteId, SubscriptionId, UserId, Within};

use crate::schema::{offers, resources as texts};
use crate::{Command, Connection, Result, on, publications, resources};

/// An offer about to be made.
pub struct NewOffer<'a> {
    /// What is offered.
    pub resource: ResourceId,
    /// The site that owns it.
    pub from: SiteId,
    /// The site it is offered to.
    pub to: SiteId,
    /// The channel there.
    pub channel: ChannelId,
    /// How it came.
    pub origin: Origin,
    /// The standing query that found it.
    pub subscription: Option<SubscriptionId>,
    /// What the one who offers it says.
    pub note: &'a str,
    /// Who offers it; 0 for the platform itself.
    pub by: UserId,
}

/// Which of a site's offers to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tray {
    /// Received and waiting for a decision; longest waiting first.
    Waiting,
    /// Received and decided; newest first.
    Decided,
    /// Pushed from this site by its people; newest first.
    Sent,
}

/// An offer with what a list shows of its resource.
#[derive(Clone, Debug)]
pub struct Line {
    /// The offer.
    pub offer: Offer,
    /// The title of the revision that was published last: drafts of another site are its own affair.
    pub title: String,
    /// Where its text lies on the site that made it.
    pub text_channel: ChannelId,
}

/// Makes offers. A resource waits at most once for a decision about a channel.
pub fn insert_all(command: &mut Command<'_>, new: &[NewOffer<'_>], now: NaiveDateTime) -> Result<()> {
    for some in new.chunks(50) {
        let rows: Vec<_> = some
            .iter()
            .map(|one| {
                (
                    offers::resource_id.eq(one.resource.0),
                    offers::from_site_id.eq(one.from.0),
                    offers::site_id.eq(one.to.0),
                    offers::channel_id.eq(one.channel.0),
                    offers::origin.eq(one.origin.as_str()),
                    offers::subscription_id.eq(one.subscription.map(|id| id.0)),
                    offers::state.eq(OfferState::Open.as_str()),
                    offers::note.eq(one.note),
                    offers::reason.eq(""),
                    offers::offered_by.eq(one.by.0),
                    offers::offered_at.eq(now),
                    offers::slug.eq(""),
                    offers::title_prefix.eq(""),
                )
            })
            .collect();
        let connection = &mut **command;
        on!(connection, c => diesel::insert_into(offers::table).values(&rows).execute(c))?;
    }
    Ok(())
}

/// An offer this site received.
pub fn find_received(connection: &mut Connection, site: SiteId, id: OfferId) -> Result<Option<Offer>> {
    let query = offers::table.filter(offers::id.eq(id.0).and(offers::site_id.eq(site.0)));
    query.first::<OfferRow>(connection).optional()?.map(offer).transpose()
}

/// An offer this site made.
pub fn find_sent(connection: &mut Connection, site: SiteId, id: OfferId) -> Result<Option<Offer>> {
    let query = offers::table.filter(offers::id.eq(id.0).and(offers::from_site_id.eq(site.0)));
    query.first::<OfferRow>(connection).optional()?.map(offer).transpose()
}

/// Every offer of a resource, to whatever site, newest first.
pub fn list_by_resource(connection: &mut Connection, resource: ResourceId) -> Result<Vec<Offer>> {
    let rows = offers::table.filter(offers::resource_id.eq(resource.0)).order(offers::id.desc()).load::<OfferRow>(connection)?;
    rows.into_iter().map(offer).collect()
}

/// A page of a site's offers: of what it received, those to channels within; of what it sent, those of texts that lie within.
pub fn list(
    connection: &mut Connection,
    site: SiteId,
    within: &Within,
    wanted: Tray,
    offset: i64,
    limit: i64,
) -> Result<Vec<Line>> {
    let mut query = offers::table
        .inner_join(texts::table)
        .select((offers::all_columns, texts::channel_id))
        .offset(offset)
        .limit(limit)
        .into_boxed();
    if let Some(some) = within.some() {
        let some: Vec<i64> = some.iter().map(|channel| channel.0).collect();
        query = match wanted {
            Tray::Waiting | Tray::Decided => query.filter(offers::channel_id.eq_any(some)),
            Tray::Sent => query.filter(texts::channel_id.eq_any(some)),
        };
    }
    query = match wanted {
        Tray::Waiting => query
            .filter(offers::site_id.eq(site.0).and(offers::state.eq_any(UNDECIDED.map(OfferState::as_str))))
            .order(offers::id),
        Tray::Decided => query
            .filter(offers::site_id.eq(site.0).and(offers::state.ne_all(UNDECIDED.map(OfferState::as_str))))
            .order(offers::id.desc()),
        Tray::Sent => {
            query.filter(offers::from_site_id.eq(site.0).and(offers::origin.eq(Origin::Push.as_str()))).order(offers::id.desc())
        }
    };
    let found = query.load::<(OfferRow, i64)>(connection)?;
    let ids = found.iter().map(|(row, _)| ResourceId(row.resource_id)).collect();
    let published = publications::last_published_anywhere(connection, &ids)?;
    let titles = resources::titles(connection, &published.values().copied().collect::<Vec<_>>())?;
    // What waits for its topic tells other sites no title.
    let waiting = if wanted == Tray::Sent { BTreeSet::new() } else { resources::list_waiting(connection, &ids)? };
    let shown = |id| published.get(&id).filter(|_| !waiting.contains(&id));
    let title = |id| shown(id).and_then(|revision| titles.get(revision)).cloned().unwrap_or_default();
    let line = |(row, text_channel): (OfferRow, i64)| {
        let offer = offer(row)?;
        Ok(Line { title: title(offer.resource_id), text_channel: ChannelId(text_channel), offer })
    };
    found.into_iter().map(line).collect()
}

/// How many offers to channels within wait for a decision of this site.
pub fn count_waiting(connection: &mut Connection, site: SiteId, within: &Within) -> Result<i64> {
    let mut query = offers::table
        .filter(offers::site_id.eq(site.0).and(offers::state.eq_any(UNDECIDED.map(OfferState::as_str))))
        .select(count_star())
        .into_boxed();
    if let Some(some) = within.some() {
        query = query.filter(offers::channel_id.eq_any(some.iter().map(|channel| channel.0).collect::<Vec<_>>()));
    }
    Ok(query.first(connection)?)
}

/// Records what became of an offer.
pub fn decide(
    command: &mut Command<'_>,
    id: OfferId,
    state: OfferState,
    reason: &str,
    by: UserId,
    now: NaiveDateTime,
) -> Result<()> {
    diesel::update(offers::table.find(id.0))
        .set((
            offers::state.eq(state.as_str()),
            offers::reason.eq(reason),
            offers::decided_by.eq(by.0),
            offers::decided_at.eq(now),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Keeps the address and the title prefix an offer is to have once it is shown.
pub fn set_wishes(command: &mut Command<'_>, id: OfferId, slug: &str, title_prefix: &str) -> Result<()> {
    let wishes = (offers::slug.eq(slug), offers::title_prefix.eq(title_prefix));
    diesel::update(offers::table.find(id.0)).set(wishes).execute(&mut **command)?;
    Ok(())
}

/// Puts offers back to the state in which a decision is waited for.
pub fn reopen(command: &mut Command<'_>, ids: &[OfferId]) -> Result<()> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    diesel::update(offers::table.filter(offers::id.eq_any(ids)))
        .set((
            offers::state.eq(OfferState::Open.as_str()),
            offers::decided_by.eq(None::<i64>),
            offers::decided_at.eq(None::<NaiveDateTime>),
        ))
        .execute(&mut **command)?;
    Ok(())
}

const UNDECIDED: [OfferState; 2] = [OfferState::Open, OfferState::Reviewing];

#[derive(Queryable)]
struct OfferRow {
    id: i64,
    resource_id: i64,
    from_site_id: i64,
    site_id: i64,
    channel_id: i64,
    origin: String,
    subscription_id: Option<i64>,
    state: String,
    note: String,
    reason: String,
    offered_by: i64,
    offered_at: NaiveDateTime,
    decided_by: Option<i64>,
    decided_at: Option<NaiveDateTime>,
    slug: String,
    title_prefix: String,
}

fn offer(row: OfferRow) -> Result<Offer> {
    Ok(Offer {
        id: OfferId(row.id),
        resource_id: ResourceId(row.resource_id),
        from_site_id: SiteId(row.from_site_id),
        site_id: SiteId(row.site_id),
        channel_id: ChannelId(row.channel_id),
        origin: row.origin.parse()?,
        subscription_id: row.subscription_id.map(SubscriptionId),
        state: row.state.parse()?,
        note: row.note,
        reason: row.reason,
        offered_by: UserId(row.offered_by),
        offered_at: row.offered_at,
        decided_by: row.decided_by.map(UserId),
        decided_at: row.decided_at,
        slug: row.slug,
        title_prefix: row.title_prefix,
    })
}
