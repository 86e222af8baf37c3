//! One reviewer's word on one step; the last approval publishes.

use chrono::NaiveDateTime;
use model::{
    Actor, AnnotationState, Lane, OfferId, PublicationId, ResourceId, Review, ReviewError, SiteId, Submission, SubmissionId,
    SubmissionState, Times, UserId, Verdict, WorkState,
};
use serde_json::json;
use store::{Command, annotations, audit, resources, reviewers, submissions};

use super::placing::Closed;
use super::{Result, found, publication, refused, revision_of, subject, times};
use crate::engine::Engine;

/// What a reviewer says.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// The submission they looked at, where that is known; none: whichever waits.
    pub submission: Option<SubmissionId>,
    /// The step they looked at, counted from 0.
    pub step: i32,
    /// Approve or send back.
    pub verdict: Verdict,
    /// Why; required to send back.
    pub reason: String,
    /// When the text is to go live and until when it stays, where the reviewer was asked; none: as it was asked for.
    pub times: Option<Times>,
}

/// What came of an opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The text goes back to its author.
    Returned,
    /// It goes on to the next step.
    Passed,
    /// It goes live now.
    Published(PublicationId),
    /// It will go live at this moment, UTC.
    Scheduled(NaiveDateTime),
}

/// Gives an opinion on the step now waiting. The last approval publishes, at once or at the time asked for.
pub fn give(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, opinion: Opinion) -> Result<Given> {
    let now = engine.clock.now();
    let given = engine.store.command(|command| give_within(command, actor, site, id, &opinion, now))?;
    engine.wake();
    Ok(given)
}

/// Gives an opinion within the caller's transaction.
pub(super) fn give_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    opinion: &Opinion,
    now: NaiveDateTime,
) -> Result<Given> {
    let mut resource = found(command, site, id)?;
    let Some(submission) = submissions::find_open(command, id)? else { return refused("该稿件不在审核中") };
    let revision = revision_of(command, &resource, Some(submission.revision_id))?;
    let opinion = &reasoned(command, site, id, None, opinion)?;
    let review = note(command, actor, &submission, revision.created_by, opinion, now)?;
    let record = audit::Record {
        action: "resource.review",
        subject: subject(id),
        site: Some(site),
        before: json!({ "revision": revision.number }),
        after: json!({ "step": review.step_name, "verdict": review.verdict, "reason": review.reason }),
    };
    audit::append(command, actor, record, now)?;
    if let (Verdict::Approve, Some(asked)) = (opinion.verdict, opinion.times) {
        times::note(command, actor, &resource, asked, now)?;
    }
    match opinion.verdict {
        Verdict::Return => {
            submissions::close(command, submission.id, SubmissionState::Returned, now)?;
            resource.work = WorkState::Returned;
            resources::update(command, &resource, now)?;
            Ok(Given::Returned)
        }
        Verdict::Approve if !submission.is_last_step() => {
            submissions::advance(command, &submission, now)?;
            resources::update(command, &resource, now)?;
            Ok(Given::Passed)
        }
        Verdict::Approve => {
            submissions::close(command, submission.id, SubmissionState::Approved, now)?;
            if let Some(at) = times::enforce(command, actor, &mut resource, &revision, now)? {
                return Ok(Given::Scheduled(at));
            }
            let closed = Closed::read(command)?;
            let announced = publication::publish(command, actor, resource, &revision, &closed, now)?;
            publication::follow_up(command, vec![announced.event], Lane::Urgent, now)?;
            Ok(Given::Published(announced.publication))
        }
    }
}

/// Who sends a text back and has said why at its places need not say it again.
pub(super) fn reasoned(
    command: &mut Command<'_>,
    site: SiteId,
    id: ResourceId,
    offer: Option<OfferId>,
    opinion: &Opinion,
) -> Result<Opinion> {
    let mut opinion = opinion.clone();
    if opinion.verdict == Verdict::Return && opinion.reason.trim().is_empty() {
        let all = annotations::list(command, site, id, offer)?;
        match all.iter().filter(|one| one.state == AnnotationState::Open).count() {
            0 => {}
            count => opinion.reason = format!("请按批注修改（{count}条）"),
        }
    }
    Ok(opinion)
}

/// Refuses who is not among those who may review the step that waits, and says why.
pub(super) fn check_person(command: &mut Command<'_>, actor: &Actor, submission: &Submission, author: UserId) -> Result<()> {
    if reviewers::may(command, submission.id, actor.author())? {
        return Ok(());
    }
    Err(submission.why_not(actor.author(), author).into())
}

/// Notes an opinion on the step now waiting, if it is this person's to give and on what they looked at.
pub(super) fn note(
    command: &mut Command<'_>,
    actor: &Actor,
    submission: &Submission,
    author: UserId,
    opinion: &Opinion,
    now: NaiveDateTime,
) -> Result<Review> {
    if opinion.submission.is_some_and(|seen| seen != submission.id) {
        return Err(ReviewError::Resubmitted.into());
    }
    submission.check(opinion.step, opinion.verdict, &opinion.reason)?;
    check_person(command, actor, submission, author)?;
    let review = Review {
        step: submission.step,
        step_name: submission.step_name().to_owned(),
        reviewer_id: actor.author(),
        verdict: opinion.verdict,
        reason: opinion.reason.trim().to_owned(),
        reviewed_at: now,
    };
    submissions::insert_review(command, submission.id, &review)?;
    Ok(review)
}
