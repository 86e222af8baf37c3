//! 人机验证: what a page needs to ask on every host, and answers that are taken once, in time and for their purpose.

use std::sync::Arc;

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use human::{Answer, Why};
use model::FixedClock;
use testkit::{Backend, Browser, House};
use web::{App, AppParts, ask_human, judge_human};

const HOST: &str = "wangxi.test";
const ADDRESS: &str = "203.0.113.7";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_script_found_is_taken_once_in_time_and_for_its_purpose() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at("2026-11-26T08:00:00".parse().unwrap()));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let app = app(&house);
        let visitor = house.browser();

        let answer = worked(&visitor).await;
        assert_eq!(judge_human(&app, &answer, "letter", ADDRESS).await, Err(Why::Unknown), "{backend:?}");
        assert_eq!(judge_human(&app, &answer, "sign-in", ADDRESS).await, Ok(()), "{backend:?}");
        assert_eq!(judge_human(&app, &answer, "sign-in", ADDRESS).await, Err(Why::Used), "{backend:?}");

        let late = worked(&visitor).await;
        clock.advance(model::human_check().lifetime() + TimeDelta::seconds(1));
        assert_eq!(judge_human(&app, &late, "sign-in", ADDRESS).await, Err(Why::Late), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_are_seen_and_heard_and_one_try_uses_them_up() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let app = app(&house);
    let visitor = house.browser();
    for host in [HOST, "localhost"] {
        let asked = visitor.get_with(host, "/_human/question?purpose=letter", &[]).await;
        assert_eq!(asked.header("cache-control"), "no-store");
        let asked: serde_json::Value = serde_json::from_slice(&asked.bytes).unwrap();
        let seen = visitor.get_with(host, asked["picture"].as_str().unwrap(), &[]).await;
        assert_eq!((seen.status, seen.header("content-type").as_str()), (200, "image/png"));
        assert_eq!(seen.header("cache-control"), "no-store");
        assert!(image::load_from_memory(&seen.bytes).is_ok());
        let heard = visitor.get_with(host, asked["sound"].as_str().unwrap(), &[]).await;
        assert_eq!((heard.status, heard.header("content-type").as_str()), (200, "audio/wav"));
        assert_eq!(heard.header("cache-control"), "no-store");
        assert!(heard.bytes.starts_with(b"RIFF"));

        let token = asked["token"].as_str().unwrap().to_owned();
        let guess = Answer { token, digits: "123".into(), ..Answer::default() };
        assert_eq!(judge_human(&app, &guess, "letter", ADDRESS).await, Err(Why::Wrong));
        assert_eq!(judge_human(&app, &guess, "letter", ADDRESS).await, Err(Why::Used), "a question is not tried until it fits");
    }
    for path in ["/_human/question?purpose=No+such", "/_human/question", "/_human/picture?token=x", "/_human/sound"] {
        assert_eq!(visitor.get("wangxi", path).await.status, 404, "{path}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_asks_links_to_what_browsers_keep_and_says_why_it_asks_again() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let app = app(&house);
    let asked = ask_human(&app, "letter");
    for (address, kind) in [(asked.script, "text/javascript; charset=utf-8"), (asked.style, "text/css; charset=utf-8")] {
        let file = house.browser().get("wangxi", address).await;
        assert_eq!((file.status, file.header("content-type").as_str()), (200, kind));
        assert!(file.header("cache-control").contains("immutable"));
    }
    let screens = render::Screens::new(|name| {
        let page = "{% from 'human.html' import human_check %}<form>{{ human_check(human) }}</form>";
        Some(if name == "human.html" { human::MACRO } else { page }.to_owned())
    });
    let draw = |human| screens.render("page.html", &serde_json::json!({ "human": human })).unwrap();
    let first = draw(serde_json::to_value(&asked).unwrap());
    assert!(
        first.contains("/_human/sound?token=letter.") && first.contains("播放语音") && first.contains("看不清？换一张"),
        "{first}"
    );
    assert!(!first.contains("human-problem") && !first.contains("data-by-digits"), "{first}");

    let tried = Answer { token: "x".into(), digits: "1".into(), ..Answer::default() };
    let again = draw(serde_json::to_value(ask_human(&app, "letter").again(&tried, Why::Wrong)).unwrap());
    assert!(
        again.contains("数字不正确") && again.contains("data-by-digits") && again.contains("aria-invalid=\"true\""),
        "{again}"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_or_fails_too_often_waits() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let app = app(&house);
    let rule = model::human_check().address;
    for _ in 0..rule.wrong {
        let token = serde_json::to_value(ask_human(&app, "letter")).unwrap()["token"].as_str().unwrap().to_owned();
        let guess = Answer { token, digits: "1".into(), ..Answer::default() };
        assert_eq!(judge_human(&app, &guess, "letter", ADDRESS).await, Err(Why::Wrong));
    }
    let right = worked(&house.browser()).await;
    assert_eq!(judge_human(&app, &right, "sign-in", ADDRESS).await, Err(Why::TooOften));
    assert_eq!(judge_human(&app, &right, "sign-in", "203.0.113.8").await, Ok(()), "others go on");

    // The test's own address has asked once.
    for _ in 1..rule.asked {
        house.engine().cache.hit("human:asked:127.0.0.1", rule.window()).await;
    }
    let refused = house.browser().get("wangxi", "/_human/challenge?purpose=letter").await;
    assert_eq!((refused.status, refused.header("cache-control").as_str()), (429, "no-store"));
    let text = refused.text();
    assert!(
        text.contains("访问过于频繁") && text.contains("望溪区") && refused.header("content-type").starts_with("text/html"),
        "{text}"
    );
    let refused = house.browser().screen("/_human/challenge?purpose=letter").await;
    assert!(refused.status == 429 && refused.text().contains("操作过于频繁"));
    house.close().await;
}

/// An app as pages of the public have it, over the house's own engine.
fn app(house: &House) -> Arc<App> {
    App::new(AppParts {
        engine: Arc::clone(house.engine()),
        error_screen: Box::new(|_, view| console::error_screen(view)),
        confirm: Box::new(console::Confirming),
    })
    .unwrap()
}

/// What the script of a page does.
async fn worked(visitor: &Browser) -> Answer {
    let asked = visitor.get("wangxi", "/_human/challenge?purpose=sign-in").await;
    assert_eq!((asked.status, asked.header("cache-control").as_str()), (200, "no-store"));
    let challenge: Challenge = serde_json::from_slice(&asked.bytes).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
    let payload = serde_json::to_string(&Payload { challenge, solution }).unwrap();
    Answer { work: STANDARD.encode(payload), ..Answer::default() }
}
