//! `tongyuan import calendar`: the working-day calendar, year by year.

use std::path::PathBuf;

use ::publish::Engine;
use anyhow::{Context as _, Result};
use clap::Args;
use model::{Actor, Calendar};
use serde_json::json;
use store::audit;

use super::Context;

/// What to bring in.
#[derive(Debug, Args)]
pub struct Options {
    /// A TOML file with a section for each year: `off`, `work`, `sources`.
    source: PathBuf,
}

pub(super) async fn run(context: &Context, options: Options) -> Result<()> {
    let engine = context.engine().await?;
    let text = std::fs::read_to_string(&options.source).with_context(|| format!("cannot read {}", options.source.display()))?;
    let calendar = Calendar::parse(&text)?;
    let changed = save(&engine, &calendar, true)?;
    context.print(&json!({ "changed": changed }), || format!("years changed: {changed:?}"))
}

/// Fills in the years that ship with the platform and are not known yet; says which.
pub fn seed(engine: &Engine) -> Result<Vec<i32>> {
    save(engine, Calendar::official(), false)
}

fn save(engine: &Engine, calendar: &Calendar, replace: bool) -> Result<Vec<i32>> {
    let known: Vec<i32> = engine.store.read(store::calendar::list)?.into_iter().map(|(year, _)| year).collect();
    let wanted: Vec<i32> = calendar.years().filter(|year| replace || !known.contains(year)).collect();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let now = engine.clock.now();
    let mut changed = Vec::new();
    engine.store.command(|command| {
        for year in &wanted {
            let Some(days) = calendar.find_year(*year) else { continue };
            let exceptions = json!({ "off": days.off, "work": days.work, "sources": days.sources }).to_string();
            if store::calendar::save(command, *year, &exceptions)? {
                changed.push(*year);
            }
        }
        let record = audit::Record {
            action: "calendar.import",
            subject: "calendar".into(),
            site: None,
            before: json!(null),
            after: json!({ "years": changed }),
        };
        if changed.is_empty() { Ok(()) } else { audit::append(command, &Actor::operator("import calendar"), record, now) }
    })?;
    Ok(changed)
}
