//! The dictionary (来源与作者) of a site is written anew.

use model::{Actor, Dictionary, SiteId};
use serde_json::json;
use store::{audit, dictionaries};

use super::{CommandError, Result, seal};
use crate::engine::Engine;

/// Puts `dictionary` in the place of the one whose seal is `seen`.
pub fn save(engine: &Engine, actor: &Actor, site: SiteId, seen: &str, dictionary: &Dictionary) -> Result<()> {
    let problems = dictionary.problems();
    if !problems.is_empty() {
        return Err(CommandError::Invalid(problems));
    }
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = dictionaries::find(command, site)?;
        if seal(&before) != seen {
            return Err(CommandError::Stale);
        }
        if before == *dictionary {
            return Ok(());
        }
        dictionaries::replace(command, site, dictionary)?;
        let record = audit::Record {
            action: "dictionary.save",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(before),
            after: json!(dictionary),
        };
        Ok(audit::append(command, actor, record, now)?)
    })
}
