//! Making, answering and settling annotations (批注): on the page of a resource, in the form it is written in, and on the page of an
//! offer that the site reviews.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{Anchor, AnnotationId, AnnotationState, Field, Problem, ResourceId, RevisionId};
use publish::CommandError;
use publish::commands::annotation::{self, Annotated, Note};
use serde::de::DeserializeOwned;
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

/// The page of a text that is annotated, known by the number in its address.
pub(crate) trait Page: Copy + DeserializeOwned + Send + 'static {
    /// Which text that is.
    fn annotated(self) -> Annotated;
    /// Where it is, with something to say on it.
    fn address(self, scope: &Scope, done: &str) -> String;
    /// What stands in the form in which the text is written, for a text that is written here.
    fn panel(self, scope: &Scope) -> Option<String>;
    /// The page again with what was typed, problems at their fields.
    fn correct(self, app: &Arc<App>, scope: &Scope, tried: Tried) -> impl Future<Output = Result<Response, Error>> + Send;
    /// The page as it stands now, saying why what was asked could not be done.
    fn refuse(
        self,
        app: &Arc<App>,
        scope: &Scope,
        error: CommandError,
        tried: Tried,
    ) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl Page for ResourceId {
    fn annotated(self) -> Annotated {
        Annotated::Own(self)
    }

    fn address(self, scope: &Scope, done: &str) -> String {
        resource::address(scope, self, done)
    }

    fn panel(self, scope: &Scope) -> Option<String> {
        Some(format!("/console/{}/resources/{self}/annotations", scope.site.key))
    }

    async fn correct(self, app: &Arc<App>, scope: &Scope, note: Tried) -> Result<Response, Error> {
        resource::correct(app, scope, self, Attempt { note, ..Attempt::default() }).await
    }

    async fn refuse(self, app: &Arc<App>, scope: &Scope, error: CommandError, note: Tried) -> Result<Response, Error> {
        resource::refuse(app, scope, self, error, Attempt { note, ..Attempt::default() }).await
    }
}

/// POST …/annotations
pub(crate) async fn add<P: Page>(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, page)): Path<(String, P)>,
    Form(new): Form<New>,
) -> Result<Response, Error> {
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
        return page.correct(&app, &scope, Tried { problems, ..tried }).await;
    };
    let anchor = Anchor { field, quote: new.quote, occurrence: new.occurrence.parse().unwrap_or_default() };
    let note = Note { revision: new.revision, anchor, text: new.text };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::add(engine, &actor, site, page.annotated(), note).map(|_| ())).await;
    answer_with(&app, &scope, page, given, "annotated", "", tried).await
}

/// POST …/annotations/{annotation}
pub(crate) async fn change<P: Page>(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, page, of)): Path<(String, P, AnnotationId)>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let tried = Tried { deed: "change", annotation: Some(of), text: said.text.clone(), ..Tried::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::change(engine, &actor, site, page.annotated(), of, &said.text)).await;
    answer_with(&app, &scope, page, given, "annotated", &said.back, tried).await
}

/// POST …/annotations/{annotation}/delete
pub(crate) async fn delete<P: Page>(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, page, of)): Path<(String, P, AnnotationId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::delete(engine, &actor, site, page.annotated(), of)).await;
    answer_with(&app, &scope, page, given, "annotation-deleted", "", Tried::default()).await
}

/// POST …/annotations/{annotation}/answer
pub(crate) async fn answer<P: Page>(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, page, of)): Path<(String, P, AnnotationId)>,
    Form(said): Form<Said>,
) -> Result<Response, Error> {
    let tried = Tried { deed: "answer", annotation: Some(of), text: said.text.clone(), ..Tried::default() };
    let (actor, site) = (scope.actor(), scope.site.id);
    let given = app.command(move |engine| annotation::answer(engine, &actor, site, page.annotated(), of, &said.text)).await;
    answer_with(&app, &scope, page, given, "annotation-answered", &said.back, tried).await
}

/// POST …/annotations/{annotation}/settle
pub(crate) async fn settle<P: Page>(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, page, of)): Path<(String, P, AnnotationId)>,
    Form(settled): Form<Settled>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let done = if settled.state == AnnotationState::Done { "annotation-done" } else { "annotation-open" };
    let given = app.command(move |engine| annotation::settle(engine, &actor, site, page.annotated(), of, settled.state)).await;
    answer_with(&app, &scope, page, given, done, &settled.back, Tried::default()).await
}

/// Leads back to where it was asked for, or shows it again with what stands in the way.
async fn answer_with<P: Page>(
    app: &Arc<App>,
    scope: &Scope,
    page: P,
    given: Result<(), CommandError>,
    done: &str,
    back: &str,
    tried: Tried,
) -> Result<Response, Error> {
    match given {
        Ok(()) => {
            let panel = page.panel(scope).filter(|_| back == "form");
            let address = panel.unwrap_or_else(|| format!("{}#annotations", page.address(scope, done)));
            Ok(Redirect::to(&address).into_response())
        }
        Err(CommandError::Invalid(problems)) => page.correct(app, scope, Tried { problems, ..tried }).await,
        Err(error) => page.refuse(app, scope, error, tried).await,
    }
}
