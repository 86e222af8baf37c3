//! Publications (发布), withdrawals (撤回) and the receipts (回执) that say what they did.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{EventId, PlacementId, PublicationId, ResourceId, RevisionId, SiteId, UserId};

words! {
    /// Which of them it is.
    PublicationKind {
        /// 发布
        Publication = "publication" "发布",
        /// 撤回
        Withdrawal = "withdrawal" "撤回",
        /// A withdrawal by the city, ahead of everything else.
        Takedown = "takedown" "紧急下架",
    }
}

words! {
    /// What happened to one page of a publication.
    Outcome {
        /// Waiting for its turn.
        Pending = "pending" "等待生成",
        /// New bytes are live.
        Written = "written" "已更新",
        /// The page came out the same.
        Unchanged = "unchanged" "内容未变",
        /// The page is gone.
        Removed = "removed" "已撤下",
    }
}

/// Making a revision live, or removing a resource everywhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Publication {
    /// Its number.
    pub id: PublicationId,
    /// The event it is, and so its version.
    pub event_id: EventId,
    /// The resource.
    pub resource_id: ResourceId,
    /// The revision made live or taken down.
    pub revision_id: RevisionId,
    /// Which of them.
    pub kind: PublicationKind,
    /// Who decided.
    pub actor_id: Option<UserId>,
    /// Why, for a withdrawal.
    pub reason: String,
    /// When the decision was committed, UTC.
    pub requested_at: NaiveDateTime,
    /// When its pages were known, UTC.
    pub resolved_at: Option<NaiveDateTime>,
    /// When the last of its pages was live, UTC.
    pub completed_at: Option<NaiveDateTime>,
}

/// One page of a receipt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReceiptPage {
    /// The site.
    pub site_id: SiteId,
    /// The address within it.
    pub path: String,
    /// The placement whose text it is; none: a front, a list, a map.
    pub article: Option<PlacementId>,
    /// What happened.
    pub outcome: Outcome,
    /// Since when, UTC.
    pub live_at: Option<NaiveDateTime>,
    /// Why it could not be rendered so far.
    pub failure: Option<String>,
    /// Whether reading it back through the public door gave the recorded bytes; none: not read back yet.
    pub verified: Option<bool>,
}

/// What a publication did, page by page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Receipt {
    /// The publication.
    pub publication: Publication,
    /// Every page it touched.
    pub pages: Vec<ReceiptPage>,
}

impl PublicationKind {
    /// Whether it takes a resource down.
    pub fn takes_down(self) -> bool {
        self != Self::Publication
    }
}

impl Receipt {
    /// Whether every page is done and was read back as recorded.
    pub fn is_verified(&self) -> bool {
        self.publication.completed_at.is_some() && self.pages.iter().all(|page| page.verified == Some(true))
    }

    /// Milliseconds from the decision to the last page being live; none while some still wait.
    pub fn milliseconds(&self) -> Option<i64> {
        self.publication.completed_at.map(|done| (done - self.publication.requested_at).num_milliseconds())
    }

    /// How many pages had this outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.pages.iter().filter(|page| page.outcome == outcome).count()
    }

    /// Whether every page is done, and read back where that has happened.
    pub fn is_live(&self) -> bool {
        self.publication.completed_at.is_some() && self.pages.iter().all(|page| page.verified != Some(false))
    }
}
