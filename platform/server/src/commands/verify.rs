//! `tongyuan verify`: every published page compared with what was recorded when it was written, and every upload with its hash.

use std::sync::Arc;

use ::publish::Engine;
use ::publish::verify::{Deed, Fault, uploads, verify};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use model::{Actor, Site};
use serde::Serialize;
use serde_json::json;
use store::{audit, pages};

use super::Context;
use super::progress::Progress;
use super::publish::drain;

/// Faults told one by one; beyond them only their number is.
const MOST: usize = 1_000;

/// What to verify.
#[derive(Debug, Args)]
pub struct Options {
    /// Short name of one site; without it, all.
    #[arg(long)]
    site: Option<String>,
    /// Set what does not belong apart under `.quarantine`, make again what belongs, and verify once more.
    #[arg(long)]
    repair: bool,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    pages: usize,
    uploads: usize,
    faults: usize,
    listed: Vec<Fault>,
    repaired: usize,
}

impl Report {
    fn tell(&mut self, fault: Fault) {
        self.faults += 1;
        if self.listed.len() < MOST {
            self.listed.push(fault);
        }
    }
}

pub(super) async fn run(context: &Context, options: Options) -> Result<()> {
    let engine = context.engine().await?;
    let site = match &options.site {
        Some(key) => {
            let found = engine.store.read(|connection| store::sites::find_by_key(connection, key))?;
            Some(found.with_context(|| format!("there is no site `{key}`: `tongyuan site list` shows them"))?)
        }
        None => None,
    };
    let mut report = look(&engine, site.clone(), if options.repair { Deed::Restore } else { Deed::Tell }, context.json).await?;
    if options.repair && report.faults > 0 {
        note(&engine, site.as_ref(), report.faults)?;
        drain(&engine, context.json).await?;
        let again = look(&engine, site, Deed::Tell, context.json).await?;
        report.repaired = report.faults.saturating_sub(again.faults);
        report.faults = again.faults;
        report.listed.extend(again.listed);
    }
    context.print(&report, || shown(&report, options.repair))?;
    if report.faults > 0 {
        let advice = if options.repair { "the log says why" } else { "`tongyuan verify --repair` restores them" };
        let beyond = if report.listed.iter().any(|fault| fault.upload.is_some()) {
            "; an upload itself cannot be made again: set it apart with --repair, then bring the same file again or restore it \
             from a backup"
        } else {
            ""
        };
        bail!("{} stored files are not what was published: {advice}{beyond}", report.faults);
    }
    Ok(())
}

/// Goes over everything on a thread that may wait.
async fn look(engine: &Arc<Engine>, site: Option<Site>, deed: Deed, quiet: bool) -> Result<Report> {
    let engine = Arc::clone(engine);
    tokio::task::spawn_blocking(move || {
        let total = engine.store.read(|connection| pages::count(connection, site.as_ref().map(|site| site.id)))?;
        let total = usize::try_from(total).unwrap_or_default();
        let progress = Progress::new(quiet);
        let mut report = Report::default();
        let mut looked = 0;
        let mut count = |done: usize| {
            looked = done;
            progress.show("核验", done, total);
        };
        verify(&engine, site.as_ref(), deed, &mut count, &mut |fault| report.tell(fault))?;
        report.pages = looked;
        let mut seen = 0;
        uploads::verify(&engine, site.as_ref(), deed, &mut |done| seen = done, &mut |fault| report.tell(fault))?;
        report.uploads = seen;
        progress.end();
        Ok(report)
    })
    .await?
}

/// A repair is a change by a person.
fn note(engine: &Engine, site: Option<&Site>, faults: usize) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let record = audit::Record {
            action: "pages.repair",
            subject: site.map_or_else(|| "platform".to_owned(), |site| format!("site:{}", site.id)),
            site: site.map(|site| site.id),
            before: json!(null),
            after: json!({ "faults": faults }),
        };
        audit::append(command, &Actor::operator("verify --repair"), record, now)
    })?;
    Ok(())
}

fn shown(report: &Report, repair: bool) -> String {
    let line = |fault: &Fault| {
        let upload = fault.upload.as_ref().map(|upload| format!("  {upload}")).unwrap_or_default();
        let kept = fault.kept.as_ref().map(|kept| format!("  (kept as {kept})")).unwrap_or_default();
        format!("{:<14} {}{upload}{kept}", fault.kind.as_str(), fault.name)
    };
    let mut lines: Vec<String> = report.listed.iter().map(line).collect();
    let repaired = if repair { format!("  repaired {}", report.repaired) } else { String::new() };
    lines.push(format!("pages {}  uploads {}  wrong {}{repaired}", report.pages, report.uploads, report.faults));
    lines.join("\n")
}
