//! 登录请求: where applications send people. What is wrong with a request is told here, to them or to the person; what is right goes on to
//! the console, where people sign in and agree.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::NaiveDateTime;
use oidc::{Asked, Asking, Prompt, Refusal};
use store::applications;
use web::{App, ClientAddress, Error, find_session};

use crate::issuing::{give_code, has_agreed};
use crate::{Issuer, pairs};

/// GET /oidc/authorize
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    Issuer(endpoints): Issuer,
    RawQuery(query): RawQuery,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asking = Asking::new(pairs(query.as_bytes()));
    let client = asking.client().unwrap_or_default().to_owned();
    let application =
        app.read(move |connection| applications::find_by_client(connection, &client)).await?.map(|(known, _)| known);
    let asked = match asking.judge(application.as_ref()) {
        Ok(asked) => asked,
        Err(Refusal::Shown(sentence)) => return Err(Error::BadRequest(sentence.into())),
        Err(Refusal::Told(told)) => return Ok(Redirect::to(&told.address(endpoints.issuer())).into_response()),
    };
    let Some(application) = application else { return Err(Error::NotFound) };
    let signed_in = find_session(&app, &jar, address).await?;
    let too_long_ago = signed_in.as_ref().is_some_and(|signed_in| is_too_long_ago(&app, &asked, signed_in.since));
    if asked.prompt == Prompt::None {
        let told = |error| Ok(Redirect::to(&asked.told(error).address(endpoints.issuer())).into_response());
        let Some(signed_in) =
            signed_in.filter(|signed_in| signed_in.must_change.is_none() && !signed_in.must_add_factor && !too_long_ago)
        else {
            return told("login_required");
        };
        if !has_agreed(&app, &application, &asked, signed_in.person.id).await? {
            return told("consent_required");
        }
        let code = give_code(&app, &signed_in, &application, &asked, false).await?;
        return Ok(Redirect::to(&asked.answered(&code, endpoints.issuer())).into_response());
    }
    let since = signed_in.map(|signed_in| signed_in.since);
    let on = find_door(&app, &asked, &query, since).unwrap_or_else(|| onward(&query));
    Ok(Redirect::to(&on).into_response())
}

/// Where whoever must sign in for a request, though they may have a session, does so.
pub fn find_door(app: &App, asked: &Asked, query: &str, since: Option<NaiveDateTime>) -> Option<String> {
    let too_long_ago = since.is_some_and(|since| is_too_long_ago(app, asked, since));
    let next = || url::form_urlencoded::byte_serialize(onward(query).as_bytes()).collect::<String>();
    (asked.prompt == Prompt::Login || too_long_ago).then(|| format!("/console/sign-in?next={}", next()))
}

fn is_too_long_ago(app: &App, asked: &Asked, since: NaiveDateTime) -> bool {
    asked.max_age.is_some_and(|most| (app.engine.clock.now() - since).num_seconds() > i64::from(most))
}

/// Where a request goes on. Whoever is to sign in for it does so once: behind the form nothing asks for it any more.
fn onward(query: &str) -> String {
    let kept =
        pairs(query.as_bytes()).into_iter().filter(|(name, value)| name != "max_age" && (name != "prompt" || value != "login"));
    format!("/console/authorize?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish())
}
