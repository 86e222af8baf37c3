//! The life of an account: the password somebody else knows, the one that was had before, who is locked out, who has left, and where
//! somebody is signed in.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{AccountState, Clock, FixedClock, Grant, Password, PasswordOrigin, Role, SystemClock, UserId};
use publish::commands::disuse;
use store::audit;
use testkit::{Answer, Backend, Browser, Desk, House};

const PASSWORD: &str = "Ceshi-2026-zhanghao";
const OWN: &str = "Wo-Zi-Ji-2026";
const CITY: &str = "/console/people";

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

/// An account whose password is this word, of whatever origin and age.
fn hire(house: &House, username: &str, origin: PasswordOrigin, age: TimeDelta) {
    let now = house.engine().clock.now();
    let password = Password { hash: factors::hash_password(PASSWORD).unwrap(), origin, since: now - age };
    let grant = Grant::lasting(Role::EDITOR, model::Ground::Site(house.site("wangxi").id));
    let added =
        house.engine().store.command(|command| store::people::insert(command, username, username, &password, &[grant], now));
    added.unwrap();
}

async fn enter(browser: &Browser, username: &str, password: &str) -> Answer {
    browser.submit("/console/sign-in", &[("username", username), ("password", password), ("next", "/console/wangxi")]).await
}

async fn change(browser: &Browser, current: &str, password: &str) -> Answer {
    let fields = [("current", current), ("password", password), ("again", password), ("next", "/console/wangxi")];
    browser.submit("/console/me/password", &fields).await
}

/// The seal in the form of a deed on somebody's page.
async fn seal(desk: &Desk, id: UserId, deed: &str) -> String {
    let page = desk.browser.screen(&format!("{CITY}/{id}")).await.text();
    let form =
        page.split("<form").find(|form| form.contains(&format!("/{deed}\""))).unwrap_or_else(|| panic!("no {deed}: {page}"));
    form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn press(desk: &Desk, id: UserId, deed: &str) -> Answer {
    let seen = seal(desk, id, deed).await;
    desk.browser.submit(&format!("{CITY}/{id}/{deed}"), &[("seen", &seen)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_with_a_password_somebody_else_knows_changes_it_before_anything_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        hire(&house, "linxiaoman", PasswordOrigin::Invitation, TimeDelta::zero());
        let (city, person) = (house.desk("platform", "security").await, house.browser());
        let page = format!("{CITY}/{}", id_of(&house, "linxiaoman"));
        assert!(city.browser.screen(&page).await.text().contains("已邀请"), "{backend:?}");

        assert_eq!(enter(&person, "linxiaoman", PASSWORD).await.location(), "/console/wangxi", "{backend:?}");
        let led = person.screen("/console/wangxi").await;
        assert_eq!((led.status, led.location().as_str()), (303, "/console/me/password?next=/console/wangxi"), "{backend:?}");
        for hidden in ["/console", "/console/me", "/console/qingyu", "/console/audit"] {
            assert!(person.screen(hidden).await.location().starts_with("/console/me/password"), "{hidden}, {backend:?}");
        }
        let sent = person.submit("/console/wangxi/resources", &[("title", "写好的稿件")]).await;
        assert!(sent.status == 409 && sent.text().contains("所填内容没有保存"), "{backend:?}: {}", sent.text());
        let asked = person.get_with("localhost", "/console/wangxi/count", &[("hx-request", "true")]).await;
        assert_eq!(asked.status, 409, "a part of a screen is not the form, {backend:?}");
        let form = person.screen("/console/me/password?next=/console/wangxi").await.text();
        assert!(form.contains("首次登录") && form.contains("value=\"/console/wangxi\""), "{backend:?}: {form}");

        for (current, password, again, told) in [
            ("", OWN, OWN, "请输入当前密码"),
            ("Bu-Dui-2026", OWN, OWN, "当前密码不正确"),
            (PASSWORD, "", "", "请输入新密码"),
            (PASSWORD, "Duan-1", "Duan-1", "密码至少10个字符"),
            (PASSWORD, "abcdefghijk", "abcdefghijk", "至少3类"),
            (PASSWORD, OWN, "Wo-Zi-Ji-2027", "不一致"),
            (PASSWORD, PASSWORD, PASSWORD, "不能使用最近5次用过的密码"),
        ] {
            let fields = [("current", current), ("password", password), ("again", again), ("next", "/console/wangxi")];
            let answer = person.submit("/console/me/password", &fields).await;
            let text = answer.text();
            assert!(answer.status == 422 && text.contains(told), "{told}, {backend:?}: {text}");
            assert!(!text.contains(OWN) && text.contains("value=\"/console/wangxi\""), "no password comes back, {backend:?}");
        }
        let done = change(&person, PASSWORD, OWN).await;
        assert_eq!((done.status, done.location().as_str()), (303, "/console/wangxi"), "{backend:?}: {}", done.text());
        assert_eq!(person.screen("/console/wangxi").await.status, 200, "{backend:?}");
        assert!(!city.browser.screen(&page).await.text().contains("已邀请"), "{backend:?}");
        assert_eq!(enter(&house.browser(), "linxiaoman", PASSWORD).await.status, 422, "the first one is over, {backend:?}");
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 30)).unwrap();
        assert!(entries.iter().any(|entry| entry.action == "user.password"), "{backend:?}");
        assert!(!format!("{entries:?}").contains(OWN), "it is not in the log, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_had_is_not_taken_again_until_five_others_were() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let had: Vec<String> = (1..=5).map(|number| format!("Di-{number}-Ge-Mima")).collect();
        let mut present = PASSWORD;
        for next in &had[..4] {
            assert_eq!(change(&editor, present, next).await.status, 303, "{next}, {backend:?}");
            present = next;
        }
        for old in [PASSWORD, &had[0], &had[3]] {
            let refused = change(&editor, present, old).await;
            assert!(refused.status == 422 && refused.text().contains("最近5次"), "{old}, {backend:?}: {}", refused.text());
        }
        assert_eq!(change(&editor, present, &had[4]).await.status, 303, "{backend:?}");
        assert_eq!(change(&editor, &had[4], PASSWORD).await.status, 303, "the sixth before, {backend:?}");
        let id = id_of(&house, "wangxi-editor");
        let kept = house.engine().store.read(|connection| store::people::list_earlier_passwords(connection, id)).unwrap();
        assert_eq!(kept.len(), 5, "no more is kept than the rules ask for, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_every_session_but_this_and_no_cookie_outlives_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (here, there) = (house.browser(), house.desk("wangxi", "editor").await.browser);
        let opened = enter(&here, "wangxi-editor", PASSWORD).await.header("set-cookie");
        let before = opened.split(';').next().unwrap().to_owned();
        assert_eq!(change(&here, PASSWORD, OWN).await.status, 303, "{backend:?}");
        assert_eq!(here.screen("/console/wangxi").await.status, 200, "{backend:?}");
        assert_eq!(there.screen("/console/wangxi").await.status, 303, "{backend:?}");
        let thief = house.browser().get_with("localhost", "/console/wangxi", &[("cookie", &before)]).await;
        assert_eq!(thief.status, 303, "the token is another one, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_was_planted_before_is_never_the_one_of_the_session() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let planted = "tongyuan=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let (stranger, token) = crate::attacks::at_the_door(&house.browser()).await;
    let fields = [("_token", token.as_str()), ("username", "wangxi-editor"), ("password", PASSWORD), ("next", "")];
    let cookies = format!("{planted}; {stranger}");
    let headers = [("sec-fetch-site", "same-origin"), ("cookie", cookies.as_str())];
    let answer = house.browser().submit_with("/console/sign-in", &fields, &headers).await;
    assert_eq!(answer.status, 303);
    assert!(!answer.header("set-cookie").contains("0123456789abcdef"), "{}", answer.header("set-cookie"));
    let attacker = house.browser().get_with("localhost", "/console/wangxi", &[("cookie", planted)]).await;
    assert_eq!(attacker.status, 303);

    // Whoever signs in where they are signed in leaves nothing behind.
    let browser = house.browser();
    for _ in 0..3 {
        assert_eq!(enter(&browser, "wangxi-review1", PASSWORD).await.status, 303);
    }
    assert!(browser.screen("/console/me").await.text().contains("共 1 处"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_refused_with_the_right_password_and_told_as_one_that_there_is_not() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        let id = id_of(&house, "wangxi-editor");
        let seen = seal(&city, id, "lock").await;
        assert_eq!(press(&city, id, "lock").await.location(), format!("{CITY}/{id}?done=locked"), "{backend:?}");
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 303, "signed out at once, {backend:?}");
        for (deed, seen) in [("lock", &seen), ("deactivate", &seen), ("unlock", &seen)] {
            let stale = city.browser.submit(&format!("{CITY}/{id}/{deed}"), &[("seen", seen)]).await;
            assert!(stale.status == 409 && stale.text().contains("他人刚刚作了调整"), "{deed}, {backend:?}: {}", stale.text());
        }
        let sentence = |answer: &Answer| {
            let text = answer.text();
            text.split("id=\"problem\">").nth(1).unwrap_or_else(|| panic!("{text}")).split('<').next().unwrap().to_owned()
        };
        let right = enter(&house.browser(), "wangxi-editor", PASSWORD).await;
        let wrong = enter(&house.browser(), "wangxi-editor", "cuo-wu-mi-ma-1").await;
        let nobody = enter(&house.browser(), "mei-you-ci-ren", "cuo-wu-mi-ma-1").await;
        assert_eq!((right.status, wrong.status, nobody.status), (422, 422, 422), "{backend:?}");
        assert_eq!((sentence(&right), sentence(&wrong)), (sentence(&nobody), sentence(&nobody)), "{backend:?}");
        assert!(city.browser.screen(&format!("{CITY}?state=locked")).await.text().contains("wangxi-editor"), "{backend:?}");
        assert_eq!(press(&city, id, "unlock").await.status, 303, "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 303, "{backend:?}");
        // Nobody shuts themselves out, and nobody those who watch over them.
        for (username, told) in [("security", "不能对本人的账号"), ("auditor", "您无权锁定账号")] {
            let id = id_of(&house, username);
            let account = house.engine().store.read(|connection| store::people::find(connection, id)).unwrap().unwrap();
            let seal = publish::commands::account::state_seal(&account, house.engine().clock.now());
            let refused = city.browser.submit(&format!("{CITY}/{id}/lock"), &[("seen", &seal)]).await;
            assert!(refused.status == 409 && refused.text().contains(told), "{backend:?}: {}", refused.text());
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_failures_lock_an_account_until_its_time_or_until_it_is_unlocked_and_end_nobodys_work() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        let id = id_of(&house, "wangxi-editor");
        for _ in 0..5 {
            enter(&house.browser(), "wangxi-editor", "cuo-wu-mi-ma-1").await;
        }
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 429, "{backend:?}");
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 200, "who is in stays in, {backend:?}");
        let page = city.browser.screen(&format!("{CITY}/{id}")).await.text();
        assert!(page.contains("已锁定") && page.contains("，至 "), "{backend:?}: {page}");
        assert_eq!(press(&city, id, "unlock").await.status, 303, "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 303, "at once, {backend:?}");

        // Where no node counts any more, as after a restart, the account itself still says so.
        for _ in 0..5 {
            enter(&house.browser(), "wangxi-editor", "cuo-wu-mi-ma-1").await;
        }
        console::forget_failures(house.engine(), "wangxi-editor").await;
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 422, "{backend:?}");
        clock.advance(TimeDelta::minutes(14));
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 422, "{backend:?}");
        clock.advance(TimeDelta::minutes(1));
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_holds_nothing_comes_back_by_no_way_and_keeps_their_name() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        let id = id_of(&house, "wangxi-editor");
        assert_eq!(press(&city, id, "leave").await.location(), format!("{CITY}/{id}?done=left"), "{backend:?}");
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 303, "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor", PASSWORD).await.status, 422, "{backend:?}");
        let held = house.engine().store.read(|connection| store::people::list_grants(connection, id)).unwrap();
        assert!(held.is_empty(), "{backend:?}: {held:?}");
        let page = city.browser.screen(&format!("{CITY}/{id}")).await.text();
        assert!(page.contains("已离任"), "{backend:?}: {page}");
        for deed in ["activate", "unlock", "lock", "deactivate", "leave", "password", "roles"] {
            assert!(!page.contains(&format!("/{id}/{deed}\"")), "{deed}, {backend:?}");
        }
        let account = house.engine().store.read(|connection| store::people::find(connection, id)).unwrap().unwrap();
        let seen = publish::commands::account::state_seal(&account, house.engine().clock.now());
        for deed in ["activate", "unlock", "leave"] {
            let refused = city.browser.submit(&format!("{CITY}/{id}/{deed}"), &[("seen", &seen)]).await;
            assert_eq!(refused.status, 409, "{deed}, {backend:?}");
        }
        let password = publish::commands::account::password_seal(&account);
        let reset = city.browser.submit(&format!("{CITY}/{id}/password"), &[("seen", &password)]).await;
        assert!(reset.status == 409 && reset.text().contains("已办理离任"), "{backend:?}: {}", reset.text());
        let admin = house.desk("wangxi", "admin").await;
        let joined =
            admin.browser.submit("/console/wangxi/people/known", &[("username", "wangxi-editor"), ("roles", "editor")]).await;
        assert!(joined.status == 422 && joined.text().contains("该账号已离任"), "{backend:?}: {}", joined.text());
        let again = [("display_name", "他人"), ("username", "wangxi-editor")];
        assert_eq!(city.browser.submit(&format!("{CITY}/new"), &again).await.status, 422, "the name is theirs, {backend:?}");
        assert!(city.browser.screen(&format!("{CITY}?state=left")).await.text().contains("wangxi-editor"), "{backend:?}");
        // The last who does what a place cannot do without stays.
        let refused = press(&city, id_of(&house, "wangxi-admin"), "leave").await;
        assert!(refused.status == 409 && refused.text().contains("唯一的"), "{backend:?}: {}", refused.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_sees_where_they_are_signed_in_and_ends_that_and_nobody_elses() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (here, there) = (house.desk("wangxi", "editor").await.browser, house.desk("wangxi", "editor").await.browser);
        let other = house.desk("wangxi", "review1").await.browser;
        let page = here.screen("/console/me").await.text();
        assert!(page.contains("共 2 处") && page.contains("登录成功"), "{backend:?}: {page}");
        let sessions = |username: &str| {
            let (id, now) = (id_of(&house, username), house.engine().clock.now() - TimeDelta::hours(1));
            house.engine().store.read(|connection| store::sessions::list(connection, id, now)).unwrap()
        };
        let foreign = sessions("wangxi-review1")[0].id;
        let refused = here.submit(&format!("/console/me/sessions/{foreign}/end"), &[]).await;
        assert_eq!(refused.status, 409, "{backend:?}");
        assert_eq!(other.screen("/console/wangxi").await.status, 200, "{backend:?}");

        let own = page.split("/console/me/sessions/").find_map(|rest| rest.split_once("/end\"")?.0.parse::<i64>().ok()).unwrap();
        let here_now = sessions("wangxi-editor").into_iter().find(|session| session.id.0 != own).unwrap().id;
        let refused = here.submit(&format!("/console/me/sessions/{here_now}/end"), &[]).await;
        assert!(refused.status == 409 && refused.text().contains("当前的登录"), "{backend:?}: {}", refused.text());
        let ended = here.submit(&format!("/console/me/sessions/{own}/end"), &[]).await;
        assert_eq!(ended.location(), "/console/me?done=session-ended", "{backend:?}");
        assert_eq!(there.screen("/console/wangxi").await.status, 303, "on the next request, {backend:?}");

        let third = house.desk("wangxi", "editor").await.browser;
        assert_eq!(here.submit("/console/me/sessions/end-others", &[]).await.status, 303, "{backend:?}");
        assert_eq!(third.screen("/console/wangxi").await.status, 303, "{backend:?}");
        assert_eq!(here.screen("/console/wangxi").await.status, 200, "{backend:?}");

        let city = house.desk("platform", "security").await;
        let page = format!("{CITY}/{}", id_of(&house, "wangxi-editor"));
        assert!(city.browser.screen(&page).await.text().contains("<dt>当前登录</dt><dd>1 处</dd>"), "{backend:?}");
        assert_eq!(city.browser.submit(&format!("{page}/sessions/end"), &[]).await.status, 303, "{backend:?}");
        assert_eq!(here.screen("/console/wangxi").await.status, 303, "{backend:?}");
        let site = format!("/console/wangxi/people/{}", id_of(&house, "wangxi-editor"));
        let told = house.desk("wangxi", "admin").await.browser.screen(&site).await.text();
        assert!(!told.contains("当前登录"), "who runs a site is not told, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_in_the_log_with_who_was_tried_and_from_where_and_no_password_typed_in_the_wrong_field() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        for username in ["wangxi-editor", "mei-you-ci-ren", "Wo-De-Mima-2026!"] {
            enter(&house.browser(), username, "cuo-wu-mi-ma-1").await;
        }
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 3)).unwrap();
        let told: Vec<_> = entries.iter().rev().map(|entry| (entry.subject.as_str(), entry.after.as_deref().unwrap())).collect();
        let known = format!("user:{}", id_of(&house, "wangxi-editor"));
        let expected = [
            (known.as_str(), "{\"username\":\"wangxi-editor\"}"),
            ("address:127.0.0.1", "{\"username\":\"mei-you-ci-ren\"}"),
            ("address:127.0.0.1", "{\"username\":\"\"}"),
        ];
        assert_eq!(told, expected, "{backend:?}");
        assert!(entries.iter().all(|entry| entry.action == "session.fail" && entry.actor_id.is_none()), "{backend:?}");
        let page = house.desk("wangxi", "editor").await.browser.screen("/console/me").await.text();
        assert!(page.contains("登录失败") && page.contains("127.0.0.1"), "{backend:?}: {page}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_the_present_password_at_an_open_session_loses_it() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await.browser;
    for _ in 0..4 {
        assert_eq!(change(&editor, "Bu-Dui-2026", OWN).await.status, 422);
    }
    assert_eq!(change(&editor, "Bu-Dui-2026", OWN).await.location(), "/console/sign-in?done=guessed");
    assert_eq!(editor.screen("/console/wangxi").await.status, 303);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_is_signed_out_sooner_and_a_password_grown_too_old_is_asked_for_at_the_door() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let (city, editor) = (house.desk("platform", "security").await, house.desk("wangxi", "editor").await);
        hire(&house, "lao-mima", PasswordOrigin::Own, TimeDelta::days(90) - TimeDelta::minutes(5));
        let old = house.browser();
        enter(&old, "lao-mima", PASSWORD).await;
        clock.advance(TimeDelta::minutes(16));
        assert_eq!(city.browser.screen(CITY).await.status, 303, "{backend:?}");
        assert_eq!(editor.browser.screen("/console/wangxi").await.status, 200, "{backend:?}");
        assert_eq!(old.screen("/console/wangxi").await.status, 200, "not in the middle of the work, {backend:?}");
        enter(&old, "lao-mima", PASSWORD).await;
        assert_eq!(old.screen("/console/wangxi").await.location(), "/console/me/password?next=/console/wangxi", "{backend:?}");
        assert!(old.screen("/console/me/password").await.text().contains("已使用满90天"), "{backend:?}");
        assert_eq!(change(&old, PASSWORD, OWN).await.location(), "/console/wangxi", "{backend:?}");
        assert_eq!(old.screen("/console/wangxi").await.status, 200, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_uses_is_locked_at_night_until_security_lets_its_person_in() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let engine = house.engine();
        // People of a house have passwords that never grow old; these two have some as everybody's.
        let ordinary = "UPDATE users SET password_since = created_at WHERE username IN ('wangxi-editor', 'wangxi-admin')";
        engine.store.administer(ordinary).unwrap();
        for username in ["meiren-yong", "lai-guo", "you-chengxu"] {
            hire(&house, username, PasswordOrigin::Own, TimeDelta::zero());
        }
        let token = house.desk("platform", "you-chengxu").await.make_token("数据交换平台", "wangxi", &["read"]).await;
        clock.advance(TimeDelta::days(2));
        house.desk("platform", "lai-guo").await;
        clock.advance(TimeDelta::days(18));
        let bearer = format!("Bearer {token}");
        let asked = house.browser().get_with("localhost", "/api/v1/me", &[("authorization", &bearer)]).await;
        assert_eq!(asked.status, 200, "{backend:?}: {}", asked.text());
        clock.advance(TimeDelta::days(70));
        let is_locked = |username: &str| {
            let found = engine.store.read(|connection| store::people::find_by_username(connection, username)).unwrap();
            found.unwrap().decided == AccountState::Locked
        };
        disuse::lock_unused(engine).unwrap();
        assert!(!is_locked("meiren-yong"), "not before the last day is over, {backend:?}");

        clock.advance(TimeDelta::hours(1));
        let (security, auditor) = (house.desk("platform", "security").await, house.desk("platform", "auditor").await);
        // The house may have done so by itself.
        disuse::lock_unused(engine).unwrap();
        assert!(is_locked("meiren-yong") && is_locked("wangxi-editor"), "{backend:?}");
        // The only one who administers a site might find nobody there when they come back.
        assert!(!is_locked("lai-guo") && !is_locked("you-chengxu") && !is_locked("wangxi-admin"), "{backend:?}");
        assert_eq!(enter(&house.browser(), "meiren-yong", PASSWORD).await.status, 422, "{backend:?}");
        let log = auditor.browser.screen("/console/audit").await.text();
        assert!(log.contains("90天未使用，自动锁定账号") && log.contains("meiren-yong"), "{backend:?}: {log}");

        // Whoever is let in has as many days again, and need not come the same day.
        let id = id_of(&house, "meiren-yong");
        assert_eq!(press(&security, id, "unlock").await.status, 303, "{backend:?}");
        clock.advance(TimeDelta::days(89));
        disuse::lock_unused(engine).unwrap();
        assert!(!is_locked("meiren-yong"), "{backend:?}");
        clock.advance(TimeDelta::days(2));
        disuse::lock_unused(engine).unwrap();
        assert!(is_locked("meiren-yong"), "{backend:?}");
        house.close().await;
    }
}
