//! Public pages in a bucket: the whole journey against a small S3 of the test's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::FaultKind;
use testkit::{Article, Backend, House};

use crate::journey::link_to;
use crate::verify::look;

const TITLE: &str = "存放在对象存储中的公告";

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_a_bucket_are_published_served_verified_restored_and_withdrawn() {
    for backend in Backend::BOTH {
        let bucket = Bucket::open().await;
        let Some(house) = House::open_set(backend, |settings| {
            settings.pages = "s3://city/public/pages".into();
            settings.s3.endpoint = Some(bucket.url.clone());
            settings.s3.access_key = "key".into();
            settings.s3.secret_key = "secret".to_owned().into();
        })
        .await
        else {
            continue;
        };
        let visitor = house.browser();
        let editor = house.desk("wangxi", "editor").await;
        let (id, approved) = editor.publish(&house, &Article::news(TITLE)).await;
        let home = visitor.get("wangxi", "/").await;
        let path = link_to(&home.text(), TITLE).expect("the home page links to the article");
        let article = visitor.get("wangxi", &path).await;
        assert_eq!(article.status, 200, "{backend:?}");
        assert_eq!(article.header("content-type"), "text/html; charset=utf-8");
        let packed = visitor.get_with("wangxi.test", &path, &[("accept-encoding", "br")]).await;
        assert_eq!(packed.header("content-encoding"), "br");
        assert!(editor.receipt(&approved.location()).await.text().contains("毫秒"), "read back through the public door");

        let name = format!("public/pages/wangxi{path}");
        let (bytes, content_type) = bucket.find(&name).unwrap();
        assert_eq!((bytes, content_type.as_str()), (article.bytes.clone(), "text/html; charset=utf-8"));
        assert_eq!(bucket.find("public/pages/wangxi/assets/_standard/theme.css").unwrap().1, "text/css; charset=utf-8");
        assert!(look(&house, false).await.is_empty());

        // Somebody with the bucket's keys changes a page, one of its forms, takes one away and leaves one behind.
        bucket.put(&name, b"<p>tampered</p>");
        bucket.put("public/pages/wangxi/yaowen/index.html.gz", b"nonsense");
        bucket.take("public/pages/qingyu/robots.txt");
        bucket.put("public/pages/qingyu/shell.php", b"<?php");
        let mut kinds: Vec<FaultKind> = look(&house, true).await.into_iter().map(|fault| fault.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [FaultKind::Missing, FaultKind::Differs, FaultKind::FormDiffers, FaultKind::Stranger], "{backend:?}");
        house.quiet().await;
        assert!(look(&house, false).await.is_empty(), "{backend:?}");
        assert_eq!(bucket.find(&name).unwrap().0, article.bytes);
        assert_eq!(bucket.find("public/pages/qingyu/shell.php"), None);
        let kept = bucket.names().into_iter().filter(|name| name.starts_with("public/pages/.quarantine/")).collect::<Vec<_>>();
        assert!(kept.iter().any(|name| name.ends_with("shell.php")) && kept.iter().any(|name| name.ends_with(&path)), "{kept:?}");

        let administrator = house.desk("platform", "admin").await;
        assert_eq!(administrator.withdraw("wangxi", id, "测试撤回").await.status, 303);
        house.quiet().await;
        assert_eq!(visitor.get("wangxi", &path).await.status, 410);
        assert_eq!(bucket.find(&name), None);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_from_a_bucket_piece_by_piece_is_one_object_to_its_end() {
    let bucket = Bucket::open().await;
    bucket.put("pages/a/large.pdf", b"0123456789");
    let access = access(&bucket);
    let objects = objects::Objects::open("s3://city/pages", &access).unwrap();
    tokio::task::spawn_blocking(move || {
        let opened = objects.open_piecewise("a/large.pdf").unwrap().unwrap();
        assert_eq!((opened.size(), &opened.read(2, 3).unwrap()[..]), (10, b"234".as_slice()));
        bucket.put("pages/a/large.pdf", b"abcdefghij");
        assert!(opened.read(5, 3).is_err(), "no visitor gets half of one and half of another");
        let anew = objects.open_piecewise("a/large.pdf").unwrap().unwrap();
        assert_ne!(anew.mark(), opened.mark());
        assert_eq!(&anew.read(7, 3).unwrap()[..], b"hij");
        assert!(objects.open_piecewise("a/none.pdf").unwrap().is_none());
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_lists_everything_below_a_prefix_a_batch_at_a_time() {
    let bucket = Bucket::open().await;
    for number in 0..2_500 {
        bucket.put(&format!("pages/a/{number:05}.html"), b"x");
    }
    bucket.put("pages/ab/other.html", b"x");
    let access = access(&bucket);
    let objects = objects::Objects::open("s3://city/pages", &access).unwrap();
    tokio::task::spawn_blocking(move || {
        let mut names = Vec::new();
        objects
            .list("a", &mut |one| {
                names.push(one.name);
                Ok(())
            })
            .unwrap();
        assert_eq!((names.len(), names[0].as_str(), names[2_499].as_str()), (2_500, "a/00000.html", "a/02499.html"));
        assert_eq!(objects.size("a/00001.html").unwrap(), Some(1));
        assert_eq!(objects.size("a/none").unwrap(), None);
        objects.check().unwrap();
    })
    .await
    .unwrap();
    assert_eq!(bucket.names().len(), 2_501, "the check leaves nothing behind");
}

fn access(bucket: &Bucket) -> objects::Access {
    objects::Access {
        endpoint: Some(bucket.url.clone()),
        region: String::new(),
        access_key: "key".into(),
        secret_key: "secret".into(),
    }
}

type Stored = Arc<Mutex<BTreeMap<String, (Vec<u8>, String)>>>;

/// As much of S3 as the platform speaks: one bucket, `city`, in memory.
struct Bucket {
    url: String,
    stored: Stored,
}

impl Bucket {
    async fn open() -> Self {
        let stored = Stored::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&stored));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, stored }
    }

    fn find(&self, name: &str) -> Option<(Vec<u8>, String)> {
        self.stored.lock().unwrap().get(name).cloned()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        self.stored.lock().unwrap().insert(name.to_owned(), (bytes.to_vec(), String::new()));
    }

    fn take(&self, name: &str) {
        assert!(self.stored.lock().unwrap().remove(name).is_some(), "{name}");
    }

    fn names(&self) -> Vec<String> {
        self.stored.lock().unwrap().keys().cloned().collect()
    }
}

async fn answer(State(stored): State<Stored>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    assert!(parts.headers.contains_key(header::AUTHORIZATION), "every request is signed");
    let path = decoded(parts.uri.path());
    let Some(rest) = path.strip_prefix("/city") else { return StatusCode::NOT_FOUND.into_response() };
    let name = rest.trim_start_matches('/').to_owned();
    if name.is_empty() {
        return list(&stored, parts.uri.query().unwrap_or_default());
    }
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned).unwrap_or_default();
    let (method, copied, content_type) = (parts.method.clone(), text("x-amz-copy-source"), text("content-type"));
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let mut stored = stored.lock().unwrap();
    let tagged = [(header::ETAG, "\"tag\""), (header::LAST_MODIFIED, "Tue, 24 Nov 2026 00:00:00 GMT")];
    match method {
        Method::PUT if !copied.is_empty() => {
            let from = decoded(&copied).trim_start_matches('/').trim_start_matches("city/").to_owned();
            let Some(found) = stored.get(&from).cloned() else { return missing() };
            stored.insert(name, found);
            (tagged, "<CopyObjectResult><ETag>\"tag\"</ETag></CopyObjectResult>").into_response()
        }
        Method::PUT => {
            stored.insert(name, (body, content_type));
            tagged.into_response()
        }
        Method::DELETE => {
            stored.remove(&name);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match stored.get(&name) {
            Some((bytes, _)) => read(bytes, &text("range"), &text("if-match")),
            None => missing(),
        },
    }
}

/// An object, or the part of it that is wanted, if it is still the one that is meant.
fn read(bytes: &[u8], range: &str, wanted: &str) -> Response {
    let tag = format!("\"{}\"", blake3::hash(bytes).to_hex());
    if !wanted.is_empty() && wanted != tag {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    let tagged = [(header::ETAG, tag), (header::LAST_MODIFIED, "Tue, 24 Nov 2026 00:00:00 GMT".to_owned())];
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return (tagged, [(header::CONTENT_LENGTH, bytes.len().to_string())], Body::from(bytes.to_vec())).into_response();
    };
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    let told = [(header::CONTENT_RANGE, format!("bytes {from}-{to}/{}", bytes.len()))];
    (StatusCode::PARTIAL_CONTENT, tagged, told, Body::from(bytes[from..=to].to_vec())).into_response()
}

fn list(stored: &Stored, query: &str) -> Response {
    let of = |wanted: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| decoded(value))
    };
    let (prefix, after) =
        (of("prefix").unwrap_or_default(), of("continuation-token").or_else(|| of("start-after")).unwrap_or_default());
    let stored = stored.lock().unwrap();
    let mut found: Vec<_> = stored.iter().filter(|(name, _)| name.starts_with(&prefix) && **name > after).take(1_001).collect();
    let more = found.len() > 1_000;
    found.truncate(1_000);
    let contents: Vec<String> = found
        .iter()
        .map(|(name, (bytes, _))| {
            format!("<Contents><Key>{name}</Key><LastModified>2026-11-24T00:00:00.000Z</LastModified><ETag>\"tag\"</ETag><Size>{}</Size></Contents>", bytes.len())
        })
        .collect();
    let next = match found.last() {
        Some((name, _)) if more => format!("<NextContinuationToken>{name}</NextContinuationToken>"),
        _ => String::new(),
    };
    format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{}{next}</ListBucketResult>", contents.concat()).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match hex {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
