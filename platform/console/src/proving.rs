//! 核实身份: what somebody who has said who they are is asked for, and how their answer is judged. Used at the door after the password, and
//! before grave deeds.

use std::future::Future;
use std::sync::Arc;

use chrono::TimeDelta;
use factors::{AppSecret, Passkeys, hash_code, typed_code};
use model::{FactorId, SessionId, User, UserId, sign_in_policy};
use publish::commands::second_factor;
use publish::commands::sign_in::{Attempt, Step};
use serde::Serialize;
use store::{passkey_challenges, second_factors};
use vault::Sealed;
use web::{App, Begun, Error};

use crate::sign_in::refuse;
use crate::throttle::{Strike, Throttle};

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Given,
    Wrong,
    /// Not even looked at.
    TooOften,
    /// Wrong so often that whoever tries is kept out.
    Lost,
}

/// Counts a try before it is judged, and records one that failed.
pub(crate) async fn counted(
    app: &Arc<App>,
    mut throttle: Throttle<'_>,
    account: &User,
    address: &str,
    step: Step,
    judged: impl Future<Output = Result<bool, Error>>,
) -> Result<Proof, Error> {
    if !throttle.admits().await {
        return Ok(Proof::TooOften);
    }
    match judged.await {
        // The password alone forgets nothing of what was tried at the second factor.
        Ok(true) if step == Step::Password && has_factor(app, account.id).await? => throttle.halfway().await,
        Ok(true) => throttle.succeeded().await,
        Ok(false) => {
            let (username, address) = (account.username.clone(), address.to_owned());
            let attempt = Attempt { account: Some(account.clone()), username, address, step };
            return Ok(match refuse(app, &throttle, attempt).await? {
                Strike::None => Proof::Wrong,
                Strike::Address | Strike::Account => Proof::Lost,
            });
        }
        Err(error) => {
            throttle.spare_address().await;
            return Err(error);
        }
    }
    Ok(Proof::Given)
}

async fn has_factor(app: &Arc<App>, id: UserId) -> Result<bool, Error> {
    app.read(move |connection| second_factors::has_any(connection, id)).await
}

/// Who is asked: what one browser was asked to sign, no other can answer.
#[derive(Clone, Debug)]
pub(crate) struct Asked(String);

impl Asked {
    /// Whoever is coming in.
    pub(crate) fn at_the_door(begun: &Begun) -> Self {
        Self(format!("begun:{}", begun.id))
    }

    /// Whoever is there.
    pub(crate) fn within(session: SessionId) -> Self {
        Self(format!("session:{session}"))
    }

    /// Whoever is there, for a new passkey.
    pub(crate) fn for_new(session: SessionId) -> Self {
        Self(format!("new:{session}"))
    }

    /// Keeps what they were asked.
    pub(crate) async fn keep(&self, app: &Arc<App>, state: String) -> Result<(), Error> {
        let (owner, now) = (self.0.clone(), app.engine.clock.now());
        app.write(move |connection| passkey_challenges::put(connection, &owner, &state, now, now - patience())).await
    }

    /// Takes what they were asked, once.
    pub(crate) async fn take(&self, app: &Arc<App>) -> Result<Option<String>, Error> {
        let (owner, now) = (self.0.clone(), app.engine.clock.now());
        app.write(move |connection| passkey_challenges::take(connection, &owner, now - patience())).await
    }
}

fn patience() -> TimeDelta {
    TimeDelta::minutes(sign_in_policy().second_factor.minutes.into())
}

/// What somebody can prove themselves with, as a screen offers it.
#[derive(Serialize)]
pub(crate) struct Means {
    /// Whether they have any second factor; else it is the password.
    pub(crate) has_factor: bool,
    has_app: bool,
    /// What a browser is to sign with a passkey, JSON; empty where there is none.
    passkey: String,
}

/// Asks somebody for what they have.
pub(crate) async fn ask(app: &Arc<App>, user: UserId, asked: &Asked) -> Result<Means, Error> {
    let read = app.read(move |connection| {
        let apps = second_factors::list_secrets(connection, user)?;
        Ok::<_, store::Error>((!apps.is_empty(), second_factors::list_passkeys(connection, user)?))
    });
    let (has_app, kept) = read.await?;
    let mut means = Means { has_factor: has_app || !kept.is_empty(), has_app, passkey: String::new() };
    if let Some(passkeys) = passkeys(app).filter(|_| !kept.is_empty()) {
        let kept: Vec<String> = kept.into_iter().map(|(_, passkey)| passkey).collect();
        let challenge = passkeys.ask(&kept).map_err(|error| Error::Fault(format!("no passkey can be asked for: {error}")))?;
        asked.keep(app, challenge.state).await?;
        means.passkey = challenge.options;
    }
    Ok(means)
}

/// The passkeys of this console, which is known by its first host.
pub(crate) fn passkeys(app: &App) -> Option<Passkeys> {
    let web = &app.engine.settings.web;
    web.console_hosts.first().and_then(|host| Passkeys::of(host, web.secure))
}

/// Whether somebody has proved themselves with a code of an app, a recovery code or a passkey. Each works once.
pub(crate) async fn judge(
    app: &Arc<App>,
    account: &User,
    address: &str,
    asked: &Asked,
    (code, passkey): (&str, &str),
) -> Result<bool, Error> {
    if !passkey.is_empty() {
        return judge_passkey(app, account.id, asked, passkey).await;
    }
    if let Some(code) = typed_code(code) {
        return judge_code(app, account.id, &code).await;
    }
    let Some(hash) = hash_code(code) else { return Ok(false) };
    let (account, address) = (account.clone(), address.to_owned());
    Ok(app.command(move |engine| second_factor::use_code(engine, &account, &address, &hash)).await?)
}

async fn judge_code(app: &Arc<App>, user: UserId, code: &str) -> Result<bool, Error> {
    let now = app.engine.clock.now();
    for (id, sealed) in app.read(move |connection| second_factors::list_secrets(connection, user)).await? {
        let Some(step) = secret(app, id, &sealed)?.step_of(code, now.and_utc().timestamp()) else { continue };
        return app.write(move |connection| second_factors::take_step(connection, id, step, now)).await;
    }
    Ok(false)
}

fn secret(app: &App, id: FactorId, sealed: &str) -> Result<AppSecret, Error> {
    let sealed: Sealed = sealed.parse().map_err(|error| Error::Fault(format!("the secret of factor {id}: {error}")))?;
    let bytes = app.engine.vault.open(second_factor::place(id), &sealed).map_err(|error| Error::Fault(error.to_string()))?;
    Ok(AppSecret::of_bytes(bytes))
}

async fn judge_passkey(app: &Arc<App>, user: UserId, asked: &Asked, answer: &str) -> Result<bool, Error> {
    let (Some(passkeys), Some(state)) = (passkeys(app), asked.take(app).await?) else { return Ok(false) };
    let (ids, kept): (Vec<_>, Vec<_>) =
        app.read(move |connection| second_factors::list_passkeys(connection, user)).await?.into_iter().unzip();
    match passkeys.judge(answer, &state, &kept) {
        Ok(Some((at, passkey))) => {
            let (id, now) = (ids[at], app.engine.clock.now());
            app.write(move |connection| second_factors::note_use(connection, id, &passkey, now)).await?;
            Ok(true)
        }
        Ok(None) => Ok(false),
        Err(error) => {
            tracing::info!(%error, user = user.0, "a passkey was refused");
            Ok(false)
        }
    }
}
