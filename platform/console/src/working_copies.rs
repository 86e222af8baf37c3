//! Working copies (暂存稿): what is being written is kept every few seconds for whoever writes it, to be gone on with anywhere.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use chrono::TimeDelta;
use model::{Permission, ResourceId, UserId, WorkingCopy, Writing};
use serde::{Deserialize, Serialize};
use store::working_copies::{self as copies, Line, Taken};
use store::{Connection, edit_leases, resources};
use web::{App, Error, Scope};

use crate::form::Draft;
use crate::media::shown_body;
use crate::moment::Moment;
use crate::resource::{check_within, newest};
use crate::screens::{self, Frame, Place};

/// How long a form may be as JSON: more than any text a revision may hold.
const LONGEST: usize = 2 << 20;

/// New texts that one person may leave unsaved on one site.
const MOST: usize = 50;

/// How an autosave went.
#[derive(Serialize)]
pub(crate) struct Told {
    /// `kept`, `elsewhere`, `saved`, `long` or `full`.
    state: &'static str,
    /// The second it was kept.
    at: String,
}

/// What the form says about working copies.
#[derive(Serialize)]
pub(crate) struct Keeping {
    person: UserId,
    /// Names what is written in the address of its working copy.
    writing: String,
    /// Days after which what nobody goes on with is thrown away.
    days: u32,
    /// Kept, and neither restored nor discarded yet.
    pub(crate) offered: Option<Offer>,
    /// What the form was filled with.
    pub(crate) restored: Option<Offer>,
    /// How many new texts this person has not saved.
    pub(crate) unsaved: usize,
}

impl Keeping {
    pub(crate) fn of(app: &App, scope: &Scope, writing: &Writing) -> Self {
        let days = app.engine.settings.writing.keep_days;
        let person = scope.signed_in.person.id;
        Self { person, writing: writing.to_string(), days, offered: None, restored: None, unsaved: 0 }
    }
}

/// A working copy as the form offers it.
#[derive(Serialize)]
pub(crate) struct Offer {
    at: Moment,
    /// The number of the revision it was begun from.
    revision: String,
    /// The sheet it was written on.
    sheet: String,
}

impl Offer {
    pub(crate) fn of(copy: &WorkingCopy, draft: &Draft) -> Self {
        Self { at: copy.kept_at.into(), revision: draft.revision.clone(), sheet: copy.sheet.clone() }
    }
}

/// A working copy as the desk lists it.
#[derive(Serialize)]
pub(crate) struct Row {
    writing: String,
    /// The resource it would be a revision of.
    resource: Option<String>,
    title: String,
    at: Moment,
}

impl From<Line> for Row {
    fn from(line: Line) -> Self {
        let resource = matches!(line.writing, Writing::Resource(_)).then(|| line.writing.to_string());
        Self { writing: line.writing.to_string(), resource, title: line.title, at: line.kept_at.into() }
    }
}

#[derive(Serialize)]
struct Screen {
    key: String,
    #[serde(flatten)]
    row: Row,
    /// What the resource is called in the library.
    saved_title: String,
    revision: String,
    fields: Vec<(&'static str, String)>,
    body: String,
    /// The text as it was typed, to be copied.
    typed: String,
}

/// POST /console/{site}/working-copies/{writing}
pub(crate) async fn keep(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, writing)): Path<(String, String)>,
    Form(typed): Form<Draft>,
) -> Result<Json<Told>, Error> {
    let writing = named(&writing)?;
    let now = app.engine.clock.now();
    let copy = typed.working_copy(writing, now).ok_or_else(|| Error::BadRequest("表单不完整，请刷新后再试。".into()))?;
    let told = |state| Json(Told { state, at: model::local(now).format("%H:%M:%S").to_string() });
    if copy.form.len() > LONGEST {
        return Ok(told("long"));
    }
    let oldest = now - TimeDelta::days(app.engine.settings.writing.keep_days.into());
    let state = app
        .write(move |connection| {
            copies::delete_all_kept_before(connection, oldest)?;
            take(connection, &scope, &copy)
        })
        .await?;
    state.map(told).ok_or(Error::NotFound)
}

/// GET /console/{site}/working-copies/{writing}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, writing)): Path<(String, String)>,
) -> Result<Html<String>, Error> {
    let (site, me, writing) = (scope.site.id, scope.signed_in.person.id, named(&writing)?);
    let within = scope.within(Permission::Read);
    let (copy, saved_title) = app
        .read(move |connection| {
            let copy = copies::find(connection, site, me, &writing)?.ok_or(Error::NotFound)?;
            let saved_title = match &copy.writing {
                Writing::Resource(id) => {
                    check_within(connection, site, *id, &within)?;
                    newest(connection, site, *id)?.1.content.title
                }
                Writing::New(_) => String::new(),
            };
            Ok::<_, Error>((copy, saved_title))
        })
        .await?;
    let draft = read(&copy)?;
    let WorkingCopy { writing, title, kept_at, .. } = copy;
    let screen = Screen {
        key: scope.site.key.clone(),
        row: Line { writing, title, kept_at }.into(),
        saved_title,
        fields: draft.told(),
        body: render::html::clean(&draft.body).map(|body| shown_body(&scope.site.key, &body)).unwrap_or_default(),
        revision: draft.revision,
        typed: draft.body,
    };
    screens::draw("working_copy.html", Frame::site(&scope, Place::Desk, "暂存稿"), screen)
}

/// POST /console/{site}/working-copies/{writing}/discard
pub(crate) async fn discard(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, writing)): Path<(String, String)>,
    Form(wish): Form<Wish>,
) -> Result<Response, Error> {
    let (site, me, writing) = (scope.site.id, scope.signed_in.person.id, named(&writing)?);
    let address = match &writing {
        Writing::Resource(id) if wish.back == "form" => format!("/console/{}/resources/{id}/edit", scope.site.key),
        _ => format!("/console/{}?done=copy-discarded", scope.site.key),
    };
    app.write(move |connection| copies::delete(connection, site, me, &writing)).await?;
    Ok(Redirect::to(&address).into_response())
}

/// Where to go on.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    back: String,
}

/// Keeps what was sent to be saved and was refused, so that it is there to be gone on with.
pub(crate) async fn keep_refused(app: &Arc<App>, scope: &Scope, id: ResourceId, typed: &Draft) -> Result<(), Error> {
    let Some(copy) = typed.working_copy(Writing::Resource(id), app.engine.clock.now()) else { return Ok(()) };
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    app.write(move |connection| {
        copies::delete(connection, site, me, &copy.writing)?;
        copies::keep(connection, site, me, &copy).map(|_| ())
    })
    .await
}

/// A sheet that no window has yet.
pub(crate) fn new_sheet() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The form as it was kept.
pub(crate) fn read(copy: &WorkingCopy) -> Result<Draft, Error> {
    serde_json::from_str(&copy.form).map_err(|error| Error::Fault(format!("a working copy of {}: {error}", copy.writing)))
}

fn named(writing: &str) -> Result<Writing, Error> {
    writing.parse().map_err(|_| Error::NotFound)
}

/// Keeps a copy; none where there is no such resource.
fn take(connection: &mut Connection, scope: &Scope, copy: &WorkingCopy) -> store::Result<Option<&'static str>> {
    let (site, me) = (scope.site.id, scope.signed_in.person.id);
    match &copy.writing {
        Writing::Resource(id) => {
            let text = resources::find(connection, site, *id)?;
            if !text.is_some_and(|text| scope.may_in(Permission::Read, text.channel_id)) {
                return Ok(None);
            }
            // Somebody else may have taken over: what was written until then is kept all the same.
            let lease = edit_leases::find(connection, site, *id, copy.kept_at)?;
            if lease.is_some_and(|lease| lease.user() == me && lease.sheet != copy.sheet) {
                return Ok(Some("elsewhere"));
            }
            copies::adopt(connection, site, me, &copy.writing, &copy.sheet)?;
        }
        new @ Writing::New(_) => {
            let known = copies::list(connection, site, me)?;
            if known.len() >= MOST && !known.iter().any(|line| line.writing == *new) {
                return Ok(Some("full"));
            }
            // What an earlier window sent when it was left may have come in after this one was drawn.
            copies::adopt_from_earlier(connection, site, me, new, &copy.sheet)?;
        }
    }
    Ok(Some(match copies::keep(connection, site, me, copy)? {
        Taken::Kept => "kept",
        Taken::Elsewhere => "elsewhere",
        Taken::Saved => "saved",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sheet_is_a_sheet() {
        assert!(model::working_copy::is_sheet(&new_sheet()));
    }
}
