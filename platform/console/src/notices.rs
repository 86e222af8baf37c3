//! Notices (公告): banners of the home page and the two emergency switches, for one site or for all.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::schedule::{told, typed_time};
use model::{Notice, NoticeContent, NoticeId, NoticeKind, NoticeState, Permission, Problem, SiteId};
use publish::CommandError;
use publish::commands::notice as deeds;
use serde::{Deserialize, Serialize};
use store::notices;
use web::{App, Error, Scope, SignedIn};

use crate::names::Names;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// Lines of what is over.
const PAST: i64 = 20;

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// A notice as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    kind: String,
    title: String,
    text: String,
    link: String,
    starts_at: String,
    ends_at: String,
}

/// Where notices are looked at: on one site, or for all of them.
enum Ground {
    One(Scope),
    All(SignedIn),
}

impl Ground {
    fn site(&self) -> Option<SiteId> {
        match self {
            Self::One(scope) => Some(scope.site.id),
            Self::All(_) => None,
        }
    }

    fn signed_in(&self) -> &SignedIn {
        match self {
            Self::One(scope) => &scope.signed_in,
            Self::All(signed_in) => signed_in,
        }
    }

    fn may(&self, permission: Permission) -> bool {
        match self {
            Self::One(scope) => scope.may(permission),
            Self::All(signed_in) => signed_in.person.may_everywhere(permission),
        }
    }

    fn address(&self) -> String {
        match self {
            Self::One(scope) => format!("/console/{}/notices", scope.site.key),
            Self::All(_) => "/console/notices".to_owned(),
        }
    }

    fn frame(&self) -> Frame {
        match self {
            Self::One(scope) => Frame::site(scope, Place::Notices, "公告"),
            Self::All(signed_in) => Frame::platform(signed_in, Place::AllNotices, "全市公告"),
        }
    }
}

#[derive(Serialize)]
struct Screen {
    base: String,
    is_city: bool,
    where_to: &'static str,
    on: Vec<Row>,
    coming: Vec<Row>,
    past: Vec<Row>,
    /// What the city has on, seen from one site.
    citywide: Vec<Row>,
    forms: Vec<FormShown>,
    problems: Vec<Problem>,
    tried: String,
    refusal: String,
}

/// One of the three forms.
#[derive(Serialize)]
struct FormShown {
    kind: &'static str,
    name: &'static str,
    action: &'static str,
    typed: Typed,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Row {
    id: NoticeId,
    kind: &'static str,
    tone: &'static str,
    title: String,
    text: String,
    link: String,
    starts: String,
    ends: String,
    state: &'static str,
    by: String,
    over: String,
    may_end: bool,
    is_on: bool,
}

#[derive(Default)]
struct Attempt {
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
}

/// GET /console/{site}/notices
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &Ground::One(scope), &wish.done, Attempt::default(), StatusCode::OK).await
}

/// GET /console/notices
pub(crate) async fn show_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    draw(&app, &Ground::All(signed_in), &wish.done, Attempt::default(), StatusCode::OK).await
}

/// POST /console/{site}/notices/banners
pub(crate) async fn put_banner(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    post(&app, &Ground::One(scope), Permission::Announce, typed).await
}

/// POST /console/notices/banners
pub(crate) async fn put_banner_everywhere(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    post(&app, &Ground::All(signed_in), Permission::Announce, typed).await
}

/// POST /console/{site}/notices/emergencies
pub(crate) async fn switch(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    post(&app, &Ground::One(scope), Permission::Emergency, typed).await
}

/// POST /console/notices/emergencies
pub(crate) async fn switch_everywhere(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    post(&app, &Ground::All(signed_in), Permission::Emergency, typed).await
}

/// POST /console/{site}/notices/{notice}/end
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, NoticeId)>,
) -> Result<Response, Error> {
    finish(&app, &Ground::One(scope), id).await
}

/// POST /console/notices/{notice}/end
pub(crate) async fn end_everywhere(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<NoticeId>,
) -> Result<Response, Error> {
    finish(&app, &Ground::All(signed_in), id).await
}

/// Puts up what was typed, if its kind is one of those `held` is for.
async fn post(app: &Arc<App>, ground: &Ground, held: Permission, typed: Typed) -> Result<Response, Error> {
    let kind: Option<NoticeKind> = typed.kind.parse().ok().filter(|kind: &NoticeKind| kind.permission() == held);
    let kind = kind.ok_or_else(|| Error::BadRequest("请从页面上的表单提交公告。".into()))?;
    let content = match content(kind, &typed) {
        Ok(content) => content,
        Err(problems) => return invalid(app, ground, typed, problems).await,
    };
    let (actor, site) = (ground.signed_in().actor(), ground.site());
    match app.command(move |engine| deeds::post(engine, &actor, site, &content)).await {
        Ok(_) => Ok(Redirect::to(&format!("{}?done=notice-posted", ground.address())).into_response()),
        Err(CommandError::Invalid(problems)) => invalid(app, ground, typed, problems).await,
        Err(other) => Err(other.into()),
    }
}

async fn finish(app: &Arc<App>, ground: &Ground, id: NoticeId) -> Result<Response, Error> {
    let (actor, site) = (ground.signed_in().actor(), ground.site());
    let known = app.read(move |connection| notices::find(connection, site, id)).await?.ok_or(Error::NotFound)?;
    if !ground.may(known.kind.permission()) {
        return Err(Error::Forbidden);
    }
    match app.command(move |engine| deeds::end(engine, &actor, site, id)).await {
        Ok(()) => Ok(Redirect::to(&format!("{}?done=notice-ended", ground.address())).into_response()),
        Err(CommandError::Refused(refusal)) => {
            draw(app, ground, "", Attempt { refusal, ..Attempt::default() }, StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn invalid(app: &Arc<App>, ground: &Ground, typed: Typed, problems: Vec<Problem>) -> Result<Response, Error> {
    draw(app, ground, "", Attempt { typed, problems, ..Attempt::default() }, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn content(kind: NoticeKind, typed: &Typed) -> Result<NoticeContent, Vec<Problem>> {
    let (starts, ends) = (typed_time("starts_at", &typed.starts_at), typed_time("ends_at", &typed.ends_at));
    let content = NoticeContent {
        kind,
        title: typed.title.trim().to_owned(),
        text: typed.text.trim().replace("\r\n", "\n"),
        link: typed.link.trim().to_owned(),
        starts_at: starts.as_ref().ok().copied().flatten(),
        ends_at: ends.as_ref().ok().copied().flatten(),
    };
    let problems: Vec<Problem> = [starts.err(), ends.err()].into_iter().flatten().collect();
    if problems.is_empty() { Ok(content) } else { Err(problems) }
}

async fn draw(app: &Arc<App>, ground: &Ground, done: &str, attempt: Attempt, status: StatusCode) -> Result<Response, Error> {
    let site = ground.site();
    let (open, past, citywide, names) = app
        .read(move |connection| {
            let open = notices::list_open(connection, site)?;
            let past = notices::list_closed(connection, site, PAST)?;
            let citywide = if site.is_some() { notices::list_open(connection, None)? } else { Vec::new() };
            let people: Vec<_> = open.iter().chain(&past).chain(&citywide).map(|notice| notice.created_by).collect();
            Ok::<_, store::Error>((open, past, citywide, Names::find(connection, people)?))
        })
        .await?;
    let rows = |list: Vec<Notice>, is_own: bool| -> Vec<Row> {
        list.into_iter().map(|notice| row(ground, &names, notice, is_own)).collect()
    };
    let (on, coming) = open.into_iter().partition(|notice: &Notice| notice.state == NoticeState::On);
    let screen = Screen {
        base: ground.address(),
        is_city: site.is_none(),
        where_to: if site.is_none() { "全部站点" } else { "本站" },
        on: rows(on, true),
        coming: rows(coming, true),
        past: rows(past, true),
        citywide: rows(citywide, false),
        forms: NoticeKind::ALL.iter().filter(|kind| ground.may(kind.permission())).map(|kind| form(*kind, &attempt)).collect(),
        problems: attempt.problems,
        tried: attempt.typed.kind,
        refusal: attempt.refusal,
    };
    let frame = ground.frame().noticed(notice::find(done));
    Ok((status, screens::draw("notices.html", frame, screen)?).into_response())
}

/// The form of a kind, with what was typed in it.
fn form(kind: NoticeKind, attempt: &Attempt) -> FormShown {
    let is_tried = attempt.typed.kind == kind.as_str();
    FormShown {
        kind: kind.as_str(),
        name: kind.chinese(),
        action: if kind.permission() == Permission::Announce { "banners" } else { "emergencies" },
        typed: if is_tried { attempt.typed.clone() } else { Typed::default() },
        problems: if is_tried { attempt.problems.clone() } else { Vec::new() },
    }
}

fn row(ground: &Ground, names: &Names, notice: Notice, is_own: bool) -> Row {
    Row {
        id: notice.id,
        kind: notice.kind.chinese(),
        tone: notice.kind.as_str(),
        starts: told(notice.starts_at),
        ends: notice.ends_at.map(told).unwrap_or_default(),
        state: notice.state.chinese(),
        by: names.of(notice.created_by),
        over: notice.ended_at.map(told).unwrap_or_default(),
        may_end: is_own && ground.may(notice.kind.permission()),
        is_on: notice.state == NoticeState::On,
        title: notice.title,
        text: notice.text,
        link: notice.link,
    }
}
