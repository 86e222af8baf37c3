//! 网页防篡改: what is stored compared with what was recorded when it was written, and put right where they differ.
//!
//! A first look takes no lock. What looks wrong is judged again while the page's row is held, because page and record change
//! together under that lock: a page being replaced at this moment is never taken for one that was tampered with.

use std::collections::{HashMap, HashSet};
use std::io;

use cache::Message;
use model::{FaultKind, Lane, Page, PageId, PageState, Site, SiteId};
use serde::Serialize;
use store::{Connection, alarms, pages, sites};

use crate::engine::Engine;
use crate::output::PageStore;
use crate::task::Task;

pub mod uploads;

/// Pages fetched at once.
const BATCH: i64 = 500;

/// Stored names asked about at once.
const AT_ONCE: usize = 500;

/// One thing that is wrong with what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Number of the site; none outside every site.
    #[serde(skip)]
    pub site_id: Option<SiteId>,
    /// The name in the page store, or in that of uploads.
    pub name: String,
    /// Which upload it is, such as `media:17 公园.jpg`; none for pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
    /// What is wrong.
    pub kind: FaultKind,
    /// BLAKE3 of what was written, in hex.
    pub expected: Option<String>,
    /// BLAKE3 of what is there, in hex.
    pub found: Option<String>,
    /// Where what was found is kept, once it was taken away.
    pub kept: Option<String>,
}

/// What is done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is only told.
    Tell,
    /// What does not belong is set apart as evidence, and what belongs there is made again.
    Restore,
    /// The same, and an alarm is raised.
    Alarm,
}

/// Why a verification could not go on.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Pages or uploads could not be read or written.
    #[error("the store of pages or uploads: {0}")]
    Bytes(#[from] io::Error),
    /// Somebody ended it.
    #[error("it was ended before its end")]
    Ended,
}

type Result<T, E = VerifyError> = std::result::Result<T, E>;

/// Compares every page of a site, or of all, with its record, then looks for what no record knows. Every fault is told to
/// `each`; `progress` hears how many pages have been looked at.
pub fn verify(
    engine: &Engine,
    site: Option<&Site>,
    deed: Deed,
    progress: &mut dyn FnMut(usize),
    each: &mut dyn FnMut(Fault),
) -> Result<()> {
    let keys = engine.store.read(sites::keys)?;
    let (mut after, mut looked) = (PageId(0), 0);
    loop {
        let batch = engine.store.read(|connection| pages::list_after(connection, site.map(|site| site.id), after, BATCH))?;
        let Some(last) = batch.last() else { break };
        after = last.id;
        for page in &batch {
            if let Some(key) = keys.get(&page.site_id) {
                judge_page(engine, key, page, deed)?.into_iter().for_each(&mut *each);
            }
            looked += 1;
            progress(looked);
        }
    }
    strangers(engine, site, deed, &mut |_| Ok(()), each)
}

/// The faults of a page, put right if so wished. Reading it again while its row is held is what decides.
pub(crate) fn judge_page(engine: &Engine, site_key: &str, page: &Page, deed: Deed) -> Result<Vec<Fault>> {
    if page.state != PageState::Live || faults_of(engine.pages(), site_key, page)?.is_empty() {
        return Ok(Vec::new());
    }
    let faults = engine.store.write(|connection| {
        pages::hold(connection, &[page.id])?;
        // A page that waits to be rendered may have been renamed without being recorded, and is about to be made right.
        let Some(page) = pages::find_anywhere(connection, page.id)?.filter(|page| page.due <= page.version) else {
            return Ok(Vec::new());
        };
        let mut faults = faults_of(engine.pages(), site_key, &page)?;
        if deed != Deed::Tell {
            restore(engine, connection, &page, &mut faults)?;
        }
        if deed == Deed::Alarm {
            raise(engine, connection, &faults)?;
        }
        Ok::<_, VerifyError>(faults)
    })?;
    engine.wake();
    Ok(faults)
}

/// Whether a page is now as it should be: as recorded, or away where its record says so.
pub(crate) fn is_right(store: &PageStore, site_key: &str, page: &Page) -> io::Result<bool> {
    if page.state == PageState::Live {
        return Ok(faults_of(store, site_key, page)?.is_empty());
    }
    store.is_bare(site_key, &page.path)
}

/// What is wrong with a page that is recorded as live.
fn faults_of(store: &PageStore, site_key: &str, page: &Page) -> io::Result<Vec<Fault>> {
    let (Some(name), PageState::Live) = (store.name(site_key, &page.path), page.state) else { return Ok(Vec::new()) };
    let fault = |name: String, kind, expected, found| Fault {
        site_id: Some(page.site_id),
        name,
        upload: None,
        kind,
        expected,
        found,
        kept: None,
    };
    let Some(stored) = store.read(site_key, &page.path)? else {
        return Ok(vec![fault(name, FaultKind::Missing, page.hash.clone(), None)]);
    };
    let found = hash(&stored.plain);
    if page.hash.as_ref() != Some(&found) {
        return Ok(vec![fault(name, FaultKind::Differs, page.hash.clone(), Some(found))]);
    }
    let forms = [(stored.gzip_is_sound(), &stored.gzip, "gz"), (stored.brotli_is_sound(), &stored.brotli, "br")];
    let faults = forms
        .into_iter()
        .filter(|(sound, ..)| !sound)
        .map(|(_, form, extension)| fault(format!("{name}.{extension}"), FaultKind::FormDiffers, None, form.as_deref().map(hash)))
        .collect();
    Ok(faults)
}

/// Sets what does not belong apart, and has what belongs made again: forms from the page that is right, a page by rendering it.
fn restore(engine: &Engine, connection: &mut Connection, page: &Page, faults: &mut [Fault]) -> Result<()> {
    for fault in faults.iter_mut() {
        let kept = set_apart(engine, &fault.name)?;
        fault.kept = (fault.kind != FaultKind::Missing).then_some(kept);
    }
    let again = vec![page.id];
    match faults.first().map(|fault| fault.kind) {
        Some(FaultKind::FormDiffers) => Task::Compress(again).enqueue(connection, Lane::Urgent, engine.clock.now())?,
        Some(_) => {
            for extension in ["gz", "br"] {
                set_apart(engine, &format!("{}.{extension}", faults[0].name))?;
            }
            pages::render_again(connection, page)?;
            Task::Render(again).enqueue(connection, Lane::Urgent, engine.clock.now())?;
        }
        None => return Ok(()),
    }
    // What was wrong must not stay in any memory until it is made again.
    engine.cache.announce(&Message::Pages(vec![(page.site_id, page.path.clone())]));
    Ok(())
}

/// Finds what is stored without any record, or beside a page that is not live. `pause` hears how many names were looked at
/// since it was last asked, and may end the walk by an error.
pub(crate) fn strangers(
    engine: &Engine,
    site: Option<&Site>,
    deed: Deed,
    pause: &mut dyn FnMut(usize) -> Result<()>,
    each: &mut dyn FnMut(Fault),
) -> Result<()> {
    let sites = engine.store.read(sites::list)?.into_iter().map(|site| (site.key, site.id)).collect();
    let mut walk = Walk { engine, deed, sites, names: Vec::new() };
    let mut failed = None;
    let walked = engine.pages().walk(site.map(|site| site.key.as_str()), &mut |listed| {
        walk.names.push(listed.name);
        if walk.names.len() < AT_ONCE {
            return Ok(());
        }
        walk.judge(each).and_then(|()| pause(AT_ONCE)).map_err(|error| {
            failed = Some(error);
            io::Error::other("the walk was ended")
        })
    });
    match (failed, walked) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => walk.judge(each),
    }
}

/// Stored names on their way to be judged, some at a time.
struct Walk<'e> {
    engine: &'e Engine,
    deed: Deed,
    sites: HashMap<String, SiteId>,
    names: Vec<String>,
}

impl Walk<'_> {
    fn judge(&mut self, each: &mut dyn FnMut(Fault)) -> Result<()> {
        let mut by_site: HashMap<Option<SiteId>, Vec<(String, String)>> = HashMap::new();
        for name in self.names.drain(..) {
            let page = PageStore::named(&name);
            by_site.entry(self.sites.get(&page.site_key).copied()).or_default().push((name, page.path));
        }
        for (site, names) in by_site {
            let known = self.known(site, &names)?;
            for (name, path) in names.into_iter().filter(|(_, path)| !known.contains(path)) {
                judge_stranger(self.engine, site, &name, &path, self.deed)?.into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }

    /// Those of the paths at which a page is live and stored under just such a name.
    fn known(&self, site: Option<SiteId>, names: &[(String, String)]) -> Result<HashSet<String>> {
        let Some(site) = site else { return Ok(HashSet::new()) };
        let paths: Vec<String> = names.iter().map(|(_, path)| path.clone()).collect();
        let found = self.engine.store.read(|connection| pages::list_by_paths(connection, site, &paths))?;
        Ok(found.into_iter().filter(|page| page.state == PageState::Live).map(|page| page.path).collect())
    }
}

/// Looks again while the row is held, if there is one: a page that is just going live or away is no stranger.
fn judge_stranger(engine: &Engine, site: Option<SiteId>, name: &str, path: &str, deed: Deed) -> Result<Option<Fault>> {
    engine.store.write(|connection| {
        if let Some(site) = site
            && let Some(page) = pages::find(connection, site, path)?
        {
            pages::hold(connection, &[page.id])?;
            let live = pages::find(connection, site, path)?.is_some_and(|page| page.state == PageState::Live);
            // One that waits may have been renamed into place by a process that died before it could record it.
            if live || page.due > page.version {
                return Ok(None);
            }
        }
        if !engine.pages().holds(name)? {
            return Ok(None);
        }
        let mut fault = Fault {
            site_id: site,
            name: name.to_owned(),
            upload: None,
            kind: FaultKind::Stranger,
            expected: None,
            found: engine.pages().hash_of(name)?,
            kept: None,
        };
        if deed != Deed::Tell {
            fault.kept = Some(set_apart(engine, name)?);
            // Whoever has been served it must not be served it from memory.
            if let Some(site) = site {
                engine.cache.announce(&Message::Pages(vec![(site, path.to_owned())]));
            }
        }
        if deed == Deed::Alarm {
            raise(engine, connection, std::slice::from_ref(&fault))?;
        }
        Ok(Some(fault))
    })
}

/// Takes what is under a name out of the public's reach, if anything is; says where it is now.
fn set_apart(engine: &Engine, name: &str) -> io::Result<String> {
    engine.pages().set_apart(name, &mark(engine))
}

/// Where things set apart now are kept.
fn mark(engine: &Engine) -> String {
    model::local(engine.clock.now()).format("%Y-%m-%d/%H%M%S%6f").to_string()
}

fn raise(engine: &Engine, connection: &mut Connection, faults: &[Fault]) -> Result<()> {
    for fault in faults {
        let Fault { name, kind, expected, found, kept, .. } = fault;
        tracing::error!(name, %kind, ?expected, ?found, ?kept, "a published page was tampered with");
        let alarm = alarms::NewAlarm {
            site: fault.site_id,
            name,
            kind: *kind,
            expected: expected.as_deref(),
            found: found.as_deref(),
            kept: kept.as_deref(),
        };
        alarms::raise(connection, &alarm, engine.clock.now())?;
    }
    Ok(())
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    blake3::hash(bytes.as_ref()).to_hex().to_string()
}
