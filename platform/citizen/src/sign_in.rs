//! Signing in with a code that is sent to a phone or a mailbox, and signing out. Whoever is new registers with the same code, so nothing here
//! tells whether there is an account.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use human::{Answer, Why};
use model::{CitizenId, Problem, Recipient};
use publish::commands::citizen::{self, Deed, Means};
use publish::commands::citizen_code::Purpose;
use serde::{Deserialize, Serialize};
use web::{
    App, AskedHuman, ClientAddress, Error, SignedInCitizen, ask_human, close_citizen_session, judge_human, open_citizen_session,
};

use crate::code;
use crate::coming::local;
use crate::registering::{self, Begun};
use crate::screens::{self, Frame};
use crate::suspended;
use crate::via::{self, Service};

/// What somebody is asked to show they are no program for.
pub(crate) const HUMAN: &str = "citizen-sign-in";

/// Where to go afterwards, how to sign in, and what to say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    next: String,
    by: String,
    done: String,
}

/// Who wants a code.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub(crate) recipient: String,
    pub(crate) next: String,
    /// Set where one was sent before and the page with its field is there already.
    again: String,
    asked: String,
    #[serde(flatten)]
    pub(crate) human: Answer,
}

/// Who has one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    recipient: String,
    asked: String,
    code: String,
    next: String,
}

#[derive(Serialize)]
pub(crate) struct Screen<'a> {
    pub(crate) recipient: &'a str,
    pub(crate) next: &'a str,
    pub(crate) by_password: bool,
    pub(crate) human: AskedHuman,
    /// What else there is to sign in by.
    pub(crate) services: Vec<Service>,
}

/// The page on which a code is typed.
#[derive(Serialize)]
struct CodeScreen<'a> {
    recipient: &'a str,
    asked: &'a str,
    masked: String,
    kind: &'static str,
    next: &'a str,
    minutes: u32,
    human: AskedHuman,
}

/// GET /sign-in
pub(crate) async fn ask(State(app): State<Arc<App>>, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let frame = Frame::outside(&app, "登录").noticed(&wish.done);
    let (human, services) = (asked(&app, None), via::services(&app).await?);
    let screen = Screen { recipient: "", next: local(&wish.next), by_password: wish.by == "password", human, services };
    screens::draw("sign_in.html", frame, screen)
}

/// POST /sign-in/code
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Error> {
    let next = local(&wanted.next);
    let recipient = match Recipient::typed("recipient", &wanted.recipient) {
        Ok(recipient) => recipient,
        Err(problems) => return again(&app, &wanted, problems, None).await,
    };
    if let Err(why) = judge_human(&app, &wanted.human, HUMAN, &address).await {
        if wanted.again.is_empty() {
            return again(&app, &wanted, Vec::new(), Some(why)).await;
        }
        return code_page(&app, (&recipient, &wanted.asked), next, Vec::new(), asked(&app, Some((&wanted.human, why))));
    }
    match code::send(&app, Purpose::SignIn, &recipient, ("recipient", &address)).await? {
        Ok(sent) => code_page(&app, (&recipient, &sent), next, Vec::new(), asked(&app, None)),
        Err(problems) if wanted.again.is_empty() => again(&app, &wanted, problems, None).await,
        Err(problems) => {
            let problems = problems.into_iter().map(|problem| Problem::at("code", problem.message)).collect();
            code_page(&app, (&recipient, &wanted.asked), next, problems, asked(&app, None))
        }
    }
}

/// POST /sign-in
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let next = local(&typed.next);
    let Ok(recipient) = Recipient::typed("recipient", &typed.recipient) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    if let Err(problems) = code::take(&app, Purpose::SignIn, (&recipient, &typed.asked), (&typed.code, &address)).await? {
        return code_page(&app, (&recipient, &typed.asked), next, problems, asked(&app, None));
    }
    let (engine, to) = (Arc::clone(&app.engine), recipient.clone());
    let found = app.read(move |connection| citizen::find_by_recipient(&engine.vault, connection, &to)).await?;
    match found {
        Some((known, _)) => come_in(&app, jar, known.id, (address, agent(&headers)), Means::Code, next).await,
        None => registering::ask(&app, &Begun::new(&app, recipient), next),
    }
}

/// POST /sign-out
pub(crate) async fn leave(State(app): State<Arc<App>>, signed_in: SignedInCitizen, jar: CookieJar) -> Result<Response, Error> {
    let cookie = close_citizen_session(&app, &signed_in).await?;
    Ok((jar.add(cookie), Redirect::to("/sign-in?done=signed-out")).into_response())
}

/// Opens a session for somebody who has proved who they are, and leads them on; whoever is shut out is told why.
pub(crate) async fn come_in(
    app: &Arc<App>,
    jar: CookieJar,
    id: CitizenId,
    (address, agent): (String, &str),
    means: Means,
    next: &str,
) -> Result<Response, Error> {
    let deed = Deed { citizen: id, address: address.clone() };
    if let Some(told) = suspended::keep_out(app, &deed).await? {
        return Ok(told);
    }
    // A password may have leaked, and a service may have asked for nothing.
    let is_proven = matches!(means, Means::Code);
    app.command(move |engine| citizen::came_in(engine, &deed, &means)).await?;
    let cookie = open_citizen_session(app, &jar, id, (address, agent), is_proven).await?;
    Ok((jar.add(cookie), Redirect::to(next)).into_response())
}

/// What the browser calls itself.
pub(crate) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn code_page(
    app: &App,
    (recipient, asked): (&Recipient, &str),
    next: &str,
    problems: Vec<Problem>,
    human: AskedHuman,
) -> Result<Response, Error> {
    let screen = CodeScreen {
        recipient: recipient.text(),
        asked,
        masked: recipient.masked(),
        kind: recipient.kind().chinese(),
        next,
        minutes: model::citizen_policy().codes.minutes,
        human,
    };
    screens::draw("code.html", Frame::outside(app, "填写验证码").with_problems(problems), screen)
}

/// Asks whether somebody is a program, again where the answer before was not taken.
pub(crate) fn asked(app: &App, before: Option<(&Answer, Why)>) -> AskedHuman {
    let asked = ask_human(app, HUMAN);
    match before {
        Some((answer, why)) => asked.again(answer, why),
        None => asked,
    }
}

/// The form again with what was typed.
async fn again(app: &Arc<App>, wanted: &Wanted, problems: Vec<Problem>, why: Option<Why>) -> Result<Response, Error> {
    let (human, services) = (asked(app, why.map(|why| (&wanted.human, why))), via::services(app).await?);
    let screen = Screen { recipient: wanted.recipient.trim(), next: local(&wanted.next), by_password: false, human, services };
    screens::draw("sign_in.html", Frame::outside(app, "登录").with_problems(problems), screen)
}
