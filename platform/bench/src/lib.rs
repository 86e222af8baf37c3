//! What `tests/bench` measures with: the same items for both sides, sites that subscribe, and approvals with a stopwatch.
//! Not part of the platform; `tests/bench/run` builds and drives it.

pub mod approve;
pub mod hugo;
pub mod items;
pub mod load;
pub mod sites;
