//! Placing (投放): showing a resource in its own channel and, following standing queries, in every channel that asks for it.
//!
//! A publication may reach hundreds of channels at once, so everything is read and written in batches: one query for each
//! round of asking, none for each placement.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDateTime;
use model::subscription::{Facts, channel_lead};
use model::{
    Acceptance, Channel, ChannelId, Content, OfferState, Origin, Placement, PlacementId, Resource, ResourceId, SiteId, SiteState,
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
    /// The sites of those it reaches that the public sees.
    sites: BTreeSet<SiteId>,
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
    let plan = Plan::of(&mut Reading::new(command), resource, &facts(resource, content), &known, accepted, closed)?;
    plan.carry_out(command, resource, now)
}

/// Where a text is shown once it is published, as everything stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// The sites that show it to the public, its own first.
    pub sites: Vec<SiteId>,
    /// The sites that are asked whether they want it.
    pub asked: Vec<SiteId>,
    /// Its own channel is in preparation, so that all of it waits.
    pub waits: bool,
}

/// Where each of these texts is shown once it is published. Nothing is written; what they have in common is read once.
pub fn foresee(connection: &mut Connection, texts: &[(&Resource, Facts<'_>)]) -> Result<Vec<Foreseen>> {
    let closed = Closed::read(connection)?;
    let mut known: HashMap<ResourceId, HashMap<ChannelId, Placement>> = HashMap::new();
    for placement in placements::list_by_resources(connection, &texts.iter().map(|(resource, _)| resource.id).collect())? {
        known.entry(placement.resource_id).or_default().insert(placement.channel_id, placement);
    }
    let mut reading = Reading::new(connection);
    reading.read_channels(texts.iter().map(|(resource, _)| resource.channel_id))?;
    let mut foreseen = Vec::with_capacity(texts.len());
    for (resource, facts) in texts {
        let plan = Plan::of(&mut reading, resource, facts, &known.remove(&resource.id).unwrap_or_default(), None, &closed)?;
        foreseen.push(plan.foreseen(reading.connection, resource)?);
    }
    Ok(foreseen)
}

/// What standing queries look at in a resource.
pub(super) fn facts<'a>(resource: &Resource, content: &'a Content) -> Facts<'a> {
    resource.facts(content.theme_class.as_deref(), &content.keywords)
}

/// Offers the resource to channels that want to be asked, unless they wait for it, have accepted it for later or declined it.
pub(super) fn offer(command: &mut Command<'_>, resource: &Resource, asked: Vec<Asked>, now: NaiveDateTime) -> Result<()> {
    if asked.is_empty() {
        return Ok(());
    }
    let settled = settled(command, resource)?;
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

/// The channels that a resource is not offered to: they wait for it, have accepted it for later or declined it.
fn settled(connection: &mut Connection, resource: &Resource) -> store::Result<HashSet<ChannelId>> {
    let offered = offers::list_by_resource(connection, resource.id)?.into_iter();
    Ok(offered
        .filter(|offer| offer.state.is_unsettled() || offer.state == OfferState::Declined)
        .map(|offer| offer.channel_id)
        .collect())
}

/// What plans are made from, each thing read once, for however many texts they are made.
struct Reading<'c> {
    connection: &'c mut Connection,
    channels: HashMap<ChannelId, Channel>,
    /// The standing queries found under each word.
    asking: HashMap<String, Vec<(Subscription, Channel)>>,
}

impl<'c> Reading<'c> {
    fn new(connection: &'c mut Connection) -> Self {
        Self { connection, channels: HashMap::new(), asking: HashMap::new() }
    }

    fn read_channels(&mut self, ids: impl Iterator<Item = ChannelId>) -> store::Result<()> {
        let new: BTreeSet<ChannelId> = ids.filter(|id| !self.channels.contains_key(id)).collect();
        if !new.is_empty() {
            self.channels.extend(channels::list_anywhere(self.connection, &new)?);
        }
        Ok(())
    }

    fn channel(&mut self, id: ChannelId) -> Result<Channel> {
        self.read_channels([id].into_iter())?;
        self.channels.get(&id).cloned().ok_or(CommandError::NotFound)
    }

    /// The standing queries found under these words, in the order in which they were made.
    fn asking(&mut self, leads: &BTreeSet<String>) -> store::Result<Vec<(Subscription, Channel)>> {
        let new: Vec<String> = leads.iter().filter(|lead| !self.asking.contains_key(*lead)).cloned().collect();
        for lead in &new {
            self.asking.insert(lead.clone(), Vec::new());
        }
        for found in subscriptions::list_by_leads_anywhere(self.connection, &new)? {
            if let Some(lead) = found.0.query.lead() {
                self.asking.entry(lead).or_default().push(found);
            }
        }
        let mut asking: Vec<_> = leads.iter().filter_map(|lead| self.asking.get(lead)).flatten().cloned().collect();
        asking.sort_by_key(|(subscription, _)| subscription.id);
        Ok(asking)
    }
}

impl Plan {
    /// Follows standing queries from where the resource begins, round after round until nobody new asks.
    fn of(
        reading: &mut Reading<'_>,
        resource: &Resource,
        facts: &Facts<'_>,
        known: &HashMap<ChannelId, Placement>,
        accepted: Option<&Accepted>,
        closed: &Closed,
    ) -> Result<Self> {
        let mut plan = Self::default();
        let mut leads = plan.begin(reading, resource, known, accepted, closed)?;
        if plan.is_public {
            leads.extend(facts.leads());
        }
        while !leads.is_empty() {
            leads = reading
                .asking(&leads)?
                .into_iter()
                .filter(|(subscription, channel)| !closed.holds(channel.site_id) && subscription.query.wants(facts))
                .filter_map(|(subscription, channel)| plan.follow(&subscription, channel, known))
                .collect();
        }
        Ok(plan)
    }

    /// The channels everything starts from: the resource's own, those it is shown in, and the one that accepted it just now.
    fn begin(
        &mut self,
        reading: &mut Reading<'_>,
        resource: &Resource,
        known: &HashMap<ChannelId, Placement>,
        accepted: Option<&Accepted>,
        closed: &Closed,
    ) -> Result<BTreeSet<String>> {
        self.is_public = !reading.channel(resource.channel_id)?.preparing;
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
        reading.read_channels(starts.iter().map(|(channel, ..)| *channel))?;
        let mut leads = BTreeSet::new();
        for (id, origin, subscription) in starts {
            leads.extend(self.show(reading.channel(id)?, origin, subscription, known.get(&id)));
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
        let (id, site, waits) = (channel.id, channel.site_id, channel.preparing);
        match placed {
            None if channel.retired => return None,
            None => self.new.push((channel, origin, subscription)),
            Some(placement) if placement.live || placement.waits && waits => {}
            Some(placement) => self.revived.push((placement.id, waits)),
        }
        self.reached.insert(id);
        self.sites.extend((!waits).then_some(site));
        (!waits).then(|| channel_lead(id))
    }

    /// The sites it reaches, and those that are asked.
    fn foreseen(mut self, connection: &mut Connection, resource: &Resource) -> Result<Foreseen> {
        let own = self.sites.take(&resource.site_id);
        self.asked.retain(|asked| !self.reached.contains(&asked.channel.id));
        if !self.asked.is_empty() {
            let settled = settled(connection, resource)?;
            self.asked.retain(|asked| !settled.contains(&asked.channel.id));
        }
        let asked: BTreeSet<SiteId> = self.asked.iter().map(|asked| asked.channel.site_id).collect();
        Ok(Foreseen {
            sites: own.into_iter().chain(self.sites).collect(),
            asked: asked.into_iter().collect(),
            waits: !self.is_public,
        })
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
