//! 上级认证: a browser is sent to a service above us with a cookie, and what it brings back is judged by it. Whether a member of staff or a
//! citizen goes is said by whoever sends them, and what becomes of them is in an errand of their own words. Whom a service means who is linked
//! with no citizen yet is remembered by a cookie as well.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use chrono::TimeDelta;
use model::{Clientele, citizen_policy, single_sign_on};
use publish::upstream::{self, Failure, Returned};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::network;
use crate::session::{guarded, hashed, random_token};
use crate::{App, Error};

/// Sends the browser of `address` to the service for such people that is called `key`, to come back to `redirect`; gives the cookie it keeps
/// meanwhile and the address that leads there. One browser is away once: who leaves again by another window comes back by that one alone.
/// `anew`: the service asks even whoever has a session there still, so that nobody links whom the last user of the machine left behind.
pub async fn begin_upstream(
    app: &Arc<App>,
    clientele: Clientele,
    key: String,
    (redirect, anew): (String, bool),
    errand: &impl Serialize,
    address: &str,
) -> Result<Result<(Cookie<'static>, String), Failure>, Error> {
    let errand = serde_json::to_string(errand).map_err(|error| Error::Fault(error.to_string()))?;
    let asking = &single_sign_on().asking;
    let window = asking.lasts().to_std().unwrap_or(Duration::from_mins(1));
    if app.engine.cache.hit(&format!("upstream:address:{}", network(address)), window).await > asking.most_begun {
        return Ok(Err(Failure::TooOften));
    }
    let secret = random_token();
    let kept = secret.clone();
    let begun =
        app.command(move |engine| Ok(upstream::begin(engine, (clientele, &key), &kept, (&redirect, anew), &errand))).await?;
    Ok(begun.map(|address| (lasting(app, away(app), secret, asking.lasts()), address)))
}

/// Judges what a browser brings back from it, and takes its cookie. Gives what for it was sent as well.
pub async fn finish_upstream<E: DeserializeOwned>(
    app: &Arc<App>,
    jar: &CookieJar,
    clientele: Clientele,
    key: String,
    said: Vec<(String, String)>,
    address: String,
) -> Result<(Result<(Returned, E), Failure>, Cookie<'static>), Error> {
    let gone = removal(app, away(app));
    let Some(secret) = jar.get(away(app)).map(|cookie| cookie.value().to_owned()) else { return Ok((Err(Failure::Over), gone)) };
    let judged = app.command(move |engine| Ok(upstream::finish(engine, (clientele, &key), &secret, said, &address))).await?;
    let judged = match judged {
        Ok(returned) => match serde_json::from_str(&returned.errand) {
            Ok(errand) => Ok((returned, errand)),
            Err(error) => return Err(Error::Fault(format!("an errand: {error}"))),
        },
        Err(failure) => Err(failure),
    };
    Ok((judged, gone))
}

/// What is answered where nobody was signed in, with a line in the log. What a service or an address says of errors is not repeated to anybody.
pub fn upstream_failed(failure: &Failure) -> StatusCode {
    // Escaped: what a service says begins no line of the log.
    tracing::warn!(cause = ?failure.to_string(), "nobody was signed in through an upper-level service");
    match failure {
        Failure::Unknown => StatusCode::NOT_FOUND,
        Failure::Over | Failure::Stopped => StatusCode::BAD_REQUEST,
        Failure::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Failure::Untrue(_) => StatusCode::FORBIDDEN,
        Failure::Away(_) => StatusCode::BAD_GATEWAY,
        Failure::Command(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Has a browser remembered whose subject is linked with nobody yet: the hash to keep it under, and the cookie.
pub fn begin_pending(app: &App) -> (String, Cookie<'static>) {
    let token = random_token();
    (hashed(&token), lasting(app, pending(app), token, citizen_policy().links.pending()))
}

/// Under which hash that of this browser is kept.
pub fn find_pending(app: &App, jar: &CookieJar) -> Option<String> {
    jar.get(pending(app)).map(|cookie| hashed(cookie.value()))
}

/// The cookie that has this browser forget it.
pub fn end_pending(app: &App) -> Cookie<'static> {
    removal(app, pending(app))
}

fn lasting(app: &App, name: &'static str, secret: String, lasts: TimeDelta) -> Cookie<'static> {
    let mut cookie = guarded(app, name, secret);
    // The type of a span of time in cookies is met nowhere else.
    let span = Cookie::parse(format!("span=; Max-Age={}", lasts.num_seconds())).ok().and_then(|parsed| parsed.max_age());
    cookie.set_max_age(span);
    cookie
}

fn removal(app: &App, name: &'static str) -> Cookie<'static> {
    let mut gone = guarded(app, name, String::new());
    gone.make_removal();
    gone
}

fn away(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-away" } else { "tongyuan-away" }
}

fn pending(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-link" } else { "tongyuan-link" }
}
