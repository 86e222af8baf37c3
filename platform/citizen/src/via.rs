//! Signing in through an upper-level service (上级认证), and coming back from one: to come in, or to link whom it means with oneself.
//!
//! Nobody comes in because a phone or a mailbox is the same: whom the service means must have been linked. Who is not goes on to come in
//! otherwise, or to register, and confirms ([`crate::linking`]).

use std::sync::Arc;

use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use model::{CitizenId, Clientele};
use publish::CommandError;
use publish::commands::citizen::Means;
use publish::commands::citizen_link;
use publish::upstream::{Failure, Returned};
use serde::{Deserialize, Serialize};
use store::upstreams;
use web::{App, ClientAddress, Error, begin_pending, begin_upstream, find_citizen, finish_upstream, upstream_failed};

use crate::center::own;
use crate::coming::{local, query};
use crate::screens::{self, Frame};
use crate::sign_in::{agent, come_in};
use crate::telling::{LINKED, tell};

const NOT_THEM: &str = "关联未完成：发起关联的登录已经退出。请重新登录，再到“登录与安全”关联";

/// Where to go afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    next: String,
}

/// The service that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) upstream: String,
}

/// What for somebody is sent to a service.
#[derive(Deserialize, Serialize)]
pub(crate) enum Errand {
    /// To come in, and go there.
    Enter(String),
    /// To link whom it means with this citizen.
    Link(CitizenId),
}

/// A service to sign in by.
#[derive(Serialize)]
pub(crate) struct Service {
    key: String,
    name: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    sentence: &'a str,
}

/// The services for citizens that are open, in the order they were registered.
pub(crate) async fn services(app: &Arc<App>) -> Result<Vec<Service>, Error> {
    let known = app.read(|connection| upstreams::list_for(connection, Clientele::Citizens)).await?;
    let open = known.into_iter().filter(|known| known.content.is_open);
    Ok(open.map(|known| Service { key: known.key, name: known.content.name }).collect())
}

/// GET /sign-in/via/{upstream}
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    Path(named): Path<Named>,
    Query(wish): Query<Wish>,
    ClientAddress(address): ClientAddress,
) -> Result<Response, Error> {
    match send(&app, named.upstream, &Errand::Enter(local(&wish.next).to_owned()), &address).await? {
        Ok((cookie, there)) => Ok((CookieJar::new().add(cookie), Redirect::to(&there)).into_response()),
        Err(failure) => failed(&app, &failure),
    }
}

/// Sends a browser away; gives the cookie it keeps and the address that leads there. Each service sends people back to an address of its own,
/// so that none can pass on what another gave.
pub(crate) async fn send(
    app: &Arc<App>,
    key: String,
    errand: &Errand,
    address: &str,
) -> Result<Result<(Cookie<'static>, String), Failure>, Error> {
    let center = app.engine.settings.citizens.address.as_deref().ok_or(Error::NotFound)?;
    let redirect = format!("{center}/sign-in/via/{key}/back");
    begin_upstream(app, Clientele::Citizens, key, (redirect, matches!(errand, Errand::Link(_))), errand, address).await
}

/// GET /sign-in/via/{upstream}/back
pub(crate) async fn arrive(
    State(app): State<Arc<App>>,
    Path(named): Path<Named>,
    RawQuery(said): RawQuery,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let said = serde_html_form::from_str(&said.unwrap_or_default()).unwrap_or_default();
    let (judged, gone) = finish_upstream(&app, &jar, Clientele::Citizens, named.upstream, said, address.clone()).await?;
    let arrived = match judged {
        Ok((returned, Errand::Enter(next))) => enter(&app, jar, returned, (address, agent(&headers)), local(&next)).await?,
        Ok((returned, Errand::Link(citizen))) => link(&app, &jar, returned, citizen, address).await?,
        Err(failure) => failed(&app, &failure)?,
    };
    Ok((CookieJar::new().add(gone), arrived).into_response())
}

/// Whoever is linked comes in as after a code, by the ordinary rules. Whom the service means who is not is remembered in this browser.
async fn enter(
    app: &Arc<App>,
    jar: CookieJar,
    returned: Returned,
    (address, agent): (String, &str),
    next: &str,
) -> Result<Response, Error> {
    let Returned { upstream, subject, .. } = returned;
    let (asked, meant) = (upstream.clone(), subject.clone());
    match app.command(move |engine| citizen_link::find(engine, &asked, &meant)).await {
        Ok(Some(entry)) => {
            return come_in(app, jar, entry.citizen, (address, agent), Means::Upstream(Box::new(entry)), next).await;
        }
        Ok(None) => {}
        Err(CommandError::Refused(sentence)) => return draw(app, StatusCode::CONFLICT, &sentence),
        Err(error) => return Err(error.into()),
    }
    let (hash, cookie) = begin_pending(app);
    match app.command(move |engine| citizen_link::keep(engine, &upstream, &subject, &hash)).await {
        Ok(()) => {}
        Err(CommandError::Refused(sentence)) => return draw(app, StatusCode::CONFLICT, &sentence),
        Err(error) => return Err(error.into()),
    }
    let is_in = find_citizen(app, &jar, None, address).await?.is_some();
    let there = format!("{}?{}", if is_in { "/link" } else { "/sign-in/first" }, query(&[("next", next)]));
    Ok((CookieJar::new().add(cookie), Redirect::to(&there)).into_response())
}

/// Only the very citizen who asked for it, signed in still, is linked.
async fn link(
    app: &Arc<App>,
    jar: &CookieJar,
    returned: Returned,
    citizen: CitizenId,
    address: String,
) -> Result<Response, Error> {
    let signed_in = find_citizen(app, jar, None, address).await?.filter(|one| one.id == citizen);
    let Some(signed_in) = signed_in else { return draw(app, StatusCode::FORBIDDEN, NOT_THEM) };
    let (deed, recipients) = (signed_in.deed(), own(app, &signed_in).await?.recipients());
    match app.command(move |engine| citizen_link::link(engine, &deed, &returned.upstream, &returned.subject)).await {
        Ok(()) => {
            tell(app, &recipients, LINKED).await;
            Ok(Redirect::to("/security?done=linked").into_response())
        }
        Err(CommandError::Refused(sentence)) => draw(app, StatusCode::CONFLICT, &sentence),
        Err(error) => Err(error.into()),
    }
}

/// What could not be done, in a sentence of ours.
pub(crate) fn failed(app: &App, failure: &Failure) -> Result<Response, Error> {
    draw(app, upstream_failed(failure), failure.sentence())
}

/// Why nothing was done, and the way back.
pub(crate) fn draw(app: &App, status: StatusCode, sentence: &str) -> Result<Response, Error> {
    let page = screens::draw("via_failed.html", Frame::outside(app, "操作未完成"), Screen { sentence })?;
    Ok((status, page).into_response())
}
