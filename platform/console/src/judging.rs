//! How a review goes, step by step, and whether this person may give the one that waits.

use chrono::NaiveDateTime;
use model::{ReviewError, Revision, Submission, SubmissionId, SubmissionState, UserId, Verdict};
use serde::Serialize;

use crate::awaiting::Awaiting;
use crate::desk::{Badge, marks};
use crate::moment::Moment;
use crate::names::Names;

/// How a submission goes.
#[derive(Serialize)]
pub(crate) struct Progress {
    state: &'static str,
    state_name: &'static str,
    revision: i64,
    by: String,
    at: Moment,
    /// Urgent, late.
    marks: Vec<Badge>,
    /// Until when the step now waiting is to be reviewed.
    due: Option<Moment>,
    /// Whom it waits for.
    awaiting: Option<Awaiting>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
pub(crate) struct Step {
    name: String,
    /// `done`, `returned`, `current` or `ahead`.
    tone: &'static str,
    text: &'static str,
    by: String,
    at: Option<Moment>,
    reason: String,
}

/// The step that a person may review now.
#[derive(Serialize)]
pub(crate) struct Review {
    submission: SubmissionId,
    step: i32,
    name: String,
    is_last: bool,
}

impl Review {
    /// The step now waiting.
    pub(crate) fn of(submission: &Submission) -> Self {
        Self {
            submission: submission.id,
            step: submission.step,
            name: submission.step_name().to_owned(),
            is_last: submission.is_last_step(),
        }
    }
}

/// Whether `me` is among those who may review, or why not.
pub(crate) fn judge(
    submission: &Submission,
    revision: &Revision,
    reviewers: &[(UserId, String)],
    me: UserId,
) -> Result<(), ReviewError> {
    let may = reviewers.iter().any(|(person, _)| *person == me);
    if may { Ok(()) } else { Err(submission.why_not(me, revision.created_by)) }
}

/// How a submission goes, step by step.
pub(crate) fn progress(
    submission: &Submission,
    revision: &Revision,
    awaiting: Option<Awaiting>,
    names: &Names,
    now: NaiveDateTime,
) -> Progress {
    let steps = (0..).zip(&submission.steps).map(|(index, one)| step(submission, index, &one.name, names)).collect();
    Progress {
        state: submission.state.as_str(),
        state_name: submission.state.chinese(),
        revision: revision.number,
        by: names.of(submission.submitted_by),
        at: submission.submitted_at.into(),
        marks: marks(submission, now),
        due: submission.due_at.filter(|_| submission.state == SubmissionState::Open).map(Moment::from),
        awaiting,
        steps,
    }
}

fn step(submission: &Submission, index: i32, name: &str, names: &Names) -> Step {
    let review = submission.reviews.iter().find(|review| review.step == index);
    let is_current = submission.state == SubmissionState::Open && submission.step == index;
    let (tone, text) = match review.map(|review| review.verdict) {
        Some(Verdict::Approve) => ("done", "通过"),
        Some(Verdict::Return) => ("returned", "退回"),
        None if is_current && submission.handed_to.is_some() => ("current", "已转办，等待审核"),
        None if is_current => ("current", "等待审核"),
        None => ("ahead", "未开始"),
    };
    Step {
        name: name.to_owned(),
        tone,
        text,
        by: review
            .map(|review| review.reviewer_id)
            .or(submission.handed_to.filter(|_| is_current))
            .map(|id| names.of(id))
            .unwrap_or_default(),
        at: review.map(|review| review.reviewed_at.into()),
        reason: review.map(|review| review.reason.clone()).unwrap_or_default(),
    }
}
