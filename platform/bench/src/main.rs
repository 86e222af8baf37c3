//! The command line of the bench. Results are JSON on stdout; `tests/bench/run` reads them.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bench::items::Text;
use bench::{approve, hugo, load, sites};
use clap::{Parser, Subcommand};
use config::Settings;
use model::SystemClock;
use server::{Platform, Role};

/// Prepares and measures; see `tests/bench/README.md`.
#[derive(Debug, Parser)]
struct Arguments {
    /// The project.
    #[arg(long, default_value = ".")]
    project: PathBuf,
    /// Law texts to cut items from; made ones without.
    #[arg(long)]
    laws: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write a folder of sites.
    Sites {
        out: PathBuf,
        #[arg(long, default_value_t = 0)]
        subscribers: usize,
    },
    /// Declare the site, take items in and publish them; their pages are left to `tongyuan publish`.
    Load {
        settings: PathBuf,
        #[arg(long)]
        items: usize,
    },
    /// Write the same items as a Hugo project.
    Hugo {
        out: PathBuf,
        #[arg(long)]
        items: usize,
    },
    /// Approve items one after another and time each.
    Approve {
        settings: PathBuf,
        #[arg(long, default_value_t = 0)]
        subscribers: usize,
        #[arg(long, default_value_t = 50)]
        rounds: usize,
        /// Where; the subscribed one by default.
        #[arg(long, default_value = sites::SUBSCRIBED)]
        channel: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { project, laws, task } = Arguments::parse();
    let text = || match &laws {
        Some(folder) => {
            let text = Text::of_laws(folder).with_context(|| format!("cannot read {}", folder.display()))?;
            ensure!(!text.is_empty(), "there is no text in {}", folder.display());
            Ok(text)
        }
        None => Ok(Text::made(2_026)),
    };
    match task {
        Task::Sites { out, subscribers } => sites::write(&project.join("sites"), &out, subscribers),
        Task::Hugo { out, items } => hugo::write(&project, &out, &text()?, items),
        Task::Load { settings, items } => {
            let settings = Arc::new(Settings::load(&settings)?);
            let engine = server::platform::open_engine(Arc::clone(&settings), Arc::new(SystemClock), None).await?;
            engine.store.migrate()?;
            server::commands::apply_sites(&engine, &sites::folders(&settings.sites, 0))?;
            print(&load::load(&engine, &text()?, items)?)
        }
        Task::Approve { settings, subscribers, rounds, channel } => {
            let settings = Settings::load(&settings)?;
            sites::write(&project.join("sites"), &settings.sites, subscribers)?;
            let platform = Platform::start(settings, Arc::new(SystemClock), Role::All).await?;
            let measured = approve::run(&platform, &text()?, &channel, subscribers, rounds).await?;
            platform.stop().await?;
            print(&measured)
        }
    }
}

fn print(value: &impl serde::Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
