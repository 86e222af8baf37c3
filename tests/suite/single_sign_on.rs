//! Other systems sign their people in through us: a standard client does, and everything that would let somebody in as somebody else
//! is refused.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Clock, FixedClock, SystemClock};
use openidconnect::core::{CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessToken, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse,
};
use testkit::{Answer, Backend, Browser, Desk, House};

pub const BACK: &str = "https://dc.example.gov.cn/back";
pub const FAREWELL: &str = "https://dc.example.gov.cn/";

pub type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// An application as it was registered, and a standard client library that knows no more of us than its settings say.
pub struct Application {
    pub name: String,
    secret: String,
    pub client: Client,
}

/// What an application keeps between sending somebody away and their coming back.
pub struct Begun {
    pub path: String,
    pub state: CsrfToken,
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
}

/// How the library speaks HTTP here: to the house, as the host it means.
async fn http(browser: Browser, request: HttpRequest) -> Result<HttpResponse, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned();
    let host = parts.uri.host().unwrap_or("localhost");
    let headers: Vec<(String, String)> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = if parts.method == "GET" {
        browser.get_with(host, &path, &headers).await
    } else {
        let fields: Vec<(String, String)> = identity::pairs(&body);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.send_form_to(host, &path, &fields, &headers).await
    };
    let mut response = HttpResponse::new(answer.bytes);
    *response.status_mut() = answer.status.try_into().unwrap();
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// Registers an application as the security administrator does, and sets a client up by discovery.
async fn register(house: &House, title: &str, asks_consent: bool) -> Application {
    register_for(house, "staff", title, asks_consent).await
}

/// The same for such people.
pub async fn register_for(house: &House, clientele: &str, title: &str, asks_consent: bool) -> Application {
    let security = house.desk("platform", "security").await;
    let mut fields = vec![
        ("name", title),
        ("keeper", "市政府督查室"),
        ("contact", "0551-12345678"),
        ("purpose", "用于办理业务时识别本人"),
        ("redirects", BACK),
        ("farewells", FAREWELL),
        ("clientele", clientele),
        ("kind", "server"),
        ("is_open", "1"),
    ];
    if asks_consent {
        fields.push(("asks_consent", "1"));
    }
    let made = security.browser.submit("/console/applications", &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let (name, secret) = (copied(&made, "应用标识"), copied(&made, "密钥"));
    let issuer = IssuerUrl::new(copied(&made, "服务地址")).unwrap();
    let browser = house.browser();
    let metadata = CoreProviderMetadata::discover_async(issuer, &|request| http(browser.clone(), request)).await.unwrap();
    let client =
        CoreClient::from_provider_metadata(metadata, ClientId::new(name.clone()), Some(ClientSecret::new(secret.clone())))
            .set_redirect_uri(RedirectUrl::new(BACK.into()).unwrap());
    Application { name, secret, client }
}

/// What a page holds to be copied.
fn copied(page: &Answer, what: &str) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(&format!("data-copied=\"{what}\">")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

impl Application {
    pub fn secret(&self) -> &str {
        &self.secret
    }

    pub fn begin(&self) -> Begun {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<openidconnect::core::CoreResponseType>::AuthorizationCode;
        let (address, state, nonce) = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("profile".into()))
            .set_pkce_challenge(challenge)
            .url();
        Begun { path: format!("{}?{}", address.path(), address.query().unwrap()), state, nonce, verifier }
    }

    /// Redeems a code as the library does; what was got, or the protocol's word for why not.
    pub async fn redeem(
        &self,
        house: &House,
        code: &str,
        verifier: PkceCodeVerifier,
    ) -> Result<openidconnect::core::CoreTokenResponse, String> {
        let browser = house.browser();
        let request = self.client.exchange_code(AuthorizationCode::new(code.into())).unwrap().set_pkce_verifier(verifier);
        request.request_async(&|request| http(browser.clone(), request)).await.map_err(|error| format!("{error:?}"))
    }

    pub async fn ask(&self, house: &House, token: &AccessToken) -> Option<CoreUserInfoClaims> {
        let browser = house.browser();
        let request = self.client.user_info(token.clone(), None).unwrap();
        request.request_async(&|request| http(browser.clone(), request)).await.ok()
    }
}

/// Follows an application's request as a signed-in person's browser does; the page that leads back, or the question that is asked before.
async fn follow(desk: &Desk, path: &str) -> Answer {
    let sent = desk.browser.screen(path).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    desk.browser.screen(&sent.location()).await
}

/// Says yes or no to a question, as its form does.
async fn say(desk: &Desk, asked: &Answer, word: &str) -> Answer {
    let fields = held(asked);
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("agree", word));
    desk.browser.submit("/console/authorize", &fields).await
}

/// What the form of a question holds.
pub fn held(asked: &Answer) -> Vec<(String, String)> {
    let text = asked.text();
    text.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name.to_owned(), unescaped(rest.split('"').next()?)))
        })
        .filter(|(name, _)| name != "_token")
        .collect()
}

/// What a page that leads on says to the application.
pub fn brought(page: &Answer) -> Vec<(String, String)> {
    let text = page.text();
    let address = text.split("content=\"0;url=").nth(1).unwrap_or_else(|| panic!("{text}")).split('"').next().unwrap();
    told(&unescaped(address))
}

/// What an address says to the application it leads to.
pub fn told(address: &str) -> Vec<(String, String)> {
    let query = address.strip_prefix(&format!("{BACK}?")).unwrap_or_else(|| panic!("it leads elsewhere: {address}"));
    identity::pairs(query.as_bytes())
}

fn unescaped(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
}

async fn code_for(application: &Application, desk: &Desk) -> (String, Begun) {
    let begun = application.begin();
    let page = follow(desk, &begun.path).await;
    let said = brought(&page);
    assert_eq!(value(&said, "state"), begun.state.secret());
    (value(&said, "code").to_owned(), begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_client_signs_in_through_us_once_the_person_has_agreed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let application = register(&house, "督查督办系统", true).await;
        let desk = house.desk("wangxi", "editor").await;

        let begun = application.begin();
        let asked = follow(&desk, &begun.path).await;
        assert!(asked.text().contains("“督查督办系统”（市政府督查室）请求使用您的同源账号登录"), "{}", asked.text());
        let refused = brought(&say(&desk, &asked, "no").await);
        assert_eq!((value(&refused, "error"), value(&refused, "state")), ("access_denied", begun.state.secret().as_str()));

        let said = brought(&say(&desk, &asked, "yes").await);
        assert_eq!((value(&said, "state"), value(&said, "iss")), (begun.state.secret().as_str(), "http://localhost/oidc"));
        let got = application.redeem(&house, value(&said, "code"), begun.verifier).await.unwrap();
        let token = got.id_token().unwrap();
        let claims = token.claims(&application.client.id_token_verifier(), &begun.nonce).unwrap();
        assert_eq!(claims.subject().as_str(), house.actor("wangxi-editor").user_id.unwrap().to_string());
        assert_eq!(claims.preferred_username().unwrap().as_str(), "wangxi-editor");
        assert!(token.claims(&application.client.id_token_verifier(), &Nonce::new_random()).is_err(), "of another request");

        let known = application.ask(&house, got.access_token()).await.unwrap();
        assert_eq!(known.subject(), claims.subject());

        // Having agreed they are not asked again, and nothing need be shown.
        let (again, _) = code_for(&application, &desk).await;
        assert!(!again.is_empty());
        let silent = desk.browser.screen(&format!("{}&prompt=none", application.begin().path)).await;
        assert!(!value(&told(&silent.location()), "code").is_empty());

        // The token is another application's business to refuse.
        let other = register(&house, "公文交换系统", true).await;
        assert!(token.claims(&other.client.id_token_verifier(), &begun.nonce).is_err(), "for another audience");

        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        for words in ["登记单点登录应用", "授权并登录应用", "登录应用"] {
            assert!(log.contains(words), "{words}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_once_by_who_asked_for_it_and_only_in_time() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let (application, other) = (register(&house, "督查督办系统", false).await, register(&house, "公文交换系统", false).await);
        let desk = house.desk("wangxi", "editor").await;

        // Whoever brings it a second time has stolen it, or it was stolen before: what was got for it ends.
        let (code, begun) = code_for(&application, &desk).await;
        let secret = begun.verifier.secret().clone();
        let got = application.redeem(&house, &code, begun.verifier).await.unwrap();
        assert!(application.ask(&house, got.access_token()).await.is_some());
        let replayed = application.redeem(&house, &code, PkceCodeVerifier::new(secret)).await.unwrap_err();
        assert!(replayed.contains("invalid_grant"), "{replayed}");
        assert!(application.ask(&house, got.access_token()).await.is_none(), "its token is good still");

        // Another application that came by it, with a secret of its own.
        let (code, begun) = code_for(&application, &desk).await;
        let stolen = other.redeem(&house, &code, begun.verifier).await.unwrap_err();
        assert!(stolen.contains("invalid_grant"), "{stolen}");

        // Somebody who saw the code and nothing else.
        let (code, _) = code_for(&application, &desk).await;
        let (_, verifier) = PkceCodeChallenge::new_random_sha256();
        let unproven = application.redeem(&house, &code, verifier).await.unwrap_err();
        assert!(unproven.contains("invalid_grant"), "{unproven}");

        // Somebody without the secret, or for another address; the code is not used up by who cannot say who they are.
        let (code, begun) = code_for(&application, &desk).await;
        let verifier = begun.verifier.secret().clone();
        let redeem = async |change: (&str, &str)| {
            let mut fields = vec![
                ("grant_type", "authorization_code"),
                ("client_id", application.name.as_str()),
                ("client_secret", application.secret.as_str()),
                ("code", code.as_str()),
                ("redirect_uri", BACK),
                ("code_verifier", verifier.as_str()),
            ];
            fields.retain(|(name, _)| *name != change.0);
            fields.push(change);
            let answer = house.browser().submit_with("/oidc/token", &fields, &[]).await;
            (answer.status, answer.text())
        };
        for (change, status, word) in [
            (("client_secret", "guess"), 401, "invalid_client"),
            (("client_secret", ""), 401, "invalid_client"),
            (("client_id", "nobody"), 401, "invalid_client"),
            (("grant_type", "password"), 400, "unsupported_grant_type"),
            (("redirect_uri", "https://dc.example.gov.cn/elsewhere"), 400, "invalid_grant"),
            (("redirect_uri", BACK), 400, "invalid_grant"),
        ] {
            let (answered, text) = redeem(change).await;
            assert_eq!((answered, text.contains(word)), (status, true), "{change:?}: {text}");
        }

        let (code, begun) = code_for(&application, &desk).await;
        clock.advance(TimeDelta::seconds(61));
        let late = application.redeem(&house, &code, begun.verifier).await.unwrap_err();
        assert!(late.contains("invalid_grant"), "{late}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_application_was_given_ends_with_the_session_it_came_from_and_with_its_time() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let application = register(&house, "督查督办系统", false).await;
        let enter = async || {
            let desk = house.desk("wangxi", "editor").await;
            let (code, begun) = code_for(&application, &desk).await;
            (application.redeem(&house, &code, begun.verifier).await.unwrap(), desk)
        };

        let (got, desk) = enter().await;
        assert_eq!(desk.browser.submit("/console/sign-out", &[]).await.status, 303);
        assert!(application.ask(&house, got.access_token()).await.is_none(), "they have left");

        let (got, desk) = enter().await;
        clock.advance(TimeDelta::minutes(9));
        assert!(application.ask(&house, got.access_token()).await.is_some());
        // Nine minutes ago: enough for who asks for ten, not for who asks for five, and not behind the first redirect either.
        let path = application.begin().path;
        let onward = path.replacen("/oidc/", "/console/", 1);
        let here = desk.browser.screen(&format!("{onward}&max_age=600")).await;
        assert!(here.status == 200 && !value(&brought(&here), "code").is_empty(), "{backend:?}: {}", here.text());
        for address in [&path, &onward] {
            let door = desk.browser.screen(&format!("{address}&max_age=300")).await.location();
            assert!(door.starts_with("/console/sign-in?next=") && !door.contains("max_age"), "{backend:?}: {door}");
        }
        clock.advance(TimeDelta::minutes(3));
        assert!(application.ask(&house, got.access_token()).await.is_none(), "its time is over");

        // The application signs them out of here as well, for who it was given to and nobody else.
        let (got, desk) = enter().await;
        let hint = got.id_token().unwrap().to_string();
        let away =
            format!("/oidc/logout?id_token_hint={hint}&state=s&post_logout_redirect_uri=https%3A%2F%2Fdc.example.gov.cn%2F");
        let elsewhere = away.replace("dc.example", "evil.example");
        let stranger = house.desk("wangxi", "review1").await;
        assert_eq!(stranger.browser.screen(&away).await.location(), "/console/sign-out");
        assert!(stranger.browser.screen("/console/sign-out").await.text().contains("不退出"), "they are asked, {backend:?}");
        assert_eq!(stranger.browser.screen("/console/wangxi").await.status, 200, "another's hint signed them out");
        assert_eq!(desk.browser.screen(&elsewhere).await.location(), "/console/sign-in?done=signed-out");
        let (got, desk) = enter().await;
        let hint = got.id_token().unwrap().to_string();
        let forged = format!("/oidc/logout?id_token_hint={hint}x");
        assert_eq!(desk.browser.screen(&forged).await.location(), "/console/sign-out");
        assert_eq!(house.browser().screen("/oidc/logout").await.location(), "/console/sign-in?done=signed-out");
        assert_eq!(desk.browser.screen("/console/wangxi").await.status, 200, "a forged hint signed them out");
        let away =
            format!("/oidc/logout?id_token_hint={hint}&state=s&post_logout_redirect_uri=https%3A%2F%2Fdc.example.gov.cn%2F");
        assert_eq!(desk.browser.screen(&away).await.location(), format!("{FAREWELL}?state=s"));
        assert_eq!(desk.browser.screen("/console/wangxi").await.status, 303);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_agreed_to_is_listed_and_taken_back_with_all_that_was_given_for_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let application = register(&house, "督查督办系统", true).await;
        let desk = house.desk("wangxi", "editor").await;
        let begun = application.begin();
        let asked = follow(&desk, &begun.path).await;
        let said = brought(&say(&desk, &asked, "yes").await);
        let got = application.redeem(&house, value(&said, "code"), begun.verifier).await.unwrap();
        let page = desk.browser.screen("/console/me").await.text();
        assert!(page.contains("应用授权") && page.contains("督查督办系统") && page.contains("姓名、用户名"), "{page}");
        let withdraw = page.split("action=\"/console/me/consents/").nth(1).unwrap().split('"').next().unwrap();
        let path = format!("/console/me/consents/{withdraw}");
        let other = house.desk("wangxi", "review1").await;
        assert_eq!(other.browser.submit(&path, &[]).await.status, 409, "only one's own, {backend:?}");
        assert!(application.ask(&house, got.access_token()).await.is_some());

        assert_eq!(desk.browser.submit(&path, &[]).await.location(), "/console/me?done=consent-withdrawn");
        assert!(application.ask(&house, got.access_token()).await.is_none(), "{backend:?}");
        assert!(!desk.browser.screen("/console/me").await.text().contains("督查督办系统"), "{backend:?}");
        assert_eq!(desk.browser.submit(&path, &[]).await.status, 409, "{backend:?}");
        let asked = follow(&desk, &application.begin().path).await.text();
        assert!(asked.contains("同意并登录"), "they are asked again, {backend:?}: {asked}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_where_the_application_did_not_say_and_nothing_is_given_to_who_is_not_signed_in() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let application = register(&house, "督查督办系统", true).await;
    let path = application.begin().path;
    let stranger = house.browser();
    for (from, to) in [
        ("dc.example.gov.cn%2Fback", "evil.example%2Fback"),
        ("dc.example.gov.cn%2Fback", "dc.example.gov.cn%2Fback%2F..%2Fopen"),
        (application.name.as_str(), "nobody"),
    ] {
        let answer = stranger.screen(&path.replace(from, to)).await;
        assert_eq!((answer.status, answer.location()), (400, String::new()), "{to}");
    }
    let told = told(&stranger.screen(&path.replace("response_type=code", "response_type=token")).await.location());
    assert_eq!(value(&told, "error"), "unsupported_response_type");
    assert_eq!(value(&self::told(&stranger.screen(&format!("{path}&prompt=none")).await.location()), "error"), "login_required");

    // Who we are is a name and a port of ours, whatever a request says.
    for host in ["localhost:@evil.example", "localhost:1/@evil.example", "localhost:x"] {
        let answer = stranger.get_with(host, "/oidc/.well-known/openid-configuration", &[]).await;
        assert!(matches!(answer.status, 400 | 404) && !answer.text().contains("evil.example/"), "{host}: {}", answer.text());
    }

    // Whoever signs in on the way comes back to the request, whole.
    let onward = stranger.screen(&path).await.location();
    let door = stranger.screen(&onward).await.location();
    let next = door.strip_prefix("/console/sign-in?next=").unwrap_or_else(|| panic!("{door}"));
    let next = value(&identity::pairs(format!("next={next}").as_bytes()), "next").to_owned();
    assert_eq!(next, onward);
    let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", next.as_str())];
    assert_eq!(stranger.submit("/console/sign-in", &fields).await.location(), onward);
    assert!(stranger.screen(&onward).await.text().contains("授权登录"));
    assert_eq!(
        value(&self::told(&stranger.screen(&format!("{path}&prompt=none")).await.location()), "error"),
        "consent_required"
    );
    let again = stranger.screen(&format!("{path}&prompt=login")).await.location();
    assert!(again.starts_with("/console/sign-in?next=") && !again.contains("prompt"), "{again}");
    for prompt in ["login", "%6Cogin"] {
        let here = stranger.screen(&format!("{onward}&prompt={prompt}")).await.location();
        assert_eq!(here, again, "nobody comes past it by the address of the console");
    }

    // What a request says besides does not answer the question that is asked.
    let desk = house.desk("wangxi", "review1").await;
    let asked = follow(&desk, &format!("{path}&agree=yes&login_hint=&login_hint=x")).await;
    assert!(asked.text().contains("授权登录"));
    assert_eq!(value(&brought(&say(&desk, &asked, "no").await), "error"), "access_denied");

    // A closed application, and one whose secret was changed: what was given before is good no more.
    let begun = application.begin();
    let asked = follow(&desk, &begun.path).await;
    let said = brought(&say(&desk, &asked, "yes").await);
    let got = application.redeem(&house, value(&said, "code"), begun.verifier).await.unwrap();
    assert!(application.ask(&house, got.access_token()).await.is_some());
    let security = house.desk("platform", "security").await;
    let id = security.browser.screen("/console/applications").await.text();
    let id = id.split("/console/applications/").find_map(|rest| rest.split('"').next()?.parse::<i64>().ok()).unwrap();
    let address = format!("/console/applications/{id}");
    let renewed = security.browser.submit(&format!("{address}/secret"), &[]).await;
    assert_ne!(copied(&renewed, "密钥"), application.secret);
    assert!(application.ask(&house, got.access_token()).await.is_none(), "it is good still");
    let form = security.browser.screen(&address).await.text();
    let seen = form.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let bad = [("name", ""), ("keeper", "督查室"), ("redirects", "http://dc.example.gov.cn/back"), ("seen", seen.as_str())];
    let told = security.browser.submit(&address, &bad).await;
    assert!(
        told.status == 422 && told.text().contains("请填写应用名称") && told.text().contains("http://dc.example.gov.cn/back")
    );
    let fields = [("name", "督查督办系统"), ("keeper", "督查室"), ("redirects", BACK), ("seen", seen.as_str())];
    assert_eq!(security.browser.submit(&address, &fields).await.status, 303);
    assert_eq!(security.browser.submit(&address, &fields).await.status, 409, "it has changed since");
    assert_eq!(stranger.screen(&path).await.status, 400, "it is closed");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_turned_in_time_and_what_the_last_one_signed_is_good_still() {
    let clock = Arc::new(FixedClock::at(SystemClock.now()));
    let Some(house) = House::open_at(Backend::Sqlite, Arc::clone(&clock) as _).await else { return };
    let names = async || {
        let text = house.browser().screen("/oidc/keys").await.text();
        text.split("\"kid\":\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["1"]);
    clock.advance(TimeDelta::days(84));
    assert_eq!(names().await, ["1", "2"], "the next is shown before it signs");
    clock.advance(TimeDelta::days(7));
    assert_eq!(names().await, ["2", "1"], "the first is the one that signs");
    clock.advance(TimeDelta::days(30));
    assert_eq!(names().await, ["2"]);
    house.close().await;
}
