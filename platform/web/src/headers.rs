//! What every answer tells browsers to be careful with. `deploy/nginx/tongyuan-headers.conf` says the same of pages it serves itself.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use config::Web;

/// What a screen of the console may load and be: nothing but its own, no script or style within it, in no frame.
const CONSOLE: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// The same of a page of a site, which may stand in a frame of its own site.
const SITE: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'";

/// Alike on both sides.
const COMMON: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(), geolocation=(), microphone=()")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// What is said of every page of a site, in whatever form it is answered. What an answer says of itself is narrower and stays.
pub fn say_of_site(headers: &mut HeaderMap) {
    say(headers, header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SITE));
    say(headers, header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    common(headers);
}

/// What is said of everything that the console answers.
pub(crate) fn say_of_console(headers: &mut HeaderMap) {
    say(headers, header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONSOLE));
    say(headers, header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    say(headers, header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    say(headers, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    common(headers);
}

/// Whether and for how long browsers are to come over HTTPS alone, on the console and on the sites. Not for the domains below: they may be
/// somebody else's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hsts {
    pub(crate) console: Option<HeaderValue>,
    pub(crate) sites: Option<HeaderValue>,
}

impl Hsts {
    pub(crate) fn of(web: &Web) -> Self {
        let value = HeaderValue::from_str(&format!("max-age={}", web.hsts_seconds)).ok();
        let console = value.filter(|_| web.secure && web.hsts_seconds > 0);
        Self { sites: console.clone().filter(|_| web.public_url.starts_with("https://")), console }
    }
}

/// Adds it to an answer.
pub(crate) fn say_hsts(response: &mut Response, value: Option<&HeaderValue>) {
    if let Some(value) = value {
        say(response.headers_mut(), header::STRICT_TRANSPORT_SECURITY, value.clone());
    }
}

fn common(headers: &mut HeaderMap) {
    for (name, value) in COMMON {
        say(headers, name, value);
    }
}

fn say(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_alone_is_asked_for_only_where_there_is_https() {
        let of = |secure, public_url: &str, hsts_seconds| {
            let hsts = Hsts::of(&Web { secure, public_url: public_url.into(), hsts_seconds, ..Web::default() });
            (hsts.console.is_some(), hsts.sites.is_some())
        };
        assert_eq!(of(true, "https://{domain}", 60), (true, true));
        assert_eq!(of(true, "http://{domain}", 60), (true, false));
        assert_eq!(of(true, "https://{domain}", 0), (false, false));
        assert_eq!(of(false, "https://{domain}", 60), (false, false));
    }
}
