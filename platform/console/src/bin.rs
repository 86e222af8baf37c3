//! The bin (回收站) of a site: drafts that were thrown away, until when they can be had back, and how.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::{Permission, ResourceId, WorkState};
use publish::commands::bin;
use serde::Serialize;
use store::catalogue::{self, Filter, Mark, Reach};
use store::channels;
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::finding::{Wish, told};
use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::paging::cut;
use crate::resource::{self, Attempt};
use crate::screens::{self, Frame, Place};

/// Lines on a page.
const PAGE: i64 = 50;

#[derive(Serialize)]
struct Screen {
    key: String,
    days: u32,
    may_write: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Row {
    id: ResourceId,
    title: String,
    channel: String,
    author: String,
    at: Moment,
    gone: Moment,
    may_restore: bool,
}

/// GET /console/{site}/library/bin
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let (within, writes) = (scope.within(Permission::Read), scope.within(Permission::Write));
    let writes_any = writes.is_any();
    let (site, seek, engine) = (scope.site.id, wish.seek(), Arc::clone(&app.engine));
    let (rows, next) = app
        .read(move |connection| {
            let filter = Filter { work: Some(WorkState::Discarded), ..Filter::default() }.within(&within);
            let found = catalogue::list(connection, &Reach::Sites(vec![site]), &filter, true, seek, PAGE + 1)?;
            let (lines, has_next) = cut(found, PAGE);
            let next = lines.last().filter(|_| has_next).and_then(|line| Mark::of(line, filter.by)).map(told);
            let tree = channels::tree(connection, site)?;
            let names = Names::find(connection, lines.iter().map(|line| line.author))?;
            let rows = lines.into_iter().map(|line| Row {
                id: line.resource.id,
                channel: trail(&tree, line.resource.channel_id),
                may_restore: writes.has(line.resource.channel_id),
                author: names.of(line.author),
                at: line.resource.updated_at.into(),
                gone: bin::gone_at(&engine, &line.resource).into(),
                title: line.title,
            });
            Ok::<_, store::Error>((rows.collect(), next))
        })
        .await?;
    let screen =
        Screen { key: scope.site.key.clone(), days: app.engine.settings.library.bin_days, may_write: writes_any, rows, next };
    let frame = Frame::site(&scope, Place::Library, "回收站").noticed(notice::find(&wish.done));
    screens::draw("bin.html", frame, screen)
}

/// POST /console/{site}/resources/{id}/discard
pub(crate) async fn discard(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| bin::discard(engine, &actor, site, id)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/library/bin?done=discarded-draft", scope.site.key)).into_response()),
        Err(error) => resource::refuse(&app, &scope, id, error, Attempt::default()).await,
    }
}

/// POST /console/{site}/resources/{id}/restore
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| bin::restore(engine, &actor, site, id)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "restored")).into_response()),
        Err(error) => resource::refuse(&app, &scope, id, error, Attempt::default()).await,
    }
}
