//! Pages: every public address, the keys it read, and whether it waits to be rendered.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use model::{Key, Keys, Page, PageId, PageKind, PageSpec, PageState, PlacementId, SiteId};

use crate::door::{Lock, lock, lock_shared};
use crate::schema::{page_keys, pages};
use crate::{Connection, Result, events, on};

/// More bind values than this in one statement and a database may refuse it.
const BINDS: usize = 500;

/// What rendering a page at a version came to.
pub struct Rendered<'a> {
    /// The page.
    pub page: PageId,
    /// The newest event its snapshot saw.
    pub version: i64,
    /// What a visitor finds now.
    pub state: PageState,
    /// Where it moved to.
    pub moved_to: Option<&'a str>,
    /// Hash of the bytes; none where there are none.
    pub hash: Option<&'a str>,
    /// What it read.
    pub keys: &'a Keys,
}

/// Settles, for this transaction, which side sees the other: the resolver all recorded keys, or a recorder the resolver's event.
pub fn lock_for_resolving(connection: &mut Connection) -> Result<()> {
    lock(connection, Lock::Keys)
}

/// Makes sure a page exists and is what it should be; a new or changed one is due at this version. Says its number, and whether it
/// was made due by this call.
pub fn ensure(connection: &mut Connection, spec: &PageSpec, due: i64) -> Result<(PageId, bool)> {
    let target = pages::table.filter(pages::site_id.eq(spec.site_id.0).and(pages::path.eq(&spec.path)));
    let known = target
        .select((pages::id, pages::kind, pages::subject, pages::part))
        .first::<(i64, String, i64, i64)>(connection)
        .optional()?;
    let what = (pages::kind.eq(spec.kind.as_str()), pages::subject.eq(spec.subject), pages::part.eq(spec.part));
    let id = match known {
        Some((id, kind, subject, part)) if kind == spec.kind.as_str() && subject == spec.subject && part == spec.part => {
            return Ok((PageId(id), false));
        }
        Some((id, ..)) => {
            diesel::update(pages::table.find(id)).set((what, pages::due.eq(due))).execute(connection)?;
            id
        }
        None => diesel::insert_into(pages::table)
            .values((
                pages::site_id.eq(spec.site_id.0),
                pages::path.eq(&spec.path),
                what,
                pages::state.eq(PageState::New.as_str()),
                pages::due.eq(due),
                pages::version.eq(0),
            ))
            .returning(pages::id)
            .get_result(connection)?,
    };
    Ok((PageId(id), true))
}

/// Marks every page that holds one of the keys as due at this version; says which.
pub fn touch(connection: &mut Connection, keys: &[Key], due: i64) -> Result<BTreeSet<PageId>> {
    let mut touched = BTreeSet::new();
    for some in keys.chunks(BINDS) {
        let words: Vec<&str> = some.iter().map(Key::as_str).collect();
        let ids = page_keys::table.filter(page_keys::key.eq_any(words)).select(page_keys::page_id).load::<i64>(connection)?;
        touched.extend(ids.into_iter().map(PageId));
    }
    mark_due(connection, touched.iter().copied(), due)?;
    Ok(touched)
}

/// Marks every page of a site, or of all sites, as due at this version; says which.
pub fn touch_all(connection: &mut Connection, site: Option<SiteId>, due: i64) -> Result<BTreeSet<PageId>> {
    let ids = match site {
        Some(site) => pages::table.filter(pages::site_id.eq(site.0)).select(pages::id).load::<i64>(connection)?,
        None => pages::table.select(pages::id).load::<i64>(connection)?,
    };
    mark_due(connection, ids.iter().copied().map(PageId), due)?;
    Ok(ids.into_iter().map(PageId).collect())
}

/// Marks every page that shows or showed one of these placements as due at this version, rendered yet or not; says which.
pub fn touch_articles(connection: &mut Connection, shown: &[PlacementId], due: i64) -> Result<BTreeSet<PageId>> {
    let mut touched = BTreeSet::new();
    for some in shown.chunks(BINDS) {
        let subjects: Vec<i64> = some.iter().map(|id| id.0).collect();
        let ids = pages::table
            .filter(pages::kind.eq(PageKind::Article.as_str()).and(pages::subject.eq_any(subjects)))
            .select(pages::id)
            .load::<i64>(connection)?;
        touched.extend(ids.into_iter().map(PageId));
    }
    mark_due(connection, touched.iter().copied(), due)?;
    Ok(touched)
}

/// Those of the pages that still wait to be rendered.
pub fn list_due(connection: &mut Connection, among: &[PageId]) -> Result<Vec<Page>> {
    let mut found = Vec::new();
    for some in among.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = pages::table
            .filter(pages::id.eq_any(ids).and(pages::due.gt(pages::version)))
            .order(pages::id)
            .load::<PageRow>(connection)?;
        for row in rows {
            found.push(page(row)?);
        }
    }
    Ok(found)
}

/// The versions of these pages and what a visitor finds there.
pub fn list_versions(connection: &mut Connection, among: &[PageId]) -> Result<Vec<(PageId, i64, PageState)>> {
    let mut found = Vec::new();
    for some in among.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows =
            pages::table
                .filter(pages::id.eq_any(ids))
                .select((pages::id, pages::version, pages::state))
                .load::<(i64, i64, String)>(connection)?;
        for (id, version, state) in rows {
            found.push((PageId(id), version, state.parse()?));
        }
    }
    Ok(found)
}

/// Every page that still waits, whatever became of the job that should have rendered it.
pub fn list_all_due(connection: &mut Connection, limit: i64) -> Result<Vec<PageId>> {
    let ids = pages::table.filter(pages::due.gt(pages::version)).order(pages::id).limit(limit).select(pages::id);
    Ok(ids.load::<i64>(connection)?.into_iter().map(PageId).collect())
}

/// Holds a page's row for this transaction and says its present version and hash, so that bytes and record change together.
pub fn hold(connection: &mut Connection, id: PageId) -> Result<(i64, Option<String>)> {
    let query = pages::table.find(id.0).select((pages::version, pages::hash));
    Ok(match connection {
        Connection::Postgres(postgres) => query.for_update().first(postgres)?,
        Connection::Sqlite(sqlite) => query.first(sqlite)?,
    })
}

/// Records what rendering came to. An event that touched what the page turned out to read, but was resolved before this
/// record could be seen, makes it due again.
pub fn record(connection: &mut Connection, rendered: &Rendered<'_>, changed: bool, now: NaiveDateTime) -> Result<()> {
    record_keys(connection, rendered.page, rendered.keys)?;
    let target = pages::table.find(rendered.page.0);
    diesel::update(target)
        .set((
            pages::version.eq(rendered.version),
            pages::state.eq(rendered.state.as_str()),
            pages::moved_to.eq(rendered.moved_to),
            pages::hash.eq(rendered.hash),
            pages::failure.eq(None::<String>),
        ))
        .execute(connection)?;
    if changed {
        diesel::update(target).set(pages::written_at.eq(now)).execute(connection)?;
    }
    Ok(())
}

/// Makes pages due again that events after `version` touched through keys recorded only now.
/// To be called once in the recording transaction, after `lock_for_recording`.
pub fn catch_up(connection: &mut Connection, version: i64, recorded: &[(PageId, &Keys)]) -> Result<Vec<PageId>> {
    let mut behind = Vec::new();
    for event in events::list_after(connection, version)? {
        let missed: Vec<PageId> =
            recorded.iter().filter(|(_, keys)| event.keys.iter().any(|key| keys.contains(key))).map(|(page, _)| *page).collect();
        mark_due(connection, missed.iter().copied(), event.id.0)?;
        behind.extend(missed);
    }
    Ok(behind)
}

/// Shares the lock that the resolver takes for itself.
pub fn lock_for_recording(connection: &mut Connection) -> Result<()> {
    lock_shared(connection, Lock::Keys)
}

/// Notes why a page could not be rendered.
pub fn note_failure(connection: &mut Connection, id: PageId, failure: &str) -> Result<()> {
    diesel::update(pages::table.find(id.0)).set(pages::failure.eq(failure)).execute(connection)?;
    Ok(())
}

/// The page with this number, on whatever site: for the engine.
pub fn find_anywhere(connection: &mut Connection, id: PageId) -> Result<Option<Page>> {
    pages::table.find(id.0).first::<PageRow>(connection).optional()?.map(page).transpose()
}

/// The page at this address of a site.
pub fn find(connection: &mut Connection, site: SiteId, path: &str) -> Result<Option<Page>> {
    let row = pages::table.filter(pages::site_id.eq(site.0).and(pages::path.eq(path))).first::<PageRow>(connection).optional()?;
    row.map(page).transpose()
}

/// Whether an address of a site is, and always was, that of this placement alone or of nothing.
pub fn is_path_free(connection: &mut Connection, site: SiteId, path: &str, wanted_by: PlacementId) -> Result<bool> {
    let known = find(connection, site, path)?;
    if known.is_some_and(|page| page.kind != PageKind::Article || page.subject != wanted_by.0) {
        return Ok(false);
    }
    let placed = crate::placements::find_by_path(connection, site, path)?;
    Ok(placed.is_none_or(|placement| placement.id == wanted_by))
}

/// Pages of a site or of all, after the given number, in order of number.
pub fn list_after(connection: &mut Connection, site: Option<SiteId>, after: PageId, limit: i64) -> Result<Vec<Page>> {
    let mut query = pages::table.filter(pages::id.gt(after.0)).order(pages::id).limit(limit).into_boxed();
    if let Some(site) = site {
        query = query.filter(pages::site_id.eq(site.0));
    }
    query.load::<PageRow>(connection)?.into_iter().map(page).collect()
}

/// Addresses whose bytes changed since `moment`.
pub fn list_written_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<Vec<(SiteId, String)>> {
    let rows = pages::table
        .filter(pages::written_at.ge(moment))
        .select((pages::site_id, pages::path))
        .load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(site, path)| (SiteId(site), path)).collect())
}

/// How many pages wait and how many could not be rendered.
pub fn count_waiting(connection: &mut Connection) -> Result<(i64, i64)> {
    let waiting = pages::table.filter(pages::due.gt(pages::version)).count().get_result(connection)?;
    let failed = pages::table.filter(pages::failure.is_not_null()).count().get_result(connection)?;
    Ok((waiting, failed))
}

/// Pages that could not be rendered, with the reason.
pub fn list_failed(connection: &mut Connection, limit: i64) -> Result<Vec<Page>> {
    let rows = pages::table.filter(pages::failure.is_not_null()).order(pages::id).limit(limit).load::<PageRow>(connection)?;
    rows.into_iter().map(page).collect()
}

/// What a page read when it was last rendered.
pub fn keys(connection: &mut Connection, id: PageId) -> Result<Keys> {
    let rows = page_keys::table.filter(page_keys::page_id.eq(id.0)).select(page_keys::key).load::<String>(connection)?;
    Ok(rows.into_iter().map(Key::stored).collect())
}

fn record_keys(connection: &mut Connection, id: PageId, now: &Keys) -> Result<()> {
    let before = keys(connection, id)?;
    let gone: Vec<&str> = before.difference(now).map(Key::as_str).collect();
    for some in gone.chunks(BINDS) {
        diesel::delete(page_keys::table.filter(page_keys::page_id.eq(id.0).and(page_keys::key.eq_any(some.to_vec()))))
            .execute(connection)?;
    }
    let new: Vec<_> = now.difference(&before).map(|key| (page_keys::key.eq(key.as_str()), page_keys::page_id.eq(id.0))).collect();
    for some in new.chunks(BINDS / 2) {
        let rows = some.to_vec();
        on!(connection, c => diesel::insert_into(page_keys::table).values(&rows).execute(c))?;
    }
    Ok(())
}

fn mark_due(connection: &mut Connection, ids: impl Iterator<Item = PageId>, due: i64) -> Result<()> {
    let ids: Vec<i64> = ids.map(|id| id.0).collect();
    for some in ids.chunks(BINDS) {
        diesel::update(pages::table.filter(pages::id.eq_any(some.to_vec()).and(pages::due.lt(due))))
            .set(pages::due.eq(due))
            .execute(connection)?;
    }
    Ok(())
}

#[derive(Queryable)]
struct PageRow {
    id: i64,
    site_id: i64,
    path: String,
    kind: String,
    subject: i64,
    part: i64,
    state: String,
    moved_to: Option<String>,
    due: i64,
    version: i64,
    hash: Option<String>,
    written_at: Option<NaiveDateTime>,
    failure: Option<String>,
}

fn page(row: PageRow) -> Result<Page> {
    Ok(Page {
        id: PageId(row.id),
        site_id: SiteId(row.site_id),
        path: row.path,
        kind: row.kind.parse()?,
        subject: row.subject,
        part: row.part,
        state: row.state.parse()?,
        moved_to: row.moved_to,
        due: row.due,
        version: row.version,
        hash: row.hash,
        written_at: row.written_at,
        failure: row.failure,
    })
}
