//! Offering a live resource to channels of other sites (推送), and what the receiving site answers.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use model::{
    Actor, Channel, ChannelId, Lane, Offer, OfferId, OfferState, Origin, Problem, Resource, ResourceId, ResourceState, SiteId,
};
use serde_json::json;
use store::offers::NewOffer;
use store::{Command, audit, channels, offers, placements, resources, submissions};

use super::placing::Accepted;
use super::{CommandError, Result, found, placing, publication, refused, revision_of, subject};
use crate::engine::Engine;

/// Channels one push may name, and letters of its note and of a reason.
const MOST: usize = 500;
const LONGEST: usize = 500;

/// Offers a live resource to channels of other sites that are open to it.
pub fn push(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, targets: &[ChannelId], note: &str) -> Result<usize> {
    let note = note.trim();
    let problems = problems(targets, note);
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let now = engine.clock.now();
    engine.store.command(|command| {
        let resource = found(command, site, id)?;
        if resource.state != ResourceState::Live {
            return refused("只有已发布的稿件可以推送");
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
    })
}

/// Takes a push back before the other site has decided.
pub fn cancel(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = offers::find_sent(command, site, id)?.ok_or(CommandError::NotFound)?;
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

/// Shows what is offered at once, without a review of one's own.
pub fn accept(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = waiting(command, site, id)?;
        accept_within(command, actor, &offer, now)
    })?;
    engine.wake();
    Ok(())
}

/// Refuses what is offered; the one who offered it reads the reason.
pub fn decline(engine: &Engine, actor: &Actor, site: SiteId, id: OfferId, reason: &str) -> Result<()> {
    let reason = super::withdrawal::given(reason, "请填写退回理由，推送方将据此处理")?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let offer = waiting(command, site, id)?;
        conclude(command, actor, &offer, OfferState::Declined, reason, "offer.decline", site, now)
    })
}

/// Accepts within the caller's transaction: the resource is shown in the channel, and in those that listen to it.
pub(super) fn accept_within(command: &mut Command<'_>, actor: &Actor, offer: &Offer, now: NaiveDateTime) -> Result<()> {
    let resource = resources::find_anywhere(command, offer.resource_id)?.ok_or(CommandError::NotFound)?;
    if resource.state != ResourceState::Live {
        return refused("原稿已撤回，无法接收");
    }
    let channel = channels::find(command, offer.site_id, offer.channel_id)?.ok_or(CommandError::NotFound)?;
    if channel.retired {
        return refused("目标栏目已停用，无法接收");
    }
    let revision = revision_of(command, &resource, resource.live_revision_id)?;
    let accepted = Accepted { channel: channel.id, origin: offer.origin, subscription: offer.subscription_id };
    let asked = placing::place(command, &resource, &revision.content, Some(&accepted), now)?;
    placing::offer(command, &resource, asked, now)?;
    conclude(command, actor, offer, OfferState::Accepted, "", "offer.accept", offer.site_id, now)?;
    publication::announce_places(command, actor, &resource, Lane::Urgent, now)
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
    let undecided: Vec<OfferId> = undecided(command, resource)?.into_iter().map(|offer| offer.id).collect();
    submissions::cancel_by_offers(command, &undecided, now)?;
    for id in undecided {
        offers::decide(command, id, OfferState::Cancelled, "原稿已撤回", actor.author(), now)?;
    }
    Ok(())
}

/// A review by a receiving site is of one revision: when the next is published, the site decides anew.
pub(super) fn restart_reviews(command: &mut Command<'_>, resource: ResourceId, now: NaiveDateTime) -> Result<()> {
    let reviewed: Vec<OfferId> = undecided(command, resource)?
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

fn undecided(command: &mut Command<'_>, resource: ResourceId) -> Result<Vec<Offer>> {
    let all = offers::list_by_resource(command, resource)?;
    Ok(all.into_iter().filter(|offer| offer.state.is_undecided()).collect())
}

/// Every target is another site's, open, not showing it and not asked already.
fn check(command: &mut Command<'_>, resource: &Resource, channels: &[Channel]) -> Result<()> {
    let placed = placements::list_by_resource(command, resource.id)?;
    let asked = undecided(command, resource.id)?;
    for channel in channels {
        let problem = if channel.site_id == resource.site_id {
            Some("不能推送到本站栏目")
        } else if channel.retired || !channel.open_to_offers {
            Some("该栏目不接收推送")
        } else if placed.iter().any(|placement| placement.channel_id == channel.id && placement.live) {
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
