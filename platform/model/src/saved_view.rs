//! Saved views (常用视图): a search of the library that a person has named.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{SavedViewId, SiteId, UserId};

/// One search with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedView {
    /// Its number.
    pub id: SavedViewId,
    /// Whose it is.
    pub user_id: UserId,
    /// The site it looks at; none: all sites.
    pub site_id: Option<SiteId>,
    /// 名称
    pub name: String,
    /// The search as an address says it.
    pub query: String,
    /// When, UTC.
    pub saved_at: NaiveDateTime,
}
