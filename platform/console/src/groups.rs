//! 工作组: the groups of a site, or of the platform.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::Form;
use model::{GroupContent, GroupId, Problem, UserId};
use publish::CommandError;
use publish::commands::{group, seal};
use serde::{Deserialize, Serialize};
use store::{groups, people};
use web::{App, Error};

use crate::notice;
use crate::office::{Office, Tab};
use crate::screens;

/// The field of what stands in the way of taking a group away.
const DELETE: &str = "delete";

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The group that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    group: GroupId,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    duty: String,
    members: Vec<String>,
    seen: String,
}

/// What was looked at when the button was pressed.
#[derive(Deserialize)]
pub(crate) struct Seen {
    seen: String,
}

#[derive(Serialize)]
struct List {
    base: String,
    tabs: Vec<Tab>,
    is_of_site: bool,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: GroupId,
    name: String,
    duty: String,
    count: usize,
    members: String,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    is_of_site: bool,
    /// None: it is to be.
    id: Option<GroupId>,
    typed: Typed,
    problems: Vec<Problem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
    /// The review steps that are for it.
    uses: Vec<String>,
    /// Why it was not taken away.
    refusal: Option<String>,
    people: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    id: UserId,
    name: String,
    username: String,
    is_in: bool,
    is_active: bool,
}

/// GET …/people/groups
pub(crate) async fn list(State(app): State<Arc<App>>, office: Office, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let site = office.site();
    let (groups, names) = app
        .read(move |connection| {
            let groups = groups::list(connection, site)?;
            let members: Vec<UserId> = groups.iter().flat_map(|group| group.content.members.clone()).collect();
            Ok::<_, store::Error>((groups, people::names(connection, &members)?))
        })
        .await?;
    let row = |group: model::Group| Row {
        id: group.id,
        count: group.content.members.len(),
        members: told(&group.content.members, &names),
        name: group.content.name,
        duty: group.content.duty,
    };
    let rows = groups.into_iter().map(row).collect();
    let list = List { base: office.base(), tabs: office.tabs("工作组"), is_of_site: site.is_some(), rows };
    screens::draw("groups.html", office.frame("工作组").noticed(notice::find(&wish.done)), list)
}

/// GET …/people/groups/new
pub(crate) async fn begin(State(app): State<Arc<App>>, office: Office) -> Result<Response, Error> {
    draw(&app, &office, None, Typed::default(), Vec::new(), StatusCode::OK).await
}

/// POST …/people/groups
pub(crate) async fn add(State(app): State<Arc<App>>, office: Office, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (actor, site, content) = (office.actor(), office.site(), typed.content());
    match app.command(move |engine| group::add(engine, &actor, site, &content)).await {
        Ok(_) => Ok(office.back("/groups", "group-added")),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &office, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}

/// GET …/people/groups/{group}
pub(crate) async fn open(State(app): State<Arc<App>>, office: Office, Path(named): Path<Named>) -> Result<Response, Error> {
    let content = kept(&app, &office, named.group).await?;
    draw(&app, &office, Some(named.group), Typed::of(&content), Vec::new(), StatusCode::OK).await
}

/// POST …/people/groups/{group}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, site, id, content, seen) = (office.actor(), office.site(), named.group, typed.content(), typed.seen.clone());
    match app.command(move |engine| group::save(engine, &actor, site, id, &seen, &content)).await {
        Ok(()) => Ok(office.back("/groups", "group-saved")),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &office, Some(id), typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Stale) => {
            let seen = seal(&kept(&app, &office, id).await?);
            draw(&app, &office, Some(id), Typed { seen, ..typed }, Vec::new(), StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST …/people/groups/{group}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, site, id) = (office.actor(), office.site(), named.group);
    match app.command(move |engine| group::delete(engine, &actor, site, id, &typed.seen)).await {
        Ok(()) => Ok(office.back("/groups", "group-deleted")),
        Err(error) => {
            let content = kept(&app, &office, id).await?;
            let problems = match error {
                CommandError::Stale => Vec::new(),
                CommandError::Refused(sentence) => vec![Problem::at(DELETE, sentence)],
                other => return Err(other.into()),
            };
            draw(&app, &office, Some(id), Typed::of(&content), problems, StatusCode::CONFLICT).await
        }
    }
}

impl Typed {
    fn of(content: &GroupContent) -> Self {
        Self {
            name: content.name.clone(),
            duty: content.duty.clone(),
            members: content.members.iter().map(ToString::to_string).collect(),
            seen: seal(content),
        }
    }

    fn content(&self) -> GroupContent {
        let mut members: Vec<UserId> = self.members.iter().filter_map(|id| id.parse().ok()).collect();
        members.sort_unstable();
        members.dedup();
        GroupContent { name: self.name.trim().to_owned(), duty: self.duty.trim().to_owned(), members }
    }
}

async fn kept(app: &Arc<App>, office: &Office, id: GroupId) -> Result<GroupContent, Error> {
    let site = office.site();
    let found = app.read(move |connection| groups::find(connection, site, id)).await?;
    Ok(found.ok_or(Error::NotFound)?.content)
}

async fn draw(
    app: &Arc<App>,
    office: &Office,
    id: Option<GroupId>,
    typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let site = office.site();
    let (people, kept, uses) = app
        .read(move |connection| {
            let group = id.map(|id| groups::find(connection, site, id)).transpose()?.flatten();
            let kept = group.map(|group| group.content.members).unwrap_or_default();
            let uses = id.map(|id| group::uses(connection, id)).transpose()?.unwrap_or_default();
            Ok::<_, CommandError>((people::list_holders(connection, site)?, kept, uses))
        })
        .await?;
    let (refused, problems): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.field == DELETE);
    let refusal = refused.into_iter().next().map(|problem| problem.message);
    let choice = |person: model::User| Choice {
        is_active: person.is_active(),
        is_in: typed.members.contains(&person.id.to_string()),
        id: person.id,
        name: person.display_name,
        username: person.username,
    };
    // Whoever is switched off can stay in the group, or leave it.
    let people = people.into_iter().filter(|person| person.is_active() || kept.contains(&person.id)).map(choice).collect();
    let is_stale = status == StatusCode::CONFLICT && refusal.is_none();
    let frame = office.frame(if id.is_some() { "修改工作组" } else { "新建工作组" });
    let screen = Screen { base: office.base(), is_of_site: site.is_some(), id, typed, problems, is_stale, uses, refusal, people };
    Ok((status, screens::draw("group.html", frame, screen)?).into_response())
}

fn told(members: &[UserId], names: &HashMap<UserId, String>) -> String {
    members.iter().filter_map(|id| names.get(id)).map(String::as_str).collect::<Vec<_>>().join("、")
}
