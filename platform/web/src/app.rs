//! The app: what handlers share.

use std::sync::Arc;

use axum::response::Html;
use publish::{CommandError, Engine};
use store::{Connection, Store};
use tokio::sync::{Semaphore, watch};

use crate::{Confirm, Door, Error, ErrorView, Tenants, UPLOADS_AT_ONCE};

/// Draws the page for an error behind a door.
pub type ErrorScreen = Box<dyn Fn(Door, &ErrorView) -> Result<Html<String>, Error> + Send + Sync>;

/// What an app is made of.
pub struct AppParts {
    /// The publishing engine with database, cache, clock and settings.
    pub engine: Arc<Engine>,
    /// Draws the page for an error behind a door.
    pub error_screen: ErrorScreen,
    /// Asks whoever is signed in to prove again who they are.
    pub confirm: Box<dyn Confirm>,
}

/// What handlers share.
pub struct App {
    /// The publishing engine with database, cache, clock and settings.
    pub engine: Arc<Engine>,
    /// Which site answers to which host.
    pub tenants: Tenants,
    pub(crate) error_screen: ErrorScreen,
    pub(crate) confirm: Box<dyn Confirm>,
    /// Turns of forms with files.
    pub(crate) uploads: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl App {
    /// Builds the app; sites are read from the database now and again whenever one is declared.
    pub fn new(parts: AppParts) -> store::Result<Arc<Self>> {
        let tenants = Tenants::new(&parts.engine)?;
        let app = Arc::new(Self {
            engine: parts.engine,
            tenants,
            error_screen: parts.error_screen,
            confirm: parts.confirm,
            uploads: Arc::new(Semaphore::new(UPLOADS_AT_ONCE)),
            closing: watch::Sender::new(false),
        });
        Tenants::follow(&app);
        Ok(app)
    }

    /// Resolves when the node stops: an answer that has no end of its own ends then.
    pub async fn closing(&self) {
        // The sender lives as long as the app itself.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Runs queries away from the threads that answer requests.
    pub async fn read<T, E>(&self, queries: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static) -> Result<T, Error>
    where
        T: Send + 'static,
        E: From<store::Error> + Into<Error> + Send + 'static,
    {
        let store = self.store();
        blocking(move || store.read(queries)).await?.map_err(Into::into)
    }

    /// Runs one transaction that is no command: sessions and the like.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Connection) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.store();
        Ok(blocking(move || store.write(change)).await??)
    }

    /// Runs a command of the publishing engine.
    pub async fn command<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Engine) -> Result<T, CommandError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let engine = Arc::clone(&self.engine);
        match blocking(move || command(&engine)).await {
            Ok(result) => result,
            Err(_) => Err(CommandError::Store(store::Error::Unavailable("the command was interrupted".into()))),
        }
    }

    fn store(&self) -> Store {
        self.engine.store.clone()
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Fault(format!("work was interrupted: {error}")))
}
