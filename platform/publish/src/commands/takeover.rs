//! Taking over (接手编辑): whoever must edit a resource now takes it from the one who is editing, who is told and loses nothing.

use model::{Actor, ResourceId, SiteId};
use serde_json::json;
use store::edit_leases::{self, Holder};
use store::{audit, people};

use super::{Result, found, subject};
use crate::engine::Engine;

/// Takes the lease of a resource for this sheet, and puts on record from whom.
pub fn take_over(engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, sheet: &str) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        found(command, site, id)?;
        let holder = Holder { user: actor.author(), sheet, now };
        let Some(before) = edit_leases::seize(command, site, id, holder)?.filter(|lease| lease.user() != holder.user) else {
            return Ok(());
        };
        let name = people::names(command, &[before.user()])?.remove(&before.user());
        let record = audit::Record {
            action: "resource.take_over",
            subject: subject(id),
            site: Some(site),
            before: json!({ "editor": before.user(), "name": name, "since": before.since }),
            after: json!(null),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}
