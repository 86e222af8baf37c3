//! 联系方式: one's own, and those of people one looks after. Here alone they are shown whole, and looking at another's is on record.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::{Contact, Problem, User, UserId};
use publish::CommandError;
use publish::commands::contact::{self, contact_seal};
use serde::{Deserialize, Serialize};
use store::{directory, people};
use web::{App, Error, SignedIn};

use crate::office::{Named, Office};
use crate::person;
use crate::screens::{self, Frame};

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    phone: String,
    email: String,
    seen: String,
}

/// Whose it is, and where one is.
struct Desk {
    frame: Frame,
    /// The page before, by name.
    crumbs: Vec<(String, String)>,
    /// Where the form goes.
    action: String,
    /// Whose, where it is another's.
    whose: Option<String>,
}

#[derive(Serialize)]
struct Screen {
    crumbs: Vec<(String, String)>,
    action: String,
    back: String,
    whose: Option<String>,
    typed: Typed,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
}

/// What could not be done.
#[derive(Default)]
struct Attempt {
    typed: Option<Typed>,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
}

/// GET /console/me/contact
pub(crate) async fn own(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Response, Error> {
    draw(&app, signed_in.person.id, own_desk(&signed_in), Attempt::default()).await
}

/// POST /console/me/contact
pub(crate) async fn save_own(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, id) = (signed_in.actor(), signed_in.person.id);
    let saved =
        save(&app, typed.clone(), move |engine, seen, contact| contact::save(engine, &actor, None, id, seen, contact)).await;
    match saved {
        Ok(()) => Ok(Redirect::to("/console/me?done=contact-saved").into_response()),
        Err(error) => draw(&app, id, own_desk(&signed_in), attempt(error, typed)?).await,
    }
}

/// GET …/people/{user}/contact
pub(crate) async fn of(State(app): State<Arc<App>>, office: Office, Path(named): Path<Named>) -> Result<Response, Error> {
    if named.user == office.person().id {
        return Ok(Redirect::to("/console/me/contact").into_response());
    }
    let desk = desk(&app, &office, named.user).await?;
    let response = draw(&app, named.user, desk, Attempt::default()).await?;
    person::note(&app, &office, named.user, "contact.read").await?;
    Ok(response)
}

/// POST …/people/{user}/contact
pub(crate) async fn save_of(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let desk = desk(&app, &office, named.user).await?;
    let (actor, site, id) = (office.actor(), office.site(), named.user);
    let saved =
        save(&app, typed.clone(), move |engine, seen, contact| contact::save(engine, &actor, site, id, seen, contact)).await;
    match saved {
        Ok(()) => Ok(office.back(&format!("/{id}"), "contact-saved")),
        Err(error) => draw(&app, id, desk, attempt(error, typed)?).await,
    }
}

async fn save(
    app: &App,
    typed: Typed,
    save: impl FnOnce(&publish::Engine, &str, &Contact) -> Result<(), CommandError> + Send + 'static,
) -> Result<(), CommandError> {
    let contact = Contact::typed(&typed.phone, &typed.email).map_err(CommandError::Invalid)?;
    app.command(move |engine| save(engine, &typed.seen, &contact)).await
}

fn attempt(error: CommandError, typed: Typed) -> Result<Attempt, Error> {
    let typed = Some(typed);
    match error {
        CommandError::Invalid(problems) => Ok(Attempt { typed, problems, ..Attempt::default() }),
        CommandError::Stale => Ok(Attempt { typed, is_stale: true, ..Attempt::default() }),
        CommandError::Refused(sentence) => Ok(Attempt { typed, refusal: Some(sentence), ..Attempt::default() }),
        other => Err(other.into()),
    }
}

fn own_desk(signed_in: &SignedIn) -> Desk {
    Desk {
        frame: Frame::own(signed_in, "联系方式"),
        crumbs: vec![("/console/me".into(), "我的账号".into())],
        action: "/console/me/contact".into(),
        whose: None,
    }
}

/// Of a person within reach; whoever could not have appointed them is not shown how they are reached.
async fn desk(app: &Arc<App>, office: &Office, id: UserId) -> Result<Desk, Error> {
    let (reach, reader) = (office.reach(app)?, office.person().clone());
    let read = app.read(move |connection| {
        let user: User = directory::find(connection, &reach, id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>((user, contact::is_theirs(connection, &reader, id)?))
    });
    let (user, is_theirs) = read.await?;
    if !is_theirs {
        return Err(Error::Forbidden);
    }
    let (base, name) = (office.base(), user.display_name);
    let all = if office.site().is_some() { "人员" } else { "全部人员" };
    Ok(Desk {
        frame: office.frame(&format!("{name}的联系方式")),
        crumbs: vec![(base.clone(), all.into()), (format!("{base}/{id}"), name.clone())],
        action: format!("{base}/{id}/contact"),
        whose: Some(name),
    })
}

async fn draw(app: &Arc<App>, id: UserId, desk: Desk, attempt: Attempt) -> Result<Response, Error> {
    let vault = app.engine.vault.clone();
    let read = app.read(move |connection| {
        let user = people::find(connection, id)?;
        user.ok_or(CommandError::NotFound)?;
        contact::find(&vault, connection, id)
    });
    let contact = read.await?;
    let status = if attempt.is_stale || attempt.refusal.is_some() {
        StatusCode::CONFLICT
    } else if attempt.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let seen = contact_seal(&contact);
    let kept =
        || Typed { phone: contact.phone.unwrap_or_default(), email: contact.email.unwrap_or_default(), seen: String::new() };
    // What somebody else saved meanwhile is what is shown: it may not be written over unread.
    let typed = if attempt.is_stale { kept() } else { attempt.typed.unwrap_or_else(kept) };
    let screen = Screen {
        back: desk.crumbs.last().map(|(address, _)| address.clone()).unwrap_or_default(),
        crumbs: desk.crumbs,
        action: desk.action,
        whose: desk.whose,
        typed: Typed { seen, ..typed },
        problems: attempt.problems,
        is_stale: attempt.is_stale,
        refusal: attempt.refusal,
    };
    Ok((status, screens::draw("contact.html", desk.frame, screen)?).into_response())
}
