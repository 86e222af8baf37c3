//! Notices (公告条): banners of the home page, emergency notices and mourning, on one site or on all.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::schedule::past;
use crate::word::words;
use crate::{NoticeId, Permission, Problem, SiteId, UserId};

words! {
    /// What a notice does.
    NoticeKind {
        /// Stands on the home page.
        Banner = "banner" "首页横幅",
        /// Stands at the top of every page.
        Emergency = "emergency" "紧急公告",
        /// Shows the whole site in grey.
        Mourning = "mourning" "全站灰色显示",
    }
}

words! {
    /// Where a notice stands.
    NoticeState {
        /// Not yet begun.
        Waiting = "waiting" "未开始",
        /// The public sees it.
        On = "on" "进行中",
        /// Over.
        Ended = "ended" "已结束",
        /// Taken back before it began.
        Cancelled = "cancelled" "已取消",
    }
}

impl NoticeKind {
    /// What it takes to switch one: the switches that change every page have a permission of their own.
    pub fn permission(self) -> Permission {
        match self {
            Self::Banner => Permission::Announce,
            Self::Emergency | Self::Mourning => Permission::Emergency,
        }
    }
}

/// What people write of a notice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeContent {
    /// What it does.
    pub kind: NoticeKind,
    /// 标题; for mourning its occasion, which the public does not see.
    pub title: String,
    /// 内容
    pub text: String,
    /// Where it leads, or empty.
    pub link: String,
    /// From when on, UTC; none: at once.
    pub starts_at: Option<NaiveDateTime>,
    /// Until when, UTC; none: until somebody ends it.
    pub ends_at: Option<NaiveDateTime>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// Its number.
    pub id: NoticeId,
    /// On which site; none: on all.
    pub site_id: Option<SiteId>,
    /// What it does.
    pub kind: NoticeKind,
    /// 标题
    pub title: String,
    /// 内容
    pub text: String,
    /// Where it leads, or empty.
    pub link: String,
    /// When it begins or began, UTC.
    pub starts_at: NaiveDateTime,
    /// When it is to end, UTC.
    pub ends_at: Option<NaiveDateTime>,
    /// Where it stands.
    pub state: NoticeState,
    /// Who made it.
    pub created_by: UserId,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// When it ended or was taken back, UTC.
    pub ended_at: Option<NaiveDateTime>,
}

impl NoticeContent {
    /// What is wrong with it at `now`.
    pub fn problems(&self, now: NaiveDateTime) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |field, message: &str| problems.push(Problem::at(field, message));
        match self.title.trim().chars().count() {
            0 if self.kind == NoticeKind::Mourning => add("title", "请填写事由"),
            0 => add("title", "请填写标题"),
            1..=60 => {}
            _ => add("title", "不超过60字"),
        }
        if self.text.trim().chars().count() > 300 {
            add("text", "内容不超过300字");
        }
        if !is_address(self.link.trim()) {
            add("link", "链接应以“/”或“https://”开头，不超过500字");
        }
        problems.extend(self.starts_at.and_then(|at| past("starts_at", "开始时间", at, now)));
        problems.extend(self.ends_at.and_then(|at| past("ends_at", "结束时间", at, now)));
        if let (Some(from), Some(until)) = (self.starts_at, self.ends_at)
            && until <= from
        {
            problems.push(Problem::at("ends_at", "结束时间应晚于开始时间"));
        }
        problems
    }
}

/// Nothing, an address of the same site, or one of the web: never a script, and never another host in disguise.
pub fn is_address(link: &str) -> bool {
    let sound = link.chars().count() <= 500 && !link.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    let local = link.starts_with('/') && !link.starts_with("//") && !link.contains('\\');
    let web = ["https://", "http://"].iter().any(|scheme| link.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    link.is_empty() || (sound && (local || web))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::typed_time;

    fn content(kind: NoticeKind) -> NoticeContent {
        NoticeContent {
            kind,
            title: "暴雨红色预警".into(),
            text: String::new(),
            link: String::new(),
            starts_at: None,
            ends_at: None,
        }
    }

    fn fields(content: &NoticeContent) -> Vec<&'static str> {
        let now = typed_time("at", "2026-03-05 08:00:00").unwrap().unwrap();
        content.problems(now).iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_notice_needs_a_title_and_an_address_that_leads_somewhere() {
        assert_eq!(fields(&content(NoticeKind::Banner)), Vec::<&str>::new());
        assert_eq!(fields(&NoticeContent { title: " ".into(), ..content(NoticeKind::Mourning) }), ["title"]);
        for link in ["/zt/", "https://www.gov.cn/", ""] {
            assert!(fields(&NoticeContent { link: link.into(), ..content(NoticeKind::Banner) }).is_empty(), "{link}");
        }
        for link in ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://", "/a b"] {
            assert_eq!(fields(&NoticeContent { link: link.into(), ..content(NoticeKind::Banner) }), ["link"], "{link}");
        }
    }

    #[test]
    fn a_notice_ends_after_it_begins_and_neither_lies_behind() {
        let at = |text: &str| typed_time("at", text).unwrap();
        let times =
            |from: &str, until: &str| NoticeContent { starts_at: at(from), ends_at: at(until), ..content(NoticeKind::Emergency) };
        assert_eq!(fields(&times("2026-03-05 07:00:00", "")), ["starts_at"]);
        assert_eq!(fields(&times("", "2026-03-05 07:00:00")), ["ends_at"]);
        assert_eq!(fields(&times("2026-03-06 07:00:00", "2026-03-06 06:00:00")), ["ends_at"]);
        assert_eq!(fields(&times("2026-03-06 07:00:00", "2026-03-06 07:00:01")), Vec::<&str>::new());
    }
}
