//! Offers (推送): a resource offered to a channel of another site, which decides for itself.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{ChannelId, OfferId, Origin, ResourceId, SiteId, SubscriptionId, UserId};

words! {
    /// Where an offer stands.
    OfferState {
        /// Waiting for the receiving site.
        Open = "open" "待处理",
        /// The receiving site reviews it by its own steps.
        Reviewing = "reviewing" "本站审核中",
        /// It will be shown there from a second on.
        Scheduled = "scheduled" "已接收，待上线",
        /// It is shown there.
        Accepted = "accepted" "已接收",
        /// It is not, for a reason.
        Declined = "declined" "已退回",
        /// Taken back, or withdrawn before anybody decided.
        Cancelled = "cancelled" "已取消",
    }
}

impl OfferState {
    /// Whether somebody still has to decide.
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::Reviewing)
    }

    /// Whether it may still come to be shown: nobody offers it to the same channel again until then.
    pub fn is_unsettled(self) -> bool {
        self.is_undecided() || self == Self::Scheduled
    }
}

/// A resource offered to one channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offer {
    /// Its number.
    pub id: OfferId,
    /// What is offered.
    pub resource_id: ResourceId,
    /// The site that owns it.
    pub from_site_id: SiteId,
    /// The site it is offered to.
    pub site_id: SiteId,
    /// The channel there.
    pub channel_id: ChannelId,
    /// How it came: pushed by a person, or found by a standing query of the receiving site.
    pub origin: Origin,
    /// That standing query.
    pub subscription_id: Option<SubscriptionId>,
    /// Where it stands.
    pub state: OfferState,
    /// What the one who offers it says.
    pub note: String,
    /// Why it was declined.
    pub reason: String,
    /// Who offered it; 0 for the platform itself.
    pub offered_by: UserId,
    /// UTC.
    pub offered_at: NaiveDateTime,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// UTC.
    pub decided_at: Option<NaiveDateTime>,
    /// The last part of the address it is to have there; empty: the usual one.
    pub slug: String,
    /// What is to stand before its title there.
    pub title_prefix: String,
}
