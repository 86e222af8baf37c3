//! Groups (工作组) are made, changed and taken away by who manages the people of their site, or of the platform.

use std::collections::HashMap;

use model::{Actor, Channel, Group, GroupContent, GroupId, Problem, SiteId, User};
use serde_json::json;
use store::{Command, Connection, audit, channels, groups, people, sites};

use super::{CommandError, Result, refused, seal};
use crate::engine::Engine;

/// Makes a group of a site, or with none of the platform.
pub fn add(engine: &Engine, actor: &Actor, site: Option<SiteId>, content: &GroupContent) -> Result<GroupId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        check(command, site, None, content)?;
        let id = groups::insert(command, site, content)?;
        let record =
            audit::Record { action: "group.add", subject: subject(id), site, before: json!(null), after: json!(content) };
        audit::append(command, actor, record, now)?;
        Ok(id)
    })
}

/// Puts `content` in the place of the one whose seal is `seen`.
pub fn save(engine: &Engine, actor: &Actor, site: Option<SiteId>, id: GroupId, seen: &str, content: &GroupContent) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = seen_group(command, site, id, seen)?;
        if before.content == *content {
            return Ok(());
        }
        check(command, site, Some(&before), content)?;
        groups::update(command, &Group { id, content: content.clone() })?;
        let record = audit::Record {
            action: "group.save",
            subject: subject(id),
            site,
            before: json!(before.content),
            after: json!(content),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// Takes away the group whose seal is `seen`, unless a channel has a step for it. Texts already under review keep such a step: with
/// its group gone it is every reviewer's (`store::reviewers`).
pub fn delete(engine: &Engine, actor: &Actor, site: Option<SiteId>, id: GroupId, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = seen_group(command, site, id, seen)?;
        let used = uses(command, id)?;
        if !used.is_empty() {
            return refused(&format!("该工作组正用于以下审核环节：{}。请先在栏目设置中改选，再删除该组", used.join("、")));
        }
        groups::delete(command, id)?;
        let record = audit::Record {
            action: "group.delete",
            subject: subject(id),
            site,
            before: json!(before.content),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}

/// The review steps that are for a group, each with its channel and, where other sites may have some, its site.
pub fn uses(connection: &mut Connection, id: GroupId) -> Result<Vec<String>> {
    let sites: HashMap<SiteId, String> = sites::list(connection)?.into_iter().map(|site| (site.id, site.short_name)).collect();
    let told = |channel: &Channel| {
        let steps = channel.steps.iter().filter(|step| step.group == Some(id)).map(|step| step.name.as_str());
        let site = sites.get(&channel.site_id).map_or("", String::as_str);
        format!("{site}“{}”{}", channel.name, steps.collect::<Vec<_>>().join("、"))
    };
    Ok(channels::list_by_group_anywhere(connection, id)?.iter().map(told).collect())
}

fn seen_group(command: &mut Command<'_>, site: Option<SiteId>, id: GroupId, seen: &str) -> Result<Group> {
    let group = groups::find(command, site, id)?.ok_or(CommandError::NotFound)?;
    if seal(&group.content) == seen { Ok(group) } else { Err(CommandError::Stale) }
}

fn check(command: &mut Command<'_>, site: Option<SiteId>, before: Option<&Group>, content: &GroupContent) -> Result<()> {
    let id = before.map(|group| group.id);
    let mut problems = content.problems();
    if groups::list(command, site)?.iter().any(|other| Some(other.id) != id && other.content.name == content.name) {
        problems.push(Problem::at("name", format!("已有名为“{}”的工作组", content.name)));
    }
    // Whoever is switched off stays in the groups they were in, and comes into no other.
    let here = people::list_holders(command, site)?;
    let was_in = |id| before.is_some_and(|group| group.content.members.contains(&id));
    let may_be_in = |person: &User| person.is_active() || was_in(person.id);
    if !content.members.iter().all(|member| here.iter().any(|person| person.id == *member && may_be_in(person))) {
        problems.push(Problem::at("members", "所选人员中有人已离开或停用，请重新选择"));
    }
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

fn subject(id: GroupId) -> String {
    format!("group:{id}")
}
