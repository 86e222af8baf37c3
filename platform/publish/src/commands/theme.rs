//! The theme of a site (主题): which there are, what a site would lose in another one, and putting it on. What a theme has no place for is
//! kept, and comes back with the theme that has.

use config::{PageOf, Slot, ThemeManifest};
use model::{Actor, EventKind, Key, Keys, Site, SiteId};
use render::ThemeFiles;
use serde_json::json;
use store::{Connection, arrangements, audit, channels, sites};

use super::site::{note_theme_files, tell};
use super::{CommandError, Result, publication, refused, seal};
use crate::engine::Engine;

/// What a site wears, and what it could.
#[derive(Clone, Debug)]
pub struct Wardrobe {
    /// The theme it wears.
    pub worn: String,
    /// Every theme there is, by its short name.
    pub themes: Vec<(String, ThemeManifest)>,
    /// Whose it is.
    pub site: Site,
}

/// What another theme has no place for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Blocks, each with the key of the topic on whose page it stands; nothing for the home page.
    pub blocks: Vec<(String, String)>,
    /// Its slots of the home page in which nothing would stand, by name.
    pub slots: Vec<String>,
    /// Topics whose template it lacks, by name.
    pub topics: Vec<String>,
}

impl Wardrobe {
    /// What was before somebody's eyes.
    pub fn seal(&self) -> String {
        seal(&self.worn)
    }

    /// A theme by its short name.
    pub fn theme(&self, key: &str) -> Option<&ThemeManifest> {
        self.themes.iter().find(|(name, _)| name == key).map(|(_, theme)| theme)
    }
}

/// The themes of a site.
pub fn find(engine: &Engine, connection: &mut Connection, site: SiteId) -> Result<Wardrobe> {
    let site = sites::find(connection, site)?.ok_or(CommandError::NotFound)?;
    let themes = engine.themes().map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(Wardrobe { worn: site.theme.clone(), themes, site })
}

/// What of a site another theme has no place for, as the public sees it now.
pub fn losses(connection: &mut Connection, wardrobe: &Wardrobe, theme: &ThemeManifest) -> Result<Loss> {
    let (site, now) = (wardrobe.site.id, wardrobe.theme(&wardrobe.worn).cloned().unwrap_or_default());
    let tree = channels::tree(connection, site)?;
    let topics: Vec<_> = tree.all().iter().filter(|channel| !channel.topic.is_empty() && !channel.retired).collect();
    let mut loss = Loss::default();
    let pages = std::iter::once((String::new(), PageOf::Home)).chain(topics.iter().map(|one| (one.key.clone(), PageOf::Topic)));
    for (page, of) in pages {
        // What a theme begins with goes and comes with it.
        let Some(arranged) = arrangements::find_live(connection, site, &page)? else { continue };
        let shown = arranged.0.iter().filter(|block| now.fits(of, block) && !theme.fits(of, block));
        let named = shown.filter_map(|block| Some((page.clone(), now.block(&block.kind)?.name.clone())));
        loss.blocks.extend(named);
        let is_bare = |slot: &&Slot| slot.page == of && !arranged.slot(&slot.key).any(|(_, block)| theme.fits(of, block));
        loss.slots.extend(theme.slots.iter().filter(is_bare).filter(|_| of == PageOf::Home).map(|slot| slot.name.clone()));
    }
    let lacks = |topic: &str| theme.topics.iter().all(|kind| kind.key != topic);
    loss.topics = topics.into_iter().filter(|one| lacks(&one.topic)).map(|one| one.name.clone()).collect();
    Ok(loss)
}

/// Puts a theme on. `seen` is the seal of what was before whoever chose. Every page of the site is made anew; until its turn comes, each is
/// what it was, style sheet included.
pub fn wear(engine: &Engine, actor: &Actor, site: SiteId, seen: &str, theme: &str) -> Result<()> {
    let known = engine.themes().map_err(|error| CommandError::Refused(error.to_string()))?;
    if !known.iter().any(|(name, _)| name == theme) {
        return refused("没有这个主题，请从列表中选择");
    }
    // Read before the transaction, because disks are slow.
    let files = ThemeFiles::new(&engine.settings.sites, "", theme).of_theme();
    let files = files.map_err(|error| CommandError::Refused(error.to_string()))?;
    let now = engine.clock.now();
    engine.store.command(|command| {
        let before = sites::find(command, site)?.ok_or(CommandError::NotFound)?;
        if seal(&before.theme) != seen {
            return Err(CommandError::Stale);
        }
        if before.theme == theme {
            return refused("本站正在使用这个主题");
        }
        let after = Site { theme: theme.to_owned(), ..before.clone() };
        sites::save(command, &after, now)?;
        let mut keys = Keys::from([Key::site(site)]);
        keys.extend(note_theme_files(command, theme, &files)?.into_iter().flat_map(|(_, keys)| keys));
        let record = audit::Record {
            action: "look.theme",
            subject: format!("site:{site}"),
            site: Some(site),
            before: json!({ "theme": before.theme }),
            after: json!({ "theme": theme }),
        };
        audit::append(command, actor, record, now)?;
        publication::renew(command, actor, EventKind::SiteApplied, Some(site), &keys, now)
    })?;
    tell(engine);
    Ok(())
}
