//! Addresses of pages within their site.

use chrono::NaiveDateTime;
use model::{Channel, Media, MediaId, Placement, Rendition, ResourceId};

/// Items in one chunk of a site's map for crawlers.
pub(crate) const SITEMAP_CHUNK: i64 = 1_000;

/// The style that every page of a site links: grey in mourning.
pub const STATE: &str = "/_site/state.css";

/// The emergency notice that every page of a site asks for.
pub const EMERGENCY: &str = "/_site/notice.html";

/// An article in a channel: by month, day and number of the resource, so it never changes and never collides.
pub fn article(channel: &Channel, resource: ResourceId, published: NaiveDateTime) -> String {
    let day = model::local(published);
    format!("{}{}/t{}_{resource}.html", channel.path, day.format("%Y%m"), day.format("%Y%m%d"))
}

/// An article in a channel under the name its site chose.
pub fn chosen(channel: &Channel, slug: &str) -> String {
    format!("{}{slug}.html", channel.path)
}

/// An older chunk of a channel's list.
pub fn chunk(channel: &Channel, number: i64) -> String {
    format!("{}list_{number}.html", channel.path)
}

/// The part of a feed's page that says it is in JSON, not in Atom.
pub(crate) const JSON_FEED: i64 = 1;

/// A feed of what lies at `home`: a channel's address or `/`.
pub fn feed(home: &str, part: i64) -> String {
    format!("{home}feed.{}", if part == JSON_FEED { "json" } else { "xml" })
}

/// A chunk of the map for crawlers.
pub fn sitemap_chunk(number: i64) -> String {
    format!("/sitemap_{number}.xml")
}

/// The themed page of an error.
pub fn error(status: u16) -> String {
    format!("/_error/{status}.html")
}

/// A file of the theme or site.
pub fn asset(name: &str) -> String {
    format!("/assets/{name}")
}

/// A picture or attachment, or a picture in another size: by hash and number, so that it never changes and never collides.
pub fn media(media: &Media, rendition: Option<&Rendition>) -> String {
    let (folder, short) = (media.hash.get(..2).unwrap_or_default(), media.hash.get(..16).unwrap_or_default());
    let (size, kind) = match rendition {
        Some(cover) if cover.is_cover() => (format!("-{}c", -cover.part), cover.kind),
        Some(other) => (format!("-{}w", other.part), other.kind),
        None => (String::new(), media.kind),
    };
    format!("/media/{folder}/{short}-{}{size}.{}", media.id, kind.extension())
}

/// The medium that an address names.
pub fn media_of(path: &str) -> Option<MediaId> {
    let name = path.strip_prefix("/media/")?.rsplit('/').next()?;
    name.split(['-', '.']).nth(1)?.parse().ok()
}

/// The chunk of the map for crawlers that a placement is in.
pub(crate) fn sitemap_chunk_of(placement: &Placement) -> i64 {
    placement.site_sequence / SITEMAP_CHUNK
}
