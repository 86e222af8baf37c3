//! Events (what changed) and jobs (what is still to be done about it).

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{EventId, JobId, Key, ResourceId, SiteId, UserId};

words! {
    /// What kind of change an event records.
    EventKind {
        /// A revision went live.
        Published = "published" "发布",
        /// A resource was removed everywhere.
        Withdrawn = "withdrawn" "撤回",
        /// A resource was taken down by the city, ahead of everything else.
        TakenDown = "taken_down" "紧急下架",
        /// A site was declared or changed.
        SiteApplied = "site_applied" "站点配置",
        /// What is known of a picture or attachment was changed.
        MediaChanged = "media_changed" "媒体信息",
        /// A placement was put first in its channel, or let go.
        Pinned = "pinned" "置顶",
        /// A notice was switched on or off.
        Noticed = "noticed" "公告",
        /// A page was arranged anew.
        Arranged = "arranged" "版面",
        /// A site was opened, taken offline, closed.
        StateChanged = "state_changed" "站点状态",
        /// A full render was asked for.
        Refreshed = "refreshed" "全量生成",
    }
}

words! {
    /// Which queue a job waits in. Jobs are taken from the last word of the alphabet to the first.
    Lane {
        /// What a person waits for.
        Urgent = "urgent" "加急",
        /// Everything that follows from it.
        Bulk = "bulk" "批量",
        /// What can wait until all pages are right: their compressed forms.
        After = "after" "收尾",
    }
}

words! {
    /// Where a job stands. A finished job is deleted.
    JobState {
        /// Waiting for its time and a worker.
        Ready = "ready" "等待中",
        /// A worker holds it until its lease ends.
        Running = "running" "执行中",
        /// Failed too often; a person must look.
        Dead = "dead" "已失败",
    }
}

/// A committed change of the library.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its number, which is the version of the library after it.
    pub id: EventId,
    /// What changed.
    pub kind: EventKind,
    /// On which site; none where it concerns all.
    pub site_id: Option<SiteId>,
    /// Which resource, where it is about one.
    pub resource_id: Option<ResourceId>,
    /// Who did it; none for the platform itself.
    pub actor_id: Option<UserId>,
    /// The keys it touched.
    #[serde(skip)]
    pub keys: Vec<Key>,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// A piece of work kept in the database until it is done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// Its queue.
    pub lane: Lane,
    /// What to do.
    pub kind: String,
    /// What to do it with, as JSON.
    pub payload: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was tried.
    pub attempts: i32,
    /// Not before this moment, UTC.
    pub run_at: NaiveDateTime,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// UTC.
    pub created_at: NaiveDateTime,
}
