//! One page: what it is made of, where it belongs, and what became of it.

use std::sync::Arc;

use model::{ChannelId, Key, Keys, Page, PageKind, PlacementId};
use render::RenderError;

use crate::address;
use crate::reader::Reader;

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
}

/// Errors that have a themed page.
pub(crate) const ERRORS: &[(u16, &str, &str)] = &[
    (404, "页面不存在", "您访问的页面不存在或地址有误，请检查网址，或从首页、站点地图查找所需内容。"),
    (410, "内容已撤下", "您访问的内容已由发布单位撤下。如有疑问，请通过页面底部的联系方式咨询。"),
    (500, "系统繁忙", "系统暂时无法处理您的请求，请稍后再试。如问题持续存在，请记下请求编号并与我们联系。"),
    (503, "服务暂停", "网站正在维护，请稍后再试。"),
];

/// Renders a page from the reader's snapshot.
pub(crate) fn make(reader: &Arc<Reader>, page: &Page) -> Result<Product, PageError> {
    let mut keys = reader.base_keys();
    match page.kind {
        PageKind::Home => home(reader, page, keys),
        PageKind::Channel => channel(reader, page, keys),
        PageKind::Chunk => chunk(reader, page, keys),
        PageKind::Article => article(reader, page, keys),
        PageKind::Feed => {
            let (entries, updated) = reader.feed_entries(&mut keys)?;
            let mut context = reader.context(page, reader.site_name());
            context.page.updated = updated;
            context.entries = entries;
            render(reader, "feed.xml", context, keys)
        }
        PageKind::SitemapIndex => {
            let mut context = reader.context(page, "站点地图".into());
            context.entries = reader.sitemap_chunks(&mut keys)?;
            render(reader, "sitemap_index.xml", context, keys)
        }
        PageKind::SitemapChunk => {
            let mut context = reader.context(page, "站点地图".into());
            context.entries = reader.sitemap_entries(page.part, &mut keys)?;
            render(reader, "sitemap_chunk.xml", context, keys)
        }
        PageKind::SiteMap => render(reader, "sitemap.html", reader.context(page, "站点地图".into()), keys),
        PageKind::Robots => render(reader, "robots.txt", reader.context(page, "robots".into()), keys),
        PageKind::State => render(reader, "state.css", reader.context(page, "全站状态".into()), keys),
        PageKind::Alarm => render(reader, "notice.html", reader.context(page, "紧急公告".into()), keys),
        PageKind::Error => error(reader, page, keys),
        PageKind::Asset => asset(reader, page, keys),
    }
}

fn home(reader: &Arc<Reader>, page: &Page, keys: Keys) -> Result<Product, PageError> {
    let mut context = reader.context(page, "首页".into());
    context.page.description = format!("{}门户网站，发布政务信息，提供办事服务，开展互动交流。", reader.site_name());
    render(reader, "home.html", context, keys)
}

fn channel(reader: &Arc<Reader>, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
    let id = ChannelId(page.subject);
    keys.insert(Key::channel(id));
    let Some(found) = reader.live_channel(id) else { return Ok(gone(keys)) };
    if found.path != page.path {
        return Ok(moved(found.path, keys));
    }
    let mut context = reader.context(page, found.name.clone());
    context.page.description.clone_from(&found.description);
    context.listing = Some(reader.front(&found, &mut keys)?);
    context.channel = Some(reader.channel_context(&found, &mut keys));
    render(reader, "channel.html", context, keys)
}

fn chunk(reader: &Arc<Reader>, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
    let id = ChannelId(page.subject);
    keys.insert(Key::channel(id));
    let Some(found) = reader.live_channel(id) else { return Ok(gone(keys)) };
    let path = address::chunk(&found, page.part);
    if path != page.path {
        return Ok(moved(path, keys));
    }
    let mut context = reader.context(page, format!("{}（第{}页）", found.name, page.part + 1));
    context.page.description.clone_from(&found.description);
    context.listing = Some(reader.chunk(&found, page.part, &mut keys)?);
    context.channel = Some(reader.channel_context(&found, &mut keys));
    render(reader, "channel.html", context, keys)
}

fn article(reader: &Arc<Reader>, page: &Page, mut keys: Keys) -> Result<Product, PageError> {
    let (placement, card) = reader.placement(PlacementId(page.subject), &mut keys)?;
    let Some(placement) = placement else { return Ok(gone(keys)) };
    let Some(card) = card else { return Ok(gone(keys)) };
    if placement.path != page.path {
        return Ok(moved(placement.path, keys));
    }
    let mut context = reader.context(page, card.content.title.clone());
    context.page.description.clone_from(&card.content.summary);
    if let Some(found) = reader.channel(card.placement.channel_id) {
        context.channel = Some(reader.channel_context(&found, &mut keys));
    }
    let Some(article) = reader.article(card, &mut keys)? else { return Ok(gone(keys)) };
    context.article = Some(article);
    render(reader, "article.html", context, keys)
}

fn error(reader: &Arc<Reader>, page: &Page, keys: Keys) -> Result<Product, PageError> {
    let Some((status, title, message)) = ERRORS.iter().find(|(status, ..)| i64::from(*status) == page.part) else {
        return Ok(gone(keys));
    };
    let mut context = reader.context(page, (*title).to_owned());
    context.error =
        Some(render::context::ErrorInfo { status: *status, title: (*title).to_owned(), message: (*message).to_owned() });
    render(reader, "error.html", context, keys)
}

fn asset(reader: &Arc<Reader>, page: &Page, keys: Keys) -> Result<Product, PageError> {
    let name = page.path.strip_prefix("/assets/").unwrap_or_default();
    Ok(match reader.theme().asset(name)? {
        Some(bytes) => Product { outcome: Made::Bytes(bytes), keys },
        None => gone(keys),
    })
}

fn render(reader: &Arc<Reader>, template: &str, context: render::context::PageContext, keys: Keys) -> Result<Product, PageError> {
    let library: Arc<dyn render::Library> = Arc::clone(reader) as _;
    let (text, keys) = reader.theme().render(template, &context, library, keys)?;
    Ok(Product { outcome: Made::Bytes(text.into_bytes()), keys })
}

fn gone(keys: Keys) -> Product {
    Product { outcome: Made::Gone, keys }
}

fn moved(to: String, keys: Keys) -> Product {
    Product { outcome: Made::Moved(to), keys }
}
