//! The engine: everything the publishing steps share, and the bell that wakes the workers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use cache::Cache;
use config::{ManifestError, Settings, ThemeManifest};
use model::{Clock, Site};
use objects::Objects;
use render::{Theme, ThemeFiles};
use sender::Sender;
use store::{Store, jobs};
use vault::Vault;

use crate::blobs;
use crate::door::Door;
use crate::fetcher::Fetcher;
use crate::output::PageStore;
use crate::purge::Purger;
use crate::task::READ_BACK;
use crate::upstream::Directory;
use crate::views::Views;

/// What an engine is made of.
pub struct EngineParts {
    /// The database.
    pub store: Store,
    /// Counters and bus.
    pub cache: Arc<Cache>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// Where public pages are.
    pub pages: PageStore,
    /// Where published pages are read back from; none where nobody serves them.
    pub door: Option<Arc<dyn Door>>,
    /// Who is told of changed addresses; none where nobody wants to know.
    pub purger: Option<Arc<dyn Purger>>,
    /// Who asks services elsewhere on the network.
    pub fetcher: Arc<dyn Fetcher>,
    /// The bytes of uploads.
    pub blobs: Objects,
    /// The keys that personal data and secrets are sealed with.
    pub vault: Vault,
    /// What reaches people's phones and mailboxes.
    pub sender: Arc<dyn Sender>,
}

/// A site and the theme it wears, by their short names.
type Worn = (String, String);

/// The publishing engine of one process.
pub struct Engine {
    /// The database.
    pub store: Store,
    /// Counters and bus.
    pub cache: Arc<Cache>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// The keys that personal data and secrets are sealed with.
    pub vault: Vault,
    /// What reaches people's phones and mailboxes.
    pub sender: Arc<dyn Sender>,
    pub(crate) pages: PageStore,
    pub(crate) blobs: Objects,
    pub(crate) door: Option<Arc<dyn Door>>,
    pub(crate) purger: Option<Arc<dyn Purger>>,
    pub(crate) fetcher: Arc<dyn Fetcher>,
    pub(crate) upstreams: Directory,
    /// Page views not in the database yet.
    pub views: Views,
    worn: Mutex<HashMap<Worn, (String, Arc<Theme>)>>,
    bell: Bell,
    rendered: AtomicU64,
    written: AtomicU64,
}

impl Engine {
    /// An engine without workers: it answers commands; [`crate::Workers`] do the rest.
    pub fn new(parts: EngineParts) -> Self {
        Self {
            store: parts.store,
            cache: parts.cache,
            clock: parts.clock,
            settings: parts.settings,
            vault: parts.vault,
            sender: parts.sender,
            pages: parts.pages,
            blobs: parts.blobs,
            door: parts.door,
            purger: parts.purger,
            fetcher: parts.fetcher,
            upstreams: Directory::default(),
            views: Views::default(),
            worn: Mutex::default(),
            bell: Bell::default(),
            rendered: AtomicU64::new(0),
            written: AtomicU64::new(0),
        }
    }

    /// How many pages this process has put through, and how many of them had new bytes or none.
    pub fn tally(&self) -> (u64, u64) {
        (self.rendered.load(Ordering::SeqCst), self.written.load(Ordering::SeqCst))
    }

    pub(crate) fn count(&self, rendered: usize, written: usize) {
        self.rendered.fetch_add(rendered as u64, Ordering::SeqCst);
        self.written.fetch_add(written as u64, Ordering::SeqCst);
    }

    /// Where public pages are.
    pub fn pages(&self) -> &PageStore {
        &self.pages
    }

    /// The bytes kept under a hash.
    pub fn blob(&self, hash: &str) -> std::io::Result<bytes::Bytes> {
        blobs::read(&self.blobs, hash)
    }

    /// How large uploads may be.
    pub fn media_limits(&self) -> media::Limits {
        let set = &self.settings.media;
        media::Limits {
            image_bytes: set.image_bytes,
            attachment_bytes: set.attachment_bytes,
            megapixels: set.megapixels,
            longest_side: set.longest_side,
            archive_entries: set.archive_entries,
            unpacked_bytes: set.unpacked_bytes,
        }
    }

    /// Tells sleeping workers that there may be something to do.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Whether nothing waits that this process could do.
    pub fn is_idle(&self) -> store::Result<bool> {
        let next = self.store.read(|connection| jobs::next_due(connection, self.cannot_do()))?;
        // The clock is read after the queue: a job that came in between would else seem put off.
        Ok(next.is_none_or(|due| due > self.clock.now()))
    }

    /// The kind of job that is for others: without a door nothing can be read back.
    pub(crate) fn cannot_do(&self) -> &'static str {
        if self.door.is_some() { "" } else { READ_BACK }
    }

    /// How often the bell has rung: to be asked before looking for work, so that no ring after that look is missed.
    pub(crate) fn rings(&self) -> u64 {
        self.bell.rings()
    }

    /// Sleeps until the bell has rung more often than `heard`.
    pub(crate) fn wait(&self, heard: u64, at_most: Duration) {
        self.bell.wait(heard, at_most);
    }

    pub(crate) fn files(&self, site: &Site) -> ThemeFiles {
        ThemeFiles::new(&self.settings.sites, &site.key, &site.theme)
    }

    /// Every theme that is installed, with what it offers; one that cannot be read is none.
    pub(crate) fn themes(&self) -> std::io::Result<Vec<(String, ThemeManifest)>> {
        let root = &self.settings.sites;
        let offer = |name: String| Some((ThemeManifest::load(&root.join("_themes").join(&name)).ok()?, name));
        Ok(render::themes(root)?.into_iter().filter_map(offer).map(|(offer, name)| (name, offer)).collect())
    }

    /// What the theme of a site offers to be arranged and set.
    pub(crate) fn theme_manifest(&self, site: &Site) -> Result<ThemeManifest, ManifestError> {
        ThemeManifest::load(self.files(site).theme())
    }

    /// The compiled templates of a site, opened anew when `files_version` says that its files have changed.
    pub(crate) fn theme(&self, site: &Site, files_version: &str) -> Arc<Theme> {
        let mut themes = self.worn.lock().unwrap_or_else(PoisonError::into_inner);
        let worn = (site.key.clone(), site.theme.clone());
        match themes.get(&worn) {
            Some((known, theme)) if known == files_version => Arc::clone(theme),
            _ => {
                let theme = Arc::new(Theme::open(self.files(site)));
                themes.insert(worn, (files_version.to_owned(), Arc::clone(&theme)));
                theme
            }
        }
    }
}

/// Wakes everybody asleep. Who says what it has heard so far misses no ring, however late it lies down.
#[derive(Default)]
struct Bell {
    rings: Mutex<u64>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rings.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    fn rings(&self) -> u64 {
        *self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, heard: u64, at_most: Duration) {
        let rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.changed.wait_timeout_while(rings, at_most, |rings| *rings == heard);
    }
}
