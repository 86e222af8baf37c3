//! The whole platform in one line: on a fresh database of either kind, with the real sites, driven by HTTP.
//!
//! `TONGYUAN_TEST_POSTGRES` and `TONGYUAN_TEST_REDIS` say where the servers are; without one, its tests are skipped loudly.

mod backend;
mod browser;
mod building;
mod desk;
mod dice;
mod house;
mod outbox;

pub use backend::Backend;
pub use browser::{Answer, Browser};
pub use desk::{Article, Desk};
pub use dice::Dice;
pub use house::{House, HouseOptions, project_root};
pub use outbox::Outbox;

/// The test server of Redis; says loudly that a test is skipped without one.
pub fn redis_url() -> Option<String> {
    let url = backend::setting("TONGYUAN_TEST_REDIS");
    if url.is_none() {
        eprintln!("SKIPPED with Redis: TONGYUAN_TEST_REDIS is not set; tests/run sets it");
    }
    url
}
