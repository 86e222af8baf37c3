//! The hook for content delivery networks: told of every address that changed, again and again until it hears.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use testkit::{Article, Backend, House};

use crate::journey::link_to;

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
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/purge", listener.local_addr().unwrap());
        let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let Some(house) = House::open_set(backend, |settings| {
            settings.publish.purge_url = Some(url);
            settings.publish.purge_token = "a-token".to_owned().into();
        })
        .await
        else {
            continue;
        };
        {
            let mut heard = heard.lock().unwrap();
            heard.bodies.clear();
            heard.refusals = 2;
        }
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news(TITLE)).await;
        let path = link_to(&house.browser().get("wangxi", "/").await.text(), TITLE).unwrap();
        check(&heard.lock().unwrap(), &path, backend);
        house.close().await;
    }
}

/// What was heard of one publication on `wangxi`.
fn check(heard: &Heard, path: &str, backend: Backend) {
    assert_eq!(heard.refused, 2, "it was asked again on {backend:?}");
    assert_eq!(heard.tokens, BTreeSet::from(["Bearer a-token".to_owned()]));
    let of = |site: &str| -> BTreeSet<String> {
        let bodies = heard.bodies.iter().filter(|body| body["site"] == site);
        bodies.flat_map(|body| body["urls"].as_array().unwrap()).map(|url| url.as_str().unwrap().to_owned()).collect()
    };
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
