//! Dependency keys (依赖键): what a page read while it was rendered, and what a change touched.
//!
//! A page is rendered again exactly when a change touches one of the keys it holds, so both sides must build
//! keys here and nowhere else.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::{ChannelId, MediaId, NoticeKind, PlacementId, ResourceId, SiteId};

/// One thing a page can depend on, as text such as `resource:42`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

/// A set of keys, ordered so that it is stored and compared the same everywhere.
pub type Keys = BTreeSet<Key>;

impl Key {
    /// The live content of a resource, and whether it is live.
    pub fn resource(id: ResourceId) -> Self {
        Self(format!("resource:{id}").into())
    }

    /// Which live resources explain a policy file.
    pub fn explaining(id: ResourceId) -> Self {
        Self(format!("resource:{id}:explaining").into())
    }

    /// A channel's own record: name, address, description.
    pub fn channel(id: ChannelId) -> Self {
        Self(format!("channel:{id}").into())
    }

    /// Which resources are live in a channel, newest first. A query for the latest of a channel holds this.
    pub fn channel_items(id: ChannelId) -> Self {
        Self(format!("channel:{id}:items").into())
    }

    /// Which resources are live in one chunk of a channel's list.
    pub fn channel_chunk(id: ChannelId, chunk: i64) -> Self {
        Self(format!("channel:{id}:chunk:{chunk}").into())
    }

    /// Which chunk of which channel's list this is; none for other keys.
    pub fn as_channel_chunk(&self) -> Option<(ChannelId, i64)> {
        let (channel, chunk) = self.0.strip_prefix("channel:")?.split_once(":chunk:")?;
        Some((ChannelId(channel.parse().ok()?), chunk.parse().ok()?))
    }

    /// A site's own record: names, numbers, footers, settings, agency.
    pub fn site(id: SiteId) -> Self {
        Self(format!("site:{id}").into())
    }

    /// The channel tree of a site.
    pub fn nav(id: SiteId) -> Self {
        Self(format!("site:{id}:nav").into())
    }

    /// Which resources are live anywhere on a site. A query over the whole site holds this.
    pub fn site_items(id: SiteId) -> Self {
        Self(format!("site:{id}:items").into())
    }

    /// Which placements of one chunk of a site's map are live.
    pub fn site_chunk(id: SiteId, chunk: i64) -> Self {
        Self(format!("site:{id}:chunk:{chunk}").into())
    }

    /// How a page of a site is arranged: the home page, or the topic with this key.
    pub fn arrangement(id: SiteId, page: &str) -> Self {
        Self(format!("site:{id}:arrangement:{page}").into())
    }

    /// The list of all sites that the public knows of.
    pub fn sites() -> Self {
        Self("sites".into())
    }

    /// What lies before and behind a placement in its channel.
    pub fn neighbours(id: PlacementId) -> Self {
        Self(format!("placement:{id}:neighbours").into())
    }

    /// A template or asset as a site finds it, whether its own, its theme's or the base's: `templates/home.html`.
    pub fn file(id: SiteId, name: &str) -> Self {
        Self(format!("site:{id}:file:{name}").into())
    }

    /// Which notices of a kind are on, on this site alone.
    pub fn notices(id: SiteId, kind: NoticeKind) -> Self {
        Self(format!("site:{id}:notices:{kind}").into())
    }

    /// Which notices of a kind are on, on every site.
    pub fn notices_everywhere(kind: NoticeKind) -> Self {
        Self(format!("notices:{kind}").into())
    }

    /// How a site stands towards the public, and what is announced with it.
    pub fn standing(id: SiteId) -> Self {
        Self(format!("site:{id}:standing").into())
    }

    /// Whether many pages hold this key alike: what a site is built of. The others say what one page shows.
    pub fn is_common(&self) -> bool {
        let mut parts = self.0.split(':');
        match (parts.next(), parts.nth(1)) {
            (Some("sites" | "channel" | "notices"), None) => true,
            (Some("site"), part) => matches!(part, None | Some("nav" | "file" | "notices" | "standing")),
            _ => false,
        }
    }

    /// A medium's own record: alternative text, focal point, sizes.
    pub fn media(id: MediaId) -> Self {
        Self(format!("media:{id}").into())
    }

    /// Whether a live resource of a site uses a medium.
    pub fn media_use(site: SiteId, id: MediaId) -> Self {
        Self(format!("site:{site}:media:{id}").into())
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key read back from the store.
    pub fn stored(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_read_back_as_it_was_made() {
        assert_eq!(Key::channel_chunk(ChannelId(7), 12).as_channel_chunk(), Some((ChannelId(7), 12)));
        for other in [Key::channel(ChannelId(7)), Key::channel_items(ChannelId(7)), Key::site_chunk(SiteId(7), 12)] {
            assert_eq!(other.as_channel_chunk(), None, "{other}");
        }
    }

    #[test]
    fn what_a_site_is_built_of_is_common_and_what_a_page_shows_is_not() {
        let (site, channel) = (SiteId(1), ChannelId(2));
        for common in [Key::site(site), Key::nav(site), Key::channel(channel), Key::sites(), Key::file(site, "templates/a.html")]
        {
            assert!(common.is_common(), "{common}");
        }
        let own = [
            Key::resource(ResourceId(3)),
            Key::channel_items(channel),
            Key::channel_chunk(channel, 4),
            Key::site_items(site),
            Key::site_chunk(site, 5),
            Key::neighbours(PlacementId(6)),
        ];
        for own in own {
            assert!(!own.is_common(), "{own}");
        }
    }
}
