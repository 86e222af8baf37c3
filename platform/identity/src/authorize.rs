//! 登录请求: where applications send people. What is wrong with a request is told here, to them or to the person; what is right goes on to
//! where people sign in and agree.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::NaiveDateTime;
use oidc::{Asked, Asking, Prompt, Refusal};
use store::applications;
use web::{App, ClientAddress, Error};

use crate::issuing::{give_code, has_agreed};
use crate::{Guest, Issuer, pairs};

/// GET /oidc/authorize
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    RawQuery(query): RawQuery,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asking = Asking::new(pairs(query.as_bytes()));
    let client = asking.client().unwrap_or_default().to_owned();
    let found = app.read(move |connection| applications::find_by_client(connection, &client)).await?;
    let application = issuer.own(found.map(|(known, _)| known));
    let asked = match asking.judge(application.as_ref()) {
        Ok(asked) => asked,
        Err(Refusal::Shown(sentence)) => return Err(Error::BadRequest(sentence.into())),
        Err(Refusal::Told(told)) => return Ok(Redirect::to(&told.address(issuer.endpoints.issuer())).into_response()),
    };
    let Some(application) = application else { return Err(Error::NotFound) };
    let guest = Guest::find(&app, &jar, issuer.clientele, address).await?;
    let too_long_ago = guest.as_ref().is_some_and(|guest| is_too_long_ago(&app, &asked, guest.since()));
    if asked.prompt == Prompt::None {
        let told = |error| Ok(Redirect::to(&asked.told(error).address(issuer.endpoints.issuer())).into_response());
        let Some(guest) = guest.filter(|guest| guest.is_within() && !too_long_ago) else {
            return told("login_required");
        };
        if !has_agreed(&app, &application, &asked, guest.subject()).await? {
            return told("consent_required");
        }
        let code = give_code(&app, &guest, &application, &asked, false).await?;
        return Ok(Redirect::to(&asked.answered(&code, issuer.endpoints.issuer())).into_response());
    }
    let since = guest.map(|guest| guest.since());
    let on = find_door(&app, &issuer, &asked, &query, since).unwrap_or_else(|| onward(&issuer, &query));
    Ok(Redirect::to(&on).into_response())
}

/// Where whoever must sign in for a request, though they may have a session, does so.
pub(crate) fn find_door(app: &App, issuer: &Issuer, asked: &Asked, query: &str, since: Option<NaiveDateTime>) -> Option<String> {
    let too_long_ago = since.is_some_and(|since| is_too_long_ago(app, asked, since));
    let next = || url::form_urlencoded::byte_serialize(onward(issuer, query).as_bytes()).collect::<String>();
    (asked.prompt == Prompt::Login || too_long_ago).then(|| format!("{}?next={}", issuer.ways().sign_in, next()))
}

fn is_too_long_ago(app: &App, asked: &Asked, since: NaiveDateTime) -> bool {
    asked.max_age.is_some_and(|most| (app.engine.clock.now() - since).num_seconds() > i64::from(most))
}

/// Where a request goes on. Whoever is to sign in for it does so once: behind the form nothing asks for it any more.
fn onward(issuer: &Issuer, query: &str) -> String {
    let kept =
        pairs(query.as_bytes()).into_iter().filter(|(name, value)| name != "max_age" && (name != "prompt" || value != "login"));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    format!("{}?{query}", issuer.ways().agree)
}
