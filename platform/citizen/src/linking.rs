//! 首次由认证服务登录: whom a service means who is linked with nobody yet is remembered in the browser that brought it. Whoever then comes in there
//! otherwise, or registers, is shown what would be linked and confirms it, or declines.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use model::{Recipient, citizen_policy};
use publish::CommandError;
use publish::commands::citizen_link::{self, OVER};
use serde::{Deserialize, Serialize};
use web::{App, ClientAddress, Error, SignedInCitizen, end_pending, find_citizen, find_pending};

use crate::center::own;
use crate::coming::{local, query};
use crate::screens::{self, Frame};
use crate::telling::{LINKED, tell};
use crate::via;

/// Where to go afterwards, and what was shown.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    next: String,
    seen: String,
}

#[derive(Serialize)]
struct First<'a> {
    upstream: String,
    next: &'a str,
    /// Where to come in otherwise, and come back from.
    onward: String,
    minutes: i64,
}

#[derive(Serialize)]
struct Screen<'a> {
    upstream: String,
    /// Which account, so that nobody links that of whoever used the browser before.
    name: String,
    recipients: Vec<String>,
    seen: i64,
    next: &'a str,
}

/// GET /sign-in/first
pub(crate) async fn first(State(app): State<Arc<App>>, Query(typed): Query<Typed>, jar: CookieJar) -> Result<Response, Error> {
    let Some(hash) = find_pending(&app, &jar) else { return over(&app) };
    let Some(pending) = app.command(move |engine| citizen_link::find_pending(engine, &hash)).await? else { return over(&app) };
    let next = local(&typed.next);
    let back = format!("/link?{}", query(&[("next", next)]));
    let screen = First {
        upstream: pending.upstream,
        next,
        onward: format!("/sign-in?{}", query(&[("next", &back)])),
        minutes: citizen_policy().links.pending().num_minutes(),
    };
    screens::draw("first.html", Frame::outside(&app, "首次登录"), screen)
}

/// GET /link
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(typed): Query<Typed>,
    jar: CookieJar,
) -> Result<Response, Error> {
    let (citizen, id) = (own(&app, &signed_in).await?, signed_in.id);
    let Some(hash) = find_pending(&app, &jar) else { return over(&app) };
    let Some(pending) = app.command(move |engine| citizen_link::show_pending(engine, &hash, id)).await? else {
        return over(&app);
    };
    let screen = Screen {
        upstream: pending.upstream,
        name: citizen.shown_as(),
        recipients: citizen.recipients().iter().map(Recipient::masked).collect(),
        seen: pending.id,
        next: local(&typed.next),
    };
    screens::draw("link.html", Frame::within(&app, "", "确认关联"), screen)
}

/// POST /link
pub(crate) async fn confirm(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(hash) = find_pending(&app, &jar) else { return over(&app) };
    let recipients = own(&app, &signed_in).await?.recipients();
    let (deed, seen, kept) = (signed_in.deed(), typed.seen.parse().unwrap_or_default(), hash.clone());
    let gone = CookieJar::new().add(end_pending(&app));
    match app.command(move |engine| citizen_link::confirm(engine, &deed, &kept, seen)).await {
        Ok(()) => {
            tell(&app, &recipients, LINKED).await;
            let next = Some(local(&typed.next)).filter(|next| *next != "/").unwrap_or("/security?done=linked");
            Ok((gone, Redirect::to(next)).into_response())
        }
        // It is good once, whatever became of it.
        Err(CommandError::Refused(sentence)) => {
            app.command(move |engine| citizen_link::decline(engine, &hash)).await?;
            Ok((gone, via::draw(&app, StatusCode::CONFLICT, &sentence)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /link/decline
pub(crate) async fn decline(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    if let Some(hash) = find_pending(&app, &jar) {
        app.command(move |engine| citizen_link::decline(engine, &hash)).await?;
    }
    let next = local(&typed.next);
    let there = match find_citizen(&app, &jar, None, address).await? {
        Some(_) if next == "/" => "/?done=declined".to_owned(),
        Some(_) => next.to_owned(),
        None => format!("/sign-in?{}", query(&[("done", "declined"), ("next", next)])),
    };
    Ok((CookieJar::new().add(end_pending(&app)), Redirect::to(&there)).into_response())
}

fn over(app: &App) -> Result<Response, Error> {
    via::draw(app, StatusCode::BAD_REQUEST, OVER)
}
