//! The whole platform under test: every module is one thing people rely on. `tests/run` starts the servers it needs.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod access;
mod bench;
mod caching;
mod crash;
mod intake;
mod journey;
mod laws;
mod media;
mod nodes;
mod portal;
mod process;
mod race;
mod rebuild;
mod schedule;
mod sharing;
mod sign_in;
mod sites;
mod storage;
mod themes;
mod work;
