//! Copying (复制): a new draft with the text of a resource, in a channel of the same site or of another. What makes a text that
//! one document stays behind: its numbers and dates, what was said in its reviews, and where it is shown.

use chrono::NaiveDateTime;
use model::problem::LONGEST_TITLE;
use model::{Actor, Channel, Content, ResourceId, SiteId, WorkState};
use serde_json::json;
use store::{Command, audit};

use super::draft::{self, NewDraft};
use super::{CommandError, Result, bin, found, refused, revision_of, subject};
use crate::engine::Engine;

const MARK: &str = "（副本）";

/// Makes a draft in `target` of the latest revision.
pub(super) fn copy_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    target: &Channel,
    now: NaiveDateTime,
) -> Result<ResourceId> {
    let resource = found(command, site, id)?;
    if resource.work == WorkState::Discarded {
        return refused("稿件在回收站，请先恢复");
    }
    if target.resource_kind != resource.kind {
        return refused("目标栏目不接收该类型的稿件");
    }
    let content = revision_of(command, &resource, resource.latest_revision_id)?.content;
    let is_at_home = target.site_id == site;
    // Media belong to their site, and what is published there may not hang on another site's library.
    if !is_at_home && names_media(&content) {
        return refused("稿件含有本站媒体库的图片或附件，不能复制到其他站点，可改用推送");
    }
    let content = draft::checked(copied(content, is_at_home))?;
    let new = NewDraft { channel: target.id, kind: resource.kind, content };
    let copy = draft::insert(command, actor, target.site_id, &new, now)?;
    let record = audit::Record {
        action: "resource.copy",
        subject: subject(copy.id),
        site: Some(target.site_id),
        before: json!({ "site": site, "resource": id }),
        after: json!({ "title": new.content.title, "kind": new.kind, "channel": new.channel }),
    };
    audit::append(command, actor, record, now)?;
    Ok(copy.id)
}

/// Puts a copy in the bin, unless somebody has done anything with it since.
pub(super) fn discard_within(
    engine: &Engine,
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    copy: ResourceId,
    now: NaiveDateTime,
) -> Result<()> {
    let resource = found(command, site, copy)?;
    if resource.work == WorkState::Discarded {
        return refused("副本已在回收站");
    }
    let number = revision_of(command, &resource, resource.latest_revision_id)?.number;
    if !bin::may_discard(&resource) || number > 1 || resource.updated_at != resource.created_at {
        return refused("副本此后有过改动，未撤销");
    }
    if let Some(other) = draft::edited_by(command, site, copy, now)? {
        return Err(CommandError::Refused(format!("{}正在编辑副本，未撤销", other.name)));
    }
    bin::discard_within(engine, command, actor, site, copy, now)
}

/// What a copy says; beside its model it is told apart by its title.
fn copied(content: Content, is_at_home: bool) -> Content {
    let marked = is_at_home && content.title.chars().count() + MARK.chars().count() <= LONGEST_TITLE;
    Content {
        title: if marked { format!("{}{MARK}", content.title) } else { content.title },
        document_number: None,
        written_on: None,
        effective_on: None,
        validity: None,
        superseded_by: None,
        secrecy_reviewer: String::new(),
        secrecy_reviewed_on: None,
        ..content
    }
}

fn names_media(content: &Content) -> bool {
    content.cover.is_some() || !content.attachments.is_empty() || !model::media::references(&content.body).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_the_text_and_leaves_what_makes_it_that_document() {
        let policy = Content {
            title: "办法".into(),
            body: "<p>正文</p>".into(),
            keywords: vec!["住房".into()],
            document_number: Some("望政发〔2026〕5号".into()),
            secrecy_reviewer: "某人".into(),
            ..Content::default()
        };
        let copy = copied(policy.clone(), true);
        assert_eq!(
            (copy.title.as_str(), copy.body, copy.keywords),
            ("办法（副本）", policy.body.clone(), policy.keywords.clone())
        );
        assert_eq!((copy.document_number, copy.secrecy_reviewer.as_str()), (None, ""));
        assert_eq!(copied(policy, false).title, "办法");
        let long = Content { title: "长".repeat(LONGEST_TITLE), ..Content::default() };
        assert_eq!(copied(long.clone(), true).title, long.title);
    }
}
