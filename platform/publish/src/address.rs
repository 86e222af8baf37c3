//! Addresses of pages within their site.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use model::{Channel, Media, MediaId, Placement, Rendition, ResourceId};

/// Items in one chunk of a site's map for crawlers.
pub(crate) const SITEMAP_CHUNK: i64 = 1_000;

/// The style that every page of a site links: grey in mourning.
pub const STATE: &str = "/_site/state.css";

/// The emergency notice that every page of a site asks for.
pub const EMERGENCY: &str = "/_site/notice.html";

/// What visitors find at every address of a site that is shut; nothing is here while it is open.
pub const SHUTTER: &str = "/_site/shutter.html";

/// An article in a channel: by month, day and number of the resource, so it never changes and never collides.
pub fn article(channel: &Channel, resource: ResourceId, published: NaiveDateTime) -> String {
    let day = model::local(published);
    format!("{}{}/t{}_{resource}.html", channel.path, day.format("%Y%m"), day.format("%Y%m%d"))
}

/// An article in a channel under the name its site chose.
pub fn chosen(channel: &Channel, slug: &str) -> String {
    format!("{}{slug}.html", channel.path)
}

/// Whether a page at this address can only be an article: no other page below a channel ends in `.html` but the chunks of lists;
/// beside the channels there are the platform's own pages, files of the theme and uploads.
pub fn is_article(path: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((folder, name)) = path.strip_suffix(".html").and_then(|path| path.rsplit_once('/')) else { return false };
    let is_other = folder.is_empty() || ["/_", "/assets/", "/media/"].iter().any(|own| path.starts_with(own));
    !is_other && name != "index" && !name.strip_prefix("list_").is_some_and(digits)
}

/// An address in the one spelling under which it is looked up: what is not plain ASCII percent-encoded, escapes in capitals.
pub fn normal(address: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%';
    if address.bytes().all(plain) {
        return Cow::Borrowed(address);
    }
    let mut spelled = String::with_capacity(address.len() + 16);
    for byte in address.bytes() {
        match byte {
            byte if plain(byte) => spelled.push(char::from(byte)),
            b'%' => spelled.push('%'),
            byte => {
                spelled.push('%');
                spelled.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])));
            }
        }
    }
    let mut parts = spelled.split('%');
    let mut capital = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (escape, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        capital.push('%');
        capital.push_str(&escape.to_ascii_uppercase());
        capital.push_str(rest);
    }
    Cow::Owned(capital)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_is_known_by_its_address() {
        for article in ["/yaowen/202611/t20261124_7.html", "/yaowen/nianbao-2026.html", "/yaowen/list-1.html"] {
            assert!(is_article(article), "{article}");
        }
        for other in [
            "/",
            "/yaowen/",
            "/yaowen/list_0.html",
            "/yaowen/index.html",
            "/assets/theme.css",
            "/assets/help.html",
            "/sitemap.html",
            "/_site/notice.html",
            "/_error/404.html",
            "/feed.xml",
        ] {
            assert!(!is_article(other), "{other}");
        }
    }

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(normal("/a/b.html"), "/a/b.html");
        assert_eq!(normal("/要闻"), "/%E8%A6%81%E9%97%BB");
        assert_eq!(normal("/%e8%a6%81%e9%97%bb?x=%2f%"), "/%E8%A6%81%E9%97%BB?x=%2F%");
    }
}
