//! Alarms about published pages. Cross-site: the sweep that raises them goes over all sites.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Alarm, AlarmId, FaultKind, SiteId, UserId};

use crate::schema::alarms;
use crate::{Command, Connection, Result};

/// What is to be raised.
pub struct NewAlarm<'a> {
    /// The site; none outside every site.
    pub site: Option<SiteId>,
    /// The name in the page store.
    pub name: &'a str,
    /// What is wrong.
    pub kind: FaultKind,
    /// Hash of what should be there.
    pub expected: Option<&'a str>,
    /// Hash of what is there.
    pub found: Option<&'a str>,
    /// Where what was found is kept.
    pub kept: Option<&'a str>,
}

/// Raises an alarm, unless the same is raised and not restored yet; says whether it is new.
pub fn raise(connection: &mut Connection, alarm: &NewAlarm<'_>, now: NaiveDateTime) -> Result<bool> {
    let same = alarms::table
        .filter(alarms::name.eq(alarm.name).and(alarms::kind.eq(alarm.kind.as_str())).and(alarms::restored_at.is_null()));
    if diesel::select(diesel::dsl::exists(same)).get_result(connection)? {
        return Ok(false);
    }
    diesel::insert_into(alarms::table)
        .values((
            alarms::site_id.eq(alarm.site.map(|site| site.0)),
            alarms::name.eq(alarm.name),
            alarms::kind.eq(alarm.kind.as_str()),
            alarms::expected.eq(alarm.expected),
            alarms::found.eq(alarm.found),
            alarms::kept.eq(alarm.kept),
            alarms::raised_at.eq(now),
        ))
        .execute(connection)?;
    Ok(true)
}

/// Alarms of all sites, newest first, before the given one.
pub fn list_all_sites(connection: &mut Connection, before: Option<AlarmId>, limit: i64) -> Result<Vec<Alarm>> {
    let mut query = alarms::table.order(alarms::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(alarms::id.lt(before.0));
    }
    query.load::<AlarmRow>(connection)?.into_iter().map(alarm).collect()
}

/// Alarms of all sites whose pages are not right again yet, oldest first.
pub fn list_all_unrestored(connection: &mut Connection, limit: i64) -> Result<Vec<Alarm>> {
    let rows = alarms::table.filter(alarms::restored_at.is_null()).order(alarms::id).limit(limit).load::<AlarmRow>(connection)?;
    rows.into_iter().map(alarm).collect()
}

/// How many alarms of all sites nobody has taken note of, and how many are not restored.
pub fn count_all_open(connection: &mut Connection) -> Result<(i64, i64)> {
    let unseen = alarms::table.filter(alarms::seen_at.is_null()).count().get_result(connection)?;
    let unrestored = alarms::table.filter(alarms::restored_at.is_null()).count().get_result(connection)?;
    Ok((unseen, unrestored))
}

/// Notes that everything is right again.
pub fn note_restored(connection: &mut Connection, id: AlarmId, now: NaiveDateTime) -> Result<()> {
    diesel::update(alarms::table.filter(alarms::id.eq(id.0).and(alarms::restored_at.is_null())))
        .set(alarms::restored_at.eq(now))
        .execute(connection)?;
    Ok(())
}

/// Notes who took note of every alarm up to this one; says how many that were.
pub fn note_all_seen(command: &mut Command<'_>, up_to: AlarmId, by: UserId, now: NaiveDateTime) -> Result<usize> {
    let target = alarms::table.filter(alarms::id.le(up_to.0).and(alarms::seen_at.is_null()));
    Ok(diesel::update(target).set((alarms::seen_by.eq(by.0), alarms::seen_at.eq(now))).execute(&mut **command)?)
}

#[derive(Queryable)]
struct AlarmRow {
    id: i64,
    site_id: Option<i64>,
    name: String,
    kind: String,
    expected: Option<String>,
    found: Option<String>,
    kept: Option<String>,
    raised_at: NaiveDateTime,
    restored_at: Option<NaiveDateTime>,
    seen_by: Option<i64>,
    seen_at: Option<NaiveDateTime>,
}

fn alarm(row: AlarmRow) -> Result<Alarm> {
    Ok(Alarm {
        id: AlarmId(row.id),
        site_id: row.site_id.map(SiteId),
        name: row.name,
        kind: row.kind.parse()?,
        expected: row.expected,
        found: row.found,
        kept: row.kept,
        raised_at: row.raised_at,
        restored_at: row.restored_at,
        seen_by: row.seen_by.map(UserId),
        seen_at: row.seen_at,
    })
}
