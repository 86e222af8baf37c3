//! The demo's content: one file an item, front matter in TOML between `+++` lines, then the body in HTML.

use std::path::Path;

use anyhow::{Context as _, Result};
use chrono::{NaiveDate, NaiveDateTime};
use model::{Content, ResourceKind, Validity};
use serde::Deserialize;

/// How far an item has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Through three reviews and live.
    #[default]
    Live,
    /// Waiting for the second review.
    Reviewing,
    /// Sent back by the first reviewer.
    Returned,
    /// Being written.
    Draft,
}

/// One item.
pub(super) struct Item {
    /// Short name of its site, from the folder.
    pub(super) site: String,
    /// Lasting name, so that it is seeded once.
    pub(super) source: String,
    pub(super) channel: String,
    pub(super) kind: ResourceKind,
    /// UTC.
    pub(super) published: NaiveDateTime,
    pub(super) stage: Stage,
    pub(super) content: Content,
}

/// Every item below `folder`, oldest first.
pub(super) fn load(folder: &Path) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for site in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let site = site?;
        for file in std::fs::read_dir(site.path())? {
            let path = file?.path();
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            items.push(parse(&site.file_name().to_string_lossy(), &path, &text).with_context(|| path.display().to_string())?);
        }
    }
    items.sort_by(|one, other| (one.published, &one.source).cmp(&(other.published, &other.source)));
    Ok(items)
}

fn parse(site: &str, path: &Path, text: &str) -> Result<Item> {
    let (front, body) = text.strip_prefix("+++").and_then(|rest| rest.split_once("\n+++")).context("there is no front matter")?;
    let front: Front = toml::from_str(front)?;
    let published = NaiveDateTime::parse_from_str(&front.published, "%Y-%m-%d %H:%M").context("published")?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Item {
        site: site.to_owned(),
        source: format!("demo:{name}"),
        channel: front.channel,
        kind: front.kind,
        published: model::clock::from_local(published),
        stage: front.stage,
        content: Content {
            title: front.title,
            summary: front.summary,
            body: body.trim().to_owned(),
            source: front.source,
            author: front.author,
            editor: front.editor,
            keywords: front.keywords,
            document_number: front.document_number,
            issuing_bodies: front.issuing_bodies,
            written_on: front.written_on,
            effective_on: front.effective_on,
            theme_class: front.theme_class,
            validity: front.validity,
            ..Content::default()
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    title: String,
    channel: String,
    kind: ResourceKind,
    published: String,
    #[serde(default)]
    stage: Stage,
    summary: String,
    source: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    editor: String,
    #[serde(default)]
    keywords: Vec<String>,
    document_number: Option<String>,
    #[serde(default)]
    issuing_bodies: Vec<String>,
    written_on: Option<NaiveDate>,
    effective_on: Option<NaiveDate>,
    theme_class: Option<String>,
    validity: Option<Validity>,
}
