//! Signing in and out.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use model::{Clientele, User};
use publish::commands::sign_in::{self, Attempt, Step};
use serde::{Deserialize, Serialize};
use store::{people, second_factors, upstreams};
use web::{App, ClientAddress, Error, SignedIn, Stranger};

use crate::notice;
use crate::screens::{self, Frame};
use crate::throttle::{Strike, Throttle, wait};

/// All that whoever is refused is told: neither whether there is such an account nor whether it is locked.
const REFUSED: &str = "账号或密码不正确，或账号目前不能登录。请核对后重新输入；仍不能登录的，请联系安全管理员";

/// What whoever sent a form that was not drawn for their browser is told.
const NOT_THEIRS: &str = "登录页面已失效，请重新输入密码。如反复出现此提示，请允许浏览器为本后台保存 Cookie";

/// Where to go afterwards, and what to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: String,
    #[serde(default)]
    done: String,
}

/// What is typed.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Credentials {
    username: String,
    password: String,
    next: String,
    #[serde(rename = "_token")]
    token: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    username: &'a str,
    next: &'a str,
    problem: Option<String>,
    /// The services through which one may sign in as well.
    services: Vec<Service>,
}

/// An upper-level service, as its button says it.
#[derive(Serialize)]
struct Service {
    key: String,
    name: String,
}

/// GET /console/sign-in
pub(crate) async fn ask(State(app): State<Arc<App>>, jar: CookieJar, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let frame = Frame::outside("登录").noticed(notice::find(&wish.done));
    let screen = Screen { username: "", next: local(&wish.next), problem: None, services: services(&app).await? };
    Ok(Stranger::of(&app, &jar).shown(screens::draw("sign_in.html", frame, screen)?.into_response()).await)
}

/// POST /console/sign-in
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Credentials>,
) -> Result<Response, Error> {
    let stranger = Stranger::of(&app, &jar);
    let answer = if stranger.sent(&typed.token) {
        come_in(&app, address, jar, agent(&headers), typed).await?
    } else {
        again(&app, StatusCode::FORBIDDEN, &typed, NOT_THEIRS.into()).await?
    };
    Ok(stranger.shown(answer).await)
}

async fn come_in(app: &Arc<App>, address: String, jar: CookieJar, agent: &str, typed: Credentials) -> Result<Response, Error> {
    let username = typed.username.trim().to_owned();
    if username.is_empty() || typed.password.is_empty() {
        return again(app, StatusCode::UNPROCESSABLE_ENTITY, &typed, "请输入账号和密码".into()).await;
    }
    let mut throttle = Throttle::at_the_door(app, &username, &address);
    if !throttle.admits().await {
        return again(app, StatusCode::TOO_MANY_REQUESTS, &typed, too_often()).await;
    }
    let (account, proven) = match prove(app, username.clone(), typed.password.clone()).await {
        Ok(judged) => judged,
        Err(error) => {
            throttle.spare_address().await;
            return Err(error);
        }
    };
    let now = app.engine.clock.now();
    let Some(user) = account.as_ref().filter(|user| proven && user.may_sign_in(now)) else {
        let strike = refuse(app, &throttle, Attempt { account, username, address, step: Step::Password }).await?;
        return match strike {
            Strike::None => again(app, StatusCode::UNPROCESSABLE_ENTITY, &typed, REFUSED.into()).await,
            Strike::Address | Strike::Account => again(app, StatusCode::TOO_MANY_REQUESTS, &typed, too_often()).await,
        };
    };
    let id = user.id;
    if app.read(move |connection| second_factors::has_any(connection, id)).await? {
        throttle.halfway().await;
        let cookie = web::begin_sign_in(app, id, None).await?;
        let next = serde_html_form::to_string([("next", local(&typed.next))]).unwrap_or_default();
        return Ok((jar.add(cookie), Redirect::to(&format!("/console/sign-in/second?{next}"))).into_response());
    }
    throttle.succeeded().await;
    let (came, from) = (user.clone(), address.clone());
    app.command(move |engine| sign_in::opened(engine, &came, from, Step::Password, None)).await?;
    let cookie = web::open_session(app, &jar, user.id, address, agent).await?;
    Ok((jar.add(cookie), Redirect::to(local(&typed.next))).into_response())
}

/// GET /console/sign-out: where an application leads that wants somebody signed out and cannot show whom.
pub(crate) async fn ask_to_leave(signed_in: SignedIn) -> Result<Response, Error> {
    Ok(screens::draw("leave.html", Frame::threshold(&signed_in, "退出登录"), ())?.into_response())
}

/// POST /console/sign-out
pub(crate) async fn leave(State(app): State<Arc<App>>, signed_in: SignedIn, jar: CookieJar) -> Result<Response, Error> {
    let cookie = web::close_session(&app, &signed_in).await?;
    Ok((jar.add(cookie), Redirect::to("/console/sign-in?done=signed-out")).into_response())
}

/// Where sign-in may lead: an address of the console itself, never another site.
pub(crate) fn local(next: &str) -> &str {
    let inside = next == "/console" || next.starts_with("/console/") || next.starts_with("/console?");
    let plain = next.chars().all(|letter| letter.is_ascii_graphic() && letter != '\\');
    if inside && plain && !next.starts_with("/console/sign-") { next } else { "/console" }
}

/// The account of this name and whether the password is its own; takes as long for names that nobody has.
async fn prove(app: &Arc<App>, username: String, password: String) -> Result<(Option<User>, bool), Error> {
    let account = app.read(move |connection| people::find_by_username(connection, &username)).await?;
    let hash = account.as_ref().map(|user| user.password.hash.clone());
    let proven = factors::judge_password(password, hash).await;
    Ok((account, proven.map_err(|error| Error::Fault(format!("a password was not judged: {error}")))?))
}

/// Counts and records an attempt that failed; says whom it keeps out.
pub(crate) async fn refuse(app: &Arc<App>, throttle: &Throttle<'_>, attempt: Attempt) -> Result<Strike, Error> {
    let strike = throttle.failed();
    let (is_last, locks) = (strike != Strike::None, strike == Strike::Account);
    app.command(move |engine| sign_in::refused(engine, &attempt, is_last, locks)).await?;
    Ok(strike)
}

/// What the browser calls itself.
pub(crate) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn too_often() -> String {
    format!("登录失败次数过多，已暂停登录，请{}后再试。如忘记密码，请联系安全管理员重置", wait())
}

/// The services that are open, in the order they were registered.
async fn services(app: &Arc<App>) -> Result<Vec<Service>, Error> {
    let known = app
        .read(|connection| upstreams::list_for(connection, Clientele::Staff))
        .await?
        .into_iter()
        .filter(|known| known.content.is_open);
    Ok(known.map(|known| Service { key: known.key, name: known.content.name }).collect())
}

/// The form again with what was typed, the password left out.
async fn again(app: &Arc<App>, status: StatusCode, typed: &Credentials, problem: String) -> Result<Response, Error> {
    let (username, services) = (typed.username.trim(), services(app).await?);
    let screen = Screen { username, next: local(&typed.next), problem: Some(problem), services };
    Ok((status, screens::draw("sign_in.html", Frame::outside("登录"), screen)?).into_response())
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn sign_in_leads_nowhere_but_to_the_console() {
        for good in ["/console", "/console/wangxi", "/console/wangxi/resources/3/edit", "/console?done=saved"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https://evil.example/console",
            "/consolex",
            "/console/\\evil.example",
            "/console/\r\nSet-Cookie: a",
            "/console/sign-in?next=/console",
            "javascript:alert(1)",
        ] {
            assert_eq!(local(bad), "/console", "{bad}");
        }
    }
}
