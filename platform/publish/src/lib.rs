//! The publishing engine: commands change the library, the resolver finds the pages they touched, workers render them, and
//! `output` alone writes them.
//!
//! A command commits change, event and job together and answers at once. Everything after may run twice, on any node, after
//! any crash: a page is rendered from one snapshot, replaces only an older version, and is written only when its bytes differ.

pub mod address;
pub mod audit_log;
pub mod commands;
pub mod manifest;
pub mod opening;
pub mod preview;
pub mod proof;
pub mod rotation;
pub mod sweep;
pub mod upstream;
pub mod verify;

mod articles;
mod blobs;
mod compress;
mod door;
mod engine;
mod feeds;
mod fetcher;
mod library;
mod media;
mod output;
mod page;
mod pictures;
mod purge;
mod readback;
mod reader;
mod render_job;
mod resolve;
mod task;
mod view;
mod views;
mod worker;

pub use commands::{CommandError, FieldError};
pub use compress::is_compressible;
pub use door::Door;
pub use engine::{Engine, EngineParts};
pub use fetcher::{Fetcher, Unanswered};
pub use objects::Opened;
pub use output::{NamedPage, PageStore, Stored, content_type, hash_opened};
pub use purge::{Purge, Purger, Told, told};
pub use task::RESOLVE;
pub use views::Views;
pub use worker::Workers;
