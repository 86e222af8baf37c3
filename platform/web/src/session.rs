//! Sessions: a random token in a cookie, its hash in the database.

use std::sync::Arc;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::{DateTime, TimeDelta};
use model::{UserId, sign_in_policy};
use publish::commands::sign_in;
use store::sessions::Opening;
use store::{people, second_factors, sessions};

use crate::form_token::FormToken;
use crate::signed_in::SignedIn;
use crate::{App, Error};

/// Characters of what a browser calls itself that are kept.
const AGENT: usize = 200;

/// Opens a session for a person who has just proved who they are, and ends the one their browser had; a new token each time, so none
/// can be planted before.
pub async fn open_session(
    app: &Arc<App>,
    jar: &CookieJar,
    user: UserId,
    address: String,
    agent: &str,
) -> Result<Cookie<'static>, Error> {
    let now = app.engine.clock.now();
    open(app, jar, Opening { user, address, agent: shortened(agent), opened: now, proven: now }).await
}

/// As [`open_session`], for a person whom a service vouches for: it may have asked them for nothing, so here they have proved nothing yet.
pub async fn open_vouched(
    app: &Arc<App>,
    jar: &CookieJar,
    user: UserId,
    address: String,
    agent: &str,
) -> Result<Cookie<'static>, Error> {
    let (opened, proven) = (app.engine.clock.now(), DateTime::UNIX_EPOCH.naive_utc());
    open(app, jar, Opening { user, address, agent: shortened(agent), opened, proven }).await
}

/// Goes on under a new token with a session whose person has changed what they sign in with: they came in when they did, and have proved
/// no more than they had.
pub async fn renew_session(app: &Arc<App>, jar: &CookieJar, signed_in: &SignedIn, agent: &str) -> Result<Cookie<'static>, Error> {
    let (user, address) = (signed_in.person.id, signed_in.address.clone());
    let (opened, proven) = (signed_in.since, signed_in.proven_at);
    open(app, jar, Opening { user, address, agent: shortened(agent), opened, proven }).await
}

async fn open(app: &Arc<App>, jar: &CookieJar, opening: Opening) -> Result<Cookie<'static>, Error> {
    let before = jar.get(name(app)).map(|cookie| hashed(cookie.value()));
    let token = random_token();
    let hash = hashed(&token);
    let now = app.engine.clock.now();
    app.write(move |connection| {
        if let Some(before) = before {
            sessions::delete(connection, &before)?;
        }
        sessions::delete_unseen_since(connection, now - sign_in_policy().everybody.longest())?;
        sessions::insert(connection, &hash, &opening, now)
    })
    .await?;
    Ok(cookie(app, token))
}

pub(crate) fn shortened(agent: &str) -> String {
    agent.chars().filter(|letter| !letter.is_control()).take(AGENT).collect()
}

/// Ends the session of whoever leaves; gives the cookie that removes it from the browser.
pub async fn close_session(app: &Arc<App>, signed_in: &SignedIn) -> Result<Cookie<'static>, Error> {
    let (actor, user, session) = (signed_in.actor(), signed_in.person.id, signed_in.session);
    app.command(move |engine| sign_in::left(engine, &actor, user, session)).await?;
    let mut gone = cookie(app, String::new());
    gone.make_removal();
    Ok(gone)
}

/// Who is signed in with the request's cookie, for routes that let anybody in.
pub async fn find_session(app: &Arc<App>, jar: &CookieJar, address: String) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = jar.get(name(app)) else { return Ok(None) };
    let (token, form_token) = (hashed(cookie.value()), FormToken::of(cookie.value()));
    let now = app.engine.clock.now();
    let setting = app.engine.settings.web.second_factor;
    let found = app
        .read(move |connection| {
            let Some(found) = sessions::find(connection, &token)? else { return Ok(None) };
            let Some(person) = people::find_person(connection, found.session.user_id, now)? else { return Ok(None) };
            let rule = sign_in_policy().rule(person.is_officer);
            let must_add_factor = setting.binds(rule.second_factor) && !second_factors::has_any(connection, person.id)?;
            Ok::<_, store::Error>(Some((person, rule, must_add_factor, found)))
        })
        .await?;
    let Some((person, rule, must_add_factor, sessions::Found { session, origin, since, proven_at })) = found else {
        return Ok(None);
    };
    if !rule.holds(session.opened, session.seen, now) {
        return Ok(None);
    }
    if now - session.seen > TimeDelta::minutes(1) {
        app.write(move |connection| sessions::touch(connection, session.id, now)).await?;
    }
    // Asked for when they came in: a password does not grow too old in the middle of somebody's work.
    let must_change = rule.must_change(origin, since, session.opened);
    Ok(Some(SignedIn {
        person,
        address,
        session: session.id,
        since: session.opened,
        must_change,
        must_add_factor,
        proven_at,
        form_token,
        bearer: None,
    }))
}

fn cookie(app: &App, token: String) -> Cookie<'static> {
    guarded(app, name(app), token)
}

/// A cookie that no script reads and no other site sends with a form.
pub(crate) fn guarded(app: &App, name: &'static str, value: String) -> Cookie<'static> {
    let secure = app.engine.settings.web.secure;
    Cookie::build((name, value)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

/// A name with the `__Host-` prefix cannot be set by a neighbouring domain; browsers accept it over HTTPS only.
fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan" } else { "tongyuan" }
}

/// 64 hexadecimal digits that nobody guesses.
pub fn random_token() -> String {
    let bytes: [u8; 32] = rand::random();
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}

/// What is kept of a secret that nobody could guess.
pub fn hashed(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}
