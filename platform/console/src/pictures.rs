//! The pictures of a block in its form: a row each, chosen from the media library, put in order, and drawn again with all that was typed
//! after each press of a button, so that it takes no script.

use std::collections::BTreeMap;

use model::{MediaId, Picture, SiteId, picture, prose};
use publish::commands::pictures::Shelf;
use serde::Serialize;
use store::Connection;

use crate::media::{Item, offered};

/// What is typed of a picture, as the form names it: `pictures.alt`.
const PARTS: [&str; 4] = ["media", "alt", "link", "caption"];

/// What was sent of rows, by field and part.
#[derive(Default)]
pub(crate) struct Rows(BTreeMap<String, [Vec<String>; PARTS.len()]>);

impl Rows {
    /// Takes a value that belongs to a row; gives back what is none of it.
    pub(crate) fn take(&mut self, name: String, value: String) -> Option<(String, String)> {
        let found = name.split_once('.').and_then(|(field, part)| Some((field, PARTS.iter().position(|one| *one == part)?)));
        let Some((field, part)) = found else { return Some((name, value)) };
        self.0.entry(field.to_owned()).or_default()[part].push(value);
        None
    }

    /// The pictures of each field, as they are kept.
    pub(crate) fn values(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter().map(|(field, [media, alt, link, caption])| {
            let at = |all: &[String], row: usize| all.get(row).cloned().unwrap_or_default();
            let picture = |(row, id): (usize, &String)| Picture {
                media: id.trim().parse().unwrap_or(MediaId(0)),
                alt: at(&alt, row),
                link: at(&link, row),
                caption: at(&caption, row),
            };
            (field, picture::written(&media.iter().enumerate().map(picture).collect::<Vec<_>>()))
        })
    }
}

/// Does what a button of the rows says: `pictures:up:2`, `pictures:add:17`; answers where to be afterwards.
pub(crate) fn turn(values: &mut BTreeMap<String, String>, pressed: &str) -> String {
    let mut parts = pressed.split(':');
    let (Some(field), Some(way)) = (parts.next(), parts.next()) else { return String::new() };
    let number: i64 = parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    // Where there is no row yet, nothing was sent.
    let value = values.entry(field.to_owned()).or_default();
    let mut pictures = picture::read(value);
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    let now = match way {
        "add" => {
            pictures.push(Picture::of(MediaId(number)));
            format!("alt:{}", pictures.len() - 1)
        }
        "up" if (1..pictures.len()).contains(&at) => {
            pictures.swap(at, at - 1);
            format!("up:{}", at - 1)
        }
        "down" if at.saturating_add(1) < pictures.len() => {
            pictures.swap(at, at + 1);
            format!("down:{}", at + 1)
        }
        "remove" if at < pictures.len() => {
            pictures.remove(at);
            "sought".to_owned()
        }
        _ => "sought".to_owned(),
    };
    *value = picture::written(&pictures);
    now
}

/// A picture ready to be drawn.
#[derive(Serialize)]
pub(crate) struct PictureRow {
    at: usize,
    media: MediaId,
    name: String,
    alt: String,
    /// What the library says of it.
    library_alt: String,
    /// As an address, wherever it leads.
    link: String,
    /// The resource that the link follows.
    follows: Option<String>,
    caption: String,
    is_there: bool,
    is_first: bool,
    is_last: bool,
    /// Where to be on this row.
    focus: Option<String>,
}

/// The pictures of a field; `focus` says where to be, such as `up:2`.
pub(crate) fn rows(value: &str, shelf: &Shelf, focus: &str) -> Vec<PictureRow> {
    let pictures = picture::read(value);
    let last = pictures.len().saturating_sub(1);
    let row = |(at, picture): (usize, Picture)| {
        let media = shelf.media.get(&picture.media);
        let resource = prose::parse_address(&picture.link).and_then(|id| shelf.resources.get(&id));
        PictureRow {
            at,
            media: picture.media,
            name: media.map_or_else(|| format!("编号{}", picture.media), |media| media.file_name.clone()),
            alt: picture.alt,
            library_alt: media.map(|media| media.alt.clone()).unwrap_or_default(),
            link: resource.map_or(picture.link, |(_, address)| address.clone()),
            follows: resource.map(|(title, _)| title.clone()),
            caption: picture.caption,
            is_there: media.is_some(),
            is_first: at == 0,
            is_last: at == last,
            focus: focus.split_once(':').filter(|(_, row)| *row == at.to_string()).map(|(what, _)| what.to_owned()),
        }
    };
    pictures.into_iter().enumerate().map(row).collect()
}

/// What may be chosen into a field, and what was looked for.
#[derive(Default, Serialize)]
pub(crate) struct Choice {
    /// The field; empty: there is none.
    into: String,
    sought: String,
    items: Vec<Item>,
    has_more: bool,
    /// Whether the shelf is looked at now.
    is_open: bool,
}

impl Choice {
    /// The newest pictures of the library whose name holds what is sought.
    pub(crate) fn find(
        connection: &mut Connection,
        site: SiteId,
        into: &str,
        sought: &str,
        is_open: bool,
    ) -> store::Result<Self> {
        if into.is_empty() {
            return Ok(Self::default());
        }
        let (items, has_more) = offered(connection, site, sought, "image", &[])?;
        Ok(Self { into: into.to_owned(), sought: sought.to_owned(), items, has_more, is_open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(of: &[i64]) -> BTreeMap<String, String> {
        let pictures: Vec<Picture> = of.iter().map(|id| Picture::of(MediaId(*id))).collect();
        BTreeMap::from([("pictures".to_owned(), picture::written(&pictures))])
    }

    #[test]
    fn pictures_are_put_in_order_by_buttons_and_what_makes_no_sense_changes_nothing() {
        let turned = |pressed: &str| {
            let mut values = value(&[7, 8, 9]);
            let focus = turn(&mut values, pressed);
            (picture::read(&values["pictures"]).iter().map(|one| one.media.0).collect::<Vec<_>>(), focus)
        };
        assert_eq!(turned("pictures:up:2"), (vec![7, 9, 8], "up:1".to_owned()));
        assert_eq!(turned("pictures:down:0"), (vec![8, 7, 9], "down:1".to_owned()));
        assert_eq!(turned("pictures:remove:1"), (vec![7, 9], "sought".to_owned()));
        assert_eq!(turned("pictures:add:4"), (vec![7, 8, 9, 4], "alt:3".to_owned()));
        for wrong in ["pictures:up:0", "pictures:down:2", "pictures:remove:-1", "pictures:remove:3", "other:up:1", "pictures", ""]
        {
            assert_eq!(turned(wrong).0, [7, 8, 9], "{wrong}");
        }
    }

    #[test]
    fn rows_are_put_together_from_what_was_sent_of_each() {
        let mut rows = Rows::default();
        for (name, value) in
            [("p.media", "7"), ("p.alt", "甲"), ("p.media", "x"), ("p.alt", ""), ("p.link", "/a"), ("p.link", "")]
        {
            assert_eq!(rows.take(name.into(), value.into()), None);
        }
        assert_eq!(rows.take("title".into(), "乙".into()), Some(("title".into(), "乙".into())));
        let kept: Vec<_> = rows.values().collect();
        assert_eq!(kept, [("p".to_owned(), "media:7\t甲\t/a\t\nmedia:0\t\t\t".to_owned())]);
    }
}
