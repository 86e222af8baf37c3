//! `tongyuan import laws`: law texts become policy files.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use import::{LawImport, Report, run_laws};
use model::Actor;

use super::Context;
use super::progress::Progress;
use super::publish::drain;

/// What to bring in and where.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder, with one folder for each region or rank in it.
    source: PathBuf,
    /// Short name of the site.
    #[arg(long)]
    site: String,
    /// Short name of its channel.
    #[arg(long)]
    channel: String,
    /// Make them live, and render their pages before the command ends.
    #[arg(long)]
    publish: bool,
    /// Write the full report, every warning with its file, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, options: Options) -> Result<()> {
    ensure!(options.source.is_dir(), "{} is not a folder", options.source.display());
    let engine = context.engine().await?;
    let (site, tree) = engine.store.read(|connection| {
        let site = store::sites::find_by_key(connection, &options.site)?;
        let tree = site.as_ref().map(|site| store::channels::tree(connection, site.id)).transpose()?;
        Ok::<_, store::Error>((site, tree))
    })?;
    let site = site.with_context(|| format!("there is no site `{}`: `tongyuan site list` shows them", options.site))?;
    let tree = tree.unwrap_or_default();
    let channel = tree
        .by_key(&options.channel)
        .filter(|channel| !channel.retired)
        .with_context(|| format!("site `{}` has no channel `{}`", options.site, options.channel))?;
    let progress = Progress::new(context.json);
    let show = |step, done, total| progress.show(step, done, total);
    let import = LawImport { folder: &options.source, site: &site, channel, publish: options.publish, progress: &show };
    let report = run_laws(&engine, &Actor::operator("import laws"), &import)?;
    progress.end();
    ensure!(report.is_complete(), "{} files were read but not all are accounted for; this is a fault of the import", report.read);
    if let Some(path) = &options.report {
        write_report(path, &report)?;
    }
    if options.publish {
        drain(&engine, context.json).await?;
    }
    context.print(&report, || summary(&report))
}

fn summary(report: &Report) -> String {
    let mut lines = vec![
        format!(
            "read {}  added {}  revised {}  unchanged {}  kept {}  refused {}  published {}  superseded {}",
            report.read,
            report.added,
            report.revised,
            report.unchanged,
            report.kept,
            report.refused.len(),
            report.published,
            report.superseded
        ),
        format!("warnings {}:", report.warnings.len()),
    ];
    lines.extend(report.warnings_by_kind().into_iter().map(|(kind, count)| format!("  {count:>5}  {kind}")));
    lines.extend(report.refused.iter().map(|(path, reason)| format!("refused {path}: {reason}")));
    lines.join("\n")
}

#[expect(clippy::disallowed_methods, reason = "a report for the operator is no public page")]
fn write_report(path: &std::path::Path, report: &Report) -> Result<()> {
    std::fs::write(path, serde_json::to_vec_pretty(report)?)
        .with_context(|| format!("cannot write the report to {}", path.display()))
}
