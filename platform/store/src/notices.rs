//! Notices: what is on now, what is to come, what is over.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Notice, NoticeContent, NoticeId, NoticeKind, NoticeState, SiteId, UserId};

use crate::schema::notices;
use crate::{Command, Connection, Result};

/// Adds a notice of a site, or of all, beginning at `starts_at`.
pub fn insert(
    command: &mut Command<'_>,
    site: Option<SiteId>,
    content: &NoticeContent,
    starts_at: NaiveDateTime,
    state: NoticeState,
    by: UserId,
    now: NaiveDateTime,
) -> Result<NoticeId> {
    let id = diesel::insert_into(notices::table)
        .values((
            notices::site_id.eq(site.map(|id| id.0)),
            notices::kind.eq(content.kind.as_str()),
            notices::title.eq(content.title.trim()),
            notices::text.eq(content.text.trim()),
            notices::link.eq(content.link.trim()),
            notices::starts_at.eq(starts_at),
            notices::ends_at.eq(content.ends_at),
            notices::state.eq(state.as_str()),
            notices::created_by.eq(by.0),
            notices::created_at.eq(now),
        ))
        .returning(notices::id)
        .get_result(&mut **command)?;
    Ok(NoticeId(id))
}

/// The notice with this number of this site, or of all sites.
pub fn find(connection: &mut Connection, site: Option<SiteId>, id: NoticeId) -> Result<Option<Notice>> {
    let found = notices::table.find(id.0).first::<NoticeRow>(connection).optional()?;
    found.filter(|row| row.site_id == site.map(|id| id.0)).map(notice).transpose()
}

/// What a visitor of a site finds now: its own notices and those of all sites, the latest first.
pub fn list_on(connection: &mut Connection, site: SiteId, kind: NoticeKind) -> Result<Vec<Notice>> {
    let rows = notices::table
        .filter(notices::kind.eq(kind.as_str()).and(notices::state.eq(NoticeState::On.as_str())))
        .filter(notices::site_id.eq(site.0).or(notices::site_id.is_null()))
        .order((notices::starts_at.desc(), notices::id.desc()))
        .load::<NoticeRow>(connection)?;
    rows.into_iter().map(notice).collect()
}

/// Notices of a site alone, or of all sites, that are on or to come, the first to begin first.
pub fn list_open(connection: &mut Connection, site: Option<SiteId>) -> Result<Vec<Notice>> {
    let open = notices::state.eq_any([NoticeState::On.as_str(), NoticeState::Waiting.as_str()]);
    let query = notices::table.filter(open).order((notices::starts_at, notices::id)).into_boxed();
    let rows = match site {
        Some(site) => query.filter(notices::site_id.eq(site.0)).load::<NoticeRow>(connection)?,
        None => query.filter(notices::site_id.is_null()).load::<NoticeRow>(connection)?,
    };
    rows.into_iter().map(notice).collect()
}

/// Notices of a site alone, or of all sites, that are over, the latest first.
pub fn list_closed(connection: &mut Connection, site: Option<SiteId>, limit: i64) -> Result<Vec<Notice>> {
    let closed = notices::state.eq_any([NoticeState::Ended.as_str(), NoticeState::Cancelled.as_str()]);
    let query = notices::table.filter(closed).order((notices::ended_at.desc(), notices::id.desc())).limit(limit).into_boxed();
    let rows = match site {
        Some(site) => query.filter(notices::site_id.eq(site.0)).load::<NoticeRow>(connection)?,
        None => query.filter(notices::site_id.is_null()).load::<NoticeRow>(connection)?,
    };
    rows.into_iter().map(notice).collect()
}

/// Switches a notice on, or notes that it is over.
pub fn set_state(command: &mut Command<'_>, id: NoticeId, state: NoticeState, now: NaiveDateTime) -> Result<()> {
    let is_over = matches!(state, NoticeState::Ended | NoticeState::Cancelled);
    diesel::update(notices::table.find(id.0))
        .set((notices::state.eq(state.as_str()), notices::ended_at.eq(is_over.then_some(now))))
        .execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct NoticeRow {
    id: i64,
    site_id: Option<i64>,
    kind: String,
    title: String,
    text: String,
    link: String,
    _image_id: Option<i64>,
    starts_at: NaiveDateTime,
    ends_at: Option<NaiveDateTime>,
    state: String,
    created_by: i64,
    created_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
}

fn notice(row: NoticeRow) -> Result<Notice> {
    Ok(Notice {
        id: NoticeId(row.id),
        site_id: row.site_id.map(SiteId),
        kind: row.kind.parse()?,
        title: row.title,
        text: row.text,
        link: row.link,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        state: row.state.parse()?,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}
