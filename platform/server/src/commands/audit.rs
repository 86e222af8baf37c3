//! `tongyuan audit verify`: walks the sealed chain of the audit log and compares it with what was noted of it.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use publish::audit_log::verify;
use serde_json::json;
use store::audit::{Chain, Head};

use super::Context;

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Check every entry against its seal, and the log against every head noted of it.
    Verify(Options),
}

/// What to compare with.
#[derive(Debug, Args)]
pub struct Options {
    /// A head that was noted elsewhere (on 审计日志, 运行状况, or in the log of the platform) as NUMBER:HASH; may be given several times.
    #[arg(long = "head", value_name = "NUMBER:HASH", value_parser = head)]
    heads: Vec<Head>,
}

pub(super) async fn run(context: &Context, Action::Verify(options): Action) -> Result<()> {
    let engine = context.engine().await?;
    let found = verify(&engine, &options.heads)?;
    let head = format!("{}:{}", found.head.number, found.head.hash);
    match found.chain {
        Chain::Intact(entries) => context.print(&json!({ "intact": true, "entries": entries, "head": head }), || {
            format!("{entries} entries, every seal holds\nhead {head}")
        }),
        Chain::Broken(at) => {
            if context.json {
                println!("{}", json!({ "intact": false, "broken_at": at, "head": head }));
            }
            bail!("the audit log was tampered with: entry {at} is missing or does not match its seal or what was noted of it")
        }
    }
}

fn head(text: &str) -> Result<Head> {
    let (number, hash) = text.split_once(':').context("a head is NUMBER:HASH")?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    anyhow::ensure!(is_hash, "the hash of a head has 64 hexadecimal digits");
    Ok(Head { number: number.parse().context("the number of a head is a whole number")?, hash: hash.to_ascii_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn a_head_is_a_number_and_a_hash() {
        let hash = "aF".repeat(32);
        assert_eq!(head(&format!("17:{hash}")).map(|head| head.number).ok(), Some(17));
        for wrong in [hash.clone(), format!("x:{hash}"), "17:abc".into(), String::new()] {
            assert!(head(&wrong).is_err(), "{wrong}");
        }
    }
}
