//! Notices (公告条): banners, emergency notices and mourning, switched on and off at their time or by hand.

use chrono::NaiveDateTime;
use model::schedule::told;
use model::{
    Actor, Deed, EventKind, Key, Keys, Lane, Notice, NoticeContent, NoticeId, NoticeKind, NoticeState, ScheduleState, SiteId,
};
use serde_json::json;
use store::schedules::{NewSchedule, Subject};
use store::{Command, audit, events, notices, schedules};

use super::schedule::{arrange, close_all};
use super::{CommandError, Result, publication, refused};
use crate::engine::Engine;

/// Puts a notice up on a site, or on all: now or at its time.
pub fn post(engine: &Engine, actor: &Actor, site: Option<SiteId>, content: &NoticeContent) -> Result<NoticeId> {
    let now = engine.clock.now();
    let problems = content.problems(now);
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let id = engine.store.command(|command| {
        let state = if content.starts_at.is_some() { NoticeState::Waiting } else { NoticeState::On };
        let starts_at = content.starts_at.unwrap_or(now);
        let id = notices::insert(command, site, content, starts_at, state, actor.author(), now)?;
        for (deed, at) in [(Deed::StartNotice, content.starts_at), (Deed::EndNotice, content.ends_at)] {
            let Some(at) = at else { continue };
            arrange(command, &about(actor, site, id, deed, at), now)?;
        }
        let after = json!({
            "kind": content.kind,
            "title": content.title.trim(),
            "starts_at": told(starts_at),
            "ends_at": content.ends_at.map(told),
        });
        record(command, actor, "notice.post", site, id, after, now)?;
        if state == NoticeState::On {
            announce(command, actor, site, content.kind, now)?;
        }
        Ok::<_, CommandError>(id)
    })?;
    engine.wake();
    Ok(id)
}

/// Ends a notice that is on, or takes back one that is to come. `kinds` are those the person may switch.
pub fn end(engine: &Engine, actor: &Actor, site: Option<SiteId>, id: NoticeId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let notice = notices::find(command, site, id)?.ok_or(CommandError::NotFound)?;
        let state = match notice.state {
            NoticeState::On => NoticeState::Ended,
            NoticeState::Waiting => NoticeState::Cancelled,
            NoticeState::Ended | NoticeState::Cancelled => return refused("该公告已经结束"),
        };
        let open = schedules::list_open_about(command, Subject::Notice(id))?;
        close_all(command, &open, "已人工结束", now)?;
        record(command, actor, "notice.end", site, id, json!({ "kind": notice.kind, "title": notice.title }), now)?;
        switch(command, actor, &notice, state, now)
    })?;
    engine.wake();
    Ok(())
}

/// Its beginning has come.
pub(super) fn begin(
    command: &mut Command<'_>,
    actor: &Actor,
    site: Option<SiteId>,
    id: NoticeId,
    now: NaiveDateTime,
) -> Result<()> {
    let notice = notices::find(command, site, id)?.ok_or(CommandError::NotFound)?;
    // After a long downtime its end may have passed as well; whoever keeps the end finds it on and ends it.
    switch(command, actor, &notice, NoticeState::On, now)
}

/// Its end has come.
pub(super) fn finish(
    command: &mut Command<'_>,
    actor: &Actor,
    site: Option<SiteId>,
    id: NoticeId,
    now: NaiveDateTime,
) -> Result<()> {
    let notice = notices::find(command, site, id)?.ok_or(CommandError::NotFound)?;
    let open = schedules::list_open_about(command, Subject::Notice(id))?;
    close_all(command, &open, "公告已结束", now)?;
    switch(command, actor, &notice, NoticeState::Ended, now)
}

fn switch(command: &mut Command<'_>, actor: &Actor, notice: &Notice, state: NoticeState, now: NaiveDateTime) -> Result<()> {
    notices::set_state(command, notice.id, state, now)?;
    let is_seen = (notice.state == NoticeState::On) != (state == NoticeState::On);
    if is_seen { announce(command, actor, notice.site_id, notice.kind, now) } else { Ok(()) }
}

fn announce(command: &mut Command<'_>, actor: &Actor, site: Option<SiteId>, kind: NoticeKind, now: NaiveDateTime) -> Result<()> {
    let keys = Keys::from([site.map_or_else(|| Key::notices_everywhere(kind), |site| Key::notices(site, kind))]);
    let event = events::NewEvent { kind: EventKind::Noticed, site, resource: None, actor: actor.user_id, keys: &keys };
    let event = events::insert(command, event, now)?;
    publication::follow_up(command, vec![event], Lane::Urgent, now)
}

fn about(actor: &Actor, site: Option<SiteId>, notice: NoticeId, deed: Deed, at: NaiveDateTime) -> NewSchedule {
    NewSchedule {
        deed,
        site,
        resource: None,
        revision: None,
        placement: None,
        notice: Some(notice),
        offer: None,
        at,
        state: ScheduleState::Waiting,
        by: actor.author(),
    }
}

fn record(
    command: &mut Command<'_>,
    actor: &Actor,
    action: &'static str,
    site: Option<SiteId>,
    id: NoticeId,
    after: serde_json::Value,
    now: NaiveDateTime,
) -> Result<()> {
    let record = audit::Record { action, subject: format!("notice:{id}"), site, before: json!(null), after };
    Ok(audit::append(command, actor, record, now)?)
}
