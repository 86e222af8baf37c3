//! How a page is answered: in the form the browser takes best, whole, in part, or not again.

use std::ops::Range;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use publish::Opened;

use crate::large::{self, Large};
use crate::shelf::{Form, Page};

/// A published page.
pub(crate) fn page(page: &Page, request: &Request) -> Response {
    let form = if request.headers().contains_key(header::RANGE) { &page.plain } else { best_form(page, request.headers()) };
    answered(request, &page.tag, &form.headers, form.body.len(), |part| Body::from(form.body.slice(part)))
}

/// A large upload that was opened for this visitor.
pub(crate) fn large(large: &Large, opened: Opened, request: &Request) -> Response {
    answered(request, &large.tag, &large.headers, large.size, |part| large::body(opened, part))
}

/// Whole, in part, or not again; `body` makes the bytes of a part.
fn answered(
    request: &Request,
    tag: &str,
    headers: &HeaderMap,
    length: usize,
    body: impl FnOnce(Range<usize>) -> Body,
) -> Response {
    let asked = request.headers();
    let range = asked.get(header::RANGE).filter(|_| unchanged_since(asked, tag)).and_then(|value| value.to_str().ok());
    let range = range.and_then(|text| parse_range(text, length));
    let (status, part) = match range {
        _ if knows(asked, tag) => (StatusCode::NOT_MODIFIED, None),
        // Several ranges at once are answered with the whole, as the standard allows.
        None => (StatusCode::OK, Some(0..length)),
        Some(Err(())) => (StatusCode::RANGE_NOT_SATISFIABLE, None),
        Some(Ok((from, to))) => (StatusCode::PARTIAL_CONTENT, Some(from..to + 1)),
    };
    let mut headers = headers.clone();
    match (status, &part) {
        (StatusCode::RANGE_NOT_SATISFIABLE, _) => insert(&mut headers, header::CONTENT_RANGE, &format!("bytes */{length}")),
        (StatusCode::PARTIAL_CONTENT, Some(part)) => {
            insert(&mut headers, header::CONTENT_RANGE, &format!("bytes {}-{}/{length}", part.start, part.end - 1));
        }
        _ => {}
    }
    if let Some(part) = &part {
        headers.insert(header::CONTENT_LENGTH, part.len().into());
    }
    if request.uri().path().starts_with("/assets/") && request.uri().query().is_some_and(|query| query.starts_with("v=")) {
        let lasting = HeaderValue::from_static("public, max-age=31536000, immutable");
        headers.insert(header::CACHE_CONTROL, lasting);
    }
    let mut response = Response::new(part.map_or_else(Body::empty, body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// What is said of a page in this form in every answer.
pub(crate) fn headers(content_type: &HeaderValue, tag: &str, coding: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    let suffix = coding.map_or("", |coding| if coding == "br" { "-br" } else { "-gz" });
    insert(&mut headers, header::ETAG, &format!("\"{tag}{suffix}\""));
    headers.insert(header::CONTENT_TYPE, content_type.clone());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // A page may change at any second, so browsers ask each time and are told in a few bytes that it has not.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    web::say_of_site(&mut headers);
    headers
}

/// What people have brought is shown as what it is or downloaded, and can do nothing on its own.
pub(crate) fn uploaded(headers: &mut HeaderMap, file_name: Option<&str>) {
    let alone = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");
    headers.insert(header::CONTENT_SECURITY_POLICY, alone);
    if let Some(name) = file_name {
        headers.insert(header::CONTENT_DISPOSITION, web::attachment(name));
    }
}

/// The site's page for an error.
pub(crate) fn error(status: StatusCode, page: &Page) -> Response {
    let mut response = (status, page.plain.body.clone()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, page.content_type.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    web::say_of_site(response.headers_mut());
    response
}

/// An error on a site that has no page for it yet.
pub(crate) fn bare(status: StatusCode) -> Response {
    (status, format!("{status}\n")).into_response()
}

/// The page lives elsewhere on the same site now.
pub(crate) fn moved(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (
            StatusCode::MOVED_PERMANENTLY,
            [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))],
        )
            .into_response(),
        Err(_) => bare(StatusCode::NOT_FOUND),
    }
}

/// Brotli before gzip before plain, among what the browser says it takes.
fn best_form<'p>(page: &'p Page, asked: &HeaderMap) -> &'p Form {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |coding: &str| {
        accepted.split(',').any(|offer| {
            let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
            let refused = matches!(weight.trim().strip_prefix("q="), Some("0" | "0.0" | "0.00" | "0.000"));
            name.trim().eq_ignore_ascii_case(coding) && !refused
        })
    };
    match (&page.brotli, &page.gzip) {
        (Some(brotli), _) if takes("br") => brotli,
        (_, Some(gzip)) if takes("gzip") => gzip,
        _ => &page.plain,
    }
}

/// Whether the browser already holds this page, in whatever form.
fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let Some(known) = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) else { return false };
    known.split(',').any(|one| one.trim() == "*" || bare_tag(one) == tag)
}

/// Whether the parts the browser holds are of this page.
fn unchanged_since(asked: &HeaderMap, tag: &str) -> bool {
    asked.get(header::IF_RANGE).is_none_or(|value| value.to_str().is_ok_and(|one| bare_tag(one) == tag))
}

fn bare_tag(tag: &str) -> &str {
    let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
    tag.split('-').next().unwrap_or(tag)
}

/// First and last byte; an error when the range lies outside; none when the header is to be ignored.
fn parse_range(text: &str, length: usize) -> Option<Result<(usize, usize), ()>> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    if to.contains(',') {
        return None;
    }
    let (from, to) = match (from.trim(), to.trim()) {
        ("", last) => {
            let last: usize = last.parse().ok()?;
            if last == 0 || length == 0 {
                return Some(Err(()));
            }
            (length.saturating_sub(last), length - 1)
        }
        (from, "") => (from.parse().ok()?, length.saturating_sub(1)),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(length.saturating_sub(1))),
    };
    Some(if from < length && from <= to { Ok((from, to)) } else { Err(()) })
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(parse_range("bytes=0-9", 100), Some(Ok((0, 9))));
        assert_eq!(parse_range("bytes=90-", 100), Some(Ok((90, 99))));
        assert_eq!(parse_range("bytes=-10", 100), Some(Ok((90, 99))));
        assert_eq!(parse_range("bytes=95-200", 100), Some(Ok((95, 99))));
        assert_eq!(parse_range("bytes=100-", 100), Some(Err(())));
        assert_eq!(parse_range("bytes=9-5", 100), Some(Err(())));
        assert_eq!(parse_range("bytes=0-1,5-6", 100), None);
        assert_eq!(parse_range("lines=1-2", 100), None);
    }
}
