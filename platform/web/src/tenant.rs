//! Which site answers to which host, and which let nobody in. Kept in memory, read again whenever a site is declared.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cache::Message;
use chrono::NaiveDateTime;
use model::{Site, SiteId};
use publish::Engine;
use tokio::sync::Notify;

use crate::App;

/// The site a public request is for.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The site.
    pub site: Arc<Site>,
    /// Set while the public is not let in.
    pub shut: Option<Shut>,
}

/// A site that shows its notice at every address.
#[derive(Clone, Copy, Debug)]
pub struct Shut {
    /// When it means to be back, UTC.
    pub until: Option<NaiveDateTime>,
}

/// All sites, by host and by short name.
pub struct Tenants(RwLock<Known>);

#[derive(Default)]
struct Known {
    by_host: HashMap<String, Arc<Site>>,
    by_key: HashMap<String, Arc<Site>>,
    order: Vec<Arc<Site>>,
    shut: HashMap<SiteId, Shut>,
}

/// How often sites are read again unasked: what a node without a bus knows is as old as that.
const LOOK: Duration = Duration::from_secs(1);

impl Tenants {
    pub(crate) fn new(engine: &Engine) -> store::Result<Self> {
        Ok(Self(RwLock::new(read(engine)?)))
    }

    /// The site that answers to this host (without port, in small letters).
    pub fn find_by_host(&self, host: &str) -> Option<Tenant> {
        let known = self.known();
        let site = Arc::clone(known.by_host.get(host)?);
        let shut = known.shut.get(&site.id).copied();
        Some(Tenant { site, shut })
    }

    /// The site with this short name.
    pub fn find_by_key(&self, key: &str) -> Option<Arc<Site>> {
        self.known().by_key.get(key).cloned()
    }

    /// Every site, in the order they were declared.
    pub fn list(&self) -> Vec<Arc<Site>> {
        self.known().order.clone()
    }

    /// Every site that lets the public in, in that order.
    pub fn list_open(&self) -> Vec<Arc<Site>> {
        let known = self.known();
        known.order.iter().filter(|site| !known.shut.contains_key(&site.id)).cloned().collect()
    }

    /// Reads sites again when the bus says so, and now and then in case another process without a bus declared one.
    pub(crate) fn follow(app: &Arc<App>) {
        let changed = Arc::new(Notify::new());
        let ring = Arc::clone(&changed);
        app.engine.cache.listen(move |message| {
            if !matches!(message, Message::Pages(_)) {
                ring.notify_one();
            }
        });
        let weak = Arc::downgrade(app);
        tokio::spawn(async move {
            let mut look = tokio::time::interval(LOOK);
            loop {
                tokio::select! {
                    () = changed.notified() => {}
                    _ = look.tick() => {}
                }
                let Some(app) = weak.upgrade() else { return };
                Self::read_again(&app).await;
            }
        });
    }

    /// Reads sites again now, for whoever has just made one and goes there.
    pub async fn read_again(app: &Arc<App>) {
        let engine = Arc::clone(&app.engine);
        match tokio::task::spawn_blocking(move || read(&engine)).await {
            Ok(Ok(known)) => *app.tenants.0.write().unwrap_or_else(PoisonError::into_inner) = known,
            Ok(Err(error)) => tracing::warn!(%error, "sites could not be read again; those known stay"),
            Err(error) => tracing::warn!(%error, "sites could not be read again; those known stay"),
        }
    }

    fn known(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(engine: &Engine) -> store::Result<Known> {
    let (sites, hosts, standings) = engine.store.read(|connection| {
        let standings = store::site_states::list_everywhere(connection, None)?;
        Ok::<_, store::Error>((store::sites::list(connection)?, store::sites::hosts(connection)?, standings))
    })?;
    let order: Vec<Arc<Site>> = sites.into_iter().map(Arc::new).collect();
    let shut = standings.into_iter().filter(|(_, standing)| standing.state.is_shut());
    let shut = shut.map(|(site, standing)| (site, Shut { until: standing.announcement.until })).collect();
    let mut known = Known { order: order.clone(), shut, ..Known::default() };
    for site in &order {
        known.by_key.insert(site.key.clone(), Arc::clone(site));
        // The public address may name a host that no manifest lists, such as wangxi.localhost in the demo.
        let public = engine.settings.public_url(&site.key, &site.domain);
        let host = public.split("://").nth(1).unwrap_or_default().split([':', '/']).next().unwrap_or_default();
        known.by_host.insert(host.to_lowercase(), Arc::clone(site));
    }
    for (host, id) in hosts {
        if let Some(site) = order.iter().find(|site| site.id == id) {
            known.by_host.insert(host, Arc::clone(site));
        }
    }
    Ok(known)
}
