//! The whole platform under test: every module is one thing people rely on. `tests/run` starts the servers it needs.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod access;
mod caching;
mod crash;
mod intake;
mod journey;
mod laws;
mod portal;
mod race;
mod sharing;
mod sign_in;
mod sites;
mod storage;
mod themes;
mod work;
