//! The one binary `tongyuan`.
fn main() {}
