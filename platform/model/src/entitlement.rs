//! Why somebody may do something somewhere, or may not: what they hold, laid beside what each role permits.
//!
//! [`crate::Person`] is what requests are judged by; this tells the same in a way that can be shown. A test holds the two together.

use chrono::NaiveDateTime;

use crate::{ChannelTree, Grant, Ground, Permission, Roles};

/// What of all that somebody holds bears on one permission in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// What is to be done.
    pub permission: Permission,
    /// What lets them do it there.
    pub by: Vec<Grant>,
    /// What would let them do it in another place; within the place that is asked for, in some channels alone.
    pub elsewhere: Vec<Grant>,
    /// What let them do it there until a time that is past.
    pub over: Vec<Grant>,
}

impl Entitlement {
    /// Whether they may.
    pub fn is_held(&self) -> bool {
        !self.by.is_empty()
    }

    /// Whether they may in some channels of the place alone.
    pub fn is_partial(&self, place: Ground) -> bool {
        let within =
            |grant: &Grant| matches!((grant.ground, place), (Ground::Channel(one, _), Ground::Site(site)) if one == site);
        self.by.is_empty() && self.permission.is_of_content() && self.elsewhere.iter().any(within)
    }
}

/// Every permission in that place, for who holds these; the tree is that of the place's site.
pub fn entitlements(roles: &Roles, grants: &[Grant], place: Ground, tree: &ChannelTree, now: NaiveDateTime) -> Vec<Entitlement> {
    Permission::ALL.iter().map(|permission| entitlement(roles, grants, *permission, place, tree, now)).collect()
}

/// One of them.
pub fn entitlement(
    roles: &Roles,
    grants: &[Grant],
    permission: Permission,
    place: Ground,
    tree: &ChannelTree,
    now: NaiveDateTime,
) -> Entitlement {
    let mut found = Entitlement { permission, by: Vec::new(), elsewhere: Vec::new(), over: Vec::new() };
    let permits = |grant: &&Grant| roles.find(grant.role).is_some_and(|role| role.permissions.contains(&permission));
    for grant in grants.iter().filter(permits) {
        let is_here = reaches(*grant, permission, place, tree);
        match grant.until {
            Some(until) if until <= now && is_here => found.over.push(*grant),
            Some(until) if until <= now => {}
            _ if is_here => found.by.push(*grant),
            _ => found.elsewhere.push(*grant),
        }
    }
    found
}

/// Whether what is held there lets them do it in all of that place.
fn reaches(grant: Grant, permission: Permission, place: Ground, tree: &ChannelTree) -> bool {
    match (grant.ground, place) {
        (Ground::Platform, _) => true,
        (Ground::Site(of), place) => place.site() == Some(of),
        (Ground::Channel(of, above), Ground::Channel(site, channel)) => {
            let is_within = channel == above || tree.stands_below(channel, above);
            of == site && permission.is_of_content() && is_within
        }
        (Ground::Channel(..), Ground::Platform | Ground::Site(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::{ChannelId, Duty, Role, RoleId, SiteId};

    const SITE: SiteId = SiteId(1);

    fn roles() -> Roles {
        let permissions = BTreeSet::from([Permission::Read, Permission::Write, Permission::Arrange]);
        let (word, name, note) = ("editor".into(), "编辑".into(), String::new());
        Roles(vec![Role { id: Role::EDITOR, word, name, note, duty: Duty::Business, permissions }])
    }

    fn asked(grants: &[Grant], permission: Permission, place: Ground) -> Entitlement {
        let now = DateTime::UNIX_EPOCH.naive_utc();
        entitlement(&roles(), grants, permission, place, &ChannelTree::default(), now)
    }

    #[test]
    fn what_is_held_on_a_site_reaches_its_channels_and_nothing_else() {
        let held = [Grant::lasting(Role::EDITOR, Ground::Site(SITE))];
        for (place, is_held) in [
            (Ground::Site(SITE), true),
            (Ground::Channel(SITE, ChannelId(7)), true),
            (Ground::Site(SiteId(2)), false),
            (Ground::Channel(SiteId(2), ChannelId(9)), false),
            (Ground::Platform, false),
        ] {
            assert_eq!(asked(&held, Permission::Write, place).is_held(), is_held, "{place:?}");
        }
        assert!(!asked(&held, Permission::Review, Ground::Site(SITE)).is_held(), "the role does not permit it");
        let unknown = [Grant::lasting(RoleId(99), Ground::Platform)];
        assert_eq!(asked(&unknown, Permission::Write, Ground::Platform).elsewhere, []);
    }

    #[test]
    fn what_is_held_in_a_channel_is_part_of_its_site_and_of_texts_alone() {
        let held = [Grant::lasting(Role::EDITOR, Ground::Channel(SITE, ChannelId(7)))];
        assert!(asked(&held, Permission::Write, Ground::Channel(SITE, ChannelId(7))).is_held());
        let on_site = asked(&held, Permission::Write, Ground::Site(SITE));
        assert!(!on_site.is_held() && on_site.is_partial(Ground::Site(SITE)) && on_site.elsewhere == held);
        assert!(!asked(&held, Permission::Arrange, Ground::Channel(SITE, ChannelId(7))).is_held());
        assert!(!asked(&held, Permission::Write, Ground::Channel(SITE, ChannelId(8))).is_held());
    }

    #[test]
    fn what_is_over_is_told_and_permits_nothing() {
        let until = DateTime::UNIX_EPOCH.naive_utc();
        let past = Grant { until: Some(until), ..Grant::lasting(Role::EDITOR, Ground::Site(SITE)) };
        let over = asked(&[past], Permission::Write, Ground::Site(SITE));
        assert!(!over.is_held() && over.over == [past]);
        let lasting = Grant { until: Some(until + TimeDelta::seconds(1)), ..past };
        assert!(asked(&[lasting], Permission::Write, Ground::Site(SITE)).is_held());
    }
}
