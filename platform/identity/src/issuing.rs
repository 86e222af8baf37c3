//! What is given to applications: names, secrets, codes and tokens, all random; of what must stay secret only a hash is kept.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Application, Subject, single_sign_on};
use oidc::{Asked, Scope};
use publish::commands::application;
use store::sign_ons;
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
    let (code, now) = (random_token(), app.engine.clock.now());
    let kept = sign_ons::Code {
        application: application.id,
        source: guest.source(),
        redirect: asked.redirect.clone(),
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        scopes: Scope::joined(&asked.scopes),
        until: now + TimeDelta::seconds(single_sign_on().code_seconds.into()),
    };
    let (by, id, hash) = (guest.by(), application.id, hashed(&code));
    app.command(move |engine| application::enter(engine, &by, id, (&hash, &kept), agreed)).await?;
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
    let (id, scopes) = (application.id, Scope::joined(&asked.scopes));
    app.read(move |connection| application::has_agreed(connection, id, subject, &scopes)).await
}
