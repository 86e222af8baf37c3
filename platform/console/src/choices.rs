//! What the form lets people choose from: channels, theme classes, validities.

use model::{ChannelId, ChannelTree, Genre, Openness, ResourceKind, ThemeClass, Validity, Within};
use serde::Serialize;

use crate::desk::trail;

/// The lists of the form.
#[derive(Serialize)]
pub(crate) struct Choices {
    channels: Vec<Choice>,
    themes: Vec<Theme>,
    validities: Vec<(&'static str, &'static str)>,
    genres: Vec<(&'static str, &'static str)>,
    opennesses: Vec<(&'static str, &'static str)>,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    kind: ResourceKind,
    kind_name: &'static str,
}

/// A first level of theme classes with those below it.
#[derive(Serialize)]
struct Theme {
    first: &'static str,
    classes: Vec<&'static str>,
}

impl Choices {
    /// The channels are those of the tree that lie within.
    pub(crate) fn among(tree: &ChannelTree, within: &Within) -> Self {
        let mut channels = Vec::new();
        collect(tree, None, within, &mut channels);
        let validities = Validity::ALL.iter().map(|validity| (validity.as_str(), validity.chinese())).collect();
        let genres = Genre::ALL.iter().map(|genre| (genre.as_str(), genre.chinese())).collect();
        let opennesses = Openness::ALL.iter().map(|openness| (openness.as_str(), openness.chinese())).collect();
        Self { channels, themes: themes(), validities, genres, opennesses }
    }
}

/// In the order of the tree: each channel is followed by those below it.
fn collect(tree: &ChannelTree, parent: Option<ChannelId>, within: &Within, found: &mut Vec<Choice>) {
    for channel in tree.children(parent) {
        if within.has(channel.id) {
            found.push(Choice {
                id: channel.id.to_string(),
                name: trail(tree, channel.id),
                kind: channel.resource_kind,
                kind_name: channel.resource_kind.chinese(),
            });
        }
        collect(tree, Some(channel.id), within, found);
    }
}

fn themes() -> Vec<Theme> {
    let mut themes: Vec<Theme> = Vec::new();
    for class in ThemeClass::all() {
        match themes.last_mut() {
            Some(theme) if theme.first == class.first_level() => theme.classes.push(class.as_str()),
            _ => themes.push(Theme { first: class.first_level(), classes: vec![class.as_str()] }),
        }
    }
    themes
}
