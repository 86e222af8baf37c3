//! The revisions (版本) of a resource, and any two of them compared.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Html;
use model::{Content, ResourceId, Revision};
use serde::{Deserialize, Serialize};
use store::resources;
use web::{App, Error, Scope};

use crate::diff::{self, Change, Row};
use crate::moment::{Moment, day};
use crate::names::Names;
use crate::screens::{self, Frame, Place};

/// Numbers of the two revisions.
#[derive(Deserialize)]
pub(crate) struct Pair {
    from: i64,
    to: i64,
}

#[derive(Serialize)]
struct Listed {
    key: String,
    id: ResourceId,
    title: String,
    revisions: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    number: i64,
    title: String,
    author: String,
    at: Moment,
    is_live: bool,
}

#[derive(Serialize)]
struct Compared {
    key: String,
    id: ResourceId,
    title: String,
    from: Line,
    to: Line,
    fields: Vec<Change>,
    body: Vec<Row>,
    is_same: bool,
    numbers: Vec<i64>,
}

/// A resource with all its revisions, newest first.
struct Found {
    revisions: Vec<Revision>,
    live: Option<model::RevisionId>,
    names: Names,
}

impl Found {
    /// The title it has now.
    fn title(&self) -> String {
        self.revisions.first().map(|revision| revision.content.title.clone()).unwrap_or_default()
    }
}

/// GET /console/{site}/resources/{id}/revisions
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Html<String>, Error> {
    let found = find(&app, &scope, id).await?;
    let screen = Listed {
        key: scope.site.key.clone(),
        id,
        title: found.title(),
        revisions: found.revisions.iter().map(|revision| line(&found, revision)).collect(),
    };
    screens::draw("revisions.html", Frame::site(&scope, Place::Desk, "历史版本"), screen)
}

/// GET /console/{site}/resources/{id}/revisions/compare
pub(crate) async fn compare(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Query(pair): Query<Pair>,
) -> Result<Html<String>, Error> {
    let found = find(&app, &scope, id).await?;
    let numbered = |number| found.revisions.iter().find(|revision| revision.number == number).ok_or(Error::NotFound);
    let (from, to) = (numbered(pair.from)?, numbered(pair.to)?);
    let fields = changes(&from.content, &to.content);
    let (before, after) = (render::html::lines(&from.content.body), render::html::lines(&to.content.body));
    let compared = tokio::task::spawn_blocking(move || diff::rows(&before, &after)).await;
    let body = compared.map_err(|error| Error::Fault(error.to_string()))?;
    let screen = Compared {
        key: scope.site.key.clone(),
        id,
        title: found.title(),
        is_same: fields.is_empty() && from.content.body == to.content.body,
        from: line(&found, from),
        to: line(&found, to),
        fields,
        body,
        numbers: found.revisions.iter().map(|revision| revision.number).collect(),
    };
    screens::draw("compare.html", Frame::site(&scope, Place::Desk, "版本比较"), screen)
}

async fn find(app: &Arc<App>, scope: &Scope, id: ResourceId) -> Result<Found, Error> {
    let site = scope.site.id;
    app.read(move |connection| {
        let resource = resources::find(connection, site, id)?.ok_or(Error::NotFound)?;
        let revisions = resources::list_revisions(connection, id)?;
        let names = Names::find(connection, revisions.iter().map(|revision| revision.created_by))?;
        Ok::<_, Error>(Found { revisions, live: resource.live_revision_id, names })
    })
    .await
}

fn line(found: &Found, revision: &Revision) -> Line {
    Line {
        number: revision.number,
        title: revision.content.title.clone(),
        author: found.names.of(revision.created_by),
        at: revision.created_at.into(),
        is_live: found.live == Some(revision.id),
    }
}

/// The metadata that differs, each with its changes marked.
fn changes(before: &Content, after: &Content) -> Vec<Change> {
    let (before, after) = (fields(before), fields(after));
    let pairs = before.into_iter().zip(after);
    pairs.filter(|((_, old), (_, new))| old != new).map(|((label, old), (_, new))| Change::of(label, &old, &new)).collect()
}

/// The metadata of a content, in the order of the form.
pub(crate) fn fields(content: &Content) -> [(&'static str, String); 22] {
    let media = |ids: &[model::MediaId]| ids.iter().map(|id| format!("文件 {id}")).collect::<Vec<_>>().join("，");
    let resources = |ids: &[ResourceId]| ids.iter().map(|id| format!("稿件 {id}")).collect::<Vec<_>>().join("，");
    [
        ("标题", content.title.clone()),
        ("副标题", content.subtitle.clone()),
        ("摘要", content.summary.clone()),
        ("来源", content.source.clone()),
        ("作者", content.author.clone()),
        ("责任编辑", content.editor.clone()),
        ("关键词", content.keywords.join("，")),
        ("发文字号", content.document_number.clone().unwrap_or_default()),
        ("发文机关", content.issuing_bodies.join("，")),
        ("成文日期", content.written_on.map(day).unwrap_or_default()),
        ("施行日期", content.effective_on.map(day).unwrap_or_default()),
        ("主题分类", content.theme_class.clone().unwrap_or_default()),
        ("有效性", content.validity.map(|validity| validity.chinese().to_owned()).unwrap_or_default()),
        ("封面", media(content.cover.as_slice())),
        ("附件", media(&content.attachments)),
        ("替代文件", resources(content.superseded_by.as_slice())),
        ("公文种类", content.genre.map(|genre| genre.chinese().to_owned()).unwrap_or_default()),
        ("解读的文件", resources(&content.explains)),
        ("公开属性", content.openness.chinese().to_owned()),
        ("不主动公开的理由", content.openness_reason.clone()),
        ("保密审查人", content.secrecy_reviewer.clone()),
        ("保密审查日期", content.secrecy_reviewed_on.map(day).unwrap_or_default()),
    ]
}
