//! Channels (栏目) of a site: added, described anew, put elsewhere in the tree, retired and taken up again. Addresses never change:
//! a channel that stands elsewhere is still found where the public knows it, and so is what is in it.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDateTime;
use config::is_channel_key;
use model::{
    Actor, Channel, ChannelId, ChannelTree, EventKind, GroupId, Key, Keys, PageState, Problem, ResourceKind, SiteId, Step,
};
use serde::Serialize;
use serde_json::json;
use store::{Command, audit, channels, groups, pages};

use super::{CommandError, Result, publication, refused, seal, topic};
use crate::engine::Engine;

/// Items in one chunk of the list of a new channel.
const PAGE_SIZE: i32 = 20;

/// Review steps at most.
pub const MOST_STEPS: usize = 9;

/// Ten years, in days.
const LONGEST_CYCLE: i32 = 3_650;

/// What is said of a channel, and how it is worked in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Details {
    /// `ColumnName`
    pub name: String,
    /// `ColumnDescription`
    pub description: String,
    /// `ColumnKeywords`
    pub keywords: Vec<String>,
    /// `ColumnType`
    pub kind: String,
    /// Days; 0: no duty.
    pub update_cycle_days: i32,
    /// The review steps, in order.
    pub steps: Vec<Step>,
    /// Whether it stands in the main navigation.
    pub navigation: bool,
    /// Whether editors of other sites may push resources here.
    pub open_to_offers: bool,
}

/// A channel that is to be.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// The channel above.
    pub parent: Option<ChannelId>,
    /// Short name, the last part of its address.
    pub key: String,
    /// The kind of resource written in it.
    pub resource_kind: ResourceKind,
    /// What is said of it.
    pub details: Details,
}

/// Where a channel is to stand: below `parent`, in front of `before` or last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// None: at the top.
    pub parent: Option<ChannelId>,
    /// One directly below `parent`.
    pub before: Option<ChannelId>,
}

impl Details {
    /// What is said of a channel now.
    pub fn of(channel: &Channel) -> Self {
        Self {
            name: channel.name.clone(),
            description: channel.description.clone(),
            keywords: channel.keywords.clone(),
            kind: channel.kind.clone(),
            update_cycle_days: channel.update_cycle_days,
            steps: channel.steps.clone(),
            navigation: channel.navigation,
            open_to_offers: channel.open_to_offers,
        }
    }

    fn written_to(&self, channel: Channel) -> Channel {
        let Self { name, description, keywords, kind, update_cycle_days, steps, navigation, open_to_offers } = self.clone();
        Channel { name, description, keywords, kind, update_cycle_days, steps, navigation, open_to_offers, ..channel }
    }

    /// regulations.md §1.6: name, description, keywords and class of a channel are obligatory.
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut must = |field, what: &str, text: &str, most: usize| {
            let count = text.chars().count();
            if count == 0 {
                problems.push(Problem::at(field, format!("请填写{what}")));
            } else if count > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            }
        };
        must("name", "栏目名称", &self.name, 30);
        must("description", "栏目描述", &self.description, 200);
        must("kind", "栏目类别", &self.kind, 20);
        must("keywords", "栏目关键词", &self.keywords.join(""), 200);
        if !(0..=LONGEST_CYCLE).contains(&self.update_cycle_days) {
            problems.push(Problem::at("update_cycle_days", format!("更新周期应为0至{LONGEST_CYCLE}天")));
        }
        let distinct: HashSet<&str> = self.steps.iter().map(|step| step.name.as_str()).collect();
        if !(1..=MOST_STEPS).contains(&self.steps.len()) {
            problems.push(Problem::at("steps", format!("请填写1至{MOST_STEPS}个审核环节")));
        } else if distinct.len() != self.steps.len() {
            problems.push(Problem::at("steps", "审核环节不能重名"));
        } else if distinct.contains("") {
            problems.push(Problem::at("steps", "选了工作组的审核环节须填写名称"));
        } else if distinct.iter().any(|name| name.chars().count() > 20) {
            problems.push(Problem::at("steps", "审核环节名称不超过20字"));
        }
        problems
    }
}

/// Adds a channel, last among its siblings.
pub fn add(engine: &Engine, actor: &Actor, site: SiteId, new: &NewChannel) -> Result<ChannelId> {
    let now = engine.clock.now();
    let id = engine.store.command(|command| add_within(command, actor, site, new, "", now))?;
    engine.wake();
    Ok(id)
}

/// Adds a channel as a part of a command. `topic`: the template of the theme it is a topic of; empty: an ordinary channel.
pub(super) fn add_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    new: &NewChannel,
    topic: &str,
    now: NaiveDateTime,
) -> Result<ChannelId> {
    let tree = channels::tree(command, site)?;
    let parent = match new.parent {
        Some(id) => Some(standing(&tree, id)?),
        None => None,
    };
    let path = format!("{}{}/", parent.map_or("/", |parent| parent.path.as_str()), new.key);
    let mut problems = new.details.problems();
    problems.extend(same_name(&tree, new.parent, None, &new.details.name));
    problems.extend(unfit_key(command, &tree, site, &new.key, &path)?);
    problems.extend(strange_group(command, site, &new.details.steps)?);
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    // A topic is prepared before the public is shown it, and with it what is opened below it.
    let preparing = !topic.is_empty() || parent.is_some_and(|parent| parent.preparing);
    let last = tree.all().iter().map(|channel| channel.position).max().unwrap_or_default();
    let channel = new.details.written_to(Channel {
        id: ChannelId(0),
        site_id: site,
        parent_id: new.parent,
        key: new.key.clone(),
        path,
        name: String::new(),
        description: String::new(),
        keywords: Vec::new(),
        kind: String::new(),
        update_cycle_days: 0,
        resource_kind: new.resource_kind,
        steps: Vec::new(),
        page_size: PAGE_SIZE,
        navigation: false,
        position: last + 1,
        retired: false,
        open_to_offers: false,
        topic: topic.to_owned(),
        preparing,
    });
    let id = channels::save(command, site, &channel)?;
    // Positions follow the tree, so that a folder that declares it again changes none.
    let tree = channels::tree(command, site)?;
    for (position, channel) in (1_i32..).zip(order(&tree, id, Place { parent: new.parent, before: None })) {
        if channel.position != position {
            channels::save(command, site, &Channel { position, ..channel.clone() })?;
        }
    }
    let deed = Deed { action: "channel.add", before: json!(null), after: json!({ "name": channel.name, "path": channel.path }) };
    deed.settle(command, actor, site, id, Keys::from([Key::channel(id), Key::channel_items(id), Key::nav(site)]), now)?;
    Ok(id)
}

/// Describes a channel anew. `seen` is the seal of what was before the writer.
pub fn change(engine: &Engine, actor: &Actor, site: SiteId, id: ChannelId, seen: &str, details: &Details) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let tree = channels::tree(command, site)?;
        let channel = standing(&tree, id)?;
        let before = Details::of(channel);
        if seal(&before) != seen {
            return Err(CommandError::Stale);
        }
        let mut problems = details.problems();
        problems.extend(same_name(&tree, channel.parent_id, Some(id), &details.name));
        problems.extend(strange_group(command, site, &details.steps)?);
        if !problems.is_empty() {
            return Err(CommandError::Invalid(problems));
        }
        if before == *details {
            return Ok(());
        }
        channels::save(command, site, &details.written_to(channel.clone()))?;
        let deed = Deed { action: "channel.change", before: json!(before), after: json!(details) };
        deed.settle(command, actor, site, id, Keys::from([Key::channel(id), Key::nav(site)]), now)
    })?;
    engine.wake();
    Ok(())
}

/// Puts a channel, with all below it, elsewhere in the tree.
pub fn place(engine: &Engine, actor: &Actor, site: SiteId, id: ChannelId, to: Place) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let tree = channels::tree(command, site)?;
        let moved = standing(&tree, id)?;
        if let Some(parent) = to.parent {
            standing(&tree, parent)?;
            if tree.subtree(id).contains(&parent) {
                return refused("不能把栏目移到它自己的下级");
            }
        }
        let above = to.parent.and_then(|parent| tree.by_id(parent));
        match (moved.preparing, above.is_some_and(|above| above.preparing)) {
            (false, true) => return refused("目标专题正在筹备，公众还看不到，不能把已上线的栏目移入"),
            (true, false) if moved.topic.is_empty() => return refused("所属专题正在筹备，上线后才能把该栏目移出"),
            _ => {}
        }
        if to.before.is_some_and(|before| before == id || !tree.children(to.parent).any(|channel| channel.id == before)) {
            return refused("栏目顺序刚刚被他人调整，请按最新顺序再移动");
        }
        if let Some(problem) = same_name(&tree, to.parent, Some(id), &moved.name) {
            return Err(CommandError::Refused(problem.message));
        }
        let mut keys = Keys::new();
        for (position, channel) in (1_i32..).zip(order(&tree, id, to)) {
            let parent_id = if channel.id == id { to.parent } else { channel.parent_id };
            if channel.position != position || channel.parent_id != parent_id {
                channels::save(command, site, &Channel { parent_id, position, ..channel.clone() })?;
                keys.insert(Key::nav(site));
            }
        }
        if moved.parent_id != to.parent {
            keys.insert(Key::channel(id));
        }
        if keys.is_empty() {
            return Ok(());
        }
        let above = |parent: Option<ChannelId>| parent.and_then(|id| tree.by_id(id)).map(|channel| channel.name.clone());
        let deed = Deed {
            action: "channel.place",
            before: json!({ "above": above(moved.parent_id) }),
            after: json!({ "name": moved.name, "above": above(to.parent) }),
        };
        deed.settle(command, actor, site, id, keys, now)
    })?;
    engine.wake();
    Ok(())
}

/// Retires a channel that has none below it: its list goes, what was published in it stays at its addresses.
pub fn retire(engine: &Engine, actor: &Actor, site: SiteId, id: ChannelId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let tree = channels::tree(command, site)?;
        let channel = standing(&tree, id)?;
        if tree.children(Some(id)).next().is_some() {
            return refused("该栏目还有下级栏目，请先停用或移走下级栏目");
        }
        channels::save(command, site, &Channel { retired: true, ..channel.clone() })?;
        let deed = Deed { action: "channel.retire", before: json!(null), after: json!({ "name": channel.name }) };
        deed.settle(command, actor, site, id, Keys::from([Key::channel(id), Key::nav(site)]), now)
    })?;
    engine.wake();
    Ok(())
}

/// Takes a retired channel up again.
pub fn restore(engine: &Engine, actor: &Actor, site: SiteId, id: ChannelId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let tree = channels::tree(command, site)?;
        let channel = tree.by_id(id).ok_or(CommandError::NotFound)?;
        if !channel.retired {
            return refused("该栏目没有停用");
        }
        if channel.parent_id.and_then(|parent| tree.by_id(parent)).is_some_and(|parent| parent.retired) {
            return refused("请先恢复它的上级栏目");
        }
        if let Some(problem) = same_name(&tree, channel.parent_id, Some(id), &channel.name) {
            return Err(CommandError::Refused(problem.message));
        }
        // A group that is gone since stands in no step any more.
        let groups = groups::list_for(command, site)?;
        let is_there = |id: &GroupId| groups.iter().any(|group| group.id == *id);
        let steps = channel.steps.iter().cloned().map(|step| Step { group: step.group.filter(is_there), ..step }).collect();
        // Its topic may have gone live without it.
        let above = channel.parent_id.and_then(|parent| tree.by_id(parent));
        let preparing = channel.is_prepared_below(above);
        channels::save(command, site, &Channel { retired: false, preparing, steps, ..channel.clone() })?;
        let deed = Deed { action: "channel.restore", before: json!(null), after: json!({ "name": channel.name }) };
        deed.settle(command, actor, site, id, Keys::from([Key::channel(id), Key::channel_items(id), Key::nav(site)]), now)?;
        let shown = if channel.preparing && !preparing { vec![id] } else { Vec::new() };
        topic::follow(command, actor, site, &shown, now)
    })?;
    engine.wake();
    Ok(())
}

/// What was done to a channel, for the audit log.
struct Deed {
    action: &'static str,
    before: serde_json::Value,
    after: serde_json::Value,
}

impl Deed {
    fn settle(
        self,
        command: &mut Command<'_>,
        actor: &Actor,
        site: SiteId,
        id: ChannelId,
        keys: Keys,
        now: NaiveDateTime,
    ) -> Result<()> {
        let Self { action, before, after } = self;
        let record = audit::Record { action, subject: format!("channel:{id}"), site: Some(site), before, after };
        audit::append(command, actor, record, now)?;
        publication::renew(command, actor, EventKind::SiteApplied, Some(site), &keys, now)
    }
}

fn standing(tree: &ChannelTree, id: ChannelId) -> Result<&Channel> {
    tree.by_id(id).filter(|channel| !channel.retired).ok_or(CommandError::NotFound)
}

fn same_name(tree: &ChannelTree, parent: Option<ChannelId>, own: Option<ChannelId>, name: &str) -> Option<Problem> {
    let is_same = |channel: &Channel| Some(channel.id) != own && channel.name == name;
    tree.children(parent).any(is_same).then(|| Problem::at("name", format!("同级已有名为“{name}”的栏目")))
}

/// A step is for a group of the site or of the platform, or for every reviewer.
fn strange_group(command: &mut Command<'_>, site: SiteId, steps: &[Step]) -> Result<Option<Problem>> {
    let groups = groups::list_for(command, site)?;
    let is_strange = |id: GroupId| !groups.iter().any(|group| group.id == id);
    let strange = steps.iter().any(|step| step.group.is_some_and(is_strange));
    Ok(strange.then(|| Problem::at("steps", "所选的工作组已被删除，请重新选择")))
}

/// Why a key cannot become the address of a new channel.
fn unfit_key(command: &mut Command<'_>, tree: &ChannelTree, site: SiteId, key: &str, path: &str) -> Result<Option<Problem>> {
    if !is_channel_key(key) || key.len() > 30 {
        return Ok(Some(Problem::at("key", "网址名只能用小写字母、数字和连字符，不超过30个字符，且不是 assets 或 media")));
    }
    if let Some(known) = tree.by_key(key) {
        let told = if known.retired { "已停用的栏目" } else { "栏目" };
        return Ok(Some(Problem::at("key", format!("本站{told}“{}”已使用该网址名", known.name))));
    }
    let page = pages::find(command, site, path)?;
    let is_taken = page.is_some_and(|page| matches!(page.state, PageState::Live | PageState::New));
    Ok(is_taken.then(|| Problem::at("key", "该网址已有页面，请换一个网址名")))
}

/// All channels in the order they are to have, each after the one above it; the retired last.
fn order(tree: &ChannelTree, moved: ChannelId, to: Place) -> Vec<&Channel> {
    let mut found = Vec::with_capacity(tree.all().len());
    let mut waiting = below(tree, None, moved, to);
    waiting.reverse();
    while let Some(channel) = waiting.pop() {
        found.push(channel);
        waiting.extend(below(tree, Some(channel.id), moved, to).into_iter().rev());
    }
    let known: BTreeSet<ChannelId> = found.iter().map(|channel| channel.id).collect();
    found.extend(tree.all().iter().filter(|channel| !known.contains(&channel.id)));
    found
}

fn below(tree: &ChannelTree, parent: Option<ChannelId>, moved: ChannelId, to: Place) -> Vec<&Channel> {
    let mut channels: Vec<&Channel> = tree.children(parent).filter(|channel| channel.id != moved).collect();
    if parent == to.parent {
        let at = channels.iter().position(|channel| Some(channel.id) == to.before).unwrap_or(channels.len());
        channels.extend(tree.by_id(moved));
        channels[at..].rotate_right(1);
    }
    channels
}
