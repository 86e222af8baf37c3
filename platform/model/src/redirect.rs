//! Redirects (跳转): old addresses that no page answers any more, and where they lead.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{RedirectId, SiteId, UserId};

/// One old address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Redirect {
    /// Its number.
    pub id: RedirectId,
    /// The site that was asked for it.
    pub site_id: SiteId,
    /// The old address without its query, percent-encoded.
    pub path: String,
    /// The query, without its question mark; empty: whatever the query.
    pub query: String,
    /// Where it leads: an address of the same site, or a complete one.
    pub target: String,
    /// Who made it; 0 for the platform itself.
    pub created_by: UserId,
    /// When, UTC.
    pub created_at: NaiveDateTime,
}
