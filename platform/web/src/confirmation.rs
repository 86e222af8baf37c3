//! 确认身份: before a grave deed, whoever has not proved for a while who they are does so. The form that was sent is held in the page that asks,
//! and goes on with the answer to where it was going.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::sign_in_policy;

use crate::signed_in::SignedIn;
use crate::{App, Error};

/// How the fields of an answer begin; no other field of a form does.
const PREFIX: &str = "_confirm_";

/// Who is to prove who they are, and before what.
pub struct Deed {
    /// Who asks.
    pub signed_in: SignedIn,
    /// Where it was sent, with its query.
    pub address: String,
    /// Whether it was sent, or only asked for.
    pub is_sent: bool,
    /// What was sent.
    pub fields: Vec<(String, String)>,
    /// What they prove themselves with, where they did.
    pub answer: Option<Answer>,
}

/// What somebody proves themselves with.
#[derive(Clone, Default)]
pub struct Answer {
    /// The password.
    pub password: String,
    /// A code of an app, or a recovery code.
    pub code: String,
    /// What a passkey signed, JSON.
    pub passkey: String,
}

/// How a proof is asked for and judged: the console's to say.
pub trait Confirm: Send + Sync {
    /// None where who they are is proved by now; else what they are answered.
    fn confirm<'a>(&'a self, app: &'a Arc<App>, deed: Deed) -> Asking<'a>;
}

/// What is being asked.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Option<Response>, Error>> + Send + 'a>>;

/// The request without the answer it brought, once who they are is proved; else what they are answered.
pub(crate) async fn admit(app: &Arc<App>, signed_in: &SignedIn, request: Request, most: usize) -> Result<Request, Response> {
    let is_sent = !request.method().is_safe();
    let address = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let (request, sent) = if is_form(&request) { take_out(request, most).await? } else { (request, Sent::default()) };
    if sign_in_policy().confirmation.lasts(signed_in.proven_at, app.engine.clock.now()) {
        return Ok(request);
    }
    let deed = Deed { signed_in: signed_in.clone(), address, is_sent, fields: sent.fields, answer: sent.answer };
    match app.confirm.confirm(app, deed).await {
        Ok(None) => Ok(request),
        Ok(Some(response)) => Err(response),
        Err(error) => Err(error.into_response()),
    }
}

/// What a form brought.
#[derive(Default)]
struct Sent {
    fields: Vec<(String, String)>,
    answer: Option<Answer>,
}

fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}

/// The form without the answer, and what both said.
async fn take_out(request: Request, most: usize) -> Result<(Request, Sent), Response> {
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, most).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let all: Vec<(String, String)> = serde_html_form::from_bytes(&bytes).map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let (answered, fields): (Vec<_>, Vec<_>) = all.into_iter().partition(|(name, _)| name.starts_with(PREFIX));
    let rest: Vec<&[u8]> = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.starts_with(PREFIX.as_bytes())).collect();
    // The body is shorter by the answer.
    parts.headers.remove(header::CONTENT_LENGTH);
    let request = Request::from_parts(parts, Body::from(rest.join(&b'&')));
    Ok((request, Sent { fields, answer: answer(answered) }))
}

fn answer(fields: Vec<(String, String)>) -> Option<Answer> {
    if fields.is_empty() {
        return None;
    }
    let mut answer = Answer::default();
    for (name, value) in fields {
        match name.strip_prefix(PREFIX) {
            Some("password") => answer.password = value,
            Some("code") => answer.code = value,
            Some("passkey") => answer.passkey = value,
            _ => {}
        }
    }
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_taken_out_of_a_form_that_is_else_left_as_it_was() {
        let body = "roles=editor&_confirm_code=123+456&roles=reviewer&note=%E4%B8%80%26%E4%BA%8C";
        let kind = "application/x-www-form-urlencoded";
        let request = Request::post("/console/people/1/roles").header("content-type", kind).header("content-length", body.len());
        let (request, sent) = take_out(request.body(Body::from(body)).unwrap(), 1 << 20).await.unwrap();
        assert_eq!(sent.answer.unwrap().code, "123 456");
        let told: Vec<_> = sent.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(told, ["roles=editor", "roles=reviewer", "note=一&二"]);
        assert!(!request.headers().contains_key("content-length"));
        let rest = to_bytes(request.into_body(), 1 << 20).await.unwrap();
        assert_eq!(rest, "roles=editor&roles=reviewer&note=%E4%B8%80%26%E4%BA%8C");
    }
}
