//! Reading a publication's pages back through the public door: the receipt says what visitors get, not what we believe.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Page, PageId, PageKind, PageState, PublicationId, SiteId};
use store::{Connection, pages, publications, site_states, sites};

use crate::door::Door;
use crate::engine::Engine;
use crate::task::JobError;
use crate::verify::is_right;

/// A web node hears of a change a moment after it is written: how often to look, and how long to wait between.
const LOOKS: usize = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// Compares every page of a publication with what is recorded for it.
pub(crate) fn run(engine: &Arc<Engine>, id: PublicationId) -> Result<(), JobError> {
    let Some(door) = &engine.door else { return Ok(()) };
    let (touched, ways) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((publications::list_page_ids(connection, id)?, Ways::find(connection)?)))?;
    let mut differing = None;
    let mut seen = Vec::with_capacity(touched.len());
    for page in touched {
        match look(engine, door.as_ref(), &ways, page)? {
            Seen::Same => seen.push((page, true)),
            Seen::Different(path) => {
                seen.push((page, false));
                differing = Some(path);
            }
            Seen::Nowhere => {}
        }
    }
    engine.store.write(|connection| {
        for (page, verified) in &seen {
            publications::note_verified(connection, id, *page, *verified)?;
        }
        Ok::<_, store::Error>(())
    })?;
    match differing {
        Some(path) => Err(JobError::Door(format!("{path} is not what was published"))),
        None => Ok(()),
    }
}

/// What looking at a page came to.
enum Seen {
    /// What is recorded.
    Same,
    /// Something else, at this address.
    Different(String),
    /// It has no address that could be asked for.
    Nowhere,
}

/// How the pages of each site are seen, asked once for all pages of a publication.
struct Ways {
    hosts: Vec<(String, SiteId)>,
    /// Short names of the sites whose door is shut.
    shut: HashMap<SiteId, String>,
}

impl Ways {
    fn find(connection: &mut Connection) -> store::Result<Self> {
        let mut shut = sites::keys(connection)?;
        let standings = site_states::list_everywhere(connection, None)?;
        shut.retain(|site, _| standings.get(site).is_some_and(|standing| standing.state.is_shut()));
        Ok(Self { hosts: sites::hosts(connection)?, shut })
    }
}

/// Looks at a page until it is what its record says. The record is read again at each look, because a later publication may
/// change page and record meanwhile.
fn look(engine: &Engine, door: &dyn Door, ways: &Ways, id: PageId) -> Result<Seen, JobError> {
    let mut seen = Seen::Nowhere;
    for _ in 0..LOOKS {
        let Some(page) = engine.store.read(|connection| pages::find_anywhere(connection, id))? else { break };
        let Some((host, _)) = ways.hosts.iter().find(|(_, site)| *site == page.site_id) else { break };
        // Behind a door that is shut a page waits as it will be shown: it is compared where it lies, and the receipt says so.
        let is_as_recorded = match ways.shut.get(&page.site_id) {
            Some(key) => is_right(engine.pages(), key, &page)?,
            None => matches(door, host, &page)?,
        };
        if is_as_recorded {
            return Ok(Seen::Same);
        }
        seen = Seen::Different(page.path);
        std::thread::park_timeout(PAUSE);
    }
    Ok(seen)
}

fn matches(door: &dyn Door, host: &str, wanted: &Page) -> Result<bool, JobError> {
    // Error pages and the shutter are shown in place of others and have no address of their own.
    if matches!(wanted.kind, PageKind::Error | PageKind::Shutter) {
        return Ok(true);
    }
    let (status, body) = door.get(host, &wanted.path).map_err(JobError::Door)?;
    Ok(match wanted.state {
        // Where nothing is any more, the site may lead on to something else.
        PageState::Gone => matches!(status, 410 | 301 | 302),
        PageState::Moved => status == 301,
        PageState::New | PageState::Live => {
            status == 200 && wanted.hash.as_deref() == Some(blake3::hash(&body).to_hex().as_str())
        }
    })
}
