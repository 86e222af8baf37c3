//! Attacks on the accounts of citizens, which fail: guessing, planting, replaying, forging, tossing cookies from one site to another.

use std::sync::Arc;

use chrono::TimeDelta;
use model::FixedClock;
use testkit::{Backend, House};
use web::{Access, Door, Proof};

use crate::citizens::{CENTER, Visitor, field, whose};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_taken_once_in_time_and_not_guessed() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at("2026-11-26T08:00:00".parse().unwrap()));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("13800138000", "").await;
        let enter = async |asked: &str, code: &str| {
            let fields = [("recipient", "13800138000"), ("asked", asked), ("code", code)];
            Visitor::new(&house).send("/sign-in", &fields).await.status
        };
        let ask = async || (field(&visitor.ask_code("13800138000").await, "asked"), visitor.code("13800138000"));

        let (asked, code) = ask().await;
        assert_eq!(enter(&asked, &code).await, 303);
        assert_eq!(enter(&asked, &code).await, 422, "a code that was taken is not taken again, {backend:?}");

        let (asked, right) = ask().await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        for _ in 0..model::citizen_policy().codes.tries {
            assert_eq!(enter(&asked, wrong).await, 422);
        }
        assert_eq!(enter(&asked, &right).await, 422, "after its tries the right one is late, {backend:?}");

        // Who was not sent it can neither try it nor use up its tries.
        let (asked, right) = ask().await;
        for _ in 0..model::citizen_policy().codes.tries {
            assert_eq!(enter("", &right).await, 422);
        }
        assert_eq!(enter(&asked, &right).await, 303, "{backend:?}");

        let (asked, late) = ask().await;
        clock.advance(TimeDelta::minutes(6));
        assert_eq!(enter(&asked, &late).await, 422, "{backend:?}");

        // Many at once are no more than many in a row, and one of them comes in.
        let (asked, code) = ask().await;
        let attempt = || enter(&asked, &code);
        let all: [u16; 4] = tokio::join!(attempt(), attempt(), attempt(), attempt()).into();
        assert_eq!(all.iter().filter(|status| **status == 303).count(), 1, "{all:?} {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_its_purpose_and_its_recipient_alone() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (owner, thief) = (Visitor::new(&house), Visitor::new(&house));
    owner.register("13800138000", "").await;
    thief.register("13900139000", "").await;
    let enter = async |asked: &str, code: &str| {
        thief.send("/sign-in", &[("recipient", "13800138000"), ("asked", asked), ("code", code)]).await.status
    };
    // A code that was sent to the thief's own phone opens no other account.
    let asked = field(&thief.ask_code("13900139000").await, "asked");
    assert_eq!(enter(&asked, &thief.code("13900139000")).await, 422);
    // Nor does one by which the owner would bind a phone come in.
    owner.get("/profile/recipient").await;
    ::citizen::forget_sent(house.engine(), &model::Recipient::Phone("13800138000".into())).await;
    let page = owner.send("/profile/recipient/code", &[("recipient", "13800138000")]).await;
    let (asked, binding) = (field(&page, "asked"), owner.code("13800138000"));
    assert_eq!(enter(&asked, &binding).await, 422);
    // A phone that is somebody else's is not bound, even by whoever holds it for a moment.
    thief.get("/profile/recipient").await;
    let fields = [("recipient", "13800138000"), ("asked", asked.as_str()), ("code", &binding)];
    let taken = thief.send("/profile/recipient", &fields).await;
    assert!(taken.status == 422 && taken.text().contains("已被其他账号使用"), "{}", taken.text());
    assert_ne!(whose(&house, "13800138000"), whose(&house, "13900139000"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_takes_no_account_away() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let owner = Visitor::new(&house);
    owner.register("13800138000", "").await;
    owner.get("/security/password").await;
    owner.send("/security/password", &[("password", "Ceshi-2026-mima"), ("repeated", "Ceshi-2026-mima")]).await;
    let thief = Visitor::new(&house);
    let work = thief.work().await;
    let fields = [("recipient", "13800138000"), ("password", "Ceshi-2026-mima"), ("human_work", work.as_str())];
    assert_eq!(thief.send("/sign-in/password", &fields).await.status, 303);
    for path in ["/profile/recipient", "/security/password", "/data/export", "/data/close"] {
        assert!(thief.get(path).await.location().starts_with("/confirm?next="), "{path} asks for a code to the owner's phone");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_sent_rarely_and_to_whoever_is_no_program() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = Visitor::new(&house);
    let asked = visitor.send("/sign-in/code", &[("recipient", "13800138000")]).await;
    assert!(asked.text().contains("请完成人机验证"), "{}", asked.text());
    let work = visitor.work().await;
    let fields = [("recipient", "13800138000"), ("human_work", work.as_str())];
    assert!(visitor.send("/sign-in/code", &fields).await.text().contains("验证码已发送至"));
    assert!(visitor.send("/sign-in/code", &fields).await.text().contains("已使用过"), "one proof is for one code");
    let work = visitor.work().await;
    let soon = visitor.send("/sign-in/code", &[("recipient", "13800138000"), ("human_work", &work)]).await;
    assert!(soon.status == 422 && soon.text().contains("60秒后重新获取"), "{}", soon.text());
    assert_eq!(house.outbox.count_to("13800138000"), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_whether_somebody_is_registered() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    Visitor::new(&house).register("13800138000", "").await;
    let visitor = Visitor::new(&house);
    let mut told = Vec::new();
    for recipient in ["13800138000", "13700137000"] {
        let code = visitor.ask_code(recipient).await;
        let work = visitor.work().await;
        let fields = [("recipient", recipient), ("password", "Cuowu-2026-mima"), ("human_work", &work)];
        let password = visitor.send("/sign-in/password", &fields).await;
        let plain = |text: String| text.replace(recipient, "").replace("138****8000", "").replace("137****7000", "");
        let sentence =
            |text: String| text.split("id=\"password-problem\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let title = plain(code.text()).split("<main").nth(1).unwrap().split("<form").next().unwrap().to_owned();
        told.push((code.status, title, password.status, sentence(password.text())));
    }
    assert_eq!(told[0], told[1]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_password_is_slowed_down_and_the_right_one_waits_too() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let owner = Visitor::new(&house);
    owner.register("13800138000", "").await;
    owner.get("/security/password").await;
    owner.send("/security/password", &[("password", "Ceshi-2026-mima"), ("repeated", "Ceshi-2026-mima")]).await;
    let guesser = Visitor::new(&house);
    let enter = async |password: &str| {
        let work = guesser.work().await;
        guesser.send("/sign-in/password", &[("recipient", "13800138000"), ("password", password), ("human_work", &work)]).await
    };
    for _ in 0..model::citizen_policy().attempts.failures {
        assert_eq!(enter("Cuowu-2026-mima").await.status, 422);
    }
    let late = enter("Ceshi-2026-mima").await;
    assert!(late.status == 422 && late.text().contains("登录失败次数过多"), "{}", late.text());
    // With a code the owner comes in all the same.
    assert_eq!(Visitor::new(&house).enter("13800138000", "/").await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_one_site_says_nothing_on_another_and_nobody_can_plant_a_session() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("13800138000", "李明").await;
        let (wangxi, _) = visitor.visit("wangxi").await;
        assert_eq!(wangxi.get("wangxi", "/_user/me").await.status, 200);
        // The browser of these tests brings its cookies to whatever host it asks: a neighbour that tosses them.
        assert_eq!(wangxi.get("qingyu", "/_user/me").await.status, 204, "{backend:?}");
        assert_eq!(wangxi.get_with(CENTER, "/", &[]).await.status, 303, "nor where citizens sign in, {backend:?}");
        assert_eq!(visitor.center.get("wangxi", "/_user/me").await.status, 204, "{backend:?}");

        // A token that was there before is not the one that is opened.
        let before = [("cookie", "tongyuan-citizen=planted")];
        let asked = field(&visitor.ask_code("13800138000").await, "asked");
        let code = visitor.code("13800138000");
        let fields = [("recipient", "13800138000"), ("asked", asked.as_str()), ("code", code.as_str())];
        let came = house.browser().send_form_to(CENTER, "/sign-in", &fields, &before).await;
        assert!(came.status == 303 && !came.header("set-cookie").contains("planted"));
        assert_eq!(house.browser().get_with(CENTER, "/", &before).await.status, 303);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_is_good_once_there_and_in_the_browser_that_asked() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("13800138000", "").await;
        let hand_over = async |site: &str| {
            let browser = house.browser();
            let away = browser.get(site, "/_user/enter?to=/").await.location();
            let back = visitor.get(away.strip_prefix("http://user.test").unwrap()).await.location();
            (browser, back.split_once(".test").unwrap().1.to_owned())
        };
        let lost = "http://user.test/lost";
        // Somebody else is sent the attacker's own handover, to be signed in as them.
        let (own, back) = hand_over("wangxi").await;
        assert_eq!(house.browser().get("wangxi", &back).await.location(), lost, "{backend:?}");
        assert_eq!(own.get("wangxi", &back).await.location(), "/", "it was not used up by who could not use it");
        assert_eq!(own.get("wangxi", &back).await.location(), lost, "but it is by who could, {backend:?}");
        // On another site it is nothing, and used up.
        let (own, back) = hand_over("wangxi").await;
        assert_eq!(own.get("qingyu", &back).await.location(), lost);
        assert_eq!(own.get("wangxi", &back).await.location(), lost, "{backend:?}");
        // No site that there is not, no address but the site's own, no way to another host.
        assert_eq!(visitor.get("/enter?site=evil&state=1").await.status, 404);
        let (_, back) = hand_over("wangxi").await;
        assert!(back.starts_with("/_user/come?"));
        let away = house.browser().get("wangxi", "/_user/enter?to=https://evil.example/").await.location();
        assert!(away.starts_with("http://user.test/enter?") && !away.contains("evil"), "{away}");
        let next = visitor.enter("13800138000", "//evil.example/").await;
        assert_eq!(next.location(), "/", "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_cannot_act_for_a_citizen() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = Visitor::new(&house);
    visitor.register("13800138000", "").await;
    visitor.get("/data/close").await;
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "http://wangxi.test")],
        vec![],
    ] {
        let sent = visitor.center.send_form_to(CENTER, "/data/close", &[("sure", "1")], &headers).await;
        assert_eq!(sent.status, 403, "{headers:?}: {}", sent.text());
    }
    // Nor is anybody signed in to an account of somebody else's by a foreign page.
    let sent = house.browser().send_form_to(CENTER, "/sign-in", &[("recipient", "1")], &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(sent.status, 403);
    assert!(whose(&house, "13800138000").is_some());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_into_a_form_is_taken_neither_changed_nor_late_nor_elsewhere() {
    let clock = Arc::new(FixedClock::at("2026-11-26T08:00:00".parse().unwrap()));
    let Some(house) = House::open_at(Backend::Sqlite, clock.clone()).await else { return };
    let visitor = Visitor::new(&house);
    let page = visitor.enter("13800138000", "/").await;
    let begun = field(&page, "begun");
    let register = async |begun: &str| visitor.send("/register", &[("begun", begun), ("age", "adult"), ("agree", "1")]).await;
    let mut changed = begun.clone();
    changed.replace_range(begun.len() - 6..begun.len() - 5, if begun.as_bytes()[begun.len() - 6] == b'A' { "B" } else { "A" });
    for bad in [changed.as_str(), "", "1.A.AAAA"] {
        assert_eq!(register(bad).await.location(), "/sign-in", "{bad}");
    }
    assert_eq!(
        visitor.send("/guardian/withdraw", &[("shown", &begun), ("child", "1"), ("sure", "1")]).await.location(),
        "/guardian"
    );
    // A minor is not registered past the guardian.
    let past = [("begun", begun.as_str()), ("guardian", "13900139000"), ("code", "000000"), ("consent", "1")];
    assert_eq!(visitor.send("/register/consent", &past).await.location(), "/sign-in");
    clock.advance(TimeDelta::minutes(31));
    assert_eq!(register(&begun).await.location(), "/sign-in");
    assert_eq!(whose(&house, "13800138000"), None);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grave_deeds_ask_who_it_is_where_the_proof_is_old() {
    let clock = Arc::new(FixedClock::at("2026-11-26T08:00:00".parse().unwrap()));
    let Some(house) = House::open_at(Backend::Sqlite, clock.clone()).await else { return };
    let visitor = Visitor::new(&house);
    visitor.register("13800138000", "").await;
    visitor.get("/data").await;
    clock.advance(TimeDelta::minutes(11));
    let plugins = server::plugins(house.engine());
    let routes = plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == Door::Citizens);
    let mut grave = 0;
    for route in routes.filter(|route| route.confirmed) {
        let answer = if route.method == axum::http::Method::GET {
            visitor.get(route.path).await
        } else {
            visitor.send(route.path, &[]).await
        };
        assert!(answer.location().starts_with("/confirm?next="), "{} {}: {}", route.method, route.path, answer.status);
        grave += 1;
    }
    assert!(grave >= 10, "{grave}");
    let page = visitor.get("/confirm?next=/data/close").await;
    assert!(page.text().contains("138****8000"), "{}", page.text());
    assert_eq!(visitor.send("/confirm/code", &[("kind", "mail")]).await.status, 404, "a code goes to their own alone");
    ::citizen::forget_sent(house.engine(), &model::Recipient::Phone("13800138000".into())).await;
    let page = visitor.send("/confirm/code", &[("kind", "phone"), ("next", "/data/close")]).await;
    let (asked, code) = (field(&page, "asked"), visitor.code("13800138000"));
    let fields = [("kind", "phone"), ("next", "/data/close"), ("asked", asked.as_str()), ("code", &code)];
    assert_eq!(visitor.send("/confirm", &fields).await.location(), "/data/close");
    assert_eq!(visitor.get("/data/close").await.status, 200);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_citizens_sends_strangers_away_unless_it_says_that_it_is_for_anyone() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let staff = house.desk("platform", "admin").await;
    let plugins = server::plugins(house.engine());
    let routes: Vec<_> = plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == Door::Citizens).collect();
    assert!(routes.len() > 30, "the route table is there");
    for route in routes {
        assert!(route.proof == Proof::Citizen && matches!(route.access, Access::Anyone | Access::SignedIn), "{}", route.path);
        if route.access == Access::Anyone {
            continue;
        }
        let path = route.path.replace("{session}", "1");
        for browser in [&house.browser(), &staff.browser] {
            let answer = if route.method == axum::http::Method::GET {
                browser.get_with(CENTER, &path, &[]).await
            } else {
                browser.submit_at(CENTER, &path, &[]).await
            };
            assert!(
                answer.status == 303 && answer.location().starts_with("/sign-in?next="),
                "{} {path}: {}",
                route.method,
                answer.status
            );
        }
    }
    house.close().await;
}
