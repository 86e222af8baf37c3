//! Schedules: deeds waiting for their second, and what became of them.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{
    Deed, NoticeId, OfferId, PlacementId, ResourceId, RevisionId, Schedule, ScheduleId, ScheduleState, SiteId, UserId, Within,
};

use crate::schema::{offers, placements, resources, schedules};
use crate::{BINDS, Command, Connection, Result};

/// Those not done and not given up.
const OPEN: [&str; 2] = ["asked", "waiting"];

/// A deed about to be put off until its second.
#[derive(Clone, Copy, Debug)]
pub struct NewSchedule {
    /// What is to be done.
    pub deed: Deed,
    /// On which site; none where it concerns all.
    pub site: Option<SiteId>,
    /// The resource, where it is about one.
    pub resource: Option<ResourceId>,
    /// The revision to publish.
    pub revision: Option<RevisionId>,
    /// The placement, where it is about one.
    pub placement: Option<PlacementId>,
    /// The notice, where it is about one.
    pub notice: Option<NoticeId>,
    /// The offer, where one was accepted.
    pub offer: Option<OfferId>,
    /// When, UTC.
    pub at: NaiveDateTime,
    /// Asked for or waiting.
    pub state: ScheduleState,
    /// Who decided it.
    pub by: UserId,
}

/// What open schedules are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A resource, wherever it is shown.
    Resource(ResourceId),
    /// One placement.
    Placement(PlacementId),
    /// A notice.
    Notice(NoticeId),
}

/// Puts a deed off.
pub fn insert(command: &mut Command<'_>, new: &NewSchedule, now: NaiveDateTime) -> Result<ScheduleId> {
    let id = diesel::insert_into(schedules::table)
        .values((
            schedules::deed.eq(new.deed.as_str()),
            schedules::site_id.eq(new.site.map(|id| id.0)),
            schedules::resource_id.eq(new.resource.map(|id| id.0)),
            schedules::revision_id.eq(new.revision.map(|id| id.0)),
            schedules::placement_id.eq(new.placement.map(|id| id.0)),
            schedules::notice_id.eq(new.notice.map(|id| id.0)),
            schedules::at.eq(new.at),
            schedules::state.eq(new.state.as_str()),
            schedules::reason.eq(""),
            schedules::asked_by.eq(new.by.0),
            schedules::asked_at.eq(now),
            schedules::offer_id.eq(new.offer.map(|id| id.0)),
        ))
        .returning(schedules::id)
        .get_result(&mut **command)?;
    Ok(ScheduleId(id))
}

/// The schedule with this number on this site.
pub fn find(connection: &mut Connection, site: SiteId, id: ScheduleId) -> Result<Option<Schedule>> {
    let target = schedules::table.filter(schedules::site_id.eq(site.0).and(schedules::id.eq(id.0)));
    target.first::<ScheduleRow>(connection).optional()?.map(schedule).transpose()
}

/// The schedule with this number, on whatever site: for the engine.
pub fn find_anywhere(connection: &mut Connection, id: ScheduleId) -> Result<Option<Schedule>> {
    schedules::table.find(id.0).first::<ScheduleRow>(connection).optional()?.map(schedule).transpose()
}

/// What a site waits for in these channels, the next first. What is about no channel is of the whole alone.
pub fn list_open(connection: &mut Connection, site: SiteId, within: &Within, limit: i64) -> Result<Vec<Schedule>> {
    let open = of_site(site, within).filter(schedules::state.eq_any(OPEN)).order((schedules::at, schedules::id));
    open.limit(limit).load::<ScheduleRow>(connection)?.into_iter().map(schedule).collect()
}

/// What was done or given up there, the latest first.
pub fn list_closed(connection: &mut Connection, site: SiteId, within: &Within, limit: i64) -> Result<Vec<Schedule>> {
    let closed = of_site(site, within).filter(schedules::state.ne_all(OPEN));
    let closed = closed.order((schedules::closed_at.desc(), schedules::id.desc()));
    closed.limit(limit).load::<ScheduleRow>(connection)?.into_iter().map(schedule).collect()
}

type Query = schedules::BoxedQuery<'static, <Connection as diesel::Connection>::Backend>;

/// A schedule lies where what it is about is shown: a placement, or what an offer is to become; else where its text lies.
fn of_site(site: SiteId, within: &Within) -> Query {
    let query = schedules::table.filter(schedules::site_id.eq(site.0)).into_boxed();
    let Some(some) = within.some() else { return query };
    let some: Vec<i64> = some.iter().map(|channel| channel.0).collect();
    let shown = placements::table.filter(placements::channel_id.eq_any(some.clone())).select(placements::id.nullable());
    let offered = offers::table.filter(offers::channel_id.eq_any(some.clone())).select(offers::id.nullable());
    let written = resources::table.filter(resources::channel_id.eq_any(some)).select(resources::id.nullable());
    let is_of_text = schedules::placement_id.is_null().and(schedules::offer_id.is_null());
    query.filter(
        schedules::placement_id
            .eq_any(shown)
            .or(schedules::offer_id.eq_any(offered))
            .or(is_of_text.and(schedules::resource_id.eq_any(written))),
    )
}

/// Everything ever arranged about a resource on a site, the latest first.
pub fn list_by_resource(connection: &mut Connection, site: SiteId, resource: ResourceId) -> Result<Vec<Schedule>> {
    let rows = schedules::table
        .filter(schedules::site_id.eq(site.0).and(schedules::resource_id.eq(resource.0)))
        .order(schedules::id.desc())
        .load::<ScheduleRow>(connection)?;
    rows.into_iter().map(schedule).collect()
}

/// The open schedules about a subject, on whatever site, the next first.
pub fn list_open_about(connection: &mut Connection, subject: Subject) -> Result<Vec<Schedule>> {
    let open = schedules::table.filter(schedules::state.eq_any(OPEN)).order((schedules::at, schedules::id)).into_boxed();
    let rows = match subject {
        Subject::Resource(id) => open.filter(schedules::resource_id.eq(id.0)).load::<ScheduleRow>(connection)?,
        Subject::Placement(id) => open.filter(schedules::placement_id.eq(id.0)).load::<ScheduleRow>(connection)?,
        Subject::Notice(id) => open.filter(schedules::notice_id.eq(id.0)).load::<ScheduleRow>(connection)?,
    };
    rows.into_iter().map(schedule).collect()
}

/// When each of these offers, accepted for later, is to be shown, on whatever site.
pub fn list_times_of_offers(connection: &mut Connection, ids: &[OfferId]) -> Result<HashMap<OfferId, NaiveDateTime>> {
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let ids = some.iter().map(|id| id.0).collect::<Vec<_>>();
        let rows = schedules::table
            .filter(schedules::offer_id.eq_any(ids).and(schedules::state.eq(ScheduleState::Waiting.as_str())))
            .select((schedules::offer_id.assume_not_null(), schedules::at))
            .load::<(i64, NaiveDateTime)>(connection)?;
        found.extend(rows.into_iter().map(|(id, at)| (OfferId(id), at)));
    }
    Ok(found)
}

/// Schedules of all sites whose second has passed: after a start, in case the job of one was lost.
pub fn list_overdue_everywhere(connection: &mut Connection, now: NaiveDateTime) -> Result<Vec<ScheduleId>> {
    let overdue = schedules::state.eq(ScheduleState::Waiting.as_str()).and(schedules::at.le(now));
    let ids = schedules::table.filter(overdue).order(schedules::at).select(schedules::id).load::<i64>(connection)?;
    Ok(ids.into_iter().map(ScheduleId).collect())
}

/// Moves a schedule to another second.
pub fn set_time(command: &mut Command<'_>, id: ScheduleId, at: NaiveDateTime) -> Result<()> {
    diesel::update(schedules::table.find(id.0)).set(schedules::at.eq(at)).execute(&mut **command)?;
    Ok(())
}

/// What was asked for is approved, and waits from here on; whoever approved it has decided it.
pub fn arm(command: &mut Command<'_>, id: ScheduleId, revision: RevisionId, by: UserId) -> Result<()> {
    let change = (
        schedules::state.eq(ScheduleState::Waiting.as_str()),
        schedules::revision_id.eq(revision.0),
        schedules::asked_by.eq(by.0),
    );
    diesel::update(schedules::table.find(id.0)).set(change).execute(&mut **command)?;
    Ok(())
}

/// Ends a schedule: kept, or cancelled for a reason.
pub fn close(command: &mut Command<'_>, id: ScheduleId, state: ScheduleState, reason: &str, now: NaiveDateTime) -> Result<()> {
    let change = (schedules::state.eq(state.as_str()), schedules::reason.eq(reason), schedules::closed_at.eq(now));
    diesel::update(schedules::table.find(id.0)).set(change).execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct ScheduleRow {
    id: i64,
    deed: String,
    site_id: Option<i64>,
    resource_id: Option<i64>,
    revision_id: Option<i64>,
    placement_id: Option<i64>,
    notice_id: Option<i64>,
    at: NaiveDateTime,
    state: String,
    reason: String,
    asked_by: i64,
    asked_at: NaiveDateTime,
    closed_at: Option<NaiveDateTime>,
    offer_id: Option<i64>,
}

fn schedule(row: ScheduleRow) -> Result<Schedule> {
    Ok(Schedule {
        id: ScheduleId(row.id),
        deed: row.deed.parse()?,
        site_id: row.site_id.map(SiteId),
        resource_id: row.resource_id.map(ResourceId),
        revision_id: row.revision_id.map(RevisionId),
        placement_id: row.placement_id.map(PlacementId),
        notice_id: row.notice_id.map(NoticeId),
        at: row.at,
        state: row.state.parse()?,
        reason: row.reason,
        asked_by: UserId(row.asked_by),
        asked_at: row.asked_at,
        closed_at: row.closed_at,
        offer_id: row.offer_id.map(OfferId),
    })
}
