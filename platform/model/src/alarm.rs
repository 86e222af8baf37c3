//! Alarms (告警): what somebody or something other than the platform did to published pages or to the audit log.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{AlarmId, SiteId, UserId};

words! {
    /// What is wrong with something stored.
    FaultKind {
        /// A page is recorded and nothing is there.
        Missing = "missing" "页面缺失",
        /// A page's bytes are not those that were written.
        Differs = "differs" "内容被改动",
        /// A compressed form is not the page beside it.
        FormDiffers = "form_differs" "压缩副本被改动",
        /// Something is there that no record knows.
        Stranger = "stranger" "来历不明的文件",
        /// The audit log lacks an entry, or one does not match its seal.
        Log = "log" "审计日志被改动",
    }
}

/// One fault that a sweep met, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alarm {
    /// Its number.
    pub id: AlarmId,
    /// The site; none where what was found stands outside every site.
    pub site_id: Option<SiteId>,
    /// The name in the page store, e.g. `wangxi/yaowen/index.html`.
    pub name: String,
    /// What was wrong.
    pub kind: FaultKind,
    /// BLAKE3 of what should have been there, in hex.
    pub expected: Option<String>,
    /// BLAKE3 of what was there, in hex.
    pub found: Option<String>,
    /// Where in the page store what was found is kept as evidence.
    pub kept: Option<String>,
    /// When it was noticed, UTC.
    pub raised_at: NaiveDateTime,
    /// When everything was right again, UTC.
    pub restored_at: Option<NaiveDateTime>,
    /// Who took note of it.
    pub seen_by: Option<UserId>,
    /// When, UTC.
    pub seen_at: Option<NaiveDateTime>,
}
