//! Making, answering and settling annotations (批注), from the resource's page and from the form it is written in.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{Anchor, AnnotationId, AnnotationState, Field, Permission, Problem, ResourceId, RevisionId};
use publish::CommandError;
use publish::commands::annotation::{self, Note};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::resource::{self, Attempt};

/// A new annotation.
#[derive(Deserialize)]
pub(crate) struct New {
    revision: RevisionId,
    #[serde(default)]
    field: String,
    #[serde(default)]
    quote: String,
    #[serde(default)]
    occurrence: String,
    #[serde(default)]
    text: String,
}

/// What is said about one that is there, and `form` where it is said from the form.
#[derive(Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    text: String,
    #[serde(default)]
    back: String,
}

/// How one stands from now on.
#[derive(Deserialize)]
pub(crate) struct Settled {
    state: AnnotationState,
    #[serde(default)]
    back: String,
}

/// What was typed and could not be kept.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Tried {
    /// `add`, `change` or `answer`.
    deed: &'static str,
    annotation: Option<AnnotationId>,
    field: String,
    quote: String,
    occurrence: String,
    text: String,
    pub(crate) problems: Vec<Problem>,
}

/// POST /console/{site}/resources/{id}/annotations
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(new): Form<New>,
) -> Result<Response, Error> {
    may_annotate(&scope)?;
    let tried = Tried {
        deed: "add",
        annotation: None,
        field: new.field.clone(),
        quote: new.quote.clone(),
        occurrence: new.occurrence.clone(),
        text: new.text.clone(),
        problems: Vec::new(),
    };
    let Ok(field) = new.field.parse::<Field>() else {
        let problems = vec![Problem::at("field", "请选择批注的对象")];
        return resource::correct(&app, &scope, id, Attempt { note: Tried { problems, ..tried }, ..Attempt::default() }).await;
    };
    let anchor = Anchor { field, quote: new.quote, occurrence: new.occurrence.parse().unwrap_or_default() };
    let note = Note { revision: new.revision, anchor, text: new.text };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::add(engine, &actor, site, id, note).map(|_| ())).await;
    answer_with(&app, &scope, id, given, "annotated", "", tried).await
}

/// POST /console/{site}/resources/{id}/annotations/{annotation}
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id, of)): Path<(String, ResourceId, AnnotationId)>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    may_annotate(&scope)?;
    let tried = Tried { deed: "change", annotation: Some(of), text: said.text.clone(), ..Tried::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::change(engine, &actor, site, id, of, &said.text)).await;
    answer_with(&app, &scope, id, given, "annotated", &said.back, tried).await
}

/// POST /console/{site}/resources/{id}/annotations/{annotation}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id, of)): Path<(String, ResourceId, AnnotationId)>,
) -> Result<Response, Error> {
    may_annotate(&scope)?;
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::delete(engine, &actor, site, id, of)).await;
    answer_with(&app, &scope, id, given, "annotation-deleted", "", Tried::default()).await
}

/// POST /console/{site}/resources/{id}/annotations/{annotation}/answer
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id, of)): Path<(String, ResourceId, AnnotationId)>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    may_annotate(&scope)?;
    let tried = Tried { deed: "answer", annotation: Some(of), text: said.text.clone(), ..Tried::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::answer(engine, &actor, site, id, of, &said.text)).await;
    answer_with(&app, &scope, id, given, "annotation-answered", &said.back, tried).await
}

/// POST /console/{site}/resources/{id}/annotations/{annotation}/settle
pub(crate) async fn settle(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id, of)): Path<(String, ResourceId, AnnotationId)>,
    Form(settled): Form<Settled>,
) -> Result<Response, Error> {
    may_annotate(&scope)?;
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = if settled.state == AnnotationState::Done { "annotation-done" } else { "annotation-open" };
    let given = app.command(move |engine| annotation::settle(engine, &actor, site, id, of, settled.state)).await;
    answer_with(&app, &scope, id, given, done, &settled.back, Tried::default()).await
}

/// Whoever writes or reviews here; either right is enough, so the route asks for neither.
fn may_annotate(scope: &Scope) -> Result<(), Error> {
    let may = scope.may(Permission::Write) || scope.may(Permission::Review);
    if may { Ok(()) } else { Err(Error::Forbidden) }
}

/// Leads back to where it was asked for, or shows it again with what stands in the way.
async fn answer_with(
    app: &Arc<App>,
    scope: &Scope,
    id: ResourceId,
    given: Result<(), CommandError>,
    done: &str,
    back: &str,
    tried: Tried,
) -> Result<Response, Error> {
    match given {
        Ok(()) if back == "form" => {
            Ok(Redirect::to(&format!("/console/{}/resources/{id}/annotations", scope.site.key)).into_response())
        }
        Ok(()) => Ok(Redirect::to(&format!("{}#annotations", resource::address(scope, id, done))).into_response()),
        Err(CommandError::Invalid(problems)) => {
            resource::correct(app, scope, id, Attempt { note: Tried { problems, ..tried }, ..Attempt::default() }).await
        }
        Err(error) => resource::refuse(app, scope, id, error, Attempt { note: tried, ..Attempt::default() }).await,
    }
}
