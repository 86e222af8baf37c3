//! What other programs read: feeds of a site and of its channels, and the maps for crawlers.

use model::{Card, Channel, Key, Keys};
use render::context::Entry;
use serde_json::json;
use store::placements::{self, CardQuery};
use store::sites;

use crate::address::{self, SITEMAP_CHUNK};
use crate::reader::{Reader, iso_time};

/// Entries in a feed.
const FEED_LENGTH: i64 = 30;

/// The newest entries of a channel or the whole site.
pub(crate) struct Feed {
    pub(crate) entries: Vec<Entry>,
    /// When any of them last changed, RFC 3339.
    pub(crate) updated: String,
}

impl Feed {
    pub(crate) fn read(reader: &Reader, channel: Option<&Channel>, keys: &mut Keys) -> store::Result<Self> {
        let site = reader.site.id;
        keys.insert(channel.map_or_else(|| Key::site_items(site), |channel| Key::channel_items(channel.id)));
        let channels = channel.map(|channel| channel.id).into_iter().collect();
        let wanted = CardQuery { channels, limit: FEED_LENGTH, ..CardQuery::default() };
        let cards = placements::list_cards(reader.held().connection(), site, &wanted)?;
        let changed = cards.iter().map(Card::changed_at).max();
        let entries = reader.card_contexts(cards.clone(), keys)?.into_iter().zip(cards).map(|(shown, card)| Entry {
            id: format!("tag:{},2026:{}", reader.site.domain, card.resource_id),
            url: format!("{}{}", reader.base(), shown.url),
            title: shown.title,
            summary: shown.summary,
            published: iso_time(card.placement.published_at),
            updated: iso_time(card.changed_at()),
            author: shown.source,
        });
        let updated = iso_time(changed.unwrap_or(chrono::DateTime::UNIX_EPOCH.naive_utc()));
        Ok(Self { entries: entries.collect(), updated })
    }

    /// As JSON Feed 1.1 (jsonfeed.org).
    pub(crate) fn as_json(&self, title: &str, home: &str, address: &str) -> Vec<u8> {
        let items = self.entries.iter().map(|entry| {
            json!({
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "summary": entry.summary,
                "content_text": entry.summary,
                "date_published": entry.published,
                "date_modified": entry.updated,
                "authors": [{ "name": entry.author }],
            })
        });
        let feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": home,
            "feed_url": address,
            "language": "zh-CN",
            "items": items.collect::<Vec<_>>(),
        });
        feed.to_string().into_bytes()
    }
}

/// The chunks of the map for crawlers.
pub(crate) fn sitemap_chunks(reader: &Reader, keys: &mut Keys) -> store::Result<Vec<Entry>> {
    // A new chunk appears with the first item in it.
    keys.insert(Key::site_items(reader.site.id));
    let newest = sites::last_sequence(reader.held().connection(), reader.site.id)? / SITEMAP_CHUNK;
    Ok((0..=newest).map(|part| map_entry(reader, &address::sitemap_chunk(part), String::new())).collect())
}

/// One chunk of the map for crawlers; the first also holds the site's own pages.
pub(crate) fn sitemap_entries(reader: &Reader, part: i64, keys: &mut Keys) -> store::Result<Vec<Entry>> {
    keys.insert(Key::site_chunk(reader.site.id, part));
    let mut entries = Vec::new();
    if part == 0 {
        keys.insert(Key::nav(reader.site.id));
        entries.push(map_entry(reader, "/", String::new()));
        entries.push(map_entry(reader, "/sitemap.html", String::new()));
        let channels = reader.tree.all().iter().filter(|channel| !channel.retired);
        entries.extend(channels.map(|channel| map_entry(reader, &channel.path, String::new())));
    }
    let (from, to) = (part * SITEMAP_CHUNK, (part + 1) * SITEMAP_CHUNK);
    let paths = placements::list_paths(reader.held().connection(), reader.site.id, from, to)?;
    entries.extend(paths.into_iter().map(|(path, at)| map_entry(reader, &path, iso_time(at))));
    Ok(entries)
}

fn map_entry(reader: &Reader, path: &str, updated: String) -> Entry {
    Entry {
        url: format!("{}{path}", reader.base()),
        updated,
        published: String::new(),
        title: String::new(),
        summary: String::new(),
        id: String::new(),
        author: String::new(),
    }
}
