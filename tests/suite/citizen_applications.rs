//! Other systems sign citizens in through us: a standard client does once each has agreed, what it was given ends with their session, and
//! neither the applications nor the sessions of our own people are any use there.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Actor, ApplicationContent, Clock, FixedClock, Recipient, SystemClock};
use openidconnect::{OAuth2TokenResponse, TokenResponse};
use publish::commands::application;
use publish::commands::citizen::{self, Registration};
use testkit::{Answer, Backend, House};

use crate::citizens::{CENTER, Visitor, whose};
use crate::single_sign_on::{Application, BACK, Begun, FAREWELL, brought, held, register_for, told, value};

const PHONE: &str = "13800138000";

async fn register(house: &House, title: &str) -> Application {
    // That it need not ask is not heeded.
    register_for(house, "citizens", title, false).await
}

/// Follows an application's request as a signed-in citizen's browser does.
async fn follow(visitor: &Visitor<'_>, path: &str) -> Answer {
    let sent = visitor.get(path).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    visitor.get(&sent.location()).await
}

async fn say(visitor: &Visitor<'_>, asked: &Answer, word: &str) -> Answer {
    let fields = held(asked);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("agree", word));
    visitor.send("/authorize", &fields).await
}

/// Signs somebody in to an application who may be asked whether they agree; gives the code that it gets.
async fn code_for(application: &Application, visitor: &Visitor<'_>) -> (String, Begun) {
    let begun = application.begin();
    let mut page = follow(visitor, &begun.path).await;
    if page.text().contains("同意并登录") {
        page = say(visitor, &page, "yes").await;
    }
    let said = brought(&page);
    assert_eq!(value(&said, "state"), begun.state.secret());
    (value(&said, "code").to_owned(), begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_signs_in_to_another_system_once_they_have_agreed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let application = register(&house, "不动产登记网上办").await;
        let visitor = Visitor::new(&house);

        // Whoever is not signed in does so first, and comes back to the request, whole.
        let begun = application.begin();
        let onward = visitor.get(&begun.path).await.location();
        assert!(onward.starts_with("/authorize?"), "{onward}");
        let door = visitor.get(&onward).await.location();
        assert!(door.starts_with("/sign-in?next="), "{backend:?}: {door}");
        let next = value(&identity::pairs(door.split('?').nth(1).unwrap().as_bytes()), "next").to_owned();
        visitor.register(PHONE, "李明").await;
        visitor.send("/sign-out", &[]).await;
        assert_eq!(visitor.enter(PHONE, &next).await.location(), next, "{backend:?}");

        let asked = visitor.get(&next).await;
        for words in [
            "“不动产登记网上办”（市政府督查室）",
            "李明",
            "账号编号和实名等级",
            "称呼",
            "0551-12345678",
            "用于办理业务时识别本人",
        ] {
            assert!(asked.text().contains(words), "{words}, {backend:?}: {}", asked.text());
        }
        assert!(!asked.text().contains("手机号、"), "it was not asked for");
        let refused = brought(&say(&visitor, &asked, "no").await);
        assert_eq!((value(&refused, "error"), value(&refused, "state")), ("access_denied", begun.state.secret().as_str()));

        let said = brought(&say(&visitor, &asked, "yes").await);
        assert_eq!(value(&said, "iss"), "http://user.test/oidc", "{backend:?}");
        let got = application.redeem(&house, value(&said, "code"), begun.verifier).await.unwrap();
        let token = got.id_token().unwrap();
        let claims = token.claims(&application.client.id_token_verifier(), &begun.nonce).unwrap();
        let id = whose(&house, PHONE).unwrap();
        assert_eq!(claims.subject().as_str(), id.to_string(), "{backend:?}");
        assert_eq!(claims.auth_context_ref().unwrap().as_str(), "none", "nobody knows who they are, {backend:?}");
        assert!(claims.preferred_username().is_none() && claims.phone_number().is_none(), "{backend:?}");
        let known = application.ask(&house, got.access_token()).await.unwrap();
        assert_eq!(known.name().unwrap().get(None).unwrap().as_str(), "李明", "{backend:?}");

        // Having agreed they are not asked again, and nothing need be shown.
        let silent = visitor.get(&format!("{}&prompt=none", application.begin().path)).await;
        assert!(!value(&told(&silent.location()), "code").is_empty(), "{backend:?}");
        let stranger = Visitor::new(&house);
        let silent = stranger.get(&format!("{}&prompt=none", application.begin().path)).await;
        assert_eq!(value(&told(&silent.location()), "error"), "login_required", "{backend:?}");

        // They see it, and so does the auditor, by a number alone.
        let security = visitor.get("/security").await.text();
        for words in ["应用授权", "不动产登记网上办", "授权并登录应用（不动产登记网上办）"] {
            assert!(security.contains(words), "{words}, {backend:?}: {security}");
        }
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("公众用户授权并登录应用") && !log.contains("李明"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_system_was_given_of_a_citizen_ends_with_their_session_their_consent_and_their_account() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let application = register(&house, "不动产登记网上办").await;
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "").await;
        let enter = async || {
            let (code, begun) = code_for(&application, &visitor).await;
            application.redeem(&house, &code, begun.verifier).await.unwrap()
        };
        let knows =
            async |got: &openidconnect::core::CoreTokenResponse| application.ask(&house, got.access_token()).await.is_some();

        let got = enter().await;
        assert!(knows(&got).await, "{backend:?}");
        visitor.send("/sign-out", &[]).await;
        assert!(!knows(&got).await, "they have left, {backend:?}");

        visitor.enter(PHONE, "/").await;
        let got = enter().await;
        let export = visitor.get("/data/export").await.text();
        assert!(export.contains("授权的应用") && export.contains("不动产登记网上办"), "{backend:?}: {export}");
        let page = visitor.get("/security").await.text();
        let path = page.split("action=\"/security/consents/").nth(1).unwrap().split('"').next().unwrap();
        let path = format!("/security/consents/{path}");
        let other = Visitor::new(&house);
        other.register("13900139000", "").await;
        other.get("/security").await;
        other.send(&path, &[]).await;
        assert!(knows(&got).await, "only one's own, {backend:?}");
        assert_eq!(visitor.send(&path, &[]).await.location(), "/security?done=consent-withdrawn", "{backend:?}");
        assert!(!knows(&got).await, "they have taken it back, {backend:?}");
        assert!(follow(&visitor, &application.begin().path).await.text().contains("同意并登录"), "asked again, {backend:?}");

        // Who would be told is somebody else from now on.
        let got = enter().await;
        let shown = follow(&visitor, &format!("{}&prompt=consent", application.begin().path)).await;
        let engine = house.engine();
        let registered = engine.store.read(store::applications::list).unwrap().remove(0);
        let content = ApplicationContent { keeper: "某公司".into(), ..registered.content.clone() };
        let seen = publish::commands::seal(&registered.content);
        application::save(engine, &Actor::operator("test"), registered.id, &seen, &content).unwrap();
        assert!(!knows(&got).await, "{backend:?}");
        let silent = visitor.get(&format!("{}&prompt=none", application.begin().path)).await;
        assert_eq!(value(&told(&silent.location()), "error"), "consent_required", "{backend:?}");
        assert!(!visitor.get("/security").await.text().contains("某公司"), "{backend:?}");
        let stale = say(&visitor, &shown, "yes").await;
        assert!(
            stale.status == 409 && stale.text().contains("登记信息刚刚更改"),
            "what was shown, {backend:?}: {}",
            stale.text()
        );

        // Within minutes, and not when somebody wants them to come in anew.
        let got = enter().await;
        clock.advance(TimeDelta::minutes(11));
        assert!(!knows(&got).await, "its time is over, {backend:?}");
        let path = application.begin().path;
        for (more, goes) in [("max_age=60", true), ("prompt=login", true), ("max_age=3600", false)] {
            let onward = visitor.get(&format!("{path}&{more}")).await.location();
            assert_eq!(onward.starts_with("/sign-in?next="), goes, "{more}, {backend:?}: {onward}");
            let here = visitor.get(&format!("{}&{more}", path.replacen("/oidc/", "/", 1))).await;
            assert_eq!(here.location().starts_with("/sign-in?next="), goes, "{more} behind the first, {backend:?}");
        }

        // Whoever is shut out, and whoever closes their account.
        let got = enter().await;
        let id = whose(&house, PHONE).unwrap();
        citizen::close(engine, &citizen::Deed { citizen: id, address: "local".into() }).unwrap();
        assert!(!knows(&got).await, "{backend:?}");
        let kept = engine.store.tell("SELECT CAST(citizen_id AS TEXT) AS told FROM citizen_consents").unwrap();
        assert!(kept.is_empty(), "{backend:?}: {kept:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_service_knows_the_applications_or_the_people_of_the_other() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (ours, theirs) = (register_for(&house, "staff", "督查督办系统", false).await, register(&house, "不动产登记网上办").await);
    let (desk, visitor) = (house.desk("wangxi", "editor").await, Visitor::new(&house));
    visitor.register(PHONE, "").await;

    // The request of one, at the service of the other.
    for answer in [desk.browser.screen(&theirs.begin().path).await, visitor.get(&ours.begin().path).await] {
        assert_eq!((answer.status, answer.location()), (400, String::new()), "{}", answer.text());
    }
    let onward = |application: &Application, to: &str| application.begin().path.replacen("/oidc/authorize", to, 1);
    assert_eq!(desk.browser.screen(&onward(&theirs, "/console/authorize")).await.status, 400);
    assert_eq!(visitor.get(&onward(&ours, "/authorize")).await.status, 400);

    // A code and a token of one, at the other.
    let (code, begun) = code_for(&theirs, &visitor).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", theirs.name.as_str()),
        ("client_secret", theirs.secret()),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", begun.verifier.secret()),
    ];
    let elsewhere = house.browser().submit_with("/oidc/token", &fields, &[]).await;
    assert!(elsewhere.status == 401 && elsewhere.text().contains("invalid_client"), "{}", elsewhere.text());
    let got = theirs.redeem(&house, &code, begun.verifier).await.unwrap();
    let bearer = format!("Bearer {}", got.access_token().secret());
    for (host, status) in [("localhost", 401), (CENTER, 200), ("user.test.", 200)] {
        let answer = house.browser().get_with(host, "/oidc/userinfo", &[("authorization", &bearer)]).await;
        assert_eq!(answer.status, status, "{host}");
    }

    // One of our people has the number of a citizen, and the other way round: a hint of one signs nobody of the other out.
    let hint = got.id_token().unwrap().to_string();
    let away = format!("/oidc/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fdc.example.gov.cn%2F");
    assert_eq!(desk.browser.screen(&away).await.location(), "/console/sign-out");
    let other = Visitor::new(&house);
    other.register("13900139000", "").await;
    assert_eq!(other.get(&away).await.location(), "/?done=sign-out", "another's hint signed them out");
    assert!(other.get("/?done=sign-out").await.text().contains("有应用请您退出登录"));
    assert_eq!(visitor.get(&away).await.location(), FAREWELL);
    assert_eq!((visitor.get("/").await.status, other.get("/").await.status), (303, 200));

    // A form of another page agrees to nothing.
    let asked = follow(&other, &theirs.begin().path).await;
    let fields = held(&asked);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("agree", "yes"));
    for site in ["cross-site", "same-site"] {
        let forged = other.center.send_form_to(CENTER, "/authorize", &fields, &[("sec-fetch-site", site)]).await;
        assert_eq!(forged.status, 403, "{site}: {}", forged.text());
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_guardian_is_told_of_to_nobody() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let application = register(&house, "不动产登记网上办").await;
        let child = Registration {
            recipient: Recipient::typed("", "13900139000").unwrap(),
            call: "小明".into(),
            guardian: Some(Recipient::typed("", "mama@example.com").unwrap()),
            terms: "2026-11-27".into(),
            address: "local".into(),
        };
        citizen::register(house.engine(), &child).unwrap();
        let visitor = Visitor::new(&house);
        visitor.enter("13900139000", "/").await;
        let refused = follow(&visitor, &application.begin().path).await;
        assert!(refused.status == 403 && refused.text().contains("由监护人同意后开通"), "{backend:?}: {}", refused.text());
        let path = application.begin().path;
        let mut fields = identity::pairs(path.split('?').nth(1).unwrap().as_bytes());
        fields.push(("agree".into(), "yes".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(visitor.send("/authorize", &fields).await.status, 403, "{backend:?}");
        let silent = visitor.get(&format!("{path}&prompt=none")).await;
        assert_eq!(value(&told(&silent.location()), "error"), "consent_required", "{backend:?}");
        house.close().await;
    }
}
