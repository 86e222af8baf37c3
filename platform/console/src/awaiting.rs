//! Whom a text under review waits for, in words.

use model::{Group, Submission, SubmissionState, UserId};
use serde::Serialize;

/// Names told at most.
const NAMED: usize = 8;

/// Whom the step that waits is waiting for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Awaiting {
    /// 等待新闻审核组二审
    pub(crate) what: String,
    /// Who may review it, and why others than its group may.
    pub(crate) who: String,
}

impl Awaiting {
    /// None once it is closed. `reviewers` are those who may review it (`store::reviewers`), `groups` all that its step could be for.
    pub(crate) fn of(submission: &Submission, groups: &[Group], reviewers: &[(UserId, String)]) -> Option<Self> {
        if submission.state != SubmissionState::Open {
            return None;
        }
        let step = submission.step_name();
        let group = submission.group().map(|id| groups.iter().find(|group| group.id == id));
        let is_theirs = |group: &Group| reviewers.iter().any(|(person, _)| group.content.members.contains(person));
        let (whose, why) = match group {
            Some(Some(group)) if is_theirs(group) => (group.content.name.as_str(), String::new()),
            Some(Some(group)) => ("", format!("“{}”没有可以审核本稿的人员，由本站其他审核员审核。", group.content.name)),
            Some(None) => ("", "原定的工作组已删除，由本站审核员审核。".to_owned()),
            None => ("", String::new()),
        };
        Some(Self { what: format!("等待{whose}{step}"), who: format!("{why}{}", told(reviewers)) })
    }
}

fn told(reviewers: &[(UserId, String)]) -> String {
    let named: Vec<&str> = reviewers.iter().take(NAMED).map(|(_, name)| name.as_str()).collect();
    match reviewers.len() {
        0 => "目前没有可以审核本稿的人员，请联系管理员安排".to_owned(),
        count if count > NAMED => format!("可审核：{}等{count}人", named.join("、")),
        _ => format!("可审核：{}", named.join("、")),
    }
}
