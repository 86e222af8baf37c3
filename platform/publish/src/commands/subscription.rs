//! What a new standing query (订阅) finds in the library as it is: placed in the background, a few at a time.

use model::{Lane, ResourceId, SubscriptionId};
use store::{placements, resources, subscriptions};

use super::placing::Closed;
use super::{Result, placing, publication, revision_of};
use crate::engine::Engine;
use crate::task::Task;

/// Resources placed in one transaction: few enough that an editor's command does not wait for it.
const AT_ONCE: usize = 50;

/// Places the next of what a standing query asks for, and puts the rest in line.
pub(crate) fn fill(engine: &Engine, id: SubscriptionId, after: Option<ResourceId>) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        // It may have ended meanwhile, or its site have been closed; when that opens again, this begins anew.
        let closed = Closed::read(command)?;
        let found = subscriptions::find_anywhere(command, id)?;
        let Some((subscription, _)) = found.filter(|(_, channel)| !closed.holds(channel.site_id)) else { return Ok(()) };
        let after = match after {
            Some(after) => resources::find_anywhere(command, after)?,
            None => None,
        };
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let found = placements::list_missing(command, &subscription, after.as_ref(), limit)?;
        let mut events = Vec::new();
        for resource in &found {
            let Some(resource) = resources::find_anywhere(command, *resource)? else { continue };
            let revision = revision_of(command, &resource, resource.live_revision_id)?;
            if !subscription.query.wants(&placing::facts(&resource, &revision.content)) {
                continue;
            }
            // Nobody is asked about what is old: only what is published from now on is offered.
            placing::place(command, &resource, &revision.content, None, &closed, now)?;
            events.push(publication::note_places(command, None, &resource, now)?);
        }
        publication::follow_up(command, events, Lane::Bulk, now)?;
        if let Some(last) = found.last().filter(|_| found.len() == AT_ONCE) {
            Task::Fill(id, Some(*last)).enqueue(command, Lane::Bulk, now)?;
        }
        Ok::<_, super::CommandError>(())
    })?;
    engine.wake();
    Ok(())
}
