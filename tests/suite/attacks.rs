//! What a foreign page, a neighbouring site, a forged host and a slow or endless request cannot do; and what every answer tells browsers.

use std::time::Duration;

use axum::http::Method;
use testkit::{Answer, Article, Backend, Browser, House};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use web::{Access, Door, Proof, Where};

use crate::journey::link_to;

const DEED: &str = "/console/wangxi/preview";
const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

#[tokio::test(flavor = "multi_thread")]
async fn a_form_acts_only_for_the_session_that_it_was_drawn_for() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, other) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "editor").await);
        let token = editor.browser.token().await.unwrap();
        let foreign = other.browser.token().await.unwrap();
        assert_ne!(token, foreign, "another session of the same person has another token");
        let send = async |token: Option<&str>, headers: &[(&str, &str)]| {
            let fields: Vec<_> = token.map(|token| ("_token", token)).into_iter().chain([("body", "<p>甲</p>")]).collect();
            editor.browser.submit_with(DEED, &fields, headers).await
        };
        assert_eq!(send(Some(&token), &[SAME]).await.status, 200, "{backend:?}");
        assert_eq!(send(Some(&token), &[]).await.status, 200, "an old browser tells nothing of where a form comes from");
        for headers in [&[SAME][..], &[]] {
            for wrong in [None, Some(""), Some("0"), Some(foreign.as_str()), Some(&token[..63])] {
                let refused = send(wrong, headers).await;
                assert_eq!(refused.status, 403, "{wrong:?} with {headers:?}");
                assert!(refused.text().contains("表单已失效") && refused.text().contains("刷新后重新提交"));
                assert_eq!(refused.header("x-csrf-token"), token, "a script of the same origin may try again");
            }
        }
        for headers in
            [[("sec-fetch-site", "cross-site")], [("sec-fetch-site", "same-site")], [("origin", "https://evil.example")]]
        {
            assert_eq!(send(Some(&token), &headers).await.status, 403, "{headers:?} although it knows the token");
        }
        let by_script = async |token: &str| send(None, &[SAME, ("x-csrf-token", token)]).await.status;
        assert_eq!((by_script(&token).await, by_script(&foreign).await), (200, 403));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_that_changes_anything_forgets_to_ask_for_the_token() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let people = [
        house.desk("platform", "admin").await,
        house.desk("platform", "security").await,
        house.desk("platform", "auditor").await,
    ];
    let plugins = server::plugins(house.engine());
    let routes = plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == Door::Console);
    let routes: Vec<_> = routes.filter(|route| route.method != Method::GET && route.access != Access::Anyone).collect();
    assert!(routes.len() > 80, "the route table is there");
    for route in routes {
        let path = route.path.replace("{site}", "wangxi").replace(['{', '}'], "1");
        for (at, desk) in people.iter().enumerate() {
            let answer = desk.browser.submit_with(&path, &[], &[SAME]).await;
            // To whoever may not read what the path names it is not there, with a token or without.
            let is_named = matches!(route.access.on_site(), Some((Where::With(_), _)));
            let is_hidden = at > 0 && is_named && answer.status == 404;
            // A cookie opens nothing that programs ask: there is no form that could be forged.
            let refused = if route.proof == Proof::Token { 401 } else { 403 };
            assert!(is_hidden || answer.status == refused, "{path}: {} {}", answer.status, answer.text());
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_files_begins_with_its_token_or_is_read_no_further() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let token = editor.browser.token().await.unwrap();
    let part = |name: &str, value: &str| format!("--m\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file = "--m\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--m--\r\n";
    let send = async |body: String| {
        let stream = house.platform.address.unwrap();
        let mut line = TcpStream::connect(stream).await.unwrap();
        let cookie = cookie(&house).await;
        let head = format!(
            "POST /console/wangxi/media HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
             content-type: multipart/form-data; boundary=m\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        line.write_all(head.as_bytes()).await.unwrap();
        status_of(line).await
    };
    // The raw line has a session of its own, so even a right form of the other is refused.
    for body in [file.to_owned(), part("_token", &token) + file, part("_token", "") + file, part("x", &"y".repeat(20_000)) + file]
    {
        assert_eq!(send(body).await, 403);
    }
    assert_eq!(editor.upload(&[("a.txt", b"abc")]).await.status, 422, "the right one is read, and judged by what it brings");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_leads_off_the_platform() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    for path in [
        "//evil.example",
        "//evil.example/",
        "/\\evil.example",
        "/%2F%2Fevil.example/",
        "/yaowen//evil.example",
        "/%5Cevil.example",
    ] {
        for host in ["wangxi.test", "localhost"] {
            let answer = visitor.get_with(host, path, &[]).await;
            assert!(answer.status == 404 || !leads_away(&answer.location()), "{host} {path} leads to {}", answer.location());
        }
    }
    for referrer in ["https://evil.example//evil.example/x", "https://evil.example/\\evil.example"] {
        let sent = visitor.submit_with("/console/wangxi/redirects", &[], &[SAME, ("referer", referrer)]).await;
        let next = sent.location();
        assert!(sent.status == 303 && next.starts_with("/console/sign-in?next="), "{next}");
        let screen = visitor.screen(&next).await.text();
        let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "//evil.example/x")];
        let entered = house.browser().submit("/console/sign-in", &fields).await;
        assert!(!screen.contains("value=\"//evil") && !leads_away(&entered.location()), "{}", entered.location());
    }
    house.close().await;
}

fn leads_away(location: &str) -> bool {
    !location.starts_with('/') || location.starts_with("//") || location.starts_with("/\\")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_the_one_that_was_asked_for_however_it_is_written_and_whatever_else_is_said() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    let home = visitor.get("wangxi", "/").await;
    for host in ["wangxi.test:8080", "WANGXI.TEST", "wangxi.test.", "Wangxi.Test.:443"] {
        let answer = visitor.get_with(host, "/", &[]).await;
        assert!(answer.status == 200 && answer.bytes == home.bytes, "{host}: {}", answer.status);
    }
    for said in ["x-forwarded-host", "x-host", "x-original-host", "forwarded"] {
        let value = if said == "forwarded" { "host=qingyu.test" } else { "qingyu.test" };
        let answer = visitor.get_with("wangxi.test", "/", &[(said, value)]).await;
        assert!(answer.bytes == home.bytes, "{said} changes nothing");
        let stranger = visitor.get_with("evil.example", "/", &[(said, value)]).await;
        assert_eq!(stranger.status, 404, "{said} opens nothing");
    }
    for host in
        ["wangxi.test.evil.example", "evil.example:wangxi.test", "xwangxi.test", "localhost.evil.example", "[::1]", "127.0.0.1"]
    {
        assert_eq!(visitor.get_with(host, "/console/sign-in", &[]).await.status, 404, "{host}");
    }
    assert_eq!(visitor.get_with("wangxi.test", "/console/sign-in", &[]).await.status, 404, "a site has no console");
    assert_eq!(visitor.get_with("LocalHost.:1", "/console/sign-in", &[]).await.status, 200);
    house.close().await;
}

/// What somebody who comes to the door is given: a cookie, and the token in the form.
pub async fn at_the_door(browser: &Browser) -> (String, String) {
    let screen = browser.screen("/console/sign-in").await;
    let cookie = screen.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let token = screen.text().split("name=\"_token\" value=\"").nth(1).and_then(|rest| rest.split('"').next().map(str::to_owned));
    (cookie, token.expect("the form holds a token"))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_by_a_form_that_was_not_drawn_for_their_browser() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (own, others) = (at_the_door(&house.browser()).await, at_the_door(&house.browser()).await);
    assert!(own.0.starts_with("tongyuan-stranger=") && own != others, "{own:?}");
    let enter = async |cookie: &str, token: &str| {
        let fields =
            [("_token", token), ("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "/console/wangxi")];
        // An old browser says neither from where nor for what it sends.
        house.browser().submit_with("/console/sign-in", &fields, &[("cookie", cookie)]).await
    };
    for (cookie, token) in [("", ""), ("", own.1.as_str()), (own.0.as_str(), ""), (own.0.as_str(), others.1.as_str())] {
        let told = enter(cookie, token).await;
        let text = told.text();
        assert!(told.status == 403 && text.contains("登录页面已失效，请重新输入密码"), "{cookie} {token}: {text}");
        assert!(text.contains("value=\"wangxi-editor\"") && text.contains("value=\"/console/wangxi\""), "{text}");
        assert!(!text.contains("Ceshi-2026") && !told.header("set-cookie").contains("tongyuan="), "{text}");
        assert_eq!(told.header("set-cookie").is_empty(), !cookie.is_empty(), "whoever has a cookie keeps it");
    }
    let entered = enter(&own.0, &own.1).await;
    assert_eq!((entered.status, entered.location().as_str()), (303, "/console/wangxi"));
    let session = entered.header("set-cookie");
    let opened = house.browser().get_with("localhost", "/console/wangxi", &[("cookie", &own.0)]).await;
    assert!(session.starts_with("tongyuan=") && opened.status == 303, "a stranger's cookie opens nothing: {session}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbouring_site_cannot_bring_a_session_of_its_own() {
    let Some(house) = House::open_set(Backend::Sqlite, |settings| settings.web.secure = true).await else { return };
    // The client of tests keeps no secure cookie it was given without TLS: it is sent by hand.
    let (cookie, token) = at_the_door(&house.browser()).await;
    assert!(cookie.starts_with("__Host-tongyuan-stranger="), "{cookie}");
    let fields = [("_token", token.as_str()), ("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "")];
    let entered = house.browser().submit_with("/console/sign-in", &fields, &[SAME, ("cookie", &cookie)]).await;
    let cookie = entered.header("set-cookie");
    assert!(cookie.starts_with("__Host-tongyuan=") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");
    let token = cookie.split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
    let ask =
        async |cookie: String| house.browser().get_with("localhost", "/console/wangxi", &[("cookie", &cookie)]).await.status;
    assert_eq!(ask(format!("__Host-tongyuan={token}")).await, 200);
    for tossed in [format!("tongyuan={token}"), format!("__host-tongyuan={token}"), format!("__Secure-tongyuan={token}")] {
        assert_eq!(ask(tossed.clone()).await, 303, "{tossed}");
    }
    // A site of the platform sets no cookie and looks at none.
    let home = house.browser().get_with("wangxi.test", "/", &[("cookie", &format!("__Host-tongyuan={token}"))]).await;
    assert!(home.status == 200 && home.header("set-cookie").is_empty() && !home.text().contains("_token"));
    let secure = house.browser().screen("/console/sign-in").await;
    assert_eq!(secure.header("strict-transport-security"), "max-age=31536000");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_console_tells_browsers_to_be_careful() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (stranger, operator) = (house.browser(), house.desk("platform", "admin").await);
    let plugins = server::plugins(house.engine());
    for route in plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == Door::Console) {
        let path = route.path.replace("{site}", "wangxi").replace(['{', '}'], "1");
        if path.contains("sign-out") {
            continue;
        }
        for browser in [&stranger, &operator.browser] {
            let answer = if route.method == Method::GET { browser.screen(&path).await } else { browser.submit(&path, &[]).await };
            careful(&path, &answer, "same-origin");
            let policy = answer.header("content-security-policy");
            let is_page = policy.contains("sandbox") || policy.contains("style-src");
            assert!(is_page || !policy.contains("unsafe"), "{path}: {policy}");
            assert!(!answer.header("cache-control").is_empty(), "{path}");
        }
    }
    for path in ["/", "/no/such", "/console/%FF", "/console/assets/none.js"] {
        careful(path, &stranger.screen(path).await, "same-origin");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_a_site_tells_browsers_to_be_careful() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, admin) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
    let drawing =
        br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="red"/></svg>"#;
    let picture = editor.bring(&house, "tu.svg", drawing).await;
    let file = editor.bring(&house, "wenjian.pdf", &crate::media::large_pdf(20_000)).await;
    let article = Article {
        body: format!("<p>正文</p><p><img src=\"media:{picture}\" alt=\"图\"></p><p><a href=\"media:{file}\">文件</a></p>"),
        ..Article::news("有图有文件的稿件")
    };
    editor.publish(&house, &article).await;
    let (withdrawn, _) = editor.publish(&house, &Article::news("要撤回的稿件")).await;
    let visitor = house.browser();
    let list = visitor.get("wangxi", "/yaowen/").await.text();
    let (page, gone) = (link_to(&list, "有图有文件的稿件").unwrap(), link_to(&list, "要撤回的稿件").unwrap());
    assert_eq!(admin.withdraw("wangxi", withdrawn, "测试").await.status, 303);
    house.quiet().await;
    let shown = visitor.get("wangxi", &page).await.text();
    let uploads: Vec<_> =
        shown.split('"').filter(|text| text.starts_with("/media/")).map(|text| text.split(['?', ' ']).next().unwrap()).collect();
    assert!(uploads.iter().any(|one| one.ends_with(".svg")) && uploads.iter().any(|one| one.ends_with(".pdf")), "{uploads:?}");

    let mut paths =
        vec!["/", "/yaowen/", "/yaowen", "/feed.xml", "/yaowen/feed.json", "/sitemap.xml", "/robots.txt", "/_site/state.css"];
    paths.extend(["/assets/_standard/theme.css", "/no/such/page.html", "/_count", "/index.html", &page, &gone]);
    for path in paths {
        // The first is answered by a route, the second from memory.
        for answer in
            [visitor.get("wangxi", path).await, visitor.get("wangxi", path).await, visitor.head("wangxi.test", path).await]
        {
            careful(path, &answer, "strict-origin-when-cross-origin");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        }
    }
    for path in uploads {
        let answer = visitor.get("wangxi", path).await;
        careful(path, &answer, "strict-origin-when-cross-origin");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"), "{path}: {policy}");
    }
    let home = visitor.get("wangxi", "/").await;
    for headers in [("if-none-match", home.header("etag")), ("range", "bytes=99999999-".into()), ("range", "bytes=0-9".into())] {
        let answer = visitor.get_with("wangxi.test", "/", &[(headers.0, &headers.1)]).await;
        careful(&format!("{headers:?}: {}", answer.status), &answer, "strict-origin-when-cross-origin");
    }
    careful("another host", &visitor.get_with("evil.example", "/", &[]).await, "strict-origin-when-cross-origin");
    house.close().await;
}

fn careful(path: &str, answer: &Answer, referrer: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", referrer),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        // The test is not reached over HTTPS.
        ("strict-transport-security", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {path} ({})", answer.status);
    }
    assert!(!answer.header("content-security-policy").is_empty(), "{path} ({})", answer.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_too_many_or_too_long_headers_is_refused_and_a_body_that_does_not_come_is_given_up() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let address = house.platform.address.unwrap();
    let ask = async |request: String| {
        let mut line = TcpStream::connect(address).await.unwrap();
        // The other end may hang up before it has read everything.
        let _ = line.write_all(request.as_bytes()).await;
        status_of(line).await
    };
    let many = "x-header: y\r\n".repeat(500);
    for host in ["localhost", "wangxi.test"] {
        assert_eq!(ask(format!("GET / HTTP/1.1\r\nhost: {host}\r\n{many}\r\n")).await, 431, "{host}");
        let long = ask(format!("GET / HTTP/1.1\r\nhost: {host}\r\nx: {}\r\n\r\n", "y".repeat(2 << 20))).await;
        assert!(matches!(long, 431 | 0), "{host}: {long}");
        let address = ask(format!("GET /{} HTTP/1.1\r\nhost: {host}\r\n\r\n", "y".repeat(100_000))).await;
        assert!(matches!(address, 404 | 414), "{host}: {address}");
    }
    let begun = std::time::Instant::now();
    let cookie = cookie(&house).await;
    let form =
        "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\ncontent-length: 100\r\n\r\n_token=";
    let (signing_in, sending) = tokio::join!(
        ask(format!("POST /console/sign-in HTTP/1.1\r\nhost: localhost\r\n{form}")),
        ask(format!("POST {DEED} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n{form}"))
    );
    assert_eq!((signing_in, sending), (408, 408));
    assert!(begun.elapsed() < Duration::from_secs(45), "{:?}", begun.elapsed());
    house.close().await;
}

/// A cookie of the editor, for requests written by hand.
async fn cookie(house: &House) -> String {
    let fields = [("username", "wangxi-editor"), ("password", "Ceshi-2026-zhanghao"), ("next", "")];
    let entered = Browser::at(house.platform.address.unwrap()).submit("/console/sign-in", &fields).await;
    entered.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// The status that is answered; 0 where the line was ended.
async fn status_of(mut line: TcpStream) -> u16 {
    let mut begun = [0; 64];
    let count = line.read(&mut begun).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&begun[..count]).into_owned();
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}
