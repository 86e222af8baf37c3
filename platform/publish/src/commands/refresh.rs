//! Rendering everything again, of one site or of all; and what a start after an upgrade has to bring.

use model::{Actor, EventId, EventKind, Keys, Lane, SiteId};
use serde_json::json;
use store::{audit, events, pages, sites};

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

/// Brings the files of its theme to every site that has pages and none of those files: its pages were made before a theme had a place
/// of its own for them, and the next page that is rendered asks for them there.
pub(crate) fn dress(engine: &Engine) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        for site in sites::list(command)? {
            let place = format!("/assets/_{}/", site.theme);
            if !engine.files(&site).theme_has_assets() || !pages::lacks_below(command, site.id, &place)? {
                continue;
            }
            let event = events::NewEvent {
                kind: EventKind::SiteApplied,
                site: Some(site.id),
                resource: None,
                actor: None,
                keys: &Keys::new(),
            };
            let event = events::insert(command, event, now)?;
            publication::follow_up(command, vec![event], Lane::Urgent, now)?;
        }
        Ok::<_, super::CommandError>(())
    })?;
    engine.wake();
    Ok(())
}
