//! Resources for programs: searched as the library is, read one by one, and begun as drafts.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Channel, ChannelTree, Content, Permission, Problem, Resource, ResourceId, ResourceKind, SiteId};
use publish::CommandError;
use publish::commands::draft::{self, NewDraft};
use serde::{Deserialize, Serialize};
use store::catalogue::{self, Mark, Reach};
use store::resources::{self, Line};
use store::{Connection, channels};
use web::{App, Error, Scope};

use super::time;
use crate::finding::{Wish, told};
use crate::form::Draft;

/// Resources on a page.
const PAGE: usize = 50;

/// A page of what was found.
#[derive(Serialize)]
pub(crate) struct Page {
    resources: Vec<Brief>,
    /// Asked for as `after` for the next page; none on the last.
    next: Option<String>,
}

/// A resource in a list.
#[derive(Serialize)]
struct Brief {
    id: ResourceId,
    public_id: String,
    title: String,
    kind: ResourceKind,
    channel: Option<String>,
    state: &'static str,
    work: &'static str,
    index_number: Option<String>,
    document_number: Option<String>,
    keywords: Vec<String>,
    updated_at: String,
    published_at: Option<String>,
}

/// A resource with its latest revision.
#[derive(Serialize)]
pub(crate) struct Whole {
    #[serde(flatten)]
    brief: Brief,
    /// Counts changes.
    version: i64,
    revision: i64,
    content: Content,
}

/// A draft as a program sends it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// The short name of a channel.
    channel: String,
    #[serde(default = "article")]
    kind: ResourceKind,
    content: Content,
}

/// What was begun.
#[derive(Serialize)]
struct Begun {
    id: ResourceId,
}

/// The resource that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    id: ResourceId,
}

/// GET /api/v1/sites/{site}/resources: asked as the library is (`q`, `channel`, `kind`, `state`, `work`, `keyword`, `from`, `to`, `after` …).
pub(crate) async fn list(State(app): State<Arc<App>>, scope: Scope, RawQuery(query): RawQuery) -> Result<Json<Page>, Error> {
    let (site, within, wish) = (scope.site.id, scope.within(Permission::Read), Wish::of_query(&query.unwrap_or_default()));
    let read = app.read(move |connection| {
        let tree = channels::tree(connection, site)?;
        let wish = wish.with_channel_key(&tree);
        let filter = wish.filter(Some(&tree)).map_err(Error::Invalid)?.within(&within);
        let filter = wish.with_authors(connection, filter)?;
        let (reach, limit) = (Reach::Sites(vec![site]), i64::try_from(PAGE + 1).unwrap_or(i64::MAX));
        let mut lines = catalogue::list(connection, &reach, &filter, wish.is_newest_first(), wish.seek(), limit)?;
        let has_next = lines.len() > PAGE;
        lines.truncate(PAGE);
        let next = lines.last().filter(|_| has_next).and_then(|line| Mark::of(line, wish.by())).map(told);
        Ok::<_, Error>(Page { resources: lines.into_iter().map(|line| brief(line, &tree)).collect(), next })
    });
    Ok(Json(read.await?))
}

/// GET /api/v1/sites/{site}/resources/{id}
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Path(named): Path<Named>) -> Result<Json<Whole>, Error> {
    let site = scope.site.id;
    let found = app.read(move |connection| find(connection, site, named.id)).await?;
    Ok(Json(found.ok_or(Error::NotFound)?))
}

/// POST /api/v1/sites/{site}/resources
pub(crate) async fn create(State(app): State<Arc<App>>, scope: Scope, body: Bytes) -> Result<Response, Error> {
    let sent: Sent =
        serde_json::from_slice(&body).map_err(|error| Error::BadRequest(format!("请求正文不是约定的JSON：{error}")))?;
    let site = scope.site.id;
    let tree = app.read(move |connection| channels::tree(connection, site)).await?;
    let channel = tree.by_key(&sent.channel).filter(|channel| scope.may_in(Permission::Read, channel.id));
    let new = sent.draft(channel, &scope).map_err(Error::Invalid)?;
    let actor = scope.actor();
    match app.command(move |engine| draft::create(engine, &actor, site, new)).await {
        Ok(id) => {
            let address = format!("/api/v1/sites/{}/resources/{id}", scope.site.key);
            Ok((StatusCode::CREATED, [(header::LOCATION, address)], Json(Begun { id })).into_response())
        }
        Err(CommandError::Invalid(problems)) => Err(Error::Invalid(problems)),
        Err(other) => Err(other.into()),
    }
}

impl Sent {
    /// The draft, for a channel that they may write in by this token; fields that its kind has no place for are left out, as by the form.
    fn draft(self, channel: Option<&Channel>, scope: &Scope) -> Result<NewDraft, Vec<Problem>> {
        let may_write = |channel: &&Channel| scope.may_in(Permission::Write, channel.id);
        let problem = |sentence: &str| vec![Problem::at("channel", sentence)];
        let channel = channel.ok_or_else(|| problem("没有这个栏目，请填写栏目的标识"))?;
        let channel = Some(channel).filter(may_write).ok_or_else(|| problem("令牌没有在该栏目撰写的权限"))?;
        let content = Draft::of(&self.content).content(self.kind, Content::default())?;
        Ok(NewDraft { channel: channel.id, kind: self.kind, content })
    }
}

fn find(connection: &mut Connection, site: SiteId, id: ResourceId) -> store::Result<Option<Whole>> {
    let Some(resource) = resources::find(connection, site, id)? else { return Ok(None) };
    let Some(latest) = resource.latest_revision_id else { return Ok(None) };
    let Some(revision) = resources::find_revision(connection, id, latest)? else { return Ok(None) };
    let (tree, version) = (channels::tree(connection, site)?, resource.version);
    let line = line(resource, &revision.content, revision.created_by);
    Ok(Some(Whole { brief: brief(line, &tree), version, revision: revision.number, content: revision.content }))
}

fn line(resource: Resource, content: &Content, author: model::UserId) -> Line {
    let (title, document_number) = (content.title.clone(), content.document_number.clone());
    Line { resource, title, document_number, keywords: content.keywords.clone(), author }
}

fn brief(line: Line, tree: &ChannelTree) -> Brief {
    let Line { resource, title, document_number, keywords, .. } = line;
    Brief {
        id: resource.id,
        title,
        kind: resource.kind,
        channel: tree.by_id(resource.channel_id).map(|channel| channel.key.clone()),
        state: resource.state.as_str(),
        work: resource.work.as_str(),
        index_number: resource.index_number,
        document_number,
        keywords,
        updated_at: time(resource.updated_at),
        published_at: resource.published_at.map(time),
        public_id: resource.public_id,
    }
}

fn article() -> ResourceKind {
    ResourceKind::Article
}
