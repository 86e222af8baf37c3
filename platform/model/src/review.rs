//! 三审三校: a revision is submitted (送审) and passes ordered reviews (审核), each by another person.

use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;

use crate::word::words;
use crate::{GroupId, OfferId, ResourceId, RevisionId, Step, SubmissionId, UserId};

words! {
    /// Where a submission stands.
    SubmissionState {
        /// Waiting for a reviewer.
        Open = "open" "审核中",
        /// Every step approved.
        Approved = "approved" "已通过",
        /// Sent back with a reason.
        Returned = "returned" "已退回",
        /// Taken back by its author.
        Cancelled = "cancelled" "已收回",
    }
}

words! {
    /// What a reviewer says.
    Verdict {
        /// 通过
        Approve = "approve" "通过",
        /// 退回
        Return = "return" "退回",
    }
}

/// One revision on its way through the steps of its channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Submission {
    /// Its number.
    pub id: SubmissionId,
    /// The resource.
    pub resource_id: ResourceId,
    /// The revision under review.
    pub revision_id: RevisionId,
    /// The steps as they were when it was submitted.
    pub steps: Vec<Step>,
    /// The step it waits for, counted from 0.
    pub step: i32,
    /// Where it stands.
    pub state: SubmissionState,
    /// Who submitted.
    pub submitted_by: UserId,
    /// UTC.
    pub submitted_at: NaiveDateTime,
    /// The offer it decides about; none for a text on its way to its own site.
    pub offer_id: Option<OfferId>,
    /// 加急
    pub urgent: bool,
    /// Hours that each step may take, as it was when it was submitted; none: no time is set.
    pub hours: Option<i32>,
    /// When the step it waits for is due, UTC.
    pub due_at: Option<NaiveDateTime>,
    /// Who was asked to review the step it waits for (转办); others still may.
    pub handed_to: Option<UserId>,
    /// The reviews given so far, in order.
    pub reviews: Vec<Review>,
}

/// One reviewer's word on one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Review {
    /// The step, counted from 0.
    pub step: i32,
    /// Its name, e.g. 一审.
    pub step_name: String,
    /// Who reviewed.
    pub reviewer_id: UserId,
    /// What was said.
    pub verdict: Verdict,
    /// Why; required to send back.
    pub reason: String,
    /// UTC.
    pub reviewed_at: NaiveDateTime,
}

/// What a reviewer looked at before they decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The submission, and with it the revision.
    pub submission: SubmissionId,
    /// The step it waited for, counted from 0.
    pub step: i32,
}

/// Why a review cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The submission is no longer waiting.
    #[error("该送审已办结，无需再次审核")]
    Closed,
    /// The reviewer wrote or submitted the revision.
    #[error("不能审核本人撰写、修改或送审的稿件")]
    OwnWork,
    /// The reviewer has already approved an earlier step.
    #[error("各审次须由不同人员审核，您已审核过本稿")]
    SamePerson,
    /// The step is for a group they are not in.
    #[error("本环节由指定的工作组审核，您不在该工作组或参与过本稿撰写")]
    OutsideGroup,
    /// Sending back needs a reason.
    #[error("退回稿件须填写退回意见，说明需要修改的内容")]
    ReasonMissing,
    /// The step has moved on since the reviewer looked.
    #[error("该审次已由他人审核，请刷新后查看")]
    StepMoved,
    /// It was taken back or sent back, and handed in anew since the reviewer looked.
    #[error("稿件已修改并重新送审，请查看新的版本后再审核")]
    Resubmitted,
}

impl Submission {
    /// The step at this place, counted from 0.
    pub fn step_at(&self, place: i32) -> Option<&Step> {
        usize::try_from(place).ok().and_then(|place| self.steps.get(place))
    }

    /// The name of the step it waits for.
    pub fn step_name(&self) -> &str {
        self.step_at(self.step).map_or("", |step| &step.name)
    }

    /// The group that the step it waits for is for.
    pub fn group(&self) -> Option<GroupId> {
        self.step_at(self.step).and_then(|step| step.group)
    }

    /// When a step that begins to wait now is due.
    pub fn due_from(hours: Option<i32>, now: NaiveDateTime) -> Option<NaiveDateTime> {
        hours.map(|hours| now + TimeDelta::hours(hours.into()))
    }

    /// Whether the step it waits for should have been reviewed by now.
    pub fn is_late(&self, now: NaiveDateTime) -> bool {
        self.state == SubmissionState::Open && self.due_at.is_some_and(|due| due < now)
    }

    /// Whether the present step is the last.
    pub fn is_last_step(&self) -> bool {
        usize::try_from(self.step).is_ok_and(|step| step + 1 >= self.steps.len())
    }

    /// Checks that a word on this step, in this sense, can be given at all; whose it is to give, the store knows (`store::reviewers`).
    pub fn check(&self, step: i32, verdict: Verdict, reason: &str) -> Result<(), ReviewError> {
        if self.state != SubmissionState::Open {
            return Err(ReviewError::Closed);
        }
        if step != self.step {
            return Err(ReviewError::StepMoved);
        }
        if verdict == Verdict::Return && reason.trim().is_empty() {
            return Err(ReviewError::ReasonMissing);
        }
        Ok(())
    }

    /// Why somebody who may review on the site is not among those who may review this.
    pub fn why_not(&self, person: UserId, author: UserId) -> ReviewError {
        if person == author || person == self.submitted_by {
            return ReviewError::OwnWork;
        }
        if self.reviews.iter().any(|review| review.reviewer_id == person) {
            return ReviewError::SamePerson;
        }
        // Without a group nobody is outside: what is left is who wrote an earlier revision of what is new.
        if self.group().is_none() { ReviewError::OwnWork } else { ReviewError::OutsideGroup }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission() -> Submission {
        let moment = chrono::DateTime::UNIX_EPOCH.naive_utc();
        Submission {
            id: SubmissionId(1),
            resource_id: ResourceId(1),
            revision_id: RevisionId(1),
            steps: vec!["一审".into(), "二审".into()],
            step: 1,
            state: SubmissionState::Open,
            submitted_by: UserId(1),
            submitted_at: moment,
            offer_id: None,
            urgent: false,
            hours: Some(24),
            due_at: Some(moment + TimeDelta::hours(24)),
            handed_to: None,
            reviews: vec![Review {
                step: 0,
                step_name: "一审".into(),
                reviewer_id: UserId(2),
                verdict: Verdict::Approve,
                reason: String::new(),
                reviewed_at: moment,
            }],
        }
    }

    #[test]
    fn who_may_not_review_is_told_why() {
        let why_not = |person| submission().why_not(UserId(person), UserId(4));
        assert_eq!([1, 4].map(why_not), [ReviewError::OwnWork; 2]);
        assert_eq!(why_not(2), ReviewError::SamePerson);
        assert_eq!(why_not(3), ReviewError::OwnWork, "what remains where no group is asked for is having changed it");
        let mut of_group = submission();
        of_group.steps[1].group = Some(GroupId(5));
        assert_eq!(of_group.why_not(UserId(3), UserId(4)), ReviewError::OutsideGroup);
    }

    #[test]
    fn it_is_late_once_its_time_is_over_and_only_while_it_waits() {
        let mut submission = submission();
        let due = submission.due_at.unwrap_or_default();
        assert!(!submission.is_late(due));
        assert!(submission.is_late(due + TimeDelta::seconds(1)));
        submission.state = SubmissionState::Approved;
        assert!(!submission.is_late(due + TimeDelta::seconds(1)));
    }

    #[test]
    fn sending_back_needs_a_reason() {
        let result = submission().check(1, Verdict::Return, "  ");
        assert_eq!(result, Err(ReviewError::ReasonMissing));
    }

    #[test]
    fn a_step_already_taken_is_not_taken_again() {
        let result = submission().check(0, Verdict::Approve, "");
        assert_eq!(result, Err(ReviewError::StepMoved));
    }
}
