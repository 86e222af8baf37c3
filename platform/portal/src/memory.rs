//! What is shown at each address, kept in memory until something there changes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cache::Message;
use chrono::TimeDelta;
use model::{MediaKind, PageState, Site, SiteId};
use publish::{Engine, address};
use store::{media, pages, redirects};
use web::App;

use crate::bounded::Bounded;
use crate::large::{self, Large};
use crate::shelf::{self, Page};

/// How often the database is asked what other processes have written: the net under the bus.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Looks after which a part of the memory is forgotten whatever has been heard, so that nothing outlives by much more than a
/// minute a message that never came: a redirect, or a forged file that was taken away.
const LOOKS_A_PART: usize = 4;

/// What a visitor finds at an address.
pub(crate) enum Shown {
    Page(Box<Page>),
    /// An upload too large to be held.
    Large(Box<Large>),
    Moved(String),
    Gone,
    Missing,
    /// Redirects lead on from here, by query; one without a query is for all others.
    Redirected {
        by_query: Vec<(String, Self)>,
        /// What is shown to whom none of them leads.
        otherwise: Box<Self>,
    },
    /// It cannot be known now.
    Unavailable,
}

impl Shown {
    /// What is shown to whom asks with this query.
    pub(crate) fn at(&self, query: &str) -> &Self {
        let Self::Redirected { by_query, otherwise } = self else { return self };
        let query = address::normal(query);
        let of = |wanted: &str| by_query.iter().find(|(query, _)| query == wanted).map(|(_, leads)| leads);
        of(&query).or_else(|| of("")).unwrap_or(otherwise)
    }

    /// What it weighs in memory, in bytes.
    fn weight(&self) -> usize {
        match self {
            Self::Page(page) => page.weight(),
            Self::Large(_) => 2_048,
            Self::Moved(to) => 512 + to.len(),
            Self::Redirected { by_query, otherwise } => {
                let leads: usize = by_query.iter().map(|(query, leads)| query.len() + leads.weight()).sum();
                512 + leads + otherwise.weight()
            }
            Self::Gone | Self::Missing | Self::Unavailable => 512,
        }
    }
}

pub(crate) struct Memory {
    shown: Bounded<Shown>,
    /// Counts invalidations, so that what was read before one is not kept after it.
    changes: AtomicU64,
}

impl Memory {
    pub(crate) fn new(bytes: u64) -> Self {
        Self { shown: Bounded::new(bytes), changes: AtomicU64::new(0) }
    }

    /// What is shown at `path` of the site, if it is in memory.
    pub(crate) fn held(&self, site: SiteId, path: &str) -> Option<Arc<Shown>> {
        self.shown.get(site, path)
    }

    /// What is shown at `path` of the site.
    pub(crate) async fn find(&self, app: &Arc<App>, site: &Arc<Site>, path: &str) -> Arc<Shown> {
        if let Some(known) = self.held(site.id, path) {
            return known;
        }
        let before = self.changes.load(Ordering::SeqCst);
        let (engine, wanted, address) = (Arc::clone(&app.engine), Arc::clone(site), path.to_owned());
        let found = tokio::task::spawn_blocking(move || look(&engine, &wanted, &address)).await.unwrap_or(Shown::Unavailable);
        let found = Arc::new(found);
        if !matches!(found.as_ref(), Shown::Unavailable) {
            self.shown.insert(site.id, path, Arc::clone(&found), found.weight() + path.len());
            // A large upload takes long to look at, and is asked for its mark whenever it is opened.
            let is_marked = matches!(found.as_ref(), Shown::Large(_));
            if !is_marked && self.changes.load(Ordering::SeqCst) != before {
                self.shown.remove(site.id, path);
            }
        }
        found
    }

    /// Forgets what was shown at `path` of the site.
    pub(crate) fn forget(&self, site: SiteId, path: &str) {
        self.shown.remove(site, path);
    }

    /// Forgets what the bus says has changed, and what the database says other processes have written.
    pub(crate) fn follow(memory: &Arc<Self>, engine: &Arc<Engine>) {
        let weak = Arc::downgrade(memory);
        engine.cache.listen(move |message| {
            if let Some(memory) = weak.upgrade() {
                memory.heed(message);
            }
        });
        let (weak, engine) = (Arc::downgrade(memory), Arc::downgrade(engine));
        tokio::spawn(async move {
            let Some(mut since) = engine.upgrade().map(|engine| engine.clock.now()) else { return };
            let mut looks = 0;
            loop {
                tokio::time::sleep(LOOK_AGAIN).await;
                let (Some(memory), Some(engine)) = (weak.upgrade(), engine.upgrade()) else { return };
                let now = engine.clock.now();
                // Transactions commit a little after the time they note.
                let from = since - TimeDelta::seconds(10);
                let asked = tokio::task::spawn_blocking(move || {
                    engine.store.read(|connection| pages::list_written_since(connection, from))
                });
                if let Ok(Ok(written)) = asked.await {
                    if !written.is_empty() {
                        memory.heed(&Message::Pages(written));
                    }
                    since = now;
                    // Only while the database answers: what became of an address could not be asked again without it.
                    looks += 1;
                    if looks % LOOKS_A_PART == 0 {
                        memory.shown.clear_part(looks / LOOKS_A_PART);
                    }
                }
            }
        });
    }

    fn heed(&self, message: &Message) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        match message {
            Message::Pages(pages) => {
                for (site, path) in pages {
                    // A folder's address without its slash leads to it, or to nothing while it is not there.
                    self.shown.remove(*site, path.trim_end_matches('/'));
                    self.shown.remove(*site, path);
                }
            }
            Message::Sites | Message::Everything => self.shown.clear(),
        }
    }
}

/// The stored page if there is one, else what the record says became of the address. Stored pages need no database.
fn look(engine: &Engine, site: &Site, path: &str) -> Shown {
    match stored(engine, site, path) {
        Ok(Some(stored)) => return stored,
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, path, site = site.key, "a page cannot be read");
            return Shown::Unavailable;
        }
    }
    let recorded = engine.store.read(|connection| {
        let page = pages::find(connection, site.id, path)?;
        let folder = if path.ends_with('/') { None } else { pages::find(connection, site.id, &format!("{path}/"))? };
        Ok::<_, store::Error>((page, folder, redirects::list_by_path(connection, site.id, path)?))
    });
    let (page, folder, redirects) = match recorded {
        Ok(recorded) => recorded,
        Err(error) => {
            tracing::warn!(%error, path, "it cannot be known what became of an address");
            return Shown::Unavailable;
        }
    };
    let recorded = match (page, folder) {
        (Some(page), _) if page.state == PageState::Gone => Shown::Gone,
        (Some(page), _) if page.state == PageState::Moved => page.moved_to.map_or(Shown::Missing, Shown::Moved),
        (_, Some(folder)) if folder.state == PageState::Live => Shown::Moved(folder.path),
        _ => Shown::Missing,
    };
    if redirects.is_empty() {
        return recorded;
    }
    let by_query = redirects.into_iter().map(|redirect| (redirect.query, Shown::Moved(redirect.target))).collect();
    Shown::Redirected { by_query, otherwise: Box::new(recorded) }
}

fn stored(engine: &Engine, site: &Site, path: &str) -> io::Result<Option<Shown>> {
    if let Some(large) = large::look(engine.pages(), &site.key, path)? {
        return Ok(Some(Shown::Large(Box::new(large.uploaded(download_name(engine, path).as_deref())))));
    }
    let page = shelf::read(engine.pages(), &site.key, path)?;
    Ok(page.map(|page| {
        let is_upload = path.starts_with("/media/");
        Shown::Page(Box::new(if is_upload { page.uploaded(download_name(engine, path).as_deref()) } else { page }))
    }))
}

/// The name an attachment is downloaded under. Without the database its address must do: it says the extension.
fn download_name(engine: &Engine, path: &str) -> Option<String> {
    let id = address::media_of(path)?;
    let extension = path.rsplit('.').next().unwrap_or_default();
    if MediaKind::by_extension(extension).is_some_and(MediaKind::is_image) {
        return None;
    }
    let named = engine.store.read(|connection| media::find_anywhere(connection, id));
    Some(named.ok().flatten().map_or_else(|| format!("{id}.{extension}"), |media| media.file_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_weigh_what_their_addresses_do() {
        let long = "/x".repeat(1_000);
        let by_query = (0..100).map(|number| (format!("{number}&{long}"), Shown::Moved(long.clone()))).collect();
        let shown = Shown::Redirected { by_query, otherwise: Box::new(Shown::Missing) };
        assert!(shown.weight() > 100 * 2 * long.len(), "{}", shown.weight());
    }
}
