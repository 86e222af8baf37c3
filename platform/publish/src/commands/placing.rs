//! Placing (投放): showing a resource in its own channel and, following standing queries, in every channel that asks for it.
//!
//! A publication may reach hundreds of channels at once, so everything is read and written in batches: one query for each
//! round of asking, none for each placement.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use model::subscription::{Facts, channel_lead};
use model::{
    Acceptance, Channel, ChannelId, Content, OfferState, Origin, Placement, PlacementId, Resource, SiteId, SiteState,
    Subscription, SubscriptionId, UserId,
};
use store::offers::NewOffer;
use store::placements::NewPlacement;
use store::{Command, Connection, channels, offers, placements, site_states, sites, subscriptions};

use super::{CommandError, Result, refused};
use crate::address;

/// The sites that publish nothing any more, read once for a command.
pub(super) struct Closed(HashSet<SiteId>);

impl Closed {
    pub(super) fn read(connection: &mut Connection) -> store::Result<Self> {
        let standings = site_states::list_everywhere(connection, None)?;
        Ok(Self(standings.into_values().filter(|one| one.state == SiteState::Closed).map(|one| one.site_id).collect()))
    }

    pub(super) fn holds(&self, site: SiteId) -> bool {
        self.0.contains(&site)
    }

    /// Refuses what would publish on a closed site.
    pub(super) fn refuse(&self, site: SiteId) -> Result<()> {
        if self.holds(site) { refused("本站已关停，不再发布内容") } else { Ok(()) }
    }
}

/// A channel that accepted an offer: where its resource is shown from now on.
pub(super) struct Accepted {
    pub(super) channel: ChannelId,
    pub(super) origin: Origin,
    pub(super) subscription: Option<SubscriptionId>,
}

/// A channel whose standing query found the resource, and whose site wants to decide for itself.
pub(super) struct Asked {
    subscription: SubscriptionId,
    channel: Channel,
}

/// What is to be done, gathered before anything is written.
#[derive(Default)]
struct Plan {
    /// Whether the resource's own channel is shown to the public.
    is_public: bool,
    reached: HashSet<ChannelId>,
    /// By whether they wait for their channel.
    revived: Vec<(PlacementId, bool)>,
    new: Vec<(Channel, Origin, Option<SubscriptionId>)>,
    asked: Vec<Asked>,
}

/// Shows the resource wherever it belongs: in its own channel, where it was accepted, and in every channel whose standing
/// query finds it, round after round until nobody new asks. Says which channels want to be asked first. On a site that is closed
/// nothing begins to be shown, and nobody there is asked. What is in a channel in preparation waits there, and nobody else is shown what
/// its own channel does not show yet.
pub(super) fn place(
    command: &mut Command<'_>,
    resource: &Resource,
    content: &Content,
    accepted: Option<&Accepted>,
    closed: &Closed,
    now: NaiveDateTime,
) -> Result<Vec<Asked>> {
    let known: HashMap<ChannelId, Placement> = placements::list_by_resource(command, resource.id)?
        .into_iter()
        .map(|placement| (placement.channel_id, placement))
        .collect();
    let facts = facts(resource, content);
    let mut plan = Plan::default();
    let mut leads = plan.begin(command, resource, &known, accepted, closed)?;
    if plan.is_public {
        leads.extend(facts.leads());
    }
    while !leads.is_empty() {
        let asking = subscriptions::list_by_leads_anywhere(command, &leads)?;
        leads = asking
            .into_iter()
            .filter(|(subscription, channel)| !closed.holds(channel.site_id) && subscription.query.wants(&facts))
            .filter_map(|(subscription, channel)| plan.follow(&subscription, channel, &known))
            .collect();
    }
    plan.carry_out(command, resource, now)
}

/// What standing queries look at in a resource.
pub(super) fn facts<'a>(resource: &Resource, content: &'a Content) -> Facts<'a> {
    Facts {
        site: resource.site_id,
        agency: resource.agency_id,
        kind: resource.kind,
        theme_class: content.theme_class.as_deref(),
        tags: &content.keywords,
    }
}

/// Offers the resource to channels that want to be asked, unless they wait for it, have accepted it for later or declined it.
pub(super) fn offer(command: &mut Command<'_>, resource: &Resource, asked: Vec<Asked>, now: NaiveDateTime) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let settled: HashSet<ChannelId> = offers::list_by_resource(command, resource.id)?
        .into_iter()
        .filter(|offer| offer.state.is_unsettled() || offer.state == OfferState::Declined)
        .map(|offer| offer.channel_id)
        .collect();
    let new: Vec<NewOffer<'_>> = asked
        .iter()
        .filter(|one| !settled.contains(&one.channel.id))
        .map(|one| NewOffer {
            resource: resource.id,
            from: resource.site_id,
            to: one.channel.site_id,
            channel: one.channel.id,
            origin: Origin::Subscription,
            subscription: Some(one.subscription),
            note: "",
            by: UserId(0),
        })
        .collect();
    Ok(offers::insert_all(command, &new, now)?)
}

impl Plan {
    /// The channels everything starts from: the resource's own, those it is shown in, and the one that accepted it just now.
    fn begin(
        &mut self,
        command: &mut Command<'_>,
        resource: &Resource,
        known: &HashMap<ChannelId, Placement>,
        accepted: Option<&Accepted>,
        closed: &Closed,
    ) -> Result<Vec<String>> {
        let own = channels::find_anywhere(command, resource.channel_id)?.ok_or(CommandError::NotFound)?;
        self.is_public = !own.preparing;
        // What was pushed and accepted comes back with its resource, once that is public; what a standing query brought, with that query.
        let is_public = self.is_public;
        let comes_back =
            |placement: &Placement| is_public && placement.origin == Origin::Push && !closed.holds(placement.site_id);
        let stays = |placement: &&Placement| !placement.removed && (placement.stands() || comes_back(placement));
        let mut starts = vec![(resource.channel_id, Origin::Own, None)];
        starts.extend(accepted.map(|accepted| (accepted.channel, accepted.origin, accepted.subscription)));
        for placement in known.values().filter(stays) {
            if starts.iter().all(|(channel, ..)| *channel != placement.channel_id) {
                starts.push((placement.channel_id, placement.origin, placement.subscription_id));
            }
        }
        let mut channels = channels::list_anywhere(command, &starts.iter().map(|(channel, ..)| *channel).collect())?;
        let mut leads = Vec::new();
        for (id, origin, subscription) in starts {
            let channel = channels.remove(&id).ok_or(CommandError::NotFound)?;
            leads.extend(self.show(channel, origin, subscription, known.get(&id)));
        }
        Ok(leads)
    }

    /// Shows the resource in a channel that asks for it, and says under which word those are found who listen to it in turn.
    fn follow(&mut self, subscription: &Subscription, channel: Channel, known: &HashMap<ChannelId, Placement>) -> Option<String> {
        let placed = known.get(&channel.id);
        if self.reached.contains(&channel.id) || placed.is_some_and(|placement| placement.removed) {
            return None;
        }
        // What is or was shown there was accepted once.
        if subscription.acceptance == Acceptance::Local && placed.is_none() {
            // Two standing queries of one channel may find the same: it is asked once.
            let is_asked = self.asked.iter().any(|asked| asked.channel.id == channel.id);
            if !channel.retired && !is_asked {
                self.asked.push(Asked { subscription: subscription.id, channel });
            }
            return None;
        }
        self.show(channel, Origin::Subscription, Some(subscription.id), placed)
    }

    /// Shows the resource in a channel, and says under which word those are found who listen to it: nobody does while it is in preparation.
    fn show(
        &mut self,
        channel: Channel,
        origin: Origin,
        subscription: Option<SubscriptionId>,
        placed: Option<&Placement>,
    ) -> Option<String> {
        let (id, waits) = (channel.id, channel.preparing);
        match placed {
            None if channel.retired => return None,
            None => self.new.push((channel, origin, subscription)),
            Some(placement) if placement.live || placement.waits && waits => {}
            Some(placement) => self.revived.push((placement.id, waits)),
        }
        self.reached.insert(id);
        (!waits).then(|| channel_lead(id))
    }

    fn carry_out(mut self, command: &mut Command<'_>, resource: &Resource, now: NaiveDateTime) -> Result<Vec<Asked>> {
        for waits in [false, true] {
            let revived = self.revived.iter().filter(|(_, waiting)| *waiting == waits).map(|(id, _)| *id);
            placements::revive(command, &revived.collect::<Vec<_>>(), waits, now)?;
        }
        let ids: Vec<ChannelId> = self.new.iter().map(|(channel, ..)| channel.id).collect();
        let sequences = channels::next_sequences(command, &ids)?;
        let mut site_sequences = site_sequences(command, &self.new)?;
        let paths: Vec<String> = self.new.iter().map(|(channel, ..)| address::article(channel, resource.id, now)).collect();
        let mut rows = Vec::with_capacity(self.new.len());
        for ((channel, origin, subscription), path) in self.new.iter().zip(&paths) {
            rows.push(NewPlacement {
                resource: resource.id,
                site: channel.site_id,
                channel: channel.id,
                path,
                sequence: *sequences.get(&channel.id).ok_or(CommandError::NotFound)?,
                site_sequence: site_sequences.get_mut(&channel.site_id).and_then(Vec::pop).ok_or(CommandError::NotFound)?,
                subscription: *subscription,
                origin: *origin,
                waits: channel.preparing,
            });
        }
        placements::insert_all(command, &rows, now)?;
        // Somebody else may have asked for the same channel without wanting to decide.
        self.asked.retain(|asked| !self.reached.contains(&asked.channel.id));
        Ok(self.asked)
    }
}

/// For each site its next places in the order of the site, as many as it gets new placements; the first is last.
fn site_sequences(
    command: &mut Command<'_>,
    new: &[(Channel, Origin, Option<SubscriptionId>)],
) -> Result<HashMap<SiteId, Vec<i64>>> {
    let mut wanted: HashMap<SiteId, i64> = HashMap::new();
    for (channel, ..) in new {
        *wanted.entry(channel.site_id).or_default() += 1;
    }
    let mut by_count: HashMap<i64, Vec<SiteId>> = HashMap::new();
    for (site, count) in wanted {
        by_count.entry(count).or_default().push(site);
    }
    let mut found = HashMap::new();
    for (count, sites) in by_count {
        let last = sites::next_sequences(command, &sites, count)?;
        found.extend(last.into_iter().map(|(site, last)| (site, (last - count + 1..=last).rev().collect())));
    }
    Ok(found)
}
