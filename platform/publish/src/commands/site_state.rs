//! 站点状态: a site is opened, goes offline and comes back, is announced to close and closes. Each change is a row of its own.

use chrono::NaiveDateTime;
use model::{Actor, Announcement, EventKind, Key, Keys, Lane, Site, SiteId, SiteState, Standing, StandingId, UserId, site_rules};
use serde_json::json;
use store::{Command, audit, events, site_states, sites, subscriptions};

use super::site::tell;
use super::{CommandError, Result, keeping, publication, refused};
use crate::engine::Engine;
use crate::opening;
use crate::task::Task;

/// The state a site is in when this is how it stands.
pub fn state_of(standing: Option<&Standing>) -> SiteState {
    standing.map_or(SiteState::Open, |standing| standing.state)
}

/// Opens a site that has what a site must have, or takes up one that was closed.
pub fn open(engine: &Engine, actor: &Actor, site: SiteId) -> Result<()> {
    change(engine, actor, site, SiteState::Open, &Announcement::default(), |command, before, _| match before {
        SiteState::Preparing => {
            let site = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
            let missing = opening::checks(command, &site)?.into_iter().filter(|check| check.is_must && !check.is_met).count();
            if missing == 0 { Ok(()) } else { refused(&format!("还有{missing}项必备事项没有完成，暂不能开通")) }
        }
        SiteState::Closed => Ok(()),
        SiteState::Open | SiteState::Offline | SiteState::Closing => refused("站点已经开通，无需再次操作"),
    })
}

/// Takes a site offline for a while, within the rules.
pub fn go_offline(engine: &Engine, actor: &Actor, site: SiteId, announcement: &Announcement) -> Result<()> {
    change(engine, actor, site, SiteState::Offline, announcement, |command, before, now| {
        if before != SiteState::Open {
            return refused(&format!("站点现为“{}”，不能临时下线", before.chinese()));
        }
        let standings = site_states::list(command, site)?.into_iter();
        let earlier: Vec<_> = standings.filter(|one| one.state == SiteState::Offline).map(|one| one.since).collect();
        sound(announcement, site_rules().offline.problem(now, announcement.until, &earlier))
    })
}

/// Brings a site back that was offline.
pub fn resume(engine: &Engine, actor: &Actor, site: SiteId) -> Result<()> {
    change(engine, actor, site, SiteState::Open, &Announcement::default(), |_, before, _| match before {
        SiteState::Offline => Ok(()),
        _ => refused("站点没有临时下线，无需恢复"),
    })
}

/// Announces that a site will close; a job waits for that second.
pub fn announce_closing(engine: &Engine, actor: &Actor, site: SiteId, announcement: &Announcement) -> Result<()> {
    change(engine, actor, site, SiteState::Closing, announcement, |_, before, now| {
        if before != SiteState::Open {
            return refused(&format!("站点现为“{}”，不能公示关停", before.chinese()));
        }
        sound(announcement, site_rules().closing.problem(now, announcement.until))
    })
}

/// Lets a site stay open that was to close.
pub fn call_off(engine: &Engine, actor: &Actor, site: SiteId) -> Result<()> {
    change(engine, actor, site, SiteState::Open, &Announcement::default(), |_, before, _| match before {
        SiteState::Closing => Ok(()),
        _ => refused("站点不在关停公示期内"),
    })
}

/// Closes a site when its day has come, unless it was decided otherwise since.
pub(crate) fn close(engine: &Engine, id: StandingId, site: SiteId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let due = site_states::find(command, site)?.filter(|standing| standing.id == id && is_due(standing, now));
        let Some(due) = due else { return Ok(()) };
        let actor = keeping::actor(command, due.by)?;
        put(command, &actor, site, due.state, SiteState::Closed, &due.announcement, now)
    })?;
    tell(engine);
    Ok(())
}

/// Puts closings whose day has passed in line again: for a start after somebody discarded the job of one.
pub(crate) fn requeue_overdue(engine: &Engine) -> store::Result<()> {
    let now = engine.clock.now();
    engine.store.write(|connection| {
        for standing in site_states::list_everywhere(connection, None)?.values().filter(|standing| is_due(standing, now)) {
            Task::CloseSite(standing.id, standing.site_id).enqueue(connection, Lane::Urgent, now)?;
        }
        Ok(())
    })
}

fn is_due(standing: &Standing, now: NaiveDateTime) -> bool {
    standing.state == SiteState::Closing && standing.announcement.until.is_some_and(|until| until <= now)
}

/// A new site is not shown to the public until it is opened: as a part of the command that makes it.
pub(super) fn begin(command: &mut Command<'_>, actor: &Actor, site: SiteId, now: NaiveDateTime) -> Result<()> {
    let found = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
    put(command, actor, site, SiteState::Open, SiteState::Preparing, &draft(&found, SiteState::Preparing), now)
}

/// What is usually announced with a state, for people to change.
pub fn draft(site: &Site, state: SiteState) -> Announcement {
    let (name, phone) = (&site.name, &site.agency.phone);
    let (title, text) = match state {
        SiteState::Preparing => (format!("{name}网站正在建设"), format!("网站尚未开通，敬请期待。如需咨询，请拨打电话{phone}。")),
        SiteState::Offline => (
            format!("关于{name}网站临时下线的公告"),
            format!(
                "因系统升级维护，经批准，{name}网站自即日起临时下线，暂停访问。\n临时下线期间，如需咨询或办理业务，请拨打电话{phone}。网站恢复访问后，各项服务照常提供。给您带来不便，敬请谅解。"
            ),
        ),
        SiteState::Closing => (
            format!("关于{name}网站关停的公告"),
            format!(
                "按照政府网站集约化工作安排，经批准，{name}网站将于公示期满后关停，不再更新。\n网站原有内容已迁移至上级政府门户网站，请前往查阅；已发布的网页仍可通过原网址访问。如有疑问，请拨打电话{phone}。"
            ),
        ),
        SiteState::Open | SiteState::Closed => return Announcement::default(),
    };
    Announcement { title, text, ..Announcement::default() }
}

/// All that is wrong with an announcement, at its fields.
fn sound(announcement: &Announcement, rule: Option<model::Problem>) -> Result<()> {
    let mut problems = announcement.problems();
    problems.extend(rule);
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// Has a site stand otherwise from now on, if that may be.
fn change(
    engine: &Engine,
    actor: &Actor,
    site: SiteId,
    to: SiteState,
    announcement: &Announcement,
    may: impl Fn(&mut Command<'_>, SiteState, NaiveDateTime) -> Result<()>,
) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = state_of(site_states::find(command, site)?.as_ref());
        may(command, before, now)?;
        put(command, actor, site, before, to, announcement, now)
    })?;
    tell(engine);
    Ok(())
}

fn put(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    before: SiteState,
    to: SiteState,
    announcement: &Announcement,
    now: NaiveDateTime,
) -> Result<()> {
    let by = actor.user_id.unwrap_or(UserId(0));
    let id = site_states::insert(command, site, to, announcement, by, now)?;
    if let (SiteState::Closing, Some(day)) = (to, announcement.until) {
        Task::CloseSite(id, site).enqueue(command, Lane::Urgent, day)?;
    }
    if (before, to) == (SiteState::Closed, SiteState::Open) {
        // What was published elsewhere meanwhile is found now.
        for asking in subscriptions::list(command, site)? {
            Task::Fill(asking.id, None).enqueue(command, Lane::Bulk, now)?;
        }
    }
    let record = audit::Record {
        action: "site.state",
        subject: format!("site:{site}"),
        site: Some(site),
        before: json!({ "state": before }),
        after: json!({ "state": to, "announcement": announcement }),
    };
    audit::append(command, actor, record, now)?;
    let mut keys = Keys::from([Key::standing(site)]);
    if (before == SiteState::Preparing) != (to == SiteState::Preparing) {
        keys.insert(Key::sites());
    }
    let event =
        events::NewEvent { kind: EventKind::StateChanged, site: Some(site), resource: None, actor: actor.user_id, keys: &keys };
    let event = events::insert(command, event, now)?;
    publication::follow_up(command, vec![event], Lane::Urgent, now)
}
