//! 角色: what each role may do, in words; and those of the city's own, made and changed by who says what people may do.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::Form;
use model::{Duty, Grant, Ground, Permission, PermissionGroup, Problem, Role, RoleContent, RoleId, Roles, User, UserId};
use publish::CommandError;
use publish::commands::role::{self, role_seal};
use serde::{Deserialize, Serialize};
use store::roles;
use web::{App, Error};

use crate::moment::Moment;
use crate::notice;
use crate::office::{Office, Tab};
use crate::screens;

/// The duties a role of one's own can have: who says what people may do and who audits them is as the platform has it.
const DUTIES: [Duty; 2] = [Duty::Business, Duty::System];

/// Where it is told that a role cannot be taken away.
const DELETE: &str = "delete";

/// Holders that are listed.
const SHOWN: usize = 50;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The role that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    role: RoleId,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    note: String,
    duty: String,
    permissions: Vec<String>,
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
    may_change: bool,
    own: Vec<Row>,
    standard: Vec<Row>,
    /// What each permission means.
    meanings: Vec<Choice>,
}

/// A role in words.
#[derive(Serialize)]
struct Row {
    id: RoleId,
    is_own: bool,
    name: String,
    note: String,
    duty: &'static str,
    /// What it permits, a group of permissions a line.
    permits: Vec<Line>,
    /// How many hold it; none where that is not theirs to know.
    held_by: Option<usize>,
}

#[derive(Serialize)]
struct Line {
    group: &'static str,
    permissions: String,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    /// None: it is to be.
    id: Option<RoleId>,
    /// What it is called on the command line.
    word: String,
    typed: Typed,
    duties: Vec<Choice>,
    /// What it is there for, once it is made.
    duty: Option<&'static str>,
    groups: Vec<Group>,
    holders: Vec<Holder>,
    held_by: usize,
    problems: Vec<Problem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
    /// Why it was not taken away.
    refusal: Option<String>,
}

/// Something that can be chosen.
#[derive(Serialize)]
struct Choice {
    word: &'static str,
    name: &'static str,
    hint: &'static str,
    is_chosen: bool,
}

/// Permissions that belong together.
#[derive(Serialize)]
struct Group {
    name: &'static str,
    choices: Vec<Choice>,
}

/// Who holds the role, and where.
#[derive(Serialize)]
struct Holder {
    id: UserId,
    name: String,
    username: String,
    place: String,
    until: Option<Moment>,
}

/// What was read of a role.
struct Found {
    role: Option<Role>,
    holders: Vec<(User, Grant)>,
}

/// GET …/people/roles
pub(crate) async fn list(State(app): State<Arc<App>>, office: Office, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let (known, counts) =
        app.read(|connection| Ok::<_, store::Error>((roles::all(connection)?, roles::count_holders(connection)?))).await?;
    let counts = office.manages_all().then_some(counts);
    let (standard, own): (Vec<&Role>, Vec<&Role>) = known
        .0
        .iter()
        .filter(|role| office.site().is_none() || role.fits(Ground::whole(office.site())))
        .partition(|role| role.is_standard());
    let rows = |some: Vec<&Role>| some.into_iter().map(|role| row(role, counts.as_ref())).collect();
    let list = List {
        base: office.base(),
        tabs: office.tabs("角色"),
        may_change: may_change(&office),
        own: rows(own),
        standard: rows(standard),
        meanings: Permission::ALL.iter().map(|permission| choice(*permission, false)).collect(),
    };
    screens::draw("roles.html", office.frame("角色").noticed(notice::find(&wish.done)), list)
}

/// GET /console/people/roles/new
pub(crate) async fn begin(State(app): State<Arc<App>>, office: Office) -> Result<Response, Error> {
    let typed =
        Typed { duty: Duty::Business.as_str().into(), permissions: vec![Permission::Read.as_str().into()], ..Typed::default() };
    draw(&app, &office, None, typed, Vec::new(), StatusCode::OK).await
}

/// POST /console/people/roles
pub(crate) async fn add(State(app): State<Arc<App>>, office: Office, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (actor, content) = (office.actor(), typed.content());
    match app.command(move |engine| role::add(engine, &actor, &content)).await {
        Ok(_) => Ok(office.back("/roles", "role-added")),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &office, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}

/// GET /console/people/roles/{role}
pub(crate) async fn open(State(app): State<Arc<App>>, office: Office, Path(named): Path<Named>) -> Result<Response, Error> {
    let role = kept(&app, named.role).await?;
    draw(&app, &office, Some(named.role), Typed::of(&role), Vec::new(), StatusCode::OK).await
}

/// POST /console/people/roles/{role}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let role = kept(&app, named.role).await?;
    // What it is there for is no field of a role that is made.
    let typed = Typed { duty: role.duty.as_str().into(), ..typed };
    let (actor, id, seen, content) = (office.actor(), named.role, typed.seen.clone(), typed.content());
    match app.command(move |engine| role::save(engine, &actor, id, &seen, &content)).await {
        Ok(()) => Ok(office.back("/roles", "role-saved")),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &office, Some(id), typed, problems, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Stale) => {
            let seen = role_seal(&kept(&app, id).await?);
            draw(&app, &office, Some(id), Typed { seen, ..typed }, Vec::new(), StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/people/roles/{role}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, id) = (office.actor(), named.role);
    match app.command(move |engine| role::delete(engine, &actor, id, &typed.seen)).await {
        Ok(()) => Ok(office.back("/roles", "role-deleted")),
        Err(error) => {
            let role = kept(&app, id).await?;
            let problems = match error {
                CommandError::Stale => Vec::new(),
                CommandError::Refused(sentence) => vec![Problem::at(DELETE, sentence)],
                other => return Err(other.into()),
            };
            draw(&app, &office, Some(id), Typed::of(&role), problems, StatusCode::CONFLICT).await
        }
    }
}

impl Typed {
    fn of(role: &Role) -> Self {
        Self {
            name: role.name.clone(),
            note: role.note.clone(),
            duty: role.duty.as_str().to_owned(),
            permissions: role.permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
            seen: role_seal(role),
        }
    }

    /// Words that mean nothing are left out; a role without a duty is refused as one of business would be.
    fn content(&self) -> RoleContent {
        RoleContent {
            name: self.name.trim().to_owned(),
            note: self.note.trim().to_owned(),
            duty: self.duty.parse().unwrap_or(Duty::Business),
            permissions: self.permissions.iter().filter_map(|word| word.parse().ok()).collect(),
        }
    }

    fn has(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|word| word == permission.as_str())
    }
}

/// Whether roles are made and changed here.
fn may_change(office: &Office) -> bool {
    office.site().is_none() && office.person().may_everywhere(Permission::Roles)
}

/// A role of the city's own.
async fn kept(app: &Arc<App>, id: RoleId) -> Result<Role, Error> {
    let known: Roles = app.read(roles::all).await?;
    known.find(id).filter(|role| !role.is_standard()).cloned().ok_or(Error::NotFound)
}

async fn draw(
    app: &Arc<App>,
    office: &Office,
    id: Option<RoleId>,
    typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let found = app
        .read(move |connection| {
            let Some(id) = id else { return Ok(Found { role: None, holders: Vec::new() }) };
            let role = roles::all(connection)?.find(id).cloned();
            Ok::<_, store::Error>(Found { role, holders: roles::list_holders(connection, id)? })
        })
        .await?;
    let (refused, problems): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.field == DELETE);
    let refusal = refused.into_iter().next().map(|problem| problem.message);
    let sites: HashMap<_, _> = app.tenants.list().into_iter().map(|site| (site.id, site.short_name.clone())).collect();
    let place = |ground: Ground| match ground {
        Ground::Platform => "全平台".to_owned(),
        Ground::Site(site) => sites.get(&site).cloned().unwrap_or_default(),
        Ground::Channel(site, _) => format!("{}（部分栏目）", sites.get(&site).map_or("", String::as_str)),
    };
    let held_by: BTreeSet<UserId> = found.holders.iter().map(|(user, _)| user.id).collect();
    let holder = |(user, grant): (User, Grant)| Holder {
        id: user.id,
        name: user.display_name,
        username: user.username,
        place: place(grant.ground),
        until: grant.until.map(Into::into),
    };
    let screen = Screen {
        base: office.base(),
        id,
        word: found.role.as_ref().map(|role| role.word.clone()).unwrap_or_default(),
        duties: DUTIES.iter().map(|duty| of_duty(*duty, &typed)).collect(),
        duty: found.role.as_ref().map(|role| role.duty.chinese()),
        groups: groups(found.role.as_ref().map(|role| role.duty), &typed),
        held_by: held_by.len(),
        holders: found.holders.into_iter().take(SHOWN).map(holder).collect(),
        is_stale: status == StatusCode::CONFLICT && refusal.is_none(),
        typed,
        problems,
        refusal,
    };
    let frame = office.frame(if id.is_some() { "修改角色" } else { "新建角色" });
    Ok((status, screens::draw("role.html", frame, screen)?).into_response())
}

fn row(role: &Role, counts: Option<&HashMap<RoleId, usize>>) -> Row {
    let line = |group: &PermissionGroup| {
        let names: Vec<&str> = role
            .permissions
            .iter()
            .filter(|permission| permission.group() == *group)
            .map(|permission| permission.chinese())
            .collect();
        (!names.is_empty()).then(|| Line { group: group.chinese(), permissions: names.join("、") })
    };
    Row {
        id: role.id,
        is_own: !role.is_standard(),
        name: role.name.clone(),
        note: role.note.clone(),
        duty: role.duty.chinese(),
        permits: PermissionGroup::ALL.iter().filter_map(line).collect(),
        held_by: counts.map(|counts| counts.get(&role.id).copied().unwrap_or_default()),
    }
}

fn of_duty(duty: Duty, typed: &Typed) -> Choice {
    let hint = match duty {
        Duty::System => "只能在全平台担任，可含建站、紧急下架、运维，不能含人员管理",
        _ => "可在站点、栏目或全平台担任，不能含建站、紧急下架、运维",
    };
    Choice { word: duty.as_str(), name: duty.chinese(), hint, is_chosen: typed.duty == duty.as_str() }
}

fn choice(permission: Permission, is_chosen: bool) -> Choice {
    Choice { word: permission.as_str(), name: permission.chinese(), hint: permission.sentence(), is_chosen }
}

/// The permissions that can be ticked: those of its duty once it has one, else of any it could have.
fn groups(duty: Option<Duty>, typed: &Typed) -> Vec<Group> {
    let fits = |permission: &&Permission| match duty {
        Some(duty) => permission.is_for(duty) || typed.has(**permission),
        None => DUTIES.iter().any(|duty| permission.is_for(*duty)),
    };
    let group = |group: &PermissionGroup| {
        let some = Permission::ALL.iter().filter(|permission| permission.group() == *group).filter(fits);
        Group { name: group.chinese(), choices: some.map(|permission| choice(*permission, typed.has(*permission))).collect() }
    };
    PermissionGroup::ALL.iter().map(group).filter(|group| !group.choices.is_empty()).collect()
}
