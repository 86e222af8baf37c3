//! What is done with an account as a whole: locked, put out of use, brought back, left for good, signed out everywhere.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum_extra::extract::Form;
use model::AccountDeed;
use publish::commands::account;
use store::people;
use web::{App, Error};

use crate::office::{Named, Office};
use crate::person::{Seen, again};
use crate::throttle::forget_failures;

/// POST /console/people/{user}/lock
pub(crate) async fn lock(app: State<Arc<App>>, office: Office, named: Path<Named>, typed: Form<Seen>) -> Result<Response, Error> {
    turn(app, office, named, typed, AccountDeed::Lock, "locked").await
}

/// POST /console/people/{user}/unlock
pub(crate) async fn unlock(
    app: State<Arc<App>>,
    office: Office,
    named: Path<Named>,
    typed: Form<Seen>,
) -> Result<Response, Error> {
    turn(app, office, named, typed, AccountDeed::Unlock, "unlocked").await
}

/// POST /console/people/{user}/deactivate
pub(crate) async fn deactivate(
    app: State<Arc<App>>,
    office: Office,
    named: Path<Named>,
    typed: Form<Seen>,
) -> Result<Response, Error> {
    turn(app, office, named, typed, AccountDeed::Deactivate, "deactivated").await
}

/// POST /console/people/{user}/activate
pub(crate) async fn activate(
    app: State<Arc<App>>,
    office: Office,
    named: Path<Named>,
    typed: Form<Seen>,
) -> Result<Response, Error> {
    turn(app, office, named, typed, AccountDeed::Activate, "activated").await
}

/// POST /console/people/{user}/leave
pub(crate) async fn leave(
    app: State<Arc<App>>,
    office: Office,
    named: Path<Named>,
    typed: Form<Seen>,
) -> Result<Response, Error> {
    turn(app, office, named, typed, AccountDeed::Leave, "left").await
}

async fn turn(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
    deed: AccountDeed,
    done: &str,
) -> Result<Response, Error> {
    let (actor, id) = (office.actor(), named.user);
    if let Err(error) = app.command(move |engine| account::turn(engine, &actor, id, &typed.seen, deed)).await {
        return again(&app, &office, id, error, None).await;
    }
    if deed == AccountDeed::Unlock {
        let account = app.read(move |connection| people::find(connection, id)).await?.ok_or(Error::NotFound)?;
        forget_failures(&app.engine, &account.username).await;
    }
    Ok(office.back(&format!("/{id}"), done))
}

/// POST /console/people/{user}/sessions/end
pub(crate) async fn end_sessions(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let (actor, id) = (office.actor(), named.user);
    match app.command(move |engine| account::end_sessions(engine, &actor, id)).await {
        Ok(_) => Ok(office.back(&format!("/{id}"), "person-signed-out")),
        Err(error) => again(&app, &office, id, error, None).await,
    }
}
