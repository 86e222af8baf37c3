//! 专题: the topics of a site, each with its page to be arranged, a new one opened from a template of the theme, and one that is prepared
//! going live.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use config::TopicKind;
use model::{ChannelTree, Problem};
use publish::CommandError;
use publish::commands::arrangement;
use publish::commands::topic::{self, NewTopic, Prepared};
use serde::{Deserialize, Serialize};
use store::{channels, placements};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::form::list;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    template: String,
    parent: String,
    key: String,
    name: String,
    description: String,
    keywords: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    topics: Vec<Row>,
    templates: Vec<TopicKind>,
    parents: Vec<(String, String)>,
    typed: Typed,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    name: String,
    path: String,
    template: String,
    live: i64,
    preparing: bool,
    /// What waits until it goes live.
    waiting: usize,
}

/// What going live would show the public.
#[derive(Serialize)]
struct Opening {
    key: String,
    topic: String,
    prepared: Prepared,
    seen: String,
    total: usize,
    /// Whether its page was arranged otherwise than will be shown.
    is_changed: bool,
    refusal: Option<String>,
}

/// What was before whoever pressed.
#[derive(Deserialize)]
pub(crate) struct Seen {
    seen: String,
}

/// GET /console/{site}/topics
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, &wish.done, None, Vec::new(), StatusCode::OK).await
}

/// POST /console/{site}/topics
pub(crate) async fn open(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut problems = Vec::new();
    let parent = if typed.parent.is_empty() { Ok(None) } else { typed.parent.parse().map(Some) };
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Ok(parent) = parent {
        let new = NewTopic {
            template: typed.template.clone(),
            parent,
            key: typed.key.trim().to_owned(),
            name: plain(&typed.name),
            description: plain(&typed.description),
            keywords: list(&typed.keywords),
        };
        let (actor, site, key) = (scope.actor(), scope.site.id, new.key.clone());
        match app.command(move |engine| topic::open(engine, &actor, site, &new)).await {
            Ok(_) => {
                let address = format!("/console/{}/topics/{key}?done=topic-opened", scope.site.key);
                return Ok(Redirect::to(&address).into_response());
            }
            Err(CommandError::Invalid(found)) => problems = reworded(found, &typed),
            Err(CommandError::NotFound) => problems.push(Problem::at("parent", "上级栏目已停用，请重新选择")),
            Err(other) => return Err(other.into()),
        }
    } else {
        problems.push(Problem::at("parent", "请选择上级栏目"));
    }
    draw(&app, &scope, "", Some(typed), problems, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// GET /console/{site}/topics/{topic}/opening
pub(crate) async fn opening(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, topic)): Path<(String, String)>,
) -> Result<Response, Error> {
    draw_opening(&app, &scope, topic, None, StatusCode::OK).await
}

/// POST /console/{site}/topics/{topic}/opening
pub(crate) async fn go_live(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, topic)): Path<(String, String)>,
    Form(typed): Form<Seen>,
) -> Result<Response, Error> {
    let (actor, site, key) = (scope.actor(), scope.site.id, topic.clone());
    match app.command(move |engine| topic::go_live(engine, &actor, site, &key, &typed.seen)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/topics/{topic}?done=topic-live", scope.site.key)).into_response()),
        Err(CommandError::Stale) => {
            let told = "专题的内容刚刚有变化，尚未上线。下方已是最新内容，请核对后再确认".to_owned();
            draw_opening(&app, &scope, topic, Some(told), StatusCode::CONFLICT).await
        }
        Err(CommandError::Refused(told)) => draw_opening(&app, &scope, topic, Some(told), StatusCode::CONFLICT).await,
        Err(other) => Err(other.into()),
    }
}

async fn draw_opening(
    app: &Arc<App>,
    scope: &Scope,
    topic: String,
    refusal: Option<String>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (engine, site, key) = (Arc::clone(&app.engine), scope.site.id, topic.clone());
    let (prepared, is_changed) = app
        .read(move |connection| {
            let prepared = topic::prepared(connection, site, &key)?;
            Ok::<_, Error>((prepared, arrangement::find(&engine, connection, site, &key)?.is_changed))
        })
        .await?;
    let screen = Opening {
        key: scope.site.key.clone(),
        topic,
        seen: prepared.seal(),
        total: prepared.channels.iter().map(|(_, count)| count).sum(),
        prepared,
        is_changed,
        refusal,
    };
    let frame = Frame::site(scope, Place::Topics, "专题上线");
    Ok((status, screens::draw("topic_opening.html", frame, screen)?).into_response())
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    done: &str,
    typed: Option<Typed>,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (engine, site) = (Arc::clone(&app.engine), scope.site.id);
    let (templates, tree, live, waiting) = app
        .read(move |connection| {
            let templates = topic::templates(&engine, connection, site)?;
            let live: HashMap<_, _> = channels::extents(connection, site)?.into_iter().collect();
            let tree = channels::tree(connection, site)?;
            let prepared: Vec<_> = tree.all().iter().filter(|channel| channel.preparing).map(|channel| channel.id).collect();
            let waiting = placements::list_waiting(connection, site, &prepared)?;
            Ok::<_, Error>((templates, tree, live, waiting))
        })
        .await?;
    let standing = || tree.all().iter().filter(|channel| !channel.retired);
    let row = |channel: &model::Channel| Row {
        key: channel.key.clone(),
        name: channel.name.clone(),
        path: channel.path.clone(),
        template: templates.iter().find(|one| one.key == channel.topic).map(|one| one.name.clone()).unwrap_or_default(),
        live: tree.subtree(channel.id).iter().filter_map(|id| live.get(id)).map(|extent| extent.live_items).sum(),
        preparing: channel.preparing,
        waiting: {
            let parts = tree.subtree(channel.id);
            waiting.iter().filter(|placement| parts.contains(&placement.channel_id)).count()
        },
    };
    let screen = Screen {
        key: scope.site.key.clone(),
        topics: standing().filter(|channel| !channel.topic.is_empty()).map(row).collect(),
        parents: standing()
            .filter(|channel| channel.topic.is_empty())
            .map(|channel| (channel.id.to_string(), trail(&tree, channel.id)))
            .collect(),
        typed: typed.unwrap_or_else(|| begun(&tree, &templates)),
        templates,
        problems,
    };
    let frame = Frame::site(scope, Place::Topics, "专题").noticed(notice::find(done));
    Ok((status, screens::draw("topics.html", frame, screen)?).into_response())
}

/// What is wrong with a channel, in the words of this form and in the order of its fields.
fn reworded(mut problems: Vec<Problem>, typed: &Typed) -> Vec<Problem> {
    for problem in &mut problems {
        problem.message = match problem.field {
            "key" if typed.key.trim().is_empty() => "请填写网址名".to_owned(),
            "name" => problem.message.replace("栏目名称", "专题名称"),
            "keywords" => problem.message.replace("栏目关键词", "关键词"),
            "description" => problem.message.replace("栏目描述", "专题说明"),
            _ => continue,
        };
    }
    let fields = ["template", "name", "key", "parent", "keywords", "description"];
    problems.sort_by_key(|problem| fields.iter().position(|field| *field == problem.field));
    problems
}

/// A form nobody has typed in: among the other topics, from the first template.
fn begun(tree: &ChannelTree, templates: &[TopicKind]) -> Typed {
    let beside = tree.all().iter().find(|channel| !channel.retired && channel.kind.contains("专题"));
    Typed {
        template: templates.first().map(|template| template.key.clone()).unwrap_or_default(),
        parent: beside.map(|channel| channel.id.to_string()).unwrap_or_default(),
        ..Typed::default()
    }
}
