//! The menu: what somebody can go to from here. What belongs together is one entry, and lies open while one is within it.

use model::{Permission, Person, Site};
use serde::Serialize;

/// The entries, and what lies within the one where somebody is.
#[derive(Default, Serialize)]
pub(crate) struct Menu {
    entries: Vec<Item>,
    within: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    address: String,
    label: &'static str,
    here: bool,
    /// Where a number beside the label is asked for.
    count: Option<String>,
}

/// Where in the menu a screen belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Sites,
    AllLibrary,
    AllPeople,
    Citizens,
    Applications,
    Upstreams,
    Agencies,
    Desk,
    Library,
    Offers,
    Subscriptions,
    Media,
    Schedules,
    Notices,
    AllNotices,
    State,
    Record,
    Channels,
    HomePage,
    Topics,
    Dictionary,
    People,
    Redirects,
    Views,
    SiteAudit,
    Audit,
    Takedown,
    Operations,
    Alarms,
    /// Where the person's name stands.
    Me,
}

/// A screen of the menu, and whether somebody may go there.
struct Screen {
    place: Place,
    label: &'static str,
    address: String,
    is_open: bool,
}

/// What this person can go to from here.
pub(crate) fn of(person: &Person, site: Option<&Site>, place: Place) -> Menu {
    let mut groups: Vec<(&'static str, Vec<Screen>)> = vec![("", vec![overview(person)])];
    match site {
        Some(site) => groups.extend(of_site(person, site)),
        None => groups.push(("", vec![all_library(person)])),
    }
    groups.push(("全市管理", of_platform(person)));
    let mut menu = Menu::default();
    for (label, screens) in groups {
        let open: Vec<Screen> = screens.into_iter().filter(|screen| screen.is_open).collect();
        menu.add(label, open, place);
    }
    menu
}

impl Menu {
    /// One entry for all that belongs together; it leads to the first of it.
    fn add(&mut self, label: &'static str, screens: Vec<Screen>, place: Place) {
        let here = screens.iter().any(|screen| screen.place == place);
        let Some(first) = screens.first() else { return };
        let counted = screens.iter().find(|screen| [Place::Desk, Place::Offers, Place::Alarms].contains(&screen.place));
        self.entries.push(Item {
            address: first.address.clone(),
            label: if screens.len() == 1 || label.is_empty() { first.label } else { label },
            here,
            count: counted.map(|screen| format!("{}/count", screen.address)),
        });
        if here && screens.len() > 1 {
            let item =
                |screen: Screen| Item { here: screen.place == place, address: screen.address, label: screen.label, count: None };
            self.within = screens.into_iter().map(item).collect();
        }
    }
}

fn overview(person: &Person) -> Screen {
    let is_open = person.may_on_several(Permission::Read);
    Screen { place: Place::Sites, label: "全部站点", address: "/console".to_owned(), is_open }
}

fn all_library(person: &Person) -> Screen {
    let is_open = person.may_on_several(Permission::Read);
    Screen { place: Place::AllLibrary, label: "信息资源库", address: "/console/library".to_owned(), is_open }
}

fn of_site(person: &Person, site: &Site) -> Vec<(&'static str, Vec<Screen>)> {
    let screen = |place, label, below: &str, permission| Screen {
        place,
        label,
        address: format!("/console/{}{below}", site.key),
        is_open: person.may(permission, site.id),
    };
    // Whoever works in some channels alone finds what shows those.
    let within = |place, label, below, permission| Screen {
        is_open: person.within(permission, site.id).is_any(),
        ..screen(place, label, below, permission)
    };
    vec![
        ("", vec![within(Place::Desk, "工作台", "", Permission::Read)]),
        ("", vec![within(Place::Library, "信息资源库", "/library", Permission::Read)]),
        (
            "推送与订阅",
            vec![
                within(Place::Offers, "推送待办", "/offers", Permission::Read),
                within(Place::Subscriptions, "订阅与接收", "/subscriptions", Permission::Read),
            ],
        ),
        ("", vec![within(Place::Media, "媒体库", "/media", Permission::Write)]),
        (
            "定时与公告",
            vec![
                within(Place::Schedules, "定时安排", "/schedules", Permission::Read),
                screen(Place::Notices, "公告", "/notices", Permission::Read),
            ],
        ),
        (
            "网站",
            vec![
                screen(Place::Channels, "栏目", "/channels", Permission::Arrange),
                screen(Place::HomePage, "首页与外观", "/home-page", Permission::Arrange),
                screen(Place::Topics, "专题", "/topics", Permission::Arrange),
                screen(Place::Dictionary, "来源与作者", "/dictionary", Permission::Arrange),
                screen(Place::Redirects, "跳转", "/redirects", Permission::Read),
                screen(Place::Record, "站点资料", "/record", Permission::Found),
                screen(Place::State, "站点状态", "/state", Permission::Read),
                screen(Place::Views, "浏览量", "/views", Permission::Read),
            ],
        ),
        (
            "人员与审计",
            vec![
                screen(Place::People, "人员", "/people", Permission::Staff),
                screen(Place::SiteAudit, "本站审计", "/audit", Permission::Audit),
            ],
        ),
    ]
}

fn of_platform(person: &Person) -> Vec<Screen> {
    let screen = |place, label, address: &str, permission| Screen {
        place,
        label,
        address: address.to_owned(),
        is_open: person.may_everywhere(permission),
    };
    let mut people = screen(Place::AllPeople, "全部人员", "/console/people", Permission::Staff);
    people.is_open |= person.may_on_several(Permission::Staff);
    vec![
        screen(Place::AllNotices, "全市公告", "/console/notices", Permission::Announce),
        screen(Place::Takedown, "紧急下架", "/console/takedown", Permission::Takedown),
        people,
        screen(Place::Citizens, "公众用户", "/console/citizens", Permission::Staff),
        screen(Place::Applications, "单点登录应用", "/console/applications", Permission::Staff),
        screen(Place::Upstreams, "上级认证", "/console/upstreams", Permission::Staff),
        screen(Place::Agencies, "机构", "/console/agencies", Permission::Found),
        screen(Place::Audit, "审计日志", "/console/audit", Permission::Audit),
        screen(Place::Operations, "运行状况", "/console/operations", Permission::Operate),
        screen(Place::Alarms, "网页防篡改", "/console/operations/alarms", Permission::Operate),
    ]
}

#[cfg(test)]
mod tests {
    use model::{Ground, Right, SiteId, UserId};

    use super::*;

    fn person(permissions: &[Permission], site_id: Option<SiteId>) -> Person {
        let rights =
            permissions.iter().map(|permission| Right { permission: *permission, ground: Ground::whole(site_id) }).collect();
        Person { id: UserId(1), username: "a".into(), display_name: "甲".into(), rights, is_officer: false }
    }

    fn labels(items: &[Item]) -> Vec<&'static str> {
        items.iter().map(|item| item.label).collect()
    }

    #[test]
    fn what_belongs_together_is_one_entry_that_lies_open_where_one_is() {
        let person = person(Permission::ALL, None);
        let outside = of(&person, None, Place::Sites);
        assert_eq!(labels(&outside.entries), ["全部站点", "信息资源库", "全市管理"]);
        assert!(outside.within.is_empty());
        let within = of(&person, None, Place::Agencies);
        assert_eq!(
            labels(&within.within),
            [
                "全市公告",
                "紧急下架",
                "全部人员",
                "公众用户",
                "单点登录应用",
                "上级认证",
                "机构",
                "审计日志",
                "运行状况",
                "网页防篡改"
            ]
        );
        assert!(within.entries[2].here && within.entries[2].count.as_deref() == Some("/console/operations/alarms/count"));
    }

    #[test]
    fn whoever_may_do_nothing_but_audit_is_led_nowhere_else() {
        let person = person(&[Permission::Audit], Some(SiteId(3)));
        assert!(of(&person, None, Place::Sites).entries.is_empty());
    }
}
