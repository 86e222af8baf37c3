//! Batches (批量操作): the same deed done with many resources of a site, one after another.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::word::words;
use crate::{BatchId, ChannelId, Permission, ResourceId, Seen, SiteId, UserId};

words! {
    /// What became of one resource of a batch.
    BatchItemState {
        /// Its turn has not come.
        Waiting = "waiting" "等待中",
        /// Done.
        Done = "done" "已完成",
        /// It could not be done; the reason is kept.
        Failed = "failed" "未完成",
    }
}

/// What is done, with all that it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum BatchDeed {
    /// Take down everywhere.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Move to another channel of the site.
    Move {
        /// Which.
        channel: ChannelId,
    },
    /// Move back to where the batch that is undone found it.
    MoveBack,
    /// Make a new draft of the same text in a channel of this or another site.
    Copy {
        /// Which.
        channel: ChannelId,
    },
    /// Put the drafts that the batch that is undone made in the bin, where nobody has touched them.
    DiscardCopies,
    /// Give keywords and take keywords away.
    Tag {
        /// Those it has afterwards.
        add: Vec<String>,
        /// Those it has not.
        remove: Vec<String>,
    },
    /// Put in the bin what the public never saw.
    Discard,
    /// Take out of the bin what the batch that is undone put there.
    Restore,
    /// Offer to channels of other sites.
    Push {
        /// Which.
        channels: Vec<ChannelId>,
        /// What is said with it.
        note: String,
    },
    /// Hand in for review, each as it stands when its turn comes.
    Submit {
        /// 加急
        urgent: bool,
    },
    /// Approve the step that the reviewer saw waiting.
    Approve,
    /// Send back to the author.
    Return {
        /// Why.
        reason: String,
    },
}

impl BatchDeed {
    /// The word on screens.
    pub fn chinese(&self) -> &'static str {
        match self {
            Self::Withdraw { .. } => "批量撤回",
            Self::Move { .. } => "批量调整栏目",
            Self::MoveBack => "撤销调整栏目",
            Self::Copy { .. } => "批量复制",
            Self::DiscardCopies => "撤销复制",
            Self::Tag { .. } => "批量调整关键词",
            Self::Discard => "批量放入回收站",
            Self::Restore => "撤销放入回收站",
            Self::Push { .. } => "批量推送",
            Self::Submit { .. } => "批量送审",
            Self::Approve => "批量审核通过",
            Self::Return { .. } => "批量退回",
        }
    }

    /// What whoever asks for it must hold somewhere on the site.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Withdraw { .. } => Permission::Withdraw,
            Self::Move { .. }
            | Self::MoveBack
            | Self::Copy { .. }
            | Self::DiscardCopies
            | Self::Tag { .. }
            | Self::Discard
            | Self::Restore
            | Self::Submit { .. } => Permission::Write,
            Self::Push { .. } => Permission::Push,
            Self::Approve | Self::Return { .. } => Permission::Review,
        }
    }

    /// What they must hold in the channel of each text when its turn comes: a copy takes nothing from what it is made of, and is asked
    /// for where it goes.
    pub fn permission_on_each(&self) -> Permission {
        match self {
            Self::Copy { .. } | Self::DiscardCopies => Permission::Read,
            other => other.permission(),
        }
    }

    /// The deed that takes it back, where there is one.
    pub fn reverse(&self) -> Option<Self> {
        match self {
            Self::Move { .. } => Some(Self::MoveBack),
            Self::Copy { .. } => Some(Self::DiscardCopies),
            Self::Discard => Some(Self::Restore),
            _ => None,
        }
    }
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its number.
    pub id: BatchId,
    /// The site whose resources it is about.
    pub site_id: SiteId,
    /// What is done with each.
    pub deed: BatchDeed,
    /// Who asked for it.
    pub asked_by: UserId,
    /// From which address.
    pub asked_from: String,
    /// When, UTC.
    pub asked_at: NaiveDateTime,
    /// When the last turn was over, UTC.
    pub finished_at: Option<NaiveDateTime>,
    /// The batch that it takes back.
    pub undoes: Option<BatchId>,
}

/// One resource of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchItem {
    /// The resource.
    pub resource_id: ResourceId,
    /// What became of it.
    pub state: BatchItemState,
    /// Why it could not be done, or what there is to know of what was done.
    pub told: String,
    /// Where it was before it was moved.
    pub channel_before: Option<ChannelId>,
    /// Its place in the list of that channel, where it was shown.
    pub sequence_before: Option<i64>,
    /// The draft that was made of it.
    pub copy: Option<ResourceId>,
    /// What the reviewer had seen of it, where it is reviewed.
    pub seen: Option<Seen>,
}

/// How far a batch is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchTally {
    /// Resources whose turn has not come.
    pub waiting: i64,
    /// Done.
    pub done: i64,
    /// Not to be done.
    pub failed: i64,
}

impl BatchTally {
    /// All there are.
    pub fn total(&self) -> i64 {
        self.waiting + self.done + self.failed
    }
}
