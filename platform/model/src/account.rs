//! The life of an account: its states, what leads from one to another, whose word its password is, and the sessions that are open.

use chrono::NaiveDateTime;

use crate::word::words;
use crate::{SessionId, UserId};

words! {
    /// Where an account is in its life. The database has what was decided; that somebody has not come yet, or waits after too many
    /// failures, follows from its password and from the time ([`crate::User::state`]).
    AccountState {
        /// Made by somebody else, who knows its first password.
        Invited = "invited" "已邀请",
        /// As accounts are.
        Normal = "normal" "正常",
        /// Kept out until it is unlocked, or until some time.
        Locked = "locked" "已锁定",
        /// Switched off for a while.
        Inactive = "inactive" "已停用",
        /// Its person has left for good; the name stays in the records.
        Left = "left" "已离任",
    }
}

words! {
    /// What is done with an account by whoever manages people.
    AccountDeed {
        /// Keeps out somebody of whom something is to be cleared up.
        Lock = "lock" "锁定账号",
        /// Lets them in again.
        Unlock = "unlock" "解除锁定",
        /// Switches it off.
        Deactivate = "deactivate" "停用账号",
        /// Switches it on again.
        Activate = "activate" "恢复账号",
        /// Ends it.
        Leave = "leave" "办理离任",
    }
}

impl AccountDeed {
    /// Whether it can be done with an account in this state.
    pub fn fits(self, state: AccountState) -> bool {
        use AccountState::{Inactive, Invited, Left, Locked, Normal};
        match self {
            Self::Lock => matches!(state, Invited | Normal),
            Self::Unlock => state == Locked,
            Self::Deactivate => matches!(state, Invited | Normal | Locked),
            Self::Activate => state == Inactive,
            Self::Leave => state != Left,
        }
    }

    /// What is decided by it.
    pub fn decides(self) -> AccountState {
        match self {
            Self::Lock => AccountState::Locked,
            Self::Unlock | Self::Activate => AccountState::Normal,
            Self::Deactivate => AccountState::Inactive,
            Self::Leave => AccountState::Left,
        }
    }

    /// Whether whoever it is done to can work no more.
    pub fn shuts_out(self) -> bool {
        self.decides() != AccountState::Normal
    }
}

words! {
    /// Who chose a password.
    PasswordOrigin {
        /// Its person, and nobody else knows it.
        Own = "own" "本人设置",
        /// Whoever made the account.
        Invitation = "invitation" "建立账号时生成",
        /// Whoever replaced a lost one.
        Reset = "reset" "重置时生成",
    }
}

/// A password as it is kept.
#[derive(Clone, PartialEq)]
pub struct Password {
    /// Argon2id, PHC string.
    pub hash: String,
    /// Who chose it.
    pub origin: PasswordOrigin,
    /// Since when it is so, UTC.
    pub since: NaiveDateTime,
}

/// Its hash is in no log.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Password").field("origin", &self.origin).field("since", &self.since).finish_non_exhaustive()
    }
}

/// Somebody signed in at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its number: what it is called by, and no use to whoever wants to enter.
    pub id: SessionId,
    /// Who.
    pub user_id: UserId,
    /// From which address.
    pub address: String,
    /// What the browser calls itself, shortened.
    pub agent: String,
    /// UTC.
    pub opened: NaiveDateTime,
    /// When it was last used, to a minute, UTC.
    pub seen: NaiveDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_left_comes_back_by_no_deed_and_every_other_state_can_be_left() {
        for deed in AccountDeed::ALL {
            assert!(!deed.fits(AccountState::Left), "{deed}");
        }
        for state in AccountState::ALL.iter().filter(|state| **state != AccountState::Left) {
            assert!(AccountDeed::Leave.fits(*state), "{state}");
        }
    }

    #[test]
    fn no_deed_is_offered_that_changes_nothing() {
        for deed in AccountDeed::ALL {
            assert!(!deed.fits(deed.decides()), "{deed}");
        }
    }
}
