//! What is given to applications: names, secrets, codes and tokens, all random; of what must stay secret only a hash is kept.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Application, Subject, single_sign_on};
use oidc::{Asked, Scope};
use publish::commands::application;
use store::{applications, sign_ons};
use web::{App, Error, hashed, random_token};

use crate::Guest;

/// A name for an application.
pub fn new_client() -> String {
    random_token()[..16].to_owned()
}

/// A secret for an application, and the hash that is kept of it.
pub fn new_secret() -> (String, String) {
    let secret = random_token();
    let hash = hashed(&secret);
    (secret, hash)
}

/// Gives an application the code it asked for; `agreed`: the person has just agreed to what it may be told.
pub(crate) async fn give_code(
    app: &Arc<App>,
    guest: &Guest,
    application: &Application,
    asked: &Asked,
    agreed: bool,
) -> Result<String, Error> {
    let (code, scopes) = (random_token(), Scope::joined(&asked.scopes));
    let (by, known, said) = (guest.by(), application.clone(), agreed.then(|| scopes.clone()));
    app.command(move |engine| application::enter(engine, &by, &known, said.as_deref())).await?;
    let now = app.engine.clock.now();
    let kept = sign_ons::Code {
        application: application.id,
        source: guest.source(),
        redirect: asked.redirect.clone(),
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        scopes,
        until: now + TimeDelta::seconds(single_sign_on().code_seconds.into()),
    };
    let hash = hashed(&code);
    app.write(move |connection| {
        sign_ons::delete_all_until(connection, now - TimeDelta::days(1))?;
        sign_ons::insert_code(connection, &hash, &kept)
    })
    .await?;
    Ok(code)
}

/// Whether nothing need be asked of the person.
pub(crate) async fn has_agreed(
    app: &Arc<App>,
    application: &Application,
    asked: &Asked,
    subject: Subject,
) -> Result<bool, Error> {
    if !application.content.asks_consent {
        return Ok(true);
    }
    let id = application.id;
    let said = app.read(move |connection| applications::find_consent(connection, id, subject)).await?;
    Ok(said.is_some_and(|said| Scope::among(&said).is_superset(&asked.scopes)))
}
