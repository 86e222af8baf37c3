//! The command line: what an operator can ask the binary to do. One file a command.

mod audit;
mod calendar;
mod check;
mod demo;
mod explain;
mod import_laws;
mod keys;
mod migrate;
mod progress;
mod publish;
mod serve;
mod site;
mod user;
mod verify;

pub use site::{apply_all as apply_sites, export as export_site, folders as site_folders};

use std::path::PathBuf;
use std::sync::Arc;

use ::publish::Engine;
use anyhow::Result;
use clap::{Parser, Subcommand};
use config::Settings;
use model::SystemClock;

use crate::platform::open_engine;

/// 同源 Tongyuan: one platform for all the government websites of a city.
#[derive(Debug, Parser)]
#[command(name = "tongyuan", version, about, propagate_version = true)]
pub struct Arguments {
    /// The settings file; without one, defaults and the environment.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print results as JSON and nothing else.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A city and three districts with sample content, ready to use.
    Demo(demo::Options),
    /// Run the platform.
    Serve(serve::Options),
    /// Bring the database up to date.
    Migrate,
    /// Verify the settings and every connection.
    Check,
    /// Declare and list sites.
    #[command(subcommand)]
    Site(site::Action),
    /// Bring content in.
    #[command(subcommand)]
    Import(ImportKind),
    /// Render what is due, or everything.
    Publish(publish::Options),
    /// Compare every published page with what was recorded when it was written.
    Verify(verify::Options),
    /// Add accounts and reset passwords.
    #[command(subcommand)]
    User(user::Action),
    /// Verify the audit log.
    #[command(subcommand)]
    Audit(audit::Action),
    /// Make, add and rotate the keys that personal data is sealed with.
    #[command(subcommand)]
    Keys(keys::Action),
}

#[derive(Debug, Subcommand)]
enum ImportKind {
    /// Law texts in Markdown, one folder a region.
    Laws(import_laws::Options),
    /// Working-day calendars: holidays and moved working days, TOML by year.
    Calendar(calendar::Options),
}

/// What every command is given.
struct Context {
    settings: Settings,
    json: bool,
}

impl Context {
    /// The engine without workers, its database up to date.
    async fn engine(&self) -> Result<Arc<Engine>> {
        let engine = open_engine(Arc::new(self.settings.clone()), Arc::new(SystemClock), None).await?;
        let pending = engine.store.pending_migrations()?;
        anyhow::ensure!(pending.is_empty(), "the database is not up to date: run `tongyuan migrate` first");
        Ok(engine)
    }

    /// Prints a result: as JSON when asked to, else as the text.
    fn print(&self, value: &impl serde::Serialize, text: impl FnOnce() -> String) -> Result<()> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(value)?);
        } else {
            println!("{}", text());
        }
        Ok(())
    }
}

/// Runs one command to its end.
pub fn run(arguments: Arguments) -> Result<()> {
    let settings = match &arguments.config {
        Some(path) => Settings::load(path)?,
        None if PathBuf::from("tongyuan.toml").exists() => Settings::load(&PathBuf::from("tongyuan.toml"))?,
        None => Settings::from_environment()?,
    };
    start_log(matches!(arguments.command, Command::Serve(_)));
    let context = Context { settings, json: arguments.json };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Demo(options) => demo::run(context, options).await,
            Command::Serve(options) => serve::run(context, options).await,
            Command::Migrate => migrate::run(&context).await,
            Command::Check => check::run(&context).await,
            Command::Site(action) => site::run(&context, action).await,
            Command::Import(ImportKind::Laws(options)) => import_laws::run(&context, options).await,
            Command::Import(ImportKind::Calendar(options)) => calendar::run(&context, options).await,
            Command::Publish(options) => publish::run(&context, options).await,
            Command::Verify(options) => verify::run(&context, options).await,
            Command::User(action) => user::run(&context, action).await,
            Command::Audit(action) => audit::run(&context, action).await,
            Command::Keys(action) => keys::run(&context, action).await,
        }
    })
}

/// Servers log what happens; commands only what goes wrong. `RUST_LOG` says otherwise.
fn start_log(server: bool) {
    let default = if server { "info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| default.into());
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
