//! What this person may do with a resource now: which buttons and forms its page has for them.

use model::{Permission, ResourceState, SubmissionState, UserId, WorkState};
use publish::commands::bin;
use serde::Serialize;
use web::Scope;

use super::Found;
use crate::desk::trail;
use crate::judging::{Review, judge};

/// What this person may do now.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
pub(super) struct May {
    edit: bool,
    submit: bool,
    cancel: bool,
    withdraw: bool,
    push: bool,
    annotate: bool,
    discard: bool,
    restore: bool,
    review: Option<Review>,
    /// Say when the text being written is to go live.
    ask: bool,
    /// Whom they may ask to review it instead.
    colleagues: Vec<Circle>,
    /// Why they may not review what waits for review.
    no_review: Option<String>,
    channels: Vec<(String, String)>,
}

/// People under the name of their group; without one those who are in none.
#[derive(Serialize)]
struct Circle {
    name: Option<String>,
    people: Vec<(UserId, String)>,
}

/// What they may do, as everything stands.
pub(super) fn may(scope: &Scope, found: &Found) -> May {
    let me = scope.signed_in.person.id;
    let resource = &found.resource;
    let may_here = |permission| scope.may_in(permission, resource.channel_id);
    let may_write = may_here(Permission::Write);
    let is_reviewing = resource.work == WorkState::Reviewing;
    let is_discarded = resource.work == WorkState::Discarded;
    let is_judged = is_reviewing || is_discarded || resource.work == WorkState::Scheduled;
    let may_move = resource.state != ResourceState::Live || may_here(Permission::Withdraw);
    let open = found.submission.as_ref().filter(|(submission, _)| submission.state == SubmissionState::Open);
    let judged = open
        .filter(|_| may_here(Permission::Review))
        .map(|(submission, revision)| (submission, judge(submission, revision, &found.reviewers, me)));
    May {
        edit: may_write && !is_reviewing && !is_discarded,
        discard: may_write && bin::may_discard(resource),
        restore: may_write && is_discarded,
        submit: may_write && matches!(resource.work, WorkState::Draft | WorkState::Returned),
        cancel: may_write && open.is_some_and(|(submission, _)| submission.submitted_by == me),
        annotate: (may_write || may_here(Permission::Review)) && !is_discarded,
        push: may_here(Permission::Push) && resource.state == ResourceState::Live && !found.waits,
        ask: may_write && matches!(resource.work, WorkState::Draft | WorkState::Reviewing | WorkState::Returned),
        withdraw: may_here(Permission::Withdraw) && resource.state == ResourceState::Live,
        colleagues: colleagues(found, me),
        review: judged.as_ref().filter(|(_, verdict)| verdict.is_ok()).map(|(submission, _)| Review::of(submission)),
        no_review: judged.and_then(|(_, verdict)| verdict.err()).map(|error| error.to_string()),
        channels: if may_write && may_move && !is_judged { other_channels(scope, found) } else { Vec::new() },
    }
}

/// Who besides this person may review the step now waiting, each once for every group they are in.
fn colleagues(found: &Found, me: UserId) -> Vec<Circle> {
    let fitting: Vec<&(UserId, String)> = found.reviewers.iter().filter(|(person, _)| *person != me).collect();
    let circle = |name: Option<&str>, is_in: &dyn Fn(UserId) -> bool| {
        let people = fitting.iter().filter(|(person, _)| is_in(*person)).copied().cloned();
        Circle { name: name.map(str::to_owned), people: people.collect() }
    };
    let grouped = found.groups.iter().map(|group| circle(Some(&group.content.name), &|id| group.content.members.contains(&id)));
    let others = circle(None, &|id| !found.groups.iter().any(|group| group.content.members.contains(&id)));
    grouped.chain([others]).filter(|circle| !circle.people.is_empty()).collect()
}

/// The channels of its site it could stand in instead; what is live goes only where they may withdraw as well.
fn other_channels(scope: &Scope, found: &Found) -> Vec<(String, String)> {
    let fits = |channel: &&model::Channel| {
        !channel.retired && channel.resource_kind == found.resource.kind && channel.id != found.resource.channel_id
    };
    let taken = |id| found.placements.iter().any(|placement| placement.channel_id == id);
    let free = found.tree.all().iter().filter(fits).filter(|channel| !taken(channel.id));
    let is_live = found.resource.state == ResourceState::Live;
    let may_go = |channel: &&model::Channel| {
        scope.may_in(Permission::Write, channel.id) && (!is_live || scope.may_in(Permission::Withdraw, channel.id))
    };
    let free = free.filter(may_go);
    free.map(|channel| (channel.id.to_string(), trail(&found.tree, channel.id))).collect()
}
