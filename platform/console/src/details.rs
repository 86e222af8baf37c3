//! What a list of the library shows of each resource: the details people choose from, and how each is told.

use std::collections::{BTreeSet, HashMap};

use model::{ChannelId, ChannelTree, ResourceId};
use serde::Serialize;
use store::catalogue::By;
use store::resources::Line;
use store::{Connection, annotations, channels, placements, resources};
use web::App;

use crate::annotations::badge;
use crate::desk::{Badge, WAITING, badges, trail};
use crate::moment::Moment;
use crate::names::Names;
use crate::offers::site_name;

/// One thing to be known of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    Site,
    Channel,
    Kind,
    State,
    IndexNumber,
    DocumentNumber,
    Keywords,
    Author,
    Places,
    Published,
    Updated,
}

impl Detail {
    /// In the order in which they stand.
    pub(crate) const ALL: [Self; 11] = [
        Self::Site,
        Self::Channel,
        Self::Kind,
        Self::State,
        Self::IndexNumber,
        Self::DocumentNumber,
        Self::Keywords,
        Self::Author,
        Self::Places,
        Self::Published,
        Self::Updated,
    ];

    /// What is shown where nobody chose.
    pub(crate) const USUAL: &'static [Self] = &[Self::Channel, Self::Kind, Self::State, Self::Author, Self::Updated];
    pub(crate) const USUAL_OVER_ALL: &'static [Self] = &[Self::Site, Self::Channel, Self::Kind, Self::State, Self::Updated];

    /// The word in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Channel => "channel",
            Self::Kind => "kind",
            Self::State => "state",
            Self::IndexNumber => "index_number",
            Self::DocumentNumber => "document_number",
            Self::Keywords => "keywords",
            Self::Author => "author",
            Self::Places => "places",
            Self::Published => "published",
            Self::Updated => "updated",
        }
    }

    /// The word on screens.
    pub(crate) fn chinese(self) -> &'static str {
        match self {
            Self::Site => "站点",
            Self::Channel => "栏目",
            Self::Kind => "类型",
            Self::State => "状态",
            Self::IndexNumber => "索引号",
            Self::DocumentNumber => "发文字号",
            Self::Keywords => "关键词",
            Self::Author => "撰稿人",
            Self::Places => "展示位置",
            Self::Published => "首次发布",
            Self::Updated => "更新时间",
        }
    }

    /// The time it tells, if it is one that lists can be ordered by.
    pub(crate) fn time(self) -> Option<By> {
        match self {
            Self::Published => Some(By::Published),
            Self::Updated => Some(By::Updated),
            _ => None,
        }
    }
}

/// A detail of one resource as it is shown.
#[derive(Default, Serialize)]
pub(crate) struct Cell {
    label: &'static str,
    /// Whether it is too short to be broken.
    is_short: bool,
    text: String,
    badges: Vec<Badge>,
    moment: Option<Moment>,
    link: Option<String>,
}

/// What must be asked of other tables to tell the details of some lines.
pub(crate) struct Known {
    names: Names,
    channels: HashMap<ChannelId, String>,
    places: HashMap<ResourceId, usize>,
    /// Annotations that are to be dealt with.
    annotations: HashMap<ResourceId, i64>,
    /// What is published and waits for its topic.
    waits: BTreeSet<ResourceId>,
}

impl Known {
    /// Asks for what the details need, a question a table. With the tree of the only site there is, channels are told with those
    /// above them.
    pub(crate) fn find(
        connection: &mut Connection,
        lines: &[Line],
        details: &[Detail],
        tree: Option<&ChannelTree>,
    ) -> store::Result<Self> {
        let wanted: BTreeSet<ChannelId> = lines.iter().map(|line| line.resource.channel_id).collect();
        let channels = match tree {
            Some(tree) => wanted.iter().map(|id| (*id, trail(tree, *id))).collect(),
            None => channels::list_anywhere(connection, &wanted)?.into_iter().map(|(id, channel)| (id, channel.name)).collect(),
        };
        let ids = lines.iter().map(|line| line.resource.id).collect();
        let mut places = HashMap::new();
        if details.contains(&Detail::Places) {
            for placement in placements::list_by_resources(connection, &ids)?.iter().filter(|placement| placement.live) {
                *places.entry(placement.resource_id).or_default() += 1;
            }
        }
        let is_told = details.contains(&Detail::State);
        let annotations = if is_told { annotations::count_open_by_resources(connection, &ids)? } else { HashMap::new() };
        let waits = resources::list_waiting(connection, &ids)?;
        let names = Names::find(connection, lines.iter().map(|line| line.author))?;
        Ok(Self { names, channels, places, annotations, waits })
    }

    /// One detail of one line; `base` is where its site's screens are.
    pub(crate) fn cell(&self, app: &App, detail: Detail, line: &Line, base: &str) -> Cell {
        let resource = &line.resource;
        let text = |text: String| Cell { text, ..Cell::default() };
        let cell = match detail {
            Detail::Site => text(site_name(app, resource.site_id)),
            Detail::Channel => text(self.channel(resource.channel_id)),
            Detail::Kind => text(resource.kind.chinese().to_owned()),
            Detail::State => {
                let open = badge(self.annotations.get(&resource.id));
                let states = badges(resource.state, self.waits.contains(&resource.id), resource.work);
                Cell { badges: states.into_iter().chain(open).collect(), ..Cell::default() }
            }
            Detail::IndexNumber => text(resource.index_number.clone().unwrap_or_default()),
            Detail::DocumentNumber => text(line.document_number.clone().unwrap_or_default()),
            Detail::Keywords => text(line.keywords.join("、")),
            Detail::Author => text(self.names.of(line.author)),
            Detail::Places => self.places(resource.id, base),
            Detail::Published => Cell { moment: resource.published_at.map(Moment::from), ..Cell::default() },
            Detail::Updated => Cell { moment: Some(resource.updated_at.into()), ..Cell::default() },
        };
        let is_short = matches!(detail, Detail::Site | Detail::Kind | Detail::Author | Detail::Places);
        Cell { label: detail.chinese(), is_short, ..cell }
    }

    pub(crate) fn channel(&self, id: ChannelId) -> String {
        self.channels.get(&id).cloned().unwrap_or_default()
    }

    /// What the public sees of it, in a word.
    pub(crate) fn state(&self, line: &Line) -> &'static str {
        if self.waits.contains(&line.resource.id) { WAITING } else { line.resource.state.chinese() }
    }

    pub(crate) fn author(&self, line: &Line) -> String {
        self.names.of(line.author)
    }

    fn places(&self, id: ResourceId, base: &str) -> Cell {
        match self.places.get(&id) {
            Some(count) => {
                Cell { text: format!("{count}处"), link: Some(format!("{base}/resources/{id}/places")), ..Cell::default() }
            }
            None => Cell::default(),
        }
    }
}
