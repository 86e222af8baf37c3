//! People sign in through services above us: who was linked comes in, and nothing that such a service, or anybody on the way, may say wrongly
//! lets anybody in as somebody else.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use model::{Actor, Clock, FixedClock, Role, RoleId, SystemClock, UserId};
use oidc::{SigningKey, key_set};
use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, PkceCodeChallenge, PkceCodeVerifier, PrivateSigningKey};
use publish::commands::membership;
use serde_json::{Value, json};
use testkit::{Answer, Backend, Browser, House};

use crate::second_factor::{code, set_up};

const SECRET: &str = "an-unguessable-secret-of-the-province";
const CLIENT: &str = "tongyuan";
/// Whoever comes in by a service confirms with their password before a grave deed.
const CONFIRMED: [(&str, &str); 1] = [("_confirm_password", "Ceshi-2026-zhanghao")];
pub const NAME: &str = "省统一身份认证平台";

/// What the service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Honest,
    WrongIssuer,
    WrongAudience,
    MoreAudiences,
    OtherParty,
    WrongNonce,
    NoNonce,
    Expired,
    NotYet,
    FromTheFuture,
    Unsigned,
    SignedWithSecret,
    SignedWithPublicKey,
    SignedByAnother,
    UnknownKey,
    CutOff,
    Nobody,
    Redirects,
    TooMuch,
    NoJson,
    SaysMoreOfAnother,
}

/// A service above us on this machine.
pub struct Service {
    pub issuer: String,
    clock: Arc<dyn Clock>,
    mood: Mutex<Mood>,
    keys: Mutex<Vec<SigningKey>>,
    /// Who signs in there, and what is said of them.
    subject: Mutex<String>,
    groups: Mutex<Option<Value>>,
    /// Whether groups are told only to whoever asks for more.
    tells_later: Mutex<bool>,
    asked: Mutex<HashMap<String, HashMap<String, String>>>,
    keys_asked: AtomicUsize,
    codes: AtomicUsize,
    /// What happens elsewhere while it is asked.
    pub meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Service {
    pub async fn open() -> Arc<Self> {
        Self::open_at(Arc::new(SystemClock)).await
    }

    async fn open_at(clock: Arc<dyn Clock>) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            clock,
            mood: Mutex::new(Mood::Honest),
            keys: Mutex::new(vec![SigningKey::generate("k1".into()).unwrap()]),
            subject: Mutex::new("u-4401".into()),
            groups: Mutex::default(),
            tells_later: Mutex::default(),
            asked: Mutex::default(),
            keys_asked: AtomicUsize::default(),
            codes: AtomicUsize::default(),
            meanwhile: Mutex::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(more))
            .with_state(Arc::clone(&service));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        service
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn means(&self, subject: &str) {
        subject.clone_into(&mut self.subject.lock().unwrap());
    }

    pub fn says_groups(&self, groups: Option<&[&str]>) {
        *self.groups.lock().unwrap() = groups.map(|groups| json!(groups));
    }

    /// What it answers to somebody who was sent there and signed in: where it sends them back to.
    pub fn answer(&self, address: &str) -> String {
        let query = address.strip_prefix(&format!("{}/authorize?", self.issuer)).unwrap_or_else(|| panic!("not here: {address}"));
        let said: HashMap<String, String> = identity::pairs(query.as_bytes()).into_iter().collect();
        assert_eq!((said["client_id"].as_str(), said["response_type"].as_str()), (CLIENT, "code"));
        assert_eq!((said["code_challenge_method"].as_str(), said["nonce"].len(), said["state"].len()), ("S256", 43, 43));
        let code = format!("code-{}", self.codes.fetch_add(1, Ordering::SeqCst));
        let own = ["http://localhost/", "http://user.test/"].iter().find(|own| said["redirect_uri"].starts_with(**own));
        let back = said["redirect_uri"][own.expect("it leads to us").len() - 1..].to_owned();
        let address = format!("{back}?code={code}&state={}&iss={}", said["state"], self.issuer);
        self.asked.lock().unwrap().insert(code, said);
        address
    }

    fn claims(&self, nonce: &str) -> Value {
        let now = self.clock.now().and_utc().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "sub": *self.subject.lock().unwrap(), "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
            "name": "wangxi-editor", "preferred_username": "wangxi-editor", "email": "wangxi-editor@example.gov.cn",
        });
        if let Some(groups) = self.groups.lock().unwrap().clone().filter(|_| !*self.tells_later.lock().unwrap()) {
            claims["groups"] = groups;
        }
        match *self.mood.lock().unwrap() {
            Mood::WrongIssuer => claims["iss"] = json!("https://evil.example"),
            Mood::WrongAudience => claims["aud"] = json!("another"),
            Mood::MoreAudiences => claims["aud"] = json!([CLIENT, "another"]),
            Mood::OtherParty => claims["azp"] = json!("another"),
            Mood::WrongNonce => claims["nonce"] = json!("another"),
            Mood::NoNonce => claims["nonce"] = Value::Null,
            Mood::Expired => claims["exp"] = json!(now - 1),
            Mood::NotYet => claims["nbf"] = json!(now + 200),
            Mood::FromTheFuture => claims["iat"] = json!(now + 200),
            Mood::Nobody => claims["sub"] = json!(""),
            _ => {}
        }
        claims
    }

    fn signed(&self, claims: &Value) -> String {
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let key = self.keys.lock().unwrap().last().unwrap().clone();
        let name = key.as_verification_key().key_id().unwrap().to_string();
        let rs256 = |key: &SigningKey, name: &str| {
            let message = format!("{}.{}", encoded(&json!({ "alg": "RS256", "kid": name })), encoded(claims));
            let signature = key.sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message.as_bytes()).unwrap();
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
        };
        let hs256 = |secret: Vec<u8>| {
            let message = format!("{}.{}", encoded(&json!({ "alg": "HS256", "kid": name })), encoded(claims));
            let signature = CoreHmacKey::new(secret).sign(&CoreJwsSigningAlgorithm::HmacSha256, message.as_bytes()).unwrap();
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
        };
        match *self.mood.lock().unwrap() {
            Mood::Unsigned => format!("{}.{}.", encoded(&json!({ "alg": "none" })), encoded(claims)),
            Mood::SignedWithSecret => hs256(SECRET.into()),
            Mood::SignedWithPublicKey => hs256(json!(key.as_verification_key()).to_string().into_bytes()),
            Mood::SignedByAnother => rs256(&SigningKey::generate("k1".into()).unwrap(), &name),
            Mood::UnknownKey => rs256(&key, "k9"),
            Mood::CutOff => rs256(&key, &name).rsplit_once('.').unwrap().0.to_owned() + ".",
            _ => rs256(&key, &name),
        }
    }
}

async fn document(State(service): State<Arc<Service>>) -> Json<Value> {
    let at = |path: &str| format!("{}/{path}", service.issuer);
    Json(json!({
        "issuer": service.issuer, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"), "jwks_uri": at("keys"),
        "userinfo_endpoint": at("me"), "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(service): State<Arc<Service>>) -> Json<Value> {
    service.keys_asked.fetch_add(1, Ordering::SeqCst);
    Json(json!(key_set(&service.keys.lock().unwrap())))
}

/// A code is good once, for whoever has the secret and proves to have asked for it.
async fn token(State(service): State<Arc<Service>>, headers: HeaderMap, Form(said): Form<HashMap<String, String>>) -> Response {
    match *service.mood.lock().unwrap() {
        Mood::Redirects => return Redirect::to(&format!("{}/keys", service.issuer)).into_response(),
        Mood::TooMuch => return "x".repeat(2 << 20).into_response(),
        Mood::NoJson => return "<html>维护中</html>".into_response(),
        _ => {}
    }
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let asked = service.asked.lock().unwrap().remove(&said["code"]);
    let is_right = asked.as_ref().is_some_and(|asked| {
        let verifier = PkceCodeVerifier::new(said["code_verifier"].clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        asked["redirect_uri"] == said["redirect_uri"] && asked["code_challenge"] == challenge.as_str()
    });
    let (true, Some(asked)) = (is_right && headers.get("authorization").is_some_and(|said| *said == *basic), asked) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    if let Some(happens) = service.meanwhile.lock().unwrap().take() {
        tokio::task::block_in_place(happens);
    }
    let token = service.signed(&service.claims(&asked["nonce"]));
    Json(json!({ "token_type": "Bearer", "access_token": "a1", "id_token": token })).into_response()
}

async fn more(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    if headers.get("authorization").is_none_or(|said| said != "Bearer a1") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut said = json!({ "sub": *service.subject.lock().unwrap() });
    if *service.mood.lock().unwrap() == Mood::SaysMoreOfAnother {
        said["sub"] = json!("another");
    }
    if let Some(groups) = service.groups.lock().unwrap().clone() {
        said["groups"] = groups;
    }
    Json(said).into_response()
}

/// The form by which a service is registered.
pub fn form<'a>(issuer: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("key", "province"),
        ("clientele", "staff"),
        ("name", NAME),
        ("issuer", issuer),
        ("client", CLIENT),
        ("secret", SECRET),
        ("scopes", "openid  profile"),
        ("is_open", "1"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
    fields.extend(more);
    fields
}

/// Registers it as the security administrator does.
pub async fn register(house: &House, service: &Service, more: &[(&str, &str)]) -> Browser {
    let security = house.desk("platform", "security").await.browser;
    let made = security.submit("/console/upstreams", &form(&service.issuer, more)).await;
    assert_eq!(made.location(), "/console/upstreams?done=upstream-saved", "{}", made.text());
    security
}

/// What a form holds that was drawn.
pub fn seen(page: &Answer) -> String {
    page.text().split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Goes to the service, signs in there and comes back.
async fn come(browser: &Browser, service: &Service) -> Answer {
    let sent = browser.screen("/console/sign-in/via/province?next=/console/wangxi").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    browser.screen(&service.answer(&sent.location())).await
}

/// Asks to be linked: the address that leads there.
async fn ask_link(browser: &Browser) -> String {
    let onward = browser.submit("/console/me/links/begin/province", &[]).await;
    assert_eq!(onward.status, 200, "{}", onward.text());
    let text = onward.text();
    assert!(text.contains(&format!("正在前往“{NAME}”")), "{text}");
    let address = text.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap();
    address.replace("&#x2f;", "/").replace("&amp;", "&")
}

async fn link(browser: &Browser, service: &Service) -> Answer {
    let address = ask_link(browser).await;
    browser.screen(&service.answer(&address)).await
}

async fn is_in(browser: &Browser) -> bool {
    browser.screen("/console/wangxi").await.status == 200
}

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

fn link_of(house: &House, username: &str) -> Option<i64> {
    let id = id_of(house, username);
    let links = house.engine().store.read(|connection| store::upstream_links::list(connection, id)).unwrap();
    links.first().map(|link| link.id.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_linked_comes_in_and_nobody_because_a_name_is_the_same() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &[]).await;
        let page = house.browser().screen("/console/sign-in?next=/console/wangxi").await.text();
        assert!(page.contains(&format!("用“{NAME}”登录")), "{page}");

        // The token names the editor and their mail address; that says nothing.
        let stranger = house.browser();
        let refused = come(&stranger, &service).await;
        assert!(refused.status == 403 && refused.text().contains("还没有关联"), "{}", refused.text());
        assert!(!is_in(&stranger).await);

        let editor = house.desk("wangxi", "editor").await.browser;
        let linked = link(&editor, &service).await;
        assert_eq!(linked.location(), "/console/me?done=linked", "{}", linked.text());
        let kept = house.engine().store.tell("SELECT subject_sealed AS told FROM upstream_links").unwrap().remove(0);
        assert!(kept.contains('.') && !kept.contains("4401"), "it is sealed: {kept}");
        let sealed = house.engine().store.tell("SELECT secret_sealed AS told FROM upstreams").unwrap().remove(0);
        assert!(sealed.contains('.') && !sealed.contains(SECRET), "it is sealed: {sealed}");

        let comer = house.browser();
        let came = come(&comer, &service).await;
        assert_eq!(came.location(), "/console/wangxi", "{backend:?}: {}", came.text());
        assert!(is_in(&comer).await);
        let me = comer.screen("/console/me").await.text();
        assert!(me.contains(&format!("登录成功（经{NAME}）")) && me.contains("最近由此登录"), "{me}");

        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        for words in ["登记上级认证服务", "关联上级账号", "上级认证未通过", &format!("经{NAME}")] {
            assert!(log.contains(words), "{words}: {log}");
        }

        let id = link_of(&house, "wangxi-editor").unwrap();
        let asked = comer.submit(&format!("/console/me/links/{id}/remove"), &[]).await;
        assert!(asked.status == 401 && asked.text().contains("确认身份"), "a service proves nothing here: {}", asked.text());
        assert!(link_of(&house, "wangxi-editor").is_some());
        let removed = comer.submit(&format!("/console/me/links/{id}/remove"), &CONFIRMED).await;
        assert_eq!(removed.location(), "/console/me?done=unlinked", "{}", removed.text());
        assert_eq!(come(&house.browser(), &service).await.status, 403);
        assert_eq!(comer.submit(&format!("/console/me/links/{id}/remove"), &[]).await.status, 409);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_service_says_that_is_not_right_lets_nobody_in() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &[("claim", "groups")]).await;
        assert_eq!(link(&house.desk("wangxi", "editor").await.browser, &service).await.status, 303);
        for (mood, status, sentence) in [
            (Mood::WrongIssuer, 403, "未通过核验"),
            (Mood::WrongAudience, 403, "未通过核验"),
            (Mood::MoreAudiences, 403, "未通过核验"),
            (Mood::OtherParty, 403, "未通过核验"),
            (Mood::WrongNonce, 403, "未通过核验"),
            (Mood::NoNonce, 403, "未通过核验"),
            (Mood::Expired, 403, "未通过核验"),
            (Mood::NotYet, 403, "未通过核验"),
            (Mood::FromTheFuture, 403, "未通过核验"),
            (Mood::Unsigned, 403, "未通过核验"),
            (Mood::SignedWithSecret, 403, "未通过核验"),
            (Mood::SignedWithPublicKey, 403, "未通过核验"),
            (Mood::SignedByAnother, 403, "未通过核验"),
            (Mood::UnknownKey, 403, "未通过核验"),
            (Mood::CutOff, 403, "未通过核验"),
            (Mood::Nobody, 403, "未通过核验"),
            (Mood::NoJson, 403, "未通过核验"),
            (Mood::SaysMoreOfAnother, 403, "未通过核验"),
            (Mood::Redirects, 502, "暂时连接不上"),
            (Mood::TooMuch, 502, "暂时连接不上"),
        ] {
            service.is(mood);
            let browser = house.browser();
            let refused = come(&browser, &service).await;
            assert_eq!(refused.status, status, "{mood:?}, {backend:?}: {}", refused.text());
            assert!(
                refused.text().contains(sentence) && refused.text().contains("上级认证未完成"),
                "{mood:?}: {}",
                refused.text()
            );
            assert!(!is_in(&browser).await, "{mood:?}, {backend:?}");
        }
        service.is(Mood::Honest);
        assert_eq!(come(&house.browser(), &service).await.location(), "/console/wangxi");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_open_once_to_the_browser_that_was_sent() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &[]).await;
        register(&house, &service, &[("key", "city"), ("name", "市统一身份认证平台")]).await;
        assert_eq!(link(&house.desk("wangxi", "editor").await.browser, &service).await.status, 303);
        let over = |answer: &Answer| answer.status == 400 && answer.text().contains("已超时");
        let leave = async |browser: &Browser, next: &str| {
            let sent = browser.screen(&format!("/console/sign-in/via/province?next={next}")).await;
            service.answer(&sent.location())
        };

        // Once: whoever brings the same again, with the cookie it was sent with, comes too late.
        let browser = house.browser();
        let sent = browser.screen("/console/sign-in/via/province").await;
        let cookie = sent.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"), "{cookie}");
        let pair = cookie.split(';').next().unwrap().to_owned();
        let back = service.answer(&sent.location());
        assert_eq!(browser.screen(&back).await.location(), "/console");
        let thief = house.browser();
        assert!(over(&thief.get_with("localhost", &back, &[("cookie", &pair)]).await), "it is used up");
        assert!(!is_in(&thief).await);

        // Another browser's: without a cookie, and with one of its own. It stays good for whom it was meant.
        let (victim, attacker) = (house.browser(), house.browser());
        let back = leave(&attacker, "").await;
        assert!(over(&victim.screen(&back).await));
        leave(&victim, "").await;
        assert!(over(&victim.screen(&back).await) && !is_in(&victim).await, "{backend:?}");
        assert_eq!(attacker.screen(&back).await.status, 303);

        // With a code that was given for another departure.
        let (other, own) = (house.browser(), house.browser());
        let (theirs, own_back) = (leave(&other, "").await, leave(&own, "").await);
        let code_of = |back: &str| back.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let planted = own_back.replace(&code_of(&own_back), &code_of(&theirs));
        let refused = own.screen(&planted).await;
        assert!(refused.status == 403 && refused.text().contains("未通过核验") && !is_in(&own).await, "{}", refused.text());

        // At another service's address, from somebody else, without a code, too late.
        let changed = async |change: &dyn Fn(&str) -> String| {
            let browser = house.browser();
            let back = leave(&browser, "").await;
            let answer = browser.screen(&change(&back)).await;
            assert!(answer.status >= 400 && answer.status < 500 && !is_in(&browser).await, "{back}: {}", answer.text());
            answer
        };
        assert!(over(&changed(&|back| back.replace("/via/province/", "/via/city/")).await));
        assert!(over(&changed(&|back| format!("{back}&state=x")).await));
        changed(&|back| back.replace("&iss=http", "&iss=https")).await;
        changed(&|back| back.split("&iss=").next().unwrap().to_owned()).await;
        changed(&|back| back.replace("code=", "kode=")).await;
        let told =
            changed(&|back| format!("{}&error=%3Cb%3E12345&error_description=call+12345", back.replace("code=", "x="))).await;
        assert!(!told.text().contains("12345"), "what it says is repeated: {}", told.text());
        let stopped = changed(&|back| format!("{}&error=access_denied", back.replace("code=", "x="))).await;
        assert!(stopped.text().contains("取消了登录"), "{}", stopped.text());
        let browser = house.browser();
        let back = leave(&browser, "").await;
        house.engine().store.administer("UPDATE upstream_requests SET begun_at = '2026-01-01 00:00:00'").unwrap();
        assert!(over(&browser.screen(&back).await), "it is too late");

        // Nowhere but to the console.
        for elsewhere in ["https://evil.example/", "//evil.example", "/console/%5Cevil.example", "/console/sign-out"] {
            let browser = house.browser();
            let back = leave(&browser, elsewhere).await;
            assert_eq!(browser.screen(&back).await.location(), "/console", "{elsewhere}");
        }
        assert_eq!(house.browser().screen("/console/sign-in/via/nobody").await.status, 404);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_out_stays_out_and_a_second_factor_is_asked_for() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &[]).await;
        let editor = house.desk("wangxi", "editor").await.browser;
        assert_eq!(link(&editor, &service).await.status, 303);

        let (secret, _) = set_up(&house, &editor, "wangxi-editor").await;
        let comer = house.browser();
        let asked = come(&comer, &service).await;
        assert_eq!(asked.location(), "/console/sign-in/second?next=%2Fconsole%2Fwangxi", "{}", asked.text());
        assert!(!is_in(&comer).await, "half way is not in");
        let page = comer.screen(&asked.location()).await.text();
        assert!(page.contains(&format!("已通过“{NAME}”确认身份")) && !page.contains("密码正确"), "{page}");
        // The code that set the app up was used; the next is for the next half minute.
        let step = factors::step_at(house.engine().clock.now().and_utc().timestamp()) + 1;
        let fields = [("code", secret.code(step)), ("next", "/console/wangxi".to_owned())].map(|(name, value)| (name, value));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let came = comer.submit("/console/sign-in/second", &fields).await;
        assert_eq!(came.location(), "/console/wangxi", "{backend:?}: {}", came.text());
        assert!(comer.screen("/console/me").await.text().contains(&format!("登录成功（经{NAME}）")));
        assert!(!code(&house, &secret).is_empty());

        let id = id_of(&house, "wangxi-editor");
        let turn = async |deed: &str| {
            let page = security.screen(&format!("/console/people/{id}")).await.text();
            let form =
                page.split(&format!("/console/people/{id}/{deed}\"")).nth(1).unwrap_or_else(|| panic!("no {deed}: {page}"));
            let seal = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            let done = security.submit(&format!("/console/people/{id}/{deed}"), &[("seen", &seal)]).await;
            assert_eq!(done.status, 303, "{deed}: {}", done.text());
        };
        turn("lock").await;
        let kept_out = come(&house.browser(), &service).await;
        assert!(kept_out.status == 403 && kept_out.text().contains("目前不能登录"), "{}", kept_out.text());
        turn("unlock").await;
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        turn("leave").await;
        assert_eq!(link_of(&house, "wangxi-editor"), None, "links end with their person, {backend:?}");
        assert!(come(&house.browser(), &service).await.text().contains("还没有关联"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_is_one_person_and_only_that_person_and_security_undo_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &[]).await;
        let (editor, other) = (house.desk("wangxi", "editor").await.browser, house.desk("wangxi", "review1").await.browser);
        assert_eq!(link(&editor, &service).await.status, 303);

        let taken = link(&other, &service).await;
        assert!(taken.status == 409 && taken.text().contains("已关联到其他人员"), "{}", taken.text());
        service.means("u-4402");
        let second = link(&editor, &service).await;
        assert!(second.status == 409 && second.text().contains("另一个账号"), "{}", second.text());

        // What one person asked for is not finished by another, nor by whoever has left; and nobody is signed in by it.
        let address = ask_link(&other).await;
        let back = service.answer(&address);
        let fields = [("username", "wangxi-review2"), ("password", "Ceshi-2026-zhanghao"), ("next", "/console")];
        assert_eq!(other.submit("/console/sign-in", &fields).await.status, 303);
        let refused = other.screen(&back).await;
        assert!(refused.status == 403 && refused.text().contains("关联未完成"), "{}", refused.text());
        assert_eq!((link_of(&house, "wangxi-review1"), link_of(&house, "wangxi-review2")), (None, None), "{backend:?}");
        let third = house.desk("wangxi", "review3").await.browser;
        let back = service.answer(&ask_link(&third).await);
        assert_eq!(third.submit("/console/sign-out", &[]).await.status, 303);
        assert_eq!(third.screen(&back).await.status, 403);
        assert!(!is_in(&third).await && link_of(&house, "wangxi-review3").is_none());

        let id = link_of(&house, "wangxi-editor").unwrap();
        assert_eq!(other.submit(&format!("/console/me/links/{id}/remove"), &[]).await.status, 409);
        let (user, another) = (id_of(&house, "wangxi-editor"), id_of(&house, "wangxi-review1"));
        assert_eq!(security.submit(&format!("/console/people/{another}/links/{id}/remove"), &[]).await.status, 404);
        assert_eq!(link_of(&house, "wangxi-editor"), Some(id));
        assert!(security.screen(&format!("/console/people/{user}")).await.text().contains("上级账号"));
        assert_eq!(security.submit(&format!("/console/people/{user}/links/{id}/remove"), &[]).await.status, 303);
        assert_eq!(link_of(&house, "wangxi-editor"), None);
        assert!(!is_in(&editor).await, "whoever came in by it is in no more");

        // A lost password: what was linked with it ends with it.
        let editor = house.desk("wangxi", "editor").await.browser;
        assert_eq!(link(&editor, &service).await.status, 303);
        let page = security.screen(&format!("/console/people/{user}")).await.text();
        let reset = page.split(&format!("/console/people/{user}/password\"")).nth(1).unwrap();
        let seal = reset.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(security.submit(&format!("/console/people/{user}/password"), &[("seen", seal)]).await.status, 200);
        assert_eq!(link_of(&house, "wangxi-editor"), None);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_changed_while_it_is_asked_links_nobody_and_lets_nobody_in() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &[]).await;
        let (editor, other) = (house.desk("wangxi", "editor").await.browser, house.desk("wangxi", "review1").await.browser);
        assert_eq!(link(&editor, &service).await.status, 303);
        for change in ["client = 'another'", "is_open = (1 = 0)", "issuer = 'https://id.example.gov.cn'"] {
            let change_it = |to: &str| {
                let (engine, statement) = (Arc::clone(house.engine()), format!("UPDATE upstreams SET {to}"));
                move || engine.store.administer(&statement).unwrap()
            };
            let put_back = change_it(&format!("client = '{CLIENT}', is_open = (1 = 1), issuer = '{}'", service.issuer));
            *service.meanwhile.lock().unwrap() = Some(Box::new(change_it(change)));
            let comer = house.browser();
            let refused = come(&comer, &service).await;
            assert!(refused.status == 403 && !is_in(&comer).await, "{change}, {backend:?}: {}", refused.text());
            put_back();
            service.means("u-4409");
            *service.meanwhile.lock().unwrap() = Some(Box::new(change_it(change)));
            let refused = link(&other, &service).await;
            assert!(refused.status == 409 && refused.text().contains("刚刚被修改"), "{change}, {backend:?}: {}", refused.text());
            assert_eq!(link_of(&house, "wangxi-review1"), None);
            put_back();
            service.means("u-4401");
        }
        assert_eq!(come(&house.browser(), &service).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_bring_roles_and_take_them_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let rules = [
            ("claim", "groups"),
            ("value", "审核组"),
            ("role", "reviewer"),
            ("place", "wangxi"),
            ("value", "青榆编辑组"),
            ("role", "editor"),
            ("place", "qingyu"),
            ("value", ""),
            ("role", ""),
            ("place", ""),
        ];
        let security = register(&house, &service, &rules).await;
        let held = |username: &str| {
            let grants = house.engine().store.read(|connection| store::people::list_grants(connection, id_of(&house, username)));
            grants.unwrap().into_iter().map(|grant| (grant.role, grant.ground.site())).collect::<Vec<_>>()
        };
        let (wangxi, qingyu) = (Some(house.site("wangxi").id), Some(house.site("qingyu").id));

        service.says_groups(Some(&["审核组", "unheard of"]));
        assert_eq!(link(&house.desk("wangxi", "editor").await.browser, &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::REVIEWER, wangxi)], "{backend:?}");
        *service.tells_later.lock().unwrap() = true;
        service.says_groups(Some(&["审核组", "青榆编辑组"]));
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::REVIEWER, wangxi), (Role::EDITOR, qingyu)]);
        service.says_groups(Some(&["青榆编辑组"]));
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::EDITOR, qingyu)]);
        service.says_groups(None);
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi)], "what people gave stays");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("随上级的组调整wangxi-editor的角色") && log.contains("收回编辑（"), "{log}");

        // What was brought goes with the link; what somebody held before is not taken for brought.
        service.says_groups(Some(&["审核组"]));
        service.means("u-4403");
        let reviewer = house.desk("wangxi", "review1").await.browser;
        assert_eq!(link(&reviewer, &service).await.status, 303);
        let id = link_of(&house, "wangxi-review1").unwrap();
        assert_eq!(reviewer.submit(&format!("/console/me/links/{id}/remove"), &[]).await.status, 303);
        assert_eq!(held("wangxi-review1"), [(Role::REVIEWER, wangxi)]);
        service.means("u-4401");
        let editor = house.browser();
        assert_eq!(come(&editor, &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::REVIEWER, wangxi)]);
        let id = link_of(&house, "wangxi-editor").unwrap();
        assert_eq!(editor.submit(&format!("/console/me/links/{id}/remove"), &CONFIRMED).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi)], "{backend:?}");

        // What people took away does not come again, neither with the next sign-in nor by linking anew.
        let editor = house.desk("wangxi", "editor").await.browser;
        assert_eq!(link(&editor, &service).await.status, 303);
        let (user, id) = (id_of(&house, "wangxi-editor"), link_of(&house, "wangxi-editor").unwrap());
        let take = format!("DELETE FROM grants WHERE user_id = {user} AND role_id = {}", Role::REVIEWER);
        house.engine().store.administer(&take).unwrap();
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        let refused = editor.submit(&format!("/console/me/links/{id}/remove"), &[]).await;
        assert!(refused.status == 409 && refused.text().contains("须由安全管理员办理"), "{}", refused.text());
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi)], "{backend:?}");
        // What people give again is theirs to take: the service does not take it back.
        let give = |wanted: &[RoleId]| {
            let grants = house.engine().store.read(|connection| store::people::list_grants(connection, user)).unwrap();
            let seal = membership::roles_seal(&membership::roles_on(&grants, wangxi));
            let wanted = wanted.iter().copied().collect();
            membership::change(house.engine(), &Actor::operator("test"), wangxi, user, &seal, &wanted).unwrap();
        };
        give(&[Role::EDITOR, Role::REVIEWER]);
        service.says_groups(None);
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::REVIEWER, wangxi)], "{backend:?}");
        give(&[Role::EDITOR]);
        service.says_groups(Some(&["审核组"]));
        assert_eq!(security.submit(&format!("/console/people/{user}/links/{id}/remove"), &[]).await.status, 303);

        // What no rule gives any more is taken back at once, and comes with the next sign-in after a rule is there again.
        assert_eq!(link(&house.desk("wangxi", "editor").await.browser, &service).await.status, 303);
        let save = async |more: &[(&str, &str)]| {
            let seal = seen(&security.screen("/console/upstreams/province").await);
            let mut all = more.to_vec();
            all.push(("seen", &seal));
            let saved = security.submit("/console/upstreams/province", &form(&service.issuer, &all)).await;
            assert_eq!(saved.status, 303, "{}", saved.text());
        };
        let mut closed = rules.to_vec();
        closed.push(("is_open", ""));
        for change in [&[("claim", "groups")][..], &closed] {
            save(&rules).await;
            assert_eq!(come(&house.browser(), &service).await.status, 303);
            assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi), (Role::REVIEWER, wangxi)], "{change:?}");
            save(change).await;
            assert_eq!(held("wangxi-editor"), [(Role::EDITOR, wangxi)], "{change:?}, {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rule_makes_an_officer_or_gives_beyond_where_a_role_fits_and_nothing_typed_is_lost() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &[]).await;
        for (role, place) in [
            ("system", "*"),
            ("security", "*"),
            ("auditor", "*"),
            ("auditor", "wangxi"),
            ("administrator", "*"),
            ("editor", ""),
            ("editor", "x"),
        ] {
            let open = security.screen("/console/upstreams/province").await;
            let seal = seen(&open);
            let fields = form(
                &service.issuer,
                &[("claim", "groups"), ("value", "大组"), ("role", role), ("place", place), ("seen", &seal)],
            );
            let refused = security.submit("/console/upstreams/province", &fields).await;
            assert!(refused.status == 422 && refused.text().contains("value=\"大组\""), "{role}: {}", refused.text());
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_turned_are_asked_for_again_but_not_all_the_time() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let service = Service::open_at(clock.clone()).await;
        register(&house, &service, &[]).await;
        assert_eq!(link(&house.desk("wangxi", "editor").await.browser, &service).await.status, 303);
        assert_eq!(come(&house.browser(), &service).await.status, 303);
        let asked = || service.keys_asked.load(Ordering::SeqCst);
        assert_eq!(asked(), 1, "they are kept");

        service.keys.lock().unwrap().push(SigningKey::generate("k2".into()).unwrap());
        for _ in 0..3 {
            assert_eq!(come(&house.browser(), &service).await.status, 403);
        }
        assert_eq!(asked(), 1, "it is too soon");
        clock.advance(TimeDelta::seconds(61));
        assert_eq!(come(&house.browser(), &service).await.status, 303, "{backend:?}");
        assert_eq!(asked(), 2);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_registered_by_security_alone_and_asked_where_the_operator_lets_it_be() {
    for backend in Backend::BOTH {
        let Some(house) = House::open_set(backend, |settings| settings.upstream.private_networks.clear()).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &[]).await;
        let away = house.browser().screen("/console/sign-in/via/province").await;
        assert!(away.status == 502 && away.text().contains("暂时连接不上"), "{}", away.text());
        assert_eq!(service.keys_asked.load(Ordering::SeqCst), 0);

        let engine = Arc::clone(house.engine());
        let tried = tokio::task::spawn_blocking(move || {
            let known = engine.store.read(store::upstreams::list).unwrap();
            publish::upstream::try_out(&engine, &known[0]).unwrap_err().to_string()
        });
        let told = tried.await.unwrap();
        assert!(told.contains("private_networks"), "what an operator is told says what to do: {told}");

        let admin = house.desk("wangxi", "admin").await.browser;
        assert_eq!(admin.submit("/console/upstreams", &form(&service.issuer, &[("key", "mine")])).await.status, 403);
        for (field, wrong) in [
            ("issuer", "http://id.example.gov.cn"),
            ("scopes", "profile"),
            ("client", ""),
            ("key", "Province"),
            ("key", "province"),
            ("claim", "two words"),
        ] {
            let changed: &[_] = if field == "key" { &[(field, wrong)] } else { &[("key", "second"), (field, wrong)] };
            let refused = security.submit("/console/upstreams", &form(&service.issuer, changed)).await;
            assert!(
                refused.status == 422 && refused.text().contains(&format!("href=\"#{field}\"")),
                "{field}: {}",
                refused.text()
            );
            assert!(!refused.text().contains(SECRET), "the secret is shown again");
        }

        let page = security.screen("/console/upstreams/province").await;
        let text = page.text();
        assert!(text.contains("http://localhost/console/sign-in/via/province/back"), "{text}");
        assert!(!text.contains(SECRET) && text.contains("已保存，不再显示"), "{text}");
        let seal = seen(&page);
        let moved = form("https://id.example.gov.cn", &[("secret", ""), ("seen", &seal)]);
        let refused = security.submit("/console/upstreams/province", &moved).await;
        assert!(
            refused.status == 422 && refused.text().contains("href=\"#secret\""),
            "a secret goes nowhere else: {}",
            refused.text()
        );
        assert!(refused.text().contains("id=\"secret-problem\""), "{}", refused.text());
        let changed = form(&service.issuer, &[("name", "省平台"), ("secret", ""), ("seen", &seal), ("is_open", "")]);
        assert_eq!(security.submit("/console/upstreams/province", &changed).await.status, 303);
        assert_eq!(
            security.submit("/console/upstreams/province", &changed).await.status,
            409,
            "it was seen before it was changed"
        );
        assert!(!house.browser().screen("/console/sign-in").await.text().contains("省平台"), "it is closed");
        assert_eq!(house.browser().screen("/console/sign-in/via/province").await.status, 404);
        let kept = house.engine().store.tell("SELECT secret_sealed AS told FROM upstreams").unwrap();
        assert!(kept[0].contains('.'), "an empty field keeps the secret");
        house.close().await;
    }
}
