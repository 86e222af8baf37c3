//! Registering: whoever has shown that a phone or a mailbox is theirs says how old they are, agrees to the terms, and has an account. What they
//! have shown is sealed into the form, so nothing is kept of whoever goes away.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use chrono::{NaiveDateTime, TimeDelta};
use model::citizen::LONGEST_CALL;
use model::text::is_plain_line;
use model::{CitizenId, Problem, Recipient, RecipientKind, citizen_policy};
use publish::commands::citizen::{self, Registration};
use serde::{Deserialize, Serialize};
use vault::{Place, Sealed};
use web::{App, ClientAddress, Error, open_citizen_session};

use crate::coming::local;
use crate::minor;
use crate::screens::{self, Frame, TERMS};
use crate::sign_in::agent;

/// What is sealed for a form, and never reaches the database.
const PLACE: Place = Place::new("citizens.registration", 0);

/// What somebody who registers has shown so far.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Begun {
    kind: RecipientKind,
    recipient: String,
    until: NaiveDateTime,
    /// What they want to be called, once they have said so and agreed to the terms.
    pub(crate) call: Option<String>,
}

impl Begun {
    pub(crate) fn new(app: &App, recipient: Recipient) -> Self {
        let until = app.engine.clock.now() + TimeDelta::minutes(citizen_policy().registration.minutes.into());
        Self { kind: recipient.kind(), recipient: recipient.text().to_owned(), until, call: None }
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient::of(self.kind, self.recipient.clone())
    }

    pub(crate) fn sealed(&self, app: &App) -> String {
        app.engine.vault.seal(PLACE, serde_json::json!(self).to_string().as_bytes()).to_string()
    }

    /// What a form brought; none where it is not ours or too old.
    pub(crate) fn of(app: &App, text: &str) -> Option<Self> {
        let sealed: Sealed = text.parse().ok()?;
        let begun: Self = serde_json::from_str(&app.engine.vault.open_text(PLACE, &sealed).ok()?).ok()?;
        (begun.until >= app.engine.clock.now()).then_some(begun)
    }
}

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    begun: String,
    next: String,
    call: String,
    age: String,
    agree: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    begun: String,
    next: &'a str,
    masked: String,
    call: &'a str,
    age: &'a str,
    agreed: bool,
    consent_age: u32,
    longest: usize,
}

/// Asks somebody who is new.
pub(crate) fn ask(app: &App, begun: &Begun, next: &str) -> Result<Response, Error> {
    page(app, begun, &Typed { next: next.to_owned(), ..Typed::default() }, Vec::new())
}

/// POST /register
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(begun) = Begun::of(&app, &typed.begun) else { return Ok(too_late()) };
    let problems = problems(&typed);
    if !problems.is_empty() {
        return page(&app, &begun, &typed, problems);
    }
    let begun = Begun { call: Some(typed.call.trim().to_owned()), ..begun };
    if typed.age == "minor" {
        return minor::ask(&app, &begun, local(&typed.next));
    }
    enrol(&app, jar, &begun, None, (address, agent(&headers)), local(&typed.next)).await
}

/// Makes the account, signs its person in and leads them on.
pub(crate) async fn enrol(
    app: &Arc<App>,
    jar: CookieJar,
    begun: &Begun,
    guardian: Option<Recipient>,
    (address, agent): (String, &str),
    next: &str,
) -> Result<Response, Error> {
    let registration = Registration {
        recipient: begun.recipient(),
        call: begun.call.clone().unwrap_or_default(),
        guardian,
        terms: TERMS.to_owned(),
        address: address.clone(),
    };
    let id: CitizenId = app.command(move |engine| citizen::register(engine, &registration)).await?;
    let cookie = open_citizen_session(app, &jar, id, (address, agent), true).await?;
    let next = if next == "/" { "/?done=registered" } else { next };
    Ok((jar.add(cookie), Redirect::to(next)).into_response())
}

/// Whoever waited too long shows once more that the phone or the mailbox is theirs.
pub(crate) fn too_late() -> Response {
    Redirect::to("/sign-in").into_response()
}

fn problems(typed: &Typed) -> Vec<Problem> {
    let mut problems = call_problem(&typed.call).into_iter().collect::<Vec<_>>();
    if !["adult", "minor"].contains(&typed.age.as_str()) {
        problems.push(Problem::at("age", format!("请选择是否已满{}周岁", citizen_policy().consent_age)));
    }
    if typed.agree.is_empty() {
        problems.push(Problem::at("agree", "请阅读并同意《用户服务协议》和《个人信息保护政策》后注册"));
    }
    problems
}

/// What is wrong with what somebody wants to be called.
pub(crate) fn call_problem(call: &str) -> Option<Problem> {
    let call = call.trim();
    let is_right = call.chars().count() <= LONGEST_CALL && (call.is_empty() || is_plain_line(call));
    (!is_right).then(|| Problem::at("call", format!("称呼不超过{LONGEST_CALL}字，不含特殊字符")))
}

fn page(app: &App, begun: &Begun, typed: &Typed, problems: Vec<Problem>) -> Result<Response, Error> {
    let screen = Screen {
        begun: begun.sealed(app),
        next: local(&typed.next),
        masked: begun.recipient().masked(),
        call: typed.call.trim(),
        age: &typed.age,
        agreed: !typed.agree.is_empty(),
        consent_age: citizen_policy().consent_age,
        longest: LONGEST_CALL,
    };
    screens::draw("register.html", Frame::outside(app, "注册").with_problems(problems), screen)
}
