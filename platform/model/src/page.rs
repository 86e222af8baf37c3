//! Pages (页面): every public address of a site, with the version of the library it shows.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::word::words;
use crate::{PageId, SiteId};

words! {
    /// What a page is; together with its subject and part it says everything needed to render it.
    PageKind {
        /// 首页
        Home = "home" "首页",
        /// A channel's front page (subject: channel).
        Channel = "channel" "栏目页",
        /// One older chunk of a channel's list (subject: channel, part: chunk).
        Chunk = "chunk" "列表页",
        /// A placement's article (subject: placement).
        Article = "article" "文章页",
        /// Atom feed of the site.
        Feed = "feed" "订阅源",
        /// The index of the site's maps for crawlers.
        SitemapIndex = "sitemap_index" "站点地图索引",
        /// One chunk of the site's map for crawlers (part: chunk).
        SitemapChunk = "sitemap_chunk" "站点地图分片",
        /// 站点地图 for people.
        SiteMap = "sitemap" "站点地图",
        /// robots.txt
        Robots = "robots" "爬虫协议",
        /// The themed page for an error (part: HTTP status).
        Error = "error" "错误页",
        /// The look that the whole site wears for now: grey in mourning, else as usual.
        State = "state" "全站状态",
        /// The emergency notice that every page asks for.
        Emergency = "emergency" "紧急公告",
        /// What visitors find at every address while the site is shut; there only then.
        Shutter = "shutter" "停开公告",
        /// A file of the theme or the site.
        Asset = "asset" "主题文件",
        /// A picture or attachment (subject: medium, part: which of its renditions; 0: the file itself).
        Media = "media" "媒体文件",
    }
}

words! {
    /// What a visitor finds at a page's address.
    PageState {
        /// Known, not yet rendered.
        New = "new" "待生成",
        /// The page.
        Live = "live" "在线",
        /// 410: it was withdrawn.
        Gone = "gone" "已撤下",
        /// 301: it lives elsewhere now.
        Moved = "moved" "已迁移",
    }
}

/// One public address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Its number.
    pub id: PageId,
    /// The site it belongs to.
    pub site_id: SiteId,
    /// Address within the site, starting with a slash.
    pub path: String,
    /// What it is.
    pub kind: PageKind,
    /// The channel, placement or medium it shows; 0 where the kind has none.
    pub subject: i64,
    /// Chunk number or HTTP status; 0 where the kind has none.
    pub part: i64,
    /// What a visitor finds.
    pub state: PageState,
    /// Where it moved to.
    pub moved_to: Option<String>,
    /// The newest event that touched it; it waits to be rendered while this is above `version`.
    pub due: i64,
    /// The newest event its bytes take into account.
    pub version: i64,
    /// BLAKE3 of the bytes a visitor gets, in hex.
    pub hash: Option<String>,
    /// When its bytes last changed, UTC.
    pub written_at: Option<NaiveDateTime>,
    /// Why the last attempt to render it failed.
    pub failure: Option<String>,
}

/// A page that must exist: what the resolver asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub struct PageSpec {
    /// The site.
    pub site_id: SiteId,
    /// Address within the site.
    pub path: String,
    /// What it is.
    pub kind: PageKind,
    /// Channel, placement or medium, or 0.
    pub subject: i64,
    /// Chunk, status, or 0.
    pub part: i64,
}
