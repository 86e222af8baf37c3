//! Writing: a new resource, or the next revision of one. What is live stays live.

use chrono::NaiveDateTime;
use model::problem::{self, Problem};
use model::text::is_text;
use model::{Actor, ChannelId, Content, Resource, ResourceId, ResourceKind, Revision, SiteId, UserId, WorkState, Writing};
use serde_json::json;
use store::{Command, audit, channels, edit_leases, people, resources, sites, working_copies};

use super::{CommandError, Result, found, media, refused, revision_of, rights, subject};
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
    Ok(match create_from(engine, actor, site, draft, None)? {
        Begun::Now(id) | Begun::Before(id) => id,
    })
}

/// What became of a form for a new resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The resource it began.
    Now(ResourceId),
    /// The resource that the same form with the same words began before: it was sent twice.
    Before(ResourceId),
}

/// Begins a resource with its first revision; the working copy it was written in, and the sheet that was sent, have had their day.
pub fn create_from(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    draft: NewDraft,
    begun: Option<(Writing, String)>,
) -> Result<Begun> {
    let draft = NewDraft { content: checked(draft.content)?, ..draft };
    let now = engine.clock.now();
    engine.store.command(|command| {
        if let Some(known) = begun_before(command, actor, site, &draft, begun.as_ref())? {
            return Ok(Begun::Before(known));
        }
        rights::check_writes(command, actor, (site, draft.channel), now)?;
        let resource = insert(command, actor, site, &draft, now)?;
        media::describe_from(command, actor, site, &draft.content, now)?;
        let record = audit::Record {
            action: "resource.create",
            subject: subject(resource.id),
            site: Some(site),
            before: json!(null),
            after: json!({ "title": draft.content.title, "kind": draft.kind, "channel": draft.channel }),
        };
        audit::append(command, actor, record, now)?;
        if let Some((begun, sheet)) = &begun {
            working_copies::end(command, site, actor.author(), (begun, sheet), resource.id, now)?;
        }
        Ok(Begun::Now(resource.id))
    })
}

/// What the same sheet began with the same words; with others it is another text, and none of them is lost.
fn begun_before(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    draft: &NewDraft,
    begun: Option<&(Writing, String)>,
) -> Result<Option<ResourceId>> {
    let Some((writing, sheet)) = begun else { return Ok(None) };
    let saved = working_copies::find_saved(command, site, actor.author(), writing)?.filter(|(_, from)| from == sheet);
    let Some((id, _)) = saved else { return Ok(None) };
    let resource = found(command, site, id)?;
    let latest = revision_of(command, &resource, resource.latest_revision_id)?;
    Ok((resource.channel_id == draft.channel && latest.content == draft.content).then_some(id))
}

/// Adds the next revision. `seen` is the resource's version its writer began from. While somebody else is editing, it is refused.
pub fn save(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, seen: i64, content: Content) -> Result<Revision> {
    save_from(engine, actor, site, id, seen, content, "")
}

/// Adds the next revision as it was written on a sheet, which ends the writer's working copy and their editing.
pub fn save_from(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    seen: i64,
    content: Content,
    sheet: &str,
) -> Result<Revision> {
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
        if let Some(other) = edited_by(command, site, id, now)?.filter(|other| other.id != actor.author()) {
            return Err(CommandError::Refused(format!("{}正在编辑此稿件", other.name)));
        }
        let revision = revise(command, actor, &mut resource, &content, now)?;
        media::describe_from(command, actor, site, &content, now)?;
        working_copies::end(command, site, actor.author(), (&Writing::Resource(id), sheet), id, now)?;
        edit_leases::release(command, site, id, actor.author())?;
        Ok(revision)
    })
}

/// Somebody who is editing a resource.
pub(super) struct Editing {
    pub(super) id: UserId,
    pub(super) name: String,
}

/// Who is editing a resource now.
pub(super) fn edited_by(command: &mut Command<'_>, site: SiteId, id: ResourceId, now: NaiveDateTime) -> Result<Option<Editing>> {
    let Some(lease) = edit_leases::find(command, site, id, now)? else { return Ok(None) };
    let id = lease.user();
    Ok(Some(Editing { id, name: people::names(command, &[id])?.remove(&id).unwrap_or_default() }))
}

/// Adds the next revision, its content checked already, within the caller's transaction.
pub(super) fn revise(
    command: &mut Command<'_>,
    actor: &Actor,
    resource: &mut Resource,
    content: &Content,
    now: NaiveDateTime,
) -> Result<Revision> {
    let (site, id) = (resource.site_id, resource.id);
    let before = match resource.latest_revision_id {
        Some(latest) => resources::find_revision(command, id, latest)?,
        None => None,
    };
    media::check_uses(command, site, content)?;
    check_references(command, id, content)?;
    let revision = resources::insert_revision(command, id, content, actor.author(), now)?;
    resource.latest_revision_id = Some(revision.id);
    resource.work = WorkState::Draft;
    resources::update(command, resource, now)?;
    let record = audit::Record {
        action: "resource.save",
        subject: subject(id),
        site: Some(site),
        before: json!(before.map(|before| json!({ "revision": before.number, "title": before.content.title }))),
        after: json!({ "revision": revision.number, "title": revision.content.title }),
    };
    audit::append(command, actor, record, now)?;
    Ok(revision)
}

pub(super) fn insert(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    draft: &NewDraft,
    now: NaiveDateTime,
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
    check_references(command, id, &draft.content)?;
    let revision = resources::insert_revision(command, id, &draft.content, actor.author(), now)?;
    let mut resource = found(command, site, id)?;
    resource.latest_revision_id = Some(revision.id);
    resources::update(command, &resource, now)?;
    found(command, site, id)
}

/// What a text says it explains or gives way to must be in the library, and be something else: a policy file.
fn check_references(command: &mut Command<'_>, own: ResourceId, content: &Content) -> Result<()> {
    let explained = content.explains.iter().map(|id| ("explains", *id));
    let mut problems = Vec::new();
    for (field, id) in explained.chain(content.superseded_by.map(|id| ("superseded_by", id))) {
        let named = resources::find_anywhere(command, id)?;
        if named.is_none_or(|named| named.id == own || named.kind != ResourceKind::Policy) {
            problems.push(Problem::at(field, format!("稿件{id}不是政策文件，请从已发布的政策文件中选择")));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
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
