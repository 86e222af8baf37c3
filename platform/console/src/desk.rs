//! The desk (工作台) of a site: what I am writing, what waits for my review, what is live.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use chrono::NaiveDateTime;
use model::{
    Channel, ChannelId, ChannelTree, Permission, Problem, ResourceId, ResourceState, SiteId, Submission, UserId, WorkState,
};
use publish::commands::placing::{self, Foreseen};
use serde::{Deserialize, Serialize};
use store::resources::{Filter, Line};
use store::submissions::Waiting;
use store::{
    Connection, annotations, channels, offers, publications, resources, reviewers, submissions, working_copies as copies,
};
use web::{App, Error, Scope};

use crate::annotations::badge;
use crate::foretelling;
use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::paging::cut;
use crate::renewal;
use crate::reviewing_several::Pick;
use crate::screens::{self, Frame, Place};
use crate::working_copies;

/// Lines on a page of what is live.
const PAGE: i64 = 20;

/// Lines of the other two lists; nobody works through more in a day.
const MOST: i64 = 100;

/// Which page, and what to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    page: Option<u32>,
    #[serde(default)]
    done: String,
}

/// A review of several texts that could not begin, with all that was ticked and typed.
#[derive(Default)]
pub(crate) struct Attempt {
    pub(crate) ticked: Vec<String>,
    pub(crate) reason: String,
    pub(crate) problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    may_write: bool,
    may_review: bool,
    unsaved: Vec<working_copies::Row>,
    mine: Vec<Row>,
    waiting: Vec<Awaited>,
    reason: String,
    problems: Vec<Problem>,
    live: Vec<Row>,
    withdrawn: Vec<Row>,
    /// Channels that have missed their cycle.
    late: Vec<renewal::Row>,
    /// What other sites offer and nobody has decided about.
    offers: i64,
    page: i64,
    has_next: bool,
}

/// A line of a list as it is shown.
#[derive(Serialize)]
struct Row {
    id: ResourceId,
    title: String,
    channel: String,
    kind: &'static str,
    states: Vec<Badge>,
    at: Moment,
    author: String,
    /// Of what was taken down: when, by whom and why.
    ending: String,
}

/// A text that waits for this person's review.
#[derive(Serialize)]
struct Awaited {
    #[serde(flatten)]
    row: Row,
    /// What its box says when it is ticked.
    pick: String,
    is_ticked: bool,
    due: Option<Moment>,
    /// Where it goes live, if this is the last approval.
    goes_live: String,
}

/// A state in words, with the tone it is shown in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Badge {
    pub(crate) tone: &'static str,
    pub(crate) text: String,
}

/// GET /console/{site}
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    draw(&app, &scope, &wish, Attempt::default()).await
}

/// GET /console/{site}/count: the number in the menu, of texts to review and of those that came back.
pub(crate) async fn count(State(app): State<Arc<App>>, scope: Scope) -> Result<Html<String>, Error> {
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    let (may_write, may_review) = (scope.within(Permission::Write).is_any(), scope.within(Permission::Review).is_any());
    let returned = Filter { author: Some(me), work: vec![WorkState::Returned], ..Filter::default() };
    let count = app
        .read(move |connection| {
            let waiting = if may_review { reviewers::count_waiting(connection, site, me)? } else { 0 };
            let returned = if may_write { resources::count(connection, site, &returned)? } else { 0 };
            Ok::<_, Error>(waiting + returned)
        })
        .await?;
    screens::count(count)
}

/// The desk again with problems at the fields of 待我审核.
pub(crate) async fn correct(app: &App, scope: &Scope, attempt: Attempt) -> Result<Response, Error> {
    let screen = draw(app, scope, &Wish { page: None, done: String::new() }, attempt).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, screen).into_response())
}

/// What of these waits for its last approval as it was seen, each by its title and where it goes live then.
pub(crate) async fn going_live(app: &App, scope: &Scope, picks: Vec<Pick>) -> Result<Vec<(String, String)>, Error> {
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    let (waiting, foreseen) = app
        .read(move |connection| {
            let mut waiting = submissions::list_waiting(connection, site, me, MOST)?;
            waiting.retain(|one| one.submission.is_last_step() && picks.contains(&Pick::of(one)));
            let foreseen = foreseen(connection, &waiting)?;
            Ok::<_, Error>((waiting, foreseen))
        })
        .await?;
    let told = |one: Waiting| {
        let live = foreseen.get(&one.resource.id).map(|foreseen| foretelling::line(app, foreseen)).unwrap_or_default();
        (one.title, live)
    };
    Ok(waiting.into_iter().map(told).collect())
}

async fn draw(app: &App, scope: &Scope, wish: &Wish, attempt: Attempt) -> Result<Html<String>, Error> {
    let page = i64::from(wish.page.unwrap_or(1).max(1));
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    let now = app.engine.clock.now();
    let within = scope.within(Permission::Read);
    let (may_write, may_review) = (scope.within(Permission::Write).is_any(), scope.within(Permission::Review).is_any());
    let (mut screen, foreseen) = app
        .read(move |connection| {
            let tree = channels::tree(connection, site)?;
            let mut mine = if may_write { resources::list(connection, site, &mine(me), 0, MOST)? } else { Vec::new() };
            // What came back waits for its writer.
            mine.sort_by_key(|line| line.resource.work != WorkState::Returned);
            let unsaved = if may_write { copies::list(connection, site, me)? } else { Vec::new() };
            let waiting = if may_review { submissions::list_waiting(connection, site, me, MOST)? } else { Vec::new() };
            let filter = Filter { state: Some(ResourceState::Live), channels: within.some(), ..Filter::default() };
            let (live, has_next) = cut(resources::list(connection, site, &filter, (page - 1) * PAGE, PAGE + 1)?, PAGE);
            let filter = Filter { state: Some(ResourceState::Withdrawn), channels: within.some(), ..Filter::default() };
            let withdrawn = if page == 1 { resources::list(connection, site, &filter, 0, MOST)? } else { Vec::new() };
            let names = Names::find(
                connection,
                mine.iter().chain(&live).chain(&withdrawn).map(|line| line.author).chain(waiting.iter().map(|one| one.author)),
            )?;
            let shown = mine.iter().chain(&live).chain(&withdrawn).map(|line| line.resource.id);
            let shown = shown.chain(waiting.iter().map(|one| one.resource.id)).collect();
            let open = annotations::count_open_by_resources(connection, &shown)?;
            let waits = resources::list_waiting(connection, &shown)?;
            let foreseen = foreseen(connection, &waiting)?;
            let row = |line: Line| row(&tree, &names, &open, &waits, line);
            let withdrawn = withdrawn.into_iter().map(row).collect();
            let withdrawn = told(connection, site, withdrawn)?;
            let mut late = renewal::late(connection, site, now)?;
            late.retain(|row| within.has(row.id));
            let screen = Screen {
                key: String::new(),
                may_write,
                may_review,
                unsaved: unsaved.into_iter().map(Into::into).collect(),
                mine: mine.into_iter().map(row).collect(),
                waiting: waiting.into_iter().map(|one| awaited(&tree, &names, &open, &attempt.ticked, (me, now), one)).collect(),
                reason: attempt.reason,
                problems: attempt.problems,
                live: live.into_iter().map(row).collect(),
                withdrawn,
                late: if page == 1 { late } else { Vec::new() },
                offers: offers::count_waiting(connection, site, &within)?,
                page,
                has_next,
            };
            Ok::<_, Error>((screen, foreseen))
        })
        .await?;
    for one in &mut screen.waiting {
        one.goes_live = foreseen.get(&one.row.id).map(|foreseen| foretelling::line(app, foreseen)).unwrap_or_default();
    }
    screen.key.clone_from(&scope.site.key);
    let frame = Frame::site(scope, Place::Desk, "工作台").noticed(notice::find(&wish.done));
    screens::draw("desk.html", frame, screen)
}

/// What a person is writing or has handed in.
pub(crate) fn mine(author: UserId) -> Filter {
    Filter {
        author: Some(author),
        work: vec![WorkState::Draft, WorkState::Returned, WorkState::Reviewing, WorkState::Scheduled],
        ..Filter::default()
    }
}

/// Published, and shown to nobody before its topic is.
pub(crate) const WAITING: &str = "待专题上线";

/// How a resource stands, in one or two badges; `waits`: what is published of it waits for its topic.
pub(crate) fn badges(state: ResourceState, waits: bool, work: WorkState) -> Vec<Badge> {
    let mut badges = Vec::new();
    if waits {
        badges.push(Badge { tone: "waiting", text: WAITING.to_owned() });
    } else if state != ResourceState::Unpublished {
        badges.push(Badge { tone: state.as_str(), text: state.chinese().to_owned() });
    }
    if work != WorkState::Idle {
        badges.push(Badge { tone: work.as_str(), text: work.chinese().to_owned() });
    }
    badges
}

/// What hurries a submission, in words.
pub(crate) fn marks(submission: &Submission, now: NaiveDateTime) -> Vec<Badge> {
    let urgent = submission.urgent.then(|| Badge { tone: "urgent", text: "加急".to_owned() });
    let late = submission.is_late(now).then(|| Badge { tone: "late", text: "已超时".to_owned() });
    urgent.into_iter().chain(late).collect()
}

/// How a text stands that waits for somebody's review; `open` counts its open annotations.
pub(crate) fn states_waiting(submission: &Submission, me: UserId, now: NaiveDateTime, open: Option<&i64>) -> Vec<Badge> {
    let step = Badge { tone: "reviewing", text: format!("待{}", submission.step_name()) };
    let mine = (submission.handed_to == Some(me)).then(|| Badge { tone: "handed", text: "转给我".to_owned() });
    mine.into_iter().chain(marks(submission, now)).chain([step]).chain(badge(open)).collect()
}

/// A channel with those above it: 政府信息公开 › 政策文件.
pub(crate) fn trail(tree: &ChannelTree, channel: ChannelId) -> String {
    tree.trail(channel).iter().map(|channel: &&Channel| channel.name.as_str()).collect::<Vec<_>>().join(" › ")
}

fn row(tree: &ChannelTree, names: &Names, open: &HashMap<ResourceId, i64>, waits: &BTreeSet<ResourceId>, line: Line) -> Row {
    let id = line.resource.id;
    Row {
        id,
        title: line.title,
        channel: trail(tree, line.resource.channel_id),
        kind: line.resource.kind.chinese(),
        states: badges(line.resource.state, waits.contains(&id), line.resource.work)
            .into_iter()
            .chain(badge(open.get(&id)))
            .collect(),
        at: line.resource.updated_at.into(),
        author: names.of(line.author),
        ending: String::new(),
    }
}

/// What was taken down, each with when, by whom and why.
fn told(connection: &mut Connection, site: SiteId, mut rows: Vec<Row>) -> store::Result<Vec<Row>> {
    let last = publications::list_last(connection, site, &rows.iter().map(|row| row.id).collect())?;
    let names = Names::find(connection, last.values().filter_map(|one| one.actor_id))?;
    for row in &mut rows {
        let Some(one) = last.get(&row.id).filter(|one| one.kind.takes_down()) else { continue };
        let by = names.of(one.actor_id.unwrap_or(UserId(0)));
        row.ending = format!("{}，{by}{}：{}", Moment::from(one.requested_at).text, one.kind.chinese(), one.reason);
    }
    Ok(rows)
}

fn awaited(
    tree: &ChannelTree,
    names: &Names,
    open: &HashMap<ResourceId, i64>,
    ticked: &[String],
    (me, now): (UserId, NaiveDateTime),
    one: Waiting,
) -> Awaited {
    let pick = Pick::of(&one).to_string();
    let resource = one.resource;
    let states = states_waiting(&one.submission, me, now, open.get(&resource.id));
    let row = Row {
        id: resource.id,
        title: one.title,
        channel: trail(tree, resource.channel_id),
        kind: resource.kind.chinese(),
        states,
        at: one.submission.submitted_at.into(),
        author: names.of(one.author),
        ending: String::new(),
    };
    let due = one.submission.due_at.map(Moment::from);
    Awaited { row, is_ticked: ticked.contains(&pick), pick, due, goes_live: String::new() }
}

/// Where those go live that wait for their last approval.
fn foreseen(connection: &mut Connection, waiting: &[Waiting]) -> Result<HashMap<ResourceId, Foreseen>, Error> {
    let last: Vec<&Waiting> = waiting.iter().filter(|one| one.submission.is_last_step()).collect();
    let texts: Vec<_> =
        last.iter().map(|one| (&one.resource, one.resource.facts(one.theme_class.as_deref(), &one.keywords))).collect();
    let foreseen = placing::foresee(connection, &texts)?;
    Ok(last.iter().map(|one| one.resource.id).zip(foreseen).collect())
}
