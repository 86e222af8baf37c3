//! A receiving site's own review of what it is offered: by the steps of its channel, each by another person.

use model::{Actor, OfferId, OfferState, Permission, ResourceState, SiteId, SubmissionId, SubmissionState, Verdict};
use serde_json::json;
use store::submissions::NewSubmission;
use store::{audit, channels, offers, resources, submissions};

use super::offer::{Terms, accept_within, conclude, waiting};
use super::review::{self, Opinion};
use super::rights::check_in;
use super::{CommandError, Result, refused, revision_of};
use crate::engine::Engine;

/// Begins the review: the live revision passes the steps the receiving channel has now.
pub fn begin(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId) -> Result<SubmissionId> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = waiting(command, site, id)?;
        check_in(command, actor, Permission::Write, (site, offer.channel_id), now)?;
        let resource = resources::find_anywhere(command, offer.resource_id)?.ok_or(CommandError::NotFound)?;
        if resource.state != ResourceState::Live {
            return refused("原稿已撤回，无法接收");
        }
        let revision = revision_of(command, &resource, resource.live_revision_id)?;
        let channel = channels::find(command, site, offer.channel_id)?.ok_or(CommandError::NotFound)?;
        let new = NewSubmission {
            resource: resource.id,
            revision: revision.id,
            steps: &channel.steps,
            by: actor.author(),
            offer: Some(id),
            urgent: false,
            hours: None,
        };
        let submission = submissions::insert(command, &new, now)?;
        conclude(command, actor, &offer, OfferState::Reviewing, "", "offer.review_begin", site, now)?;
        Ok(submission)
    })
}

/// Gives an opinion on the step now waiting. Says where the offer stands then: the last approval accepts it on these terms,
/// sending back declines it.
pub fn give(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId, opinion: &Opinion, terms: &Terms) -> Result<OfferState> {
    let now = engine.clock.now();
    let state = engine.store.command(|command| {
        let offer = offers::find_received(command, site, id)?.ok_or(CommandError::NotFound)?;
        // The last word takes it in or sends it back, so every word of its review asks for that; that they may review is asked below.
        check_in(command, actor, Permission::Subscribe, (site, offer.channel_id), now)?;
        if offer.state != OfferState::Reviewing {
            return refused("该推送不在本站审核中");
        }
        let submission = submissions::find_by_offer(command, id)?.ok_or(CommandError::NotFound)?;
        let revision =
            resources::find_revision(command, offer.resource_id, submission.revision_id)?.ok_or(CommandError::NotFound)?;
        let opinion = &review::reasoned(command, site, offer.resource_id, Some(id), opinion)?;
        let review = review::note(command, actor, &submission, revision.created_by, opinion, now)?;
        let record = audit::Record {
            action: "offer.review",
            subject: format!("offer:{id}"),
            site: Some(site),
            before: json!({ "revision": revision.number }),
            after: json!({ "step": review.step_name, "verdict": review.verdict, "reason": review.reason }),
        };
        audit::append(command, actor, record, now)?;
        match opinion.verdict {
            Verdict::Return => {
                submissions::close(command, submission.id, SubmissionState::Returned, now)?;
                conclude(command, actor, &offer, OfferState::Declined, &review.reason, "offer.decline", site, now)?;
                Ok(OfferState::Declined)
            }
            Verdict::Approve if !submission.is_last_step() => {
                submissions::advance(command, &submission, now)?;
                Ok(OfferState::Reviewing)
            }
            Verdict::Approve => {
                submissions::close(command, submission.id, SubmissionState::Approved, now)?;
                accept_within(command, actor, &offer, &terms.checked(now)?, now)
            }
        }
    })?;
    engine.wake();
    Ok(state)
}
