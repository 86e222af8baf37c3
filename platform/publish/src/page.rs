//! One page: what it is made of, where it belongs, and what became of it.

use std::sync::Arc;

use model::{Channel, ChannelId, Key, Keys, Page, PageKind, PlacementId, SiteId, SiteState};
use render::context::{BlockContext, ErrorInfo, PageContext};
use render::{Answers, Library, MANIFEST, RenderError};

use crate::address;
use crate::articles::Articles;
use crate::engine::Engine;
use crate::feeds::{self, Feed};
use crate::reader::Reader;
use crate::view::View;

/// What rendering a page came to.
pub(crate) struct Product {
    pub(crate) outcome: Made,
    pub(crate) keys: Keys,
}

/// What a visitor is to find.
pub(crate) enum Made {
    /// These bytes.
    Bytes(Vec<u8>),
    /// 410
    Gone,
    /// 301 to this address of the same site.
    Moved(String),
}

/// Why a page could not be rendered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("cannot read an upload: {0}")]
    Blob(#[from] std::io::Error),
    #[error(transparent)]
    Theme(#[from] config::ManifestError),
    #[error("the watermark `{0}` cannot be used: {1}")]
    Watermark(String, String),
}

/// Errors that have a themed page.
pub(crate) const ERRORS: &[(u16, &str, &str)] = &[
    (404, "页面不存在", "您访问的页面不存在或地址有误，请检查网址，或从首页、站点地图查找所需内容。"),
    (410, "内容已撤下", "您访问的内容已由发布单位撤下。如有疑问，请通过页面底部的联系方式咨询。"),
    (429, "访问过于频繁", "您的访问过于频繁，请稍后再试。如多人共用同一网络，也可能出现此提示。"),
    (500, "系统繁忙", "系统暂时无法处理您的请求，请稍后再试。如问题持续存在，请记下请求编号并与我们联系。"),
    (503, "服务暂停", "网站正在维护，请稍后再试。"),
];

/// Makes the pages of one site from one view of the library.
pub(crate) struct Maker {
    reader: Arc<Reader>,
    answers: Arc<Answers>,
    articles: Articles,
}

impl Maker {
    /// Gets ready to make these pages of a site; none when there is no such site.
    pub(crate) fn open(engine: &Engine, view: &Arc<View>, site: SiteId, pages: &[Page]) -> store::Result<Option<Self>> {
        let Some(reader) = Reader::open(engine, view, site)? else { return Ok(None) };
        let articles = pages.iter().filter(|page| page.kind == PageKind::Article).map(|page| PlacementId(page.subject));
        let articles = Articles::read(&reader, &articles.collect::<Vec<_>>())?;
        Ok(Some(Self::of(reader, articles)))
    }

    /// Gets ready to make pages of articles that are at hand already.
    pub(crate) fn of(reader: Reader, articles: Articles) -> Self {
        let (site, reader) = (reader.site.id, Arc::new(reader));
        let answers = Arc::new(Answers::new(Arc::clone(&reader) as Arc<dyn Library>, site, reader.site_context()));
        Self { reader, answers, articles }
    }

    /// The site it makes pages of.
    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The site's short name.
    pub(crate) fn site_key(&self) -> &str {
        &self.reader.site.key
    }

    pub(crate) fn make(&self, page: &Page) -> Result<Product, PageError> {
        let mut keys = self.reader.base_keys();
        let context = |title: &str| self.reader.context(page, title.to_owned());
        match page.kind {
            PageKind::Home => self.home(page, keys),
            PageKind::Channel => self.channel(page, keys),
            PageKind::Chunk => self.chunk(page, keys),
            PageKind::Article => self.article(page, keys),
            PageKind::Feed => self.feed(page, keys),
            PageKind::SitemapIndex => {
                let entries = feeds::sitemap_chunks(&self.reader, &mut keys)?;
                self.render("sitemap_index.xml", PageContext { entries, ..context("站点地图") }, keys)
            }
            PageKind::SitemapChunk => {
                let entries = feeds::sitemap_entries(&self.reader, page.part, &mut keys)?;
                self.render("sitemap_chunk.xml", PageContext { entries, ..context("站点地图") }, keys)
            }
            PageKind::SiteMap => self.render("sitemap.html", context("站点地图"), keys),
            PageKind::Robots => self.render("robots.txt", context("robots"), keys),
            PageKind::State => self.render("state.css", context("全站状态"), keys),
            PageKind::Emergency => self.render("notice.html", context("紧急公告"), keys),
            PageKind::Shutter => self.shutter(page, keys),
            PageKind::Error => self.error(page, keys),
            PageKind::Asset => self.asset(page, keys),
            PageKind::Media => self.medium(page),
        }
    }

    /// The home page of a closed site is the notice that tells so.
    fn home(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        if let Some(closed) = self.reader.standing(&mut keys)?.filter(|standing| standing.state == SiteState::Closed) {
            return self.render("shutter.html", self.reader.context(page, closed.announcement.title), keys);
        }
        let mut context = self.reader.context(page, "首页".into());
        context.page.description = format!("{}门户网站，发布政务信息，提供办事服务，开展互动交流。", self.reader.site.name);
        self.render("home.html", context, keys)
    }

    /// Whether the theme draws anything of a block, as the library is now.
    pub(crate) fn draws(&self, page: &Page, topic: Option<&Channel>, block: BlockContext) -> Result<bool, PageError> {
        let mut keys = self.reader.base_keys();
        let template = format!("_block_{}.html", block.kind);
        let mut context = self.reader.context(page, self.reader.site.name.clone());
        context.channel = topic.map(|topic| self.reader.channel_context(topic, &mut keys));
        context.block = Some(block);
        let (text, _) = self.reader.theme.render(&template, &context, &self.answers, keys)?;
        Ok(!text.trim().is_empty())
    }

    fn shutter(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        match self.reader.standing(&mut keys)?.filter(|standing| standing.state.is_shut()) {
            Some(shut) => self.render("shutter.html", self.reader.context(page, shut.announcement.title), keys),
            None => Ok(gone(keys)),
        }
    }

    fn channel(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        let id = ChannelId(page.subject);
        keys.insert(Key::channel(id));
        let Some(found) = self.reader.live_channel(id) else { return Ok(gone(keys)) };
        if found.path != page.path {
            return Ok(moved(found.path.clone(), keys));
        }
        let mut context = self.reader.context(page, found.name.clone());
        context.page.description.clone_from(&found.description);
        context.listing = Some(self.reader.front(found, &mut keys)?);
        context.channel = Some(self.reader.channel_context(found, &mut keys));
        let template = if self.is_topic(found, &mut keys)? { "topic.html" } else { "channel.html" };
        self.render(template, context, keys)
    }

    /// Whether the theme has a front page for what this channel is a topic of.
    fn is_topic(&self, channel: &Channel, keys: &mut Keys) -> Result<bool, PageError> {
        if channel.topic.is_empty() {
            return Ok(false);
        }
        keys.insert(Key::file(self.reader.site.id, MANIFEST));
        Ok(self.reader.theme_manifest()?.topics.iter().any(|kind| kind.key == channel.topic))
    }

    fn chunk(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        let id = ChannelId(page.subject);
        keys.insert(Key::channel(id));
        let Some(found) = self.reader.live_channel(id) else { return Ok(gone(keys)) };
        let path = address::chunk(found, page.part);
        if path != page.path {
            return Ok(moved(path, keys));
        }
        let mut context = self.reader.context(page, format!("{}（第{}页）", found.name, page.part + 1));
        context.page.description.clone_from(&found.description);
        context.listing = Some(self.reader.chunk(found, page.part, &mut keys)?);
        context.channel = Some(self.reader.channel_context(found, &mut keys));
        self.render("channel.html", context, keys)
    }

    fn article(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        let id = PlacementId(page.subject);
        let Some(placement) = self.articles.placement(id) else { return Ok(gone(keys)) };
        keys.insert(Key::resource(placement.resource_id));
        if !placement.live {
            return Ok(gone(keys));
        }
        if placement.path != page.path {
            return Ok(moved(placement.path.clone(), keys));
        }
        let Some(article) = self.articles.article(&self.reader, id, &mut keys)? else { return Ok(gone(keys)) };
        let mut context = self.reader.context(page, article.card.title.clone());
        context.page.description.clone_from(&article.card.summary);
        if let Some(found) = self.reader.channel(placement.channel_id) {
            context.channel = Some(self.reader.channel_context(found, &mut keys));
        }
        context.article = Some(article);
        self.render("article.html", context, keys)
    }

    /// A feed of the site, or of the channel that is its subject.
    fn feed(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        let id = ChannelId(page.subject);
        let channel = self.reader.live_channel(id);
        if page.subject != 0 {
            keys.insert(Key::channel(id));
            let Some(found) = channel else { return Ok(gone(keys)) };
            let path = address::feed(&found.path, page.part);
            if path != page.path {
                return Ok(moved(path, keys));
            }
        }
        let feed = Feed::read(&self.reader, channel, &mut keys)?;
        let title = channel
            .map_or_else(|| self.reader.site.name.clone(), |channel| format!("{} - {}", channel.name, self.reader.site.name));
        let home = format!("{}{}", self.reader.base(), channel.map_or("/", |channel| &channel.path));
        let mut context = self.reader.context(page, title);
        if page.part == address::JSON_FEED {
            let bytes = feed.as_json(&context.page.title, &home, &context.page.url);
            return Ok(Product { outcome: Made::Bytes(bytes), keys });
        }
        context.page.updated = Some(feed.updated);
        context.entries = feed.entries;
        context.channel = channel.map(|channel| self.reader.channel_context(channel, &mut keys));
        self.render("feed.xml", context, keys)
    }

    fn error(&self, page: &Page, keys: Keys) -> Result<Product, PageError> {
        let Some((status, title, message)) = ERRORS.iter().find(|(status, ..)| i64::from(*status) == page.part) else {
            return Ok(gone(keys));
        };
        let mut context = self.reader.context(page, (*title).to_owned());
        context.error = Some(ErrorInfo { status: *status, title: (*title).to_owned(), message: (*message).to_owned() });
        self.render("error.html", context, keys)
    }

    fn asset(&self, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
        let place = page.path.strip_prefix("/assets/").unwrap_or_default();
        let name = render::theme_of(place).map_or(place, |(_, name)| name);
        keys.insert(Key::file(self.reader.site.id, &format!("assets/{name}")));
        Ok(match self.reader.theme.asset_at(place)? {
            Some(bytes) => Product { outcome: Made::Bytes(bytes), keys },
            None => gone(keys),
        })
    }

    fn medium(&self, page: &Page) -> Result<Product, PageError> {
        let mut keys = Keys::new();
        Ok(match self.reader.media_bytes(page, &mut keys)? {
            Some(bytes) => Product { outcome: Made::Bytes(bytes), keys },
            None => gone(keys),
        })
    }

    fn render(&self, template: &str, context: PageContext, keys: Keys) -> Result<Product, PageError> {
        let (text, keys) = self.reader.theme.render(template, &context, &self.answers, keys)?;
        Ok(Product { outcome: Made::Bytes(text.into_bytes()), keys })
    }
}

fn gone(keys: Keys) -> Product {
    Product { outcome: Made::Gone, keys }
}

fn moved(to: String, keys: Keys) -> Product {
    Product { outcome: Made::Moved(to), keys }
}
