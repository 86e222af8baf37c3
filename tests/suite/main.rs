//! The whole platform under test: every module is one thing people rely on. `tests/run` starts the servers it needs.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod access;
mod bench;
mod bucket;
mod caching;
mod crash;
mod files;
mod incremental;
mod intake;
mod journey;
mod laws;
mod library;
mod media;
mod nginx;
mod nodes;
mod operations;
mod outages;
mod portal;
mod process;
mod purge;
mod race;
mod rebuild;
mod redirects;
mod schedule;
mod servers;
mod sharing;
mod sign_in;
mod sites;
mod storage;
mod themes;
mod uploads;
mod verify;
mod views;
mod work;
