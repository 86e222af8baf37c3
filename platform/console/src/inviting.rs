//! Taking people in: one who has an account, by the whole of their username, or on the platform alone a new one, whose password
//! is shown once, as is one that takes the place of a lost one. Whoever sees it could sign in as that person, so who runs a site makes no
//! colleagues there.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::Form;
use model::person::named_username;
use model::{Grant, Ground, PasswordOrigin, Problem, RoleId, Roles, Site, UserId};
use publish::CommandError;
use publish::commands::account::{self, NewAccount};
use publish::commands::membership;
use serde::{Deserialize, Serialize};
use store::people;
use web::{App, Error};

use crate::office::{self, Choice, Named, Office, ticked};
use crate::person::{self, Seen};
use crate::screens;
use crate::throttle::forget_failures;
use factors::{generate_password, hash_password};

/// Either form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    display_name: String,
    username: String,
    roles: Vec<String>,
    /// The short name of the site that a new account is made for: what it may do there is said there.
    site: String,
}

/// What is known before anything is typed: the account that was just made, or the site that one is to be made for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    username: String,
    site: String,
}

/// A form and what is wrong with it.
#[derive(Default, Serialize)]
struct Part {
    typed: Typed,
    problems: Vec<Problem>,
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    is_of_site: bool,
    manages_all: bool,
    known: Part,
    new: Part,
    /// The site that a new account is made for.
    site: Option<Site>,
    /// The short name of the site whose office this is.
    here: Option<String>,
    /// The account there is already of just this name and username: it was made a moment ago, when a form is sent twice.
    twin: Option<UserId>,
}

/// A password, as it is shown once.
#[derive(Serialize)]
struct Made {
    base: String,
    id: UserId,
    name: String,
    username: String,
    password: String,
    /// Whether the account is new as well.
    is_new: bool,
    site: Option<Site>,
    /// What it holds from the beginning.
    roles: BTreeSet<RoleId>,
}

/// GET …/people/new
pub(crate) async fn ask(State(app): State<Arc<App>>, office: Office, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let known = Typed { username: wish.username, ..Typed::default() };
    let new = Typed { site: wish.site, ..Typed::default() };
    let (known, new) = (Part { typed: known, ..Part::default() }, Part { typed: new, ..Part::default() });
    draw(&app, &office, &office::roles(&app).await?, known, new, None)
}

/// POST …/people/known
pub(crate) async fn join(State(app): State<Arc<App>>, office: Office, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let known = office::roles(&app).await?;
    let (actor, site, roles) = (office.actor(), office.site(), ticked(&known, &typed.roles));
    let username = named_username(&typed.username).to_owned();
    match app.command(move |engine| membership::join(engine, &actor, site, &username, &roles)).await {
        Ok(id) => Ok(office.back(&format!("/{id}"), "person-joined")),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &office, &known, Part { typed, problems, ..Part::default() }, Part::default(), None)
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/people/new. The password is in this one answer and nowhere else.
pub(crate) async fn add(State(app): State<Arc<App>>, office: Office, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let site = made_for(&app, &typed);
    // What was ticked for a site that is gone meanwhile is meant for no other place.
    if site.is_none() && !typed.site.is_empty() {
        return Err(Error::NotFound);
    }
    let known = office::roles(&app).await?;
    let (actor, roles, site_id) = (office.actor(), ticked(&known, &typed.roles), site.as_ref().map(|site| site.id));
    let (username, display_name) = (typed.username.trim().to_owned(), typed.display_name.trim().to_owned());
    let (name, sign_in) = (display_name.clone(), username.clone());
    let grants = roles.iter().map(|role| Grant::lasting(*role, Ground::whole(site_id))).collect();
    let made = app.command(move |engine| {
        let (password, password_hash) = password()?;
        let origin = PasswordOrigin::Invitation;
        let id = account::add(engine, &actor, &NewAccount { username, display_name, password_hash, origin, grants })?;
        Ok((id, password))
    });
    match made.await {
        Ok((id, password)) => {
            let made = Made { base: office.base(), id, name, username: sign_in, password, is_new: true, site, roles };
            Ok(screens::draw("invited.html", office.frame("账号已建立"), made)?.into_response())
        }
        Err(CommandError::Invalid(problems)) => {
            let account = app.read(move |connection| people::find_by_username(connection, &sign_in)).await?;
            let twin = account.filter(|account| account.display_name == name).map(|account| account.id);
            draw(&app, &office, &known, Part::default(), Part { typed, problems, ..Part::default() }, twin)
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/people/{user}/password. So is this one.
pub(crate) async fn reset(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, id) = (office.actor(), named.user);
    let changed = app.command(move |engine| {
        let (password, hash) = password()?;
        account::reset(engine, &actor, id, &typed.seen, &hash, PasswordOrigin::Reset)?;
        Ok(password)
    });
    match changed.await {
        Ok(password) => {
            let account = app.read(move |connection| people::find(connection, id)).await?.ok_or(Error::NotFound)?;
            forget_failures(&app.engine, &account.username).await;
            let (name, username) = (account.display_name, account.username);
            let (site, roles) = (None, BTreeSet::new());
            let made = Made { base: office.base(), id, name, username, password, is_new: false, site, roles };
            Ok(screens::draw("invited.html", office.frame("密码已重置"), made)?.into_response())
        }
        Err(error) => person::again(&app, &office, id, error, None).await,
    }
}

/// A new password, and its hash.
fn password() -> Result<(String, String), CommandError> {
    let password = generate_password();
    let hash = hash_password(&password).map_err(|error| CommandError::Blob(std::io::Error::other(error)))?;
    Ok((password, hash))
}

fn made_for(app: &App, typed: &Typed) -> Option<Site> {
    app.tenants.list().iter().find(|site| site.key == typed.site).map(|site| Site::clone(site))
}

fn draw(
    app: &App,
    office: &Office,
    roles: &Roles,
    mut known: Part,
    mut new: Part,
    twin: Option<UserId>,
) -> Result<Response, Error> {
    let site = made_for(app, &new.typed);
    known.choices = office.choices(roles, &ticked(roles, &known.typed.roles), None);
    let ticked = ticked(roles, &new.typed.roles);
    new.choices = office.choices_on(site.as_ref().map(|site| site.id), roles, &ticked, None);
    let is_fine = known.problems.is_empty() && new.problems.is_empty();
    let status = if is_fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (is_of_site, manages_all) = (office.site().is_some(), office.manages_all());
    let here = match office {
        Office::Platform(_) => None,
        Office::Site(scope) => Some(scope.site.key.clone()),
    };
    let screen = Screen { base: office.base(), is_of_site, manages_all, known, new, site, here, twin };
    let page: Html<String> = screens::draw("people_new.html", office.frame("添加人员"), screen)?;
    Ok((status, page).into_response())
}
