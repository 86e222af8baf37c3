//! Addresses of pages within their site.

use chrono::NaiveDateTime;
use model::{Channel, Placement, ResourceId};

/// Items in one chunk of a site's map for crawlers.
pub(crate) const SITEMAP_CHUNK: i64 = 1_000;

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

/// The chunk of the map for crawlers that a placement is in.
pub(crate) fn sitemap_chunk_of(placement: &Placement) -> i64 {
    placement.site_sequence / SITEMAP_CHUNK
}
