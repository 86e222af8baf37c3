//! The official subject classes of government documents, 主题分类: a fixed table of two levels (regulations.md §4.6).

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// One leaf of the table, stored and shown as `一级\二级` (for example `综合政务\政务公开`).
///
/// The class 其他 has no second level and is stored as `其他`. Only leaves of the official table exist as values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ThemeClass(&'static str);

/// A value that is not a leaf of the official table. The message is shown to users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是规定的主题分类，应为“综合政务\\政务公开”这样的“一级\\二级”形式，并在国务院主题分类表之内")]
pub struct UnknownThemeClass(pub String);

static ALL: LazyLock<Vec<ThemeClass>> = LazyLock::new(read_table);

impl ThemeClass {
    /// Every leaf, in official order.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The stored form, `一级\二级`.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The first level, for example `综合政务`.
    pub fn first_level(self) -> &'static str {
        self.0.split_once('\\').map_or(self.0, |(first, _)| first)
    }

    /// The second level, for example `政务公开`; the class 其他 has none.
    pub fn second_level(self) -> Option<&'static str> {
        self.0.split_once('\\').map(|(_, second)| second)
    }
}

impl FromStr for ThemeClass {
    type Err = UnknownThemeClass;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim();
        let found = Self::all().iter().find(|class| class.0 == wanted);
        found.copied().ok_or_else(|| UnknownThemeClass(wanted.to_owned()))
    }
}

/// Written by hand because the derived one would borrow the text for as long as the program runs.
impl<'de> Deserialize<'de> for ThemeClass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for ThemeClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

#[derive(Deserialize)]
struct Table {
    class: Vec<FirstLevel>,
}

#[derive(Deserialize)]
struct FirstLevel {
    name: String,
    topics: Vec<String>,
}

/// The leaves live as long as the program, so a [`ThemeClass`] can be copied like a number.
fn read_table() -> Vec<ThemeClass> {
    let table: Table = toml::from_str(include_str!("../data/theme_classes.toml"))
        .expect("the compiled-in theme classes are valid, a test reads them");
    let leaves = table.class.into_iter().flat_map(FirstLevel::into_leaves);
    leaves.map(|leaf| ThemeClass(leaf.leak())).collect()
}

impl FirstLevel {
    fn into_leaves(self) -> Vec<String> {
        if self.topics.is_empty() {
            return vec![self.name];
        }
        self.topics.iter().map(|topic| format!("{}\\{topic}", self.name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_22_first_levels_and_no_leaf_twice() {
        let first_levels: BTreeSet<_> = ThemeClass::all().iter().map(|class| class.first_level()).collect();
        let leaves: BTreeSet<_> = ThemeClass::all().iter().map(|class| class.as_str()).collect();
        assert_eq!(first_levels.len(), 22);
        assert_eq!((leaves.len(), ThemeClass::all().len()), (122, 122));
    }

    #[test]
    fn a_class_is_parsed_from_its_stored_form() {
        let class: ThemeClass = " 综合政务\\政务公开 ".parse().unwrap();
        assert_eq!((class.first_level(), class.second_level()), ("综合政务", Some("政务公开")));
        assert_eq!(class.to_string(), "综合政务\\政务公开");
    }

    #[test]
    fn every_leaf_survives_its_own_stored_form() {
        for class in ThemeClass::all() {
            assert_eq!(class.as_str().parse(), Ok(*class));
        }
    }

    #[test]
    fn the_last_class_stands_without_a_second_level() {
        assert_eq!("其他".parse::<ThemeClass>().unwrap().second_level(), None);
    }

    #[test]
    fn a_first_level_alone_or_an_unknown_class_is_refused_by_name() {
        for bad in ["综合政务", "综合政务/政务公开", "综合政务\\天气", "其他\\其他", ""] {
            let error = bad.parse::<ThemeClass>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("“{bad}”不是规定的主题分类")), "{error}");
        }
    }

    #[test]
    fn serde_uses_the_stored_form() {
        #[derive(Deserialize, Serialize)]
        struct Document {
            theme: ThemeClass,
        }
        let document: Document = toml::from_str("theme = '财政、金融、审计\\货币（含外汇）'").unwrap();
        assert_eq!(document.theme.second_level(), Some("货币（含外汇）"));
        assert!(toml::to_string(&document).unwrap().contains("货币（含外汇）"));
        assert!(toml::from_str::<Document>("theme = '气象'").err().unwrap().to_string().contains("“气象”"));
    }
}
