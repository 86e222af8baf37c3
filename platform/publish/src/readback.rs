//! Reading a publication's pages back through the public door: the receipt says what visitors get, not what we believe.

use std::sync::Arc;
use std::time::Duration;

use model::{PageState, PublicationId, SiteId};
use store::publications::Expected;
use store::{publications, sites};

use crate::door::Door;
use crate::engine::Engine;
use crate::task::JobError;

/// A web node hears of a change a moment after it is written: how often to look, and how long to wait between.
const LOOKS: usize = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// Compares every page of a publication with what is recorded for it.
pub(crate) fn run(engine: &Arc<Engine>, id: PublicationId) -> Result<(), JobError> {
    let Some(door) = &engine.door else { return Ok(()) };
    let (expected, hosts) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((publications::list_expected(connection, id)?, sites::hosts(connection)?)))?;
    let host_of = |site: SiteId| hosts.iter().find(|(_, owner)| *owner == site).map(|(host, _)| host.as_str());
    let mut seen = Vec::with_capacity(expected.len());
    for one in expected {
        let Some(host) = host_of(one.site) else { continue };
        let mut verified = false;
        for _ in 0..LOOKS {
            verified = matches(&**door, host, &one)?;
            if verified {
                break;
            }
            std::thread::park_timeout(PAUSE);
        }
        seen.push((one.page, verified, one.path));
    }
    engine.store.write(|connection| {
        for (page, verified, _) in &seen {
            publications::note_verified(connection, id, *page, *verified)?;
        }
        Ok::<_, store::Error>(())
    })?;
    match seen.into_iter().find(|(_, verified, _)| !verified) {
        Some((_, _, path)) => Err(JobError::Door(format!("{path} is not what was published"))),
        None => Ok(()),
    }
}

fn matches(door: &dyn Door, host: &str, wanted: &Expected) -> Result<bool, JobError> {
    // Error pages are shown in place of others and have no address of their own.
    if wanted.path.starts_with("/_error/") {
        return Ok(true);
    }
    let (status, body) = door.get(host, &wanted.path).map_err(JobError::Door)?;
    Ok(match wanted.state {
        PageState::Gone => status == 410,
        PageState::Moved => status == 301,
        PageState::New | PageState::Live => {
            status == 200 && wanted.hash.as_deref() == Some(blake3::hash(&body).to_hex().as_str())
        }
    })
}
