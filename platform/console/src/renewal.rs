//! 栏目更新: which channels of a site have missed their cycle (regulations.md §3.2, V4).

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use model::{ChannelId, ChannelTree, Late, SiteId, SiteState, local};
use serde::Serialize;
use store::{Connection, channels, placements, site_states};

use crate::desk::trail;

/// A channel that is late, as it is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    pub(crate) id: ChannelId,
    pub(crate) channel: String,
    pub(crate) path: String,
    pub(crate) cycle: i32,
    /// Days without anything new; none: nothing is in it.
    pub(crate) days: Option<i64>,
}

/// The channels of a site that are late, the longest first. What is still being prepared is late for nobody.
pub(crate) fn late(connection: &mut Connection, site: SiteId, now: NaiveDateTime) -> store::Result<Vec<Row>> {
    if site_states::find(connection, site)?.is_some_and(|one| one.state == SiteState::Preparing) {
        return Ok(Vec::new());
    }
    let tree = channels::tree(connection, site)?;
    let newest = placements::newest_by_channel(connection, site)?;
    Ok(among(&tree, &newest, local(now).date_naive()))
}

fn among(tree: &ChannelTree, newest: &HashMap<ChannelId, NaiveDateTime>, today: NaiveDate) -> Vec<Row> {
    let mut rows = Vec::new();
    for channel in tree.all() {
        let below = tree.subtree(channel.id);
        let last = below.iter().filter_map(|id| newest.get(id)).max().map(|at| local(*at).date_naive());
        let Some(late) = channel.lateness(last, today) else { continue };
        rows.push(Row {
            id: channel.id,
            channel: trail(tree, channel.id),
            path: channel.path.clone(),
            cycle: channel.update_cycle_days,
            days: if let Late::Days(days) = late { Some(days) } else { None },
        });
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.days.map_or(i64::MAX, |days| days - i64::from(row.cycle))));
    rows
}

#[cfg(test)]
mod tests {
    use model::{Channel, ResourceKind};

    use super::*;

    fn channel(id: i64, parent: Option<i64>, cycle: i32) -> Channel {
        Channel {
            id: ChannelId(id),
            site_id: SiteId(1),
            parent_id: parent.map(ChannelId),
            key: format!("c{id}"),
            path: format!("/c{id}/"),
            name: format!("栏目{id}"),
            description: String::new(),
            keywords: Vec::new(),
            kind: String::new(),
            update_cycle_days: cycle,
            resource_kind: ResourceKind::Article,
            steps: Vec::new(),
            page_size: 20,
            navigation: true,
            position: 1,
            retired: false,
            open_to_offers: false,
            topic: String::new(),
            preparing: false,
        }
    }

    #[test]
    fn a_channel_is_late_when_neither_it_nor_what_is_below_it_was_renewed_within_its_cycle() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let noon = |day_of: u32| day(day_of).and_hms_opt(4, 0, 0).unwrap();
        let retired = Channel { retired: true, ..channel(6, None, 1) };
        let channels = vec![
            channel(1, None, 14),
            channel(2, Some(1), 0),
            channel(3, None, 14),
            channel(4, None, 7),
            channel(5, None, 0),
            retired,
        ];
        let newest = HashMap::from([(ChannelId(2), noon(20)), (ChannelId(3), noon(1))]);
        let told = |today| {
            let rows = among(&ChannelTree::new(channels.clone()), &newest, today);
            rows.into_iter().map(|row| (row.id.0, row.days)).collect::<Vec<_>>()
        };
        assert_eq!(told(day(15)), [(4, None)], "the fifteenth day is the last one");
        assert_eq!(told(day(16)), [(4, None), (3, Some(15))], "what is empty comes first");
        assert_eq!(told(day(31)), [(4, None), (3, Some(30))], "what is below renews what is above");
    }
}
