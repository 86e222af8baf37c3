//! 访问令牌: what a program asks the platform with, on somebody's behalf, for some of what they may do themselves.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::{Ground, Permission, Person, Right, TokenId, UserId};

/// How every token begins, so that it is known for what it is wherever it turns up.
pub const BEGINNING: &str = "tyk_";

/// A token, of which only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number: what it is called by, and no use to whoever wants to enter.
    pub id: TokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its person calls it.
    pub name: String,
    /// What it may be used for, at most.
    pub scope: TokenScope,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC; it opens nothing from then on.
    pub ends_at: NaiveDateTime,
    /// When it was last used, to a minute, UTC, and from which address.
    pub used: Option<(NaiveDateTime, String)>,
}

/// What a token may be used for, as long as its person may do it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenScope {
    /// On the platform, or on one site.
    pub ground: Ground,
    /// What for.
    pub permissions: BTreeSet<Permission>,
}

impl TokenScope {
    /// The person as a request with the token finds them: with what both they and the token may do, there.
    #[must_use]
    pub fn limit(&self, person: Person) -> Person {
        let rights = person.rights.iter().filter(|right| self.permissions.contains(&right.permission));
        let rights = rights.filter_map(|right| Some(Right { ground: self.common(right.ground)?, ..*right })).collect();
        Person { rights, ..person }
    }

    /// The part of that ground which is the token's too.
    fn common(&self, ground: Ground) -> Option<Ground> {
        if self.ground.takes_in(ground) { Some(ground) } else { ground.takes_in(self.ground).then_some(self.ground) }
    }

    /// Those of its permissions that somebody holds nowhere there.
    pub fn beyond(&self, person: &Person) -> Vec<Permission> {
        let held = self.limit(person.clone()).rights;
        self.permissions.iter().copied().filter(|wanted| !held.iter().any(|right| right.permission == *wanted)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelId, SiteId, Within};

    const SITE: Ground = Ground::Site(SiteId(1));

    fn person(rights: &[(Permission, Ground)]) -> Person {
        let rights = rights.iter().map(|(permission, ground)| Right { permission: *permission, ground: *ground }).collect();
        Person { id: UserId(1), username: "a".into(), display_name: "甲".into(), rights, is_officer: false }
    }

    fn scope(ground: Ground, permissions: &[Permission]) -> TokenScope {
        TokenScope { ground, permissions: permissions.iter().copied().collect() }
    }

    #[test]
    fn a_token_permits_what_both_it_and_its_person_may() {
        let held = person(&[(Permission::Read, Ground::Platform), (Permission::Write, SITE), (Permission::Review, SITE)]);
        let limited = scope(SITE, &[Permission::Read, Permission::Write, Permission::Audit]).limit(held);
        assert!(limited.may(Permission::Read, SiteId(1)) && limited.may(Permission::Write, SiteId(1)));
        assert!(!limited.may(Permission::Read, SiteId(2)) && !limited.belongs(SiteId(2)));
        assert!(!limited.may_everywhere(Permission::Read), "it was made for one site");
        assert!(!limited.may(Permission::Review, SiteId(1)) && !limited.may(Permission::Audit, SiteId(1)));
    }

    #[test]
    fn one_for_the_platform_reaches_no_further_than_its_person() {
        let channel = Ground::Channel(SiteId(1), ChannelId(7));
        let limited = scope(Ground::Platform, &[Permission::Read]).limit(person(&[(Permission::Read, channel)]));
        assert_eq!(limited.within(Permission::Read, SiteId(1)), Within::Channels([ChannelId(7)].into()));
        assert!(!limited.may(Permission::Read, SiteId(1)) && !limited.belongs(SiteId(2)));
    }

    #[test]
    fn what_somebody_does_not_hold_there_is_beyond_them() {
        let held = person(&[(Permission::Read, SITE), (Permission::Write, Ground::Site(SiteId(2)))]);
        assert_eq!(scope(SITE, &[Permission::Read, Permission::Write]).beyond(&held), [Permission::Write]);
        assert_eq!(scope(Ground::Site(SiteId(2)), &[Permission::Write]).beyond(&held), []);
    }
}
