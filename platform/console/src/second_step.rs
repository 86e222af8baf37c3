//! The second step of signing in: after the right password, or the word of an upper-level service, whoever has a second factor proves themselves with it. Until then there is no
//! session.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use model::{User, sign_in_policy};
use publish::commands::sign_in::{self, Step};
use serde::{Deserialize, Serialize};
use store::{begun_sign_ins, people};
use web::{App, Begun, ClientAddress, Error};

use crate::proving::{self, Asked, Means, Proof};
use crate::screens::{self, Frame};
use crate::sign_in::{agent, local};
use crate::throttle::{Throttle, wait};

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: String,
}

/// What is typed, or was signed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    code: String,
    passkey: String,
    next: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    means: Means,
    next: &'a str,
    minutes: u32,
    /// The upper-level service they came through.
    via: Option<String>,
    problem: Option<String>,
}

/// GET /console/sign-in/second
pub(crate) async fn ask(State(app): State<Arc<App>>, jar: CookieJar, Query(wish): Query<Wish>) -> Result<Response, Error> {
    match web::find_begun(&app, &jar).await? {
        Some(begun) => draw(&app, &begun, &wish.next, StatusCode::OK, None).await,
        None => Ok(begin_again("begin-again")),
    }
}

/// POST /console/sign-in/second
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(begun) = web::find_begun(&app, &jar).await? else { return Ok(begin_again("begin-again")) };
    if typed.code.trim().is_empty() && typed.passkey.is_empty() {
        let problem = "请输入验证码或恢复码".to_owned();
        return draw(&app, &begun, &typed.next, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)).await;
    }
    let Some(account) = find_comer(&app, &begun).await? else {
        let (_, gone) = web::end_begun(&app, &begun).await?;
        return Ok((jar.add(gone), begin_again("begin-again")).into_response());
    };
    let asked = Asked::at_the_door(&begun);
    let judged = proving::judge(&app, &account, &address, &asked, (typed.code.trim(), &typed.passkey));
    let throttle = Throttle::at_the_door(&app, &account.username, &address);
    match proving::counted(&app, throttle, &account, &address, Step::SecondFactor, judged).await? {
        Proof::Given => {}
        Proof::Wrong => {
            let problem = "验证没有通过。验证码每半分钟更换一次，且只能用一次，请等下一个验证码再试".to_owned();
            return draw(&app, &begun, &typed.next, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)).await;
        }
        Proof::TooOften => {
            let problem = format!("登录失败次数过多，已暂停登录，请{}后再试", wait());
            return draw(&app, &begun, &typed.next, StatusCode::TOO_MANY_REQUESTS, Some(problem)).await;
        }
        Proof::Lost => {
            let (_, gone) = web::end_begun(&app, &begun).await?;
            return Ok((jar.add(gone), begin_again("locked-out")).into_response());
        }
    }
    let (was_there, gone) = web::end_begun(&app, &begun).await?;
    if !was_there {
        return Ok((jar.add(gone), begin_again("begin-again")).into_response());
    }
    let (id, from) = (account.id, address.clone());
    let via = begun.via.clone();
    app.command(move |engine| sign_in::opened(engine, &account, from, Step::SecondFactor, via.as_deref())).await?;
    let cookie = web::open_session(&app, &jar, id, address, agent(&headers)).await?;
    Ok((jar.add(gone).add(cookie), Redirect::to(local(&typed.next))).into_response())
}

/// Whoever is coming in, if they may still and have a try left.
async fn find_comer(app: &Arc<App>, begun: &Begun) -> Result<Option<User>, Error> {
    let (id, user, now) = (begun.id, begun.user_id, app.engine.clock.now());
    let most = sign_in_policy().second_factor.tries;
    let read = app.write(move |connection| {
        let has_try = begun_sign_ins::count_try(connection, id, most)?;
        Ok((has_try, people::find(connection, user)?))
    });
    let (has_try, account) = read.await?;
    Ok(account.filter(|account| has_try && account.may_sign_in(now)))
}

fn begin_again(why: &str) -> Response {
    Redirect::to(&format!("/console/sign-in?done={why}")).into_response()
}

async fn draw(app: &Arc<App>, begun: &Begun, next: &str, status: StatusCode, problem: Option<String>) -> Result<Response, Error> {
    let means = proving::ask(app, begun.user_id, &Asked::at_the_door(begun)).await?;
    let (minutes, via) = (sign_in_policy().second_factor.minutes, begun.via.clone());
    let screen = Screen { means, next: local(next), minutes, via, problem };
    Ok((status, screens::draw("second_step.html", Frame::outside("二次验证"), screen)?).into_response())
}
