//! Telling a content delivery network which addresses have changed, after they have: a job like any other, tried again until it
//! is heard.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::TimeDelta;
use model::{Job, JobState, Lane, Receipt, Site, SiteId};
use store::{Connection, jobs, pages, redirects, sites};

use crate::commands::redirect::old;
use crate::engine::Engine;
use crate::task::{JobError, PURGE, Task};

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

/// How much the clocks of two machines may differ.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Puts telling about these addresses in line, where anybody is to be told.
pub(crate) fn enqueue(engine: &Engine, connection: &mut Connection, changed: &[(SiteId, String)]) -> store::Result<()> {
    if engine.purger.is_none() {
        return Ok(());
    }
    let tasks = changed.chunks(BATCH).map(|some| Task::Purge(some.to_vec()));
    Task::enqueue_all(tasks, connection, Lane::Urgent, engine.clock.now())
}

/// The same about every address that a site answers, old ones included: for when it is shut or opened, and its notice comes in
/// place of them all or goes.
pub(crate) fn enqueue_site(engine: &Engine, connection: &mut Connection, site: SiteId) -> store::Result<()> {
    if engine.purger.is_none() {
        return Ok(());
    }
    let mut addresses = pages::list_answering(connection, site)?;
    addresses.extend(redirects::list_addresses(connection, site)?.into_iter().map(|(path, query)| old(&path, &query)));
    let all: Vec<_> = addresses.into_iter().map(|path| (site, path)).collect();
    enqueue(engine, connection, &all)
}

/// Whether a content delivery network has heard of what a publication changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It has, or there is nobody to be told.
    All,
    /// Some is still to be told.
    Waiting,
    /// It could not be told in all attempts; a person must look.
    SetAside,
}

/// How telling about a publication's pages stands.
pub fn told(engine: &Engine, connection: &mut Connection, receipt: &Receipt) -> store::Result<Told> {
    if engine.purger.is_none() {
        return Ok(Told::All);
    }
    let pages: HashSet<(SiteId, &str)> = receipt.pages.iter().map(|page| (page.site_id, page.path.as_str())).collect();
    let unfinished = jobs::list_by_kind(connection, PURGE, receipt.publication.requested_at - SKEW)?;
    let concerns = |job: &Job| match serde_json::from_str(&job.payload) {
        Ok(Task::Purge(changed)) => changed.iter().any(|(site, path)| pages.contains(&(*site, path.as_str()))),
        _ => false,
    };
    let states: Vec<JobState> = unfinished.iter().filter(|job| concerns(job)).map(|job| job.state).collect();
    Ok(match states.as_slice() {
        [] => Told::All,
        states if states.contains(&JobState::Dead) => Told::SetAside,
        _ => Told::Waiting,
    })
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
