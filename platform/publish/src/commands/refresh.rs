//! Rendering everything again, of one site or of all.

use model::{Actor, EventId, EventKind, Keys, Lane, SiteId};
use serde_json::json;
use store::{audit, events};

use super::{Result, publication};
use crate::engine::Engine;

/// Asks for a full render. Pages whose bytes come out the same are not written.
pub fn refresh(engine: &Engine, actor: &Actor, site: Option<SiteId>) -> Result<EventId> {
    let now = engine.clock.now();
    let event = engine.store.command(|command| {
        let event =
            events::NewEvent { kind: EventKind::Refreshed, site, resource: None, actor: actor.user_id, keys: &Keys::new() };
        let event = events::insert(command, event, now)?;
        let record = audit::Record {
            action: "pages.refresh",
            subject: site.map_or_else(|| "platform".to_owned(), |site| format!("site:{site}")),
            site,
            before: json!(null),
            after: json!(null),
        };
        audit::append(command, actor, record, now)?;
        publication::follow_up(command, vec![event], Lane::Bulk, now)?;
        Ok::<_, super::CommandError>(event)
    })?;
    engine.wake();
    Ok(event)
}
