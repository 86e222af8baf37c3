//! The wiring: which parts make a running platform, and the commands of the `tongyuan` binary. The only list of plugins is here.

pub mod commands;
pub mod door;
pub mod fetcher;
pub mod keys;
pub mod platform;
pub mod purge;

pub use platform::{Platform, Role, plugins};
