//! What a theme asks to be told, in its settings and in its blocks: the kinds of fields, what is kept of what was typed in one, and why
//! it cannot stand.

use model::notice::is_address;
use model::text::is_plain_line;
use model::{ChannelTree, Colour, picture};
use serde::{Deserialize, Serialize};

/// Characters of a text.
const LONGEST_TEXT: usize = 60;

/// Lines of a list of links.
const MOST_LINKS: usize = 60;

/// Channels that one block lists.
const MOST_CHANNELS: usize = 12;

/// WCAG 2.2, 1.4.3: what white letters on a colour need.
const LEAST_CONTRAST: f64 = 4.5;

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
    /// Media of the site, `least` to `most` of them, as [`model::picture`] keeps them.
    Pictures,
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

/// Whether the site has such a channel, and it is not retired.
pub(crate) fn stands(tree: &ChannelTree, key: &str) -> bool {
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
            FieldKind::Pictures => picture::written(&picture::read(typed)),
            FieldKind::Colour => typed.trim().to_lowercase(),
            _ => typed.trim().to_owned(),
        }
    }

    /// Why a value cannot stand, in a sentence for whoever typed it.
    pub fn problem(&self, value: &str, tree: &ChannelTree) -> Option<String> {
        let name = &self.name;
        if value.is_empty() {
            let asked = if self.kind == FieldKind::Pictures { "选择" } else { "填写" };
            return self.required.then(|| format!("请{asked}{name}"));
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
            FieldKind::Pictures => {
                let count = i64::try_from(picture::read(value).len()).unwrap_or(i64::MAX);
                (!(self.least..=self.most).contains(&count)).then(|| format!("{name}应为{}至{}张", self.least, self.most))
            }
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
    let unfit = value.lines().enumerate().filter(|(_, line)| !is_fit(line)).map(|(at, _)| (at + 1).to_string());
    let unfit = unfit.collect::<Vec<_>>();
    (!unfit.is_empty()).then(|| {
        format!(
            "{name}第{}行应为“名称 网址”，中间空一格，网址以 http://、https:// 或 / 开头，名称不超过{LONGEST_TEXT}字",
            unfit.join("、")
        )
    })
}

fn colour_problem(name: &str, value: &str) -> Option<String> {
    let Some(contrast) = Colour::read(value).map(Colour::contrast_with_white) else {
        return Some(format!("{name}应为 # 和6位十六进制数字，例如 #17508f"));
    };
    (contrast < LEAST_CONTRAST)
        .then(|| format!("{name}太浅，白字在上面看不清：对比度为{contrast:.1}，应不低于{LEAST_CONTRAST}，请选深一些的颜色"))
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
