//! The media library (媒体库) of a site: what is there, how to find it, and the pictures and files a form may choose from.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use model::media::{Reference, readable_size, rewrite};
use model::{Media, MediaId, MediaKind, SiteId};
use serde::{Deserialize, Serialize};
use store::Connection;
use store::media::{self, Filter};
use web::{App, Error, Scope};

use crate::moment::Moment;
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};
use crate::uploading::Outcome;

/// Media on a page of the library.
const PAGE: i64 = 24;

/// Media a form chooses from at once, besides what was just brought; more are found by name.
const OFFERED: i64 = 12;

/// What to look for, and how to show it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Wish {
    q: String,
    /// A group of kinds: `image`, `document` or `archive`; empty for all.
    kind: String,
    /// `1`: only what no resource uses.
    unused: String,
    /// `list` or, by default, a grid.
    view: String,
    page: Option<u32>,
    #[serde(skip_serializing)]
    done: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    key: &'a str,
    wish: &'a Wish,
    is_searched: bool,
    items: Vec<Item>,
    page: i64,
    has_next: bool,
    /// The address of this list, without its page.
    address: String,
    outcomes: Vec<Outcome>,
    has_refusals: bool,
    limits: Told,
}

/// What may be brought, in words.
#[derive(Serialize)]
struct Told {
    image: String,
    attachment: String,
    megapixels: u32,
    files: usize,
}

/// A medium as lists show it.
#[derive(Serialize)]
pub(crate) struct Item {
    pub(crate) id: MediaId,
    pub(crate) name: String,
    pub(crate) kind_name: &'static str,
    pub(crate) extension: &'static str,
    pub(crate) size: String,
    pub(crate) width: i32,
    pub(crate) height: i32,
    pub(crate) is_image: bool,
    pub(crate) is_raster: bool,
    pub(crate) alt: String,
    at: Moment,
    is_used: bool,
}

/// What a form chooses from.
#[derive(Serialize)]
struct Offered<'a> {
    key: &'a str,
    #[serde(flatten)]
    search: &'a Search,
    items: Vec<Item>,
    has_more: bool,
}

/// What a form looks for.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Search {
    sought: String,
    /// The field of pictures of a block it is for; empty: a text that is written.
    into: String,
    purpose: Purpose,
    /// Numbers of what was just brought: listed first, wherever else it would stand.
    first: String,
}

/// What a text wants a file for.
#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Purpose {
    #[default]
    Image,
    Link,
    Cover,
    Attachments,
}

/// What a form has chosen, as typed; only what is asked about is drawn.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    cover: Option<String>,
    attachments: Option<String>,
}

#[derive(Serialize)]
struct Choices<'a> {
    key: &'a str,
    cover: Option<Vec<Choice>>,
    attachments: Option<Vec<Choice>>,
}

/// One of what is chosen, in its place; without a medium where the site has none of that number.
#[derive(Serialize)]
struct Choice {
    number: String,
    item: Option<Item>,
}

/// GET /console/{site}/media
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, &wish, Vec::new(), StatusCode::OK).await
}

/// GET /console/{site}/media/picker
pub(crate) async fn picker(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(search): Query<Search>,
) -> Result<Html<String>, Error> {
    let site = scope.site.id;
    let group = if search.into.is_empty() { search.purpose.group() } else { "image" };
    let (name, first) = (search.sought.clone(), numbers(&search.first).unwrap_or_default());
    let (items, has_more) = app.read(move |connection| offered(connection, site, &name, group, &first)).await?;
    screens::part("picker.html", &Offered { key: &scope.site.key, search: &search, items, has_more })
}

impl Purpose {
    /// The kinds of files that serve it.
    fn group(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Cover => "raster",
            Self::Link | Self::Attachments => "",
        }
    }
}

/// The newest media of a group whose name holds what is sought, after those asked for by number, and whether there are more.
pub(crate) fn offered(
    connection: &mut Connection,
    site: SiteId,
    sought: &str,
    group: &str,
    first: &[MediaId],
) -> store::Result<(Vec<Item>, bool)> {
    let kinds = kinds(group);
    let mut found = media::find_all(connection, site, first)?;
    found.retain(|one| kinds.is_empty() || kinds.contains(&one.kind));
    found.sort_by_key(|one| first.iter().position(|id| *id == one.id));
    let filter = Filter { name: sought.trim().to_owned(), kinds, ..Filter::default() };
    let (newest, has_more) = cut(media::list(connection, site, &filter, 0, OFFERED + 1)?, OFFERED);
    found.extend(newest.into_iter().filter(|one| !first.contains(&one.id)));
    Ok((found.into_iter().map(|one| item(one, false)).collect(), has_more))
}

/// GET /console/{site}/media/chosen
pub(crate) async fn chosen(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>, Error> {
    let site = scope.site.id;
    let (cover, attachments) = app
        .read(move |connection| {
            let mut choices = |typed: Option<String>| typed.map(|text| choices(connection, site, &text)).transpose();
            Ok::<_, store::Error>((choices(chosen.cover)?, choices(chosen.attachments)?))
        })
        .await?;
    screens::part("chosen.html", &Choices { key: &scope.site.key, cover, attachments })
}

/// What was typed, number by number: what is none is shown as well, so that it can be taken out.
fn choices(connection: &mut Connection, site: SiteId, typed: &str) -> store::Result<Vec<Choice>> {
    let mut typed: Vec<&str> = parts(typed).collect();
    let mut seen = HashSet::new();
    typed.retain(|number| seen.insert(*number));
    let ids: Vec<MediaId> = typed.iter().filter_map(|number| number.parse().ok()).collect();
    let mut found: HashMap<String, Media> =
        media::find_all(connection, site, &ids)?.into_iter().map(|one| (one.id.to_string(), one)).collect();
    let choice = |number: &str| Choice { number: number.to_owned(), item: found.remove(number).map(|one| item(one, true)) };
    Ok(typed.into_iter().map(choice).collect())
}

/// The library, with what became of files just brought.
pub(crate) async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    wish: &Wish,
    outcomes: Vec<Outcome>,
    status: StatusCode,
) -> Result<Response, Error> {
    let page = i64::from(wish.page.unwrap_or(1).max(1));
    let filter = Filter { name: wish.q.trim().to_owned(), kinds: kinds(&wish.kind), unused: wish.unused == "1" };
    let site = scope.site.id;
    let (items, has_next) = app
        .read(move |connection| {
            let (found, has_next) = cut(media::list(connection, site, &filter, (page - 1) * PAGE, PAGE + 1)?, PAGE);
            let ids: Vec<MediaId> = found.iter().map(|one| one.id).collect();
            let used: HashSet<MediaId> = media::used_among(connection, &ids)?.into_iter().collect();
            let items = found.into_iter().map(|one| (used.contains(&one.id), one)).map(|(is_used, one)| item(one, is_used));
            Ok::<_, store::Error>((items.collect::<Vec<_>>(), has_next))
        })
        .await?;
    let set = &app.engine.settings.media;
    let told = |bytes: u64| readable_size(i64::try_from(bytes).unwrap_or(i64::MAX));
    let screen = Screen {
        key: &scope.site.key,
        is_searched: !wish.q.trim().is_empty() || !wish.kind.is_empty() || wish.unused == "1",
        items,
        page,
        has_next,
        address: address(wish),
        has_refusals: outcomes.iter().any(Outcome::is_refused),
        outcomes,
        limits: Told {
            image: told(set.image_bytes),
            attachment: told(set.attachment_bytes),
            megapixels: set.megapixels,
            files: set.files_at_once,
        },
        wish,
    };
    let frame = Frame::site(scope, Place::Media, "媒体库").noticed(notice::find(&wish.done));
    Ok((status, screens::draw("media.html", frame, screen)?).into_response())
}

/// A medium as lists show it.
pub(crate) fn item(media: Media, is_used: bool) -> Item {
    Item {
        id: media.id,
        kind_name: media.kind.chinese(),
        extension: media.kind.extension(),
        size: readable_size(media.bytes),
        width: media.width,
        height: media.height,
        is_image: media.kind.is_image(),
        is_raster: media.kind.is_raster(),
        at: media.uploaded_at.into(),
        name: media.file_name,
        alt: media.alt,
        is_used,
    }
}

/// A cleaned text as the console shows it: pictures come through the console, which asks who is looking.
pub(crate) fn shown_body(key: &str, body: &str) -> String {
    let led = model::prose::lead(body, |id| Some(format!("/console/resources/{id}")));
    rewrite(&led, |Reference { id, is_image, alt, .. }| {
        let address = format!("/console/{key}/media/{id}/file");
        if *is_image {
            format!("<img src=\"{address}\" alt=\"{alt}\" loading=\"lazy\">")
        } else {
            format!("<a href=\"{address}\">")
        }
    })
}

/// Numbers as people type them, in their order, each once; else the first thing that is none.
pub(crate) fn numbers<T: FromStr + PartialEq>(text: &str) -> Result<Vec<T>, String> {
    let mut ids: Vec<T> = Vec::new();
    for part in parts(text) {
        let id = part.parse().map_err(|_| part.to_owned())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，', '、', ';', '；', ' ', '\n']).map(str::trim).filter(|part| !part.is_empty())
}

fn kinds(group: &str) -> Vec<MediaKind> {
    let belongs = |kind: &&MediaKind| match group {
        "image" => kind.is_image(),
        "raster" => kind.is_raster(),
        "archive" => **kind == MediaKind::Zip,
        "document" => !kind.is_image() && **kind != MediaKind::Zip,
        _ => false,
    };
    MediaKind::ALL.iter().filter(belongs).copied().collect()
}

fn address(wish: &Wish) -> String {
    let pairs = [("q", &wish.q), ("kind", &wish.kind), ("unused", &wish.unused), ("view", &wish.view)];
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let encoded = |text: &str| -> String {
        text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
    };
    let parts = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    parts.map(|(name, value)| format!("{name}={}&", encoded(value))).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(numbers::<MediaId>(" 3，4、 5;3 ").unwrap(), [MediaId(3), MediaId(4), MediaId(5)]);
        assert_eq!(numbers::<MediaId>("").unwrap(), []);
        assert_eq!(numbers::<MediaId>("3,表.pdf").unwrap_err(), "表.pdf");
    }

    #[test]
    fn a_text_shows_its_pictures_through_the_console() {
        let shown = shown_body("wangxi", r#"<p><img src="media:7" alt="图"><a href="media:8" rel="x">表</a></p>"#);
        assert_eq!(
            shown,
            r#"<p><img src="/console/wangxi/media/7/file" alt="图" loading="lazy"><a href="/console/wangxi/media/8/file">表</a></p>"#
        );
    }
}
