//! Keywords (关键词) of a resource, changed without opening it. They are part of its text: a new revision has them, which goes to
//! review like any other.

use chrono::NaiveDateTime;
use model::problem::{MOST_KEYWORDS, Problem};
use model::{Actor, Content, ResourceId, ResourceState, SiteId, WorkState};
use store::{Command, resources};

use super::{CommandError, Result, draft, found, refused, revision_of};

/// Gives and takes keywords; says what became of the text.
pub(super) fn change_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    add: &[String],
    remove: &[String],
    now: NaiveDateTime,
) -> Result<&'static str> {
    let mut resource = found(command, site, id)?;
    match resource.work {
        WorkState::Reviewing => return refused("稿件正在审核，如需修改请先收回"),
        WorkState::Scheduled => return refused("稿件已通过审核、待定时发布，如需修改请先取消定时发布"),
        WorkState::Discarded => return refused("稿件在回收站，请先恢复"),
        WorkState::Draft | WorkState::Returned | WorkState::Idle => {}
    }
    // Also where it is the same person: what they have typed and not saved is not overtaken behind their back.
    if let Some(other) = draft::edited_by(command, site, id, now)? {
        return Err(CommandError::Refused(format!("{}正在编辑此稿件", other.name)));
    }
    let content = revision_of(command, &resource, resource.latest_revision_id)?.content;
    let keywords = changed(&content.keywords, add, remove);
    if keywords == content.keywords {
        return Ok("关键词无需变动");
    }
    // Whoever gives one to many texts at once should hear which of them cannot be handed in with it.
    if keywords.len() > MOST_KEYWORDS.max(content.keywords.len()) {
        return Err(CommandError::Invalid(vec![Problem::at("keywords", format!("关键词不超过{MOST_KEYWORDS}个"))]));
    }
    let content = draft::checked(Content { keywords, ..content })?;
    let writer = resources::writer(command, id)?.ok_or(CommandError::NotFound)?;
    let came_back = resource.work == WorkState::Returned;
    draft::revise(command, actor, &mut resource, &content, now)?;
    resources::set_writer(command, id, writer)?;
    if came_back {
        // A keyword more answers nothing of what it was sent back for.
        resource.work = WorkState::Returned;
        resources::update(command, &resource, now)?;
        return Ok("已存入，稿件仍须按退回意见修改");
    }
    Ok(if resource.state == ResourceState::Live { "已存为新版本，需送审后上线" } else { "已存入草稿" })
}

/// Those that stay in their order, then the new ones.
fn changed(keywords: &[String], add: &[String], remove: &[String]) -> Vec<String> {
    let kept: Vec<&String> = keywords.iter().filter(|word| !remove.contains(word)).collect();
    let new = add.iter().filter(|word| !kept.contains(word));
    kept.iter().copied().chain(new).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_given_once_and_taken_where_they_are() {
        let words = |text: &str| text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        for (before, add, remove, after) in [
            ("住房 补贴", "租赁", "", "住房 补贴 租赁"),
            ("住房 补贴", "住房", "补贴 就业", "住房"),
            ("", "甲 乙", "丙", "甲 乙"),
            ("甲", "", "甲", ""),
        ] {
            assert_eq!(changed(&words(before), &words(add), &words(remove)), words(after));
        }
    }
}
