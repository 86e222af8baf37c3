//! 我的账号: the places where somebody is signed in, when and from where it was tried, and the way to another password.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDateTime;
use model::sign_in::AccountRule;
use model::{AuditEntry, Contact, Session, SessionId, User, UserId, sign_in_policy};
use publish::CommandError;
use publish::commands::{contact, own_account};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Connection, audit, people, second_factors, sessions};
use web::{App, Error, SignedIn};

use crate::moment::{Moment, day};
use crate::screens::{self, Frame};
use crate::{agents, consents, links, notice};

/// Attempts to sign in that are told.
const TOLD: i64 = 20;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The session that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    session: SessionId,
}

#[derive(Serialize)]
struct Screen {
    name: String,
    username: String,
    /// Since when the password is so, and by when it must be changed.
    since: Moment,
    change_by: String,
    idle_minutes: u32,
    hours: u32,
    /// Masked.
    contact: Contact,
    sessions: Vec<Spot>,
    attempts: Vec<Attempt>,
    /// What they have for the second step, by name.
    factors: String,
    /// The upper-level services they are, or could be, linked with.
    links: Vec<links::Row>,
    /// What they agreed that applications may be told.
    consents: Vec<consents::Row>,
    refusal: Option<String>,
}

/// Where somebody is signed in.
#[derive(Serialize)]
struct Spot {
    id: SessionId,
    is_here: bool,
    agent: String,
    address: String,
    opened: Moment,
    seen: Moment,
}

/// An attempt to sign in.
#[derive(Serialize)]
struct Attempt {
    at: Moment,
    address: String,
    tone: &'static str,
    what: String,
}

/// GET /console/me
pub(crate) async fn show(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &signed_in, &wish.done, None).await
}

/// POST /console/me/sessions/{session}/end
pub(crate) async fn end(State(app): State<Arc<App>>, signed_in: SignedIn, Path(named): Path<Named>) -> Result<Response, Error> {
    let (actor, here) = (signed_in.actor(), signed_in.session);
    let ended = app.command(move |engine| own_account::end_session(engine, &actor, here, named.session)).await;
    match ended {
        Ok(()) => Ok(Redirect::to("/console/me?done=session-ended").into_response()),
        Err(CommandError::NotFound) => draw(&app, &signed_in, "", Some("该登录已经退出，无需再次操作".into())).await,
        Err(CommandError::Refused(sentence)) => draw(&app, &signed_in, "", Some(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// POST /console/me/sessions/end-others
pub(crate) async fn end_others(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Response, Error> {
    let (actor, here) = (signed_in.actor(), signed_in.session);
    app.command(move |engine| own_account::end_other_sessions(engine, &actor, here)).await?;
    Ok(Redirect::to("/console/me?done=sessions-ended").into_response())
}

/// The sessions of somebody that hold still.
pub(crate) fn open_sessions(
    connection: &mut Connection,
    user: UserId,
    rule: &AccountRule,
    now: NaiveDateTime,
) -> store::Result<Vec<Session>> {
    let mut open = sessions::list(connection, user, now - rule.longest())?;
    open.retain(|session| rule.holds(session.opened, session.seen, now));
    Ok(open)
}

/// The page, with what could not be done.
pub(crate) async fn refuse(app: &Arc<App>, signed_in: &SignedIn, sentence: &str) -> Result<Response, Error> {
    draw(app, signed_in, "", Some(sentence.to_owned())).await
}

async fn draw(app: &Arc<App>, signed_in: &SignedIn, done: &str, refusal: Option<String>) -> Result<Response, Error> {
    let (id, now) = (signed_in.person.id, app.engine.clock.now());
    let rule = sign_in_policy().rule(signed_in.person.is_officer);
    let vault = app.engine.vault.clone();
    let read = app.read(move |connection| {
        let user = people::find(connection, id)?.ok_or(Error::NotFound)?;
        let contact = contact::find(&vault, connection, id)?;
        let open = open_sessions(connection, id, &rule, now)?;
        let factors = second_factors::list(connection, id)?;
        let elsewhere = (links::rows(connection, id, true)?, consents::rows(connection, id)?);
        Ok::<_, Error>(((user, contact), open, audit::list_sign_ins(connection, id, TOLD)?, (factors, elsewhere)))
    });
    let (account, open, attempts, (factors, (links, consents))) = read.await?;
    let status = if refusal.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let mut screen = compose(account, &rule, open, signed_in.session, attempts, refusal);
    screen.links = links;
    screen.consents = consents;
    screen.factors = factors.into_iter().map(|factor| factor.name).collect::<Vec<_>>().join("、");
    let frame = Frame::own(signed_in, "我的账号").noticed(notice::find(done));
    Ok((status, screens::draw("me.html", frame, screen)?).into_response())
}

fn compose(
    (user, contact): (User, Contact),
    rule: &AccountRule,
    open: Vec<Session>,
    here: SessionId,
    attempts: Vec<AuditEntry>,
    refusal: Option<String>,
) -> Screen {
    let place = |session: Session| Spot {
        id: session.id,
        is_here: session.id == here,
        agent: agents::tell(&session.agent),
        address: session.address,
        opened: session.opened.into(),
        seen: session.seen.into(),
    };
    let mut sessions: Vec<Spot> = open.into_iter().map(place).collect();
    sessions.sort_by_key(|place| !place.is_here);
    Screen {
        name: user.display_name,
        username: user.username,
        since: user.password.since.into(),
        change_by: day(model::local(rule.change_by(user.password.since)).date_naive()),
        idle_minutes: rule.idle_minutes,
        hours: rule.hours,
        contact: contact.masked(),
        sessions,
        attempts: attempts.into_iter().map(attempt).collect(),
        factors: String::new(),
        links: Vec::new(),
        consents: Vec::new(),
        refusal,
    }
}

fn attempt(entry: AuditEntry) -> Attempt {
    let (tone, what) = match entry.action.as_str() {
        "session.open" => ("live", "登录成功"),
        "session.lock" => ("returned", "登录失败，账号锁定"),
        _ => ("returned", "登录失败"),
    };
    let told: Value = entry.after.as_deref().and_then(|after| serde_json::from_str(after).ok()).unwrap_or_default();
    let via = told["via"].as_str().map(|via| format!("（经{via}）"));
    Attempt { at: entry.at.into(), address: entry.address, tone, what: what.to_owned() + &via.unwrap_or_default() }
}
