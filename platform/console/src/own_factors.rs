//! 二次验证 of one's own: what there is, what it is called, and recovery codes. Whoever must have one and has none comes here before anything
//! else.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use factors::generate_codes;
use model::{FactorId, Problem, SecondFactor, sign_in_policy};
use publish::CommandError;
use publish::commands::second_factor;
use serde::{Deserialize, Serialize};
use store::{recovery_codes, second_factors};
use web::{App, Error, SignedIn};

use crate::moment::Moment;
use crate::notice;
use crate::proving::passkeys;
use crate::screens::{self, Frame};
use crate::sign_in::local;

/// What to say, and where whoever must set one up was going.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
    pub(crate) next: String,
}

/// The factor that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    factor: FactorId,
}

/// What it is to be called.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
struct Screen {
    /// Whether one must be set up before anything else.
    must_add: bool,
    /// Behind the addresses where one is added.
    onward: String,
    factors: Vec<Row>,
    codes: i64,
    has_passkeys: bool,
    refusal: Option<String>,
}

/// A factor as it is told.
#[derive(Serialize)]
struct Row {
    id: FactorId,
    kind: &'static str,
    name: String,
    added: Moment,
    used: Option<Moment>,
}

#[derive(Serialize)]
struct One {
    factor: Row,
    name: String,
    is_last: bool,
    is_required: bool,
    problems: Vec<Problem>,
    refusal: Option<String>,
}

#[derive(Serialize)]
struct Told {
    codes: Vec<String>,
    username: String,
    on: String,
}

/// GET /console/me/factors
pub(crate) async fn show(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &signed_in, &wish, None).await
}

/// POST /console/me/factors/codes. They are in this one answer and nowhere else.
pub(crate) async fn renew_codes(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Response, Error> {
    let (actor, codes) = (signed_in.actor(), new_codes());
    let told = codes.clone();
    match app.command(move |engine| second_factor::renew_codes(engine, &actor, &codes)).await {
        Ok(()) => tell_codes(&signed_in, told, ""),
        Err(CommandError::Refused(sentence)) => draw(&app, &signed_in, &Wish::default(), Some(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// GET /console/me/factors/codes: who comes back to where codes were told comes to the rest.
pub(crate) async fn lead_back() -> Redirect {
    Redirect::to("/console/me/factors")
}

/// GET /console/me/factors/{factor}
pub(crate) async fn open(State(app): State<Arc<App>>, signed_in: SignedIn, Path(named): Path<Named>) -> Result<Response, Error> {
    draw_one(&app, &signed_in, named.factor, None, Vec::new(), None).await
}

/// POST /console/me/factors/{factor}
pub(crate) async fn rename(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, name) = (signed_in.actor(), typed.name.clone());
    match app.command(move |engine| second_factor::rename(engine, &actor, named.factor, &name)).await {
        Ok(()) => Ok(Redirect::to("/console/me/factors?done=factor-renamed").into_response()),
        Err(CommandError::Invalid(problems)) => draw_one(&app, &signed_in, named.factor, Some(typed.name), problems, None).await,
        Err(other) => Err(other.into()),
    }
}

/// POST /console/me/factors/{factor}/remove
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let actor = signed_in.actor();
    match app.command(move |engine| second_factor::remove(engine, &actor, named.factor)).await {
        Ok(()) => Ok(Redirect::to("/console/me/factors?done=factor-removed").into_response()),
        Err(CommandError::Refused(sentence)) => draw_one(&app, &signed_in, named.factor, None, Vec::new(), Some(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// As many as the rules say.
pub(crate) fn new_codes() -> Vec<String> {
    generate_codes(sign_in_policy().second_factor.codes)
}

/// After one was added: the recovery codes that came with the first, and from them on to where they were going, or back to all.
pub(crate) fn added(signed_in: &SignedIn, is_first: bool, codes: Vec<String>, next: &str) -> Result<Response, Error> {
    if is_first {
        tell_codes(signed_in, codes, next)
    } else {
        Ok(Redirect::to("/console/me/factors?done=factor-added").into_response())
    }
}

/// Around these screens: whoever stands on the threshold goes nowhere else.
pub(crate) fn frame(signed_in: &SignedIn, title: &str) -> Frame {
    let is_free = signed_in.must_change.is_none() && !signed_in.must_add_factor;
    if is_free { Frame::own(signed_in, title) } else { Frame::threshold(signed_in, title) }
}

fn tell_codes(signed_in: &SignedIn, codes: Vec<String>, next: &str) -> Result<Response, Error> {
    let on = if signed_in.must_add_factor { local(next) } else { "/console/me/factors" }.to_owned();
    let screen = Told { codes, username: signed_in.person.username.clone(), on };
    Ok(screens::draw("recovery_codes.html", frame(signed_in, "恢复码"), screen)?.into_response())
}

fn onward(next: &str) -> String {
    if next.is_empty() {
        return String::new();
    }
    format!("?{}", serde_html_form::to_string([("next", local(next))]).unwrap_or_default())
}

async fn draw(app: &Arc<App>, signed_in: &SignedIn, wish: &Wish, refusal: Option<String>) -> Result<Response, Error> {
    let id = signed_in.person.id;
    let read = app.read(move |connection| {
        Ok::<_, store::Error>((second_factors::list(connection, id)?, recovery_codes::count_unused(connection, id)?))
    });
    let (factors, codes) = read.await?;
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let screen = Screen {
        must_add: signed_in.must_add_factor,
        onward: onward(&wish.next),
        factors: factors.into_iter().map(row).collect(),
        codes,
        has_passkeys: passkeys(app).is_some(),
        refusal,
    };
    let frame = frame(signed_in, "二次验证").noticed(notice::find(&wish.done));
    Ok((status, screens::draw("factors.html", frame, screen)?).into_response())
}

async fn draw_one(
    app: &Arc<App>,
    signed_in: &SignedIn,
    id: FactorId,
    typed: Option<String>,
    problems: Vec<Problem>,
    refusal: Option<String>,
) -> Result<Response, Error> {
    let user = signed_in.person.id;
    let all = app.read(move |connection| second_factors::list(connection, user)).await?;
    let is_last = all.len() == 1;
    let factor = all.into_iter().find(|factor| factor.id == id).map(row).ok_or(Error::NotFound)?;
    let status = match (&refusal, problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, true) => StatusCode::OK,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let is_required = second_factor::is_required(&app.engine, signed_in.person.is_officer);
    let name = typed.unwrap_or_else(|| factor.name.clone());
    let title = factor.name.clone();
    let screen = One { factor, name, is_last, is_required, problems, refusal };
    Ok((status, screens::draw("factor.html", frame(signed_in, &title), screen)?).into_response())
}

fn row(factor: SecondFactor) -> Row {
    Row {
        id: factor.id,
        kind: factor.kind.chinese(),
        name: factor.name,
        added: factor.added_at.into(),
        used: factor.used_at.map(Into::into),
    }
}
