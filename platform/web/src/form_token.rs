//! 表单令牌: what a form of the console proves that it was drawn for the session that sends it.
//!
//! One token a session, derived from the session's own, which only the browser holds. The guard puts it first into every form that it lets
//! out, so that no screen can forget it, and asks for it back with everything that changes something: in the form, where it works without
//! script, or in a header, where a script sends. Together with the layer that judges `Sec-Fetch-Site` and `Origin` this holds for browsers
//! that send neither. Signing in has no session yet: there the token is of a `Stranger`.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use crate::Error;

/// The field of a form.
const FIELD: &str = "_token";

/// The header of a script; and in an answer that refuses a token, the one that is right by now. No other origin can read it there.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// Bytes among which the first part of a form with files ends.
const FIRST_PART: usize = 8 << 10;

/// How long the first part of a form with files may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The token of one session, or of one stranger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormToken(String);

impl FormToken {
    /// Of the session whose token the browser holds.
    pub(crate) fn of(session: &str) -> Self {
        let key = blake3::derive_key("tongyuan 2026-11-26 form token", session.as_bytes());
        Self(blake3::Hash::from_bytes(key).to_hex().to_string())
    }

    /// As a header says it.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }

    pub(crate) fn is(&self, said: &[u8]) -> bool {
        // Hashes are compared in constant time.
        blake3::hash(said) == blake3::hash(self.0.as_bytes())
    }

    /// The request without the token it proves itself with; the answer to one that does not.
    pub(crate) async fn admit(&self, request: Request, most: usize) -> Result<Request, Response> {
        if request.method().is_safe() {
            return Ok(request);
        }
        if let Some(said) = request.headers().get(HEADER) {
            return if self.is(said.as_bytes()) { Ok(request) } else { Err(self.refused()) };
        }
        let mark = mark(request.headers());
        let (mut parts, body) = request.into_parts();
        let body = match mark {
            Some(mark) => self.with_files(body, &mark).await?,
            None => self.without_files(body, most).await?,
        };
        // The body is shorter by the token.
        parts.headers.remove(header::CONTENT_LENGTH);
        Ok(Request::from_parts(parts, body))
    }

    /// The answer with the token in each of its forms. What brings a policy of its own is a page of a site, shown within the console.
    pub(crate) async fn put(&self, response: Response) -> Response {
        let is_screen =
            response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        if !is_screen || response.headers().contains_key(header::CONTENT_SECURITY_POLICY) {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return Error::Fault("a screen ended before its end".into()).into_response();
        };
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = match std::str::from_utf8(&bytes) {
            Ok(screen) => Body::from(self.within(screen)),
            Err(_) => Body::from(bytes),
        };
        Response::from_parts(parts, body)
    }

    fn within(&self, screen: &str) -> String {
        let mut held = String::with_capacity(screen.len() + 256);
        let mut rest = screen;
        while let Some(start) = rest.find("<form") {
            let Some(end) = rest[start..].find('>').map(|at| start + at + 1) else { break };
            held.push_str(&rest[..end]);
            if rest[start..end].contains(" method=\"post\"") {
                held.extend(["<input type=\"hidden\" name=\"", FIELD, "\" value=\"", &self.0, "\" autocomplete=\"off\">"]);
            }
            rest = &rest[end..];
        }
        held.push_str(rest);
        held
    }

    async fn without_files(&self, body: Body, most: usize) -> Result<Body, Response> {
        let bytes = to_bytes(body, most).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let said = |pair: &[u8]| pair.strip_prefix(FIELD.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")).map(<[u8]>::to_vec);
        let pairs = || bytes.split(|byte| *byte == b'&');
        if !pairs().find_map(said).is_some_and(|token| self.is(&token)) {
            return Err(self.refused());
        }
        let others: Vec<&[u8]> = pairs().filter(|pair| said(pair).is_none()).collect();
        Ok(Body::from(others.join(&b'&')))
    }

    /// A form with files is read no further than its first part, which is the token.
    async fn with_files(&self, body: Body, mark: &str) -> Result<Body, Response> {
        let mut coming = body.into_data_stream();
        let mut begun = Vec::new();
        let (token, rest) = loop {
            if let Some(found) = first_part(&begun, mark) {
                break found;
            }
            let piece = timeout(PATIENCE, coming.next()).await.map_err(|_| StatusCode::REQUEST_TIMEOUT.into_response())?;
            match piece {
                Some(Ok(piece)) if begun.len() < FIRST_PART => begun.extend_from_slice(&piece),
                _ => return Err(self.refused()),
            }
        };
        if !self.is(&begun[token]) {
            return Err(self.refused());
        }
        let begun = Bytes::from(begun).slice(rest..);
        Ok(Body::from_stream(stream::once(async { Ok(begun) }).chain(coming)))
    }

    fn refused(&self) -> Response {
        let mut response = Error::Forged.into_response();
        if let Some(value) = self.header() {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
}

/// What tells the parts of a form with files apart; none for other forms.
fn mark(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let parameters = kind.split_once(';').filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("multipart/form-data"))?.1;
    let mark = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
    Some(format!("--{}", mark.trim_matches('"')))
}

/// Where the value of the token stands, and where the second part begins, once both have come.
fn first_part(begun: &[u8], mark: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let head = begun.strip_prefix(mark.as_bytes())?.strip_prefix(b"\r\n")?;
    let at = begun.len() - head.len();
    let find = |text: &[u8], from: usize| begun[from..].windows(text.len()).position(|window| window == text).map(|at| from + at);
    let value = find(b"\r\n\r\n", at)? + 4;
    let names = std::str::from_utf8(&begun[at..value]).ok()?.contains(&format!("; name=\"{FIELD}\"\r\n"));
    let end = find(format!("\r\n{mark}").as_bytes(), value)?;
    names.then_some((value..end, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_changes_something_is_given_the_token_first_and_no_other() {
        let token = FormToken::of("a");
        let screen = "<form class=\"x\" method=\"post\" action=\"/y\"><button>甲</button></form><form method=\"get\"><p>&lt;form method=\"post\"&gt;</p>";
        let held = token.within(screen);
        let field = format!("<input type=\"hidden\" name=\"_token\" value=\"{}\" autocomplete=\"off\">", token.0);
        assert_eq!(held, screen.replacen("action=\"/y\">", &format!("action=\"/y\">{field}"), 1));
    }

    #[test]
    fn sessions_have_tokens_of_their_own_that_do_not_tell_the_session() {
        let (one, other) = (FormToken::of("a"), FormToken::of("b"));
        assert!(one != other && one.is(one.0.as_bytes()) && !one.is(other.0.as_bytes()) && !one.is(b""));
        assert!(!one.is(blake3::hash(b"a").to_hex().as_bytes()), "nor is it what the database keeps of the session");
    }

    #[test]
    fn the_first_part_of_a_form_with_files_is_found_once_it_is_all_there() {
        let form = b"--m\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nabc\r\n--m\r\nrest";
        let (token, rest) = first_part(form, "--m").unwrap();
        assert_eq!((&form[token], &form[rest..]), (&b"abc"[..], &b"--m\r\nrest"[..]));
        assert!(first_part(&form[..50], "--m").is_none());
        let other = b"--m\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\nabc\r\n--m\r\nrest";
        assert!(first_part(other, "--m").is_none());
    }
}
