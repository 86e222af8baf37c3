//! Signing in through an upper-level service (上级认证), and coming back from one: to come in, or to link whom it means with oneself.
//!
//! Nobody comes in because a name or an address is the same: whom the service means must have been linked. Once it is known who it is all goes on
//! as after a password. Signing out here ends the session here alone: the service has one of its own, which other systems use as well.

use std::sync::Arc;

use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use model::{Clientele, UserId};
use publish::CommandError;
use publish::commands::sign_in::{self, Step};
use publish::commands::{upstream, upstream_link};
use publish::upstream::{Failure, Returned};
use serde::{Deserialize, Serialize};
use store::second_factors;
use web::{App, ClientAddress, Error, Origin, SignedIn, begin_upstream, find_session, finish_upstream, upstream_failed};

use crate::screens::{self, Frame};
use crate::sign_in::{agent, local};

const NOT_LINKED: &str = "该上级账号还没有关联本平台的账号。请先用账号和密码登录，在“我的账号”中关联，以后即可由此登录";
const KEPT_OUT: &str = "您的账号目前不能登录，请联系安全管理员";
const NOT_THEM: &str = "关联未完成：发起关联的登录已经退出。请重新登录，再到“我的账号”关联";

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: String,
}

/// The service that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    upstream: String,
}

/// What for somebody is sent to a service.
#[derive(Deserialize, Serialize)]
pub(crate) enum Errand {
    /// To come in, and go there.
    Enter(String),
    /// To link whom it means with this person.
    Link(UserId),
}

#[derive(Serialize)]
struct Screen<'a> {
    sentence: &'a str,
    is_signed_in: bool,
}

/// GET /console/sign-in/via/{upstream}
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    Origin(origin): Origin,
    Path(named): Path<Named>,
    Query(wish): Query<Wish>,
    address: ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    match send(&app, &origin, named.upstream, &Errand::Enter(local(&wish.next).to_owned()), &address.0).await? {
        Ok((cookie, there)) => Ok((jar.add(cookie), Redirect::to(&there)).into_response()),
        Err(failure) => failed(failure, false),
    }
}

/// Sends a browser away; gives the cookie it keeps and the address that leads there.
pub(crate) async fn send(
    app: &Arc<App>,
    origin: &str,
    key: String,
    errand: &Errand,
    address: &str,
) -> Result<Result<(axum_extra::extract::cookie::Cookie<'static>, String), Failure>, Error> {
    let redirect = back_to(origin, &key);
    begin_upstream(app, Clientele::Staff, key, (redirect, matches!(errand, Errand::Link(_))), errand, address).await
}

/// Where a service sends people back to: each to an address of its own, so that none can pass on what another gave.
pub(crate) fn back_to(origin: &str, key: &str) -> String {
    format!("{origin}/console/sign-in/via/{key}/back")
}

/// The same for citizens, at the address where they sign in.
pub(crate) fn back_to_citizens(center: &str, key: &str) -> String {
    format!("{center}/sign-in/via/{key}/back")
}

/// GET /console/sign-in/via/{upstream}/back
pub(crate) async fn arrive(
    State(app): State<Arc<App>>,
    Path(named): Path<Named>,
    RawQuery(query): RawQuery,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let said = identity::pairs(query.unwrap_or_default().as_bytes());
    let (judged, gone) = finish_upstream(&app, &jar, Clientele::Staff, named.upstream, said, address.clone()).await?;
    let signed_in = find_session(&app, &jar, address.clone()).await?;
    let (returned, errand) = match judged {
        Ok(back) => back,
        Err(failure) => return Ok((jar.add(gone), failed(failure, signed_in.is_some())?).into_response()),
    };
    let arrived = match errand {
        Errand::Enter(next) => enter(&app, &jar, returned, address, agent(&headers), &next).await?,
        Errand::Link(user) => (CookieJar::new(), link(&app, returned, user, signed_in).await?).into_response(),
    };
    Ok((CookieJar::new().add(gone), arrived).into_response())
}

/// The ordinary rules hold: whoever is shut out stays out, and whoever has a second factor is asked for it.
async fn enter(
    app: &Arc<App>,
    jar: &CookieJar,
    returned: Returned,
    address: String,
    agent: &str,
    next: &str,
) -> Result<Response, Error> {
    let Returned { upstream: service, subject, .. } = returned;
    let (via, known) = (service.content.name.clone(), service.clone());
    let Some(account) = app.command(move |engine| upstream_link::enter(engine, &known, &subject)).await? else {
        app.command(move |engine| upstream::failed(engine, &service, &address, "该上级账号未关联")).await?;
        return draw(StatusCode::FORBIDDEN, NOT_LINKED, false);
    };
    if !account.may_sign_in(app.engine.clock.now()) {
        app.command(move |engine| sign_in::kept_out(engine, &account, address, &via)).await?;
        return draw(StatusCode::FORBIDDEN, KEPT_OUT, false);
    }
    let id = account.id;
    if app.read(move |connection| second_factors::has_any(connection, id)).await? {
        let cookie = web::begin_sign_in(app, id, Some(via)).await?;
        let next = serde_html_form::to_string([("next", local(next))]).unwrap_or_default();
        let second = Redirect::to(&format!("/console/sign-in/second?{next}"));
        return Ok((CookieJar::new().add(cookie), second).into_response());
    }
    let from = address.clone();
    app.command(move |engine| sign_in::opened(engine, &account, from, Step::Upstream, Some(&via))).await?;
    let cookie = web::open_vouched(app, jar, id, address, agent).await?;
    Ok((CookieJar::new().add(cookie), Redirect::to(local(next))).into_response())
}

/// Only the very person who asked for it, signed in still, is linked.
async fn link(app: &Arc<App>, returned: Returned, user: UserId, signed_in: Option<SignedIn>) -> Result<Response, Error> {
    let is_them = |one: &SignedIn| one.person.id == user && one.must_change.is_none() && !one.must_add_factor;
    let Some(signed_in) = signed_in.filter(is_them) else { return draw(StatusCode::FORBIDDEN, NOT_THEM, false) };
    let actor = signed_in.actor();
    match app.command(move |engine| upstream_link::link(engine, &actor, &returned.upstream, &returned.subject)).await {
        Ok(()) => Ok(Redirect::to("/console/me?done=linked").into_response()),
        Err(CommandError::Refused(sentence)) => draw(StatusCode::CONFLICT, &sentence, true),
        Err(other) => Err(other.into()),
    }
}

/// What could not be done, in a sentence of ours: what a service or an address says of errors is not repeated.
pub(crate) fn failed(failure: Failure, is_signed_in: bool) -> Result<Response, Error> {
    draw(upstream_failed(&failure), failure.sentence(), is_signed_in)
}

fn draw(status: StatusCode, sentence: &str, is_signed_in: bool) -> Result<Response, Error> {
    let screen = Screen { sentence, is_signed_in };
    Ok((status, screens::draw("via_failed.html", Frame::outside("上级认证未完成"), screen)?).into_response())
}
