//! Who may do what, and where: permissions, the roles that name sets of them, and the ground a role is held on.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::word::words;
use crate::{ChannelId, RoleId, SiteId};

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
        /// Offer what is live to other sites.
        Push = "push" "推送",
        /// Take in what other sites offer, and what channels subscribe to.
        Subscribe = "subscribe" "订阅与接收",
        /// Put banners on the home page.
        Announce = "announce" "首页横幅",
        /// Change the channel tree, and what editors choose from.
        Arrange = "arrange" "网站设置",
        /// Say who works here and as what.
        Staff = "staff" "人员管理",
        /// Say what roles there are, and what each permits.
        Roles = "roles" "角色管理",
        /// Switch emergency notices and mourning.
        Emergency = "emergency" "应急开关",
        /// Take down any resource of any site at once.
        Takedown = "takedown" "紧急下架",
        /// Make new sites, and say who runs them.
        Found = "found" "建站",
        /// See jobs and retry them.
        Operate = "operate" "运维",
        /// Read the audit log.
        Audit = "audit" "审计",
    }
}

impl Permission {
    /// Whether it is about texts, and so can be held for some channels of a site alone.
    pub fn is_of_content(self) -> bool {
        matches!(self.group(), PermissionGroup::Texts) || matches!(self, Self::Push | Self::Subscribe)
    }

    /// What it belongs with where permissions are chosen.
    pub fn group(self) -> PermissionGroup {
        match self {
            Self::Read | Self::Write | Self::Review | Self::Withdraw | Self::Schedule => PermissionGroup::Texts,
            Self::Push | Self::Subscribe | Self::Takedown => PermissionGroup::Sharing,
            Self::Announce | Self::Arrange | Self::Emergency => PermissionGroup::Site,
            Self::Found | Self::Operate => PermissionGroup::Platform,
            Self::Staff | Self::Roles | Self::Audit => PermissionGroup::People,
        }
    }

    /// What it lets somebody do, in one plain sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Read => "查看工作台、稿件、版本和发布结果。",
            Self::Write => "撰写、修改、送审稿件，使用媒体库，设置跳转。",
            Self::Review => "审核稿件，通过或者退回。",
            Self::Withdraw => "撤回已发布的稿件，设置有效期，调整在各站点的投放。",
            Self::Schedule => "更改定时发布的时间，置顶稿件。",
            Self::Push => "把已发布的稿件推送给其他站点，对方处理前可以取消。",
            Self::Subscribe => "接收或者退回其他站点推送的、本站订阅的内容。",
            Self::Takedown => "把任何站点的稿件从所有站点立即下架。",
            Self::Announce => "发布和结束首页横幅公告。",
            Self::Arrange => "设置栏目、首页、专题、外观、来源与作者。",
            Self::Emergency => "开启和结束应急公告、哀悼模式，临时关闭网站。",
            Self::Found => "新建站点，开通、关停站点，维护站点资料和机构。",
            Self::Operate => "查看运行状况和网页防篡改告警，重新执行任务。",
            Self::Staff => "添加人员，授予和取消角色，管理工作组。",
            Self::Roles => "新建、修改、删除自设角色。",
            Self::Audit => "查看、核验、导出审计日志。",
        }
    }

    /// Whether a role that is there for this may permit it: what belongs to one of three officers is mixed with nothing of the others.
    pub fn is_for(self, duty: Duty) -> bool {
        match self {
            Self::Audit => duty == Duty::Audit,
            Self::Roles => duty == Duty::Security,
            Self::Staff => matches!(duty, Duty::Security | Duty::Business),
            Self::Takedown | Self::Found | Self::Operate => duty == Duty::System,
            _ => matches!(duty, Duty::Business | Duty::System),
        }
    }
}

words! {
    /// What belongs together where permissions are chosen.
    PermissionGroup {
        /// What becomes of texts.
        Texts = "texts" "稿件",
        /// Acts across sites.
        Sharing = "sharing" "跨站点",
        /// How a site looks and stands.
        Site = "site" "网站",
        /// The platform itself.
        Platform = "platform" "平台",
        /// Who does what, and who did.
        People = "people" "人员与审计",
    }
}

words! {
    /// What a role is there for. Those who run the system, who say what people may do and who look at what they did are three
    /// different people (三员分立; regulations.md §6.3, 8.1.4.2).
    Duty {
        /// Content and the running of sites.
        Business = "business" "业务",
        /// The platform itself: 系统管理员.
        System = "system" "系统管理",
        /// Accounts, and who holds what: 安全管理员.
        Security = "security" "安全管理",
        /// The audit log: 审计管理员.
        Audit = "audit" "审计管理",
    }
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its number.
    pub id: RoleId,
    /// The word it is called by on the command line and in addresses.
    pub word: String,
    /// Its name on screens.
    pub name: String,
    /// What it is for, in a line.
    pub note: String,
    /// What it is there for.
    pub duty: Duty,
    /// What it permits where it is held.
    pub permissions: BTreeSet<Permission>,
}

impl Role {
    /// Writes and submits.
    pub const EDITOR: RoleId = RoleId(1);
    /// Reviews.
    pub const REVIEWER: RoleId = RoleId(2);
    /// Runs a site: everything on it, and withdrawal.
    pub const ADMINISTRATOR: RoleId = RoleId(3);
    /// Reads the audit log, changes nothing.
    pub const AUDITOR: RoleId = RoleId(4);
    /// Runs the platform and every site of it, but says nothing about people.
    pub const SYSTEM: RoleId = RoleId(5);
    /// Says who can sign in and who holds what.
    pub const SECURITY: RoleId = RoleId(6);

    /// Whether it comes with the platform: what the city makes for itself is numbered from 101 on.
    pub fn is_standard(&self) -> bool {
        self.id.0 <= 100
    }

    /// Whether it can be held there. Who manages all people, or the platform itself, does so for the whole of it and does nothing
    /// else: so what permits `Staff` is held on the platform by security alone. For some channels alone only what is about texts is held.
    pub fn fits(&self, ground: Ground) -> bool {
        match (self.duty, ground) {
            (Duty::System | Duty::Security, ground) => ground == Ground::Platform,
            (Duty::Audit, ground) => !matches!(ground, Ground::Channel(..)),
            (Duty::Business, Ground::Platform) => !self.permissions.contains(&Permission::Staff),
            (Duty::Business, Ground::Site(_)) => true,
            (Duty::Business, Ground::Channel(..)) => self.permissions.iter().all(|permission| permission.is_of_content()),
        }
    }

    /// Whether a place must never be without somebody who holds it for good.
    pub fn is_indispensable(&self) -> bool {
        matches!(self.id, Self::ADMINISTRATOR | Self::SYSTEM | Self::SECURITY)
    }
}

/// Every role there is.
#[derive(Clone, Debug, Default)]
pub struct Roles(pub Vec<Role>);

impl Roles {
    /// The role with this number.
    pub fn find(&self, id: RoleId) -> Option<&Role> {
        self.0.iter().find(|role| role.id == id)
    }

    /// The role that this word means.
    pub fn by_word(&self, word: &str) -> Option<&Role> {
        self.0.iter().find(|role| role.word == word)
    }

    /// The role that is called so on screens.
    pub fn by_name(&self, name: &str) -> Option<&Role> {
        self.0.iter().find(|role| role.name == name)
    }

    /// Those that permit this and can be held there.
    pub fn permitting(&self, permission: Permission, ground: Ground) -> impl Iterator<Item = &Role> {
        self.0.iter().filter(move |role| role.permissions.contains(&permission) && role.fits(ground))
    }

    /// What these are called, in their order.
    pub fn names(&self, ids: &BTreeSet<RoleId>) -> Vec<&str> {
        self.0.iter().filter(|role| ids.contains(&role.id)).map(|role| role.name.as_str()).collect()
    }

    /// Two of these duties that no one person may have, if there are any: who looks after people or at what they did has no other.
    pub fn conflict(&self, held: impl IntoIterator<Item = RoleId>) -> Option<(Duty, Duty)> {
        let duties: BTreeSet<Duty> = held.into_iter().filter_map(|id| self.find(id)).map(|role| role.duty).collect();
        let alone = [Duty::Audit, Duty::Security].into_iter().find(|duty| duties.contains(duty))?;
        duties.into_iter().find(|duty| *duty != alone).map(|other| (alone, other))
    }
}

/// Where a role is held, and so what it permits may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Ground {
    /// On the platform, and so on every site.
    Platform,
    /// On one site.
    Site(SiteId),
    /// In one channel of a site, and all below it.
    Channel(SiteId, ChannelId),
}

impl Ground {
    /// The whole of this site, or with none of the platform.
    pub fn whole(site: Option<SiteId>) -> Self {
        site.map_or(Self::Platform, Self::Site)
    }

    /// The site it is on or within; none: the platform.
    pub fn site(self) -> Option<SiteId> {
        match self {
            Self::Platform => None,
            Self::Site(site) | Self::Channel(site, _) => Some(site),
        }
    }

    /// Whether it takes in all of that ground.
    pub fn takes_in(self, other: Self) -> bool {
        self == other || self == Self::Platform || (other.site().map(Self::Site) == Some(self))
    }

    /// Whether it takes in the whole of that site.
    pub fn is_whole(self, site: SiteId) -> bool {
        matches!(self, Self::Platform) || self == Self::Site(site)
    }
}

/// A role held somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The role.
    pub role: RoleId,
    /// Where.
    pub ground: Ground,
    /// Until when, UTC; none: until it is taken.
    pub until: Option<NaiveDateTime>,
}

impl Grant {
    /// Whether it is held for some channels alone, or until a time.
    pub fn is_limited(&self) -> bool {
        self.until.is_some() || matches!(self.ground, Ground::Channel(..))
    }

    /// Held until it is taken.
    pub fn lasting(role: RoleId, ground: Ground) -> Self {
        Self { role, ground, until: None }
    }
}

/// One permission and where it holds. One that is held for a channel and all below it is a right in each of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// What may be done.
    pub permission: Permission,
    /// Where; a channel is meant alone.
    pub ground: Ground,
}

/// Of which channels of a site something may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Within {
    /// All, also those to come.
    Whole,
    /// These.
    Channels(BTreeSet<ChannelId>),
}

impl Within {
    /// Whether it takes in that channel.
    pub fn has(&self, channel: ChannelId) -> bool {
        match self {
            Self::Whole => true,
            Self::Channels(some) => some.contains(&channel),
        }
    }

    /// These channels, where it is not all of them.
    pub fn some(&self) -> Option<Vec<ChannelId>> {
        match self {
            Self::Whole => None,
            Self::Channels(some) => Some(some.iter().copied().collect()),
        }
    }

    /// Whether it takes in any.
    pub fn is_any(&self) -> bool {
        !matches!(self, Self::Channels(some) if some.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: RoleId, duty: Duty, permissions: &[Permission]) -> Role {
        let permissions = permissions.iter().copied().collect();
        Role { id, word: format!("role-{id}"), name: format!("角色{id}"), note: String::new(), duty, permissions }
    }

    fn all() -> Roles {
        Roles(vec![
            role(Role::EDITOR, Duty::Business, &[Permission::Read, Permission::Write]),
            role(Role::ADMINISTRATOR, Duty::Business, &[Permission::Read, Permission::Staff]),
            role(Role::AUDITOR, Duty::Audit, &[Permission::Audit]),
            role(Role::SYSTEM, Duty::System, &[Permission::Found]),
            role(Role::SECURITY, Duty::Security, &[Permission::Staff]),
        ])
    }

    #[test]
    fn who_runs_the_platform_says_what_people_may_do_or_audits_them_is_another_person_each() {
        let roles = all();
        for fine in [&[][..], &[Role::AUDITOR, Role::AUDITOR], &[Role::EDITOR, Role::SYSTEM], &[Role::SECURITY]] {
            assert_eq!(roles.conflict(fine.iter().copied()), None, "{fine:?}");
        }
        for (held, conflict) in [
            ([Role::EDITOR, Role::AUDITOR], (Duty::Audit, Duty::Business)),
            ([Role::SYSTEM, Role::SECURITY], (Duty::Security, Duty::System)),
            ([Role::SECURITY, Role::EDITOR], (Duty::Security, Duty::Business)),
            ([Role::SECURITY, Role::AUDITOR], (Duty::Audit, Duty::Security)),
        ] {
            assert_eq!(roles.conflict(held), Some(conflict), "{held:?}");
        }
    }

    #[test]
    fn in_some_channels_alone_nothing_is_held_but_what_is_about_texts() {
        let (roles, channel) = (all(), Ground::Channel(SiteId(1), ChannelId(7)));
        assert!(roles.find(Role::EDITOR).unwrap().fits(channel));
        for id in [Role::ADMINISTRATOR, Role::AUDITOR, Role::SYSTEM, Role::SECURITY] {
            assert!(!roles.find(id).unwrap().fits(channel), "{id}");
        }
    }

    #[test]
    fn people_of_the_whole_platform_are_managed_by_security_alone() {
        let roles = all();
        let fits = |id, site: Option<i64>| roles.find(id).unwrap().fits(Ground::whole(site.map(SiteId)));
        assert!(fits(Role::ADMINISTRATOR, Some(1)) && !fits(Role::ADMINISTRATOR, None));
        assert!(fits(Role::EDITOR, Some(1)) && fits(Role::EDITOR, None));
        assert!(fits(Role::SECURITY, None) && !fits(Role::SECURITY, Some(1)));
        assert!(fits(Role::SYSTEM, None) && !fits(Role::SYSTEM, Some(1)));
        assert!(fits(Role::AUDITOR, None) && fits(Role::AUDITOR, Some(1)));
    }
}
