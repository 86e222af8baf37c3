//! What waits for a person on any of their sites: whoever works for several need not go through them one by one.

use chrono::NaiveDateTime;
use model::{ResourceId, Site, UserId, WorkState};
use serde::Serialize;
use store::resources::Filter;
use store::{Connection, annotations, resources, submissions};

use crate::annotations::badge;
use crate::desk::{self, Badge};
use crate::moment::Moment;

/// Texts listed at most; the rest is on the desk of each site.
const MOST: u8 = 10;

/// A text on one of the sites.
#[derive(Serialize)]
pub(crate) struct Item {
    key: String,
    site: String,
    id: ResourceId,
    title: String,
    states: Vec<Badge>,
    at: Moment,
    due: Option<Moment>,
    /// What is smaller comes first: how much it hurries, then by a moment.
    #[serde(skip)]
    rank: (u8, i64),
}

/// What waits for a person's review on a site: in the order of its desk, by which those of several sites can be merged.
pub(crate) fn waiting(connection: &mut Connection, site: &Site, me: UserId, now: NaiveDateTime) -> store::Result<Vec<Item>> {
    let found = submissions::list_waiting(connection, site.id, me, i64::from(MOST))?;
    let open = annotations::count_open_by_resources(connection, &found.iter().map(|one| one.resource.id).collect())?;
    let item = |one: submissions::Waiting| {
        let submission = &one.submission;
        let is_mine = submission.handed_to == Some(me);
        let class = u8::from(!is_mine) * 4 + u8::from(!submission.urgent) * 2 + u8::from(submission.due_at.is_none());
        Item {
            key: site.key.clone(),
            site: site.short_name.clone(),
            id: one.resource.id,
            states: desk::states_waiting(submission, me, now, open.get(&one.resource.id)),
            at: submission.submitted_at.into(),
            due: submission.due_at.map(Moment::from),
            rank: (class, submission.due_at.unwrap_or(submission.submitted_at).and_utc().timestamp()),
            title: one.title,
        }
    };
    Ok(found.into_iter().map(item).collect())
}

/// What a person is writing on a site: what came back first, then by when it was last worked at.
pub(crate) fn mine(connection: &mut Connection, site: &Site, me: UserId) -> store::Result<Vec<Item>> {
    let mut found = Vec::new();
    let (returned, others) = desk::mine(me).work.into_iter().partition(|work| *work == WorkState::Returned);
    for work in [returned, others] {
        found.extend(resources::list(connection, site.id, &Filter { work, ..desk::mine(me) }, 0, i64::from(MOST))?);
    }
    let ids = found.iter().map(|one| one.resource.id).collect();
    let open = annotations::count_open_by_resources(connection, &ids)?;
    let waits = resources::list_waiting(connection, &ids)?;
    let item = |line: resources::Line| {
        let resource = line.resource;
        Item {
            key: site.key.clone(),
            site: site.short_name.clone(),
            id: resource.id,
            title: line.title,
            states: desk::badges(resource.state, waits.contains(&resource.id), resource.work)
                .into_iter()
                .chain(badge(open.get(&resource.id)))
                .collect(),
            at: resource.updated_at.into(),
            due: None,
            rank: (u8::from(resource.work != WorkState::Returned), -resource.updated_at.and_utc().timestamp()),
        }
    };
    Ok(found.into_iter().map(item).collect())
}

/// The first of those of all sites.
pub(crate) fn cut(items: &mut Vec<Item>) {
    items.sort_by_key(|item| item.rank);
    items.truncate(usize::from(MOST));
}
