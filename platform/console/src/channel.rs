//! One channel (栏目): what is said of it, how it is worked in, and its end.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use model::{ChannelId, ChannelTree, Group, GroupId, Problem, ResourceKind, Step, column_types};
use publish::CommandError;
use publish::commands::channel::{self, Details, MOST_STEPS, NewChannel};
use publish::commands::seal;
use serde::{Deserialize, Serialize};
use store::{channels, groups, reviewers};
use web::{App, Error, Scope};

use crate::channels::{back, refuse};
use crate::desk::trail;
use crate::form::list;
use crate::screens::{self, Frame, Place};

/// Review steps there is room for beyond those that are there.
const SPARE: usize = 2;

/// Below which channel a new one is wished for.
#[derive(Deserialize)]
pub(crate) struct Wish {
    parent: Option<ChannelId>,
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    parent: String,
    key: String,
    resource_kind: String,
    name: String,
    description: String,
    keywords: String,
    kind: String,
    update_cycle_days: String,
    /// Of each review step its name and the number of its group, empty for every reviewer.
    step: Vec<String>,
    group: Vec<String>,
    navigation: String,
    open_to_offers: String,
    seen: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    key: String,
    /// None: it is to be.
    id: Option<ChannelId>,
    /// Its address, once it has one.
    path: Option<String>,
    typed: Typed,
    problems: Vec<Problem>,
    /// The review steps as they were typed, with room for more.
    steps: Vec<Line>,
    groups: &'a [Choice],
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
    /// What stands there now and was typed otherwise, by its label.
    theirs: Vec<(&'static str, String)>,
    parents: Vec<(String, String)>,
    resource_kinds: Vec<(&'static str, &'static str)>,
    kinds: &'static [String],
}

/// One review step.
#[derive(Serialize)]
struct Line {
    name: String,
    group: String,
    /// What to consider about its group.
    warning: Option<String>,
}

/// A group that a step can be for.
#[derive(Serialize)]
struct Choice {
    id: String,
    name: String,
    of_platform: bool,
    /// How many of it may review on this site.
    count: i64,
}

/// What the form is drawn from.
struct Around {
    tree: ChannelTree,
    /// Those of the site, then those of the platform.
    groups: Vec<Choice>,
}

/// GET /console/{site}/channels/new
pub(crate) async fn begin(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let around = around(&app, &scope).await?;
    let above = wish.parent.and_then(|id| around.tree.by_id(id)).filter(|channel| !channel.retired);
    let steps = above.or_else(|| around.tree.all().first()).map(|channel| channel.steps.clone()).unwrap_or_default();
    let typed = Typed {
        parent: above.map(|channel| channel.id.to_string()).unwrap_or_default(),
        resource_kind: above.map_or(ResourceKind::Article, |channel| channel.resource_kind).as_str().to_owned(),
        update_cycle_days: "0".into(),
        navigation: "yes".into(),
        ..Typed::default().with_steps(&steps)
    };
    draw(&scope, &around, None, typed, Vec::new(), StatusCode::OK)
}

/// POST /console/{site}/channels
pub(crate) async fn add(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (details, mut problems) = typed.details();
    let resource_kind = typed.resource_kind.parse::<ResourceKind>();
    if resource_kind.is_err() {
        problems.push(Problem::at("resource_kind", "请选择稿件类型"));
    }
    let parent = if typed.parent.is_empty() { Ok(None) } else { typed.parent.parse().map(Some) };
    if parent.is_err() {
        problems.push(Problem::at("parent", "请选择上级栏目"));
    }
    if let (Ok(parent), Ok(resource_kind), true) = (parent, resource_kind, problems.is_empty()) {
        let new = NewChannel { parent, key: typed.key.trim().to_owned(), resource_kind, details };
        let (actor, site) = (scope.actor(), scope.site.id);
        match app.command(move |engine| channel::add(engine, &actor, site, &new)).await {
            Ok(_) => return Ok(back(&scope, "channel-added")),
            Err(CommandError::Invalid(found)) => problems = found,
            Err(CommandError::NotFound) => problems = vec![Problem::at("parent", "上级栏目已停用，请重新选择")],
            Err(other) => return Err(other.into()),
        }
    }
    draw(&scope, &around(&app, &scope).await?, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY)
}

/// GET /console/{site}/channels/{channel}
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
) -> Result<Response, Error> {
    let around = around(&app, &scope).await?;
    let channel = around.tree.by_id(id).filter(|channel| !channel.retired).ok_or(Error::NotFound)?;
    let typed = Typed::of(&Details::of(channel));
    draw(&scope, &around, Some(id), typed, Vec::new(), StatusCode::OK)
}

/// POST /console/{site}/channels/{channel}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (details, mut problems) = typed.details();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if problems.is_empty() {
        let (actor, site, seen) = (scope.actor(), scope.site.id, typed.seen.clone());
        match app.command(move |engine| channel::change(engine, &actor, site, id, &seen, &details)).await {
            Ok(()) => return Ok(back(&scope, "channel-saved")),
            Err(CommandError::Invalid(found)) => problems = found,
            Err(CommandError::Stale) => status = StatusCode::CONFLICT,
            Err(other) => return Err(other.into()),
        }
    }
    draw(&scope, &around(&app, &scope).await?, Some(id), typed, problems, status)
}

/// POST /console/{site}/channels/{channel}/retire
pub(crate) async fn retire(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| channel::retire(engine, &actor, site, id)).await {
        Ok(()) => Ok(back(&scope, "channel-retired")),
        Err(error) => refuse(&app, &scope, error).await,
    }
}

impl Typed {
    fn of(details: &Details) -> Self {
        let yes = |is: bool| if is { "yes" } else { "" }.to_owned();
        Self {
            name: details.name.clone(),
            description: details.description.clone(),
            keywords: details.keywords.join("，"),
            kind: details.kind.clone(),
            update_cycle_days: details.update_cycle_days.to_string(),
            navigation: yes(details.navigation),
            open_to_offers: yes(details.open_to_offers),
            seen: seal(details),
            ..Self::default().with_steps(&details.steps)
        }
    }

    fn with_steps(self, steps: &[Step]) -> Self {
        let step = steps.iter().map(|step| step.name.clone()).collect();
        let group = steps.iter().map(|step| step.group.map(|id| id.to_string()).unwrap_or_default()).collect();
        Self { step, group, ..self }
    }

    /// The review steps that were typed: name and group.
    fn steps(&self) -> Vec<(String, &str)> {
        let groups = self.group.iter().map(String::as_str).chain(std::iter::repeat(""));
        let typed = self.step.iter().map(|name| plain(name)).zip(groups.map(str::trim));
        typed.filter(|(name, group)| !name.is_empty() || !group.is_empty()).collect()
    }

    /// What stands here and not there, by its label.
    fn differing(&self, other: &Self, groups: &[Choice]) -> Vec<(&'static str, String)> {
        let told = |(name, id): (String, &str)| {
            let group = groups.iter().find(|group| group.id == id);
            group.map_or_else(|| name.clone(), |group| format!("{name}（{}）", group.name))
        };
        let steps_of = |typed: &Self| typed.steps().into_iter().map(told).collect::<Vec<_>>().join("、");
        let (steps, other_steps) = (steps_of(self), steps_of(other));
        let switch = |on: &str| if on.is_empty() { "否" } else { "是" };
        [
            ("栏目名称", self.name.as_str(), other.name.as_str()),
            ("栏目描述", &self.description, &other.description),
            ("栏目关键词", &self.keywords, &other.keywords),
            ("栏目类别", &self.kind, &other.kind),
            ("更新周期", &self.update_cycle_days, &other.update_cycle_days),
            ("审核环节", &steps, &other_steps),
            ("在网站导航中显示", switch(&self.navigation), switch(&other.navigation)),
            ("接收其他站点的推送", switch(&self.open_to_offers), switch(&other.open_to_offers)),
        ]
        .into_iter()
        .filter(|(_, here, there)| here != there)
        .map(|(label, here, _)| (label, here.to_owned()))
        .collect()
    }

    /// What was typed, and what cannot be read.
    fn details(&self) -> (Details, Vec<Problem>) {
        let cycle = self.update_cycle_days.trim();
        let days = if cycle.is_empty() { Ok(0) } else { cycle.parse() };
        let mut problems = Vec::new();
        if days.is_err() {
            problems.push(Problem::at("update_cycle_days", "请填写天数，没有更新要求的填0"));
        }
        // Nothing has the number 0.
        let group = |id: &str| (!id.is_empty()).then(|| id.parse().unwrap_or(GroupId(0)));
        let details = Details {
            name: plain(&self.name),
            description: plain(&self.description),
            keywords: list(&self.keywords),
            kind: plain(&self.kind),
            update_cycle_days: days.unwrap_or_default(),
            steps: self.steps().into_iter().map(|(name, id)| Step { name, group: group(id) }).collect(),
            navigation: !self.navigation.is_empty(),
            open_to_offers: !self.open_to_offers.is_empty(),
        };
        (details, problems)
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn around(app: &Arc<App>, scope: &Scope) -> Result<Around, Error> {
    let site = scope.site.id;
    app.read(move |connection| {
        let counts = reviewers::count_by_group(connection, site)?;
        let choice = |of_platform: bool| {
            let counts = &counts;
            move |group: Group| Choice {
                id: group.id.to_string(),
                name: group.content.name,
                of_platform,
                count: counts.get(&group.id).copied().unwrap_or_default(),
            }
        };
        let own = groups::list(connection, Some(site))?.into_iter().map(choice(false));
        let groups = own.chain(groups::list(connection, None)?.into_iter().map(choice(true))).collect();
        Ok::<_, store::Error>(Around { tree: channels::tree(connection, site)?, groups })
    })
    .await
}

/// The steps that were typed, and some more that can be; never fewer than were typed.
fn lines(typed: &Typed, groups: &[Choice]) -> Vec<Line> {
    let steps = typed.steps();
    let room = (steps.len() + SPARE).min(MOST_STEPS).saturating_sub(steps.len());
    let line = |(name, id): (String, &str)| {
        let group = groups.iter().find(|group| group.id == id && group.count == 0);
        let warning = group.map(|group| format!("“{}”中没有可在本站审核的人员，该环节将由本站全部审核员审核", group.name));
        Line { name, group: id.to_owned(), warning }
    };
    steps.into_iter().chain(std::iter::repeat_n((String::new(), ""), room)).map(line).collect()
}

fn draw(
    scope: &Scope,
    around: &Around,
    id: Option<ChannelId>,
    mut typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let tree = &around.tree;
    let channel = id.map(|id| tree.by_id(id).filter(|channel| !channel.retired).ok_or(Error::NotFound)).transpose()?;
    let is_stale = status == StatusCode::CONFLICT;
    let mut theirs = Vec::new();
    if let (Some(channel), true) = (channel, is_stale) {
        // Told that somebody was quicker, and what they wrote, one may save over it knowingly.
        let now = Typed::of(&Details::of(channel));
        theirs = now.differing(&typed, &around.groups);
        typed.seen = now.seen;
    }
    let standing = tree.all().iter().filter(|channel| !channel.retired);
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        path: channel.map(|channel| channel.path.clone()),
        steps: lines(&typed, &around.groups),
        groups: &around.groups,
        typed,
        problems,
        is_stale,
        theirs,
        parents: standing.map(|channel| (channel.id.to_string(), trail(tree, channel.id))).collect(),
        resource_kinds: ResourceKind::ALL.iter().map(|kind| (kind.as_str(), kind.chinese())).collect(),
        kinds: &column_types().names,
    };
    let title = channel.map_or_else(|| "新建栏目".to_owned(), |channel| format!("栏目“{}”", channel.name));
    Ok((status, screens::draw("channel.html", Frame::site(scope, Place::Channels, &title), screen)?).into_response())
}
