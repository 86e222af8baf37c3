//! Entries of the audit log as lines of a list.

use model::{AuditEntry, Site};
use serde::Serialize;

use crate::moment::Moment;
use crate::wording;

/// One line.
#[derive(Serialize)]
pub(crate) struct Row {
    id: i64,
    at: Moment,
    who: String,
    from: String,
    what: String,
    detail: String,
    /// What it was done to, in words.
    about: String,
    /// Where that can be looked at.
    link: Option<String>,
    site: String,
}

impl Row {
    /// The same for whoever may not go to what it is about.
    pub(crate) fn unlinked(self) -> Self {
        Self { link: None, ..self }
    }
}

/// Tells an entry; `sites` are those there are.
pub(crate) fn row(entry: AuditEntry, sites: &[std::sync::Arc<Site>]) -> Row {
    let told = wording::tell(&entry);
    let site = entry.site_id.and_then(|id| sites.iter().find(|site| site.id == id));
    let (about, link) = about(&entry.subject, site.map(|site| site.key.as_str()));
    Row {
        id: entry.id,
        at: entry.at.into(),
        who: entry.actor_name,
        from: if entry.address == "local" { "服务器本机".to_owned() } else { entry.address },
        what: told.what,
        detail: told.detail,
        about,
        link,
        site: site.map_or_else(|| "平台".to_owned(), |site| site.short_name.clone()),
    }
}

fn about(subject: &str, site: Option<&str>) -> (String, Option<String>) {
    let (kind, id) = subject.split_once(':').unwrap_or((subject, ""));
    match kind {
        "resource" => (format!("稿件 {id}"), site.map(|site| format!("/console/{site}/resources/{id}"))),
        "offer" => (format!("推送 {id}"), site.map(|site| format!("/console/{site}/offers/{id}"))),
        "placement" => (format!("投放 {id}"), site.map(|site| format!("/console/{site}/placements/{id}"))),
        "media" => (format!("文件 {id}"), site.map(|site| format!("/console/{site}/media/{id}"))),
        "notice" => (
            format!("公告 {id}"),
            Some(site.map_or_else(|| "/console/notices".to_owned(), |site| format!("/console/{site}/notices"))),
        ),
        "site" => (format!("站点 {id}"), None),
        "user" => (format!("账号 {id}"), None),
        "citizen" => (format!("公众用户 {id}"), None),
        "role" => (format!("角色 {id}"), None),
        "group" => (format!("工作组 {id}"), None),
        "agency" => (format!("机构 {id}"), None),
        "alarm" => (format!("告警 {id} 及以前"), None),
        "redirect" => ("跳转".to_owned(), site.map(|site| format!("/console/{site}/redirects"))),
        "batch" => (format!("批量操作 {id}"), site.map(|site| format!("/console/{site}/library/batches/{id}"))),
        "job" => (format!("任务 {id}"), None),
        "address" => (format!("来源地址 {id}"), None),
        "platform" => ("平台".to_owned(), None),
        "calendar" => (format!("节假日安排 {id}").trim().to_owned(), None),
        _ => (subject.to_owned(), None),
    }
}
