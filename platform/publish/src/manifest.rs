//! A site as its folder would declare it: what was founded or changed in the console, written out so that applying it changes nothing.

use std::collections::HashMap;

use config::{ChannelManifest, SiteManifest, SiteMedia, SubscriptionManifest, Workflow};
use model::subscription::Query;
use model::{Channel, ChannelId, ChannelTree, Group, Site, SiteId, Step, Subscription};
use store::{Connection, arrangements, channels, groups, sites, subscriptions};

/// Why a site could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A setting of the theme that site.toml cannot hold.
    #[error("the settings of `{0}` cannot be written: {1}")]
    Settings(String, serde_json::Error),
    /// A step is for a group of the platform, and the site has one of the same name.
    #[error(
        "channel `{0}` is reviewed by the group `{1}` of the platform, and the site has a group of the same name: rename one"
    )]
    SameName(String, String),
    /// A standing query names what is no more.
    #[error("a subscription of channel `{0}` names a site, channel or agency that is gone")]
    Gone(String),
}

/// The manifest of a site. Retired channels are not in it: applying it leaves them as they are.
pub fn of_site(connection: &mut Connection, site: &Site) -> Result<SiteManifest, ManifestError> {
    let tree = channels::tree(connection, site.id)?;
    let groups = groups::list_for(connection, site.id)?;
    let mut declared = Vec::new();
    walk(&tree, None, &groups, &mut declared)?;
    let usual = tree.all().iter().find(|channel| !channel.retired).map(|first| written_steps(first, &groups)).transpose()?;
    let workflow = usual.map_or_else(Workflow::default, |steps| Workflow { steps });
    for channel in &mut declared {
        channel.steps = channel.steps.take().filter(|steps| *steps != workflow.steps);
    }
    for channel in declared.iter_mut().filter(|channel| !channel.topic.is_empty()) {
        channel.blocks = arrangements::find_live(connection, site.id, &channel.key)?.map(|arrangement| arrangement.0);
    }
    let mut hosts: Vec<String> =
        sites::hosts(connection)?.into_iter().filter(|(_, id)| *id == site.id).map(|(host, _)| host).collect();
    hosts.sort();
    let settings = serde_json::from_value(site.settings.clone());
    Ok(SiteManifest {
        key: site.key.clone(),
        name: site.name.clone(),
        short_name: site.short_name.clone(),
        domain: site.domain.clone(),
        hosts,
        site_code: site.site_code.clone(),
        icp_number: site.icp_number.clone(),
        police_number: site.police_number.clone(),
        conac_url: site.conac_url.clone(),
        theme: site.theme.clone(),
        agency: site.agency.clone(),
        settings: settings.map_err(|error| ManifestError::Settings(site.key.clone(), error))?,
        media: SiteMedia { watermark: Some(site.watermark.clone()).filter(|name| !name.is_empty()) },
        workflow,
        channels: declared,
        subscriptions: standing(connection, site, &tree)?,
        home: arrangements::find_live(connection, site.id, "")?.map(|arrangement| arrangement.0),
    })
}

/// Each channel after the one above it, in the order of the navigation.
fn walk(
    tree: &ChannelTree,
    parent: Option<&Channel>,
    groups: &[Group],
    found: &mut Vec<ChannelManifest>,
) -> Result<(), ManifestError> {
    for channel in tree.children(parent.map(|parent| parent.id)) {
        found.push(ChannelManifest {
            key: channel.key.clone(),
            name: channel.name.clone(),
            description: channel.description.clone(),
            keywords: channel.keywords.clone(),
            kind: channel.kind.clone(),
            update_cycle_days: channel.update_cycle_days,
            parent: parent.map(|parent| parent.key.clone()),
            resources: channel.resource_kind,
            navigation: channel.navigation,
            page_size: channel.page_size,
            steps: Some(written_steps(channel, groups)?),
            open_to_offers: channel.open_to_offers,
            topic: channel.topic.clone(),
            preparing: channel.preparing,
            blocks: None,
        });
        walk(tree, Some(channel), groups, found)?;
    }
    Ok(())
}

/// The steps of a channel with their groups by name. One that cannot be told by its name would be read back as another.
fn written_steps(channel: &Channel, groups: &[Group]) -> Result<Vec<Step<String>>, ManifestError> {
    let written = |step: &Step| {
        let group = step.group.and_then(|id| groups.iter().find(|group| group.id == id));
        let name = group.map(|group| group.content.name.clone());
        match groups.iter().find(|other| Some(&other.content.name) == name.as_ref()) {
            Some(meant) if Some(meant.id) != step.group => {
                Err(ManifestError::SameName(channel.key.clone(), meant.content.name.clone()))
            }
            _ => Ok(Step { name: step.name.clone(), group: name }),
        }
    };
    channel.steps.iter().map(written).collect()
}

fn standing(connection: &mut Connection, site: &Site, tree: &ChannelTree) -> Result<Vec<SubscriptionManifest>, ManifestError> {
    let all = sites::list(connection)?;
    let queries = subscriptions::list(connection, site.id)?;
    let mut trees: HashMap<SiteId, ChannelTree> = HashMap::new();
    for other in &all {
        if queries.iter().any(|one| one.query.from_channel.is_some()) {
            trees.insert(other.id, channels::tree(connection, other.id)?);
        }
    }
    let written = |one: &Subscription| {
        let target = tree.by_id(one.channel_id).filter(|channel| !channel.retired)?;
        Some(written(one, target, &all, &trees).ok_or_else(|| ManifestError::Gone(target.key.clone())))
    };
    queries.iter().filter_map(written).collect()
}

fn written(
    one: &Subscription,
    target: &Channel,
    all: &[Site],
    trees: &HashMap<SiteId, ChannelTree>,
) -> Option<SubscriptionManifest> {
    let Query { from_site, from_agency, from_channel, theme_class, kind, tags } = &one.query;
    let key_of = |id: SiteId| all.iter().find(|site| site.id == id).map(|site| site.key.clone());
    let found = |id: ChannelId| trees.iter().find_map(|(site, tree)| Some((*site, tree.by_id(id)?.key.clone())));
    let (from_site, from_channel) = match (from_channel, from_site) {
        (Some(channel), _) => {
            let (site, key) = found(*channel)?;
            (Some(key_of(site)?), Some(key))
        }
        (None, Some(site)) => (Some(key_of(*site)?), None),
        (None, None) => (None, None),
    };
    let from_agency = match from_agency {
        Some(id) => Some(all.iter().find(|site| site.agency.id == *id)?.agency.code.clone()),
        None => None,
    };
    Some(SubscriptionManifest {
        channel: target.key.clone(),
        from_site,
        from_channel,
        from_agency,
        theme_class: theme_class.clone(),
        kind: *kind,
        tags: tags.clone(),
        acceptance: one.acceptance,
    })
}
