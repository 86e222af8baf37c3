//! `import laws`: a folder of law texts becomes policy files, older versions of a law marked 已修改 by the newest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use model::{Actor, Channel, Content, ResourceId, ResourceKind, Site, Validity};
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake, Taken};
use publish::{CommandError, Engine};

use crate::Report;
use crate::laws::{LawText, group_versions, parse};

/// Taken in or published in one transaction.
const BATCH: usize = 100;

/// Where the texts are and where they go.
pub struct LawImport<'a> {
    /// The folder, with one folder for each region or rank in it.
    pub folder: &'a Path,
    /// The site that takes them in.
    pub site: &'a Site,
    /// The channel they are shown in.
    pub channel: &'a Channel,
    /// Whether they go live at once.
    pub publish: bool,
    /// Called with what is being done, how many are done and how many there are.
    pub progress: &'a dyn Fn(&'static str, usize, usize),
}

/// Why an import could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder or a file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// The platform refused.
    #[error("{0}")]
    Command(#[from] CommandError),
}

/// One version of a law with the path of the text that replaced it.
struct Version {
    text: LawText,
    superseded_by: Option<String>,
}

/// Reads, takes in, publishes. A second run over the same texts changes nothing.
pub fn run(engine: &Engine, actor: &Actor, import: &LawImport<'_>) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let versions = read_versions(import, &mut report)?;
    let taken = take_in(engine, actor, import, &versions, &mut report)?;
    if import.publish {
        publish_by_date(engine, actor, import, &versions, &taken, &mut report)?;
    }
    Ok(report)
}

fn read_versions(import: &LawImport<'_>, report: &mut Report) -> Result<Vec<Version>, ImportError> {
    let files = list_files(import.folder)?;
    report.read = files.len();
    let mut texts = Vec::with_capacity(files.len());
    for (done, file) in files.iter().enumerate() {
        (import.progress)("读取", done + 1, files.len());
        let path = relative(import.folder, file);
        let bytes = std::fs::read(file).map_err(|error| ImportError::Unreadable(file.clone(), error))?;
        let parsed = match String::from_utf8(bytes) {
            Ok(text) => parse(&path, &text).map_err(|error| error.to_string()),
            Err(_) => Err("不是 UTF-8 编码的文本".to_owned()),
        };
        match parsed {
            Ok(text) => {
                report.warnings.extend(text.warnings.iter().map(|warning| (path.clone(), warning.clone())));
                texts.push(text);
            }
            Err(reason) => report.refused.push((path, reason)),
        }
    }
    let grouping = group_versions(texts);
    for ambiguous in &grouping.ambiguous {
        report.warnings.push((ambiguous.paths.join("、"), format!("可能是同一法规：{}", ambiguous.reason)));
    }
    let mut versions = Vec::new();
    for law in grouping.laws {
        let Some(newest) = law.newest().map(|text| text.path.clone()) else { continue };
        for text in law.versions {
            let superseded_by = (text.path != newest).then(|| newest.clone());
            versions.push(Version { text, superseded_by });
        }
    }
    report.superseded = versions.iter().filter(|version| version.superseded_by.is_some()).count();
    // The newest first, so that what is superseded can name its successor.
    versions.sort_by_key(|version| version.superseded_by.is_some());
    Ok(versions)
}

fn take_in(
    engine: &Engine,
    actor: &Actor,
    import: &LawImport<'_>,
    versions: &[Version],
    report: &mut Report,
) -> Result<HashMap<String, ResourceId>, ImportError> {
    let today = model::local(engine.clock.now()).date_naive();
    let mut taken: HashMap<String, ResourceId> = HashMap::new();
    // A batch ends where superseded texts begin, because those name resources taken in before them.
    let current = versions.partition_point(|version| version.superseded_by.is_none());
    for part in [&versions[..current], &versions[current..]] {
        for batch in part.chunks(BATCH) {
            let intakes = batch.iter().map(|version| intake_of(version, &taken, import, today)).collect();
            for (version, one) in batch.iter().zip(intake::take(engine, actor, import.site.id, intakes)?) {
                match one {
                    Taken::Added(_) => report.added += 1,
                    Taken::Revised(_) => report.revised += 1,
                    Taken::Unchanged(_) => report.unchanged += 1,
                    Taken::Kept(_) => {
                        report.kept += 1;
                        report.warnings.push((version.text.path.clone(), "已有人工修改：未覆盖".to_owned()));
                    }
                }
                taken.insert(version.text.path.clone(), one.resource());
            }
            (import.progress)("入库", taken.len(), versions.len());
        }
    }
    Ok(taken)
}

/// Oldest first, so that the channel lists the newest on top.
fn publish_by_date(
    engine: &Engine,
    actor: &Actor,
    import: &LawImport<'_>,
    versions: &[Version],
    taken: &HashMap<String, ResourceId>,
    report: &mut Report,
) -> Result<(), ImportError> {
    let mut order: Vec<&Version> = versions.iter().collect();
    order.sort_by(|one, other| (one.text.version_date(), &one.text.path).cmp(&(other.text.version_date(), &other.text.path)));
    let ids: Vec<ResourceId> = order.iter().filter_map(|version| taken.get(&version.text.path).copied()).collect();
    for (number, batch) in ids.chunks(BATCH).enumerate() {
        report.published += intake::publish(engine, actor, import.site.id, batch)?;
        (import.progress)("发布", (number * BATCH + batch.len()).min(ids.len()), ids.len());
    }
    Ok(())
}

fn intake_of(version: &Version, taken: &HashMap<String, ResourceId>, import: &LawImport<'_>, today: NaiveDate) -> Intake {
    let text = &version.text;
    let superseded_by = version.superseded_by.as_ref().and_then(|path| taken.get(path).copied());
    let bodies = issuing_bodies(text);
    let content = Content {
        title: text.title.clone(),
        summary: text.summary.clone(),
        body: text.body_html.clone(),
        source: bodies.first().cloned().unwrap_or_else(|| "法律法规文本汇编".to_owned()),
        document_number: text.document_number.as_ref().map(ToString::to_string),
        issuing_bodies: bodies,
        written_on: text.written_on,
        effective_on: text.effective_on,
        validity: Some(validity(version, today)),
        superseded_by,
        ..Content::default()
    };
    let hash = serde_json::to_vec(&content).map(|bytes| blake3::hash(&bytes).to_hex().to_string()).unwrap_or_default();
    Intake {
        source: format!("laws:{}", text.path),
        hash,
        draft: NewDraft { channel: import.channel.id, kind: ResourceKind::Policy, content },
    }
}

/// 行政法规 are made by the State Council, by definition; elsewhere an unnamed body stays unnamed.
fn issuing_bodies(text: &LawText) -> Vec<String> {
    if text.issuing_bodies.is_empty() && text.path.starts_with("行政法规/") {
        return vec!["国务院".to_owned()];
    }
    text.issuing_bodies.clone()
}

fn validity(version: &Version, today: NaiveDate) -> Validity {
    match version.text.effective_on {
        _ if version.superseded_by.is_some() => Validity::Amended,
        Some(day) if day > today => Validity::Pending,
        _ => Validity::Valid,
    }
}

/// Every Markdown file below the folder, sorted.
fn list_files(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let unreadable = |error| ImportError::Unreadable(folder.clone(), error);
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn relative(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned()
}
