//! Renders a batch of pages from one snapshot and puts them in place.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use cache::Message;
use model::{Keys, Lane, Outcome, Page, PageId, PageState, SiteId};
use store::pages::Rendered;
use store::{Connection, pages, publications};

use crate::compress::Forms;
use crate::engine::Engine;
use crate::output::{PageStore, Staged};
use crate::page::{Made, make};
use crate::purge;
use crate::reader::{Reader, SharedSnapshot};
use crate::resolve::{complete, settle};
use crate::task::{JobError, Task};

/// How often a batch is looked at again because something changed meanwhile, before it goes back in line.
const PASSES: usize = 3;

/// Renders those of the pages that are still due.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[PageId]) -> Result<(), JobError> {
    for _ in 0..PASSES {
        let Some(failures) = pass(engine, ids)? else {
            engine.store.write(|connection| settle(engine, connection, ids))?;
            return Ok(());
        };
        if let Some(failure) = failures.first() {
            return Err(JobError::Pages(failures.len(), failure.clone()));
        }
    }
    let now = engine.clock.now();
    engine.store.write(|connection| Task::Render(ids.to_vec()).enqueue(connection, Lane::Bulk, now))?;
    Ok(())
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

/// One look at the batch; none when no page of it is due, else why pages failed.
fn pass(engine: &Arc<Engine>, ids: &[PageId]) -> Result<Option<Vec<String>>, JobError> {
    let snapshot: SharedSnapshot = Arc::new(Mutex::new(engine.store.snapshot()?));
    let (version, due) = {
        let mut held = snapshot.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (held.version(), pages::list_due(held.connection(), ids)?)
    };
    if due.is_empty() {
        return Ok(None);
    }
    let (ready, failures) = render_all(engine, &snapshot, due)?;
    drop(snapshot);
    engine.pages().sync()?;
    put_in_place(engine, version, ready)?;
    note_failures(engine, &failures)?;
    Ok(Some(failures.into_iter().map(|(_, failure)| failure).collect()))
}

type Failures = Vec<(Page, String)>;

fn render_all(engine: &Arc<Engine>, snapshot: &SharedSnapshot, due: Vec<Page>) -> Result<(Vec<Ready>, Failures), JobError> {
    let mut readers: HashMap<SiteId, Option<Arc<Reader>>> = HashMap::new();
    let mut ready = Vec::with_capacity(due.len());
    let mut failures = Vec::new();
    for page in due {
        let reader = if let Some(known) = readers.get(&page.site_id) {
            known.clone()
        } else {
            let opened = Reader::open(engine, snapshot, page.site_id)?;
            readers.insert(page.site_id, opened.clone());
            opened
        };
        let Some(reader) = reader else { continue };
        match make(&reader, &page) {
            Ok(product) => ready.push(prepare(engine.pages(), &reader, page, product.outcome, product.keys)?),
            Err(crate::page::PageError::Store(error)) => return Err(error.into()),
            Err(error) => failures.push((page, error.to_string())),
        }
    }
    Ok((ready, failures))
}

/// Compresses and stages bytes that differ from what the page shows now.
fn prepare(store: &PageStore, reader: &Reader, page: Page, made: Made, keys: Keys) -> Result<Ready, JobError> {
    let site_key = reader.site().key.clone();
    let (hash, staged, made) = match made {
        Made::Bytes(bytes) => {
            let hash = blake3::hash(&bytes).to_hex().to_string();
            let same = page.hash.as_ref() == Some(&hash) && store.shows(&site_key, &page.path, &bytes);
            let staged = if same { None } else { Some(store.stage(Forms::of(&page.path, bytes))?) };
            (Some(hash), staged, Made::Bytes(Vec::new()))
        }
        other => (None, None, other),
    };
    Ok(Ready { page, site_key, made, keys, hash, staged })
}

/// Moves bytes and record together, page by page in one transaction, never over a newer version.
fn put_in_place(engine: &Engine, version: i64, ready: Vec<Ready>) -> Result<(), JobError> {
    let mut changed = Vec::new();
    let mut put = 0;
    engine.store.write::<_, JobError>(|connection| {
        pages::lock_for_recording(connection)?;
        let mut recorded: Vec<(PageId, Keys)> = Vec::new();
        let mut concerned = BTreeSet::new();
        for one in ready {
            let id = one.page.id;
            let address = (one.page.site_id, one.page.path.clone());
            let keys = one.keys.clone();
            let Some(outcome) = place_one(engine, connection, version, one)? else { continue };
            if outcome != Outcome::Unchanged {
                changed.push(address);
            }
            concerned.extend(publications::settle_page(connection, id, version, outcome, engine.clock.now())?);
            recorded.push((id, keys));
        }
        let seen: Vec<(PageId, &Keys)> = recorded.iter().map(|(id, keys)| (*id, keys)).collect();
        put = seen.len();
        pages::catch_up(connection, version, &seen)?;
        for publication in concerned {
            complete(engine, connection, publication)?;
        }
        Ok(purge::enqueue(engine, connection, &changed)?)
    })?;
    engine.count(put, changed.len());
    if !changed.is_empty() {
        engine.cache.announce(&Message::Pages(changed));
    }
    engine.wake();
    Ok(())
}

/// None when a newer version is already there, or when somebody else's older bytes came between and these must be made again.
fn place_one(engine: &Engine, connection: &mut Connection, version: i64, one: Ready) -> Result<Option<Outcome>, JobError> {
    let store = engine.pages();
    let (present, hash) = pages::hold(connection, one.page.id)?;
    let came_between = one.staged.is_none() && one.hash.is_some() && one.hash != hash;
    if present >= version || came_between {
        if let Some(staged) = one.staged {
            PageStore::drop_staged(staged);
        }
        return Ok(None);
    }
    let (state, moved_to, outcome) = match (&one.made, one.staged) {
        (Made::Bytes(_), Some(staged)) => {
            store.place(&one.site_key, &one.page.path, staged)?;
            (PageState::Live, None, Outcome::Written)
        }
        (Made::Bytes(_), None) => (PageState::Live, None, Outcome::Unchanged),
        (Made::Gone, _) => {
            store.remove(&one.site_key, &one.page.path)?;
            (PageState::Gone, None, Outcome::Removed)
        }
        (Made::Moved(to), _) => {
            store.remove(&one.site_key, &one.page.path)?;
            (PageState::Moved, Some(to.as_str()), Outcome::Written)
        }
    };
    let rendered = Rendered { page: one.page.id, version, state, moved_to, hash: one.hash.as_deref(), keys: &one.keys };
    pages::record(connection, &rendered, outcome != Outcome::Unchanged, engine.clock.now())?;
    Ok(Some(outcome))
}

fn note_failures(engine: &Engine, failures: &[(Page, String)]) -> Result<(), JobError> {
    if failures.is_empty() {
        return Ok(());
    }
    engine.store.write(|connection| {
        for (page, failure) in failures {
            tracing::error!(site = %page.site_id, path = page.path, failure, "a page could not be rendered");
            pages::note_failure(connection, page.id, failure)?;
        }
        Ok(())
    })
}
