//! Events: what changed, numbered in the order it was committed.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Event, EventId, EventKind, Key, Keys, ResourceId, SiteId, UserId};

use crate::schema::events;
use crate::{Command, Connection, Result};

/// What is to be recorded.
pub struct NewEvent<'a> {
    /// What changed.
    pub kind: EventKind,
    /// On which site; none where it concerns all.
    pub site: Option<SiteId>,
    /// Which resource, where it is about one.
    pub resource: Option<ResourceId>,
    /// Who did it; none for the platform itself.
    pub actor: Option<UserId>,
    /// What it touched.
    pub keys: &'a Keys,
}

/// Records an event; its number is the version of the library from here on.
pub fn insert(command: &mut Command<'_>, event: NewEvent<'_>, now: NaiveDateTime) -> Result<EventId> {
    let keys: Vec<&str> = event.keys.iter().map(Key::as_str).collect();
    let id = diesel::insert_into(events::table)
        .values((
            events::kind.eq(event.kind.as_str()),
            events::site_id.eq(event.site.map(|id| id.0)),
            events::resource_id.eq(event.resource.map(|id| id.0)),
            events::actor_id.eq(event.actor.map(|id| id.0)),
            events::keys.eq(serde_json::to_string(&keys)?),
            events::created_at.eq(now),
        ))
        .returning(events::id)
        .get_result(&mut **command)?;
    Ok(EventId(id))
}

/// The events with these numbers, oldest first.
pub fn list(connection: &mut Connection, ids: &[EventId]) -> Result<Vec<Event>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows = events::table.filter(events::id.eq_any(ids)).order(events::id).load::<EventRow>(connection)?;
    rows.into_iter().map(event).collect()
}

/// The events after `version`, oldest first.
pub fn list_after(connection: &mut Connection, version: i64) -> Result<Vec<Event>> {
    let rows = events::table.filter(events::id.gt(version)).order(events::id).load::<EventRow>(connection)?;
    rows.into_iter().map(event).collect()
}

/// The number of the newest event; 0 in an empty library.
pub fn latest(connection: &mut Connection) -> Result<i64> {
    Ok(events::table.select(diesel::dsl::max(events::id)).first::<Option<i64>>(connection)?.unwrap_or_default())
}

#[derive(Queryable)]
struct EventRow {
    id: i64,
    kind: String,
    site_id: Option<i64>,
    resource_id: Option<i64>,
    actor_id: Option<i64>,
    keys: String,
    created_at: NaiveDateTime,
}

fn event(row: EventRow) -> Result<Event> {
    let keys: Vec<String> = serde_json::from_str(&row.keys)?;
    Ok(Event {
        id: EventId(row.id),
        kind: row.kind.parse()?,
        site_id: row.site_id.map(SiteId),
        resource_id: row.resource_id.map(ResourceId),
        actor_id: row.actor_id.map(UserId),
        keys: keys.into_iter().map(Key::stored).collect(),
        created_at: row.created_at,
    })
}
