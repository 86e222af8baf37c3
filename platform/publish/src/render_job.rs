//! Renders a batch of pages from one view of the library and puts them in place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cache::Message;
use model::{Keys, Lane, Outcome, Page, PageId, PageKind, PageState, SiteId};
use store::pages::{Held, Rendered};
use store::{Connection, page_keys, pages, publications, sites};

use crate::compress;
use crate::engine::Engine;
use crate::output::{PageStore, Staged};
use crate::page::{Made, Maker, PageError};
use crate::purge;
use crate::resolve::{complete, settle};
use crate::task::{JobError, Task};
use crate::verify::is_right;
use crate::view::View;

/// How often a batch is looked at again because something changed meanwhile, before it goes back in line.
const PASSES: usize = 3;

/// Bytes of pages that may wait in memory to be put into a bucket: what a batch has beyond them is rendered after these.
const WAITING_BYTES: usize = 32 << 20;

/// Renders those of the pages that are still due. `again` says that this was begun before and did not come to its end.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[PageId], again: bool) -> Result<(), JobError> {
    if again {
        doubt(engine, ids)?;
    }
    for _ in 0..PASSES {
        match pass(engine, ids)? {
            Pass::NothingDue => return settle_all(engine, ids),
            // Nothing was left undone, so there is nothing to look for again.
            Pass::Done => return Ok(()),
            Pass::Failed(count, first) => return Err(JobError::Pages(count, first)),
            Pass::Overtaken => {}
        }
    }
    let now = engine.clock.now();
    engine.store.write(|connection| Task::Render(ids.to_vec()).enqueue(connection, Lane::Bulk, now))?;
    Ok(())
}

/// Makes pages due again that are not what is recorded for them. Where the database was lost while bytes were being put in place,
/// the rows were held no longer, so that another process may have recorded newer bytes before older ones came over them.
fn doubt(engine: &Engine, ids: &[PageId]) -> Result<(), JobError> {
    let (pages, keys) =
        engine.store.read(|connection| Ok::<_, store::Error>((pages::list(connection, ids)?, sites::keys(connection)?)))?;
    for page in pages {
        let Some(key) = keys.get(&page.site_id) else { continue };
        if is_right(engine.pages(), key, &page)? {
            continue;
        }
        engine.store.write::<_, JobError>(|connection| {
            pages::hold(connection, &[page.id])?;
            let recorded = pages::find_anywhere(connection, page.id)?.filter(|page| page.due <= page.version);
            if let Some(page) = recorded
                && !is_right(engine.pages(), key, &page)?
            {
                pages::render_again(connection, &page)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// What one look at a batch came to.
enum Pass {
    /// Somebody else has rendered them all.
    NothingDue,
    /// Every page that was due is in place.
    Done,
    /// Some pages became due again, or others came between.
    Overtaken,
    /// So many could not be rendered, the first for this reason.
    Failed(usize, String),
}

/// A page ready to be put in place.
struct Ready {
    page: Page,
    site_key: String,
    made: Made,
    keys: Keys,
    hash: Option<String>,
    staged: Option<Staged>,
}

fn pass(engine: &Arc<Engine>, ids: &[PageId]) -> Result<Pass, JobError> {
    let view = View::open(engine)?;
    let due = pages::list_due(view.held().connection(), ids)?;
    if due.is_empty() {
        return Ok(Pass::NothingDue);
    }
    let wanted = due.len();
    let (ready, failures) = render_all(engine, &view, due)?;
    let is_whole = ready.len() + failures.len() == wanted;
    let version = view.version();
    drop(view);
    engine.pages().sync()?;
    let all_in_place = put_in_place(engine, version, ready)? && is_whole;
    note_failures(engine, &failures)?;
    Ok(match failures.first() {
        Some((_, first)) => Pass::Failed(failures.len(), first.clone()),
        None if all_in_place => Pass::Done,
        None => Pass::Overtaken,
    })
}

type Failures = Vec<(Page, String)>;

/// Renders as many as may wait to be put in place.
fn render_all(engine: &Arc<Engine>, view: &Arc<View>, due: Vec<Page>) -> Result<(Vec<Ready>, Failures), JobError> {
    let mut ready: Vec<Ready> = Vec::with_capacity(due.len());
    let mut failures = Vec::new();
    let mut waiting = 0;
    let mut sites: BTreeMap<SiteId, Vec<Page>> = BTreeMap::new();
    for page in due {
        sites.entry(page.site_id).or_default().push(page);
    }
    for (site, pages) in sites {
        let Some(maker) = Maker::open(engine, view, site, &pages)? else { continue };
        for page in pages {
            if waiting > WAITING_BYTES {
                return Ok((ready, failures));
            }
            match maker.make(&page) {
                Ok(product) => {
                    let one = prepare(engine.pages(), &maker, page, product.outcome, product.keys)?;
                    waiting += one.staged.as_ref().map_or(0, Staged::held);
                    ready.push(one);
                }
                Err(PageError::Store(error)) => return Err(error.into()),
                Err(error) => failures.push((page, error.to_string())),
            }
        }
    }
    Ok((ready, failures))
}

/// Stages bytes that differ from what the page shows now.
fn prepare(store: &PageStore, maker: &Maker, page: Page, made: Made, keys: Keys) -> Result<Ready, JobError> {
    let site_key = maker.site_key().to_owned();
    let (hash, staged, made) = match made {
        Made::Bytes(bytes) => {
            let hash = blake3::hash(&bytes).to_hex().to_string();
            let same = page.hash.as_ref() == Some(&hash) && store.shows(&site_key, &page.path, &bytes);
            let staged = if same { None } else { Some(store.stage(bytes)?) };
            (Some(hash), staged, Made::Bytes(Vec::new()))
        }
        other => (None, None, other),
    };
    Ok(Ready { page, site_key, made, keys, hash, staged })
}

/// Moves bytes and record together in one transaction, never over a newer version. Says whether every page is in place and none
/// is due again.
fn put_in_place(engine: &Engine, version: i64, ready: Vec<Ready>) -> Result<bool, JobError> {
    let mut changed = Vec::new();
    let (mut put, wanted) = (0, ready.len());
    let behind = engine.store.write::<_, JobError>(|connection| {
        page_keys::lock_for_recording(connection)?;
        let ids: Vec<PageId> = ready.iter().map(|one| one.page.id).collect();
        let mut held = pages::hold(connection, &ids)?;
        let mut placed = Vec::with_capacity(ready.len());
        for mut one in ready {
            let staged = one.staged.take();
            let Some(held) = held.remove(&one.page.id) else { continue };
            if let Some(outcome) = place_one(engine.pages(), version, &held, &one, staged)? {
                placed.push((one, outcome));
            }
        }
        put = placed.len();
        // Only now: who looks for what was written since a moment must not look past it because the locks were long in coming.
        let now = engine.clock.now();
        record(connection, version, &placed, now)?;
        let behind = catch_up(connection, version, &placed)?;
        let concerned = settle_placed(connection, version, &placed, now)?;
        complete(engine, connection, &concerned)?;
        compress_later(connection, &placed, now)?;
        for (one, _) in placed.into_iter().filter(|(_, outcome)| *outcome != Outcome::Unchanged) {
            // The notice is what every address of a site shows while there is one.
            let (was_there, is_there) = (one.page.state == PageState::Live, one.hash.is_some());
            if one.page.kind == PageKind::Shutter && (was_there || is_there) {
                purge::enqueue_site(engine, connection, one.page.site_id)?;
            }
            changed.push((one.page.site_id, one.page.path));
        }
        purge::enqueue(engine, connection, &changed)?;
        Ok(behind)
    })?;
    engine.count(put, changed.len());
    if !changed.is_empty() {
        engine.cache.announce(&Message::Pages(changed));
    }
    engine.wake();
    Ok(put == wanted && !behind)
}

/// None when a newer version is already there, or when somebody else's older bytes came between and these must be made again.
fn place_one(
    store: &PageStore,
    version: i64,
    held: &Held,
    one: &Ready,
    staged: Option<Staged>,
) -> Result<Option<Outcome>, JobError> {
    if held.version >= version || (staged.is_none() && came_between(store, held, one)?) {
        return Ok(None);
    }
    // Gone or moved before, and nobody has recorded anything since: there is nothing to take away, or should not be.
    let was_away = held.version == one.page.version && matches!(one.page.state, PageState::Gone | PageState::Moved);
    let is_away = was_away && store.is_bare(&one.site_key, &one.page.path)?;
    Ok(Some(match (&one.made, staged) {
        (Made::Gone, _) if is_away && one.page.state == PageState::Gone => Outcome::Unchanged,
        (Made::Moved(to), _) if is_away && one.page.moved_to.as_ref() == Some(to) => Outcome::Unchanged,
        (Made::Bytes(_), Some(staged)) => {
            store.place(&one.site_key, &one.page.path, staged)?;
            Outcome::Written
        }
        (Made::Bytes(_), None) => Outcome::Unchanged,
        (Made::Gone, _) => {
            store.remove(&one.site_key, &one.page.path)?;
            Outcome::Removed
        }
        (Made::Moved(_), _) => {
            store.remove(&one.site_key, &one.page.path)?;
            Outcome::Written
        }
    }))
}

/// Whether the bytes found right when the page was rendered are no longer there: somebody recorded others, or died before that.
fn came_between(store: &PageStore, held: &Held, one: &Ready) -> Result<bool, JobError> {
    if one.hash.is_none() {
        return Ok(false);
    }
    let is_there = || Ok::<_, JobError>(store.hash_at(&one.site_key, &one.page.path)? == one.hash);
    Ok(one.hash != held.hash || !is_there()?)
}

type Placed = [(Ready, Outcome)];

fn record(connection: &mut Connection, version: i64, placed: &Placed, now: chrono::NaiveDateTime) -> store::Result<()> {
    let rendered: Vec<Rendered<'_>> = placed
        .iter()
        .map(|(one, outcome)| {
            let (state, moved_to) = match &one.made {
                Made::Bytes(_) => (PageState::Live, None),
                Made::Gone => (PageState::Gone, None),
                Made::Moved(to) => (PageState::Moved, Some(to.as_str())),
            };
            let changed = *outcome != Outcome::Unchanged;
            Rendered { page: one.page.id, state, moved_to, hash: one.hash.as_deref(), changed, keys: &one.keys }
        })
        .collect();
    pages::record(connection, version, &rendered, now)
}

fn catch_up(connection: &mut Connection, version: i64, placed: &Placed) -> store::Result<bool> {
    let seen: Vec<(PageId, &Keys)> = placed.iter().map(|(one, _)| (one.page.id, &one.keys)).collect();
    pages::catch_up(connection, version, &seen)
}

fn settle_placed(
    connection: &mut Connection,
    version: i64,
    placed: &Placed,
    now: chrono::NaiveDateTime,
) -> store::Result<BTreeSet<model::PublicationId>> {
    let mut concerned = BTreeSet::new();
    for outcome in [Outcome::Written, Outcome::Unchanged, Outcome::Removed] {
        let alike: Vec<PageId> = placed.iter().filter(|(_, came_to)| *came_to == outcome).map(|(one, _)| one.page.id).collect();
        concerned.extend(publications::settle(connection, &alike, version, outcome, now)?);
    }
    Ok(concerned)
}

/// Compressing costs more than rendering, so pages go live without their compressed forms, which follow when all else is done.
fn compress_later(connection: &mut Connection, placed: &Placed, now: chrono::NaiveDateTime) -> store::Result<()> {
    let texts = placed
        .iter()
        .filter(|(one, outcome)| *outcome == Outcome::Written && one.hash.is_some() && compress::is_compressible(&one.page.path));
    let texts: Vec<PageId> = texts.map(|(one, _)| one.page.id).collect();
    if texts.is_empty() { Ok(()) } else { Task::Compress(texts).enqueue(connection, Lane::After, now) }
}

/// Notes on receipts what pages show that somebody else's job rendered.
fn settle_all(engine: &Engine, ids: &[PageId]) -> Result<(), JobError> {
    engine.store.write(|connection| {
        let concerned = settle(engine, connection, ids)?;
        Ok(complete(engine, connection, &concerned)?)
    })
}

fn note_failures(engine: &Engine, failures: &[(Page, String)]) -> Result<(), JobError> {
    if failures.is_empty() {
        return Ok(());
    }
    engine.store.write(|connection| {
        page_keys::lock_for_recording(connection)?;
        for (page, failure) in failures {
            tracing::error!(site = %page.site_id, path = page.path, failure, "a page could not be rendered");
            pages::note_failure(connection, page.id, failure)?;
        }
        Ok(())
    })
}
