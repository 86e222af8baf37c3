//! Jobs of the engine as small structs of ids, and why one can fail.

use chrono::NaiveDateTime;
use model::{BatchId, EventId, Lane, PageId, PublicationId, ResourceId, ScheduleId, SiteId, StandingId, SubscriptionId, UserId};
use serde::{Deserialize, Serialize};
use store::{Connection, jobs};

use crate::CommandError;

/// The kind of job without which a publication has no pages: never to be discarded.
pub const RESOLVE: &str = "resolve";

/// The kind of job that only a process with a door can do.
pub(crate) const READ_BACK: &str = "read_back";

/// The kind of [`Task::Purge`] in the queue.
pub(crate) const PURGE: &str = "purge";

/// A job as a small struct of ids. Doing one twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Find the pages of these events.
    Resolve(Vec<EventId>),
    /// Render these pages.
    Render(Vec<PageId>),
    /// Make the compressed forms of these pages.
    Compress(Vec<PageId>),
    /// Read a publication's pages back.
    ReadBack(PublicationId),
    /// Place some of what a new standing query finds, beginning after this resource.
    Fill(SubscriptionId, Option<ResourceId>),
    /// Tell the content delivery network about these addresses.
    Purge(Vec<(SiteId, String)>),
    /// Do what was put off until now.
    Keep(ScheduleId),
    /// Give some resources of a batch their turn.
    Batch(BatchId),
    /// Let a draft go for good whose days in the bin are over.
    Erase(ResourceId),
    /// Take away what an account held until now.
    Lapse(UserId),
    /// Close the site whose closing was announced by this change.
    CloseSite(StandingId, SiteId),
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("cannot write pages: {0}")]
    Write(#[from] std::io::Error),
    #[error("{0} page(s) could not be rendered, the first because: {1}")]
    Pages(usize, String),
    #[error("reading back: {0}")]
    Door(String),
    #[error("telling the content delivery network: {0}")]
    Purge(String),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the job is not understood: {0}")]
    Unknown(#[from] serde_json::Error),
}

impl Task {
    /// Puts the job in its lane, in the caller's transaction.
    pub(crate) fn enqueue(&self, connection: &mut Connection, lane: Lane, now: NaiveDateTime) -> store::Result<()> {
        jobs::enqueue(connection, lane, self.name(), &serde_json::to_string(self)?, now)?;
        Ok(())
    }

    /// Puts jobs of one kind in a lane, in the caller's transaction.
    pub(crate) fn enqueue_all(
        tasks: impl Iterator<Item = Self>,
        connection: &mut Connection,
        lane: Lane,
        now: NaiveDateTime,
    ) -> store::Result<()> {
        let tasks: Vec<Self> = tasks.collect();
        let Some(kind) = tasks.first().map(Self::name) else { return Ok(()) };
        let payloads = tasks.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        jobs::enqueue_all(connection, lane, kind, &payloads, now)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Resolve(_) => RESOLVE,
            Self::Render(_) => "render",
            Self::Compress(_) => "compress",
            Self::ReadBack(_) => READ_BACK,
            Self::Fill(..) => "fill",
            Self::Purge(_) => PURGE,
            Self::Keep(_) => "keep",
            Self::Batch(_) => "batch",
            Self::Erase(_) => "erase",
            Self::Lapse(_) => "lapse",
            Self::CloseSite(..) => "close_site",
        }
    }
}
