//! Typed identifiers: a site's number can never be passed where a channel's is asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// 机构
    AgencyId,
    /// 站点
    SiteId,
    /// 栏目
    ChannelId,
    /// 订阅
    SubscriptionId,
    /// 信息资源
    ResourceId,
    /// 版本
    RevisionId,
    /// 投放
    PlacementId,
    /// 推送
    OfferId,
    /// 媒体
    MediaId,
    /// 角色
    RoleId,
    /// 应用
    ApplicationId,
    /// 上级认证服务
    UpstreamId,
    /// 上级账号关联
    LinkId,
    /// 送审
    SubmissionId,
    /// A change of the library; events are numbered in the order they were committed, so the number is a version.
    EventId,
    /// A piece of work waiting in the database.
    JobId,
    /// 页面
    PageId,
    /// 发布 or 撤回
    PublicationId,
    /// A person's account.
    UserId,
    /// 登录会话
    SessionId,
    /// 公众用户
    CitizenId,
    /// 公众用户的登录会话
    CitizenSessionId,
    /// 访问令牌
    TokenId,
    /// 二次验证方式
    FactorId,
    /// 定时
    ScheduleId,
    /// 公告条
    NoticeId,
    /// 告警
    AlarmId,
    /// 跳转
    RedirectId,
    /// 常用视图
    SavedViewId,
    /// 批量操作
    BatchId,
    /// 批注
    AnnotationId,
    /// A change of 站点状态
    StandingId,
    /// 工作组
    GroupId,
}
