//! Reading a publication's pages back through the public door: the receipt says what visitors get, not what we believe.

use std::sync::Arc;
use std::time::Duration;

use model::{Page, PageId, PageKind, PageState, PublicationId, SiteId};
use store::{pages, publications, site_states, sites};

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
    let (touched, hosts) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((publications::list_page_ids(connection, id)?, sites::hosts(connection)?)))?;
    let mut differing = None;
    let mut seen = Vec::with_capacity(touched.len());
    for page in touched {
        match look(engine, door.as_ref(), &hosts, page)? {
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

/// Looks at a page until it is what its record says. The record is read again at each look, because a later publication may
/// change page and record meanwhile.
fn look(engine: &Engine, door: &dyn Door, hosts: &[(String, SiteId)], id: PageId) -> Result<Seen, JobError> {
    let mut seen = Seen::Nowhere;
    for _ in 0..LOOKS {
        let Some(page) = engine.store.read(|connection| pages::find_anywhere(connection, id))? else { break };
        let Some((host, _)) = hosts.iter().find(|(_, site)| *site == page.site_id) else { break };
        if is_as_recorded(engine, door, host, &page)? {
            return Ok(Seen::Same);
        }
        seen = Seen::Different(page.path);
        std::thread::park_timeout(PAUSE);
    }
    Ok(seen)
}

/// Behind a door that is shut a page waits as it will be shown: it is compared where it lies, and the receipt says so.
fn is_as_recorded(engine: &Engine, door: &dyn Door, host: &str, page: &Page) -> Result<bool, JobError> {
    let (standing, site) = engine.store.read(|connection| {
        Ok::<_, store::Error>((site_states::find(connection, page.site_id)?, sites::find(connection, page.site_id)?))
    })?;
    match site {
        Some(site) if standing.is_some_and(|standing| standing.state.is_shut()) => {
            is_right(engine.pages(), &site.key, page).map_err(JobError::Write)
        }
        _ => matches(door, host, page),
    }
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
