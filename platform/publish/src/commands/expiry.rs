//! Until when something stays (有效期至): a live resource everywhere, or one placement on its own site.

use chrono::NaiveDateTime;
use model::schedule::{past, told};
use model::{Actor, Deed, Permission, PlacementId, ResourceId, ResourceState, ScheduleState, SiteId};
use serde_json::json;
use store::schedules::{NewSchedule, Subject};
use store::{Command, audit, resources};

use super::placement::shown_to;
use super::schedule::{arrange, close_all, open_about};
use super::{CommandError, Result, found, refused, subject, times};
use crate::engine::Engine;

/// Says until when a live resource stays; none: for as long as nobody withdraws it.
pub fn expire(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, at: Option<NaiveDateTime>) -> Result<()> {
    let now = engine.clock.now();
    check(at, now)?;
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        if resource.state != ResourceState::Live {
            return refused("该内容当前未发布，有效期请随稿件填写");
        }
        let known = waiting(command, Subject::Resource(id), Deed::Withdraw)?;
        close_all(command, &known, "有效期已更新", now)?;
        if let Some(at) = at {
            arrange(command, &times::about(actor, &resource, Deed::Withdraw, at, ScheduleState::Waiting), now)?;
        }
        record(command, actor, "resource.expire", id, site, known.first().map(|known| known.at), at, now)
    })
}

/// Says until when a resource is shown in one channel of a site; none: for as long as it is live.
pub fn expire_here(engine: &Engine, actor: &Actor, site: SiteId, id: PlacementId, at: Option<NaiveDateTime>) -> Result<()> {
    let now = engine.clock.now();
    check(at, now)?;
    engine.store.command(|command| {
        let placement = shown_to(command, actor, Permission::Withdraw, site, id, now)?;
        let resource = resources::find_anywhere(command, placement.resource_id)?.ok_or(CommandError::NotFound)?;
        if resource.channel_id == placement.channel_id {
            return refused("这是稿件的原发栏目，请在稿件页面设置有效期");
        }
        let known = waiting(command, Subject::Placement(id), Deed::TakeDown)?;
        close_all(command, &known, "有效期已更新", now)?;
        if let Some(at) = at {
            let new = NewSchedule {
                site: Some(site),
                placement: Some(id),
                ..times::about(actor, &resource, Deed::TakeDown, at, ScheduleState::Waiting)
            };
            arrange(command, &new, now)?;
        }
        let before = known.first().map(|known| known.at);
        record(command, actor, "placement.expire", placement.resource_id, site, before, at, now)
    })
}

fn check(at: Option<NaiveDateTime>, now: NaiveDateTime) -> Result<()> {
    match at.and_then(|at| past("until", "有效期", at, now)) {
        Some(problem) => Err(CommandError::Invalid(vec![problem])),
        None => Ok(()),
    }
}

fn waiting(command: &mut Command<'_>, about: Subject, deed: Deed) -> Result<Vec<model::Schedule>> {
    let open = open_about(command, about, deed)?;
    Ok(open.into_iter().filter(|schedule| schedule.state == ScheduleState::Waiting).collect())
}

#[expect(clippy::too_many_arguments, reason = "one entry of the log, told in full")]
fn record(
    command: &mut Command<'_>,
    actor: &Actor,
    action: &'static str,
    resource: ResourceId,
    site: SiteId,
    before: Option<NaiveDateTime>,
    after: Option<NaiveDateTime>,
    now: NaiveDateTime,
) -> Result<()> {
    let record = audit::Record {
        action,
        subject: subject(resource),
        site: Some(site),
        before: json!({ "until": before.map(told) }),
        after: json!({ "until": after.map(told) }),
    };
    Ok(audit::append(command, actor, record, now)?)
}
