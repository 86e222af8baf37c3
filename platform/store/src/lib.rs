//! The database: one door to read, one to write, and one file of queries per noun.
//!
//! No other room knows Diesel. Queries take a connection, and those on a tenant's data take its site first.

mod connection;
mod door;
mod error;
mod migrate;
mod schema;

pub mod audit;
pub mod calendar;
pub mod channels;
pub mod events;
pub mod imports;
pub mod jobs;
pub mod offers;
pub mod pages;
pub mod people;
pub mod placements;
pub mod publications;
pub mod resources;
pub mod sessions;
pub mod sites;
pub mod submissions;
pub mod subscriptions;

pub use connection::EitherConnection as Connection;
pub use door::{Command, Snapshot, Store};
pub use error::{Error, OpenError, Result};
pub use migrate::MigrationReport;

pub(crate) use connection::on;
