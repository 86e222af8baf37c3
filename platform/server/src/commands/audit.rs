//! `tongyuan audit verify`: walks the sealed chain of the audit log.

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use store::audit::{Chain, verify};

use super::Context;

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Check every entry against its seal.
    Verify,
}

pub(super) async fn run(context: &Context) -> Result<()> {
    let engine = context.engine().await?;
    match engine.store.read(verify)? {
        Chain::Intact(entries) => {
            context.print(&json!({ "intact": true, "entries": entries }), || format!("{entries} entries, every seal holds"))
        }
        Chain::Broken(at) => {
            if context.json {
                println!("{}", json!({ "intact": false, "broken_at": at }));
            }
            bail!("the audit log was tampered with: entry {at} is missing or does not match its seal")
        }
    }
}
