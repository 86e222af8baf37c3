//! Dependency keys (依赖键): what a page read while it was rendered, and what a change touched.
//!
//! A page is rendered again exactly when a change touches one of the keys it holds, so both sides must build
//! keys here and nowhere else.

use std::collections::BTreeSet;
use std::fmt;

use crate::{ChannelId, NoticeKind, ResourceId, SiteId};

/// One thing a page can depend on, as text such as `resource:42`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

/// A set of keys, ordered so that it is stored and compared the same everywhere.
pub type Keys = BTreeSet<Key>;

impl Key {
    /// The live content of a resource, and whether it is live.
    pub fn resource(id: ResourceId) -> Self {
        Self(format!("resource:{id}"))
    }

    /// A channel's own record: name, address, description.
    pub fn channel(id: ChannelId) -> Self {
        Self(format!("channel:{id}"))
    }

    /// Which resources are live in a channel, newest first. A query for the latest of a channel holds this.
    pub fn channel_items(id: ChannelId) -> Self {
        Self(format!("channel:{id}:items"))
    }

    /// Which resources are live in one chunk of a channel's list.
    pub fn channel_chunk(id: ChannelId, chunk: i64) -> Self {
        Self(format!("channel:{id}:chunk:{chunk}"))
    }

    /// A site's own record: names, numbers, footers, settings, agency.
    pub fn site(id: SiteId) -> Self {
        Self(format!("site:{id}"))
    }

    /// The channel tree of a site.
    pub fn nav(id: SiteId) -> Self {
        Self(format!("site:{id}:nav"))
    }

    /// Which resources are live anywhere on a site. A query over the whole site holds this.
    pub fn site_items(id: SiteId) -> Self {
        Self(format!("site:{id}:items"))
    }

    /// Which placements of one chunk of a site's map are live.
    pub fn site_chunk(id: SiteId, chunk: i64) -> Self {
        Self(format!("site:{id}:chunk:{chunk}"))
    }

    /// The list of all sites.
    pub fn sites() -> Self {
        Self("sites".to_owned())
    }

    /// The files of a theme.
    pub fn theme(name: &str) -> Self {
        Self(format!("theme:{name}"))
    }

    /// The files that every theme builds on.
    pub fn base_theme() -> Self {
        Self::theme("_base")
    }

    /// A site's own templates and assets.
    pub fn site_files(id: SiteId) -> Self {
        Self(format!("site:{id}:files"))
    }

    /// Which notices of a kind are on, on this site alone.
    pub fn notices(id: SiteId, kind: NoticeKind) -> Self {
        Self(format!("site:{id}:notices:{kind}"))
    }

    /// Which notices of a kind are on, on every site.
    pub fn notices_everywhere(kind: NoticeKind) -> Self {
        Self(format!("notices:{kind}"))
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key read back from the store.
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
