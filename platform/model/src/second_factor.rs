//! 二次验证: what somebody proves themselves with besides their password.

use chrono::NaiveDateTime;

use crate::word::words;
use crate::{FactorId, UserId};

words! {
    /// What kind of thing it is.
    FactorKind {
        /// An app that shows a new code every half minute.
        App = "app" "验证器",
        /// A key that a device holds and opens with a fingerprint, a face or a PIN.
        Passkey = "passkey" "通行密钥",
    }
}

/// One second factor, without its secret.
#[derive(Clone, Debug, PartialEq)]
pub struct SecondFactor {
    /// Its number.
    pub id: FactorId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub kind: FactorKind,
    /// As its person calls it.
    pub name: String,
    /// Since when, UTC.
    pub added_at: NaiveDateTime,
    /// When it last let somebody in, UTC.
    pub used_at: Option<NaiveDateTime>,
}

/// Characters of a name at most.
pub const LONGEST_NAME: usize = 30;
