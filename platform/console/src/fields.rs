//! Forms of what a theme asks to be told: the settings of its look, and the fields of a block.

use std::collections::{BTreeMap, BTreeSet};

use config::{Choice, FieldKind, ThemeField};
use model::ChannelTree;
use publish::commands::pictures::Shelf;
use serde::Serialize;

use crate::desk::trail;
use crate::pictures::{self, PictureRow, Rows};

/// What was sent, each name once; what was ticked several times stands in one value, with spaces between, pictures a line each.
pub(crate) fn gathered(sent: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut rows = Rows::default();
    for (name, value) in sent {
        let Some((name, value)) = rows.take(name, value) else { continue };
        found.entry(name).and_modify(|all| *all = format!("{all} {value}")).or_insert(value);
    }
    found.extend(rows.values());
    found
}

/// A field ready to be drawn.
#[derive(Serialize)]
pub(crate) struct FieldRow {
    #[serde(flatten)]
    field: ThemeField,
    value: String,
    /// For a choice or channel: what may be chosen; for channels, whether it is.
    options: Vec<Offered>,
    /// For pictures.
    pictures: Vec<PictureRow>,
}

#[derive(Serialize)]
struct Offered {
    key: String,
    name: String,
    is_chosen: bool,
}

/// What the values of fields name, and where to be on the screen.
pub(crate) struct Around<'a> {
    pub(crate) tree: &'a ChannelTree,
    pub(crate) shelf: &'a Shelf,
    pub(crate) focus: &'a str,
}

/// The fields with what they say.
pub(crate) fn rows(fields: &[ThemeField], values: &BTreeMap<String, String>, around: &Around<'_>) -> Vec<FieldRow> {
    let tree = around.tree;
    let row = |field: &ThemeField| {
        let value = values.get(&field.key).cloned().unwrap_or_default();
        let chosen: BTreeSet<&str> = value.split_whitespace().collect();
        let channel = |channel: &model::Channel| Offered {
            is_chosen: chosen.contains(channel.key.as_str()),
            key: channel.key.clone(),
            name: trail(tree, channel.id),
        };
        let choice =
            |choice: &Choice| Offered { is_chosen: choice.key == value, key: choice.key.clone(), name: choice.name.clone() };
        let options = match field.kind {
            FieldKind::Channel | FieldKind::Channels => {
                tree.all().iter().filter(|channel| !channel.retired).map(channel).collect()
            }
            _ => field.choices.iter().map(choice).collect(),
        };
        let pictures = match field.kind {
            FieldKind::Pictures => pictures::rows(&value, around.shelf, around.focus),
            _ => Vec::new(),
        };
        FieldRow { field: field.clone(), options, pictures, value }
    };
    fields.iter().map(row).collect()
}
