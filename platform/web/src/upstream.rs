//! 上级认证: a browser is sent to a service above us with a cookie, and what it brings back is judged by it. Whether a member of staff or a
//! citizen goes, and what becomes of them, is for whoever sends them to say, in an errand of their own words.

use std::sync::Arc;
use std::time::Duration;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use model::single_sign_on;
use publish::upstream::{self, Failure, Returned};

use crate::session::{guarded, random_token};
use crate::{App, Error};

/// Sends the browser of `address` to the service called `key`, to come back to `redirect`; gives the cookie it keeps meanwhile and the address
/// that leads there. One browser is away once: who leaves again by another window comes back by that one alone.
pub async fn begin_upstream(
    app: &Arc<App>,
    key: String,
    redirect: String,
    errand: String,
    address: &str,
) -> Result<Result<(Cookie<'static>, String), Failure>, Error> {
    let asking = &single_sign_on().asking;
    let window = asking.lasts().to_std().unwrap_or(Duration::from_mins(1));
    if app.engine.cache.hit(&format!("upstream:address:{address}"), window).await > asking.most_begun {
        return Ok(Err(Failure::TooOften));
    }
    let secret = random_token();
    let kept = secret.clone();
    let begun = app.command(move |engine| Ok(upstream::begin(engine, &key, &kept, &redirect, &errand))).await?;
    Ok(begun.map(|address| (away(app, secret, asking.lasts().num_seconds()), address)))
}

/// Judges what a browser brings back from it, and takes its cookie. What is said at the claims `wanted` will be known, where the service says it.
pub async fn finish_upstream(
    app: &Arc<App>,
    jar: &CookieJar,
    key: String,
    said: Vec<(String, String)>,
    wanted: &'static [&'static str],
    address: String,
) -> Result<(Result<Returned, Failure>, Cookie<'static>), Error> {
    let mut gone = guarded(app, name(app), String::new());
    gone.make_removal();
    let Some(secret) = jar.get(name(app)).map(|cookie| cookie.value().to_owned()) else { return Ok((Err(Failure::Over), gone)) };
    let judged = app.command(move |engine| Ok(upstream::finish(engine, &key, &secret, said, wanted, &address))).await?;
    Ok((judged, gone))
}

fn away(app: &App, secret: String, seconds: i64) -> Cookie<'static> {
    let mut cookie = guarded(app, name(app), secret);
    // The type of a span of time in cookies is met nowhere else.
    let span = Cookie::parse(format!("span=; Max-Age={seconds}")).ok().and_then(|parsed| parsed.max_age());
    cookie.set_max_age(span);
    cookie
}

fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-away" } else { "tongyuan-away" }
}
