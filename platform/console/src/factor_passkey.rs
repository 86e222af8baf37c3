//! 添加通行密钥: a device makes a key for this console and opens it with a fingerprint, a face or a PIN. It takes a script.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use factors::Owner;
use model::Problem;
use publish::CommandError;
use publish::commands::second_factor::{self, New};
use serde::{Deserialize, Serialize};
use store::second_factors;
use web::{App, Error, SignedIn};

use crate::own_factors::{Wish, added, frame, new_codes};
use crate::proving::{Asked, passkeys};
use crate::screens;

/// What is typed, and what the device made.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    passkey: String,
    name: String,
    next: String,
}

#[derive(Serialize)]
struct Screen {
    /// What the browser is to make, JSON.
    options: String,
    name: String,
    next: String,
    problems: Vec<Problem>,
}

/// GET /console/me/factors/passkey
pub(crate) async fn begin(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &signed_in, (String::new(), wish.next), Vec::new()).await
}

/// POST /console/me/factors/passkey
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(passkey) = made(&app, &signed_in, &typed.passkey).await? else {
        let problem = Problem::at("passkey", "没有收到有效的通行密钥，请重新创建");
        return draw(&app, &signed_in, (typed.name, typed.next), vec![problem]).await;
    };
    let (actor, codes, name) = (signed_in.actor(), new_codes(), typed.name.clone());
    let told = codes.clone();
    match app.command(move |engine| second_factor::add(engine, &actor, &name, &New::Passkey(passkey), &codes)).await {
        Ok(is_first) => added(&signed_in, is_first, told, &typed.next),
        Err(CommandError::Invalid(problems)) => draw(&app, &signed_in, (typed.name, typed.next), problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The key that the device made, if it is the one it was asked for.
async fn made(app: &Arc<App>, signed_in: &SignedIn, answer: &str) -> Result<Option<String>, Error> {
    let state = Asked::for_new(signed_in.session).take(app).await?;
    let (Some(passkeys), Some(state)) = (passkeys(app), state) else { return Ok(None) };
    match passkeys.take_new(answer, &state) {
        Ok(passkey) => Ok(Some(passkey)),
        Err(error) => {
            tracing::info!(%error, user = signed_in.person.id.0, "a new passkey was refused");
            Ok(None)
        }
    }
}

async fn draw(
    app: &Arc<App>,
    signed_in: &SignedIn,
    (name, next): (String, String),
    problems: Vec<Problem>,
) -> Result<Response, Error> {
    let passkeys = passkeys(app).ok_or(Error::NotFound)?;
    let person = &signed_in.person;
    let id = person.id;
    let had = app.read(move |connection| second_factors::list_passkeys(connection, id)).await?;
    let had: Vec<String> = had.into_iter().map(|(_, passkey)| passkey).collect();
    let owner = Owner { id: id.0, username: &person.username, name: &person.display_name };
    let asked = passkeys.ask_new(&owner, &had).map_err(|error| Error::Fault(format!("no passkey can be made: {error}")))?;
    Asked::for_new(signed_in.session).keep(app, asked.state).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let screen = Screen { options: asked.options, name, next, problems };
    Ok((status, screens::draw("factor_passkey.html", frame(signed_in, "添加通行密钥"), screen)?).into_response())
}
