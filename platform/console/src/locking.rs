//! The edit lock (编辑锁): who opens the form of a resource holds it; others are told, read on, and may take it over.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use model::{ResourceId, UserId};
use publish::commands::takeover;
use serde::{Deserialize, Serialize};
use store::edit_leases::{self, Holder, Lease};
use store::{Connection, resources};
use web::{App, Error, Scope};

use crate::media::shown_body;
use crate::moment::Moment;
use crate::names::Names;
use crate::resource::newest;
use crate::screens::{self, Frame, Place};
use crate::working_copies;

/// The sheet that speaks.
#[derive(Deserialize)]
pub(crate) struct Speaking {
    #[serde(default)]
    sheet: String,
}

/// Who may write on.
#[derive(Serialize)]
pub(crate) struct Standing {
    /// `mine`, `elsewhere` where another window of the same person goes on, or `taken`.
    state: &'static str,
    by: String,
    since: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    id: ResourceId,
    by: String,
    since: Moment,
    title: String,
    number: i64,
    body: String,
}

/// POST /console/{site}/resources/{id}/lease
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(speaking): Form<Speaking>,
) -> Result<Json<Standing>, Error> {
    let (site, user, now) = (scope.site.id, scope.signed_in.person.id, app.engine.clock.now());
    let standing = app
        .write(move |connection| {
            if resources::find(connection, site, id)?.is_none() {
                return Ok(None);
            }
            let holder = Holder { user, sheet: &speaking.sheet, now };
            let other = edit_leases::renew(connection, site, id, holder)?;
            standing(connection, user, other).map(Some)
        })
        .await?;
    standing.map(Json).ok_or(Error::NotFound)
}

/// POST /console/{site}/resources/{id}/lease/release
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    scope: Scope,
    Form(speaking): Form<Speaking>,
) -> Result<StatusCode, Error> {
    let (site, user) = (scope.site.id, scope.signed_in.person.id);
    app.write(move |connection| edit_leases::release_sheet(connection, site, user, &speaking.sheet)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// POST /console/{site}/resources/{id}/take-over
pub(crate) async fn take_over(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
) -> Result<Response, Error> {
    let (actor, site, sheet) = (scope.actor(), scope.site.id, working_copies::new_sheet());
    app.command(move |engine| takeover::take_over(engine, &actor, site, id, &sheet)).await?;
    Ok(Redirect::to(&format!("/console/{}/resources/{id}/edit", scope.site.key)).into_response())
}

/// What whoever comes second sees: who is editing, and the text as it is saved.
pub(crate) async fn draw(app: &Arc<App>, scope: &Scope, id: ResourceId, lease: Lease) -> Result<Html<String>, Error> {
    let site = scope.site.id;
    let holder = lease.user();
    let (latest, names) = app
        .read(move |connection| {
            let (_, latest) = newest(connection, site, id)?;
            Ok::<_, Error>((latest, Names::find(connection, [holder])?))
        })
        .await?;
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        by: names.of(holder),
        since: lease.since.into(),
        body: shown_body(&scope.site.key, &latest.content.body),
        title: latest.content.title,
        number: latest.number,
    };
    screens::draw("locked.html", Frame::site(scope, Place::Desk, "稿件正在编辑"), screen)
}

fn standing(connection: &mut Connection, user: UserId, other: Option<Lease>) -> store::Result<Standing> {
    let Some(lease) = other else { return Ok(Standing { state: "mine", by: String::new(), since: String::new() }) };
    Ok(Standing {
        state: if lease.user() == user { "elsewhere" } else { "taken" },
        by: Names::find(connection, [lease.user()])?.of(lease.user()),
        since: model::local(lease.since).format("%H:%M").to_string(),
    })
}
