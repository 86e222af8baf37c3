//! Pages: every public address, the keys it read, and whether it waits to be rendered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};
use model::{Keys, Page, PageId, PageKind, PageSpec, PageState, PlacementId, SiteId};
use serde::Serialize;

use crate::schema::pages;
use crate::{BINDS, Connection, Result, events, on, page_keys, placements, redirects};

/// What rendering a page came to.
pub struct Rendered<'a> {
    /// The page.
    pub page: PageId,
    /// What a visitor finds now.
    pub state: PageState,
    /// Where it moved to.
    pub moved_to: Option<&'a str>,
    /// Hash of the bytes; none where there are none.
    pub hash: Option<&'a str>,
    /// Whether a visitor finds something else than before.
    pub changed: bool,
    /// What it read.
    pub keys: &'a Keys,
}

/// What is recorded of a page that is held.
#[derive(Clone, Debug)]
pub struct Held {
    /// The newest event its bytes take into account.
    pub version: i64,
    /// Hash of its bytes.
    pub hash: Option<String>,
}

/// Makes sure pages exist and are what they should be; new or changed ones are due at this version. Says the number of each, in
/// order, and whether it was made due by this call.
pub fn ensure(connection: &mut Connection, specs: &[PageSpec], due: i64) -> Result<Vec<(PageId, bool)>> {
    // One page may be asked for many times, by each of the events that need it.
    let mut sites: HashMap<SiteId, BTreeMap<&str, &PageSpec>> = HashMap::new();
    for spec in specs {
        sites.entry(spec.site_id).or_default().insert(&spec.path, spec);
    }
    let mut ensured = HashMap::new();
    for (site, specs) in sites {
        for some in specs.into_values().collect::<Vec<_>>().chunks(BINDS) {
            ensure_some(connection, site, some, due, &mut ensured)?;
        }
    }
    Ok(specs.iter().filter_map(|spec| ensured.get(&(spec.site_id, spec.path.as_str())).copied()).collect())
}

fn ensure_some<'s>(
    connection: &mut Connection,
    site: SiteId,
    specs: &[&'s PageSpec],
    due: i64,
    ensured: &mut HashMap<(SiteId, &'s str), (PageId, bool)>,
) -> Result<()> {
    let paths: Vec<&str> = specs.iter().map(|spec| spec.path.as_str()).collect();
    let known = pages::table
        .filter(pages::site_id.eq(site.0).and(pages::path.eq_any(&paths)))
        .select((pages::path, (pages::id, pages::kind, pages::subject, pages::part)))
        .load::<(String, (i64, String, i64, i64))>(connection)?;
    let known: HashMap<String, (i64, String, i64, i64)> = known.into_iter().collect();
    let mut new = HashMap::new();
    for spec in specs {
        match known.get(&spec.path) {
            Some((id, kind, subject, part)) => {
                let same = kind == spec.kind.as_str() && *subject == spec.subject && *part == spec.part;
                if !same {
                    let what = (pages::kind.eq(spec.kind.as_str()), pages::subject.eq(spec.subject), pages::part.eq(spec.part));
                    diesel::update(pages::table.find(id)).set((what, pages::due.eq(due))).execute(connection)?;
                }
                ensured.insert((site, &spec.path), (PageId(*id), !same));
            }
            None => {
                new.insert(spec.path.as_str(), *spec);
            }
        }
    }
    for some in new.values().collect::<Vec<_>>().chunks(BINDS / 8) {
        let rows: Vec<_> = some
            .iter()
            .map(|spec| {
                (
                    pages::site_id.eq(site.0),
                    pages::path.eq(&spec.path),
                    pages::kind.eq(spec.kind.as_str()),
                    pages::subject.eq(spec.subject),
                    pages::part.eq(spec.part),
                    pages::state.eq(PageState::New.as_str()),
                    pages::due.eq(due),
                    pages::version.eq(0),
                )
            })
            .collect();
        on!(connection, c => diesel::insert_into(pages::table).values(&rows).execute(c))?;
        let paths: Vec<&str> = some.iter().map(|spec| spec.path.as_str()).collect();
        let made = pages::table
            .filter(pages::site_id.eq(site.0).and(pages::path.eq_any(paths)))
            .select((pages::path, pages::id))
            .load::<(String, i64)>(connection)?;
        for (path, id) in made {
            if let Some(spec) = new.get(path.as_str()) {
                ensured.insert((site, &spec.path), (PageId(id), true));
            }
        }
    }
    Ok(())
}

/// Marks pages as due at this version, unless they are due later already.
pub fn mark_due(connection: &mut Connection, ids: &BTreeSet<PageId>, due: i64) -> Result<()> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    for some in ids.chunks(BINDS) {
        diesel::update(pages::table.filter(pages::id.eq_any(some).and(pages::due.lt(due))))
            .set(pages::due.eq(due))
            .execute(connection)?;
    }
    Ok(())
}

/// Marks every page of a site, or of all sites, as due at this version; says which.
pub fn mark_all_due(connection: &mut Connection, site: Option<SiteId>, due: i64) -> Result<Vec<PageId>> {
    let mut all = pages::table.select(pages::id).order((pages::site_id, pages::id)).into_boxed();
    let mut late = diesel::update(pages::table.filter(pages::due.lt(due))).set(pages::due.eq(due)).into_boxed();
    if let Some(site) = site {
        all = all.filter(pages::site_id.eq(site.0));
        late = late.filter(pages::site_id.eq(site.0));
    }
    late.execute(connection)?;
    Ok(all.load::<i64>(connection)?.into_iter().map(PageId).collect())
}

/// Which of the pages still wait to be rendered, those of one site after another.
pub fn list_due_ids(connection: &mut Connection, among: &BTreeSet<PageId>) -> Result<Vec<PageId>> {
    let ids: Vec<i64> = among.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(BINDS) {
        let rows = pages::table.filter(pages::id.eq_any(some)).select((pages::site_id, pages::id, pages::due, pages::version));
        found.extend(rows.load::<(i64, i64, i64, i64)>(connection)?.into_iter().filter(|(.., due, version)| due > version));
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, id, ..)| PageId(id)).collect())
}

/// These pages, of whatever sites: for the engine.
pub fn list(connection: &mut Connection, ids: &[PageId]) -> Result<Vec<Page>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        for row in pages::table.filter(pages::id.eq_any(ids)).load::<PageRow>(connection)? {
            found.push(page(row)?);
        }
    }
    Ok(found)
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
    mark_due(connection, &touched, due)?;
    Ok(touched)
}

/// Those of the pages that still wait to be rendered.
pub fn list_due(connection: &mut Connection, among: &[PageId]) -> Result<Vec<Page>> {
    let mut found = Vec::new();
    for some in among.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = pages::table.filter(pages::id.eq_any(ids)).order(pages::id).load::<PageRow>(connection)?;
        // Told apart here: a database asked for what is due may go through all that is.
        for row in rows.into_iter().filter(|row| row.due > row.version) {
            found.push(page(row)?);
        }
    }
    Ok(found)
}

/// Whether a site has pages, but none that was ever asked for below this address.
pub fn lacks_below(connection: &mut Connection, site: SiteId, address: &str) -> Result<bool> {
    let own = pages::table.filter(pages::site_id.eq(site.0));
    // Neither names of themes nor addresses hold what else has a meaning to LIKE.
    let below = format!("{}%", address.replace('_', "!_"));
    let has_some = diesel::select(diesel::dsl::exists(own)).get_result::<bool>(connection)?;
    let has_below = own.filter(pages::path.like(below).escape('!'));
    Ok(has_some && !diesel::select(diesel::dsl::exists(has_below)).get_result::<bool>(connection)?)
}

/// Those of the pages that are assets, each with its site, its address, and whether a visitor finds it.
pub fn list_assets(connection: &mut Connection, among: &BTreeSet<PageId>) -> Result<Vec<(PageId, SiteId, String, bool)>> {
    let ids: Vec<i64> = among.iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(BINDS) {
        let rows = pages::table
            .filter(pages::id.eq_any(some).and(pages::kind.eq(PageKind::Asset.as_str())))
            .select((pages::id, pages::site_id, pages::path, pages::state))
            .load::<(i64, i64, String, String)>(connection)?;
        let is_live = |state: &str| state == PageState::Live.as_str();
        found.extend(rows.into_iter().map(|(id, site, path, state)| (PageId(id), SiteId(site), path, is_live(&state))));
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

/// Holds the rows of pages for this transaction and says what is recorded, so that bytes and record change together.
pub fn hold(connection: &mut Connection, ids: &[PageId]) -> Result<HashMap<PageId, Held>> {
    let mut held = HashMap::new();
    // In order of number, so that two who hold many never wait for each other.
    let mut ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    for some in ids.chunks(BINDS) {
        let query = pages::table.filter(pages::id.eq_any(some)).order(pages::id).select((pages::id, pages::version, pages::hash));
        let rows: Vec<(i64, i64, Option<String>)> = match connection {
            Connection::Postgres(postgres) => query.for_update().load(postgres)?,
            Connection::Sqlite(sqlite) => query.load(sqlite)?,
        };
        held.extend(rows.into_iter().map(|(id, version, hash)| (PageId(id), Held { version, hash })));
    }
    Ok(held)
}

/// Records what rendering pages came to; `version` is the newest event their snapshot saw.
pub fn record(connection: &mut Connection, version: i64, rendered: &[Rendered<'_>], now: NaiveDateTime) -> Result<()> {
    #[derive(Serialize)]
    struct Row<'a> {
        id: i64,
        state: &'static str,
        moved_to: Option<&'a str>,
        hash: Option<&'a str>,
        frame: i64,
        changed: bool,
    }
    let read: Vec<(PageId, &Keys)> = rendered.iter().map(|one| (one.page, one.keys)).collect();
    let frames = page_keys::record(connection, &read)?;
    let rows: Vec<Row<'_>> = rendered
        .iter()
        .zip(frames)
        .map(|(one, frame)| Row {
            id: one.page.0,
            state: one.state.as_str(),
            moved_to: one.moved_to,
            hash: one.hash,
            frame,
            changed: one.changed,
        })
        .collect();
    let statement = match connection {
        Connection::Postgres(_) => format!("{RECORD} {RECORDED_POSTGRES}"),
        Connection::Sqlite(_) => format!("{RECORD} {RECORDED_SQLITE}").replace('$', "?"),
    };
    diesel::sql_query(statement)
        .bind::<BigInt, _>(version)
        .bind::<Timestamp, _>(now)
        .bind::<Text, _>(serde_json::to_string(&rows)?)
        .execute(connection)?;
    Ok(())
}

const RECORD: &str = "
    UPDATE pages SET version = $1, state = made.state, moved_to = made.moved_to, hash = made.hash, frame_id = made.frame,
        failure = NULL, written_at = CASE WHEN made.changed THEN $2 ELSE pages.written_at END";
const RECORDED_SQLITE: &str = "
    FROM (SELECT value ->> 'id' AS id, value ->> 'state' AS state, value ->> 'moved_to' AS moved_to, value ->> 'hash' AS hash,
        value ->> 'frame' AS frame, value ->> 'changed' AS changed FROM json_each($3)) AS made WHERE pages.id = made.id";
const RECORDED_POSTGRES: &str = "
    FROM jsonb_to_recordset($3::jsonb) AS made (id bigint, state text, moved_to text, hash text, frame bigint, changed boolean)
    WHERE pages.id = made.id";

/// Makes pages due again that events after `version` touched through keys recorded only now; says whether there were any.
/// To be called once in the recording transaction, after `lock_for_recording`.
pub fn catch_up(connection: &mut Connection, version: i64, recorded: &[(PageId, &Keys)]) -> Result<bool> {
    let mut behind = false;
    for event in events::list_after(connection, version)? {
        let touched = |keys: &Keys| event.keys.iter().any(|key| keys.contains(key));
        let missed: BTreeSet<PageId> = recorded.iter().filter(|(_, keys)| touched(keys)).map(|(page, _)| *page).collect();
        mark_due(connection, &missed, event.id.0)?;
        behind |= !missed.is_empty();
    }
    Ok(behind)
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

/// Whether an address of a site is, and always was, that of this placement alone or of nothing; no redirect begins there.
pub fn is_path_free(connection: &mut Connection, site: SiteId, path: &str, wanted_by: PlacementId) -> Result<bool> {
    let known = find(connection, site, path)?;
    if known.is_some_and(|page| page.kind != PageKind::Article || page.subject != wanted_by.0) {
        return Ok(false);
    }
    if !redirects::list_by_path(connection, site, path)?.is_empty() {
        return Ok(false);
    }
    let placed = placements::find_by_path(connection, site, path)?;
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

/// The pages at these addresses of a site, as far as there are any.
pub fn list_by_paths(connection: &mut Connection, site: SiteId, paths: &[String]) -> Result<Vec<Page>> {
    let mut found = Vec::new();
    for some in paths.chunks(BINDS) {
        let rows = pages::table.filter(pages::site_id.eq(site.0).and(pages::path.eq_any(some))).load::<PageRow>(connection)?;
        for row in rows {
            found.push(page(row)?);
        }
    }
    Ok(found)
}

/// Addresses at which a site shows something, or leads on from.
pub fn list_answering(connection: &mut Connection, site: SiteId) -> Result<Vec<String>> {
    let states = [PageState::Live, PageState::Moved].map(PageState::as_str);
    let answering = pages::table.filter(pages::site_id.eq(site.0).and(pages::state.eq_any(states)));
    Ok(answering.order(pages::id).select(pages::path).load(connection)?)
}

/// How many pages a site has, or all sites together.
pub fn count(connection: &mut Connection, site: Option<SiteId>) -> Result<i64> {
    Ok(match site {
        Some(site) => pages::table.filter(pages::site_id.eq(site.0)).count().get_result(connection)?,
        None => pages::table.count().get_result(connection)?,
    })
}

/// Takes the last rendering of a page back by one version, so that its next one counts as newer although nothing has changed.
/// Renderings older than that stay too old to replace it. To be called while the page is held.
pub fn render_again(connection: &mut Connection, page: &Page) -> Result<()> {
    diesel::update(pages::table.find(page.id.0))
        .set((pages::version.eq(page.version - 1), pages::due.eq(page.due.max(page.version))))
        .execute(connection)?;
    Ok(())
}

/// Addresses whose bytes changed since `moment`.
pub fn list_written_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<Vec<(SiteId, String)>> {
    let rows = pages::table
        .filter(pages::written_at.ge(moment))
        .select((pages::site_id, pages::path))
        .load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(site, path)| (SiteId(site), path)).collect())
}

/// How many pages of a site wait to be rendered; those that could not be are not waited for.
pub fn count_waiting_on(connection: &mut Connection, site: SiteId) -> Result<i64> {
    let due = pages::site_id.eq(site.0).and(pages::due.gt(pages::version)).and(pages::failure.is_null());
    Ok(pages::table.filter(due).count().get_result(connection)?)
}

/// How many pages wait and how many could not be rendered.
pub fn count_waiting(connection: &mut Connection) -> Result<(i64, i64)> {
    let waiting = pages::table.filter(pages::due.gt(pages::version)).count().get_result(connection)?;
    let failed = pages::table.filter(pages::failure.is_not_null()).count().get_result(connection)?;
    Ok((waiting, failed))
}

/// The pages of all sites that could not be rendered: for a change of files, which may mend them.
pub fn list_failed_ids(connection: &mut Connection) -> Result<Vec<PageId>> {
    let ids = pages::table.filter(pages::failure.is_not_null()).select(pages::id).load::<i64>(connection)?;
    Ok(ids.into_iter().map(PageId).collect())
}

/// Pages that could not be rendered, with the reason.
pub fn list_failed(connection: &mut Connection, limit: i64) -> Result<Vec<Page>> {
    let rows = pages::table.filter(pages::failure.is_not_null()).order(pages::id).limit(limit).load::<PageRow>(connection)?;
    rows.into_iter().map(page).collect()
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
    _frame_id: Option<i64>,
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
