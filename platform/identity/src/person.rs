//! Who signed in, as applications are told: at once in a token, and for some minutes whenever they ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{NaiveDateTime, TimeDelta};
use model::{CitizenId, Clientele, Recipient, Subject, UserId, citizen_policy, sign_in_policy, single_sign_on};
use oidc::{Identity, Scope, user_info};
use publish::CommandError;
use publish::commands::{citizen, contact};
use store::sign_ons::{self, Known};
use store::{Connection, people};
use vault::Vault;
use web::{App, Error, hashed};

use crate::Issuer;

/// GET or POST /oidc/userinfo
pub(crate) async fn answer(State(app): State<Arc<App>>, issuer: Issuer, headers: HeaderMap) -> Result<Response, Error> {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let Some(hash) = said.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")).map(|(_, token)| hashed(token.trim())) else {
        return Ok(refused("Bearer"));
    };
    let (vault, now) = (app.engine.vault.clone(), app.engine.clock.now());
    let oldest = now - TimeDelta::minutes(single_sign_on().token_minutes.into());
    let found = app
        .read(move |connection| {
            let known = sign_ons::find_by_token(connection, &hash, oldest)?.filter(|known| is_of(known, issuer.clientele));
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

fn is_of(known: &Known, clientele: Clientele) -> bool {
    match known.subject {
        Subject::Staff(_) => clientele == Clientele::Staff,
        Subject::Citizen(_) => clientele == Clientele::Citizens,
    }
}

/// Of somebody whose session holds and who may still come in.
fn identity(
    vault: &Vault,
    connection: &mut Connection,
    known: &Known,
    now: NaiveDateTime,
) -> Result<Option<Identity>, CommandError> {
    match known.subject {
        Subject::Staff(user) => of_staff(vault, connection, user, known, now),
        Subject::Citizen(id) => of_citizen(vault, connection, id, known, now),
    }
}

fn of_staff(
    vault: &Vault,
    connection: &mut Connection,
    user: UserId,
    known: &Known,
    now: NaiveDateTime,
) -> Result<Option<Identity>, CommandError> {
    let Some(person) = people::find_person(connection, user, now)? else { return Ok(None) };
    if !sign_in_policy().rule(person.is_officer).holds(known.since, known.seen, now) {
        return Ok(None);
    }
    let scopes = Scope::among(&known.scopes);
    let reached = if scopes.contains(&Scope::Email) || scopes.contains(&Scope::Phone) {
        contact::find(vault, connection, user)?
    } else {
        model::Contact::default()
    };
    Ok(Some(Identity {
        subject: known.subject.to_string(),
        name: Some(person.display_name),
        username: Some(person.username),
        email: reached.email,
        phone: reached.phone,
        level: None,
    }))
}

fn of_citizen(
    vault: &Vault,
    connection: &mut Connection,
    id: CitizenId,
    known: &Known,
    now: NaiveDateTime,
) -> Result<Option<Identity>, CommandError> {
    if !citizen_policy().sessions.holds(known.since, known.seen, now) {
        return Ok(None);
    }
    let Some(citizen) = citizen::find(vault, connection, id)?.filter(|one| one.suspension.is_none()) else { return Ok(None) };
    let whole = |one: Option<Recipient>| one.map(|recipient| recipient.text().to_owned());
    Ok(Some(Identity {
        subject: known.subject.to_string(),
        name: (!citizen.call.is_empty()).then_some(citizen.call),
        username: None,
        email: whole(citizen.mail),
        phone: whole(citizen.phone),
        level: Some(citizen.real_name.as_str()),
    }))
}

fn refused(challenge: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]).into_response()
}
