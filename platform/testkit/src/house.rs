//! A house: one running platform with four sites and their people.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use config::{Network, SecondFactor, Settings};
use model::{Actor, Clock, Ground, Password, PasswordOrigin, Role, RoleId, SystemClock};
use server::commands::{apply_sites, site_folders};
use server::{Platform, Role as Duty};
use tempfile::TempDir;

use crate::backend::{Backend, FreshDatabase, setting};
use crate::building::Model;
use crate::{Browser, Desk, Outbox};

/// The password of every account in a house.
pub(crate) const PASSWORD: &str = "Ceshi-2026-zhanghao";

/// The folder that holds the project.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project is where it was built")
}

/// How a house differs from the usual one.
#[derive(Clone, Debug)]
pub struct HouseOptions {
    /// Which database.
    pub backend: Backend,
    /// Whether cache and bus are in Redis.
    pub redis: bool,
    /// Where sites and themes are; the project's own by default.
    pub sites: Option<PathBuf>,
    /// What the process does.
    pub duty: Duty,
}

/// A running platform. Everything it made is gone when it is dropped.
pub struct House {
    /// The platform.
    pub platform: Platform,
    /// Its settings, for a second process on the same database.
    pub settings: Settings,
    database: FreshDatabase,
    folder: TempDir,
    clock: Arc<dyn Clock>,
    /// What it sent to phones and mailboxes, unless the settings name something that sends.
    pub outbox: Arc<Outbox>,
}

impl House {
    /// The usual house, a copy of one that was built before; none when the backend is not at hand.
    pub async fn open(backend: Backend) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let database = Model::of(backend).await?.copy(&folder);
        let settings = usual(&folder, &database, "memory:".into());
        Some(Self::start(folder, database, settings, Duty::All, Arc::new(SystemClock)).await)
    }

    /// The usual house from the ground up.
    pub(crate) async fn build_usual(backend: Backend) -> Option<Self> {
        Self::open_with(HouseOptions { backend, redis: false, sites: None, duty: Duty::All }).await
    }

    /// The house with nobody in it: its platform stopped, all that it keeps left where it is.
    pub(crate) async fn left(self) -> (FreshDatabase, TempDir) {
        self.platform.stop().await.expect("the platform stops");
        (self.database, self.folder)
    }

    /// The usual house with a clock that the test moves.
    pub async fn open_at(backend: Backend, clock: Arc<dyn Clock>) -> Option<Self> {
        Self::open_with_at(HouseOptions { backend, redis: false, sites: None, duty: Duty::All }, clock).await
    }

    /// A house with differences.
    pub async fn open_with(options: HouseOptions) -> Option<Self> {
        Self::open_with_at(options, Arc::new(SystemClock)).await
    }

    /// A house with differences and a clock that the test moves.
    pub async fn open_with_at(options: HouseOptions, clock: Arc<dyn Clock>) -> Option<Self> {
        Self::open_tuned(options, clock, |_| {}).await
    }

    /// The usual house, with settings changed by `tune`.
    pub async fn open_set(backend: Backend, tune: impl FnOnce(&mut Settings)) -> Option<Self> {
        let options = HouseOptions { backend, redis: false, sites: None, duty: Duty::All };
        Self::open_tuned(options, Arc::new(SystemClock), tune).await
    }

    /// The usual house with a clock that the test moves, and settings changed by `tune`.
    pub async fn open_set_at(backend: Backend, clock: Arc<dyn Clock>, tune: impl FnOnce(&mut Settings)) -> Option<Self> {
        Self::open_tuned(HouseOptions { backend, redis: false, sites: None, duty: Duty::All }, clock, tune).await
    }

    async fn open_tuned(options: HouseOptions, clock: Arc<dyn Clock>, tune: impl FnOnce(&mut Settings)) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let database = options.backend.fresh(&folder)?;
        let mut cache = "memory:".to_owned();
        if options.redis {
            let Some(url) = setting("TONGYUAN_TEST_REDIS") else {
                eprintln!("SKIPPED with Redis: TONGYUAN_TEST_REDIS is not set; tests/run sets it");
                return None;
            };
            cache = url;
        }
        Some(Self::build(folder, database, cache, options.sites, options.duty, clock, tune).await)
    }

    /// A house on servers that the test itself started and may stop.
    pub async fn open_on(database: &str, cache: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self::build(folder, FreshDatabase::at(database), cache.to_owned(), None, Duty::All, Arc::new(SystemClock), |_| {}).await
    }

    async fn build(
        folder: TempDir,
        database: FreshDatabase,
        cache: String,
        sites: Option<PathBuf>,
        duty: Duty,
        clock: Arc<dyn Clock>,
        tune: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = usual(&folder, &database, cache);
        if let Some(sites) = sites {
            settings.sites = sites;
        }
        tune(&mut settings);
        store::Store::open(&settings.database).expect("the database answers").migrate().expect("the schema comes up");
        let house = Self::start(folder, database, settings, duty, clock).await;
        house.declare_sites();
        house.invite_people();
        house.quiet().await;
        house
    }

    async fn start(folder: TempDir, database: FreshDatabase, settings: Settings, duty: Duty, clock: Arc<dyn Clock>) -> Self {
        let outbox = Arc::new(Outbox::default());
        let platform = begin(&settings, &clock, duty, &outbox).await;
        Self { platform, settings, database, folder, clock, outbox }
    }

    /// A folder of the house's own, for what a test makes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The publishing engine.
    pub fn engine(&self) -> &Arc<publish::Engine> {
        &self.platform.engine
    }

    /// A visitor or member of staff with cookies of their own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.platform.address.expect("this house answers requests"))
    }

    /// The desk of one person of a site: `editor`, `review1` …, `admin` or, with site `platform`, `admin`, `security` and `auditor`.
    pub async fn desk(&self, site: &str, person: &str) -> Desk {
        Desk::sign_in(self.browser(), site, &username(site, person)).await
    }

    /// The same desk at another node.
    pub async fn desk_at(&self, node: SocketAddr, site: &str, person: &str) -> Desk {
        Desk::sign_in(Browser::at(node), site, &username(site, person)).await
    }

    /// Makes the database agree with the folders of all sites, as `tongyuan site apply` does.
    pub fn declare_sites(&self) {
        let folders = site_folders(&self.settings.sites).expect("the sites folder can be read");
        apply_sites(self.engine(), &folders).expect("the sites can be applied");
    }

    /// Waits until nothing waits to be rendered.
    pub async fn quiet(&self) {
        for _ in 0..18_000 {
            if self.engine().is_idle().expect("the queue can be read") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!(
            "the queue is not empty after three minutes: {:?}",
            self.engine().store.read(|connection| store::jobs::list(connection, 5))
        );
    }

    /// The same house with its workers gone home: jobs stay where they are.
    pub async fn without_workers(self) -> Self {
        let Self { platform, mut settings, database, folder, clock, outbox } = self;
        platform.stop().await.expect("the platform stops");
        settings.web.listen = "127.0.0.1:0".into();
        let platform = begin(&settings, &clock, Duty::Web, &outbox).await;
        Self { platform, settings, database, folder, clock, outbox }
    }

    /// Stops the platform as an operator would; its database goes with it.
    pub async fn close(self) {
        self.platform.stop().await.expect("the platform stops");
        drop(self.database);
    }

    fn invite_people(&self) {
        let sites = self.engine().store.read(store::sites::list).expect("sites can be listed");
        let hash = factors::hash_password(PASSWORD).expect("a password can be hashed");
        for site in &sites {
            for (person, role) in [
                ("editor", Role::EDITOR),
                ("review1", Role::REVIEWER),
                ("review2", Role::REVIEWER),
                ("review3", Role::REVIEWER),
                ("admin", Role::ADMINISTRATOR),
            ] {
                self.invite(&format!("{}-{person}", site.key), role, Ground::Site(site.id), &hash);
            }
        }
        self.invite("admin", Role::SYSTEM, Ground::Platform, &hash);
        self.invite("security", Role::SECURITY, Ground::Platform, &hash);
        self.invite("auditor", Role::AUDITOR, Ground::Platform, &hash);
    }

    /// One more person, who holds this from the beginning.
    pub fn hire(&self, username: &str, role: RoleId, ground: Ground) {
        self.invite(username, role, ground, &factors::hash_password(PASSWORD).expect("a password can be hashed"));
    }

    fn invite(&self, username: &str, role: RoleId, ground: Ground, hash: &str) {
        let now = SystemClock.now();
        let grant = model::Grant::lasting(role, ground);
        // As if they had chosen it themselves, and late enough that no test that moves the clock by months grows it too old.
        let since = now + TimeDelta::days(3_650);
        let password = Password { hash: hash.to_owned(), origin: PasswordOrigin::Own, since };
        self.engine()
            .store
            .command(|command| store::people::insert(command, username, username, &password, &[grant], now))
            .expect("an account can be added");
    }

    /// On whose behalf tests that need no HTTP run commands.
    pub fn actor(&self, username: &str) -> Actor {
        let user = self.engine().store.read(|connection| store::people::find_by_username(connection, username));
        let user = user.expect("accounts can be read").expect("the account is there");
        Actor { user_id: Some(user.id), name: user.display_name, address: "127.0.0.1".into() }
    }

    /// A site by its short name.
    pub fn site(&self, key: &str) -> model::Site {
        self.engine()
            .store
            .read(|connection| store::sites::find_by_key(connection, key))
            .expect("sites can be read")
            .expect("it is there")
    }

    /// A channel of a site.
    pub fn channel(&self, site: &str, key: &str) -> model::Channel {
        let site = self.site(site);
        let tree =
            self.engine().store.read(|connection| store::channels::tree(connection, site.id)).expect("channels can be read");
        tree.by_key(key).expect("the channel is there").clone()
    }
}

/// Starts its platform, which sends by what the settings name, or into the outbox.
async fn begin(settings: &Settings, clock: &Arc<dyn Clock>, duty: Duty, outbox: &Arc<Outbox>) -> Platform {
    let is_set = settings.sender.log || settings.sender.gateway.is_some() || settings.sender.mail_server.is_some();
    let (settings, clock) = (settings.clone(), Arc::clone(clock));
    let started = if is_set {
        Platform::start(settings, clock, duty).await
    } else {
        Platform::start_with(settings, clock, duty, Arc::clone(outbox) as _).await
    };
    started.expect("the platform starts")
}

/// What a house is set up with where its test says nothing else.
fn usual(folder: &TempDir, database: &FreshDatabase, cache: String) -> Settings {
    let mut settings = Settings { cache, ..Settings::default() };
    settings.database.clone_from(&database.url);
    settings.pages = folder.path().join("pages");
    settings.blobs = folder.path().join("blobs");
    settings.sites = project_root().join("sites");
    settings.web.listen = "127.0.0.1:0".into();
    settings.web.public_url = "http://{site}.test".into();
    settings.citizens.address = Some("http://user.test".into());
    settings.web.secure = false;
    settings.web.second_factor = SecondFactor::Offered;
    settings.publish.sync = false;
    settings.publish.workers = Some(2);
    // Services above us are the tests' own, on this machine.
    settings.upstream.private_networks.extend("127.0.0.0/8".parse::<Network>());
    // Tests do things to pages that a sweep would put right.
    settings.publish.sweep_pages_per_second = 0;
    let keys = folder.path().join("keys.toml");
    server::keys::make_where_missing(&keys).expect("keys can be made");
    settings.secrets.keys = Some(keys);
    settings
}

fn username(site: &str, person: &str) -> String {
    if site == "platform" { person.to_owned() } else { format!("{site}-{person}") }
}
