//! Offering a live resource to channels of other sites (推送), and what the receiving site answers.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use model::schedule::{past, told};
use model::{
    Actor, Channel, ChannelId, Deed, Lane, Offer, OfferId, OfferState, Origin, Permission, Problem, Resource, ResourceId,
    ResourceState, Schedule, ScheduleState, SiteId,
};
use serde_json::json;
use store::offers::NewOffer;
use store::schedules::NewSchedule;
use store::{Command, audit, channels, offers, placements, resources, submissions};

use super::placement::{self, Wishes};
use super::placing::{Accepted, Closed};
use super::rights::check_in;
use super::{CommandError, Result, found, placing, publication, refused, revision_of, schedule, subject, times};
use crate::engine::Engine;

/// From when and how what is accepted is to be shown.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// From this second on, UTC; none: at once.
    pub at: Option<NaiveDateTime>,
    /// Under which address, with what before its title.
    pub wishes: Wishes,
}

impl Terms {
    /// As they are kept; says at the fields what is wrong with them.
    pub(super) fn checked(&self, now: NaiveDateTime) -> Result<Self> {
        let late = self.at.and_then(|at| past("place_at", "上线时间", at, now));
        match (self.wishes.checked(), late) {
            (Ok(wishes), None) => Ok(Self { wishes, at: self.at }),
            (Ok(_), Some(late)) => Err(CommandError::Invalid(vec![late])),
            (Err(CommandError::Invalid(problems)), late) => {
                Err(CommandError::Invalid(late.into_iter().chain(problems).collect()))
            }
            (Err(other), _) => Err(other),
        }
    }
}

/// Channels one push may name, and letters of its note and of a reason.
const MOST: usize = 500;
const LONGEST: usize = 500;

/// Offers a live resource to channels of other sites that are open to it.
pub fn push(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, targets: &[ChannelId], note: &str) -> Result<usize> {
    let note = note.trim();
    check_wishes(targets, note)?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let channel = found(command, site, id)?.channel_id;
        check_in(command, actor, Permission::Push, (site, channel), now)?;
        push_within(command, actor, site, id, targets, note, now)
    })
}

/// What is wrong with a push whatever it is of.
pub(super) fn check_wishes(targets: &[ChannelId], note: &str) -> Result<()> {
    let problems = problems(targets, note);
    if problems.is_empty() { Ok(()) } else { Err(CommandError::Invalid(problems)) }
}

/// The same within the caller's transaction.
pub(super) fn push_within(
    command: &mut Command<'_>,
    actor: &Actor,
    site: SiteId,
    id: ResourceId,
    targets: &[ChannelId],
    note: &str,
    now: NaiveDateTime,
) -> Result<usize> {
    let resource = found(command, site, id)?;
    if resource.state != ResourceState::Live {
        return refused("只有已发布的稿件可以推送");
    }
    if channels::find(command, site, resource.channel_id)?.is_some_and(|channel| channel.preparing) {
        return refused("稿件所在的专题正在筹备，上线后才能推送");
    }
    let wanted: BTreeSet<ChannelId> = targets.iter().copied().collect();
    let mut known = channels::list_anywhere(command, &wanted)?;
    let channels: Vec<Channel> = wanted.iter().filter_map(|id| known.remove(id)).collect();
    if channels.len() != wanted.len() {
        return Err(CommandError::NotFound);
    }
    check(command, &resource, &channels)?;
    let new: Vec<NewOffer<'_>> = channels
        .iter()
        .map(|channel| NewOffer {
            resource: id,
            from: site,
            to: channel.site_id,
            channel: channel.id,
            origin: Origin::Push,
            subscription: None,
            note,
            by: actor.author(),
        })
        .collect();
    offers::insert_all(command, &new, now)?;
    let record = audit::Record {
        action: "offer.push",
        subject: subject(id),
        site: Some(site),
        before: json!(null),
        after: json!({ "channels": wanted, "note": note }),
    };
    audit::append(command, actor, record, now)?;
    Ok(new.len())
}

/// Takes a push back before the other site has decided.
pub fn cancel(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = offers::find_sent(command, site, id)?.ok_or(CommandError::NotFound)?;
        let channel = found(command, site, offer.resource_id)?.channel_id;
        check_in(command, actor, Permission::Push, (site, channel), now)?;
        if offer.origin != Origin::Push {
            return refused("该内容由对方站点订阅获取，无需取消");
        }
        if !offer.state.is_undecided() {
            return refused("对方站点已处理该推送，无法取消");
        }
        submissions::cancel_by_offers(command, &[id], now)?;
        conclude(command, actor, &offer, OfferState::Cancelled, "", "offer.cancel", site, now)
    })
}

/// Accepts what is offered without a review of one's own: it is shown at once, or from its second on. Says which.
pub fn accept(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId, terms: &Terms) -> Result<OfferState> {
    let now = engine.clock.now();
    let terms = terms.checked(now)?;
    let state = engine.store.command(|command| {
        let offer = waiting(command, site, id)?;
        check_in(command, actor, Permission::Subscribe, (site, offer.channel_id), now)?;
        accept_within(command, actor, &offer, &terms, now)
    })?;
    engine.wake();
    Ok(state)
}

/// Refuses what is offered; the one who offered it reads the reason.
pub fn decline(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId, reason: &str) -> Result<()> {
    let reason = super::withdrawal::given(reason, "请填写退回理由，推送方将据此处理")?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = waiting(command, site, id)?;
        check_in(command, actor, Permission::Subscribe, (site, offer.channel_id), now)?;
        conclude(command, actor, &offer, OfferState::Declined, reason, "offer.decline", site, now)
    })
}

/// Accepts within the caller's transaction.
pub(super) fn accept_within(
    command: &mut Command<'_>,
    actor: &Actor,
    offer: &Offer,
    terms: &Terms,
    now: NaiveDateTime,
) -> Result<OfferState> {
    let closed = Closed::read(command)?;
    let (resource, channel) = showable(command, offer, &closed)?;
    let Some(at) = terms.at else {
        show(command, actor, offer, &terms.wishes, &closed, now)?;
        return Ok(OfferState::Accepted);
    };
    placement::check_wishes(command, &channel, resource.id, &terms.wishes)?;
    offers::set_wishes(command, offer.id, &terms.wishes.slug, &terms.wishes.title_prefix)?;
    offers::decide(command, offer.id, OfferState::Scheduled, "", actor.author(), now)?;
    let new = NewSchedule {
        site: Some(offer.site_id),
        offer: Some(offer.id),
        ..times::about(actor, &resource, Deed::Place, at, ScheduleState::Waiting)
    };
    schedule::arrange(command, &new, now)?;
    let record = audit::Record {
        action: "offer.schedule",
        subject: format!("offer:{}", offer.id),
        site: Some(offer.site_id),
        before: json!({ "state": offer.state, "resource": offer.resource_id, "channel": offer.channel_id }),
        after: json!({ "at": told(at), "slug": terms.wishes.slug, "title_prefix": terms.wishes.title_prefix }),
    };
    audit::append(command, actor, record, now)?;
    Ok(OfferState::Scheduled)
}

/// The second of what was accepted for later has come.
pub(super) fn begin(command: &mut Command<'_>, actor: &Actor, site: SiteId, id: OfferId, now: NaiveDateTime) -> Result<()> {
    let offer = offers::find_received(command, site, id)?.ok_or(CommandError::NotFound)?;
    if offer.state != OfferState::Scheduled {
        return refused("该推送已处理");
    }
    let wishes = Wishes { slug: offer.slug.clone(), title_prefix: offer.title_prefix.clone() };
    let closed = Closed::read(command)?;
    show(command, actor, &offer, &wishes, &closed, now)
}

/// What was accepted for later and is not to be shown then waits for a decision again.
pub(super) fn release(command: &mut Command<'_>, schedule: &Schedule) -> Result<()> {
    let (Some(site), Some(id)) = (schedule.site_id, schedule.offer_id) else { return Ok(()) };
    match offers::find_received(command, site, id)? {
        Some(offer) if offer.state == OfferState::Scheduled => Ok(offers::reopen(command, &[id])?),
        _ => Ok(()),
    }
}

/// Shows the resource in the channel that accepted it, and in those that listen to it.
fn show(
    command: &mut Command<'_>,
    actor: &Actor,
    offer: &Offer,
    wishes: &Wishes,
    closed: &Closed,
    now: NaiveDateTime,
) -> Result<()> {
    let (resource, channel) = showable(command, offer, closed)?;
    let revision = revision_of(command, &resource, resource.live_revision_id)?;
    let accepted = Accepted { channel: channel.id, origin: offer.origin, subscription: offer.subscription_id };
    let asked = placing::place(command, &resource, &revision.content, Some(&accepted), closed, now)?;
    placing::offer(command, &resource, asked, now)?;
    placement::fulfil(command, &channel, resource.id, wishes)?;
    conclude(command, actor, offer, OfferState::Accepted, "", "offer.accept", offer.site_id, now)?;
    publication::announce_places(command, actor, &resource, Lane::Urgent, now)
}

/// What is offered and where, as long as it can be shown there.
fn showable(command: &mut Command<'_>, offer: &Offer, closed: &Closed) -> Result<(Resource, Channel)> {
    closed.refuse(offer.site_id)?;
    let resource = resources::find_anywhere(command, offer.resource_id)?.ok_or(CommandError::NotFound)?;
    if resource.state != ResourceState::Live {
        return refused("原稿已撤回，无法接收");
    }
    if channels::find_anywhere(command, resource.channel_id)?.is_some_and(|own| own.preparing) {
        return refused("原稿所在的专题正在筹备，上线后才能接收");
    }
    let channel = channels::find(command, offer.site_id, offer.channel_id)?.ok_or(CommandError::NotFound)?;
    if channel.retired {
        return refused("目标栏目已停用，无法接收");
    }
    Ok((resource, channel))
}

/// Records what became of an offer.
#[expect(clippy::too_many_arguments, reason = "one line of the audit log")]
pub(super) fn conclude(
    command: &mut Command<'_>,
    actor: &Actor,
    offer: &Offer,
    state: OfferState,
    reason: &str,
    action: &'static str,
    site: SiteId,
    now: NaiveDateTime,
) -> Result<()> {
    offers::decide(command, offer.id, state, reason, actor.author(), now)?;
    let record = audit::Record {
        action,
        subject: format!("offer:{}", offer.id),
        site: Some(site),
        before: json!({ "state": offer.state, "resource": offer.resource_id, "channel": offer.channel_id }),
        after: json!({ "state": state, "reason": reason }),
    };
    Ok(audit::append(command, actor, record, now)?)
}

/// An offer this site has still to decide about, and does not review.
pub(super) fn waiting(command: &mut Command<'_>, site: SiteId, id: OfferId) -> Result<Offer> {
    let offer = offers::find_received(command, site, id)?.ok_or(CommandError::NotFound)?;
    match offer.state {
        OfferState::Open => Ok(offer),
        OfferState::Reviewing => refused("该推送正在本站审核，请等待审核结果"),
        _ => refused("该推送已处理"),
    }
}

/// What is withdrawn is offered no longer.
pub(super) fn end_all(command: &mut Command<'_>, actor: &Actor, resource: ResourceId, now: NaiveDateTime) -> Result<()> {
    let unsettled: Vec<OfferId> = unsettled(command, resource)?.into_iter().map(|offer| offer.id).collect();
    submissions::cancel_by_offers(command, &unsettled, now)?;
    for id in unsettled {
        offers::decide(command, id, OfferState::Cancelled, "原稿已撤回", actor.author(), now)?;
    }
    Ok(())
}

/// A review by a receiving site is of one revision: when the next is published, the site decides anew.
pub(super) fn restart_reviews(command: &mut Command<'_>, resource: ResourceId, now: NaiveDateTime) -> Result<()> {
    let reviewed: Vec<OfferId> = unsettled(command, resource)?
        .into_iter()
        .filter(|offer| offer.state == OfferState::Reviewing)
        .map(|offer| offer.id)
        .collect();
    if reviewed.is_empty() {
        return Ok(());
    }
    submissions::cancel_by_offers(command, &reviewed, now)?;
    Ok(offers::reopen(command, &reviewed)?)
}

/// Offers that may still come to be shown.
fn unsettled(command: &mut Command<'_>, resource: ResourceId) -> Result<Vec<Offer>> {
    let all = offers::list_by_resource(command, resource)?;
    Ok(all.into_iter().filter(|offer| offer.state.is_unsettled()).collect())
}

/// Every target is another site's, open, not showing it and not asked already.
fn check(command: &mut Command<'_>, resource: &Resource, channels: &[Channel]) -> Result<()> {
    let placed = placements::list_by_resource(command, resource.id)?;
    let asked = unsettled(command, resource.id)?;
    for channel in channels {
        // Nothing of another site's tells that it is in preparation, nor its name.
        if channel.preparing {
            return Err(CommandError::Invalid(vec![Problem::at("channels", "所选栏目不接收推送")]));
        }
        let problem = if channel.site_id == resource.site_id {
            Some("不能推送到本站栏目")
        } else if channel.retired || !channel.open_to_offers {
            Some("该栏目不接收推送")
        } else if placed.iter().any(|placement| placement.channel_id == channel.id && placement.stands()) {
            Some("该栏目已展示本稿")
        } else if asked.iter().any(|offer| offer.channel_id == channel.id) {
            Some("该栏目已收到本稿，正等待对方处理")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(CommandError::Invalid(vec![Problem::at("channels", format!("“{}”：{problem}", channel.name))]));
        }
    }
    Ok(())
}

fn problems(targets: &[ChannelId], note: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if targets.is_empty() {
        problems.push(Problem::at("channels", "请至少选择一个目标栏目"));
    } else if targets.len() > MOST {
        problems.push(Problem::at("channels", format!("一次最多推送到{MOST}个栏目")));
    }
    if note.chars().count() > LONGEST {
        problems.push(Problem::at("note", format!("推送说明不超过{LONGEST}字")));
    }
    problems
}
