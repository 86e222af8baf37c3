//! 专题: a channel with a front page of its own is opened from a template of the theme, with the channels below it, all at once. It is in
//! preparation (筹备中) until somebody has it go live: what is published in it until then waits, and the public is shown nothing of it.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use config::{TOPIC, TopicKind};
use model::{
    Actor, Arrangement, Channel, ChannelId, EventKind, Key, Keys, Lane, Placement, PlacementId, ResourceId, ResourceKind,
    RevisionId, SiteId,
};
use serde::Serialize;
use serde_json::json;
use store::{Command, Connection, arrangements, audit, channels, placements, resources, sites};

use super::channel::{Details, NewChannel, add_within};
use super::placing::Closed;
use super::{CommandError, Result, placing, publication, refused, revision_of, seal};
use crate::engine::Engine;

/// A topic that is to be.
#[derive(Clone, Debug)]
pub struct NewTopic {
    /// The template of the theme.
    pub template: String,
    /// The channel it is opened in.
    pub parent: Option<ChannelId>,
    /// Short name, the last part of its address.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What it is about, in a sentence.
    pub description: String,
    /// What it is found by.
    pub keywords: Vec<String>,
}

/// What topics of a site can be opened from.
pub fn templates(engine: &Engine, connection: &mut Connection, site: SiteId) -> Result<Vec<TopicKind>> {
    let site = sites::find(connection, site)?.ok_or(CommandError::NotFound)?;
    let theme = engine.theme_manifest(&site).map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(theme.topics)
}

/// Opens a topic, to be prepared. Its front page is as the template begins until somebody arranges it.
pub fn open(engine: &Engine, actor: &Actor, site: SiteId, new: &NewTopic) -> Result<ChannelId> {
    let now = engine.clock.now();
    let id = engine.store.command(|command| {
        let templates = templates(engine, command, site)?;
        let Some(template) = templates.into_iter().find(|template| template.key == new.template) else {
            return Err(CommandError::Invalid(vec![model::Problem::at("template", "请选择专题模板")]));
        };
        let tree = channels::tree(command, site)?;
        // A topic is reviewed like what it stands beside.
        let beside = new.parent.and_then(|id| tree.by_id(id)).or_else(|| tree.all().first()).ok_or(CommandError::NotFound)?;
        let details = Details {
            name: new.name.clone(),
            description: new.description.clone(),
            keywords: new.keywords.clone(),
            update_cycle_days: 0,
            navigation: new.parent.is_some(),
            open_to_offers: false,
            ..Details::of(beside)
        };
        let channel = |parent, key: &str, details: &Details| NewChannel {
            parent,
            key: key.to_owned(),
            resource_kind: ResourceKind::Article,
            details: details.clone(),
        };
        let id = add_within(command, actor, site, &channel(new.parent, &new.key, &details), &template.key, now)?;
        for below in &template.channels {
            let described = Details {
                name: below.name.clone(),
                description: format!("{}：{}", new.name, below.name),
                keywords: [new.keywords.clone(), vec![below.name.clone()]].concat(),
                ..details.clone()
            };
            add_within(command, actor, site, &channel(Some(id), &below.key.replace(TOPIC, &new.key), &described), "", now)?;
        }
        Ok(id)
    })?;
    engine.wake();
    Ok(id)
}

/// What the public will be shown when a topic goes live.
#[derive(Clone, Debug, Serialize)]
pub struct Prepared {
    /// The topic, then the channels below it, each with how many resources wait in it.
    pub channels: Vec<(String, usize)>,
    /// A topic above it that is in preparation as well: it goes live with that.
    pub within: Option<String>,
    #[serde(skip)]
    topic: Channel,
    /// The topic and all below it that goes live with it: what is retired does not.
    #[serde(skip)]
    parts: Vec<ChannelId>,
    /// What waits in them, each with the revision that will be shown.
    #[serde(skip)]
    waiting: Vec<(PlacementId, Option<RevisionId>)>,
}

impl Prepared {
    /// What was before somebody's eyes.
    pub fn seal(&self) -> String {
        seal(&(self, &self.waiting))
    }
}

/// A topic in preparation; none where there is no such topic, or it is live.
pub fn prepared(connection: &mut Connection, site: SiteId, key: &str) -> Result<Prepared> {
    let tree = channels::tree(connection, site)?;
    let is_prepared = |channel: &&Channel| channel.preparing && !channel.retired && !channel.topic.is_empty();
    let topic = tree.by_key(key).filter(is_prepared).ok_or(CommandError::NotFound)?;
    let parts = tree.subtree(topic.id);
    let waiting = placements::list_waiting(connection, site, &parts)?;
    let told = |channel: &Channel| {
        let count = waiting.iter().filter(|placement| placement.channel_id == channel.id).count();
        (channel.name.clone(), count)
    };
    let above = topic.parent_id.and_then(|parent| tree.by_id(parent));
    let asked: BTreeSet<ResourceId> = waiting.iter().map(|placement| placement.resource_id).collect();
    let live = resources::list_live(connection, &asked)?;
    let sealed = |placement: &Placement| (placement.id, live.get(&placement.resource_id).map(|(_, revision)| revision.id));
    Ok(Prepared {
        channels: parts.iter().filter_map(|id| tree.by_id(*id)).map(told).collect(),
        within: above.filter(|above| above.preparing).map(|above| above.name.clone()),
        topic: topic.clone(),
        waiting: waiting.iter().map(sealed).collect(),
        parts,
    })
}

/// Has a topic go live with all below it, and what waits in it. `seen` is the seal of what was before whoever pressed.
pub fn go_live(engine: &Engine, actor: &Actor, site: SiteId, key: &str, seen: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let closed = Closed::read(command)?;
        closed.refuse(site)?;
        let prepared = prepared(command, site, key)?;
        if prepared.seal() != seen {
            return Err(CommandError::Stale);
        }
        if let Some(above) = &prepared.within {
            return refused(&format!("上级“{above}”也在筹备，请在那里一并上线"));
        }
        let topic = &prepared.topic;
        let keys = show(command, site, &prepared.parts)?;
        let record = audit::Record {
            action: "topic.live",
            subject: format!("channel:{}", topic.id),
            site: Some(site),
            before: json!(null),
            after: json!({ "name": topic.name, "channels": prepared.channels }),
        };
        audit::append(command, actor, record, now)?;
        publication::renew(command, actor, EventKind::SiteApplied, Some(site), &keys, now)?;
        release(command, actor, site, &prepared.parts, &closed, now)
    })?;
    engine.wake();
    Ok(())
}

/// The public is shown these channels of a topic. Says which keys that touches.
fn show(command: &mut Command<'_>, site: SiteId, parts: &[ChannelId]) -> Result<Keys> {
    let mut keys = Keys::from([Key::nav(site)]);
    let tree = channels::tree(command, site)?;
    for channel in parts.iter().filter_map(|id| tree.by_id(*id)) {
        channels::save(command, site, &Channel { preparing: false, ..channel.clone() })?;
        keys.extend([Key::channel(channel.id), Key::channel_items(channel.id)]);
        let shown = arrangements::find_live(command, site, &channel.key)?.filter(|_| !channel.topic.is_empty());
        keys.extend(shown.iter().flat_map(Arrangement::media).map(|id| Key::media_use(site, id)));
    }
    Ok(keys)
}

/// Channels that were retired when their topic went live are taken up again, and what has waited in them goes live.
pub(super) fn follow(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    parts: &[ChannelId],
    now: NaiveDateTime,
) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    let closed = Closed::read(command)?;
    closed.refuse(site)?;
    release(command, actor, site, parts, &closed, now)
}

/// What waited in these channels goes live, and to whoever asks for it.
fn release(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    parts: &[ChannelId],
    closed: &Closed,
    now: NaiveDateTime,
) -> Result<()> {
    let waiting = placements::list_waiting(command, site, parts)?;
    placements::revive(command, &waiting.iter().map(|placement| placement.id).collect::<Vec<_>>(), false, now)?;
    let mut events = Vec::with_capacity(waiting.len());
    for id in waiting.into_iter().map(|placement| placement.resource_id).collect::<BTreeSet<_>>() {
        let resource = resources::find_anywhere(command, id)?.ok_or(CommandError::NotFound)?;
        let revision = revision_of(command, &resource, resource.live_revision_id)?;
        let asked = placing::place(command, &resource, &revision.content, None, closed, now)?;
        placing::offer(command, &resource, asked, now)?;
        events.push(publication::note_places(command, actor.user_id, &resource, now)?);
    }
    publication::follow_up(command, events, Lane::Urgent, now)
}
