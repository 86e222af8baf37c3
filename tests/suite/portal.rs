//! The public door: hosts, forms, validators, parts, moved and missing pages.

use testkit::{Article, Backend, House};

use crate::journey::link_to;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_answered_in_the_form_and_extent_that_was_asked_for() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    let host = "wangxi.test";
    let plain = visitor.get("wangxi", "/").await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("content-type"), "text/html; charset=utf-8");
    let tag = plain.header("etag");

    let brotli = visitor.get_with(host, "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(brotli.header("content-encoding"), "br");
    assert!(brotli.bytes.len() < plain.bytes.len() / 2);
    let gzip = visitor.get_with(host, "/", &[("accept-encoding", "gzip, br;q=0")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_ne!(brotli.header("etag"), gzip.header("etag"));

    for known in [tag.clone(), format!("W/{tag}"), brotli.header("etag"), format!("\"x\", {tag}")] {
        let again = visitor.get_with(host, "/", &[("if-none-match", &known), ("accept-encoding", "br")]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{known}");
    }
    assert_eq!(visitor.get_with(host, "/", &[("if-none-match", "\"other\"")]).await.status, 200);

    let head = visitor.head(host, "/").await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), plain.bytes.len().to_string());

    let part = visitor.get_with(host, "/", &[("range", "bytes=10-19"), ("accept-encoding", "br")]).await;
    assert_eq!(part.status, 206);
    assert_eq!(part.bytes, plain.bytes[10..20]);
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", plain.bytes.len()));
    assert_eq!(visitor.get_with(host, "/", &[("range", "bytes=9999999-")]).await.status, 416);
    let stale = visitor.get_with(host, "/", &[("range", "bytes=0-1"), ("if-range", "\"old\"")]).await;
    assert_eq!((stale.status, stale.bytes.len()), (200, plain.bytes.len()));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_learns_nothing_and_a_known_one_only_of_itself() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    for host in ["evil.example", "", "wangxi.test.evil.example", "127.0.0.1"] {
        for path in ["/", "/console", "/yaowen/"] {
            let answer = visitor.get_with(host, path, &[]).await;
            assert_eq!(answer.status, 404, "{host}{path}");
            assert!(!answer.text().contains("锦川") && answer.bytes.len() < 64, "{}", answer.text());
        }
    }
    assert_eq!(visitor.get_with("WANGXI.test:8080", "/", &[]).await.status, 200, "case and port do not matter");
    assert_eq!(visitor.get_with("www.wangxi-demo.gov.cn", "/", &[]).await.status, 200, "declared hosts answer");
    assert_eq!(visitor.get("wangxi", "/console").await.status, 404, "no console on a public host");
    for path in [
        "/../qingyu/index.html",
        "/%2e%2e/qingyu/index.html",
        "/..%2fqingyu/index.html",
        "/_error/404.html",
        "/.staging/",
        "/index.html.br",
    ] {
        let answer = visitor.get("wangxi", path).await;
        assert!(matches!(answer.status, 404 | 400), "{path} gave {}", answer.status);
        assert!(!answer.text().contains("青屿区人民政府</title>"), "{path}");
    }
    let missing = visitor.get("wangxi", "/no/such/page").await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("页面不存在") && missing.text().contains("望溪区"), "in the site's own theme");
    let folder = visitor.get("wangxi", "/yaowen").await;
    assert_eq!((folder.status, folder.location().as_str()), (301, "/yaowen/"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_article_leads_from_its_old_address_to_the_new() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("先发在要闻的通告")).await;
        let visitor = house.browser();
        let old = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "先发在要闻的通告").unwrap();

        let target = house.channel("wangxi", "tzgg").id.to_string();
        let denied = editor.browser.submit(&format!("/console/wangxi/resources/{id}/move"), &[("channel", &target)]).await;
        assert_eq!(denied.status, 403, "an editor does not move what is live");
        let administrator = house.desk("platform", "admin").await;
        let moved = administrator.browser.submit(&format!("/console/wangxi/resources/{id}/move"), &[("channel", &target)]).await;
        assert_eq!(moved.status, 303, "{}", moved.text());
        house.quiet().await;

        let answer = visitor.get("wangxi", &old).await;
        assert_eq!(answer.status, 301, "{backend:?}");
        assert!(answer.location().starts_with("/tzgg/"), "{}", answer.location());
        assert_eq!(visitor.get("wangxi", &answer.location()).await.status, 200);
        assert!(!visitor.get("wangxi", "/yaowen/").await.text().contains("先发在要闻的通告"));
        assert!(visitor.get("wangxi", "/tzgg/").await.text().contains("先发在要闻的通告"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_named_with_their_hash_are_kept_for_ever_and_pages_are_asked_for_again() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = house.browser();
    let home = visitor.get("wangxi", "/").await;
    assert_eq!(home.header("cache-control"), "no-cache");
    let text = home.text();
    let style = text
        .split("href=\"")
        .find(|part| part.starts_with("/assets/_standard/theme.css?v="))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let answer = visitor.get("wangxi", &style).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("cache-control").contains("immutable"));
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert!(answer.header("content-security-policy").contains("default-src 'self'"));
    house.close().await;
}
