//! `tongyuan serve`: the platform, until told to stop.

use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use model::SystemClock;

use super::Context;
use crate::{Platform, Role};

/// What to run.
#[derive(Debug, Args)]
pub struct Options {
    /// What this process does.
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
}

pub(super) async fn run(context: Context, options: Options) -> Result<()> {
    let platform = Platform::start(context.settings, Arc::new(SystemClock), options.role).await?;
    tracing::info!(address = ?platform.address, role = ?options.role, "running");
    told_to_stop().await?;
    tracing::info!("stopping");
    platform.stop().await
}

/// Resolves on Ctrl-C or SIGTERM.
pub(super) async fn told_to_stop() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
