//! The library as one batch of pages sees it: a snapshot, and the sites in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Site, SiteId};
use render::context::SiteLink;
use store::{Snapshot, sites};

use crate::engine::Engine;

/// One consistent view, shared by the readers of all sites of a batch.
pub(crate) struct View {
    snapshot: Mutex<Snapshot>,
    version: i64,
    sites: Vec<(Site, SiteLink)>,
}

impl View {
    pub(crate) fn open(engine: &Engine) -> store::Result<Arc<Self>> {
        let mut snapshot = engine.store.snapshot()?;
        let linked = |site: Site| {
            let link = SiteLink {
                key: site.key.clone(),
                name: site.name.clone(),
                short_name: site.short_name.clone(),
                url: engine.settings.public_url(&site.key, &site.domain),
            };
            (site, link)
        };
        let sites = sites::list(snapshot.connection())?.into_iter().map(linked).collect();
        Ok(Arc::new(Self { version: snapshot.version(), snapshot: Mutex::new(snapshot), sites }))
    }

    /// The newest event it sees.
    pub(crate) fn version(&self) -> i64 {
        self.version
    }

    /// The snapshot, held for one question.
    pub(crate) fn held(&self) -> MutexGuard<'_, Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn site(&self, id: SiteId) -> Option<&Site> {
        self.sites.iter().map(|(site, _)| site).find(|site| site.id == id)
    }

    pub(crate) fn link(&self, id: SiteId) -> Option<&SiteLink> {
        self.sites.iter().find(|(site, _)| site.id == id).map(|(_, link)| link)
    }

    /// Every site of the platform, in order.
    pub(crate) fn links(&self) -> impl Iterator<Item = &SiteLink> {
        self.sites.iter().map(|(_, link)| link)
    }
}
