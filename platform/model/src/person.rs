//! People: accounts, the roles they hold on a site or on the whole platform, and what a role permits.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{SiteId, UserId};

words! {
    /// A named set of permissions.
    Role {
        /// Writes and submits.
        Editor = "editor" "编辑",
        /// Reviews.
        Reviewer = "reviewer" "审核员",
        /// Runs a site: everything on it, and withdrawal.
        Administrator = "administrator" "管理员",
        /// Reads the audit log, changes nothing.
        Auditor = "auditor" "审计员",
    }
}

words! {
    /// One thing a person may do.
    Permission {
        /// See the desk, resources, revisions and receipts of a site.
        Read = "read" "查看",
        /// Write and submit.
        Write = "write" "撰写",
        /// Approve or send back.
        Review = "review" "审核",
        /// Take a live resource down.
        Withdraw = "withdraw" "撤回",
        /// Say when: change times of publication, pin.
        Schedule = "schedule" "安排时间",
        /// Put banners on the home page.
        Announce = "announce" "首页横幅",
        /// Change the channel tree, and what editors choose from.
        Arrange = "arrange" "网站设置",
        /// Say who works here and as what.
        Staff = "staff" "人员管理",
        /// Switch emergency notices and mourning.
        Emergency = "emergency" "应急开关",
        /// Take down any resource of any site at once.
        Takedown = "takedown" "紧急下架",
        /// Make new sites.
        Found = "found" "建站",
        /// See jobs and retry them.
        Operate = "operate" "运维",
        /// Read the audit log.
        Audit = "audit" "审计",
    }
}

impl Role {
    /// What the role permits where it is held.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Editor => &[Permission::Read, Permission::Write],
            Self::Reviewer => &[Permission::Read, Permission::Review, Permission::Schedule],
            Self::Administrator => &[
                Permission::Read,
                Permission::Write,
                Permission::Review,
                Permission::Withdraw,
                Permission::Schedule,
                Permission::Announce,
                Permission::Arrange,
                Permission::Staff,
                Permission::Emergency,
                Permission::Operate,
            ],
            Self::Auditor => &[Permission::Audit],
        }
    }

    /// What the role permits besides, when it is held on the whole platform.
    pub fn platform_permissions(self) -> &'static [Permission] {
        match self {
            Self::Administrator => &[Permission::Takedown, Permission::Found],
            Self::Editor | Self::Reviewer | Self::Auditor => &[],
        }
    }
}

/// A role held on one site, or on the platform and so on every site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// On which site; none: the whole platform.
    pub site_id: Option<SiteId>,
}

impl Grant {
    fn permits(&self, permission: Permission) -> bool {
        self.permissions().any(|one| one == permission)
    }

    /// Everything it permits where it is held.
    fn permissions(&self) -> impl Iterator<Item = Permission> {
        let besides = if self.site_id.is_none() { self.role.platform_permissions() } else { &[] };
        self.role.permissions().iter().chain(besides).copied()
    }
}

/// Whether these let somebody audit what they do themselves: an auditor holds no other role, wherever it be.
pub fn mixes_auditing(grants: &[Grant]) -> bool {
    let audits = |grant: &Grant| grant.role == Role::Auditor;
    grants.iter().any(audits) && !grants.iter().all(audits)
}

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// What is typed to sign in.
    pub username: String,
    /// The person's name.
    pub display_name: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// Whether it may sign in.
    pub active: bool,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// When they last signed in, UTC.
    pub signed_in_at: Option<NaiveDateTime>,
}

/// A signed-in person with everything they hold: what a request is judged by.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// What they sign in with.
    pub username: String,
    /// Their name.
    pub display_name: String,
    /// What they hold.
    pub grants: Vec<Grant>,
}

impl Person {
    /// Whether they may do this on the given site.
    pub fn may(&self, permission: Permission, site: SiteId) -> bool {
        self.grants.iter().any(|grant| grant.site_id.is_none_or(|held| held == site) && grant.permits(permission))
    }

    /// Whether they may do this on the platform as a whole.
    pub fn may_everywhere(&self, permission: Permission) -> bool {
        self.grants.iter().any(|grant| grant.site_id.is_none() && grant.permits(permission))
    }

    /// Whether they may give this to somebody, or take it away: who works there is theirs to say, and they hold all it permits.
    pub fn may_grant(&self, grant: Grant) -> bool {
        let may = |permission| grant.site_id.map_or_else(|| self.may_everywhere(permission), |site| self.may(permission, site));
        may(Permission::Staff) && grant.permissions().all(may)
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

    fn person(grants: Vec<Grant>) -> Person {
        Person { id: UserId(1), username: "a".into(), display_name: "甲".into(), grants }
    }

    #[test]
    fn a_role_on_one_site_permits_nothing_on_another() {
        let editor = person(vec![Grant { role: Role::Editor, site_id: Some(SiteId(1)) }]);
        assert!(editor.may(Permission::Write, SiteId(1)));
        assert!(!editor.may(Permission::Write, SiteId(2)));
        assert!(!editor.may(Permission::Review, SiteId(1)));
        assert!(!editor.may_everywhere(Permission::Write));
    }

    #[test]
    fn a_role_on_the_platform_holds_on_every_site() {
        let administrator = person(vec![Grant { role: Role::Administrator, site_id: None }]);
        assert!(administrator.may(Permission::Withdraw, SiteId(7)));
        assert!(!administrator.may_everywhere(Permission::Audit), "administrators do not audit themselves");
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
    fn a_takedown_is_for_the_platform_alone() {
        let of_a_site = person(vec![Grant { role: Role::Administrator, site_id: Some(SiteId(1)) }]);
        assert!(of_a_site.may(Permission::Withdraw, SiteId(1)) && !of_a_site.may(Permission::Takedown, SiteId(1)));
        let of_all = person(vec![Grant { role: Role::Administrator, site_id: None }]);
        assert!(of_all.may_everywhere(Permission::Takedown));
    }

    #[test]
    fn nobody_gives_what_they_do_not_hold() {
        let of = |role, site: Option<i64>| Grant { role, site_id: site.map(SiteId) };
        let administrator = person(vec![of(Role::Administrator, Some(1))]);
        for role in [Role::Editor, Role::Reviewer, Role::Administrator] {
            assert!(administrator.may_grant(of(role, Some(1))), "{role}");
            assert!(!administrator.may_grant(of(role, Some(2))) && !administrator.may_grant(of(role, None)), "{role}");
        }
        assert!(!administrator.may_grant(of(Role::Auditor, Some(1))), "administrators do not choose who audits them");
        let of_all = person(vec![of(Role::Administrator, None)]);
        assert!(of_all.may_grant(of(Role::Administrator, None)) && of_all.may_grant(of(Role::Editor, Some(2))));
        assert!(!of_all.may_grant(of(Role::Auditor, None)));
        assert!(!person(vec![of(Role::Reviewer, Some(1))]).may_grant(of(Role::Reviewer, Some(1))), "it takes more than the role");
    }

    #[test]
    fn an_auditor_is_nothing_else_on_whatever_site() {
        let of = |role, site: Option<i64>| Grant { role, site_id: site.map(SiteId) };
        for fine in [&[][..], &[of(Role::Auditor, None), of(Role::Auditor, Some(1))], &[of(Role::Editor, Some(1))]] {
            assert!(!mixes_auditing(fine), "{fine:?}");
        }
        assert!(mixes_auditing(&[of(Role::Editor, Some(1)), of(Role::Auditor, Some(2))]));
        assert!(mixes_auditing(&[of(Role::Auditor, None), of(Role::Reviewer, Some(1))]));
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
