//! Channels (栏目): the tree of sections of a site.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{ChannelId, ResourceKind, SiteId, Step};

/// A section of a site. The public sees it as the `Column*` meta tags.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, as its table holds them")]
pub struct Channel {
    /// Its number.
    pub id: ChannelId,
    /// The site it belongs to.
    pub site_id: SiteId,
    /// The channel above, none at the top.
    pub parent_id: Option<ChannelId>,
    /// Short name, unique in the site.
    pub key: String,
    /// Address within the site, with slashes at both ends: `/zwgk/zcwj/`.
    pub path: String,
    /// `ColumnName`
    pub name: String,
    /// `ColumnDescription`
    pub description: String,
    /// `ColumnKeywords`
    pub keywords: Vec<String>,
    /// `ColumnType`, the inspection class.
    pub kind: String,
    /// How often it must be renewed, in days; 0: no duty.
    pub update_cycle_days: i32,
    /// The kind of resource written here.
    pub resource_kind: ResourceKind,
    /// The review steps a resource passes, in order.
    pub steps: Vec<Step>,
    /// Items in one chunk of the list.
    pub page_size: i32,
    /// Whether it stands in the main navigation.
    pub navigation: bool,
    /// Order among its siblings.
    pub position: i32,
    /// No longer declared: keeps its content, takes no new and stands in no tree.
    pub retired: bool,
    /// Whether editors of other sites may push resources here.
    pub open_to_offers: bool,
    /// 专题: the template of the theme that its front page is arranged from; empty: a list like any other.
    pub topic: String,
    /// 筹备中: a topic that the public is not shown yet, or a channel below one. What is placed in it waits.
    pub preparing: bool,
}

impl Channel {
    /// Whether its cycle (更新周期) is over, and how long nothing new has come; `newest` is the day when something was last published in
    /// it or below it. A channel with a cycle that nothing is in is late from the start.
    pub fn lateness(&self, newest: Option<NaiveDate>, today: NaiveDate) -> Option<Late> {
        if self.retired || self.preparing || self.update_cycle_days <= 0 {
            return None;
        }
        let Some(newest) = newest else { return Some(Late::Empty) };
        let days = (today - newest).num_days();
        (days > i64::from(self.update_cycle_days)).then_some(Late::Days(days))
    }

    /// Whether it is in preparation where it stands below `above`: with that, or as a topic of its own that has not gone live.
    pub fn is_prepared_below(&self, above: Option<&Self>) -> bool {
        above.is_some_and(|above| above.preparing) || self.preparing && !self.topic.is_empty()
    }

    /// The chunk of the list that holds the item with this sequence number.
    pub fn chunk_of(&self, sequence: i64) -> i64 {
        sequence / i64::from(self.page_size.max(1))
    }
}

/// How a channel missed its cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Nothing is in it.
    Empty,
    /// Nothing new came for so many days.
    Days(i64),
}

/// All channels of one site in navigation order, with the ways to walk them.
#[derive(Clone, Debug, Default)]
pub struct ChannelTree(Vec<Channel>);

impl ChannelTree {
    /// A tree of channels already in order of position.
    pub fn new(channels: Vec<Channel>) -> Self {
        Self(channels)
    }

    /// Every channel, in order.
    pub fn all(&self) -> &[Channel] {
        &self.0
    }

    /// The channels directly below `parent`; with none, the top ones.
    pub fn children(&self, parent: Option<ChannelId>) -> impl Iterator<Item = &Channel> {
        self.0.iter().filter(move |channel| channel.parent_id == parent && !channel.retired)
    }

    /// The channel with this short name.
    pub fn by_key(&self, key: &str) -> Option<&Channel> {
        self.0.iter().find(|channel| channel.key == key)
    }

    /// The channel with this number.
    pub fn by_id(&self, id: ChannelId) -> Option<&Channel> {
        self.0.iter().find(|channel| channel.id == id)
    }

    /// From the top to the channel itself.
    pub fn trail(&self, id: ChannelId) -> Vec<&Channel> {
        let mut trail = Vec::new();
        let mut next = Some(id);
        while let Some(channel) = next.and_then(|id| self.by_id(id)) {
            trail.push(channel);
            next = channel.parent_id;
        }
        trail.reverse();
        trail
    }

    /// The tree without what is in preparation (筹备中) and all below it, save what stands below `ahead` or is it: what the public may know
    /// of, or will.
    #[must_use]
    pub fn shown(self, ahead: Option<ChannelId>) -> Self {
        if !self.0.iter().any(|channel| channel.preparing) {
            return self;
        }
        let hidden = |channel: &Channel| {
            let trail = self.trail(channel.id);
            trail.iter().any(|above| above.preparing) && !trail.iter().any(|above| Some(above.id) == ahead)
        };
        let hidden: Vec<ChannelId> = self.0.iter().filter(|channel| hidden(channel)).map(|channel| channel.id).collect();
        Self(self.0.into_iter().filter(|channel| !hidden.contains(&channel.id)).collect())
    }

    /// Whether a channel is another one or anywhere below it, retired or not.
    pub fn stands_below(&self, id: ChannelId, above: ChannelId) -> bool {
        self.trail(id).iter().any(|channel| channel.id == above)
    }

    /// The channel and everything below it.
    pub fn subtree(&self, id: ChannelId) -> Vec<ChannelId> {
        let mut found = vec![id];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            found.extend(self.children(Some(parent)).map(|channel| channel.id));
            next += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(id: i64, parent: Option<i64>, preparing: bool) -> Channel {
        Channel {
            id: ChannelId(id),
            site_id: SiteId(1),
            parent_id: parent.map(ChannelId),
            key: id.to_string(),
            path: format!("/{id}/"),
            name: id.to_string(),
            description: String::new(),
            keywords: Vec::new(),
            kind: String::new(),
            update_cycle_days: 0,
            resource_kind: ResourceKind::Article,
            steps: Vec::new(),
            page_size: 20,
            navigation: true,
            position: 0,
            retired: false,
            open_to_offers: false,
            topic: String::new(),
            preparing,
        }
    }

    #[test]
    fn what_stands_below_something_in_preparation_is_not_shown_whatever_is_said_of_itself() {
        let all = [(1, None, false), (2, Some(1), true), (3, Some(2), false), (4, Some(3), true), (5, Some(1), true)];
        let tree = ChannelTree::new(all.into_iter().map(|(id, parent, preparing)| channel(id, parent, preparing)).collect());
        let shown = |ahead: Option<i64>| -> Vec<i64> {
            tree.clone().shown(ahead.map(ChannelId)).all().iter().map(|channel| channel.id.0).collect()
        };
        assert_eq!(shown(None), [1]);
        assert_eq!(shown(Some(2)), [1, 2, 3, 4]);
    }
}
