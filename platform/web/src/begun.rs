//! A sign-in that has begun: the password was right, or a service above us said who it is; the browser that brought it is asked for the second factor. Its cookie opens
//! nothing.

use std::sync::Arc;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use model::{UserId, sign_in_policy};
use store::begun_sign_ins;
pub use store::begun_sign_ins::Begun;

use crate::session::{guarded, hashed, random_token};
use crate::{App, Error};

/// Begins one for the browser that asks; gives the cookie it is known by. `via` is the name of the service it came through.
pub async fn begin_sign_in(app: &Arc<App>, user: UserId, via: Option<String>) -> Result<Cookie<'static>, Error> {
    let (token, now) = (random_token(), app.engine.clock.now());
    let hash = hashed(&token);
    let forgotten = now - chrono::TimeDelta::minutes(sign_in_policy().second_factor.minutes.into());
    app.write(move |connection| begun_sign_ins::insert(connection, &hash, user, via.as_deref(), now, forgotten)).await?;
    Ok(guarded(app, name(app), token))
}

/// The one that the request's cookie names, if it waits still.
pub async fn find_begun(app: &Arc<App>, jar: &CookieJar) -> Result<Option<Begun>, Error> {
    let Some(cookie) = jar.get(name(app)) else { return Ok(None) };
    let hash = hashed(cookie.value());
    let found = app.read(move |connection| begun_sign_ins::find(connection, &hash)).await?;
    let now = app.engine.clock.now();
    Ok(found.filter(|begun| sign_in_policy().second_factor.waits(begun.begun_at, now)))
}

/// Ends one; says whether it was still there. Its cookie is removed from the browser by the one given.
pub async fn end_begun(app: &Arc<App>, begun: &Begun) -> Result<(bool, Cookie<'static>), Error> {
    let id = begun.id;
    let was_there = app.write(move |connection| begun_sign_ins::delete(connection, id)).await?;
    let mut gone = guarded(app, name(app), String::new());
    gone.make_removal();
    Ok((was_there, gone))
}

fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-begun" } else { "tongyuan-begun" }
}
