//! The hook for content delivery networks: told of every address that changed, again and again until it hears.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use store::jobs;
use testkit::{Article, Backend, House};

use crate::journey::link_to;
use crate::states::{announce, in_days, press};

const TITLE: &str = "要从分发网络清除的稿件";

#[derive(Default)]
struct Heard {
    /// Requests still to be refused.
    refusals: usize,
    refused: usize,
    tokens: BTreeSet<String>,
    bodies: Vec<serde_json::Value>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_address_is_told_even_when_the_hook_fails_twice() {
    for backend in Backend::BOTH {
        let Some((house, heard)) = open(backend).await else { continue };
        {
            let mut heard = heard.lock().unwrap();
            heard.bodies.clear();
            heard.refusals = 2;
        }
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news(TITLE)).await;
        let path = link_to(&house.browser().get("wangxi", "/").await.text(), TITLE).unwrap();
        check(&heard.lock().unwrap(), &path, backend);

        // A redirect renders nothing, but changes what is found at its old address.
        let old = "http://wangxi.test/show.aspx?id=12";
        let told = || heard.lock().unwrap().bodies.iter().filter(|body| body["urls"] == serde_json::json!([old])).count();
        let saved = editor.browser.submit("/console/wangxi/redirects", &[("old", "/show.aspx?id=12"), ("new", "/")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        house.quiet().await;
        assert_eq!(told(), 1, "{backend:?}");
        let site = house.site("wangxi").id;
        let saved = house.engine().store.read(|c| store::redirects::list_by_path(c, site, "/show.aspx")).unwrap()[0].id;
        let deleted = editor.browser.submit(&format!("/console/wangxi/redirects/{saved}/delete"), &[]).await;
        assert_eq!(deleted.status, 303, "{}", deleted.text());
        house.quiet().await;
        assert_eq!(told(), 2, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takedown_is_not_done_before_the_network_has_heard_of_it() {
    for backend in Backend::BOTH {
        let Some((house, heard)) = open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news(TITLE)).await;
        heard.lock().unwrap().refusals = 1_000;
        let admin = house.desk("platform", "admin").await;
        let ordered = admin.browser.submit(&format!("/console/takedown/{id}"), &[("reason", "内容严重失实")]).await;
        assert_eq!(ordered.status, 303, "{}", ordered.text());
        let progress = ordered.location();
        let says = async |words: &str| {
            for _ in 0..200 {
                let page = admin.browser.screen(&progress).await.text();
                if page.contains(words) {
                    return;
                }
                assert!(words == "已全部下架" || !page.contains("已全部下架"), "too early on {backend:?}: {page}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{words} is never said on {backend:?}");
        };
        says("正在通知内容分发网络清除缓存").await;
        // However long all pages are gone here.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        says("正在通知内容分发网络清除缓存").await;

        let store = &house.engine().store;
        let waiting = || store.read(|c| jobs::list(c, 100)).unwrap().into_iter().filter(|job| job.kind == "purge");
        for job in waiting() {
            store.write(|c| jobs::set_aside(c, job.id, "无法连接")).unwrap();
        }
        says("多次通知内容分发网络清除缓存均未成功").await;
        heard.lock().unwrap().refusals = 0;
        for job in waiting() {
            let retry = admin.browser.submit(&format!("/console/operations/jobs/{}/retry", job.id), &[]).await;
            assert_eq!(retry.status, 303);
        }
        says("已全部下架").await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_a_site_is_told_when_it_goes_offline_and_when_it_comes_back() {
    for backend in Backend::BOTH {
        let Some((house, heard)) = open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news(TITLE)).await;
        let article = link_to(&house.browser().get("wangxi", "/").await.text(), TITLE).unwrap();
        let saved = editor.browser.submit("/console/wangxi/redirects", &[("old", "/show.aspx?id=12"), ("new", "/")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        house.quiet().await;
        let administrator = house.desk("wangxi", "admin").await;
        let told = |deed: &str| {
            let of_wangxi = urls(&heard.lock().unwrap(), "wangxi");
            for path in ["/", "/yaowen/", "/feed.xml", article.as_str(), "/show.aspx?id=12"] {
                assert!(of_wangxi.contains(&format!("http://wangxi.test{path}")), "{deed} {path} on {backend:?}: {of_wangxi:?}");
            }
            assert_eq!(urls(&heard.lock().unwrap(), "qingyu"), BTreeSet::new(), "{deed} concerns no other site");
            heard.lock().unwrap().bodies.clear();
        };
        heard.lock().unwrap().bodies.clear();
        assert_eq!(announce(&administrator, "wangxi", "offline", &in_days(&house, 3), "").await.status, 303);
        house.quiet().await;
        told("offline");
        assert_eq!(press(&administrator, "wangxi", "resume").await, 303);
        house.quiet().await;
        told("resume");
        house.close().await;
    }
}

/// A house whose hook is heard by the test.
async fn open(backend: Backend) -> Option<(House, Arc<Mutex<Heard>>)> {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/purge", listener.local_addr().unwrap());
    let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let house = House::open_set(backend, |settings| {
        settings.publish.purge_url = Some(url);
        settings.publish.purge_token = "a-token".to_owned().into();
    });
    Some((house.await?, heard))
}

/// The addresses heard of a site.
fn urls(heard: &Heard, site: &str) -> BTreeSet<String> {
    let bodies = heard.bodies.iter().filter(|body| body["site"] == site);
    bodies.flat_map(|body| body["urls"].as_array().unwrap()).map(|url| url.as_str().unwrap().to_owned()).collect()
}

/// What was heard of one publication on `wangxi`.
fn check(heard: &Heard, path: &str, backend: Backend) {
    assert_eq!(heard.refused, 2, "it was asked again on {backend:?}");
    assert_eq!(heard.tokens, BTreeSet::from(["Bearer a-token".to_owned()]));
    let of = |site: &str| urls(heard, site);
    for path in ["/", "/yaowen/", "/feed.xml", path] {
        assert!(of("wangxi").contains(&format!("http://wangxi.test{path}")), "{path} on {backend:?}: {:?}", of("wangxi"));
    }
    assert!(of("jinchuan").contains("http://jinchuan.test/quxian/"), "the site that shows it too");
    assert_eq!(of("qingyu"), BTreeSet::new(), "a site that does not is left alone");
    assert!(heard.bodies.iter().all(|body| body["domain"].as_str().is_some_and(|domain| domain.contains('.'))));
}

async fn hear(State(heard): State<Arc<Mutex<Heard>>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut heard = heard.lock().unwrap();
    heard.tokens.insert(parts.headers[header::AUTHORIZATION].to_str().unwrap().to_owned());
    if heard.refusals > 0 {
        heard.refusals -= 1;
        heard.refused += 1;
        return StatusCode::BAD_GATEWAY;
    }
    heard.bodies.push(serde_json::from_slice(&body).unwrap());
    StatusCode::NO_CONTENT
}
