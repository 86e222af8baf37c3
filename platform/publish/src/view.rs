//! The library as one batch of pages sees it: a snapshot, and the names of the sites in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::SiteId;
use render::context::SiteLink;
use store::Snapshot;
use store::sites::{self, SiteName};

use crate::engine::Engine;

/// One consistent view, shared by the readers of all sites of a batch.
pub(crate) struct View {
    snapshot: Mutex<Snapshot>,
    version: i64,
    sites: Vec<(SiteId, SiteLink)>,
}

impl View {
    pub(crate) fn open(engine: &Engine) -> store::Result<Arc<Self>> {
        let mut snapshot = engine.store.snapshot()?;
        let linked = |site: SiteName| {
            let url = engine.settings.public_url(&site.key, &site.domain);
            (site.id, SiteLink { key: site.key, name: site.name, short_name: site.short_name, url })
        };
        let sites = sites::list_names(snapshot.connection())?.into_iter().map(linked).collect();
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

    pub(crate) fn link(&self, id: SiteId) -> Option<&SiteLink> {
        self.sites.iter().find(|(site, _)| *site == id).map(|(_, link)| link)
    }

    /// Every site of the platform, in order.
    pub(crate) fn links(&self) -> impl Iterator<Item = &SiteLink> {
        self.sites.iter().map(|(_, link)| link)
    }
}
