//! 站点状态: how the site stands towards the public, what the public is told, and what may be done about it now.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, NaiveTime};
use model::schedule::{field_time, told, typed_time};
use model::{Actor, Announcement, ChannelId, Permission, Problem, SiteId, SiteState, Standing, from_local, local, site_rules};
use publish::commands::site_removal;
use publish::commands::site_state::{self as deeds, state_of};
use publish::opening::{self, Check, RECORD, WRITE};
use publish::{CommandError, Engine};
use serde::{Deserialize, Serialize};
use store::site_states;
use web::{App, Error, Scope, Tenants};

use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// An announcement as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    title: String,
    text: String,
    basis: String,
    until: String,
    moved_to: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    name: String,
    agency: String,
    address: String,
    state: &'static str,
    state_name: &'static str,
    /// What that means to the public.
    meaning: &'static str,
    now: Option<Row>,
    is_late: bool,
    checks: Vec<CheckRow>,
    may_write: bool,
    missing: usize,
    /// The deeds that this person may do now.
    may: Vec<&'static str>,
    /// Whether it may be taken away again: the public never saw it.
    may_remove: bool,
    /// Why it cannot be for now.
    no_removal: Option<&'static str>,
    name_typed: String,
    offline: FormShown,
    close: FormShown,
    days: Days,
    problems: Vec<Problem>,
    tried: &'static str,
    refusal: String,
    past: Vec<Row>,
}

/// The numbers of the rules.
#[derive(Serialize)]
struct Days {
    offline: i64,
    times: usize,
    closing: i64,
}

#[derive(Serialize)]
struct FormShown {
    typed: Typed,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct CheckRow {
    name: &'static str,
    is_met: bool,
    is_must: bool,
    missing: String,
    mend: String,
    /// Channels that have nothing, each to be written in.
    blank: Vec<(ChannelId, String)>,
}

/// A change of state.
#[derive(Serialize)]
struct Row {
    state: &'static str,
    state_name: &'static str,
    since: Moment,
    by: String,
    title: String,
    text: String,
    basis: String,
    until: String,
    moved_to: String,
}

/// What was tried and did not succeed.
#[derive(Default)]
struct Attempt {
    tried: &'static str,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
    /// What was typed to say which site is meant.
    name: String,
}

/// GET /console/{site}/state
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, &wish.done, Attempt::default(), StatusCode::OK).await
}

/// POST /console/{site}/state/open
pub(crate) async fn open(State(app): State<Arc<App>>, scope: Scope) -> Result<Response, Error> {
    change(&app, &scope, "site-opened", Attempt::default(), deeds::open).await
}

/// POST /console/{site}/state/resume
pub(crate) async fn resume(State(app): State<Arc<App>>, scope: Scope) -> Result<Response, Error> {
    change(&app, &scope, "site-resumed", Attempt::default(), deeds::resume).await
}

/// POST /console/{site}/state/call-off
pub(crate) async fn call_off(State(app): State<Arc<App>>, scope: Scope) -> Result<Response, Error> {
    change(&app, &scope, "site-stays", Attempt::default(), deeds::call_off).await
}

/// POST /console/{site}/state/offline
pub(crate) async fn go_offline(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    announce(&app, &scope, "offline", "site-offline", typed, deeds::go_offline).await
}

/// POST /console/{site}/state/close
pub(crate) async fn close(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    announce(&app, &scope, "close", "site-closing", typed, deeds::announce_closing).await
}

/// What was typed to say which site is meant.
#[derive(Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    name: String,
}

/// POST /console/{site}/state/remove
pub(crate) async fn remove(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Named>) -> Result<Response, Error> {
    let (actor, site, name) = (scope.actor(), scope.site.id, typed.name.clone());
    let attempt = Attempt { tried: "remove", name: typed.name, ..Attempt::default() };
    match app.command(move |engine| site_removal::remove(engine, &actor, site, &name)).await {
        Ok(()) => {
            Tenants::read_again(&app).await;
            Ok(Redirect::to("/console?done=site-removed").into_response())
        }
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &scope, "", Attempt { problems, ..attempt }, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Refused(refusal)) => draw(&app, &scope, "", Attempt { refusal, ..attempt }, StatusCode::CONFLICT).await,
        Err(other) => Err(other.into()),
    }
}

/// Announces what was typed and does what goes with it.
async fn announce(
    app: &Arc<App>,
    scope: &Scope,
    tried: &'static str,
    done: &str,
    typed: Typed,
    deed: impl FnOnce(&Engine, &Actor, SiteId, &Announcement) -> Result<(), CommandError> + Send + 'static,
) -> Result<Response, Error> {
    let attempt = Attempt { tried, typed: typed.clone(), ..Attempt::default() };
    match typed.announcement() {
        Ok(wanted) => change(app, scope, done, attempt, move |engine, actor, site| deed(engine, actor, site, &wanted)).await,
        Err(problem) => {
            let attempt = Attempt { problems: vec![problem], ..attempt };
            draw(app, scope, "", attempt, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// Changes the state; whoever did it sees it on this node at once.
async fn change(
    app: &Arc<App>,
    scope: &Scope,
    done: &str,
    attempt: Attempt,
    deed: impl FnOnce(&Engine, &Actor, SiteId) -> Result<(), CommandError> + Send + 'static,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| deed(engine, &actor, site)).await {
        Ok(()) => {
            Tenants::read_again(app).await;
            Ok(Redirect::to(&format!("/console/{}/state?done={done}", scope.site.key)).into_response())
        }
        Err(CommandError::Invalid(problems)) => {
            draw(app, scope, "", Attempt { problems, ..attempt }, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Refused(refusal)) => draw(app, scope, "", Attempt { refusal, ..attempt }, StatusCode::CONFLICT).await,
        Err(other) => Err(other.into()),
    }
}

impl Typed {
    fn announcement(&self) -> Result<Announcement, Problem> {
        Ok(Announcement {
            title: self.title.trim().to_owned(),
            text: self.text.trim().replace("\r\n", "\n"),
            basis: self.basis.trim().to_owned(),
            until: typed_time("until", &self.until)?,
            moved_to: self.moved_to.trim().to_owned(),
        })
    }

    /// A form that nothing was typed in yet.
    fn of(draft: Announcement) -> Self {
        let until = draft.until.map(field_time).unwrap_or_default();
        Self { title: draft.title, text: draft.text, basis: draft.basis, until, moved_to: draft.moved_to }
    }
}

async fn draw(app: &Arc<App>, scope: &Scope, done: &str, attempt: Attempt, status: StatusCode) -> Result<Response, Error> {
    let site = Arc::clone(&scope.site);
    let engine = Arc::clone(&app.engine);
    let (standings, checks, names, is_unopened, no_removal) = app
        .read(move |connection| {
            let standings = site_states::list(connection, site.id)?;
            let is_preparing = standings.first().is_some_and(|standing| standing.state == SiteState::Preparing);
            let checks = if is_preparing { opening::checks(connection, &site)? } else { Vec::new() };
            let names = Names::find(connection, standings.iter().map(|standing| standing.by))?;
            let is_unopened = site_removal::is_unopened(connection, site.id)?;
            let no_removal = site_removal::obstacle(&engine, connection, site.id, &site.key)?;
            Ok::<_, store::Error>((standings, checks, names, is_unopened, no_removal))
        })
        .await?;
    let now = app.engine.clock.now();
    let (state, rules) = (state_of(standings.first()), site_rules());
    let may_record = scope.signed_in.person.may(Permission::Found, scope.site.id);
    let may_write = scope.may(Permission::Write);
    let missing = checks.iter().filter(|check| check.is_must && !check.is_met).count();
    let form = |name: &str, state: SiteState| {
        if attempt.tried == name {
            return FormShown { typed: attempt.typed.clone(), problems: attempt.problems.clone() };
        }
        let until = (state == SiteState::Closing).then(|| midnight_after(rules.closing.earliest(now)));
        FormShown { typed: Typed::of(Announcement { until, ..deeds::draft(&scope.site, state) }), problems: Vec::new() }
    };
    let screen = Screen {
        key: scope.site.key.clone(),
        name: scope.site.name.clone(),
        agency: scope.site.agency.name.clone(),
        address: app.engine.settings.public_url(&scope.site.key, &scope.site.domain),
        state: state.as_str(),
        state_name: state.chinese(),
        meaning: meaning(state),
        is_late: state == SiteState::Offline
            && standings.first().is_some_and(|one| one.announcement.until.is_some_and(|at| at < now)),
        may: may(scope, state, missing),
        may_remove: is_unopened && may_record,
        no_removal,
        name_typed: attempt.name,
        missing,
        checks: checks.into_iter().map(|check| CheckRow::of(check, may_record, may_write)).collect(),
        may_write,
        offline: form("offline", SiteState::Offline),
        close: form("close", SiteState::Closing),
        days: Days { offline: rules.offline.days, times: rules.offline.times_a_year, closing: rules.closing.days },
        now: standings.first().map(|standing| row(standing, &names)),
        past: standings.iter().skip(1).map(|standing| row(standing, &names)).collect(),
        problems: attempt.problems,
        tried: attempt.tried,
        refusal: attempt.refusal,
    };
    let frame = Frame::site(scope, Place::State, "站点状态").noticed(notice::find(done));
    Ok((status, screens::draw("site_state.html", frame, screen)?).into_response())
}

/// What a state means to the public.
fn meaning(state: SiteState) -> &'static str {
    match state {
        SiteState::Preparing => "公众访问任何网址，看到的都是建设中公告；后台可以照常撰写、审核和预览，开通后即刻可见。",
        SiteState::Open => "公众可以正常访问。",
        SiteState::Offline => "公众访问任何网址，看到的都是下线公告；期间发布的内容在恢复后即刻可见。",
        SiteState::Closing => "公众可以正常访问，首页、栏目首页和稿件页顶部显示关停公告。",
        SiteState::Closed => "首页为关停公告；原有网页仍可通过原网址访问，并显示关停公告。",
    }
}

/// What this person may do in a state: who founds sites opens and closes them; who switches emergencies takes one offline and back.
fn may(scope: &Scope, state: SiteState, missing: usize) -> Vec<&'static str> {
    let deeds: &[(&str, Permission)] = match state {
        SiteState::Preparing if missing > 0 => &[],
        SiteState::Preparing | SiteState::Closed => &[("open", Permission::Found)],
        SiteState::Open => &[("offline", Permission::Emergency), ("close", Permission::Found)],
        SiteState::Offline => &[("resume", Permission::Emergency)],
        SiteState::Closing => &[("call_off", Permission::Found)],
    };
    deeds.iter().filter(|(_, takes)| scope.may(*takes)).map(|(deed, _)| *deed).collect()
}

fn row(standing: &Standing, names: &Names) -> Row {
    let announced = standing.announcement.clone();
    Row {
        state: standing.state.as_str(),
        state_name: standing.state.chinese(),
        since: standing.since.into(),
        by: names.of(standing.by),
        title: announced.title,
        text: announced.text,
        basis: announced.basis,
        until: announced.until.map(told).unwrap_or_default(),
        moved_to: announced.moved_to,
    }
}

impl CheckRow {
    /// Nobody is led to a screen that is closed to them.
    fn of(check: Check, may_record: bool, may_write: bool) -> Self {
        let mend = match (check.mend, check.blank.first()) {
            (RECORD, _) if !may_record => String::new(),
            (RECORD, _) if !check.field.is_empty() => format!("{RECORD}#{}", check.field),
            (WRITE, _) if !may_write => String::new(),
            (WRITE, Some((channel, _))) => format!("{WRITE}?channel={channel}"),
            (mend, _) => mend.to_owned(),
        };
        let Check { name, is_met, is_must, missing, blank, .. } = check;
        Self { name, is_met, is_must, missing, mend, blank }
    }
}

/// The first midnight in Beijing after a moment.
fn midnight_after(moment: NaiveDateTime) -> NaiveDateTime {
    let day = local(moment).date_naive();
    from_local(day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN))
}
