//! What typed text will look like once it is cleaned, beside the form it is typed in.

use axum::Form;
use axum::response::Html;
use serde::{Deserialize, Serialize};
use web::{Error, Scope};

use crate::media::shown_body;
use crate::screens;

/// The one field of the form that is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    body: String,
}

#[derive(Serialize)]
struct Part {
    body: String,
    count: usize,
    /// Why there is nothing to show.
    problem: Option<String>,
}

/// POST /console/{site}/preview
pub(crate) async fn draw(scope: Scope, Form(typed): Form<Typed>) -> Result<Html<String>, Error> {
    // Cleaning a long text takes a while, and other requests must not wait for it.
    let cleaned = tokio::task::spawn_blocking(move || render::html::clean(&typed.body)).await;
    let (body, problem) = match cleaned.map_err(|error| Error::Fault(error.to_string()))? {
        Ok(body) => (body, None),
        Err(problem) => (String::new(), Some(problem.to_string())),
    };
    let count = render::html::lines(&body).iter().flat_map(|line| line.chars()).filter(|letter| !letter.is_whitespace()).count();
    screens::part("preview.html", &Part { body: shown_body(&scope.site.key, &body), count, problem })
}
