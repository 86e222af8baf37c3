//! Signing in: who may, how often, and what a foreign page cannot do.

use testkit::{Backend, House};

#[tokio::test(flavor = "multi_thread")]
async fn guessing_passwords_is_slowed_down_per_account_and_the_right_one_waits_too() {
    for redis in [false, true] {
        let options = testkit::HouseOptions { backend: Backend::Sqlite, redis, sites: None, duty: server::Role::All };
        let Some(house) = House::open_with(options).await else { continue };
        // Accounts are counted per house only where nothing is shared, so each round guesses at another.
        let account = if redis { "qingyu-editor" } else { "wangxi-editor" };
        let guesser = house.browser();
        for _ in 0..5 {
            let answer =
                guesser.submit("/console/sign-in", &[("username", account), ("password", "cuo-wu-mi-ma-1"), ("next", "")]).await;
            assert!(answer.status == 422 || answer.status == 401 || answer.status == 429, "{}", answer.status);
        }
        let answer =
            guesser.submit("/console/sign-in", &[("username", account), ("password", "cuo-wu-mi-ma-1"), ("next", "")]).await;
        assert_eq!(answer.status, 429, "redis: {redis}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_from_one_address_are_counted_before_they_are_judged() {
    let tune = |settings: &mut config::Settings| settings.web.sign_in_failures_per_address = 8;
    let Some(house) = House::open_set(Backend::Sqlite, tune).await else { return };
    let enter = async |username: &str, password: &str| -> u16 {
        let fields = [("username", username), ("password", password), ("next", "")];
        house.browser().submit("/console/sign-in", &fields).await.status
    };
    // An office behind one address signs in as often as it likes.
    for _ in 0..12 {
        assert_eq!(enter("wangxi-editor", "Ceshi-2026-zhanghao").await, 303);
    }
    let guesses = (0..40).map(|number| {
        let browser = house.browser();
        tokio::spawn(async move {
            let name = format!("guessed-{number}");
            let fields = [("username", name.as_str()), ("password", "cuo-wu-mi-ma-1"), ("next", "")];
            browser.submit("/console/sign-in", &fields).await.status
        })
    });
    let mut judged = 0;
    for guess in guesses.collect::<Vec<_>>() {
        let status = guess.await.unwrap();
        assert!(matches!(status, 422 | 429), "{status}");
        judged += usize::from(status == 422);
    }
    assert_eq!(judged, 7, "the eighth failure is told that it must wait, like all after it");
    assert_eq!(enter("wangxi-editor", "Ceshi-2026-zhanghao").await, 429);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_cannot_act_for_somebody_signed_in() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let fields = [("reason", "x")];
    for foreign in [[("sec-fetch-site", "cross-site")], [("origin", "https://evil.example")]] {
        let answer = editor.browser.submit_with("/console/wangxi/resources/1/withdraw", &fields, &foreign).await;
        assert_eq!(answer.status, 403, "{foreign:?}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_signing_in_nobody_is_sent_off_the_console() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/console/../../x", "javascript:alert(1)"] {
        let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", next)];
        let answer = house.browser().submit("/console/sign-in", &fields).await;
        assert_eq!(answer.status, 303, "{next}");
        assert!(
            answer.location().starts_with("/console") && !answer.location().contains("evil"),
            "{next} led to {}",
            answer.location()
        );
    }
    let asked = house.browser().screen("/console/wangxi").await;
    assert_eq!(asked.status, 303);
    assert!(asked.location().starts_with("/console/sign-in"), "{}", asked.location());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_signing_out_and_its_cookie_cannot_be_read_by_scripts() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let browser = house.browser();
    let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "")];
    let answer = browser.submit("/console/sign-in", &fields).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert_eq!(browser.screen("/console/wangxi").await.status, 200);

    let stolen = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(browser.submit("/console/sign-out", &[]).await.status, 303);
    let thief = house.browser();
    let answer = thief.get_with("localhost", "/console/wangxi", &[("cookie", &stolen)]).await;
    assert_eq!(answer.status, 303, "the session is gone on the server, not only in the browser");
    house.close().await;
}
