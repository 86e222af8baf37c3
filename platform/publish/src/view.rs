//! The library as one batch of pages sees it: a snapshot, and the names of the sites in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{SiteId, SiteState, Standing};
use render::context::SiteLink;
use store::sites::{self, SiteName};
use store::{Snapshot, site_states};

use crate::engine::Engine;

/// One consistent view, shared by the readers of all sites of a batch.
pub(crate) struct View {
    snapshot: Mutex<Snapshot>,
    version: i64,
    sites: Vec<(SiteId, SiteLink)>,
    standings: HashMap<SiteId, Standing>,
}

impl View {
    pub(crate) fn open(engine: &Engine) -> store::Result<Arc<Self>> {
        let mut snapshot = engine.store.snapshot()?;
        let linked = |site: SiteName| {
            let url = engine.settings.public_url(&site.key, &site.domain);
            (site.id, SiteLink { key: site.key, name: site.name, short_name: site.short_name, url })
        };
        let sites = sites::list_names(snapshot.connection())?.into_iter().map(linked).collect();
        let standings = site_states::list_everywhere(snapshot.connection(), None)?;
        Ok(Arc::new(Self { version: snapshot.version(), snapshot: Mutex::new(snapshot), sites, standings }))
    }

    /// The newest event it sees.
    pub(crate) fn version(&self) -> i64 {
        self.version
    }

    /// The snapshot, held for one question.
    pub(crate) fn held(&self) -> MutexGuard<'_, Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A site, whether or not the public knows of it yet.
    pub(crate) fn link(&self, id: SiteId) -> Option<&SiteLink> {
        self.sites.iter().find(|(site, _)| *site == id).map(|(_, link)| link)
    }

    /// Every site that the public knows of, in order: one that is prepared appears when it opens.
    pub(crate) fn links(&self) -> impl Iterator<Item = &SiteLink> {
        let is_known = |site| self.standings.get(site).is_none_or(|standing| standing.state != SiteState::Preparing);
        self.sites.iter().filter(move |(site, _)| is_known(site)).map(|(_, link)| link)
    }
}
