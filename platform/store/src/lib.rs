//! The database: one door to read, one to write, and one file of queries per noun.
//!
//! No other room knows Diesel. Queries take a connection, and those on a tenant's data take its site first.

mod connection;
mod door;
mod error;
mod migrate;
mod schema;

pub mod agencies;
pub mod alarms;
pub mod annotations;
pub mod api_tokens;
pub mod applications;
pub mod arrangements;
pub mod audit;
pub mod audit_verifications;
pub mod batches;
pub mod begun_sign_ins;
pub mod calendar;
pub mod catalogue;
pub mod channels;
pub mod citizen_codes;
pub mod citizen_links;
pub mod citizen_sessions;
pub mod citizens;
pub mod contacts;
pub mod dictionaries;
pub mod directory;
pub mod edit_leases;
pub mod events;
pub mod explaining;
pub mod groups;
pub mod imports;
pub mod jobs;
mod links;
pub mod media;
pub mod notices;
pub mod offers;
pub mod page_keys;
pub mod pages;
pub mod passkey_challenges;
pub mod pending_links;
pub mod people;
pub mod pins;
pub mod placements;
pub mod publications;
pub mod recovery_codes;
pub mod redirects;
pub mod resources;
pub mod reviewers;
pub mod roles;
pub mod saved_views;
pub mod schedules;
pub mod sealed;
pub mod second_factors;
pub mod sessions;
pub mod sign_ons;
pub mod signing_keys;
pub mod site_removal;
pub mod site_states;
pub mod sites;
pub mod submissions;
pub mod subscriptions;
pub mod sweeps;
pub mod upstream_links;
pub mod upstream_requests;
pub mod upstreams;
pub mod views;
pub mod working_copies;
pub mod workload;

pub use connection::EitherConnection as Connection;
pub use door::{Command, Snapshot, Store};
pub use error::{Error, OpenError, Result};
pub use migrate::MigrationReport;

pub(crate) use connection::on;

/// More bind values than this in one statement and a database may refuse it.
pub(crate) const BINDS: usize = 500;

/// The pattern of LIKE for what holds this text, with `!` as its escape.
pub(crate) fn contains(text: &str) -> String {
    // What no text can hold asks for nothing; one of the databases refuses to be asked for it.
    let letters = text.chars().filter(|letter| model::text::is_text(*letter));
    let plain: String =
        letters.flat_map(|letter| matches!(letter, '!' | '%' | '_').then_some('!').into_iter().chain([letter])).collect();
    format!("%{plain}%")
}

/// A statement as the database behind the connection counts its bind values.
pub(crate) fn in_dialect(connection: &Connection, statement: &str) -> String {
    match connection {
        Connection::Postgres(_) => statement.to_owned(),
        Connection::Sqlite(_) => statement.replace('$', "?"),
    }
}
