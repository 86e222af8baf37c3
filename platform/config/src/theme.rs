//! `theme.toml`: what of a theme may be arranged and set in the console: its settings, the slots of its pages, the blocks that may stand
//! in them, and how a site's home page begins. Its shape is described in `sites/README.md`.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use model::notice::is_address;
use model::text::is_plain_line;
use model::{Arrangement, Block, Channel, ChannelTree, Colour};
use serde::{Deserialize, Serialize};

use crate::site::{ManifestError, is_key};

/// Characters of a text.
const LONGEST_TEXT: usize = 60;

/// Lines of a list of links.
const MOST_LINKS: usize = 60;

/// Channels that one block lists.
const MOST_CHANNELS: usize = 12;

/// Stands for the key of a topic.
pub const TOPIC: &str = "{topic}";

/// What a block and its form have names for already.
const RESERVED: &[&str] = &["kind", "id", "slot", "seen"];

/// WCAG 2.2, 1.4.3: what white letters on a colour need.
const LEAST_CONTRAST: f64 = 4.5;

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
    /// What it is to be told.
    #[serde(default)]
    pub fields: Vec<ThemeField>,
}

/// One thing to be told.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeField {
    /// Short name.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What to write, where that is not plain.
    #[serde(default)]
    pub hint: String,
    /// What can be written.
    pub kind: FieldKind,
    /// Whether it must not be empty.
    #[serde(default)]
    pub required: bool,
    /// The least number.
    #[serde(default)]
    pub least: i64,
    /// The greatest number.
    #[serde(default = "hundred")]
    pub most: i64,
    /// What may be chosen.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// What it says at first.
    #[serde(default)]
    pub default: String,
}

/// What can be written in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A short text.
    Text,
    /// A whole number.
    Number,
    /// One of `choices`.
    Choice,
    /// A channel of the site, by its short name.
    Channel,
    /// Several channels of the site, with spaces between.
    Channels,
    /// Names and addresses, a line each.
    Links,
    /// A colour that white letters can be read on: `#17508f`.
    Colour,
}

/// One of several.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is kept.
    pub key: String,
    /// What it is called.
    pub name: String,
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

    /// What a block is told in every field; what it does not say is what the field says at first.
    pub fn told(&self, block: &Block) -> BTreeMap<String, String> {
        let told = |field: &ThemeField| block.values.get(&field.key).unwrap_or(&field.default).clone();
        self.fields.iter().map(|field| (field.key.clone(), told(field))).collect()
    }
}

fn stands(tree: &ChannelTree, key: &str) -> bool {
    tree.by_key(key).is_some_and(|channel| !channel.retired)
}

impl ThemeField {
    /// What was typed as it is kept: trimmed, links a line each.
    pub fn kept(&self, typed: &str) -> String {
        match self.kind {
            FieldKind::Links => lines(typed).collect::<Vec<_>>().join("\n"),
            FieldKind::Channels => {
                let mut keys: Vec<&str> = Vec::new();
                for key in typed.split_whitespace() {
                    if !keys.contains(&key) && keys.len() <= MOST_CHANNELS {
                        keys.push(key);
                    }
                }
                keys.join(" ")
            }
            FieldKind::Colour => typed.trim().to_lowercase(),
            _ => typed.trim().to_owned(),
        }
    }

    /// Why a value cannot stand, in a sentence for whoever typed it.
    pub fn problem(&self, value: &str, tree: &ChannelTree) -> Option<String> {
        let name = &self.name;
        if value.is_empty() {
            return self.required.then(|| format!("请填写{name}"));
        }
        match self.kind {
            FieldKind::Text => text_problem(name, value),
            FieldKind::Number => {
                let fits = value.parse::<i64>().is_ok_and(|number| (self.least..=self.most).contains(&number));
                (!fits).then(|| format!("{name}应为{}至{}的整数", self.least, self.most))
            }
            FieldKind::Choice => {
                (!self.choices.iter().any(|choice| choice.key == value)).then(|| format!("请从列表中选择{name}"))
            }
            FieldKind::Channel => (!stands(tree, value)).then(|| format!("{name}已停用或不存在，请重新选择")),
            FieldKind::Channels if value.split_whitespace().count() > MOST_CHANNELS => {
                Some(format!("{name}最多选{MOST_CHANNELS}个栏目"))
            }
            FieldKind::Channels => {
                let missing = value.split_whitespace().any(|key| !stands(tree, key));
                missing.then(|| format!("{name}中有已停用或不存在的栏目，请重新选择"))
            }
            FieldKind::Links => link_problem(name, value),
            FieldKind::Colour => colour_problem(name, value),
        }
    }
}

/// Names and addresses of a list of links: a name, a space, an address to a line.
pub fn links(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, url)| (name.trim(), url))
}

fn lines(typed: &str) -> impl Iterator<Item = String> {
    typed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty())
}

fn text_problem(name: &str, value: &str) -> Option<String> {
    if !is_plain_line(value) {
        return Some(format!("{name}含有不能显示的字符，请重新输入"));
    }
    (value.chars().count() > LONGEST_TEXT).then(|| format!("{name}不超过{LONGEST_TEXT}字"))
}

fn link_problem(name: &str, value: &str) -> Option<String> {
    if value.lines().count() > MOST_LINKS {
        return Some(format!("{name}不超过{MOST_LINKS}条"));
    }
    let is_fit =
        |line: &&str| line.rsplit_once(' ').is_some_and(|(name, url)| text_problem("", name).is_none() && is_address(url));
    let unfit = value.lines().position(|line| !is_fit(&line))?;
    Some(format!(
        "{name}第{}行应为“名称 网址”，中间空一格，网址以 http://、https:// 或 / 开头，名称不超过{LONGEST_TEXT}字",
        unfit + 1
    ))
}

fn colour_problem(name: &str, value: &str) -> Option<String> {
    let Some(contrast) = Colour::read(value).map(Colour::contrast_with_white) else {
        return Some(format!("{name}应为 # 和6位十六进制数字，例如 #17508f"));
    };
    (contrast < LEAST_CONTRAST)
        .then(|| format!("{name}太浅，白字在上面看不清：对比度为{contrast:.1}，应不低于{LEAST_CONTRAST}，请选深一些的颜色"))
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

fn hundred() -> i64 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldKind) -> ThemeField {
        ThemeField {
            key: "x".into(),
            name: "字段".into(),
            hint: String::new(),
            kind,
            required: false,
            least: 1,
            most: 20,
            choices: Vec::new(),
            default: String::new(),
        }
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

    #[test]
    fn a_list_of_links_is_kept_a_line_each_and_read_back() {
        let links_field = field(FieldKind::Links);
        let kept = links_field.kept("  中国政府网   https://www.gov.cn \n\n 本站 站点地图  /sitemap.html\r\n");
        assert_eq!(kept, "中国政府网 https://www.gov.cn\n本站 站点地图 /sitemap.html");
        assert_eq!(links_field.problem(&kept, &ChannelTree::default()), None);
        assert_eq!(links(&kept).collect::<Vec<_>>(), [("中国政府网", "https://www.gov.cn"), ("本站 站点地图", "/sitemap.html")]);
        for wrong in [
            "甲 javascript:alert(1)",
            "甲 //evil.example",
            "甲 /\\evil.example",
            "甲\u{202e} /a",
            "甲",
            "甲 ftp://x",
            "甲 https://",
        ] {
            assert!(links_field.problem(wrong, &ChannelTree::default()).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_colour_that_white_letters_cannot_be_read_on_is_refused() {
        let colour = field(FieldKind::Colour);
        let tree = ChannelTree::default();
        assert_eq!(colour.problem("#17508f", &tree), None);
        assert!(colour.problem("#ffcc00", &tree).unwrap().contains("太浅"));
        for wrong in ["red", "#123", "#17508g", "17508f", "#17508f;"] {
            assert!(colour.problem(wrong, &tree).unwrap().contains("十六进制"), "{wrong}");
        }
    }

    #[test]
    fn numbers_and_channels_are_held_to_what_there_is() {
        let tree = ChannelTree::default();
        assert_eq!(field(FieldKind::Number).problem("20", &tree), None);
        assert!(field(FieldKind::Number).problem("21", &tree).is_some());
        assert!(field(FieldKind::Channel).problem("yaowen", &tree).is_some());
        assert_eq!(field(FieldKind::Channel).problem("", &tree), None);
        assert!(field(FieldKind::Text).problem("甲\0", &tree).is_some());
        let many: Vec<String> = (0..40).map(|at| format!("c{at} c{at}")).collect();
        let kept = field(FieldKind::Channels).kept(&many.join(" "));
        assert_eq!(kept.split(' ').count(), MOST_CHANNELS + 1, "each once, and no more than shows that they are too many");
        assert!(field(FieldKind::Channels).problem(&kept, &tree).unwrap().contains("最多"));
    }
}
