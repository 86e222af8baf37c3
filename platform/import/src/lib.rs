//! Bringing content in: each kind of source is read into resources of the library, once, with a report of everything that was
//! refused or looks wrong.

pub mod law_import;
pub mod laws;
pub mod report;

pub use law_import::{LawImport, run as run_laws};
pub use report::Report;
