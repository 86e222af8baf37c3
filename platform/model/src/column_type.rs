//! 栏目类别: the versioned list in `data/column_types.toml` of what a channel may be for the standard (`ColumnType`).

use std::sync::LazyLock;

use serde::Deserialize;

/// The list, and the day it was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnTypes {
    /// `2026-11-25`
    pub version: String,
    /// In the order they are offered.
    pub names: Vec<String>,
}

/// The list that is in force.
pub fn column_types() -> &'static ColumnTypes {
    static TYPES: LazyLock<ColumnTypes> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/column_types.toml"))
            .expect("the compiled-in column types are valid, a test reads them")
    });
    &TYPES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_named_once_and_fits_its_tag() {
        let names = &column_types().names;
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
        assert!(names.iter().all(|name| (1..=20).contains(&name.chars().count())), "{names:?}");
        assert!(names.iter().any(|name| name == "政策文件"));
    }
}
