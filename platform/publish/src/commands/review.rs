//! One reviewer's word on one step; the last approval publishes.

use model::{Actor, Lane, PublicationId, ResourceId, Review, SiteId, SubmissionState, Verdict, WorkState};
use serde_json::json;
use store::{audit, resources, submissions};

use super::{Result, found, publication, refused, revision_of, subject};
use crate::engine::Engine;

/// What a reviewer says.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// The step they looked at, counted from 0.
    pub step: i32,
    /// Approve or send back.
    pub verdict: Verdict,
    /// Why; required to send back.
    pub reason: String,
}

/// Gives an opinion on the step now waiting. Says the publication when it was the last approval.
pub fn give(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, opinion: Opinion) -> Result<Option<PublicationId>> {
    let now = engine.clock.now();
    let published = engine.store.command(|command| {
        let mut resource = found(command, site, id)?;
        let Some(submission) = submissions::find_open(command, id)? else { return refused("该稿件不在审核中") };
        let revision = revision_of(command, &resource, Some(submission.revision_id))?;
        submission.check(actor.author(), revision.created_by, opinion.step, opinion.verdict, &opinion.reason)?;
        let review = Review {
            step: submission.step,
            step_name: submission.step_name().to_owned(),
            reviewer_id: actor.author(),
            verdict: opinion.verdict,
            reason: opinion.reason.trim().to_owned(),
            reviewed_at: now,
        };
        submissions::insert_review(command, submission.id, &review)?;
        let record = audit::Record {
            action: "resource.review",
            subject: subject(id),
            site: Some(site),
            before: json!({ "revision": revision.number }),
            after: json!({ "step": review.step_name, "verdict": review.verdict, "reason": review.reason }),
        };
        audit::append(command, actor, record, now)?;
        match opinion.verdict {
            Verdict::Return => {
                submissions::close(command, submission.id, SubmissionState::Returned, now)?;
                resource.work = WorkState::Returned;
                resources::update(command, &resource, now)?;
                Ok(None)
            }
            Verdict::Approve if !submission.is_last_step() => {
                submissions::advance(command, submission.id, submission.step + 1)?;
                resources::update(command, &resource, now)?;
                Ok(None)
            }
            Verdict::Approve => {
                submissions::close(command, submission.id, SubmissionState::Approved, now)?;
                let announced = publication::publish(command, actor, resource, &revision, now)?;
                publication::follow_up(command, vec![announced.event], Lane::Urgent, now)?;
                Ok(Some(announced.publication))
            }
        }
    })?;
    engine.wake();
    Ok(published)
}
