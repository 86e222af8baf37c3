//! Schedules (定时): deeds to be done at an exact second, and the rules of the times people may ask for.

use chrono::{Datelike, NaiveDateTime};
use serde::Serialize;

use crate::clock::{from_local, local};
use crate::word::words;
use crate::{NoticeId, OfferId, PlacementId, Problem, ResourceId, RevisionId, ScheduleId, SiteId, UserId};

words! {
    /// What is to be done when the time comes.
    Deed {
        /// Make an approved revision live.
        Publish = "publish" "定时发布",
        /// Take a resource down everywhere.
        Withdraw = "withdraw" "到期撤下",
        /// Show what was accepted, on the site that accepted it.
        Place = "place" "本站定时上线",
        /// Take one placement down, on its site alone.
        TakeDown = "take_down" "本站到期撤下",
        /// Put a placement first in its channel.
        Pin = "pin" "开始置顶",
        /// Let it return to its place.
        Unpin = "unpin" "结束置顶",
        /// Switch a notice on.
        StartNotice = "start_notice" "公告开始",
        /// Switch it off.
        EndNotice = "end_notice" "公告结束",
    }
}

words! {
    /// Where a schedule stands.
    ScheduleState {
        /// Asked for with a text that is not approved yet.
        Asked = "asked" "待审核通过",
        /// Waiting for its second.
        Waiting = "waiting" "等待执行",
        /// Done.
        Kept = "kept" "已执行",
        /// Will not be done; the reason says why.
        Cancelled = "cancelled" "已取消",
    }
}

/// A deed and its second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schedule {
    /// Its number.
    pub id: ScheduleId,
    /// What is to be done.
    pub deed: Deed,
    /// On which site; none where it concerns all.
    pub site_id: Option<SiteId>,
    /// The resource, where it is about one.
    pub resource_id: Option<ResourceId>,
    /// The revision to publish, once it is approved.
    pub revision_id: Option<RevisionId>,
    /// The placement, where it is about one.
    pub placement_id: Option<PlacementId>,
    /// The notice, where it is about one.
    pub notice_id: Option<NoticeId>,
    /// The offer, where one was accepted.
    pub offer_id: Option<OfferId>,
    /// When, UTC.
    pub at: NaiveDateTime,
    /// Where it stands.
    pub state: ScheduleState,
    /// Why it was not kept.
    pub reason: String,
    /// Who decided it.
    pub asked_by: UserId,
    /// UTC.
    pub asked_at: NaiveDateTime,
    /// When it was kept or cancelled, UTC.
    pub closed_at: Option<NaiveDateTime>,
}

/// When a revision is to go live and when the resource is to be taken down again, UTC; none: at once, and never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// 定时发布
    pub publish_at: Option<NaiveDateTime>,
    /// 有效期至
    pub withdraw_at: Option<NaiveDateTime>,
}

impl Times {
    /// What is wrong with these times at `now`.
    pub fn problems(&self, now: NaiveDateTime) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.publish_at.and_then(|at| past("publish_at", "定时发布时间", at, now)));
        problems.extend(self.withdraw_at.and_then(|at| past("withdraw_at", "有效期", at, now)));
        if let (Some(from), Some(until)) = (self.publish_at, self.withdraw_at)
            && until <= from
        {
            problems.push(Problem::at("withdraw_at", "有效期应晚于定时发布的时间"));
        }
        problems
    }
}

/// A time that has passed, as a problem at its field.
pub fn past(field: &'static str, what: &str, at: NaiveDateTime, now: NaiveDateTime) -> Option<Problem> {
    (at <= now).then(|| Problem::at(field, format!("{what}已过，请填写晚于现在（{}）的时间", told(now))))
}

/// A typed wall-clock time in China as UTC; none where nothing was typed.
pub fn typed_time(field: &'static str, text: &str) -> Result<Option<NaiveDateTime>, Problem> {
    let text = text.trim().replace('T', " ");
    if text.is_empty() {
        return Ok(None);
    }
    let read = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"].iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
    match read {
        Some(wall) if (2000..2200).contains(&wall.year()) => Ok(Some(from_local(wall))),
        _ => Err(Problem::at(field, "时间应为“2026-03-05 08:00:00”的形式")),
    }
}

/// A moment as a field for date and time holds it: `2026-03-05T08:00:00` on the wall.
pub fn field_time(moment: NaiveDateTime) -> String {
    local(moment).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A moment as a sentence tells it: `2026-03-05 08:00:00` on the wall.
pub fn told(moment: NaiveDateTime) -> String {
    local(moment).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        typed_time("at", text).unwrap().unwrap()
    }

    #[test]
    fn a_typed_time_is_the_wall_clock_in_china_to_the_second() {
        assert_eq!(at("2026-03-05T08:00:07").to_string(), "2026-03-05 00:00:07");
        assert_eq!(at("2026-03-05 08:00"), at("2026-03-05T08:00:00"));
        assert_eq!(field_time(at("2026-03-05 08:00:07")), "2026-03-05T08:00:07");
        assert_eq!(typed_time("at", "  ").unwrap(), None);
    }

    #[test]
    fn what_is_no_time_is_told_at_its_field() {
        for wrong in ["明天", "2026-02-30 08:00", "2026-03-05", "999999-01-01 00:00", "0000-01-01 00:00", "2026-03-05 25:00"] {
            assert_eq!(typed_time("publish_at", wrong).unwrap_err().field, "publish_at", "{wrong}");
        }
    }

    #[test]
    fn a_time_must_lie_ahead_and_the_end_after_the_beginning() {
        let now = at("2026-03-05 08:00:00");
        let fields = |publish: Option<&str>, withdraw: Option<&str>| -> Vec<&'static str> {
            let times = Times { publish_at: publish.map(at), withdraw_at: withdraw.map(at) };
            times.problems(now).iter().map(|problem| problem.field).collect()
        };
        assert_eq!(fields(None, None), Vec::<&str>::new());
        assert_eq!(fields(Some("2026-03-05 08:00:00"), None), ["publish_at"], "this very second has begun");
        assert_eq!(fields(Some("2026-03-05 08:00:01"), Some("2026-03-05 08:00:02")), Vec::<&str>::new());
        assert_eq!(fields(Some("2026-03-05 09:00:00"), Some("2026-03-05 09:00:00")), ["withdraw_at"]);
        assert_eq!(fields(None, Some("2026-03-04 09:00:00")), ["withdraw_at"]);
    }
}
