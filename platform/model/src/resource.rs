//! The library: resources (信息资源), their immutable revisions (版本) and where they are shown (投放).

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use crate::subscription::Facts;
use crate::word::words;
use crate::{AgencyId, ChannelId, MediaId, PlacementId, ResourceId, RevisionId, SiteId, SubscriptionId, UserId};

words! {
    /// What a resource is.
    ResourceKind {
        /// 文章
        Article = "article" "文章",
        /// 政策文件
        Policy = "policy" "政策文件",
        /// 政策解读
        Interpretation = "interpretation" "政策解读",
        /// 办事指南
        Guide = "guide" "办事指南",
    }
}

words! {
    /// What the public can see of a resource.
    ResourceState {
        /// Never published.
        Unpublished = "unpublished" "未发布",
        /// A revision of it is live.
        Live = "live" "已发布",
        /// Removed everywhere.
        Withdrawn = "withdrawn" "已撤回",
    }
}

words! {
    /// What editors are doing with a resource's latest revision.
    WorkState {
        /// Nothing beyond what was published.
        Idle = "idle" "无待办",
        /// Being written.
        Draft = "draft" "起草中",
        /// In review.
        Reviewing = "reviewing" "审核中",
        /// Approved, waiting for its second.
        Scheduled = "scheduled" "待定时发布",
        /// Sent back by a reviewer.
        Returned = "returned" "已退回",
        /// In the bin, where a draft goes that the public never saw.
        Discarded = "discarded" "在回收站",
    }
}

words! {
    /// Whether a policy file is in force (regulations.md §4.5).
    Validity {
        /// In force.
        Valid = "valid" "有效",
        /// Replaced by a newer text of the same instrument.
        Amended = "amended" "已修改",
        /// Repealed.
        Repealed = "repealed" "废止",
        /// Lapsed.
        Expired = "expired" "失效",
        /// Adopted, not yet in force.
        Pending = "pending" "尚未生效",
    }
}

words! {
    /// 公开属性 (regulations.md §4.5): only what is actively disclosed may be published.
    #[derive(Default)]
    Openness {
        /// Published without being asked for.
        #[default]
        Active = "active" "主动公开",
        /// Handed out to whom applies for it.
        Request = "request" "依申请公开",
        /// Kept.
        Closed = "closed" "不予公开",
    }
}

words! {
    /// 公文种类, the fifteen of 《党政机关公文处理工作条例》 (regulations.md §4.5).
    Genre {
        /// 决议
        Resolution = "resolution" "决议",
        /// 决定
        Decision = "decision" "决定",
        /// 命令（令）
        Order = "order" "命令（令）",
        /// 公报
        Gazette = "gazette" "公报",
        /// 公告
        Announcement = "announcement" "公告",
        /// 通告
        PublicNotice = "public-notice" "通告",
        /// 意见
        Opinion = "opinion" "意见",
        /// 通知
        Notice = "notice" "通知",
        /// 通报
        Circular = "circular" "通报",
        /// 报告
        Report = "report" "报告",
        /// 请示
        Request = "request" "请示",
        /// 批复
        Reply = "reply" "批复",
        /// 议案
        Motion = "motion" "议案",
        /// 函
        Letter = "letter" "函",
        /// 纪要
        Minutes = "minutes" "纪要",
    }
}

words! {
    /// How a resource came to be shown in a channel.
    Origin {
        /// It was written there.
        Own = "own" "本站发布",
        /// A standing query of that channel asked for it.
        Subscription = "subscription" "订阅",
        /// An editor of the owner's site pushed it.
        Push = "push" "推送",
    }
}

/// An item of the library. It exists once, however many sites show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resource {
    /// Its number.
    pub id: ResourceId,
    /// Its lasting public identifier (UUID v7).
    pub public_id: String,
    /// The site it was written on, which alone may change it.
    pub site_id: SiteId,
    /// The channel it was written in.
    pub channel_id: ChannelId,
    /// 发布机构
    pub agency_id: AgencyId,
    /// What it is.
    pub kind: ResourceKind,
    /// What the public sees.
    pub state: ResourceState,
    /// What editors are doing.
    pub work: WorkState,
    /// The revision the public sees.
    pub live_revision_id: Option<RevisionId>,
    /// The newest revision.
    pub latest_revision_id: Option<RevisionId>,
    /// 索引号, issued at first publication.
    pub index_number: Option<String>,
    /// Counts changes; a command states the one it saw and loses to a newer one.
    pub version: i64,
    /// Who wrote it first.
    pub created_by: UserId,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub updated_at: NaiveDateTime,
    /// When it first went live, UTC.
    pub published_at: Option<NaiveDateTime>,
    /// Since when its live revision is live, UTC.
    pub live_since: Option<NaiveDateTime>,
}

impl Resource {
    /// What standing queries look at in it, with this theme class and these keywords.
    pub fn facts<'a>(&self, theme_class: Option<&'a str>, tags: &'a [String]) -> Facts<'a> {
        Facts { site: self.site_id, agency: self.agency_id, kind: self.kind, theme_class, tags }
    }
}

/// What people write: the content and metadata of a resource at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// 标题
    pub title: String,
    /// 副标题
    pub subtitle: String,
    /// 摘要
    pub summary: String,
    /// Cleaned HTML.
    pub body: String,
    /// 来源
    pub source: String,
    /// 作者
    pub author: String,
    /// 责任编辑
    pub editor: String,
    /// 关键词
    pub keywords: Vec<String>,
    /// 发文字号
    pub document_number: Option<String>,
    /// 发文机关
    pub issuing_bodies: Vec<String>,
    /// 成文日期
    pub written_on: Option<NaiveDate>,
    /// 生效日期
    pub effective_on: Option<NaiveDate>,
    /// 主题分类, `一级\二级`.
    pub theme_class: Option<String>,
    /// 有效性; policy files only.
    pub validity: Option<Validity>,
    /// The newer text that replaces this one.
    pub superseded_by: Option<ResourceId>,
    /// 附件, in the order they are listed.
    pub attachments: Vec<MediaId>,
    /// 封面
    pub cover: Option<MediaId>,
    /// 公文种类; policy files only.
    pub genre: Option<Genre>,
    /// 公开属性
    pub openness: Openness,
    /// Why it is not actively disclosed.
    pub openness_reason: String,
    /// Who has checked that it holds no secret (保密审查).
    pub secrecy_reviewer: String,
    /// When they did.
    pub secrecy_reviewed_on: Option<NaiveDate>,
    /// The policy files it explains; interpretations only.
    pub explains: Vec<ResourceId>,
}

/// An immutable snapshot of a resource's content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Revision {
    /// Its number over all resources.
    pub id: RevisionId,
    /// The resource it is of.
    pub resource_id: ResourceId,
    /// 1, 2, 3 … within the resource.
    pub number: i64,
    /// What it says.
    pub content: Content,
    /// Who wrote it.
    pub created_by: UserId,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// A resource shown in a channel of a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placement {
    /// Its number.
    pub id: PlacementId,
    /// What is shown.
    pub resource_id: ResourceId,
    /// Where: the site.
    pub site_id: SiteId,
    /// Where: the channel.
    pub channel_id: ChannelId,
    /// Address within the site.
    pub path: String,
    /// Place in the channel's order, counted up; set when it goes live.
    pub sequence: i64,
    /// Place in the order in which things were first shown on the site.
    pub site_sequence: i64,
    /// The standing query that made it; none for the owner's own.
    pub subscription_id: Option<SubscriptionId>,
    /// When it went live here, UTC.
    pub published_at: NaiveDateTime,
    /// Whether the public can see it.
    pub live: bool,
    /// How it came there.
    pub origin: Origin,
    /// The last part of its address, where its site chose one.
    pub slug: Option<String>,
    /// What its site puts before the title.
    pub title_prefix: String,
    /// Taken down by its site alone: the owner's next publication does not bring it back.
    pub removed: bool,
    /// Its channel is in preparation: the public sees it when that goes live. Never while it is live.
    pub waits: bool,
}

impl Placement {
    /// Whether it is shown in its channel, to the public or to those who prepare it.
    pub fn stands(&self) -> bool {
        self.live || self.waits
    }

    /// A title as it is shown here.
    pub fn titled(&self, title: &str) -> String {
        format!("{}{title}", self.title_prefix)
    }
}

/// What a list shows of a live resource in one placement.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The resource.
    pub resource_id: ResourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// The site that wrote it.
    pub owner_site_id: SiteId,
    /// Where it is shown.
    pub placement: Placement,
    /// 索引号
    pub index_number: Option<String>,
    /// Since when its live revision is live, UTC.
    pub live_since: Option<NaiveDateTime>,
    /// Its live content as this placement shows it: the title with its prefix; the body is left out.
    pub content: Content,
}

impl Card {
    /// What lists show of a resource with this live content in this placement.
    pub fn of(placement: Placement, resource: &Resource, content: &Content) -> Self {
        let title = placement.titled(&content.title);
        Self {
            resource_id: resource.id,
            kind: resource.kind,
            owner_site_id: resource.site_id,
            placement,
            index_number: resource.index_number.clone(),
            live_since: resource.live_since,
            content: Content { title, body: String::new(), ..content.clone() },
        }
    }

    /// When what is shown here last changed, UTC: a correction is later than the placement it reaches.
    pub fn changed_at(&self) -> NaiveDateTime {
        self.placement.published_at.max(self.live_since.unwrap_or_default())
    }

    /// Whether it is live, on this site.
    pub fn is_live_on(&self, site: SiteId) -> bool {
        self.placement.live && self.placement.site_id == site
    }
}
