//! The look of a site: what its theme lets it set, such as its colour and slogan.

use std::collections::BTreeMap;

use config::ThemeManifest;
use model::{Actor, ChannelTree, EventKind, Key, Keys, Site, SiteId};
use serde_json::{Value, json};
use store::{Connection, audit, sites};

use super::arrangement::FieldProblem;
use super::site::tell;
use super::{CommandError, Result, publication, refused, seal};
use crate::engine::Engine;

/// What may be set, and how it is set.
#[derive(Clone, Debug)]
pub struct Look {
    /// What the theme offers.
    pub theme: ThemeManifest,
    /// What is set, by the names of the theme's settings; those that are not set are empty.
    pub values: BTreeMap<String, String>,
    site: Site,
}

/// The look of a site.
pub fn find(engine: &Engine, connection: &mut Connection, site: SiteId) -> Result<Look> {
    let site = sites::find(connection, site)?.ok_or(CommandError::NotFound)?;
    let theme = engine.theme_manifest(&site).map_err(|error| CommandError::Refused(error.to_string()))?;
    let set = |key: &str| site.settings[key].as_str().unwrap_or_default().to_owned();
    let values = theme.settings.iter().map(|field| (field.key.clone(), set(&field.key))).collect();
    Ok(Look { theme, values, site })
}

impl Look {
    /// What was before somebody's eyes.
    pub fn seal(&self) -> String {
        seal(&self.values)
    }

    /// What is wrong with what was typed, each at its field.
    pub fn problems(&self, typed: &BTreeMap<String, String>) -> Vec<FieldProblem> {
        let kept = self.kept(typed);
        // Settings are of the theme: none of them names a channel.
        let wrong = self.theme.settings.iter().filter_map(|field| {
            Some((field, field.problem(kept.get(&field.key).map_or("", String::as_str), &ChannelTree::default())?))
        });
        wrong.map(|(field, message)| FieldProblem { field: field.key.clone(), message }).collect()
    }

    /// All settings of the site as they would be; those the theme does not offer stay as they are.
    pub fn settings(&self, typed: &BTreeMap<String, String>) -> Value {
        let mut settings = self.site.settings.as_object().cloned().unwrap_or_default();
        settings.extend(self.kept(typed).into_iter().map(|(key, value)| (key, json!(value))));
        Value::Object(settings)
    }

    fn kept(&self, typed: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let typed = |key: &str| typed.get(key).map_or("", String::as_str);
        self.theme.settings.iter().map(|field| (field.key.clone(), field.kept(typed(&field.key)))).collect()
    }
}

/// Sets what was typed. `seen` is the seal of what was before the writer.
pub fn save(engine: &Engine, actor: &Actor, site: SiteId, seen: &str, typed: &BTreeMap<String, String>) -> Result<()> {
    let now = engine.clock.now();
    engine.store.command(|command| {
        let look = find(engine, command, site)?;
        if look.seal() != seen {
            return Err(CommandError::Stale);
        }
        if let Some(problem) = look.problems(typed).into_iter().next() {
            return refused(&problem.message);
        }
        let kept = look.kept(typed);
        if kept == look.values {
            return Ok(());
        }
        let changed = Site { settings: look.settings(typed), ..look.site.clone() };
        sites::save(command, &changed, now)?;
        let record = audit::Record {
            action: "look.save",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!(look.values),
            after: json!(kept),
        };
        audit::append(command, actor, record, now)?;
        let keys = Keys::from([Key::site(site)]);
        publication::renew(command, actor, EventKind::SiteApplied, Some(site), &keys, now)
    })?;
    tell(engine);
    Ok(())
}
