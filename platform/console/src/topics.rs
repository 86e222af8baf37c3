//! 专题: the topics of a site, each with its page to be arranged, and a new one opened from a template of the theme.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use config::TopicKind;
use model::{ChannelTree, Problem};
use publish::CommandError;
use publish::commands::topic::{self, NewTopic};
use serde::{Deserialize, Serialize};
use store::channels;
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
            Err(CommandError::Invalid(found)) => problems = found,
            Err(CommandError::NotFound) => problems.push(Problem::at("parent", "上级栏目已停用，请重新选择")),
            Err(other) => return Err(other.into()),
        }
    } else {
        problems.push(Problem::at("parent", "请选择上级栏目"));
    }
    draw(&app, &scope, "", Some(typed), problems, StatusCode::UNPROCESSABLE_ENTITY).await
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
    let (templates, tree, live) = app
        .read(move |connection| {
            let templates = topic::templates(&engine, connection, site)?;
            let live: HashMap<_, _> = channels::extents(connection, site)?.into_iter().collect();
            Ok::<_, Error>((templates, channels::tree(connection, site)?, live))
        })
        .await?;
    let standing = || tree.all().iter().filter(|channel| !channel.retired);
    let row = |channel: &model::Channel| Row {
        key: channel.key.clone(),
        name: channel.name.clone(),
        path: channel.path.clone(),
        template: templates.iter().find(|one| one.key == channel.topic).map(|one| one.name.clone()).unwrap_or_default(),
        live: tree.subtree(channel.id).iter().filter_map(|id| live.get(id)).map(|extent| extent.live_items).sum(),
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

/// A form nobody has typed in: among the other topics, from the first template.
fn begun(tree: &ChannelTree, templates: &[TopicKind]) -> Typed {
    let beside = tree.all().iter().find(|channel| !channel.retired && channel.kind.contains("专题"));
    Typed {
        template: templates.first().map(|template| template.key.clone()).unwrap_or_default(),
        parent: beside.map(|channel| channel.id.to_string()).unwrap_or_default(),
        ..Typed::default()
    }
}
