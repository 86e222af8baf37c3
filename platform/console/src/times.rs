//! When a text is to go live and until when it stays (定时发布, 有效期至): the fields, as they were typed, and what they mean.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::schedule::{field_time, typed_time};
use model::{Problem, ResourceId, Times};
use publish::CommandError;
use publish::commands::{expiry, times};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::resource::{self, Attempt};

/// Two fields as they were typed; none of the two where the form had none.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Typed {
    pub(crate) publish_at: Option<String>,
    pub(crate) withdraw_at: Option<String>,
}

impl Typed {
    /// The fields filled with what was asked for.
    pub(crate) fn of(asked: Times) -> Self {
        let field = |at: Option<chrono::NaiveDateTime>| Some(at.map(field_time).unwrap_or_default());
        Self { publish_at: field(asked.publish_at), withdraw_at: field(asked.withdraw_at) }
    }

    /// What was typed; none where the form had no such fields.
    pub(crate) fn times(&self) -> Result<Option<Times>, Vec<Problem>> {
        if self.publish_at.is_none() && self.withdraw_at.is_none() {
            return Ok(None);
        }
        let read = |field, text: &Option<String>| typed_time(field, text.as_deref().unwrap_or_default());
        match (read("publish_at", &self.publish_at), read("withdraw_at", &self.withdraw_at)) {
            (Ok(publish_at), Ok(withdraw_at)) => Ok(Some(Times { publish_at, withdraw_at })),
            (publish, withdraw) => Err([publish.err(), withdraw.err()].into_iter().flatten().collect()),
        }
    }
}

/// The one field of the form for a live resource.
#[derive(Deserialize)]
pub(crate) struct Until {
    #[serde(default)]
    until: String,
}

/// POST /console/{site}/resources/{id}/times
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let attempt = |problems| Attempt { times: Some(typed.clone()), time_problems: problems, ..Attempt::default() };
    let wanted = match typed.times() {
        Ok(wanted) => wanted.unwrap_or_default(),
        Err(problems) => return resource::correct(&app, &scope, id, attempt(problems)).await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| times::ask(engine, &actor, site, id, wanted)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "times-asked")).into_response()),
        Err(CommandError::Invalid(problems)) => resource::correct(&app, &scope, id, attempt(problems)).await,
        Err(error) => resource::refuse(&app, &scope, id, error, attempt(Vec::new())).await,
    }
}

/// POST /console/{site}/resources/{id}/expiry
pub(crate) async fn expire(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Form(typed): Form<Until>,
) -> Result<Response, Error> {
    let attempt = |problem| Attempt { until: Some(typed.until.clone()), until_problem: problem, ..Attempt::default() };
    let at = match typed_time("until", &typed.until) {
        Ok(at) => at,
        Err(problem) => return resource::correct(&app, &scope, id, attempt(problem.message)).await,
    };
    let (actor, site) = (scope.actor(), scope.site.id);
    match app.command(move |engine| expiry::expire(engine, &actor, site, id, at)).await {
        Ok(()) => Ok(Redirect::to(&resource::address(&scope, id, "expiry-set")).into_response()),
        Err(CommandError::Invalid(problems)) => resource::correct(&app, &scope, id, attempt(resource::sentence(problems))).await,
        Err(error) => resource::refuse(&app, &scope, id, error, attempt(String::new())).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_without_the_fields_changes_nothing_and_empty_fields_ask_for_nothing() {
        assert_eq!(Typed::default().times().unwrap(), None);
        assert_eq!(Typed::of(Times::default()).times().unwrap(), Some(Times::default()));
    }

    #[test]
    fn what_is_no_time_is_told_at_each_field() {
        let typed = Typed { publish_at: Some("明早".into()), withdraw_at: Some("月底".into()) };
        let fields: Vec<_> = typed.times().unwrap_err().iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["publish_at", "withdraw_at"]);
    }
}
