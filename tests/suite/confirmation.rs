//! Confirmation: before a grave deed, whoever has not proved for a while who they are does so, and nothing that was typed is lost.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::Method;
use chrono::TimeDelta;
use model::{Clock, FixedClock, SystemClock};
use store::audit;
use testkit::{Answer, Backend, Browser, House};

use crate::founding::GOOD;
use crate::second_factor::{code, set_up};

const PASSWORD: &str = "Ceshi-2026-zhanghao";

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(SystemClock.now()))
}

/// The fields that a page holds, but the token.
fn held(answer: &Answer) -> Vec<(String, String)> {
    let text = answer.text();
    let form = text.split("autocomplete=\"off\">").nth(2).unwrap_or_else(|| panic!("{text}")).split("</form>").next().unwrap();
    let field = |rest: &str| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    };
    form.split("<input type=\"hidden\" name=\"").skip(1).map(field).collect()
}

async fn send(browser: &Browser, path: &str, fields: &[(String, String)], more: &[(&str, &str)]) -> Answer {
    let all: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied()).collect();
    browser.submit(path, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grave_deed_asks_for_the_password_after_a_while_and_goes_on_with_what_was_sent() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let city = house.desk("platform", "security").await.browser;
        let fields = [
            ("display_name", "林小满&<b>"),
            ("username", "linxiaoman"),
            ("roles", "editor"),
            ("site", "wangxi"),
            ("roles", "reviewer"),
        ];
        let there = |house: &House| {
            house.engine().store.read(|connection| store::people::find_by_username(connection, "linxiaoman")).unwrap().is_some()
        };
        clock.advance(TimeDelta::minutes(11));
        let asked = city.submit("/console/people/new", &fields).await;
        assert_eq!(asked.status, 401, "{backend:?}");
        let text = asked.text();
        assert!(text.contains("确认身份") && text.contains("action=\"/console/people/new\""), "{backend:?}: {text}");
        assert!(text.contains("林小满&amp;&lt;b&gt;") && !text.contains("<b>"), "{backend:?}: {text}");
        let kept = held(&asked);
        assert_eq!(kept.iter().filter(|(name, _)| name == "roles").count(), 2, "{backend:?}: {kept:?}");
        assert!(!there(&house), "{backend:?}");
        for (typed, told) in [("", "请输入密码"), ("Bu-Dui-2026", "密码不正确")] {
            let again = send(&city, "/console/people/new", &kept, &[("_confirm_password", typed)]).await;
            assert!(again.status == 422 && again.text().contains(told), "{typed}, {backend:?}: {}", again.text());
            assert!(held(&again) == kept && !again.text().contains("Bu-Dui"), "{backend:?}");
        }
        let passed = send(&city, "/console/people/new", &kept, &[("_confirm_password", PASSWORD)]).await;
        assert!(passed.status == 200 && there(&house), "{backend:?}: {}", passed.text());
        assert!(passed.text().contains("林小满&amp;&lt;b&gt;"), "it came as it was typed, {backend:?}: {}", passed.text());
        let fields = [("display_name", "林小满"), ("username", "linxiaoman"), ("roles", "editor"), ("site", "wangxi")];
        assert_eq!(city.submit("/console/people/new", &fields).await.status, 422, "nobody asks again, {backend:?}");
        clock.advance(TimeDelta::minutes(11));
        assert_eq!(city.screen("/console/people").await.status, 200, "who only looks is not asked, {backend:?}");
        assert_eq!(city.submit("/console/people/new", &fields).await.status, 401, "a proof lasts some minutes, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_second_factor_confirms_with_it_and_what_is_only_asked_for_is_led_to_afterwards() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let auditor = house.desk("platform", "auditor").await.browser;
        let (secret, _) = set_up(&house, &auditor, "auditor").await;
        clock.advance(TimeDelta::minutes(11));
        let export = "/console/audit/export?what=session";
        let asked = auditor.screen(export).await;
        assert_eq!(asked.status, 401, "{backend:?}");
        let kept = held(&asked);
        assert_eq!(kept[0], ("next".to_owned(), export.to_owned()), "{backend:?}: {}", asked.text());
        let here = "/console/me/confirm";
        let password = send(&auditor, here, &kept, &[("_confirm_password", PASSWORD)]).await;
        assert_eq!(password.status, 422, "a password is not enough, {backend:?}");
        let shown = code(&house, &secret);
        let done = send(&auditor, here, &kept, &[("_confirm_code", &shown)]).await;
        assert_eq!((done.status, done.location().as_str()), (303, export), "{backend:?}: {}", done.text());
        assert_eq!(auditor.screen(export).await.status, 200, "{backend:?}");
        clock.advance(TimeDelta::minutes(11));
        let again = send(&auditor, here, &kept, &[("_confirm_code", &shown)]).await;
        assert_eq!(again.status, 422, "a code is taken once here too, {backend:?}");
        let away = [("next".to_owned(), "https://evil.example/".to_owned())];
        let led = send(&auditor, here, &away, &[("_confirm_code", &code(&house, &secret))]).await;
        assert_eq!(led.location(), "/console", "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_at_an_open_session_is_shown_out() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let city = house.desk("platform", "security").await.browser;
        clock.advance(TimeDelta::minutes(11));
        let fields = [("seen", "x"), ("_confirm_password", "Bu-Dui-2026")];
        let mut last = None;
        for _ in 0..5 {
            last = Some(city.submit("/console/people/1/lock", &fields).await);
        }
        assert_eq!(last.unwrap().location(), "/console/sign-in?done=guessed", "{backend:?}");
        assert!(city.screen("/console/people").await.location().starts_with("/console/sign-in"), "{backend:?}");
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 30)).unwrap();
        assert!(entries.iter().any(|entry| entry.action == "session.lock"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_at_the_door_keeps_nobody_within_from_confirming() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let city = house.desk("platform", "security").await.browser;
        clock.advance(TimeDelta::minutes(11));
        let (guesser, wrong) = (house.browser(), [("username", "security"), ("password", "Bu-Dui-2026")]);
        for expected in [422, 422, 422, 422, 429, 429] {
            assert_eq!(guesser.submit("/console/sign-in", &wrong).await.status, expected, "{backend:?}");
        }
        let fields = [("display_name", "林小满"), ("username", "linxiaoman"), ("roles", "editor"), ("site", "wangxi")];
        let kept = held(&city.submit("/console/people/new", &fields).await);
        let passed = send(&city, "/console/people/new", &kept, &[("_confirm_password", PASSWORD)]).await;
        assert_eq!(passed.status, 200, "{backend:?}: {}", passed.text());
        assert_eq!(guesser.submit("/console/sign-in", &wrong).await.status, 429, "the door stays shut, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_founded_by_whoever_proves_who_they_are_and_nothing_typed_is_lost() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let city = house.desk("platform", "admin").await.browser;
        clock.advance(TimeDelta::minutes(11));
        let there = || house.engine().store.read(store::sites::list).unwrap().iter().any(|site| site.key == "hedong");
        let next: Vec<_> = GOOD.iter().copied().chain([("step", "2"), ("go", "next")]).collect();
        assert_eq!(city.submit("/console/sites/new", &next).await.status, 200, "the steps before ask nothing, {backend:?}");
        let asked = city.submit("/console/sites/new/found", GOOD).await;
        assert!(asked.status == 401 && asked.text().contains("确认身份") && !there(), "{backend:?}: {}", asked.text());
        let kept = held(&asked);
        assert_eq!(kept.len(), GOOD.len(), "{backend:?}: {kept:?}");
        let made = send(&city, "/console/sites/new/found", &kept, &[("_confirm_password", PASSWORD)]).await;
        assert_eq!(made.location(), "/console/hedong/state?done=founded", "{backend:?}: {}", made.text());
        assert!(there(), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_proves_no_second_factor_and_forgets_no_failed_try_at_it() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let city = house.desk("platform", "security").await.browser;
        let (secret, _) = set_up(&house, &city, "security").await;
        clock.advance(TimeDelta::minutes(11));
        let fields = [("display_name", "林小满"), ("username", "linxiaoman"), ("roles", "editor"), ("site", "wangxi")];
        let kept = held(&city.submit("/console/people/new", &fields).await);
        let password = async |current: &str, new: &str| {
            let fields = [("current", current), ("password", new), ("again", new), ("next", "")];
            city.submit("/console/me/password", &fields).await.status
        };
        let guess = async || send(&city, "/console/people/new", &kept, &[("_confirm_code", "000000")]).await;
        for _ in 0..3 {
            assert_eq!(guess().await.status, 422, "{backend:?}");
            assert_eq!(password(PASSWORD, "").await, 422, "nothing is changed, {backend:?}");
        }
        assert_eq!(password(PASSWORD, "Wo-Zi-Ji-2026").await, 303, "{backend:?}");
        let asked = city.submit("/console/people/new", &fields).await;
        assert!(asked.status == 401 && asked.text().contains("确认身份"), "the password let it pass, {backend:?}");
        assert_eq!(guess().await.status, 422, "{backend:?}");
        let lost = guess().await;
        assert_eq!((lost.status, lost.location().contains("sign-in")), (303, true), "guessing goes on, {backend:?}");
        assert_eq!(city.screen("/console/people").await.status, 303, "{backend:?}");
        drop(secret);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_grave_deeds_are_confirmed_and_each_of_them_asks() {
    let clock = clock();
    let Some(house) = House::open_at(Backend::Sqlite, clock.clone()).await else { return };
    let plugins = server::plugins(house.engine());
    // Citizens confirm in a way of their own, with a code.
    let is_grave = |route: &web::Route| route.confirmed && route.path.starts_with("/console/");
    let routes = plugins.iter().flat_map(|plugin| plugin.routes()).filter(is_grave);
    let grave: BTreeSet<_> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let expected = [
        "GET /console/audit/export",
        "GET /console/me/factors/app",
        "GET /console/me/factors/passkey",
        "GET /console/{site}/audit/export",
        "POST /console/agencies/{agency}/code",
        "POST /console/applications",
        "POST /console/applications/{application}",
        "POST /console/applications/{application}/secret",
        "POST /console/citizens/{citizen}/suspend",
        "POST /console/citizens/{citizen}/reinstate",
        "POST /console/me/confirm",
        "POST /console/me/factors/app",
        "POST /console/me/factors/codes",
        "POST /console/me/factors/passkey",
        "POST /console/me/factors/{factor}/remove",
        "POST /console/me/links/begin/{upstream}",
        "POST /console/me/links/{link}/remove",
        "POST /console/me/tokens",
        "POST /console/notices/emergencies",
        "POST /console/people/known",
        "POST /console/people/new",
        "POST /console/people/roles",
        "POST /console/people/roles/{role}",
        "POST /console/people/roles/{role}/delete",
        "POST /console/people/{user}/activate",
        "POST /console/people/{user}/contact",
        "POST /console/people/{user}/deactivate",
        "POST /console/people/{user}/factors/reset",
        "POST /console/people/{user}/grants",
        "POST /console/people/{user}/grants/take",
        "POST /console/people/{user}/leave",
        "POST /console/people/{user}/links/{link}/remove",
        "POST /console/people/{user}/lock",
        "POST /console/people/{user}/password",
        "POST /console/people/{user}/roles",
        "POST /console/people/{user}/sessions/end",
        "POST /console/people/{user}/unlock",
        "POST /console/sites/new/found",
        "POST /console/takedown/{id}",
        "POST /console/upstreams",
        "POST /console/upstreams/{upstream}",
        "POST /console/{site}/notices/emergencies",
        "POST /console/{site}/people/known",
        "POST /console/{site}/people/{user}/contact",
        "POST /console/{site}/people/{user}/grants",
        "POST /console/{site}/people/{user}/grants/take",
        "POST /console/{site}/people/{user}/remove",
        "POST /console/{site}/people/{user}/roles",
        "POST /console/{site}/state/close",
        "POST /console/{site}/state/offline",
        "POST /console/{site}/state/remove",
    ];
    assert_eq!(grave, expected.map(str::to_owned).into());
    let mut asking: BTreeSet<_> = grave.iter().cloned().collect();
    let desks = [("platform", "admin"), ("platform", "security"), ("platform", "auditor"), ("wangxi", "admin")];
    let mut people = Vec::new();
    for (site, person) in desks {
        people.push(house.desk(site, person).await.browser);
    }
    clock.advance(TimeDelta::minutes(11));
    for person in &people {
        for route in &grave {
            let (method, path) = route.split_once(' ').unwrap();
            let path = path.replace("{site}", "wangxi").replace("{user}", "1").replace("{id}", "1").replace("{agency}", "1");
            let path =
                path.replace("{factor}", "1").replace("{role}", "1").replace("{application}", "1").replace("{citizen}", "1");
            let path = path.replace("{upstream}", "province").replace("{link}", "1");
            let answer =
                if method == Method::GET.as_str() { person.screen(&path).await } else { person.submit(&path, &[]).await };
            assert!(matches!(answer.status, 401 | 403 | 404), "{route}: {}", answer.status);
            if answer.status == 401 {
                asking.remove(route);
            }
        }
    }
    assert!(asking.is_empty(), "nobody was asked before {asking:?}");
    house.close().await;
}
