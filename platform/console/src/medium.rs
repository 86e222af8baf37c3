//! One picture or file: what is said about it, where it is used, its bytes, and taking it away.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::{AuditEntry, Media, MediaId, Permission, Problem, Rendition, ResourceId, SiteId};
use publish::CommandError;
use publish::commands::media::{self as deeds, Description};
use serde::{Deserialize, Serialize};
use store::media::User;
use store::{Connection, audit, channels, media, resources};
use web::{App, Error, Scope};

use crate::desk::{Badge, badges};
use crate::media::{Item, item};
use crate::names::Names;
use crate::notice;
use crate::screens::{self, Frame, Place};
use crate::timeline::{self, Row};

/// What is said about a medium, as typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    alt: String,
    focal_x: String,
    focal_y: String,
}

/// What to say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    done: String,
}

/// In which size.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sized {
    size: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    item: Item,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
    /// Whether pages show it and they may not change what is live.
    is_locked: bool,
    by: String,
    sizes: Vec<String>,
    users: Vec<Used>,
    /// The pages whose blocks show it, and whether to lead there.
    pages: Vec<UsedOn>,
    may_arrange: bool,
    history: Vec<Row>,
}

/// A resource that uses it.
#[derive(Serialize)]
struct Used {
    id: ResourceId,
    title: String,
    badges: Vec<Badge>,
    is_live: bool,
}

/// A page whose blocks show it.
#[derive(Serialize)]
struct UsedOn {
    /// The key of a topic; empty: the home page.
    topic: String,
    name: String,
    is_live: bool,
}

struct Found {
    media: Media,
    renditions: Vec<Rendition>,
    users: Vec<User>,
    /// What of these is published and waits for its topic.
    waits: BTreeSet<ResourceId>,
    pages: Vec<UsedOn>,
    history: Vec<AuditEntry>,
    names: Names,
}

const LOCKED: &str = "该图片正用于已发布的稿件或页面，修改后页面随即变化，须由有撤回权限的人员（如本站管理员）修改";

/// GET /console/{site}/media/{id}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, MediaId)>,
    Query(wish): Query<Wish>,
) -> Result<Response, Error> {
    let found = find(&app, &scope, id).await?;
    let typed = Typed {
        alt: found.media.alt.clone(),
        focal_x: found.media.focal_x.to_string(),
        focal_y: found.media.focal_y.to_string(),
    };
    draw(&app, &scope, found, typed, Vec::new(), String::new(), &wish.done, StatusCode::OK)
}

/// POST /console/{site}/media/{id}
pub(crate) async fn describe(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, MediaId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let found = find(&app, &scope, id).await?;
    if is_locked(&scope, &found) {
        return draw(&app, &scope, found, typed, Vec::new(), LOCKED.to_owned(), "", StatusCode::FORBIDDEN);
    }
    let (actor, site) = (scope.actor(), scope.site.id);
    // What is no number lies outside every bound, and is told there.
    let percent = |text: &str| text.trim().parse().unwrap_or(-1);
    let said = Description { alt: typed.alt.clone(), focal_x: percent(&typed.focal_x), focal_y: percent(&typed.focal_y) };
    let (problems, refusal, status) = match app.command(move |engine| deeds::describe(engine, &actor, site, id, said)).await {
        Ok(()) => return Ok(Redirect::to(&address(&scope, id, "media-saved")).into_response()),
        Err(CommandError::Invalid(problems)) => (problems, String::new(), StatusCode::UNPROCESSABLE_ENTITY),
        Err(CommandError::Refused(sentence)) => (Vec::new(), sentence, StatusCode::CONFLICT),
        Err(CommandError::Stale) => (Vec::new(), "该文件的信息刚刚被他人修改，请核对后再保存".to_owned(), StatusCode::CONFLICT),
        Err(other) => return Err(other.into()),
    };
    let found = find(&app, &scope, id).await?;
    draw(&app, &scope, found, typed, problems, refusal, "", status)
}

/// POST /console/{site}/media/{id}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, MediaId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    app.command(move |engine| deeds::delete(engine, &actor, site, id)).await?;
    Ok(Redirect::to(&format!("/console/{}/media?done=media-deleted", scope.site.key)).into_response())
}

/// GET /console/{site}/media/{id}/file
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, MediaId)>,
    Query(sized): Query<Sized>,
) -> Result<Response, Error> {
    let site = scope.site.id;
    let (media, renditions) = app
        .read(move |connection| {
            let media = media::find(connection, site, id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((media, media::list_renditions(connection, id)?))
        })
        .await?;
    let small = renditions.iter().filter(|one| one.part > 0 && sized.size == "small").min_by_key(|one| one.part);
    let (hash, kind) = small.map_or_else(|| (media.hash.clone(), media.kind), |one| (one.hash.clone(), one.kind));
    let engine = Arc::clone(&app.engine);
    let read = tokio::task::spawn_blocking(move || engine.blob(&hash)).await.map_err(|error| Error::Fault(error.to_string()))?;
    let bytes = read.map_err(|error| Error::Fault(error.to_string()))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind.content_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    if !kind.is_image() {
        headers.insert(header::CONTENT_DISPOSITION, web::attachment(&media.file_name));
    }
    Ok(response)
}

/// What is said of a picture on a page changes what the public sees without a review, so it takes the same right as withdrawing.
fn is_locked(scope: &Scope, found: &Found) -> bool {
    let is_live = found.users.iter().any(|user| user.is_live) || found.pages.iter().any(|page| page.is_live);
    is_live && !scope.may(Permission::Withdraw)
}

fn address(scope: &Scope, id: MediaId, done: &str) -> String {
    format!("/console/{}/media/{id}?done={done}", scope.site.key)
}

async fn find(app: &Arc<App>, scope: &Scope, id: MediaId) -> Result<Found, Error> {
    let site = scope.site.id;
    app.read(move |connection| {
        let media = media::find(connection, site, id)?.ok_or(Error::NotFound)?;
        let users = media::list_users(connection, site, id)?;
        Ok::<_, Error>(Found {
            renditions: media::list_renditions(connection, id)?,
            waits: resources::list_waiting(connection, &users.iter().map(|user| user.resource).collect())?,
            users,
            pages: pages(connection, site, id)?,
            history: audit::list_by_subject(connection, site, &format!("media:{id}"))?,
            names: Names::find(connection, [media.uploaded_by])?,
            media,
        })
    })
    .await
}

#[expect(clippy::too_many_arguments, reason = "all of it is on the one screen")]
fn draw(
    app: &Arc<App>,
    scope: &Scope,
    found: Found,
    typed: Typed,
    problems: Vec<Problem>,
    refusal: String,
    done: &str,
    status: StatusCode,
) -> Result<Response, Error> {
    let sites = app.tenants.list();
    let title = found.media.file_name.clone();
    let screen = Screen {
        key: scope.site.key.clone(),
        typed,
        problems,
        refusal,
        is_locked: is_locked(scope, &found),
        by: found.names.of(found.media.uploaded_by),
        sizes: found.renditions.iter().filter(|one| one.part > 0).map(|one| format!("{}×{}", one.width, one.height)).collect(),
        history: found.history.into_iter().rev().map(|entry| timeline::row(entry, &sites)).collect(),
        item: item(found.media, !found.users.is_empty() || !found.pages.is_empty()),
        pages: found.pages,
        may_arrange: scope.may(Permission::Arrange),
        users: found.users.into_iter().map(|one| user(one, &found.waits)).collect(),
    };
    let frame = Frame::site(scope, Place::Media, &title).noticed(notice::find(done));
    Ok((status, screens::draw("medium.html", frame, screen)?).into_response())
}

fn pages(connection: &mut Connection, site: SiteId, id: MediaId) -> store::Result<Vec<UsedOn>> {
    let arranged = media::list_arranged(connection, site, id)?;
    if arranged.is_empty() {
        return Ok(Vec::new());
    }
    let tree = channels::tree(connection, site)?;
    let page = |(topic, is_live): (String, bool)| {
        let name = tree.by_key(&topic).map_or_else(|| "首页".to_owned(), |channel| format!("专题“{}”", channel.name));
        UsedOn { topic, name, is_live }
    };
    Ok(arranged.into_iter().map(page).collect())
}

fn user(user: User, waits: &BTreeSet<ResourceId>) -> Used {
    let waits = waits.contains(&user.resource);
    let badges = badges(user.state, waits, model::WorkState::Idle);
    Used { id: user.resource, title: user.title, badges, is_live: user.is_live && !waits }
}
