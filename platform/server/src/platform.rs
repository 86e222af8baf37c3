//! A running platform: database, cache, engine, workers and web server, put together from the settings.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use cache::Cache;
use citizen::Citizens;
use config::Settings;
use console::{Confirming, Console};
use identity::Identity;
use model::Clock;
use model::RecipientKind;
use objects::{Access, Objects};
use portal::Portal;
use publish::sweep::Sweeper;
use publish::{Engine, EngineParts, PageStore, Workers};
use sender::Sender;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use web::{App, AppParts, Door, Front, HumanCheck, Plugin};

use crate::door::HttpDoor;
use crate::fetcher::HttpFetcher;
use crate::keys;
use crate::purge::HttpPurger;

/// How often page views go to the database.
const FLUSH_VIEWS: Duration = Duration::from_secs(10);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers requests and does the work.
    All,
    /// Answers requests.
    Web,
    /// Does the work.
    Worker,
}

/// A platform that is running until stopped.
pub struct Platform {
    /// The publishing engine.
    pub engine: Arc<Engine>,
    /// Where it listens; none for a worker.
    pub address: Option<SocketAddr>,
    workers: Option<Workers>,
    sweeper: Option<Sweeper>,
    web: Option<(oneshot::Sender<()>, JoinHandle<std::io::Result<()>>)>,
}

/// Every feature of the platform.
pub fn plugins(engine: &Arc<Engine>) -> Vec<Box<dyn Plugin>> {
    vec![Box::new(Console), Box::new(Identity), Box::new(HumanCheck), Box::new(Citizens), Box::new(Portal::new(engine))]
}

impl Platform {
    /// Starts what the role asks for. The database must be up to date.
    pub async fn start(settings: Settings, clock: Arc<dyn Clock>, role: Role) -> Result<Self> {
        let sender = sender::open(&settings.sender)?;
        Self::start_with(settings, clock, role, sender).await
    }

    /// The same with something that sends in place of what the settings name.
    pub async fn start_with(settings: Settings, clock: Arc<dyn Clock>, role: Role, sender: Arc<dyn Sender>) -> Result<Self> {
        let settings = Arc::new(settings);
        let listener = match role {
            Role::Worker => None,
            Role::All | Role::Web => Some(listen(&settings.web.listen).await?),
        };
        let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let engine = open_engine_with(Arc::clone(&settings), clock, address, sender).await?;
        let pending = engine.store.pending_migrations()?;
        anyhow::ensure!(
            pending.is_empty(),
            "the database is not up to date: run `tongyuan migrate` first ({} steps are missing)",
            pending.len()
        );
        let faults = publish::rotation::faults(&engine)?;
        anyhow::ensure!(faults.is_empty(), "the keys do not fit the database: {}", faults.join("; "));
        let reaches_all = engine.sender.reaches(RecipientKind::Phone) && engine.sender.reaches(RecipientKind::Mail);
        if listener.is_some() && (!reaches_all || settings.sender.log) {
            tracing::warn!("messages: {}", engine.sender.shown());
        }
        let web = match listener {
            Some(listener) => Some(serve(&engine, listener)?),
            None => None,
        };
        flush_views(&engine);
        let workers = match role {
            Role::Web => None,
            Role::All | Role::Worker => Some(Workers::start(&engine).context("cannot start the workers")?),
        };
        let sweeper = match role {
            Role::Web => None,
            Role::All | Role::Worker => Some(Sweeper::start(&engine).context("cannot start the sweep")?),
        };
        Ok(Self { engine, address, workers, sweeper, web })
    }

    /// Stops answering, then lets every worker end what it is doing.
    pub async fn stop(mut self) -> Result<()> {
        if let Some((stop, task)) = self.web.take() {
            // A server that has already ended needs no telling.
            let _ = stop.send(());
            task.await??;
        }
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.views.flush(&engine.store)).await??;
        if let Some(sweeper) = self.sweeper.take() {
            tokio::task::spawn_blocking(move || sweeper.stop()).await?;
        }
        if let Some(workers) = self.workers.take() {
            tokio::task::spawn_blocking(move || workers.stop()).await?;
        }
        Ok(())
    }
}

/// Opens database and cache and makes the engine; `listening` is where this process can read its own pages back.
pub async fn open_engine(settings: Arc<Settings>, clock: Arc<dyn Clock>, listening: Option<SocketAddr>) -> Result<Arc<Engine>> {
    let sender = sender::open(&settings.sender)?;
    open_engine_with(settings, clock, listening, sender).await
}

async fn open_engine_with(
    settings: Arc<Settings>,
    clock: Arc<dyn Clock>,
    listening: Option<SocketAddr>,
    sender: Arc<dyn Sender>,
) -> Result<Arc<Engine>> {
    prepare_folder(&settings)?;
    let vault = keys::open(&settings.secrets)?;
    let store = Store::open_for(&settings.database, settings.publish.worker_count())?;
    let cache = Arc::new(Cache::open(&settings.cache).await?);
    let door = settings.publish.door.clone().or_else(|| listening.map(config::generated_door));
    let door = door.map(|address| HttpDoor::new(address).map(|door| Arc::new(door) as Arc<dyn publish::Door>)).transpose()?;
    let purger = settings.publish.purge_url.clone().map(|url| HttpPurger::new(url, settings.publish.purge_token.reveal().into()));
    let purger = purger.transpose()?.map(|purger| Arc::new(purger) as Arc<dyn publish::Purger>);
    let fetcher = Arc::new(HttpFetcher::new(settings.upstream.private_networks.clone())?);
    let blobs = open_objects(&settings.blobs, &settings)?;
    let pages = PageStore::new(open_objects(&settings.pages, &settings)?, settings.publish.sync);
    let parts = EngineParts { store, cache, clock, settings, pages, door, purger, fetcher, blobs, vault, sender };
    Ok(Arc::new(Engine::new(parts)))
}

/// Opens a place of the settings, a folder or a bucket, with the keys of the settings.
fn open_objects(place: &Path, settings: &Settings) -> Result<Objects> {
    let s3 = &settings.s3;
    let access = Access {
        endpoint: s3.endpoint.clone(),
        region: s3.region.clone(),
        access_key: s3.access_key.clone(),
        secret_key: s3.secret_key.reveal().to_owned(),
    };
    Ok(Objects::open(&place.to_string_lossy(), &access)?)
}

fn serve(engine: &Arc<Engine>, listener: TcpListener) -> Result<(oneshot::Sender<()>, JoinHandle<std::io::Result<()>>)> {
    let app = App::new(AppParts {
        engine: Arc::clone(engine),
        error_screen: Box::new(|door, view| match door {
            Door::Citizens => citizen::error_screen(view),
            Door::Console | Door::Site => console::error_screen(view),
        }),
        confirm: Box::new(Confirming),
    })?;
    let front = Front::new(&app, plugins(engine));
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(front.serve(listener, async move {
        // A dropped sender means the platform was dropped: stop as well.
        let _ = stopped.await;
    }));
    Ok((stop, task))
}

/// Adds page views to the database now and then, for as long as the engine lives.
fn flush_views(engine: &Arc<Engine>) {
    let weak = Arc::downgrade(engine);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FLUSH_VIEWS).await;
            let Some(engine) = weak.upgrade() else { return };
            match tokio::task::spawn_blocking(move || engine.views.flush(&engine.store)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "page views wait for the database"),
                Err(error) => tracing::error!(%error, "page views could not be added"),
            }
        }
    });
}

pub(crate) async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: another program may be using it; set web.listen (or --port for the demo) to a free one"
        )
    })
}

/// SQLite makes its file but not the folder around it.
fn prepare_folder(settings: &Settings) -> Result<()> {
    let Some(path) = settings.database.strip_prefix("sqlite:") else { return Ok(()) };
    match Path::new(path.trim_start_matches("//")).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {} for the database", folder.display())),
        _ => Ok(()),
    }
}
