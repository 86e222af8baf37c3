//! What templates are given: one struct per page part. `sites/README.md` is their description for theme authors.

use std::collections::BTreeMap;

use serde::Serialize;

/// Everything on one page but its site.
#[derive(Clone, Debug, Serialize)]
pub struct PageContext {
    /// The page itself.
    pub page: PageInfo,
    /// The channel, on channel and article pages.
    pub channel: Option<ChannelContext>,
    /// The list, on channel pages.
    pub listing: Option<Listing>,
    /// The article, on article pages.
    pub article: Option<Article>,
    /// The error, on error pages.
    pub error: Option<ErrorInfo>,
    /// Addresses and dates, on feeds and maps for crawlers.
    pub entries: Vec<Entry>,
    /// The block that is drawn by itself, apart from its page.
    pub block: Option<BlockContext>,
}

/// A site as templates see it.
#[derive(Clone, Debug, Serialize)]
pub struct SiteContext {
    /// Short name.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Name among its siblings.
    pub short_name: String,
    /// Primary domain.
    pub domain: String,
    /// Public address without a slash at the end.
    pub url: String,
    /// 政府网站标识码
    pub site_code: String,
    /// ICP备案编号
    pub icp_number: String,
    /// 公安机关备案号
    pub police_number: String,
    /// 党政机关网站标识
    pub conac_url: String,
    /// Free settings of the theme.
    pub settings: serde_json::Value,
    /// 主办单位
    pub agency: model::Agency,
    /// Where citizens have their 用户中心; none where they cannot sign in.
    pub user_center: Option<String>,
}

/// The page itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PageInfo {
    /// home, channel, article, sitemap, error …
    pub kind: String,
    /// Address within the site.
    pub path: String,
    /// Full address.
    pub url: String,
    /// Title without the site's name.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// When the newest thing on it was published, RFC 3339; feeds only.
    pub updated: Option<String>,
}

/// A channel.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelContext {
    /// Short name.
    pub key: String,
    /// `ColumnName`
    pub name: String,
    /// Address within the site.
    pub url: String,
    /// `ColumnDescription`
    pub description: String,
    /// `ColumnKeywords`
    pub keywords: Vec<String>,
    /// `ColumnType`
    pub kind: String,
    /// From the top to the channel itself.
    pub trail: Vec<Link>,
}

/// A named address.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// A channel in a tree.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// Short name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// The channels below it.
    pub children: Vec<NavItem>,
}

/// A block of the home page with what it is told, by the names of its fields.
#[derive(Clone, Debug, Serialize)]
pub struct BlockContext {
    /// The kind: its template is `_block_KIND.html`.
    pub kind: String,
    /// Unlike that of any other block of the page.
    pub id: String,
    /// Its place in the arrangement.
    #[serde(skip)]
    pub at: usize,
    /// What it is told.
    #[serde(flatten)]
    pub told: BTreeMap<String, Told>,
}

/// What a block is told in one field.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// A text or choice; none where it is empty.
    Text(Option<String>),
    /// A number.
    Number(i64),
    /// A channel with those below it; none where none was chosen.
    Channel(Option<NavItem>),
    /// Channels.
    Channels(Vec<NavItem>),
    /// Links.
    Links(Vec<Link>),
    /// Pictures.
    Pictures(Vec<PictureContext>),
}

/// A picture of a block, whole.
#[derive(Clone, Debug, Serialize)]
pub struct PictureContext {
    /// Address within the site.
    pub url: String,
    /// As the attribute of that name; empty where there is one size.
    pub srcset: String,
    /// 替代文字
    pub alt: String,
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
    /// Where it leads.
    pub link: Option<String>,
    /// What stands below it.
    pub caption: Option<String>,
}

/// A site among all sites.
#[derive(Clone, Debug, Serialize)]
pub struct SiteLink {
    /// Short name.
    pub key: String,
    /// Full name.
    pub name: String,
    /// Name among its siblings.
    pub short_name: String,
    /// Its public address.
    pub url: String,
}

/// One page of a channel's list.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// The cards, newest first.
    pub items: Vec<CardContext>,
    /// The chunk's number, counted from the oldest; none on the channel's front page.
    pub number: Option<i64>,
    /// How many items the channel has; on the front page only, or every page would change with each new item.
    pub total: Option<i64>,
    /// The page with newer items.
    pub newer_url: Option<String>,
    /// The page with older items.
    pub older_url: Option<String>,
    /// The channel's front page; none on it.
    pub first_url: Option<String>,
}

/// What a list shows of a resource.
#[derive(Clone, Debug, Serialize)]
pub struct CardContext {
    /// Number of the resource.
    pub id: i64,
    /// 标题
    pub title: String,
    /// Address within the site.
    pub url: String,
    /// 摘要
    pub summary: String,
    /// 来源
    pub source: String,
    /// `YYYY-MM-DD`
    pub date: String,
    /// `YYYY-MM-DD HH:MM`
    pub datetime: String,
    /// article, policy …
    pub kind: String,
    /// 文章, 政策文件 …
    pub kind_name: String,
    /// The site that wrote it.
    pub site_name: String,
    /// The channel it is shown in.
    pub channel_name: String,
    /// That channel's address.
    pub channel_url: String,
    /// 发文字号
    pub document_number: Option<String>,
    /// 索引号
    pub index_number: Option<String>,
    /// 成文日期, `YYYY-MM-DD`
    pub written_on: Option<String>,
    /// 有效性, the word
    pub validity: Option<String>,
    /// 有效性, in Chinese
    pub validity_name: Option<String>,
    /// 主题分类
    pub theme_class: Option<String>,
    /// Whether another site wrote it.
    pub is_shared: bool,
    /// 封面
    pub cover: Option<Cover>,
    /// Whether it stands first for a while; in lists of its channel only.
    pub is_pinned: bool,
}

/// The picture that stands for a resource: a crop of 16 by 9 around what matters in it.
#[derive(Clone, Debug, Serialize)]
pub struct Cover {
    /// Address within the site.
    pub url: String,
    /// As the attribute of that name; empty where there is one size.
    pub srcset: String,
    /// 替代文字
    pub alt: String,
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
    /// What matters in the whole picture, in percent from the left.
    pub focal_x: i32,
    /// What matters in the whole picture, in percent from the top.
    pub focal_y: i32,
}

/// A file below an article.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// The name it is downloaded under.
    pub name: String,
    /// Address within the site.
    pub url: String,
    /// As people read it, e.g. `2.1 MB`.
    pub size: String,
    /// pdf, ofd, docx …
    pub kind: String,
    /// PDF文档, OFD文档, Word文档 …
    pub kind_name: String,
}

/// A notice that is on.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeContext {
    /// Its number.
    pub id: i64,
    /// 标题
    pub title: String,
    /// 内容
    pub text: String,
    /// Where it leads.
    pub link: Option<String>,
    /// Whether it is for all sites.
    pub is_citywide: bool,
}

/// How a site stands that is not simply open, and what it announces.
#[derive(Clone, Debug, Serialize)]
pub struct StandingContext {
    /// Number of the change.
    pub id: i64,
    /// preparing, offline, closing, closed
    pub state: String,
    /// The state in Chinese.
    pub state_name: String,
    /// 公告标题
    pub title: String,
    /// 公告内容
    pub text: String,
    /// Since when, `YYYY-MM-DD HH:MM`
    pub since: String,
    /// 预计恢复时间 or 关停时间, `YYYY-MM-DD HH:MM`
    pub until: Option<String>,
    /// Where the content went.
    pub moved_to: Option<String>,
}

/// A resource in full.
#[derive(Clone, Debug, Serialize)]
pub struct Article {
    /// What a list shows of it, too.
    #[serde(flatten)]
    pub card: CardContext,
    /// 副标题
    pub subtitle: String,
    /// Cleaned HTML, safe to put out as it is.
    pub body: String,
    /// 作者
    pub author: String,
    /// 责任编辑
    pub editor: String,
    /// 发布时间, `YYYY-MM-DD HH:MM`
    pub published: String,
    /// The same, RFC 3339.
    pub published_iso: String,
    /// 关键词
    pub keywords: Vec<String>,
    /// 发文机关
    pub issuing_bodies: Vec<String>,
    /// 生效日期, `YYYY-MM-DD`
    pub effective_on: Option<String>,
    /// The newer text, where it is shown on this site.
    pub superseded_by: Option<TitledLink>,
    /// The policy files it explains, those that are shown on this site.
    pub explains: Vec<TitledLink>,
    /// What explains it, where it is shown on this site, newest first.
    pub explained_by: Vec<TitledLink>,
    /// 公文种类
    pub genre: Option<String>,
    /// 公开属性
    pub openness: String,
    /// What was shown before it in its channel.
    pub older: Option<TitledLink>,
    /// What was shown after it in its channel.
    pub newer: Option<TitledLink>,
    /// The site it was written on.
    pub owner: Link,
    /// Its address there.
    pub canonical_url: String,
    /// 附件
    pub attachments: Vec<Attachment>,
}

/// A titled address.
#[derive(Clone, Debug, Serialize)]
pub struct TitledLink {
    /// 标题
    pub title: String,
    /// Where it is.
    pub url: String,
}

/// What went wrong, for a visitor.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorInfo {
    /// HTTP status.
    pub status: u16,
    /// A few words.
    pub title: String,
    /// One or two sentences.
    pub message: String,
}

/// A line of a feed or of a map for crawlers.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Full address.
    pub url: String,
    /// Title; feeds only.
    pub title: String,
    /// Summary; feeds only.
    pub summary: String,
    /// When what it leads to last changed, RFC 3339.
    pub updated: String,
    /// When it was first shown there, RFC 3339; feeds only.
    pub published: String,
    /// Lasting name; feeds only.
    pub id: String,
    /// Who wrote it; feeds only.
    pub author: String,
}
