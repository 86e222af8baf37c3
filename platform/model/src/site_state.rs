//! 站点状态: how a site stands towards the public, what is announced with it, and the rules (`data/site_states.toml`, versioned)
//! of going offline and closing.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::clock::local;
use crate::notice::is_address;
use crate::schedule::{past, told};
use crate::text::{is_plain_line, is_text};
use crate::word::words;
use crate::{Problem, SiteId, StandingId, UserId};

words! {
    /// Where a site is in its life.
    SiteState {
        /// Made, and not shown to the public yet.
        Preparing = "preparing" "筹建中",
        /// As every site is that nothing else is said of.
        Open = "open" "运行中",
        /// Away for a while, to come back.
        Offline = "offline" "临时下线",
        /// Still open; its end is announced.
        Closing = "closing" "关停公示中",
        /// Closed for good: the home page tells so, old pages stay where they are.
        Closed = "closed" "已关停",
    }
}

impl SiteState {
    /// Whether visitors find the notice at every address.
    pub fn is_shut(self) -> bool {
        matches!(self, Self::Preparing | Self::Offline)
    }
}

/// What is announced with a state, and on what ground it was entered. Nothing is announced while a site is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Announcement {
    /// 公告标题
    pub title: String,
    /// 公告内容
    pub text: String,
    /// 批准文号或依据
    pub basis: String,
    /// 预计恢复时间, or 关停时间, UTC.
    pub until: Option<NaiveDateTime>,
    /// The address where the content went, or empty.
    pub moved_to: String,
}

impl Announcement {
    /// What is wrong with what is written; what the rules say of its time is asked of them.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let is_prose = |text: &str| text.chars().all(is_text);
        let mut must = |field, name: &str, value: &str, most: usize, is_sound: bool| match value.trim().chars().count() {
            0 => problems.push(Problem::at(field, format!("请填写{name}"))),
            count if count > most => problems.push(Problem::at(field, format!("{name}不超过{most}字"))),
            _ if !is_sound => problems.push(Problem::at(field, format!("{name}中有不能使用的字符"))),
            _ => {}
        };
        must("title", "公告标题", &self.title, 60, is_plain_line(self.title.trim()));
        must("text", "公告内容", &self.text, 1_000, is_prose(&self.text));
        must("basis", "批准文号或依据", &self.basis, 100, is_plain_line(self.basis.trim()));
        let moved_to = self.moved_to.trim();
        if moved_to.starts_with('/') || !is_address(moved_to) {
            problems.push(Problem::at("moved_to", "网址应以“https://”或“http://”开头，不超过500字"));
        }
        problems
    }
}

/// How a site stands, or stood, since a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Number of the change.
    pub id: StandingId,
    /// The site.
    pub site_id: SiteId,
    /// What it entered.
    pub state: SiteState,
    /// What is announced with it.
    pub announcement: Announcement,
    /// Who decided it.
    pub by: UserId,
    /// Since when, UTC.
    pub since: NaiveDateTime,
}

/// The rules, and the day they were read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRules {
    /// `2026-11-25`
    pub version: String,
    /// Of opening.
    pub opening: OpeningRule,
    /// Of going offline.
    pub offline: OfflineRule,
    /// Of closing.
    pub closing: ClosingRule,
}

/// What a site has when it opens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningRule {
    /// Types of channels that may not be empty.
    pub columns: Vec<String>,
}

/// How long and how often a site may be offline.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfflineRule {
    /// Days at a time.
    pub days: i64,
    /// Times in a calendar year.
    pub times_a_year: usize,
}

/// How long before its day a closing is announced.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRule {
    /// Days at least.
    pub days: i64,
}

impl OfflineRule {
    /// The latest moment at which a site must be back that goes offline at `now`.
    pub fn latest(&self, now: NaiveDateTime) -> NaiveDateTime {
        now + TimeDelta::days(self.days)
    }

    /// What speaks against going offline at `now` until `until`, for a site that went offline at these times before.
    pub fn problem(&self, now: NaiveDateTime, until: Option<NaiveDateTime>, before: &[NaiveDateTime]) -> Option<Problem> {
        let year = local(now).year();
        let this_year: Vec<_> = before.iter().map(|at| local(*at).date_naive()).filter(|day| day.year() == year).collect();
        if this_year.len() >= self.times_a_year {
            let days: Vec<String> = this_year.iter().map(|day| day.format("%-m月%-d日").to_string()).collect();
            let told = format!("临时下线每年不超过{}次，本站今年已于{}临时下线", self.times_a_year, days.join("、"));
            return Some(Problem::at("until", told));
        }
        let Some(until) = until else { return Some(Problem::at("until", "请填写预计恢复时间")) };
        past("until", "预计恢复时间", until, now).or_else(|| {
            let latest = self.latest(now);
            let too_long = format!("临时下线每次不超过{}天，最晚应于 {} 恢复", self.days, told(latest));
            (until > latest).then(|| Problem::at("until", too_long))
        })
    }
}

impl ClosingRule {
    /// The first moment at which a site may close whose closing is announced at `now`.
    pub fn earliest(&self, now: NaiveDateTime) -> NaiveDateTime {
        now + TimeDelta::days(self.days)
    }

    /// What speaks against closing at `until` when it is announced at `now`.
    pub fn problem(&self, now: NaiveDateTime, until: Option<NaiveDateTime>) -> Option<Problem> {
        let Some(until) = until else { return Some(Problem::at("until", "请填写关停时间")) };
        let earliest = self.earliest(now);
        let too_soon = format!("关停公示期不少于{}天，关停时间不早于 {}", self.days, told(earliest));
        (until < earliest).then(|| Problem::at("until", too_soon))
    }
}

/// The rules that are in force.
pub fn site_rules() -> &'static SiteRules {
    static RULES: LazyLock<SiteRules> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/site_states.toml")).expect("the compiled-in rules are valid, a test reads them")
    });
    &RULES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column_types;
    use crate::schedule::typed_time;

    fn at(text: &str) -> NaiveDateTime {
        typed_time("at", text).unwrap().unwrap()
    }

    #[test]
    fn the_rules_name_types_of_channels_that_there_are() {
        let rules = site_rules();
        assert!(rules.offline.days > 0 && rules.offline.times_a_year > 0 && rules.closing.days > 0);
        assert!(rules.opening.columns.iter().all(|column| column_types().names.contains(column)));
    }

    #[test]
    fn a_site_is_offline_for_some_days_and_once_in_a_calendar_year_of_beijing() {
        let (rule, now) = (OfflineRule { days: 30, times_a_year: 1 }, at("2026-06-01 08:00"));
        let told = |until: &str, before: &[NaiveDateTime]| {
            rule.problem(now, typed_time("until", until).unwrap(), before).map(|problem| problem.message).unwrap_or_default()
        };
        assert_eq!(told("2026-07-01 08:00", &[at("2025-12-31 23:59")]), "");
        assert!(told("2026-07-01 08:01", &[]).contains("不超过30天，最晚应于 2026-07-01 08:00:00 恢复"));
        assert!(told("2026-06-02 08:00", &[at("2026-01-01 00:00")]).contains("每年不超过1次，本站今年已于1月1日临时下线"));
        assert!(told("2026-05-31 08:00", &[]).contains("时间已过"));
        assert!(told("", &[]).contains("请填写预计恢复时间"));
    }

    #[test]
    fn a_closing_is_announced_its_days_before() {
        let (rule, now) = (ClosingRule { days: 30 }, at("2026-06-01 08:00"));
        assert!(rule.problem(now, Some(at("2026-07-01 08:00"))).is_none());
        let too_soon = rule.problem(now, Some(at("2026-07-01 07:59"))).unwrap();
        assert_eq!((too_soon.field, too_soon.message.contains("不少于30天")), ("until", true));
        assert!(rule.problem(now, None).is_some());
    }

    #[test]
    fn an_announcement_says_what_on_what_ground_and_leads_to_a_web_address_or_nowhere() {
        let good = Announcement {
            title: "公告".into(),
            text: "内容".into(),
            basis: "锦政办〔2026〕1号".into(),
            moved_to: "https://www.jinchuan-demo.gov.cn/".into(),
            ..Announcement::default()
        };
        let fields = |one: &Announcement| one.problems().iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(&good), Vec::<&str>::new());
        assert_eq!(fields(&Announcement::default()), ["title", "text", "basis"]);
        let strange = Announcement {
            title: "公\0告".into(),
            text: "第一行\r\n第\0二行".into(),
            basis: "两行\n依据".into(),
            ..Announcement::default()
        };
        assert_eq!(fields(&strange), ["title", "text", "basis"], "no database need refuse it");
        assert!(fields(&Announcement { text: "第一行\r\n第二行".into(), ..good.clone() }).is_empty());
        for wrong in ["/yaowen/", "javascript:alert(1)", "//evil.example"] {
            assert_eq!(fields(&Announcement { moved_to: wrong.into(), ..good.clone() }), ["moved_to"], "{wrong}");
        }
    }
}
