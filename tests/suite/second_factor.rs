//! The second factor: what is asked after the password, of whom, how often, and what happens when it is lost.

use std::sync::Arc;

use chrono::TimeDelta;
use config::SecondFactor;
use factors::{AppSecret, step_at};
use model::{Clock, FixedClock, SystemClock, UserId};
use publish::commands::second_factor;
use store::{audit, recovery_codes, second_factors};
use testkit::{Answer, Backend, Browser, House};
use vault::Place;

const PASSWORD: &str = "Ceshi-2026-zhanghao";
const SECOND: &str = "/console/sign-in/second";
const OWN: &str = "/console/me/factors";

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(SystemClock.now()))
}

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

/// What stands between two pieces of a text.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}")).1;
    rest.split_once(after).unwrap().0
}

/// The code that a phone shows.
pub fn code(house: &House, secret: &AppSecret) -> String {
    secret.code(step_at(house.engine().clock.now().and_utc().timestamp()))
}

/// Sets up an app for whoever is signed in; gives its secret and the recovery codes that came with the first.
pub async fn set_up(house: &House, browser: &Browser, username: &str) -> (AppSecret, Vec<String>) {
    let (secret, answer) = add_app(house, browser, username, "https://evil.example/").await;
    assert!(!answer.text().contains("evil.example"), "{}", answer.text());
    let codes = answer.text().split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    (secret, codes)
}

async fn add_app(house: &House, browser: &Browser, username: &str, next: &str) -> (AppSecret, Answer) {
    let form = browser.screen(&format!("{OWN}/app")).await.text();
    let sealed = between(&form, "name=\"secret\" value=\"", "\"").to_owned();
    let place = Place::new("factor_app.secret", id_of(house, username).0);
    let secret = AppSecret::of_bytes(house.engine().vault.open(place, &sealed.parse().unwrap()).unwrap());
    assert!(form.contains(&secret.words()) && form.contains("<svg"), "{form}");
    let fields = [("secret", sealed.as_str()), ("code", &code(house, &secret)), ("name", "办公手机"), ("next", next)];
    let answer = browser.submit(&format!("{OWN}/app"), &fields).await;
    assert!(answer.status == 200 || answer.status == 303, "{}", answer.text());
    (secret, answer)
}

async fn enter(browser: &Browser, username: &str) -> Answer {
    let fields = [("username", username), ("password", PASSWORD), ("next", "/console/wangxi")];
    browser.submit("/console/sign-in", &fields).await
}

async fn second(browser: &Browser, code: &str) -> Answer {
    browser.submit(SECOND, &[("code", code), ("next", "/console/wangxi")]).await
}

/// Somebody whose password was right.
async fn begun(house: &House, username: &str) -> Browser {
    let browser = house.browser();
    let answer = enter(&browser, username).await;
    assert_eq!(answer.location(), format!("{SECOND}?next=%2Fconsole%2Fwangxi"), "{}", answer.text());
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_second_factor_is_in_after_both_steps_and_a_code_is_taken_once() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let (secret, codes) = set_up(&house, &editor, "wangxi-editor").await;
        assert_eq!(codes.len(), 10, "{backend:?}: {codes:?}");
        let kept =
            house.engine().store.read(|connection| second_factors::list_secrets(connection, id_of(&house, "wangxi-editor")));
        let (id, sealed) = kept.unwrap().remove(0);
        let opened = house.engine().vault.open(second_factor::place(id), &sealed.parse().unwrap()).unwrap();
        assert!(opened == secret.bytes() && sealed.contains('.'), "it is sealed, {backend:?}: {sealed}");

        let comer = begun(&house, "wangxi-editor").await;
        assert!(
            comer.screen("/console/wangxi").await.location().starts_with("/console/sign-in?"),
            "nobody is in yet, {backend:?}"
        );
        assert!(comer.screen(SECOND).await.text().contains("验证码或恢复码"), "{backend:?}");
        for (typed, told) in [("", "请输入验证码"), ("000000", "验证没有通过"), ("什么", "验证没有通过")] {
            let answer = second(&comer, typed).await;
            assert!(answer.status == 422 && answer.text().contains(told), "{typed}, {backend:?}: {}", answer.text());
        }
        let used = second(&comer, &code(&house, &secret)).await;
        assert_eq!(used.status, 422, "the code it was set up with is used, {backend:?}");
        clock.advance(TimeDelta::seconds(30));
        let shown = code(&house, &secret);
        let done = second(&comer, &format!("{} {}", &shown[..3], &shown[3..])).await;
        assert_eq!((done.status, done.location().as_str()), (303, "/console/wangxi"), "{backend:?}: {}", done.text());
        assert_eq!(comer.screen("/console/wangxi").await.status, 200, "{backend:?}");
        assert_eq!(second(&comer, &shown).await.location(), "/console/sign-in?done=begin-again", "it is over, {backend:?}");

        let thief = begun(&house, "wangxi-editor").await;
        assert_eq!(second(&thief, &shown).await.status, 422, "who looked over a shoulder comes too late, {backend:?}");
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 30)).unwrap();
        let opened = entries.iter().filter(|entry| entry.action == "session.open");
        assert!(opened.clone().any(|entry| entry.after.as_deref().is_some_and(|after| after.contains("true"))), "{backend:?}");
        assert!(entries.iter().any(|entry| entry.action == "factor.add"), "{backend:?}");
        assert!(!format!("{entries:?}").contains(&secret.words().replace(' ', "")), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_has_begun_is_of_one_browser_and_of_some_minutes() {
    for backend in Backend::BOTH {
        let clock = clock();
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let (secret, _) = set_up(&house, &editor, "wangxi-editor").await;
        let comer = begun(&house, "wangxi-editor").await;
        clock.advance(TimeDelta::seconds(30));
        let other = house.browser();
        assert_eq!(other.screen(SECOND).await.location(), "/console/sign-in?done=begin-again", "{backend:?}");
        let answer = second(&other, &code(&house, &secret)).await;
        assert_eq!(answer.location(), "/console/sign-in?done=begin-again", "another browser has not begun, {backend:?}");
        clock.advance(TimeDelta::minutes(11));
        assert_eq!(comer.screen(SECOND).await.location(), "/console/sign-in?done=begin-again", "{backend:?}");
        assert_eq!(second(&comer, &code(&house, &secret)).await.location(), "/console/sign-in?done=begin-again", "{backend:?}");

        // Who has another password by now, or may not come any more, has not begun either.
        let comer = begun(&house, "wangxi-editor").await;
        let id = id_of(&house, "wangxi-editor");
        let city = house.desk("platform", "security").await.browser;
        let page = city.screen(&format!("/console/people/{id}")).await.text();
        let seen = between(page.split_once("/lock\"").unwrap().1, "name=\"seen\" value=\"", "\"").to_owned();
        assert_eq!(city.submit(&format!("/console/people/{id}/lock"), &[("seen", &seen)]).await.status, 303, "{backend:?}");
        assert_eq!(second(&comer, &code(&house, &secret)).await.location(), "/console/sign-in?done=begin-again", "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_locks_the_account_and_bringing_the_password_again_forgets_no_guess() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        set_up(&house, &editor, "wangxi-editor").await;
        for _ in 0..4 {
            let guesser = begun(&house, "wangxi-editor").await;
            assert_eq!(second(&guesser, "000000").await.status, 422, "{backend:?}");
        }
        let guesser = begun(&house, "wangxi-editor").await;
        assert_eq!(second(&guesser, "000000").await.location(), "/console/sign-in?done=locked-out", "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor").await.status, 429, "{backend:?}");
        let account = house.engine().store.read(|connection| store::people::find_by_username(connection, "wangxi-editor"));
        assert!(account.unwrap().unwrap().locked_until.is_some(), "{backend:?}");
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 30)).unwrap();
        assert_eq!(entries.iter().filter(|entry| entry.action == "session.fail").count(), 4, "{backend:?}");
        assert!(entries.iter().any(|entry| entry.action == "session.lock"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_who_bring_one_recovery_code_at_once_one_is_let_in() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let (_, codes) = set_up(&house, &editor, "wangxi-editor").await;
        let mut comers = Vec::new();
        for _ in 0..4 {
            comers.push(begun(&house, "wangxi-editor").await);
        }
        let code = codes[3].to_uppercase();
        let brought = comers.into_iter().map(|comer| {
            let code = code.clone();
            tokio::spawn(async move { second(&comer, &code).await.location() })
        });
        let mut came = 0;
        for one in brought.collect::<Vec<_>>() {
            came += usize::from(one.await.unwrap() == "/console/wangxi");
        }
        assert_eq!(came, 1, "{backend:?}");
        let id = id_of(&house, "wangxi-editor");
        let left = house.engine().store.read(|connection| recovery_codes::count_unused(connection, id)).unwrap();
        assert_eq!(left, 9, "{backend:?}");

        // Others take the place of those that are left.
        let answer = editor.submit(&format!("{OWN}/codes"), &[]).await.text();
        assert!(answer.matches("<li><code>").count() == 10 && !answer.contains(&codes[4]), "{backend:?}: {answer}");
        let comer = begun(&house, "wangxi-editor").await;
        assert_eq!(second(&comer, &codes[4]).await.status, 422, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_have_a_second_factor_sets_it_up_before_anything_else_and_keeps_one() {
    for backend in Backend::BOTH {
        let tune = |settings: &mut config::Settings| settings.web.second_factor = SecondFactor::Required;
        let Some(house) = House::open_set(backend, tune).await else { continue };
        let security = house.desk("platform", "security").await.browser;
        for path in ["/console", "/console/people", "/console/me", "/console/me/factors/codes"] {
            let led = security.screen(path).await.location();
            assert!(led.starts_with(&format!("{OWN}?next=")), "{path}, {backend:?}: {led}");
        }
        let led = security.screen("/console/people?by=signed_in").await.location();
        let ways = security.screen(&led).await.text();
        let onward = format!("{OWN}/app{}", between(&ways, &format!("{OWN}/app"), "\"")).replace("&amp;", "&");
        let form = security.screen(&onward).await.text();
        let next = between(&form, "name=\"next\" value=\"", "\"").replace("&#x2f;", "/");
        assert_eq!(next, "/console/people?by=signed_in", "{backend:?}");
        let sent = security.submit("/console/people/groups", &[("name", "写好的名字")]).await;
        assert!(sent.status == 409 && sent.text().contains("请先设置二次验证"), "{backend:?}: {}", sent.text());
        assert!(security.screen(OWN).await.text().contains("须先设置一种验证方式"), "{backend:?}");
        let (_, told) = add_app(&house, &security, "security", &next).await;
        assert!(told.text().contains("href=\"/console/people?by=signed_in\""), "they go on to where they went: {}", told.text());
        assert_eq!(security.screen("/console/people").await.status, 200, "{backend:?}");

        let id = id_of(&house, "security");
        let list = |house: &House| house.engine().store.read(|connection| second_factors::list(connection, id)).unwrap();
        let only = list(&house)[0].id;
        let kept = security.submit(&format!("{OWN}/{only}/remove"), &[]).await;
        assert!(kept.status == 409 && kept.text().contains("不能移除最后一个"), "{backend:?}: {}", kept.text());
        set_up(&house, &security, "security").await;
        assert_eq!(security.submit(&format!("{OWN}/{only}/remove"), &[]).await.status, 303, "{backend:?}");
        assert_eq!(list(&house).len(), 1, "{backend:?}");

        let editor = house.desk("wangxi", "editor").await.browser;
        assert_eq!(editor.screen("/console/wangxi").await.status, 200, "nobody asks editors, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_must_have_a_second_factor_editors_set_one_up_and_keep_it() {
    for backend in Backend::BOTH {
        let tune = |settings: &mut config::Settings| settings.web.second_factor = SecondFactor::Everybody;
        let Some(house) = House::open_set(backend, tune).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let led = editor.screen("/console/wangxi").await.location();
        assert!(led.starts_with(&format!("{OWN}?next=")), "{backend:?}: {led}");
        let sent = editor.submit("/console/wangxi/resources", &[("title", "写好的标题")]).await;
        assert!(sent.status == 409 && sent.text().contains("请先设置二次验证"), "{backend:?}: {}", sent.text());
        set_up(&house, &editor, "wangxi-editor").await;
        assert_eq!(editor.screen("/console/wangxi").await.status, 200, "{backend:?}");
        let id = id_of(&house, "wangxi-editor");
        let only = house.engine().store.read(|connection| second_factors::list(connection, id)).unwrap()[0].id;
        let kept = editor.submit(&format!("{OWN}/{only}/remove"), &[]).await;
        assert!(kept.status == 409 && kept.text().contains("不能移除最后一个"), "{backend:?}: {}", kept.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn factors_are_renamed_and_removed_by_whose_they_are_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let admin = house.desk("wangxi", "admin").await.browser;
        set_up(&house, &editor, "wangxi-editor").await;
        let id = id_of(&house, "wangxi-editor");
        let list = |house: &House| house.engine().store.read(|connection| second_factors::list(connection, id)).unwrap();
        let factor = list(&house)[0].id;
        let page = format!("{OWN}/{factor}");
        assert_eq!(admin.screen(&page).await.status, 404, "{backend:?}");
        assert_eq!(admin.submit(&page, &[("name", "别人的")]).await.status, 404, "{backend:?}");
        assert_eq!(admin.submit(&format!("{page}/remove"), &[]).await.status, 404, "{backend:?}");
        let long = "长".repeat(31);
        let refused = editor.submit(&page, &[("name", &long)]).await;
        assert!(refused.status == 422 && refused.text().contains(&long), "{backend:?}: {}", refused.text());
        assert_eq!(editor.submit(&page, &[("name", "家里手机")]).await.status, 303, "{backend:?}");
        assert_eq!(list(&house)[0].name, "家里手机", "{backend:?}");
        assert_eq!(editor.submit(&format!("{page}/remove"), &[]).await.status, 303, "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor").await.location(), "/console/wangxi", "{backend:?}");
        // A code that is not the one shown adds nothing, and the secret stays as it was scanned.
        let form = editor.screen(&format!("{OWN}/app")).await.text();
        let (sealed, words) = (between(&form, "name=\"secret\" value=\"", "\""), between(&form, "data-copied=\"密钥\">", "<"));
        let wrong = editor.submit(&format!("{OWN}/app"), &[("secret", sealed), ("code", "000000"), ("name", "办公手机")]).await;
        assert!(wrong.status == 422 && wrong.text().contains(words) && wrong.text().contains("办公手机"), "{backend:?}");
        // Nor does a secret that was sealed for somebody else.
        let theirs = admin.submit(&format!("{OWN}/app"), &[("secret", sealed), ("code", "000000")]).await;
        assert!(theirs.status == 422 && !theirs.text().contains(words), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_resets_what_somebody_lost_but_not_of_whom_they_could_not_appoint() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await.browser;
        let auditor = house.desk("platform", "auditor").await.browser;
        set_up(&house, &editor, "wangxi-editor").await;
        set_up(&house, &auditor, "auditor").await;
        let city = house.desk("platform", "security").await.browser;
        let id = id_of(&house, "wangxi-editor");
        let page = city.screen(&format!("/console/people/{id}")).await.text();
        let form = page.split_once("/factors/reset\"").unwrap_or_else(|| panic!("{page}")).1;
        let seen = between(form, "name=\"seen\" value=\"", "\"").to_owned();
        let reset = format!("/console/people/{id}/factors/reset");
        assert_eq!(editor.submit(&reset, &[("seen", &seen)]).await.status, 403, "{backend:?}");
        assert_eq!(city.submit(&reset, &[("seen", "alt")]).await.status, 409, "a stale form does nothing, {backend:?}");
        let done = city.submit(&reset, &[("seen", &seen)]).await;
        assert_eq!(done.status, 303, "{backend:?}: {}", done.text());
        assert!(editor.screen("/console/wangxi").await.location().starts_with("/console/sign-in"), "{backend:?}");
        assert_eq!(enter(&house.browser(), "wangxi-editor").await.location(), "/console/wangxi", "{backend:?}");
        assert_eq!(city.submit(&reset, &[("seen", &seen)]).await.status, 409, "nor does one sent again, {backend:?}");

        let other = id_of(&house, "auditor");
        assert!(!city.screen(&format!("/console/people/{other}")).await.text().contains("/factors/reset"), "{backend:?}");
        let had = house.engine().store.read(|connection| second_factors::list(connection, other)).unwrap();
        let seen = second_factor::factors_seal(&had);
        let refused = city.submit(&format!("/console/people/{other}/factors/reset"), &[("seen", &seen)]).await;
        assert!(refused.status == 409 && refused.text().contains("由运维人员在服务器上办理"), "{backend:?}: {}", refused.text());
        let on_server = second_factor::reset(house.engine(), &model::Actor::operator("user reset-factor"), other, &seen);
        assert!(on_server.is_ok(), "{backend:?}");
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 30)).unwrap();
        assert_eq!(entries.iter().filter(|entry| entry.action == "factor.reset").count(), 2, "{backend:?}");
        house.close().await;
    }
}
