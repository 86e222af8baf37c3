//! Publications and withdrawals with their receipts.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use model::{
    EventId, Outcome, PageId, PageKind, PlacementId, Publication, PublicationId, PublicationKind, Receipt, ReceiptPage,
    ResourceId, RevisionId, SiteId, UserId,
};

use crate::schema::{pages, publications, receipt_pages, revisions};
use crate::{BINDS, Command, Connection, Result, on};

/// A decision about to be recorded.
pub struct NewPublication<'a> {
    /// The event it is.
    pub event: EventId,
    /// The site that owns the resource.
    pub site: SiteId,
    /// The resource.
    pub resource: ResourceId,
    /// The revision made live or taken down.
    pub revision: RevisionId,
    /// Which of the two.
    pub kind: PublicationKind,
    /// Who decided.
    pub actor: Option<UserId>,
    /// Why, for a withdrawal.
    pub reason: &'a str,
}

/// Said literally, because the index of what is pending serves nobody who says it as a value.
const PENDING: &str = "receipt_pages.outcome = 'pending'";

/// Records a decision.
pub fn insert(command: &mut Command<'_>, new: &NewPublication<'_>, now: NaiveDateTime) -> Result<PublicationId> {
    let id = diesel::insert_into(publications::table)
        .values((
            publications::event_id.eq(new.event.0),
            publications::site_id.eq(new.site.0),
            publications::resource_id.eq(new.resource.0),
            publications::revision_id.eq(new.revision.0),
            publications::kind.eq(new.kind.as_str()),
            publications::actor_id.eq(new.actor.map(|id| id.0)),
            publications::reason.eq(new.reason),
            publications::requested_at.eq(now),
        ))
        .returning(publications::id)
        .get_result(&mut **command)?;
    Ok(PublicationId(id))
}

/// The decisions that these events record; not every event is one.
pub fn list_by_events(connection: &mut Connection, events: &[EventId]) -> Result<Vec<Publication>> {
    let events: Vec<i64> = events.iter().map(|id| id.0).collect();
    let rows = publications::table.filter(publications::event_id.eq_any(events)).load::<PublicationRow>(connection)?;
    rows.into_iter().map(publication).collect()
}

/// Every decision about a resource, newest first.
pub fn list_by_resource(connection: &mut Connection, site: SiteId, resource: ResourceId) -> Result<Vec<Publication>> {
    let rows = publications::table
        .filter(publications::site_id.eq(site.0).and(publications::resource_id.eq(resource.0)))
        .order(publications::id.desc())
        .load::<PublicationRow>(connection)?;
    rows.into_iter().map(publication).collect()
}

/// The last decision about each of some resources of a site.
pub fn list_last(
    connection: &mut Connection,
    site: SiteId,
    ids: &BTreeSet<ResourceId>,
) -> Result<HashMap<ResourceId, Publication>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let last = publications::table
            .filter(publications::site_id.eq(site.0).and(publications::resource_id.eq_any(some)))
            .group_by(publications::resource_id)
            .select(diesel::dsl::max(publications::id))
            .load::<Option<i64>>(connection)?;
        let last: Vec<i64> = last.into_iter().flatten().collect();
        for row in publications::table.filter(publications::id.eq_any(last)).load::<PublicationRow>(connection)? {
            let decision = publication(row)?;
            found.insert(decision.resource_id, decision);
        }
    }
    Ok(found)
}

/// The revision of each resource that was published last, whatever its site; it is the live one where there is one. What its
/// owner has written since is nobody else's affair.
pub fn last_published_anywhere(
    connection: &mut Connection,
    ids: &BTreeSet<ResourceId>,
) -> Result<HashMap<ResourceId, RevisionId>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        // A later revision is never replaced by an earlier one.
        let rows = publications::table
            .filter(publications::resource_id.eq_any(some))
            .group_by(publications::resource_id)
            .select((publications::resource_id, diesel::dsl::max(publications::revision_id)))
            .load::<(i64, Option<i64>)>(connection)?;
        found.extend(rows.into_iter().filter_map(|(id, last)| Some((ResourceId(id), RevisionId(last?)))));
    }
    Ok(found)
}

/// How far a decision has come on one site, in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The site.
    pub site_id: SiteId,
    /// Pages it touches there.
    pub total: i64,
    /// Those that are done.
    pub done: i64,
    /// Those that wait and could not be rendered at the last attempt.
    pub failed: i64,
    /// Those that were read back, whatever was found.
    pub read_back: i64,
}

/// A decision, without its pages.
pub fn find(connection: &mut Connection, site: SiteId, id: PublicationId) -> Result<Option<Publication>> {
    let target = publications::table.filter(publications::site_id.eq(site.0).and(publications::id.eq(id.0)));
    target.first::<PublicationRow>(connection).optional()?.map(publication).transpose()
}

/// How far a decision has come, site by site: counted by the database, because it may touch thousands of pages.
pub fn list_progress(connection: &mut Connection, id: PublicationId) -> Result<Vec<Progress>> {
    let touched = || receipt_pages::table.inner_join(pages::table).filter(receipt_pages::publication_id.eq(id.0));
    let rows = touched()
        .group_by((pages::site_id, receipt_pages::outcome, receipt_pages::verified))
        .select((pages::site_id, receipt_pages::outcome, receipt_pages::verified, diesel::dsl::count_star()))
        .order(pages::site_id)
        .load::<(i64, String, Option<bool>, i64)>(connection)?;
    let failing = touched()
        .filter(receipt_pages::outcome.eq(Outcome::Pending.as_str()).and(pages::failure.is_not_null()))
        .group_by(pages::site_id)
        .select((pages::site_id, diesel::dsl::count_star()))
        .load::<(i64, i64)>(connection)?;
    let mut sites: Vec<Progress> = Vec::new();
    for (site, outcome, verified, count) in rows {
        if sites.last().is_none_or(|last| last.site_id.0 != site) {
            let failed = failing.iter().find(|(of, _)| *of == site).map_or(0, |(_, count)| *count);
            sites.push(Progress { site_id: SiteId(site), total: 0, done: 0, failed, read_back: 0 });
        }
        let Some(on) = sites.last_mut() else { continue };
        on.total += count;
        on.done += if outcome == Outcome::Pending.as_str() { 0 } else { count };
        on.read_back += if verified.is_some() { count } else { 0 };
    }
    Ok(sites)
}

/// A decision with the pages it touched.
pub fn find_receipt(connection: &mut Connection, site: SiteId, id: PublicationId) -> Result<Option<Receipt>> {
    let row = publications::table
        .filter(publications::site_id.eq(site.0).and(publications::id.eq(id.0)))
        .first::<PublicationRow>(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Receipt { publication: publication(row)?, pages: list_pages(connection, id)? }))
}

/// Notes which pages a decision touches. May be repeated; what is already noted stays.
pub fn add_pages(connection: &mut Connection, of: &Publication, touched: &BTreeSet<PageId>, now: NaiveDateTime) -> Result<()> {
    let touched: Vec<&PageId> = touched.iter().collect();
    for some in touched.chunks(BINDS / 4) {
        let rows: Vec<_> = some
            .iter()
            .map(|page| {
                (
                    receipt_pages::publication_id.eq(of.id.0),
                    receipt_pages::page_id.eq(page.0),
                    receipt_pages::event_id.eq(of.event_id.0),
                    receipt_pages::outcome.eq(Outcome::Pending.as_str()),
                )
            })
            .collect();
        on!(connection, c => diesel::insert_into(receipt_pages::table).values(&rows).on_conflict_do_nothing().execute(c))?;
    }
    let target = publications::table.filter(publications::id.eq(of.id.0).and(publications::resolved_at.is_null()));
    diesel::update(target).set(publications::resolved_at.eq(now)).execute(connection)?;
    Ok(())
}

/// Notes that these pages now show every event up to `version`, all with this outcome; says which decisions were waiting for
/// any of them.
pub fn settle(
    connection: &mut Connection,
    settled: &[PageId],
    version: i64,
    outcome: Outcome,
    now: NaiveDateTime,
) -> Result<BTreeSet<PublicationId>> {
    let mut concerned = BTreeSet::new();
    for some in settled.chunks(BINDS) {
        let pages: Vec<i64> = some.iter().map(|page| page.0).collect();
        let waiting = receipt_pages::table.filter(
            receipt_pages::page_id.eq_any(pages).and(diesel::dsl::sql::<Bool>(PENDING)).and(receipt_pages::event_id.le(version)),
        );
        let ids = diesel::update(waiting)
            .set((receipt_pages::outcome.eq(outcome.as_str()), receipt_pages::live_at.eq(now)))
            .returning(receipt_pages::publication_id)
            .get_results::<i64>(connection)?;
        concerned.extend(ids.into_iter().map(PublicationId));
    }
    Ok(concerned)
}

/// Closes those of the decisions whose pages are all done. Says which of them, and of which kind, this call closed that a person had made.
pub fn complete(
    connection: &mut Connection,
    ids: &BTreeSet<PublicationId>,
    now: NaiveDateTime,
) -> Result<Vec<(PublicationId, PublicationKind)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut closed = Vec::new();
    for some in ids.chunks(BINDS) {
        // Two jobs may each settle one of the last two pages: the second must wait to see what the first has settled.
        if let Connection::Postgres(postgres) = connection {
            let these = publications::table.filter(publications::id.eq_any(some)).order(publications::id);
            these.select(publications::id).for_update().load::<i64>(postgres)?;
        }
        let pending = receipt_pages::table
            .filter(receipt_pages::publication_id.eq(publications::id).and(receipt_pages::outcome.eq(Outcome::Pending.as_str())));
        let done = publications::table
            .filter(publications::id.eq_any(some).and(publications::completed_at.is_null()))
            .filter(publications::resolved_at.is_not_null().and(diesel::dsl::not(diesel::dsl::exists(pending))));
        let rows = diesel::update(done)
            .set(publications::completed_at.eq(now))
            .returning((publications::id, publications::kind, publications::actor_id))
            .get_results::<(i64, String, Option<i64>)>(connection)?;
        for (id, kind, _) in rows.into_iter().filter(|(.., actor)| actor.is_some()) {
            closed.push((PublicationId(id), kind.parse()?));
        }
    }
    Ok(closed)
}

/// Events of decisions whose pages were never looked for.
pub fn list_unresolved(connection: &mut Connection) -> Result<Vec<EventId>> {
    let ids = publications::table
        .filter(publications::resolved_at.is_null())
        .order(publications::event_id)
        .select(publications::event_id)
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(EventId).collect())
}

/// A decision of any site with the pages it touched: for those who look after the whole platform.
pub fn find_receipt_anywhere(connection: &mut Connection, id: PublicationId) -> Result<Option<(SiteId, Receipt)>> {
    let row = publications::table.find(id.0).first::<PublicationRow>(connection).optional()?;
    let Some(row) = row else { return Ok(None) };
    let site = SiteId(row.site_id);
    Ok(Some((site, Receipt { publication: publication(row)?, pages: list_pages(connection, id)? })))
}

/// The newest takedowns of all sites, each with the title of what was taken down.
pub fn list_takedowns_anywhere(connection: &mut Connection, limit: i64) -> Result<Vec<(Publication, String)>> {
    let rows = publications::table
        .inner_join(revisions::table.on(publications::revision_id.eq(revisions::id)))
        .filter(publications::kind.eq(PublicationKind::Takedown.as_str()))
        .order(publications::id.desc())
        .limit(limit)
        .select((publications::all_columns, revisions::title))
        .load::<(PublicationRow, String)>(connection)?;
    rows.into_iter().map(|(row, title)| Ok((publication(row)?, title))).collect()
}

/// The pages a decision touched.
pub fn list_page_ids(connection: &mut Connection, id: PublicationId) -> Result<Vec<PageId>> {
    let ids = receipt_pages::table
        .filter(receipt_pages::publication_id.eq(id.0))
        .order(receipt_pages::page_id)
        .select(receipt_pages::page_id)
        .load::<i64>(connection)?;
    Ok(ids.into_iter().map(PageId).collect())
}

/// Notes whether reading a page back gave what was recorded.
pub fn note_verified(connection: &mut Connection, id: PublicationId, page: PageId, verified: bool) -> Result<()> {
    diesel::update(receipt_pages::table.find((id.0, page.0))).set(receipt_pages::verified.eq(verified)).execute(connection)?;
    Ok(())
}

fn list_pages(connection: &mut Connection, id: PublicationId) -> Result<Vec<ReceiptPage>> {
    let rows = receipt_pages::table
        .inner_join(pages::table)
        .filter(receipt_pages::publication_id.eq(id.0))
        .order((pages::site_id, pages::path))
        .select((
            pages::site_id,
            pages::path,
            (pages::kind, pages::subject),
            receipt_pages::outcome,
            receipt_pages::live_at,
            receipt_pages::verified,
            pages::failure,
        ))
        .load::<(i64, String, (String, i64), String, Option<NaiveDateTime>, Option<bool>, Option<String>)>(connection)?;
    rows.into_iter()
        .map(|(site, path, (kind, subject), outcome, live_at, verified, failure)| {
            let article = (kind == PageKind::Article.as_str()).then_some(PlacementId(subject));
            Ok(ReceiptPage { site_id: SiteId(site), path, article, outcome: outcome.parse()?, live_at, failure, verified })
        })
        .collect()
}

#[derive(Queryable)]
struct PublicationRow {
    id: i64,
    event_id: i64,
    site_id: i64,
    resource_id: i64,
    revision_id: i64,
    kind: String,
    actor_id: Option<i64>,
    reason: String,
    requested_at: NaiveDateTime,
    resolved_at: Option<NaiveDateTime>,
    completed_at: Option<NaiveDateTime>,
}

fn publication(row: PublicationRow) -> Result<Publication> {
    let kind: PublicationKind = row.kind.parse()?;
    Ok(Publication {
        id: PublicationId(row.id),
        event_id: EventId(row.event_id),
        resource_id: ResourceId(row.resource_id),
        revision_id: RevisionId(row.revision_id),
        kind,
        actor_id: row.actor_id.map(UserId),
        reason: row.reason,
        requested_at: row.requested_at,
        resolved_at: row.resolved_at,
        completed_at: row.completed_at,
    })
}
