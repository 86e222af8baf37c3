//! Who signed in, as applications are told: at once in a token, and for some minutes whenever they ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{NaiveDateTime, TimeDelta};
use model::{sign_in_policy, single_sign_on};
use oidc::{Identity, Scope, user_info};
use publish::CommandError;
use publish::commands::contact;
use store::sign_ons::{self, Known};
use store::{Connection, people};
use vault::Vault;
use web::{App, Error, hashed};

/// GET or POST /oidc/userinfo
pub(crate) async fn answer(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Error> {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let Some(hash) = said.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| hashed(token.trim())) else {
        return Ok(refused("Bearer"));
    };
    let (vault, now) = (app.engine.vault.clone(), app.engine.clock.now());
    let oldest = now - TimeDelta::minutes(single_sign_on().token_minutes.into());
    let found = app
        .read(move |connection| {
            let known = sign_ons::find_by_token(connection, &hash, oldest)?;
            Ok::<_, CommandError>(match known {
                Some(known) => identity(&vault, connection, &known, now)?.map(|identity| (identity, known.scopes)),
                None => None,
            })
        })
        .await?;
    let Some((identity, scopes)) = found else { return Ok(refused("Bearer error=\"invalid_token\"")) };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(user_info(&identity, &Scope::among(&scopes)))).into_response())
}

/// Whom a code is about, if they are signed in still, and since when.
pub(crate) async fn of_code(app: &Arc<App>, hash: String) -> Result<Option<(Identity, NaiveDateTime)>, Error> {
    let (vault, now) = (app.engine.vault.clone(), app.engine.clock.now());
    app.read(move |connection| {
        let Some(known) = sign_ons::find_by_code(connection, &hash)? else { return Ok(None) };
        Ok::<_, CommandError>(identity(&vault, connection, &known, now)?.map(|identity| (identity, known.since)))
    })
    .await
}

/// Of somebody whose session holds and who may still work here.
fn identity(
    vault: &Vault,
    connection: &mut Connection,
    known: &Known,
    now: NaiveDateTime,
) -> Result<Option<Identity>, CommandError> {
    let Some(person) = people::find_person(connection, known.user, now)? else { return Ok(None) };
    if !sign_in_policy().rule(person.is_officer).holds(known.since, known.seen, now) {
        return Ok(None);
    }
    let scopes = Scope::among(&known.scopes);
    let reached = if scopes.contains(&Scope::Email) || scopes.contains(&Scope::Phone) {
        contact::find(vault, connection, known.user)?
    } else {
        model::Contact::default()
    };
    Ok(Some(Identity {
        subject: known.user.to_string(),
        name: person.display_name,
        username: person.username,
        email: reached.email,
        phone: reached.phone,
    }))
}

fn refused(challenge: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]).into_response()
}
