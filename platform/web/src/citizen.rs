//! 公众用户 at a request: who is signed in where citizens sign in, and on the sites that took them over from there.
//!
//! Sites have domains of their own, so no cookie is shared: each site has a cookie that it alone reads, for a *visit* below the one session.
//! A site sends people to where they sign in, with a state that it left in their browser, and takes them over with a code that is good once,
//! there, and beside that state.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use model::{CitizenId, CitizenSessionId, SiteId, citizen_policy};
use publish::commands::citizen::{self, Deed};
use store::citizen_sessions;

use crate::form_token::FormToken;
use crate::session::{guarded, hashed, random_token, shortened};
use crate::{App, Error};

/// A citizen who is signed in.
#[derive(Clone, Debug)]
pub struct SignedInCitizen {
    /// Who.
    pub id: CitizenId,
    /// Their session.
    pub session: CitizenSessionId,
    /// When they came in, UTC.
    pub since: NaiveDateTime,
    /// When they last proved who they are, UTC.
    pub proven: NaiveDateTime,
    /// Their network address.
    pub address: String,
    pub(crate) form_token: FormToken,
}

impl SignedInCitizen {
    /// On whose behalf commands are run.
    pub fn deed(&self) -> Deed {
        Deed { citizen: self.id, address: self.address.clone() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedInCitizen {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let missing = || Error::Fault("a handler asks for a citizen but its route lets anybody in".into());
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// Who is signed in with the request's cookie: where citizens sign in, or on a site.
pub async fn find_citizen(
    app: &Arc<App>,
    jar: &CookieJar,
    site: Option<SiteId>,
    address: String,
) -> Result<Option<SignedInCitizen>, Error> {
    let Some(cookie) = jar.get(name(app)) else { return Ok(None) };
    let (hash, form_token) = (hashed(cookie.value()), FormToken::of(cookie.value()));
    let found = app.read(move |connection| match site {
        None => citizen_sessions::find(connection, &hash),
        Some(site) => citizen_sessions::find_visit(connection, site, &hash),
    });
    let now = app.engine.clock.now();
    let Some(session) = found.await?.filter(|found| citizen_policy().sessions.holds(found.opened, found.seen, now)) else {
        return Ok(None);
    };
    if now - session.seen > TimeDelta::minutes(1) {
        app.write(move |connection| citizen_sessions::touch(connection, session.id, now)).await?;
    }
    Ok(Some(SignedInCitizen {
        id: session.citizen,
        session: session.id,
        since: session.opened,
        proven: session.proven,
        address,
        form_token,
    }))
}

/// Opens a session for somebody who has come in, and ends the one their browser had; a new token each time, so none can be planted before.
/// Unless they have proved who they are as well as before a grave deed, they are asked again there.
pub async fn open_citizen_session(
    app: &Arc<App>,
    jar: &CookieJar,
    citizen: CitizenId,
    (address, agent): (String, &str),
    is_proven: bool,
) -> Result<Cookie<'static>, Error> {
    let before = find_citizen(app, jar, None, address.clone()).await?;
    let (token, agent, now) = (random_token(), shortened(agent), app.engine.clock.now());
    let hash = hashed(&token);
    let proven = if is_proven { now } else { DateTime::UNIX_EPOCH.naive_utc() };
    app.write(move |connection| {
        if let Some(before) = before {
            citizen_sessions::delete_one(connection, before.id, before.session)?;
        }
        citizen_sessions::delete_unseen_since(connection, now - citizen_policy().sessions.longest())?;
        citizen_sessions::insert(connection, &hash, citizen, (&address, &agent), (now, proven))
    })
    .await?;
    Ok(guarded(app, name(app), token))
}

/// Ends a session, and with it every visit; gives the cookie that removes it from the browser that asks.
pub async fn close_citizen_session(app: &Arc<App>, signed_in: &SignedInCitizen) -> Result<Cookie<'static>, Error> {
    let (deed, session) = (signed_in.deed(), signed_in.session);
    app.command(move |engine| citizen::left(engine, &deed, session)).await?;
    let mut gone = guarded(app, name(app), String::new());
    gone.make_removal();
    Ok(gone)
}

/// Begins on a site: the state to be sent along, and the cookie that keeps it in this browser.
pub fn begin_visit(app: &App) -> (String, Cookie<'static>) {
    let state = random_token();
    let cookie = guarded(app, coming(app), state.clone());
    (state, cookie)
}

/// Sends somebody on to a site; gives the code that is good there once, beside the state.
pub async fn hand_over(app: &Arc<App>, signed_in: &SignedInCitizen, site: SiteId, state: &str) -> Result<String, Error> {
    let (code, state, session) = (random_token(), hashed(state), signed_in.session);
    let (hash, now) = (hashed(&code), app.engine.clock.now());
    let until = now + TimeDelta::seconds(citizen_policy().sessions.handover_seconds.into());
    app.write(move |connection| citizen_sessions::hand_over(connection, &hash, (session, site), &state, until, now)).await?;
    Ok(code)
}

/// Takes somebody over on a site; none where the code is not good there or this browser did not ask for it. Gives its cookies.
pub async fn take_over(
    app: &Arc<App>,
    jar: CookieJar,
    site: SiteId,
    code: &str,
    state: &str,
) -> Result<Option<CookieJar>, Error> {
    let is_ours = jar.get(coming(app)).is_some_and(|kept| hashed(kept.value()) == hashed(state));
    if !is_ours {
        return Ok(None);
    }
    let (token, now) = (random_token(), app.engine.clock.now());
    let (code, state, hash) = (hashed(code), hashed(state), hashed(&token));
    let is_taken = app.write(move |connection| citizen_sessions::take_over(connection, &code, site, &state, &hash, now)).await?;
    if !is_taken {
        return Ok(None);
    }
    let mut gone = guarded(app, coming(app), String::new());
    gone.make_removal();
    Ok(Some(jar.add(gone).add(guarded(app, name(app), token))))
}

/// Only its own host reads it, and no neighbour sets it.
fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-citizen" } else { "tongyuan-citizen" }
}

fn coming(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-coming" } else { "tongyuan-coming" }
}
