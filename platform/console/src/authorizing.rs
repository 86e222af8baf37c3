//! 授权登录: somebody whom an application has sent to us signs in to it, after they were asked where that is wanted.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use identity::{Issuer, give_code, has_agreed};
use model::Application;
use oidc::{Asked, Asking, Prompt, Refusal, Scope};
use serde::Serialize;
use store::applications;
use web::{App, Error, SignedIn};

use crate::screens::{self, Frame};

#[derive(Serialize)]
struct Consent<'a> {
    name: &'a str,
    keeper: &'a str,
    /// To whom the person is sent back.
    host: String,
    told: Vec<&'static str>,
    fields: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Onward<'a> {
    name: &'a str,
    address: String,
}

/// GET /console/authorize
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    Issuer(endpoints): Issuer,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let mut pairs = identity::pairs(query.as_bytes());
    // What was left out, and what only the form says, does not come back in it.
    pairs.retain(|(name, value)| name != "agree" && !value.is_empty());
    let (application, asked) = judge(&app, pairs.clone()).await?;
    // Whoever comes here without having been asked at the identity service is asked here.
    if let Some(door) = identity::find_door(&app, &asked, &query, Some(signed_in.since)) {
        return Ok(Redirect::to(&door).into_response());
    }
    if asked.prompt != Prompt::Consent && has_agreed(&app, &application, &asked, signed_in.person.id).await? {
        let code = give_code(&app, &signed_in, &application, &asked, false).await?;
        return Ok(onward(&application, asked.answered(&code, endpoints.issuer()))?.into_response());
    }
    let told = Scope::ALL.into_iter().filter(|scope| asked.scopes.contains(scope)).map(in_words).collect();
    let host = identity::host_of(&asked.redirect);
    let content = &application.content;
    let screen = Consent { name: &content.name, keeper: &content.keeper, host, told, fields: pairs };
    Ok(screens::draw("authorize.html", Frame::threshold(&signed_in, "授权登录"), screen)?.into_response())
}

/// POST /console/authorize: `agree` says whether they do.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    Issuer(endpoints): Issuer,
    signed_in: SignedIn,
    Form(said): Form<HashMap<String, String>>,
) -> Result<Html<String>, Error> {
    let agrees = said.get("agree").is_some_and(|word| word == "yes");
    let (application, asked) = judge(&app, said.into_iter().filter(|(name, _)| name != "agree").collect()).await?;
    let address = if agrees {
        let code = give_code(&app, &signed_in, &application, &asked, true).await?;
        asked.answered(&code, endpoints.issuer())
    } else {
        asked.told("access_denied").address(endpoints.issuer())
    };
    onward(&application, address)
}

async fn judge(app: &Arc<App>, pairs: Vec<(String, String)>) -> Result<(Application, Asked), Error> {
    let asking = Asking::new(pairs);
    let client = asking.client().unwrap_or_default().to_owned();
    let application =
        app.read(move |connection| applications::find_by_client(connection, &client)).await?.map(|(known, _)| known);
    match asking.judge(application.as_ref()) {
        Ok(asked) => Ok((application.ok_or(Error::NotFound)?, asked)),
        Err(Refusal::Shown(sentence)) => Err(Error::BadRequest(sentence.into())),
        // Who came by the application's own way was told there.
        Err(Refusal::Told(_)) => Err(Error::BadRequest("应用发来的登录请求有误，请返回该应用重新登录".into())),
    }
}

/// A page that leads on by itself: a form may lead nowhere but to ourselves, and browsers hold a redirect after it to the same.
fn onward(application: &Application, address: String) -> Result<Html<String>, Error> {
    let name = &application.content.name;
    screens::draw("onward.html", Frame::outside("正在返回"), Onward { name, address })
}

pub(crate) fn in_words(scope: Scope) -> &'static str {
    match scope {
        Scope::OpenId => "账号编号（用于识别是您本人）",
        Scope::Profile => "姓名、用户名",
        Scope::Email => "电子邮箱",
        Scope::Phone => "手机号",
    }
}
