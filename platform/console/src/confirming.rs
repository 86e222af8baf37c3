//! 确认身份: the page that asks whoever is signed in to prove again who they are, before a grave deed. It holds the form that was sent.

use std::sync::Arc;

use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::{User, sign_in_policy};
use publish::commands::sign_in::{self, Step};
use serde::{Deserialize, Serialize};
use store::{people, second_factors};
use web::{Answer, App, Asking, Confirm, Deed, Error};

use crate::proving::{self, Asked, Means, Proof};
use crate::screens::{self, Frame};
use crate::sign_in::local;
use crate::throttle::{Throttle, wait};

/// Where whoever only asked for something proves who they are.
const HERE: &str = "/console/me/confirm";

/// How the console asks.
pub struct Confirming;

impl Confirm for Confirming {
    fn confirm<'a>(&'a self, app: &'a Arc<App>, deed: Deed) -> Asking<'a> {
        Box::pin(confirm(app, deed))
    }
}

/// Where to go on.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    next: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    action: &'a str,
    fields: &'a [(String, String)],
    means: Means,
    is_sent: bool,
    username: &'a str,
    minutes: u32,
    problem: Option<String>,
}

/// POST /console/me/confirm. By now they have proved who they are.
pub(crate) async fn go_on(Form(wish): Form<Wish>) -> Redirect {
    Redirect::to(local(&wish.next))
}

async fn confirm(app: &Arc<App>, deed: Deed) -> Result<Option<Response>, Error> {
    let id = deed.signed_in.person.id;
    let read = app
        .read(move |connection| Ok::<_, store::Error>((people::find(connection, id)?, second_factors::has_any(connection, id)?)));
    let (account, has_factor) = read.await?;
    let account = account.ok_or(Error::NotFound)?;
    let Some(answer) = &deed.answer else { return draw(app, &deed, StatusCode::UNAUTHORIZED, None).await.map(Some) };
    if is_empty(answer, has_factor) {
        let problem = if has_factor { "请输入验证码或恢复码" } else { "请输入密码" }.to_owned();
        return draw(app, &deed, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)).await.map(Some);
    }
    let step = if has_factor { Step::SecondFactor } else { Step::Password };
    let judged = judge(app, &account, &deed, answer, has_factor);
    let throttle = Throttle::within(app, &account.username, &deed.signed_in.address);
    match proving::counted(app, throttle, &account, &deed.signed_in.address, step, judged).await? {
        Proof::Given => {
            let (actor, session) = (deed.signed_in.actor(), deed.signed_in.session);
            app.command(move |engine| sign_in::proved(engine, &actor, id, session)).await?;
            Ok(None)
        }
        Proof::Wrong => {
            let wrong = if has_factor {
                "验证没有通过。验证码只能用一次，请等下一个验证码再试"
            } else {
                "密码不正确，请重新输入"
            };
            draw(app, &deed, StatusCode::UNPROCESSABLE_ENTITY, Some(wrong.to_owned())).await.map(Some)
        }
        Proof::TooOften => {
            let problem = format!("失败次数过多，请{}后再试", wait());
            draw(app, &deed, StatusCode::TOO_MANY_REQUESTS, Some(problem)).await.map(Some)
        }
        // Whoever sits at somebody's open session guesses no longer.
        Proof::Lost => {
            let gone = web::close_session(app, &deed.signed_in).await?;
            let jar = axum_extra::extract::CookieJar::new().add(gone);
            Ok(Some((jar, Redirect::to("/console/sign-in?done=guessed")).into_response()))
        }
    }
}

fn is_empty(answer: &Answer, has_factor: bool) -> bool {
    if has_factor { answer.code.trim().is_empty() && answer.passkey.is_empty() } else { answer.password.is_empty() }
}

/// Whoever has a second factor proves themselves with it; a password is what others might know.
async fn judge(app: &Arc<App>, account: &User, deed: &Deed, answer: &Answer, has_factor: bool) -> Result<bool, Error> {
    if has_factor {
        let asked = Asked::within(deed.signed_in.session);
        let given = (answer.code.trim(), answer.passkey.as_str());
        return proving::judge(app, account, &deed.signed_in.address, &asked, given).await;
    }
    let judged = factors::judge_password(answer.password.clone(), Some(account.password.hash.clone())).await;
    judged.map_err(|error| Error::Fault(format!("a password was not judged: {error}")))
}

async fn draw(app: &Arc<App>, deed: &Deed, status: StatusCode, problem: Option<String>) -> Result<Response, Error> {
    let signed_in = &deed.signed_in;
    let means = proving::ask(app, signed_in.person.id, &Asked::within(signed_in.session)).await?;
    let next = [("next".to_owned(), deed.address.clone())];
    let (action, fields) = if deed.is_sent { (deed.address.as_str(), deed.fields.as_slice()) } else { (HERE, next.as_slice()) };
    let is_free = signed_in.must_change.is_none() && !signed_in.must_add_factor;
    let frame = if is_free { Frame::own(signed_in, "确认身份") } else { Frame::threshold(signed_in, "确认身份") };
    let screen = Screen {
        action,
        fields,
        means,
        is_sent: deed.is_sent,
        username: &signed_in.person.username,
        minutes: sign_in_policy().confirmation.minutes,
        problem,
    };
    Ok((status, screens::draw("confirm.html", frame, screen)?).into_response())
}
