//! 专题: a channel with a front page of its own is opened from a template of the theme, with the channels below it, all at once.

use config::{TOPIC, TopicKind};
use model::{Actor, ChannelId, ResourceKind, SiteId};
use store::{Connection, channels, sites};

use super::channel::{Details, NewChannel, add_within};
use super::{CommandError, Result};
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

/// Opens a topic. Its front page is as the template begins until somebody arranges it.
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
