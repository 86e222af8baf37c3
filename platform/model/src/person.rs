//! People: accounts, and a person with everything they may do.

use chrono::NaiveDateTime;

use crate::{
    AccountState, ChannelId, Duty, Grant, Ground, Password, PasswordOrigin, Permission, Right, Role, Roles, SiteId, UserId,
    Within,
};

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// What is typed to sign in.
    pub username: String,
    /// The person's name.
    pub display_name: String,
    /// Its password.
    pub password: Password,
    /// What was decided of it.
    pub decided: AccountState,
    /// Until when nobody is let in after too many failures, UTC.
    pub locked_until: Option<NaiveDateTime>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// When they last signed in, UTC.
    pub signed_in_at: Option<NaiveDateTime>,
}

impl User {
    /// Whether it is in use: its person may work, and is offered where people are chosen. Too many failures keep out whoever
    /// comes, not whoever is there.
    pub fn is_active(&self) -> bool {
        self.decided == AccountState::Normal
    }

    /// Where it is in its life.
    pub fn state(&self, now: NaiveDateTime) -> AccountState {
        match self.decided {
            AccountState::Normal if self.is_waiting(now) => AccountState::Locked,
            AccountState::Normal if self.password.origin == PasswordOrigin::Invitation => AccountState::Invited,
            decided => decided,
        }
    }

    /// Whether whoever knows its password is let in.
    pub fn may_sign_in(&self, now: NaiveDateTime) -> bool {
        self.is_active() && !self.is_waiting(now)
    }

    fn is_waiting(&self, now: NaiveDateTime) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }
}

/// A signed-in person with everything they may do: what a request is judged by.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// Their name.
    pub display_name: String,
    /// What they may do, and where.
    pub rights: Vec<Right>,
    /// Whether they run the platform, manage its people or audit them: the rules ask more of them.
    pub is_officer: bool,
}

impl Person {
    /// Whether they may do this on the whole of the given site.
    pub fn may(&self, permission: Permission, site: SiteId) -> bool {
        self.grounds(permission).any(|ground| ground.is_whole(site))
    }

    /// Whether they may do this in that channel of the site.
    pub fn may_in(&self, permission: Permission, site: SiteId, channel: ChannelId) -> bool {
        self.grounds(permission).any(|ground| ground.is_whole(site) || ground == Ground::Channel(site, channel))
    }

    /// Of which channels of the site they may do this.
    pub fn within(&self, permission: Permission, site: SiteId) -> Within {
        if self.may(permission, site) {
            return Within::Whole;
        }
        let channel = |ground| match ground {
            Ground::Channel(of, channel) if of == site => Some(channel),
            _ => None,
        };
        Within::Channels(self.grounds(permission).filter_map(channel).collect())
    }

    /// Whether they may do anything at all on the site.
    pub fn belongs(&self, site: SiteId) -> bool {
        self.rights.iter().any(|right| right.ground.site().is_none_or(|of| of == site))
    }

    /// Whether they may do this on the platform as a whole.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.grounds(permission).any(|ground| ground == Ground::Platform)
    }

    /// Whether they may do this on more than one site.
    pub fn may_on_several(&self, permission: Permission) -> bool {
        let mut sites = self.grounds(permission).map(Ground::site);
        sites.next().is_some_and(|first| first.is_none() || sites.any(|other| other != first))
    }

    /// Whether they may give this role to somebody there, or take it away. On a site who works there is theirs to say, and they hold
    /// all that it permits; who manages the people of the whole platform gives what they do not hold, which is why they hold nothing
    /// else. Who manages them, and who audits everybody, is said on the server alone.
    pub fn may_grant(&self, role: &Role, ground: Ground) -> bool {
        if matches!(role.duty, Duty::Security | Duty::Audit) {
            return false;
        }
        if self.may_everywhere(Permission::Staff) {
            return true;
        }
        let may = |permission| ground.site().is_some_and(|site| self.may(permission, site));
        may(Permission::Staff) && role.permissions.iter().all(|permission| may(*permission))
    }

    /// Whether they could have given somebody everything that is held there.
    pub fn may_give_all(&self, roles: &Roles, held: &[Grant]) -> bool {
        held.iter().all(|grant| roles.find(grant.role).is_none_or(|role| self.may_grant(role, grant.ground)))
    }

    fn grounds(&self, permission: Permission) -> impl Iterator<Item = Ground> + '_ {
        self.rights.iter().filter(move |right| right.permission == permission).map(|right| right.ground)
    }
}

/// Whether this can be what somebody signs in with.
pub fn is_username(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=30).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || b"-_.".contains(&byte))
        && text.bytes().next().is_some_and(plain)
}

/// How a person is told so that they are certain: 江怀谷（wangxi-review1）.
pub fn told(name: &str, username: &str) -> String {
    format!("{name}（{username}）")
}

/// The name and the username of somebody who is told so, as in [`told`].
pub fn parts(text: &str) -> Option<(&str, &str)> {
    text.trim().strip_suffix('）')?.rsplit_once('（')
}

/// The username that is meant: what was written, or what stands in the brackets.
pub fn named_username(text: &str) -> &str {
    parts(text).map_or(text, |(_, username)| username).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(held: &[(Permission, Option<i64>)]) -> Person {
        let right = |(permission, site): &(Permission, Option<i64>)| Right {
            permission: *permission,
            ground: Ground::whole(site.map(SiteId)),
        };
        let rights = held.iter().map(right).collect();
        Person { id: UserId(1), username: "a".into(), display_name: "甲".into(), rights, is_officer: false }
    }

    fn role(duty: Duty, permissions: &[Permission]) -> Role {
        let permissions = permissions.iter().copied().collect();
        Role { id: Role::EDITOR, word: "editor".into(), name: "编辑".into(), note: String::new(), duty, permissions }
    }

    #[test]
    fn who_failed_too_often_is_kept_out_for_a_while_and_works_on_where_they_are() {
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let later = now + chrono::TimeDelta::minutes(15);
        let account = User {
            id: UserId(1),
            username: "a".into(),
            display_name: "甲".into(),
            password: Password { hash: String::new(), origin: PasswordOrigin::Invitation, since: now },
            decided: AccountState::Normal,
            locked_until: Some(later),
            created_at: now,
            signed_in_at: None,
        };
        assert_eq!((account.state(now), account.may_sign_in(now), account.is_active()), (AccountState::Locked, false, true));
        assert_eq!((account.state(later), account.may_sign_in(later)), (AccountState::Invited, true));
        let shut = User { decided: AccountState::Locked, locked_until: None, ..account };
        assert_eq!((shut.state(later), shut.may_sign_in(later), shut.is_active()), (AccountState::Locked, false, false));
    }

    #[test]
    fn what_is_held_on_one_site_permits_nothing_on_another() {
        let editor = person(&[(Permission::Write, Some(1))]);
        assert!(editor.may(Permission::Write, SiteId(1)));
        assert!(!editor.may(Permission::Write, SiteId(2)));
        assert!(!editor.may(Permission::Review, SiteId(1)));
        assert!(!editor.may_everywhere(Permission::Write));
    }

    #[test]
    fn what_is_held_in_a_channel_permits_nothing_in_another_nor_on_the_whole_of_the_site() {
        let ground = Ground::Channel(SiteId(1), ChannelId(7));
        let mut editor = person(&[]);
        editor.rights.push(Right { permission: Permission::Write, ground });
        assert!(editor.may_in(Permission::Write, SiteId(1), ChannelId(7)) && editor.belongs(SiteId(1)));
        assert!(!editor.may_in(Permission::Write, SiteId(1), ChannelId(8)));
        assert!(!editor.may_in(Permission::Write, SiteId(2), ChannelId(7)) && !editor.belongs(SiteId(2)));
        assert!(!editor.may_in(Permission::Review, SiteId(1), ChannelId(7)));
        assert!(!editor.may(Permission::Write, SiteId(1)) && !editor.may_everywhere(Permission::Write));
        let within = editor.within(Permission::Write, SiteId(1));
        assert!(within.is_any() && within.has(ChannelId(7)) && !within.has(ChannelId(8)));
        assert!(!editor.within(Permission::Write, SiteId(2)).is_any());
        assert_eq!(person(&[(Permission::Write, Some(1))]).within(Permission::Write, SiteId(1)), Within::Whole);
    }

    #[test]
    fn what_is_held_on_the_platform_holds_on_every_site() {
        let system = person(&[(Permission::Withdraw, None)]);
        assert!(system.may(Permission::Withdraw, SiteId(7)) && system.may_everywhere(Permission::Withdraw));
        assert!(!system.may(Permission::Audit, SiteId(7)));
    }

    #[test]
    fn several_sites_are_two_or_all() {
        assert!(!person(&[]).may_on_several(Permission::Read));
        assert!(!person(&[(Permission::Read, Some(1)), (Permission::Read, Some(1))]).may_on_several(Permission::Read));
        assert!(!person(&[(Permission::Read, Some(1)), (Permission::Write, Some(2))]).may_on_several(Permission::Read));
        assert!(person(&[(Permission::Read, Some(1)), (Permission::Read, Some(2))]).may_on_several(Permission::Read));
        assert!(person(&[(Permission::Read, None)]).may_on_several(Permission::Read));
    }

    #[test]
    fn nobody_on_a_site_gives_what_they_do_not_hold_there() {
        let (writes, reviews) = (role(Duty::Business, &[Permission::Write]), role(Duty::Business, &[Permission::Review]));
        let of_site = person(&[(Permission::Staff, Some(1)), (Permission::Write, Some(1)), (Permission::Review, Some(2))]);
        assert!(of_site.may_grant(&writes, Ground::Site(SiteId(1))));
        assert!(!of_site.may_grant(&reviews, Ground::Site(SiteId(1))), "reviewing is theirs elsewhere alone");
        assert!(!of_site.may_grant(&writes, Ground::Site(SiteId(2))) && !of_site.may_grant(&writes, Ground::Platform));
        assert!(
            !person(&[(Permission::Write, Some(1))]).may_grant(&writes, Ground::Site(SiteId(1))),
            "it takes more than the role"
        );
    }

    #[test]
    fn security_gives_what_it_does_not_hold_but_neither_itself_nor_those_who_audit_it() {
        let security = person(&[(Permission::Staff, None)]);
        for ground in [Ground::Platform, Ground::Site(SiteId(3))] {
            assert!(security.may_grant(&role(Duty::Business, &[Permission::Write]), ground));
            assert!(security.may_grant(&role(Duty::System, &[Permission::Found]), ground));
            assert!(!security.may_grant(&role(Duty::Security, &[Permission::Staff]), ground));
            assert!(!security.may_grant(&role(Duty::Audit, &[Permission::Audit]), ground));
        }
    }

    #[test]
    fn a_person_told_by_name_is_known_by_the_username_behind_it() {
        let told = told("江怀谷", "wangxi-review1");
        assert_eq!(parts(&told), Some(("江怀谷", "wangxi-review1")));
        assert_eq!(named_username(&format!(" {told} ")), "wangxi-review1");
        for plain in ["wangxi-review1", "江怀谷", "", "（a", "a）"] {
            assert_eq!((parts(plain), named_username(plain)), (None, plain));
        }
    }

    #[test]
    fn a_username_is_plain_and_neither_short_nor_long() {
        for good in ["zhang", "wangxi-editor", "li.si_2"] {
            assert!(is_username(good), "{good}");
        }
        for bad in ["", "ab", "Zhang", "张三", "-zhang", "zhang san", "zhang@x", &"a".repeat(31)] {
            assert!(!is_username(bad), "{bad}");
        }
    }
}
