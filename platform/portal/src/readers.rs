//! Which requests are a person reading an article: what page views count. Nothing about the person is kept.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};

static BOTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/bots.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// Whether a request comes from somebody who reads: not a program, and not a browser fetching ahead.
pub(crate) fn is_reader(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_lowercase();
    let agent = text(header::USER_AGENT);
    let ahead = [HeaderName::from_static("sec-purpose"), HeaderName::from_static("purpose")];
    *method == Method::GET
        && !agent.is_empty()
        && !BOTS.iter().any(|word| agent.contains(word))
        && !ahead.into_iter().any(|name| text(name).contains("prefetch"))
}

/// Whether an answer shows the article: whole, or again from what the browser has kept, because browsers ask each time.
pub(crate) fn is_shown(status: StatusCode) -> bool {
    matches!(status, StatusCode::OK | StatusCode::NOT_MODIFIED)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn programs_and_browsers_fetching_ahead_are_no_readers() {
        let asked = |agent: &'static str| HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(agent))]);
        let person = asked("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36");
        assert!(is_reader(&Method::GET, &person));
        assert!(!is_reader(&Method::HEAD, &person));
        assert!(!is_reader(&Method::GET, &HeaderMap::new()), "browsers say who they are");
        for agent in ["Mozilla/5.0 (compatible; Baiduspider/2.0)", "Sogou web spider/4.0", "curl/8.0", "bingbot/2.0"] {
            assert!(!is_reader(&Method::GET, &asked(agent)), "{agent}");
        }
        let mut ahead = person;
        ahead.insert("sec-purpose", HeaderValue::from_static("prefetch;prerender"));
        assert!(!is_reader(&Method::GET, &ahead));
    }
}
