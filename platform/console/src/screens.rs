//! Screens: the embedded templates, and the frame that every one of them stands in.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::response::Html;
use model::{Permission, Person, Site};
use render::Screens;
use rust_embed::RustEmbed;
use serde::Serialize;
use web::{Error, ErrorView, Scope, SignedIn};

use crate::assets::{ADDRESSES, Addresses};
use crate::notice::Notice;

#[derive(RustEmbed)]
#[folder = "screens/"]
struct Sources;

static SCREENS: LazyLock<Screens> =
    LazyLock::new(|| Screens::new(|name| Sources::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())));

/// What stands around every screen.
#[derive(Serialize)]
pub(crate) struct Frame {
    title: String,
    assets: &'static Addresses,
    person: Option<String>,
    site: Option<SiteName>,
    menu: Vec<Item>,
    notice: Option<Notice>,
}

#[derive(Serialize)]
struct SiteName {
    name: String,
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
    Channels,
    HomePage,
    Dictionary,
    People,
    Redirects,
    Views,
    SiteAudit,
    Audit,
    Takedown,
    Operations,
    Alarms,
}

impl Frame {
    /// Around screens for those not signed in.
    pub(crate) fn outside(title: &str) -> Self {
        Self { title: title.to_owned(), assets: &ADDRESSES, person: None, site: None, menu: Vec::new(), notice: None }
    }

    /// Around screens of the whole platform.
    pub(crate) fn platform(signed_in: &SignedIn, place: Place, title: &str) -> Self {
        let person = &signed_in.person;
        Self { person: Some(person.display_name.clone()), menu: menu(person, None, place), ..Self::outside(title) }
    }

    /// Around screens of a site.
    pub(crate) fn site(scope: &Scope, place: Place, title: &str) -> Self {
        let person = &scope.signed_in.person;
        Self {
            person: Some(person.display_name.clone()),
            site: Some(SiteName { name: scope.site.short_name.clone() }),
            menu: menu(person, Some(&scope.site), place),
            ..Self::outside(title)
        }
    }

    /// With something to say.
    #[must_use]
    pub(crate) fn noticed(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }
}

/// Draws a screen in its frame. The context's fields are the template's variables.
pub(crate) fn draw<C: Serialize>(name: &str, frame: Frame, context: C) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Framed<C> {
        frame: Frame,
        #[serde(flatten)]
        context: C,
    }
    part(name, &Framed { frame, context })
}

/// Draws a part of a screen.
pub(crate) fn part<C: Serialize>(name: &str, context: &C) -> Result<Html<String>, Error> {
    SCREENS.render(name, context).map(Html).map_err(|error| Error::Fault(format!("screen {name}: {error}")))
}

/// Draws a number beside an entry of the menu.
pub(crate) fn count(count: i64) -> Result<Html<String>, Error> {
    #[derive(Serialize)]
    struct Part {
        count: i64,
    }
    part("count.html", &Part { count })
}

/// The page of an error, complete; a few plain lines when even that cannot be drawn.
pub fn error_screen(view: &ErrorView) -> String {
    #[derive(Serialize)]
    struct Screen<'a> {
        error: &'a ErrorView,
    }
    match draw("error.html", Frame::outside(&view.title), Screen { error: view }) {
        Ok(Html(page)) => page,
        Err(error) => {
            tracing::error!(%error, "the error page could not be drawn");
            let told = |text: &str| render::html::escape(text);
            format!(
                "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>{message}</p><p>请求编号：{id}</p></html>",
                title = told(&view.title),
                message = told(&view.message),
                id = told(&view.request_id),
            )
        }
    }
}

/// What this person can go to from here.
fn menu(person: &Person, site: Option<&Site>, place: Place) -> Vec<Item> {
    let mut menu = Vec::new();
    let mut add = |shown: bool, address: String, label, target| {
        if shown {
            let count = [Place::Offers, Place::Alarms].contains(&target).then(|| format!("{address}/count"));
            menu.push(Item { address, label, here: place == target, count });
        }
    };
    let on_sites: BTreeSet<_> = person.grants.iter().map(|grant| grant.site_id).collect();
    let several = on_sites.len() > 1 || on_sites.contains(&None);
    add(
        several && person.grants.iter().any(|grant| grant.role.permissions().contains(&Permission::Read)),
        "/console".into(),
        "全部站点",
        Place::Sites,
    );
    let reads = person.grants.iter().any(|grant| grant.role.permissions().contains(&Permission::Read));
    add(several && reads && site.is_none(), "/console/library".into(), "信息资源库", Place::AllLibrary);
    if let Some(site) = site {
        add(person.may(Permission::Read, site.id), format!("/console/{}", site.key), "工作台", Place::Desk);
        add(person.may(Permission::Read, site.id), format!("/console/{}/library", site.key), "信息资源库", Place::Library);
        add(person.may(Permission::Read, site.id), format!("/console/{}/offers", site.key), "推送待办", Place::Offers);
        add(
            person.may(Permission::Read, site.id),
            format!("/console/{}/subscriptions", site.key),
            "订阅与接收",
            Place::Subscriptions,
        );
        add(person.may(Permission::Write, site.id), format!("/console/{}/media", site.key), "媒体库", Place::Media);
        let may_read = person.may(Permission::Read, site.id);
        add(may_read, format!("/console/{}/schedules", site.key), "定时安排", Place::Schedules);
        add(may_read, format!("/console/{}/notices", site.key), "公告", Place::Notices);
        add(may_read, format!("/console/{}/state", site.key), "站点状态", Place::State);
        add(person.may(Permission::Arrange, site.id), format!("/console/{}/channels", site.key), "栏目", Place::Channels);
        add(person.may(Permission::Arrange, site.id), format!("/console/{}/home-page", site.key), "首页与外观", Place::HomePage);
        add(
            person.may(Permission::Arrange, site.id),
            format!("/console/{}/dictionary", site.key),
            "来源与作者",
            Place::Dictionary,
        );
        add(person.may(Permission::Staff, site.id), format!("/console/{}/people", site.key), "人员", Place::People);
        add(person.may(Permission::Read, site.id), format!("/console/{}/redirects", site.key), "跳转", Place::Redirects);
        add(person.may(Permission::Read, site.id), format!("/console/{}/views", site.key), "浏览量", Place::Views);
        add(person.may(Permission::Audit, site.id), format!("/console/{}/audit", site.key), "本站审计", Place::SiteAudit);
    }
    let staffed = person.grants.iter().filter(|grant| grant.role.permissions().contains(&Permission::Staff)).count();
    let staffs_all = person.may_everywhere(Permission::Staff);
    add(staffs_all || staffed > 1, "/console/people".into(), "全部人员", Place::AllPeople);
    add(staffs_all, "/console/agencies".into(), "机构", Place::Agencies);
    add(person.may_everywhere(Permission::Announce), "/console/notices".into(), "全市公告", Place::AllNotices);
    add(person.may_everywhere(Permission::Audit), "/console/audit".into(), "审计日志", Place::Audit);
    add(person.may_everywhere(Permission::Takedown), "/console/takedown".into(), "紧急下架", Place::Takedown);
    add(person.may_everywhere(Permission::Operate), "/console/operations".into(), "运行状况", Place::Operations);
    add(person.may_everywhere(Permission::Operate), "/console/operations/alarms".into(), "网页防篡改", Place::Alarms);
    menu
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_complete_and_says_the_request_id() {
        let view = ErrorView { status: 404, title: "页面不存在".into(), message: "<b>".into(), request_id: "r1".into() };
        let page = error_screen(&view);
        for wanted in ["<!doctype html>", "lang=\"zh-CN\"", "页面不存在", "&lt;b&gt;", "r1", "console.css"] {
            assert!(page.contains(wanted), "{wanted} is missing in {page}");
        }
    }

    #[test]
    fn every_screen_compiles_and_none_has_inline_script_or_style() {
        for name in Sources::iter() {
            let source = String::from_utf8(Sources::get(&name).unwrap().data.into_owned()).unwrap();
            for banned in [" style=\"", "<style", "onclick=", "onchange=", "onsubmit=", "javascript:", "hx-on"] {
                assert!(!source.contains(banned), "{name} holds {banned}");
            }
            let error = SCREENS.render(&name, &serde_json::json!({})).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.contains("syntax error"), "{name}: {error}");
        }
    }
}
