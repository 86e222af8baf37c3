//! `theme.toml`: what of a theme may be arranged and set in the console: its settings, the slots of its pages, the blocks that may stand
//! in them, and how a site's home page begins. Its shape is described in `sites/README.md`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use model::{Arrangement, Block, Channel, ChannelTree};
use serde::{Deserialize, Serialize};

use crate::site::{ManifestError, is_key};
use crate::theme_field::{FieldKind, ThemeField, stands};

/// Stands for the key of a topic.
pub const TOPIC: &str = "{topic}";

/// The choice by which a block says how much of a line it takes.
pub const WIDTH: &str = "width";

/// How much of a line a block takes that has no such choice.
const WHOLE_LINE: &str = "整行";

/// What a block and its form have names for already.
const RESERVED: &[&str] = &["kind", "id", "slot", "seen"];

/// One theme, as it offers itself to be arranged. A theme without the file offers nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeManifest {
    /// What it is called, in Chinese.
    #[serde(default)]
    pub name: String,
    /// What of its look a site may set; kept among the site's settings.
    #[serde(default)]
    pub settings: Vec<ThemeField>,
    /// Where on the home page blocks may stand.
    #[serde(default)]
    pub slots: Vec<Slot>,
    /// What may stand there.
    #[serde(default)]
    pub blocks: Vec<BlockKind>,
    /// The home page of a site that has arranged none.
    #[serde(default)]
    pub home: Vec<Block>,
    /// What topics (专题) can be opened from.
    #[serde(default)]
    pub topics: Vec<TopicKind>,
}

/// A template of topics: the channels below it, and how its front page begins. In keys and values `{topic}` is the topic's own key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TopicKind {
    /// Short name.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// For which topics it is.
    pub description: String,
    /// The channels opened below it.
    #[serde(default)]
    pub channels: Vec<TopicChannel>,
    /// Its front page as long as nobody has arranged it.
    pub blocks: Vec<Block>,
}

/// A channel below a topic.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TopicChannel {
    /// Short name, such as `{topic}-news`: unique in the site.
    pub key: String,
    /// `ColumnName`
    pub name: String,
}

/// The kinds of pages that blocks stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PageOf {
    /// The home page.
    #[default]
    Home,
    /// The front pages of topics.
    Topic,
}

/// A place on a page for blocks (版位).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What templates ask for: `blocks("main")`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Where on the page it is.
    #[serde(default)]
    pub hint: String,
    /// On which pages.
    #[serde(default)]
    pub page: PageOf,
    /// The kinds that may stand in it; empty: all.
    #[serde(default)]
    pub blocks: Vec<String>,
    /// How many blocks at most.
    #[serde(default = "twenty")]
    pub most: usize,
}

/// A kind of block (板块): its template is `_block_KEY.html`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BlockKind {
    /// Short name.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// Why its template draws nothing, where it does not; empty: said in general.
    #[serde(default)]
    pub empty: String,
    /// What it is to be told.
    #[serde(default)]
    pub fields: Vec<ThemeField>,
}

impl ThemeManifest {
    /// Reads and checks `theme.toml` in the folder of a theme.
    pub fn load(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("theme.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(reason) => return Err(ManifestError::Unreadable { path, reason }),
        };
        let manifest: Self =
            toml::from_str(&text).map_err(|reason| ManifestError::Invalid { path: path.clone(), reason: Box::new(reason) })?;
        manifest.check().map_err(|reason| ManifestError::Nonsense { path, reason })?;
        Ok(manifest)
    }

    /// Without what needs a channel that the site does not have.
    fn home(&self, tree: &ChannelTree) -> Arrangement {
        Arrangement(self.home.iter().filter_map(|block| self.begun_with(block, tree)).collect())
    }

    /// A page that nobody has arranged: the topic with this key, or the home page.
    pub fn begun(&self, page: &str, tree: &ChannelTree) -> Arrangement {
        tree.by_key(page).filter(|_| !page.is_empty()).map_or_else(|| self.home(tree), |topic| self.topic(topic, tree))
    }

    fn topic(&self, topic: &Channel, tree: &ChannelTree) -> Arrangement {
        let kind = self.topics.iter().find(|kind| kind.key == topic.topic);
        let named = |block: &Block| {
            let values = block.values.iter().map(|(key, value)| (key.clone(), value.replace(TOPIC, &topic.key)));
            Block { values: values.collect(), ..block.clone() }
        };
        let blocks = kind.into_iter().flat_map(|kind| &kind.blocks);
        Arrangement(blocks.filter_map(|block| self.begun_with(&named(block), tree)).collect())
    }

    fn begun_with(&self, block: &Block, tree: &ChannelTree) -> Option<Block> {
        let kind = self.block(&block.kind)?;
        let mut values = kind.told(block);
        for field in kind.fields.iter().filter(|field| field.kind == FieldKind::Channels) {
            let stand = values[&field.key].split_whitespace().filter(|key| stands(tree, key)).collect::<Vec<_>>().join(" ");
            values.insert(field.key.clone(), stand);
        }
        let fits = kind.fields.iter().all(|field| field.problem(&values[&field.key], tree).is_none());
        fits.then(|| Block { values, ..block.clone() })
    }

    /// A slot by its short name.
    pub fn slot(&self, key: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.key == key)
    }

    /// A kind of block by its short name.
    pub fn block(&self, key: &str) -> Option<&BlockKind> {
        self.blocks.iter().find(|kind| kind.key == key)
    }

    /// The kinds that may stand in a slot.
    pub fn offered<'a>(&'a self, slot: &'a Slot) -> impl Iterator<Item = &'a BlockKind> {
        self.blocks.iter().filter(|kind| slot.blocks.is_empty() || slot.blocks.contains(&kind.key))
    }

    /// Whether a block can stand where it does, on this kind of page.
    pub fn fits(&self, page: PageOf, block: &Block) -> bool {
        let slot = self.slot(&block.slot).filter(|slot| slot.page == page);
        slot.is_some_and(|slot| self.offered(slot).any(|kind| kind.key == block.kind))
    }

    /// What makes no sense, in a sentence for the author of the theme.
    fn check(&self) -> Result<(), String> {
        check_keys("slot", self.slots.iter().map(|slot| &slot.key))?;
        check_keys("block", self.blocks.iter().map(|kind| &kind.key))?;
        check_fields("settings", &self.settings)?;
        for kind in &self.blocks {
            check_fields(&kind.key, &kind.fields)?;
        }
        for slot in &self.slots {
            if let Some(unknown) = slot.blocks.iter().find(|key| self.block(key).is_none()) {
                return Err(format!("slot `{}` names a block `{unknown}` that is not declared", slot.key));
            }
        }
        self.check_begun()
    }

    fn check_begun(&self) -> Result<(), String> {
        check_keys("topic", self.topics.iter().map(|kind| &kind.key))?;
        let home = self.home.iter().map(|block| (PageOf::Home, block));
        let topics = self.topics.iter().flat_map(|kind| &kind.blocks).map(|block| (PageOf::Topic, block));
        for (page, block) in home.chain(topics) {
            let slot = self.slot(&block.slot).filter(|slot| slot.page == page);
            let slot = slot.ok_or_else(|| format!("a block begins in slot `{}`, which that page does not have", block.slot))?;
            let kind = self.offered(slot).find(|kind| kind.key == block.kind);
            let kind = kind.ok_or_else(|| format!("`{}` begins in slot `{}`, which does not offer it", block.kind, slot.key))?;
            if let Some(unknown) = block.values.keys().find(|key| kind.fields.iter().all(|field| field.key != **key)) {
                return Err(format!("block `{}` is told a `{unknown}` it does not ask for", kind.key));
            }
        }
        match self.topics.iter().flat_map(|kind| &kind.channels).find(|channel| !channel.key.starts_with(TOPIC)) {
            Some(channel) => Err(format!("key `{}` of a channel below a topic must begin with {TOPIC}", channel.key)),
            None => Ok(()),
        }
    }
}

impl BlockKind {
    /// A new block of this kind, saying what it says at first.
    pub fn begun(&self, slot: &str) -> Block {
        let values = self.fields.iter().map(|field| (field.key.clone(), field.default.clone())).collect();
        Block { slot: slot.to_owned(), kind: self.key.clone(), values }
    }

    /// How much of a line a block takes (整行, 半行).
    pub fn width(&self, block: &Block) -> &str {
        let told = |field: &ThemeField| block.values.get(WIDTH).unwrap_or(&field.default).clone();
        let chosen = self.width_field().and_then(|field| field.choices.iter().find(|choice| choice.key == told(field)));
        chosen.map_or(WHOLE_LINE, |choice| &choice.name)
    }

    /// What a new block may be told to take instead.
    pub fn other_widths(&self) -> Vec<&str> {
        let others = self.width_field().into_iter().flat_map(|field| field.choices.iter().filter(|one| one.key != field.default));
        others.map(|choice| choice.name.as_str()).collect()
    }

    fn width_field(&self) -> Option<&ThemeField> {
        self.fields.iter().find(|field| field.key == WIDTH && field.kind == FieldKind::Choice)
    }

    /// What a block is told in every field; what it does not say is what the field says at first.
    pub fn told(&self, block: &Block) -> BTreeMap<String, String> {
        let told = |field: &ThemeField| block.values.get(&field.key).unwrap_or(&field.default).clone();
        self.fields.iter().map(|field| (field.key.clone(), told(field))).collect()
    }
}

fn check_keys<'a>(what: &str, keys: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for key in keys {
        // They become names in templates, so no hyphens.
        if !is_key(key) || key.contains('-') {
            return Err(format!("{what} key `{key}` may hold only small letters and digits"));
        }
        if !seen.insert(key) {
            return Err(format!("{what} `{key}` is declared twice"));
        }
    }
    Ok(())
}

fn check_fields(of: &str, fields: &[ThemeField]) -> Result<(), String> {
    check_keys("field", fields.iter().map(|field| &field.key))?;
    for field in fields {
        if RESERVED.contains(&field.key.as_str()) {
            return Err(format!("field `{}` of `{of}`: this name is taken", field.key));
        }
        if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
            return Err(format!("field `{}` of `{of}`: choices go with kind `choice` alone", field.key));
        }
        let needs_site = matches!(field.kind, FieldKind::Channel | FieldKind::Channels);
        if !field.default.is_empty() && !needs_site && field.problem(&field.default, &ChannelTree::default()).is_some() {
            return Err(format!("field `{}` of `{of}`: its default would be refused", field.key));
        }
    }
    Ok(())
}

fn twenty() -> usize {
    20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_of_a_line_a_block_takes_is_its_choice_or_the_whole() {
        let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites/_themes");
        let manifest = ThemeManifest::load(&themes.join("standard")).unwrap();
        let (list, headline) = (manifest.block("list").unwrap(), manifest.block("headline").unwrap());
        let mut block = list.begun("main");
        assert_eq!((list.width(&block), list.other_widths()), ("半行", vec!["整行"]));
        block.values.insert(WIDTH.to_owned(), "full".to_owned());
        assert_eq!(list.width(&block), "整行");
        assert_eq!((headline.width(&headline.begun("top")), headline.other_widths()), ("整行", vec![]));
    }

    #[test]
    fn every_theme_that_comes_with_the_platform_can_be_read() {
        let themes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites/_themes");
        for name in ["standard", "garden"] {
            let manifest = ThemeManifest::load(&themes.join(name)).unwrap();
            assert!(!manifest.slots.is_empty() && !manifest.home.is_empty(), "{name}");
            for kind in &manifest.blocks {
                let template = format!("templates/_block_{}.html", kind.key);
                assert!(
                    themes.join(name).join(&template).is_file() || themes.join("_base").join(&template).is_file(),
                    "{name}: {template}"
                );
            }
        }
    }
}
