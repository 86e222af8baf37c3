//! One channel (栏目): what is said of it, how it is worked in, and its end.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::{ChannelId, ChannelTree, Problem, ResourceKind, column_types};
use publish::CommandError;
use publish::commands::channel::{self, Details, NewChannel};
use publish::commands::seal;
use serde::{Deserialize, Serialize};
use store::channels;
use web::{App, Error, Scope};

use crate::channels::{back, refuse};
use crate::desk::trail;
use crate::form::list;
use crate::screens::{self, Frame, Place};

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
    steps: String,
    navigation: String,
    open_to_offers: String,
    seen: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    /// None: it is to be.
    id: Option<ChannelId>,
    /// Its address, once it has one.
    path: Option<String>,
    typed: Typed,
    problems: Vec<Problem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
    /// What stands there now and was typed otherwise, by its label.
    theirs: Vec<(&'static str, String)>,
    parents: Vec<(String, String)>,
    resource_kinds: Vec<(&'static str, &'static str)>,
    kinds: &'static [String],
}

/// GET /console/{site}/channels/new
pub(crate) async fn begin(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let tree = tree(&app, &scope).await?;
    let above = wish.parent.and_then(|id| tree.by_id(id)).filter(|channel| !channel.retired);
    let steps = above.or_else(|| tree.all().first()).map(|channel| channel.steps.join("\n")).unwrap_or_default();
    let typed = Typed {
        parent: above.map(|channel| channel.id.to_string()).unwrap_or_default(),
        resource_kind: above.map_or(ResourceKind::Article, |channel| channel.resource_kind).as_str().to_owned(),
        update_cycle_days: "0".into(),
        steps,
        navigation: "yes".into(),
        ..Typed::default()
    };
    draw(&scope, &tree, None, typed, Vec::new(), StatusCode::OK)
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
    draw(&scope, &tree(&app, &scope).await?, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY)
}

/// GET /console/{site}/channels/{channel}
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ChannelId)>,
) -> Result<Response, Error> {
    let tree = tree(&app, &scope).await?;
    let channel = tree.by_id(id).filter(|channel| !channel.retired).ok_or(Error::NotFound)?;
    let typed = Typed::of(&Details::of(channel));
    draw(&scope, &tree, Some(id), typed, Vec::new(), StatusCode::OK)
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
    draw(&scope, &tree(&app, &scope).await?, Some(id), typed, problems, status)
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
            steps: details.steps.join("\n"),
            navigation: yes(details.navigation),
            open_to_offers: yes(details.open_to_offers),
            seen: seal(details),
            ..Self::default()
        }
    }

    /// What stands here and not there, by its label.
    fn differing(&self, other: &Self) -> Vec<(&'static str, String)> {
        let (steps, other_steps) = (self.steps.replace('\n', "、"), other.steps.replace('\n', "、").replace('\r', ""));
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
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cycle = self.update_cycle_days.trim();
        let days = if cycle.is_empty() { Ok(0) } else { cycle.parse() };
        let problems = days.is_err().then(|| Problem::at("update_cycle_days", "请填写天数，没有更新要求的填0"));
        let details = Details {
            name: plain(&self.name),
            description: plain(&self.description),
            keywords: list(&self.keywords),
            kind: plain(&self.kind),
            update_cycle_days: days.unwrap_or_default(),
            steps: self.steps.lines().map(plain).filter(|step| !step.is_empty()).collect(),
            navigation: !self.navigation.is_empty(),
            open_to_offers: !self.open_to_offers.is_empty(),
        };
        (details, problems.into_iter().collect())
    }
}

async fn tree(app: &Arc<App>, scope: &Scope) -> Result<ChannelTree, Error> {
    let site = scope.site.id;
    app.read(move |connection| channels::tree(connection, site)).await
}

fn draw(
    scope: &Scope,
    tree: &ChannelTree,
    id: Option<ChannelId>,
    mut typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let channel = id.map(|id| tree.by_id(id).filter(|channel| !channel.retired).ok_or(Error::NotFound)).transpose()?;
    let is_stale = status == StatusCode::CONFLICT;
    let mut theirs = Vec::new();
    if let (Some(channel), true) = (channel, is_stale) {
        // Told that somebody was quicker, and what they wrote, one may save over it knowingly.
        let now = Typed::of(&Details::of(channel));
        theirs = now.differing(&typed);
        typed.seen = now.seen;
    }
    let standing = tree.all().iter().filter(|channel| !channel.retired);
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        path: channel.map(|channel| channel.path.clone()),
        typed,
        problems,
        is_stale,
        theirs,
        parents: standing.map(|channel| (channel.id.to_string(), trail(tree, channel.id))).collect(),
        resource_kinds: ResourceKind::ALL.iter().map(|kind| (kind.as_str(), kind.chinese())).collect(),
        kinds: &column_types().names,
    };
    let title = channel.map_or_else(|| "新增栏目".to_owned(), |channel| format!("栏目“{}”", channel.name));
    Ok((status, screens::draw("channel.html", Frame::site(scope, Place::Channels, &title), screen)?).into_response())
}
