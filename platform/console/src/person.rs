//! A person: what they hold, what they have in hand, what they did of late; and what of it may be changed here.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use model::api_token::ApiToken;
use model::{
    AccountState, AuditEntry, ChannelTree, Contact, Grant, Permission, Person, Problem, Roles, SecondFactor, Site, SiteId, User,
    UserId, from_local, local, sign_in_policy,
};
use publish::CommandError;
use publish::commands::{account, contact, membership, second_factor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::catalogue::Reach;
use store::workload::{self, Load};
use store::{Connection, api_tokens, audit, directory, groups, people, second_factors};
use vault::Vault;
use web::{App, Error};

use crate::account_stage::{Offered, Stage, offered, stage};
use crate::chart::Chart;
use crate::granting::{self, Granting};
use crate::links;
use crate::me::open_sessions;
use crate::moment::Moment;
use crate::notice;
use crate::office::{self, Choice, Named, Office, ticked};
use crate::people::{Holding, holdings, site_choices};
use crate::screens;
use crate::timeline::{self, Row};
use crate::tokens;
use crate::wording;

/// Deeds counted, and those told in full.
const COUNTED: i64 = 20_000;
const TOLD: i64 = 20;

/// Over how many days, and what to say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    days: String,
    done: String,
}

/// The roles as they were ticked.
#[derive(Deserialize)]
pub(crate) struct Typed {
    seen: String,
    #[serde(default)]
    roles: Vec<String>,
}

/// What was looked at when a button was pressed.
#[derive(Deserialize)]
pub(crate) struct Seen {
    pub(crate) seen: String,
}

/// What could not be done.
#[derive(Default)]
struct Attempt {
    roles: Option<Vec<String>>,
    /// The form for what is limited, as it was typed.
    limited: granting::Typed,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the screen that is there or not")]
struct Screen {
    base: String,
    id: UserId,
    name: String,
    username: String,
    state: Stage,
    since: Moment,
    signed_in: Option<Moment>,
    held: Vec<Holding>,
    /// How they are reached, masked.
    contact: Contact,
    /// Where that is shown whole and changed; none where it is not theirs.
    contact_at: Option<String>,
    /// Sites that they can be taken in on, from here.
    sites: Vec<(String, String)>,
    groups: String,
    is_of_site: bool,
    /// Empty where nothing of this is theirs to change.
    choices: Vec<Choice>,
    seen: String,
    granting: Option<Granting>,
    may_remove: bool,
    /// What may be done with the account.
    deeds: Vec<Offered>,
    /// At how many places they are signed in; none where that is not theirs to know.
    sessions: Option<usize>,
    /// What programs ask with on their behalf, for whoever may end it.
    tokens: Vec<tokens::Row>,
    /// The upper-level services they are linked with, for whoever may end it.
    links: Vec<links::Row>,
    /// How many second factors they have; none where that is not theirs to know.
    factors: Option<usize>,
    may_reset: bool,
    factors_seen: String,
    password_seen: String,
    state_seen: String,
    problems: Vec<Problem>,
    is_stale: bool,
    refusal: Option<String>,
    load: Work,
    days: u64,
    chart: Chart,
    texts: i64,
    revisions: i64,
    counts: Vec<(&'static str, i64)>,
    latest: Vec<Row>,
}

#[derive(Serialize)]
struct Work {
    drafts: i64,
    reviewing: i64,
    scheduled: i64,
    returned: i64,
    to_review: i64,
    late: i64,
}

/// What was read about a person.
struct Found {
    user: User,
    grants: Vec<Grant>,
    roles: Roles,
    tree: ChannelTree,
    groups: Vec<String>,
    load: Load,
    deeds: Vec<(NaiveDateTime, String)>,
    latest: Vec<AuditEntry>,
    written: (i64, i64),
    /// At how many places they are signed in.
    sessions: usize,
    tokens: Vec<ApiToken>,
    links: Vec<links::Row>,
    contact: Contact,
    factors: Vec<SecondFactor>,
}

/// GET …/people/{user}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let response = draw(&app, &office, named.user, &wish, Attempt::default()).await?;
    note(&app, &office, named.user, "person.read").await?;
    Ok(response)
}

/// That somebody looked at what is known of somebody else is on record, once a day.
pub(crate) async fn note(app: &Arc<App>, office: &Office, id: UserId, action: &'static str) -> Result<(), Error> {
    let (actor, site, reader) = (office.actor(), office.site(), office.person().id);
    if reader == id {
        return Ok(());
    }
    app.command(move |engine| {
        let now = engine.clock.now();
        let subject = format!("user:{id}");
        let today = from_local(local(now).date_naive().and_time(NaiveTime::MIN));
        if engine.store.read(|connection| audit::was_done(connection, reader, (action, &subject), site, today))? {
            return Ok(());
        }
        engine.store.command(|command| {
            let name = people::find(command, id)?.map(|user| user.display_name);
            let record = audit::Record { action, subject, site, before: json!(null), after: json!({ "name": name }) };
            audit::append(command, &actor, record, now)
        })?;
        Ok::<_, CommandError>(())
    })
    .await?;
    Ok(())
}

/// POST …/people/{user}/roles
pub(crate) async fn set_roles(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let known = office::roles(&app).await?;
    let (actor, site, id, roles) = (office.actor(), office.site(), named.user, ticked(&known, &typed.roles));
    // Whoever is to hold nothing here is removed, which is another button.
    if site.is_some() && roles.is_empty() {
        let problems = vec![Problem::at("roles", "请至少选择一个角色；不再参与本站工作的，请移出本站")];
        let attempt = Attempt { roles: Some(typed.roles), problems, ..Attempt::default() };
        return draw(&app, &office, id, &Wish::default(), attempt).await;
    }
    let changed = app.command(move |engine| membership::change(engine, &actor, site, id, &typed.seen, &roles)).await;
    match changed {
        Ok(()) => Ok(office.back(&format!("/{id}"), "roles-set")),
        Err(error) => again(&app, &office, id, error, Some(typed.roles)).await,
    }
}

/// POST /console/{site}/people/{user}/remove
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, site, id) = (office.actor(), office.site(), named.user);
    let none = std::collections::BTreeSet::new();
    match app.command(move |engine| membership::change(engine, &actor, site, id, &typed.seen, &none)).await {
        Ok(()) => Ok(office.back("", "person-removed")),
        Err(error) => again(&app, &office, id, error, None).await,
    }
}

/// The page again, with what could not be given.
pub(crate) async fn limited_again(
    app: &Arc<App>,
    office: &Office,
    id: UserId,
    error: CommandError,
    limited: granting::Typed,
) -> Result<Response, Error> {
    let attempt = match error {
        CommandError::Invalid(problems) => Attempt { limited, problems, ..Attempt::default() },
        other => return Err(other.into()),
    };
    draw(app, office, id, &Wish::default(), attempt).await
}

/// The page again, with what could not be done.
pub(crate) async fn again(
    app: &Arc<App>,
    office: &Office,
    id: UserId,
    error: CommandError,
    roles: Option<Vec<String>>,
) -> Result<Response, Error> {
    let attempt = match error {
        CommandError::Invalid(problems) => Attempt { roles, problems, ..Attempt::default() },
        CommandError::Stale => Attempt { is_stale: true, ..Attempt::default() },
        CommandError::Refused(sentence) => Attempt { refusal: Some(sentence), ..Attempt::default() },
        other => return Err(other.into()),
    };
    draw(app, office, id, &Wish::default(), attempt).await
}

async fn draw(app: &Arc<App>, office: &Office, id: UserId, wish: &Wish, attempt: Attempt) -> Result<Response, Error> {
    let (reach, site) = (office.reach(app)?, office.site());
    let days = if wish.days == "90" { 90 } else { 30 };
    let now = app.engine.clock.now();
    let today = local(now).date_naive();
    let first = today.checked_sub_days(Days::new(days - 1)).unwrap_or(today);
    let found = {
        let (reach, vault, since) = (reach.clone(), app.engine.vault.clone(), from_local(first.and_time(NaiveTime::MIN)));
        app.read(move |connection| find(connection, &vault, (&reach, site), id, since, now)).await?
    };
    let status = if attempt.is_stale || attempt.refusal.is_some() {
        StatusCode::CONFLICT
    } else if attempt.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let frame = office.frame(&found.user.display_name).noticed(notice::find(&wish.done));
    let screen = compose(app, office, &reach, found, (first, today, days), attempt);
    Ok((status, screens::draw("person.html", frame, screen)?).into_response())
}

fn find(
    connection: &mut Connection,
    vault: &Vault,
    (reach, site): (&Reach, Option<SiteId>),
    id: UserId,
    since: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<Found, Error> {
    let user = directory::find(connection, reach, id)?.ok_or(Error::NotFound)?;
    Ok(Found {
        grants: people::list_grants(connection, id)?,
        roles: store::roles::all(connection)?,
        tree: site.map(|site| store::channels::tree(connection, site)).transpose()?.unwrap_or_default(),
        groups: groups::names_by_member(connection, reach, &[id])?.remove(&id).unwrap_or_default(),
        load: workload::loads(connection, reach, &[id], now)?.remove(&id).unwrap_or_default(),
        deeds: audit::list_deeds(connection, reach, id, since, COUNTED)?,
        latest: audit::list_by_actor(connection, reach, id, TOLD)?,
        written: workload::written(connection, reach, id, since)?,
        sessions: count_sessions(connection, id, now)?,
        tokens: api_tokens::list(connection, id)?,
        links: links::rows(connection, id, false)?,
        contact: contact::find(vault, connection, id)?,
        factors: second_factors::list(connection, id)?,
        user,
    })
}

fn count_sessions(connection: &mut Connection, id: UserId, now: NaiveDateTime) -> store::Result<usize> {
    let Some(person) = people::find_person(connection, id, now)? else { return Ok(0) };
    Ok(open_sessions(connection, id, &sign_in_policy().rule(person.is_officer), now)?.len())
}

fn compose(
    app: &App,
    office: &Office,
    reach: &Reach,
    found: Found,
    (first, last, days): (NaiveDate, NaiveDate, u64),
    attempt: Attempt,
) -> Screen {
    let Found { user, grants, roles, tree, groups, load, deeds, latest, written, sessions, tokens, links, contact, factors } =
        found;
    let now = app.engine.clock.now();
    let state = user.state(now);
    let site = office.site();
    let held = membership::roles_on(&grants, site);
    let may_change = site.is_some() || (office.manages_all() && state != AccountState::Left);
    let shown = attempt.roles.as_deref().map_or_else(|| held.clone(), |words| ticked(&roles, words));
    let sites = app.tenants.list();
    let managed: Vec<_> = office.managed(app).collect();
    let is_me = user.id == office.person().id;
    let turns = site.is_none() && office.manages_all() && !is_me;
    Screen {
        base: office.base(),
        id: user.id,
        state_seen: account::state_seal(&user, now),
        factors_seen: second_factor::factors_seal(&factors),
        factors: turns.then_some(factors.len()),
        password_seen: account::password_seal(&user),
        state: stage(&user, now),
        since: user.created_at.into(),
        signed_in: user.signed_in_at.map(Into::into),
        contact: contact.masked(),
        contact_at: contact_at(office, &user, &roles, &grants),
        sites: if site.is_none() && user.is_active() { site_choices(&managed) } else { Vec::new() },
        held: holdings(&roles, &grants, reach, &managed, user.id),
        groups: groups.join("、"),
        is_of_site: site.is_some(),
        choices: if may_change { office.choices(&roles, &shown, Some(user.id)) } else { Vec::new() },
        seen: membership::roles_seal(&held),
        granting: may_change.then(|| Granting::of(office, &roles, &grants, &tree, attempt.limited)),
        may_remove: site.is_some() && !is_me,
        deeds: if turns { offered(state) } else { Vec::new() },
        sessions: turns.then_some(sessions),
        links: if turns { links } else { Vec::new() },
        tokens: if turns { tokens::rows(app, tokens, now) } else { Vec::new() },
        may_reset: turns && state != AccountState::Left && office.person().may_give_all(&roles, &grants),
        problems: attempt.problems,
        is_stale: attempt.is_stale,
        refusal: attempt.refusal,
        load: Work {
            drafts: load.drafts,
            reviewing: load.reviewing,
            scheduled: load.scheduled,
            returned: load.returned,
            to_review: load.to_review,
            late: load.late,
        },
        days,
        chart: Chart::of(&by_day(&deeds), first, last),
        texts: written.0,
        revisions: written.1,
        counts: counts(&deeds),
        latest: latest.into_iter().map(|entry| told(entry, office.person(), &sites)).collect(),
        name: user.display_name,
        username: user.username,
    }
}

/// Where somebody's contacts are changed by whoever looks at them.
fn contact_at(office: &Office, user: &User, roles: &Roles, grants: &[Grant]) -> Option<String> {
    if user.id == office.person().id {
        return Some("/console/me/contact".into());
    }
    let is_theirs = (office.site().is_some() || office.manages_all())
        && user.decided != AccountState::Left
        && office.person().may_give_all(roles, grants);
    is_theirs.then(|| format!("{}/{}/contact", office.base(), user.id))
}

/// An entry, with a link to what it is about for whoever may go there.
fn told(entry: AuditEntry, person: &Person, sites: &[Arc<Site>]) -> Row {
    let reads = match entry.site_id {
        Some(site) => person.may(Permission::Read, site),
        None => person.may_everywhere(Permission::Read),
    };
    let row = timeline::row(entry, sites);
    if reads { row } else { row.unlinked() }
}

/// How much was done on each day in China.
fn by_day(deeds: &[(NaiveDateTime, String)]) -> Vec<(NaiveDate, i64)> {
    let mut days: HashMap<NaiveDate, i64> = HashMap::new();
    for (at, _) in deeds {
        *days.entry(local(*at).date_naive()).or_default() += 1;
    }
    days.into_iter().collect()
}

/// How often each kind of deed was done, the most frequent first.
fn counts(deeds: &[(NaiveDateTime, String)]) -> Vec<(&'static str, i64)> {
    let mut counted: HashMap<&'static str, i64> = HashMap::new();
    for (_, action) in deeds {
        *counted.entry(wording::kind(action)).or_default() += 1;
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by_key(|(name, count)| (-count, *name));
    counted
}
