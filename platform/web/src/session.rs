//! Sessions: a random token in a cookie, its hash in the database.

use std::sync::Arc;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::TimeDelta;
use model::UserId;
use store::{people, sessions};

use crate::form_token::FormToken;
use crate::signed_in::{SessionToken, SignedIn};
use crate::{App, Error};

/// However busy, a session ends after this.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// Opens a session for a person who has just proved who they are; a new token each time, so none can be planted before.
pub async fn open_session(app: &Arc<App>, user: UserId, address: String) -> Result<Cookie<'static>, Error> {
    let token = random_token();
    let hash = hashed(&token);
    let now = app.engine.clock.now();
    app.write(move |connection| {
        sessions::delete_unseen_since(connection, now - LONGEST)?;
        sessions::insert(connection, &hash, user, &address, now)
    })
    .await?;
    Ok(cookie(app, token))
}

/// Ends a session; gives the cookie that removes it from the browser.
pub async fn close_session(app: &Arc<App>, token: SessionToken) -> Result<Cookie<'static>, Error> {
    app.write(move |connection| sessions::delete(connection, &token.0)).await?;
    let mut gone = cookie(app, String::new());
    gone.make_removal();
    Ok(gone)
}

/// Who is signed in with the request's cookie.
pub(crate) async fn find(app: &Arc<App>, jar: &CookieJar, address: String) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = jar.get(name(app)) else { return Ok(None) };
    let (token, form_token) = (hashed(cookie.value()), FormToken::of(cookie.value()));
    let now = app.engine.clock.now();
    let idle = TimeDelta::minutes(app.engine.settings.web.idle_minutes);
    let kept = token.clone();
    let found = app
        .read(move |connection| {
            let Some((user, opened, seen)) = sessions::find(connection, &token)? else { return Ok(None) };
            if now - seen > idle || now - opened > LONGEST {
                return Ok(None);
            }
            Ok::<_, store::Error>(people::find_person(connection, user, now)?.map(|person| (person, seen)))
        })
        .await?;
    let Some((person, seen)) = found else { return Ok(None) };
    let token = SessionToken(kept);
    if now - seen > TimeDelta::minutes(1) {
        let touched = token.0.clone();
        app.write(move |connection| sessions::touch(connection, &touched, now)).await?;
    }
    Ok(Some(SignedIn { person, address, token, form_token }))
}

fn cookie(app: &App, token: String) -> Cookie<'static> {
    let secure = app.engine.settings.web.secure;
    Cookie::build((name(app), token)).path("/").http_only(true).same_site(SameSite::Lax).secure(secure).build()
}

/// A name with the `__Host-` prefix cannot be set by a neighbouring domain; browsers accept it over HTTPS only.
fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan" } else { "tongyuan" }
}

fn random_token() -> String {
    let bytes: [u8; 32] = rand::random();
    blake3::Hash::from_bytes(bytes).to_hex().to_string()
}

fn hashed(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}
