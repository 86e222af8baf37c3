//! 公众用户: somebody of the public who asks for help is found by what they say is theirs, looked at, and shut out or let in again. There is
//! no list of them.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use model::{CitizenId, Problem, Recipient};
use publish::CommandError;
use publish::commands::citizen_oversight::{self, Asked, Overview};
use serde::{Deserialize, Serialize};
use web::{App, Error, SignedIn};

use crate::moment::Moment;
use crate::notice;
use crate::screens::{self, Frame, Place};

const BASE: &str = "/console/citizens";

/// What to say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
}

/// The account that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    citizen: CitizenId,
}

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    asked: String,
}

/// What was looked at when a button was pressed, and why it was.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    seen: String,
    reason: String,
}

#[derive(Serialize)]
struct Search<'a> {
    asked: &'a str,
    /// Whether nobody was found.
    is_missed: bool,
    problems: Vec<Problem>,
}

/// What could not be done.
#[derive(Default)]
struct Attempt {
    reason: String,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
}

#[derive(Serialize)]
struct Screen {
    id: CitizenId,
    phone: Option<String>,
    mail: Option<String>,
    guardian: Option<String>,
    real_name: &'static str,
    has_password: bool,
    registered: Moment,
    last_in: Option<Moment>,
    devices: usize,
    /// Since when they are shut out, and why.
    suspension: Option<(Moment, String)>,
    seen: String,
    reason: String,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
}

/// GET /console/citizens
pub(crate) async fn ask(signed_in: SignedIn) -> Result<Response, Error> {
    search(&signed_in, "", false, Vec::new())
}

/// POST /console/citizens
pub(crate) async fn find(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(sought): Form<Sought>,
) -> Result<Response, Error> {
    let asked = match Asked::typed("asked", &sought.asked) {
        Ok(asked) => asked,
        Err(problems) => return search(&signed_in, &sought.asked, false, problems),
    };
    let actor = signed_in.actor();
    match app.command(move |engine| citizen_oversight::seek(engine, &actor, &asked)).await {
        Ok(Some(id)) => Ok(Redirect::to(&format!("{BASE}/{id}")).into_response()),
        Ok(None) => search(&signed_in, &sought.asked, true, Vec::new()),
        Err(CommandError::Refused(sentence)) => search(&signed_in, &sought.asked, false, vec![Problem::at("asked", sentence)]),
        Err(other) => Err(other.into()),
    }
}

/// GET /console/citizens/{citizen}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &signed_in, named.citizen, &wish.done, Attempt::default()).await
}

/// POST /console/citizens/{citizen}/suspend
pub(crate) async fn suspend(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, id, reason) = (signed_in.actor(), named.citizen, typed.reason.clone());
    let shut_out = app.command(move |engine| citizen_oversight::suspend(engine, &actor, id, &typed.seen, &typed.reason)).await;
    answer(&app, &signed_in, id, shut_out, "citizen-suspended", reason).await
}

/// POST /console/citizens/{citizen}/reinstate
pub(crate) async fn reinstate(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, id) = (signed_in.actor(), named.citizen);
    let let_in = app.command(move |engine| citizen_oversight::reinstate(engine, &actor, id, &typed.seen)).await;
    answer(&app, &signed_in, id, let_in, "citizen-reinstated", String::new()).await
}

/// Back to the account, with what was done; or the page again, with why it was not and all that was typed.
async fn answer(
    app: &Arc<App>,
    signed_in: &SignedIn,
    id: CitizenId,
    done: Result<(), CommandError>,
    word: &str,
    reason: String,
) -> Result<Response, Error> {
    let attempt = match done {
        Ok(()) => return Ok(Redirect::to(&format!("{BASE}/{id}?done={word}")).into_response()),
        Err(CommandError::Invalid(problems)) => Attempt { reason, problems, ..Attempt::default() },
        Err(CommandError::Stale) => Attempt { reason, is_stale: true, ..Attempt::default() },
        Err(CommandError::Refused(sentence)) => Attempt { reason, refusal: Some(sentence), ..Attempt::default() },
        Err(other) => return Err(other.into()),
    };
    draw(app, signed_in, id, "", attempt).await
}

async fn draw(app: &Arc<App>, signed_in: &SignedIn, id: CitizenId, done: &str, attempt: Attempt) -> Result<Response, Error> {
    let actor = signed_in.actor();
    let overview = app.command(move |engine| citizen_oversight::look(engine, &actor, id)).await?;
    let status = if attempt.is_stale || attempt.refusal.is_some() {
        StatusCode::CONFLICT
    } else if attempt.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let frame = frame(signed_in, &format!("公众用户 {id}")).noticed(notice::find(done));
    Ok((status, screens::draw("citizen.html", frame, compose(overview, attempt))?).into_response())
}

fn compose(overview: Overview, attempt: Attempt) -> Screen {
    let Overview { citizen, devices, last_in } = overview;
    let masked = |one: &Option<Recipient>| one.as_ref().map(Recipient::masked);
    Screen {
        id: citizen.id,
        phone: masked(&citizen.phone),
        mail: masked(&citizen.mail),
        guardian: masked(&citizen.guardian),
        real_name: citizen.real_name.chinese(),
        has_password: citizen.password_since.is_some(),
        registered: citizen.registered_at.into(),
        last_in: last_in.map(Moment::from),
        devices,
        seen: citizen_oversight::suspension_seal(&citizen),
        suspension: citizen.suspension.map(|one| (one.since.into(), one.reason)),
        reason: attempt.reason,
        problems: attempt.problems,
        is_stale: attempt.is_stale,
        refusal: attempt.refusal,
    }
}

fn search(signed_in: &SignedIn, asked: &str, is_missed: bool, problems: Vec<Problem>) -> Result<Response, Error> {
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let screen = Search { asked: asked.trim(), is_missed, problems };
    Ok((status, screens::draw("citizens.html", frame(signed_in, "公众用户"), screen)?).into_response())
}

fn frame(signed_in: &SignedIn, title: &str) -> Frame {
    Frame::platform(signed_in, Place::Citizens, title)
}
