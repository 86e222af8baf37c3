//! The audit log: who changed what, when, from where; append-only, each entry sealed with the hash of the one before.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::{SiteId, UserId};

/// On whose behalf something is done, and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// The account; none for the platform's own commands.
    pub user_id: Option<UserId>,
    /// The name at that moment.
    pub name: String,
    /// The network address, or `local` for commands typed on the server.
    pub address: String,
}

impl Actor {
    /// A command typed on the server itself.
    pub fn operator(command: &str) -> Self {
        Self { user_id: None, name: format!("命令行 {command}"), address: "local".to_owned() }
    }

    /// What the platform does by itself when a time has come.
    pub fn platform() -> Self {
        Self { user_id: None, name: "平台".to_owned(), address: "local".to_owned() }
    }

    /// Whom to name as author of what is written; 0 for the platform itself.
    pub fn author(&self) -> UserId {
        self.user_id.unwrap_or(UserId(0))
    }
}

/// One sealed entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Its number, without gaps.
    pub id: i64,
    /// UTC.
    pub at: NaiveDateTime,
    /// Who; none for the platform's own commands.
    pub actor_id: Option<UserId>,
    /// Their name at that moment.
    pub actor_name: String,
    /// From where.
    pub address: String,
    /// What was done, e.g. `resource.withdraw`.
    pub action: String,
    /// To what, e.g. `resource:42`.
    pub subject: String,
    /// On which site; none for the platform.
    pub site_id: Option<SiteId>,
    /// JSON before the change.
    pub before: Option<String>,
    /// JSON after the change.
    pub after: Option<String>,
    /// Hash of the entry before.
    pub previous_hash: String,
    /// Hash of this entry, in hex.
    pub hash: String,
}
