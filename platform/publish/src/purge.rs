//! Telling a content delivery network which addresses have changed, after they have: a job like any other, tried again until it
//! is heard.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{Lane, Site, SiteId};
use store::{Connection, sites};

use crate::engine::Engine;
use crate::task::{JobError, Task};

/// Whoever is told.
pub trait Purger: Send + Sync {
    /// Asks for these addresses of one site to be forgotten. Errors are sentences.
    fn purge(&self, purge: &Purge) -> Result<(), String>;
}

/// What is to be forgotten, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Purge {
    /// Short name of the site.
    pub site: String,
    /// Its domain.
    pub domain: String,
    /// Complete addresses.
    pub urls: Vec<String>,
}

/// Addresses told at once.
const BATCH: usize = 200;

/// Puts telling about these addresses in line, where anybody is to be told.
pub(crate) fn enqueue(engine: &Engine, connection: &mut Connection, changed: &[(SiteId, String)]) -> store::Result<()> {
    if engine.purger.is_none() {
        return Ok(());
    }
    for some in changed.chunks(BATCH) {
        Task::Purge(some.to_vec()).enqueue(connection, Lane::Urgent, engine.clock.now())?;
    }
    Ok(())
}

/// Tells, site by site.
pub(crate) fn run(engine: &Arc<Engine>, changed: &[(SiteId, String)]) -> Result<(), JobError> {
    let Some(purger) = &engine.purger else { return Ok(()) };
    let sites: HashMap<SiteId, Site> = engine.store.read(sites::list)?.into_iter().map(|site| (site.id, site)).collect();
    let mut by_site: BTreeMap<SiteId, Vec<&str>> = BTreeMap::new();
    for (site, path) in changed {
        by_site.entry(*site).or_default().push(path);
    }
    for (site, paths) in by_site {
        let Some(site) = sites.get(&site) else { continue };
        let base = engine.settings.public_url(&site.key, &site.domain);
        let urls = paths.into_iter().map(|path| format!("{base}{path}")).collect();
        purger.purge(&Purge { site: site.key.clone(), domain: site.domain.clone(), urls }).map_err(JobError::Purge)?;
    }
    Ok(())
}
