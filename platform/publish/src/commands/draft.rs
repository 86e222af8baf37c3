//! Writing: a new resource, or the next revision of one. What is live stays live.

use model::problem::{self, Problem};
use model::text::is_text;
use model::{Actor, ChannelId, Content, Resource, ResourceId, ResourceKind, Revision, SiteId, WorkState};
use serde_json::json;
use store::{Command, audit, channels, resources, sites};

use super::{CommandError, Result, found, media, refused, subject};
use crate::engine::Engine;

/// A resource about to be written.
#[derive(Clone, Debug)]
pub struct NewDraft {
    /// The channel it is for.
    pub channel: ChannelId,
    /// What it is.
    pub kind: ResourceKind,
    /// What it says; cleaned here.
    pub content: Content,
}

/// Begins a resource with its first revision.
pub fn create(engine: &Engine, actor: &Actor, site: SiteId, draft: NewDraft) -> Result<ResourceId> {
    let draft = NewDraft { content: checked(draft.content)?, ..draft };
    let now = engine.clock.now();
    engine.store.command(|command| {
        let resource = insert(command, actor, site, &draft, now)?;
        let record = audit::Record {
            action: "resource.create",
            subject: subject(resource.id),
            site: Some(site),
            before: json!(null),
            after: json!({ "title": draft.content.title, "kind": draft.kind, "channel": draft.channel }),
        };
        audit::append(command, actor, record, now)?;
        Ok(resource.id)
    })
}

/// Adds the next revision. `seen` is the resource's version the writer began from.
pub fn save(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, seen: i64, content: Content) -> Result<Revision> {
    let content = checked(content)?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let mut resource = found(command, site, id)?;
        if resource.version != seen {
            return Err(CommandError::Stale);
        }
        if resource.work == WorkState::Reviewing {
            return refused("稿件正在审核，如需修改请先收回");
        }
        if resource.work == WorkState::Discarded {
            return refused("稿件在回收站，如需修改请先恢复");
        }
        let before = match resource.latest_revision_id {
            Some(latest) => resources::find_revision(command, id, latest)?,
            None => None,
        };
        media::check_uses(command, site, &content)?;
        let revision = resources::insert_revision(command, id, &content, actor.author(), now)?;
        resource.latest_revision_id = Some(revision.id);
        resource.work = WorkState::Draft;
        resources::update(command, &resource, now)?;
        let record = audit::Record {
            action: "resource.save",
            subject: subject(id),
            site: Some(site),
            before: json!(before.map(|before| json!({ "revision": before.number, "title": before.content.title }))),
            after: json!({ "revision": revision.number, "title": revision.content.title }),
        };
        audit::append(command, actor, record, now)?;
        Ok(revision)
    })
}

pub(super) fn insert(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    draft: &NewDraft,
    now: chrono::NaiveDateTime,
) -> Result<Resource> {
    let owner = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
    let channel = channels::find(command, site, draft.channel)?.ok_or(CommandError::NotFound)?;
    if channel.retired {
        return refused("该栏目已停用，请选择其他栏目");
    }
    media::check_uses(command, site, &draft.content)?;
    let new = resources::NewResource {
        public_id: &uuid::Uuid::now_v7().to_string(),
        site,
        channel: channel.id,
        agency: owner.agency.id,
        kind: draft.kind,
        created_by: actor.author(),
    };
    let id = resources::insert(command, &new, now)?;
    let revision = resources::insert_revision(command, id, &draft.content, actor.author(), now)?;
    let mut resource = found(command, site, id)?;
    resource.latest_revision_id = Some(revision.id);
    resources::update(command, &resource, now)?;
    found(command, site, id)
}

/// The content as it is kept: trimmed, its HTML cleaned, its numbers in their standard form.
pub(super) fn checked(mut content: Content) -> Result<Content> {
    for text in [
        &mut content.title,
        &mut content.subtitle,
        &mut content.summary,
        &mut content.source,
        &mut content.author,
        &mut content.editor,
    ] {
        *text = tidy(text);
    }
    for texts in [&mut content.keywords, &mut content.issuing_bodies] {
        *texts = texts.iter().map(|text| tidy(text)).filter(|text| !text.is_empty()).collect();
    }
    content.body.retain(is_text);
    content.body = render::html::clean(&content.body)
        .map_err(|problem| CommandError::Invalid(vec![Problem::at("body", problem.to_string())]))?;
    if let Some(number) = &content.document_number
        && let Ok(number) = number.parse::<model::DocumentNumber>()
    {
        content.document_number = Some(number.to_string());
    }
    let problems = problem::in_draft(&content);
    if problems.is_empty() { Ok(content) } else { Err(CommandError::Invalid(problems)) }
}

/// One line, without what cannot be seen.
fn tidy(text: &str) -> String {
    let seen: String = text.chars().filter(|letter| is_text(*letter)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}
