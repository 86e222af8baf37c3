//! 来源与作者: the names that editors choose from, kept by the site's administrator.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::{Dictionary, Problem};
use publish::CommandError;
use publish::commands::{dictionary, seal};
use serde::{Deserialize, Serialize};
use store::dictionaries;
use web::{App, Error, Scope};

use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The form as it was typed, a name a line.
#[derive(Deserialize, Serialize)]
pub(crate) struct Typed {
    sources: String,
    authors: String,
    seen: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    typed: Typed,
    problems: Vec<Problem>,
    /// What somebody else saved in between.
    theirs: Option<Dictionary>,
}

/// GET /console/{site}/dictionary
pub(crate) async fn open(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let kept = kept(&app, &scope).await?;
    let typed = Typed { sources: kept.sources.join("\n"), authors: kept.authors.join("\n"), seen: seal(&kept) };
    draw(&scope, &wish.done, typed, Vec::new(), None, StatusCode::OK)
}

/// POST /console/{site}/dictionary
pub(crate) async fn save(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let wanted = Dictionary { sources: lines(&typed.sources), authors: lines(&typed.authors) };
    let (actor, site, seen) = (scope.actor(), scope.site.id, typed.seen.clone());
    match app.command(move |engine| dictionary::save(engine, &actor, site, &seen, &wanted)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/dictionary?done=dictionary-saved", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => draw(&scope, "", typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY),
        Err(CommandError::Stale) => {
            let theirs = kept(&app, &scope).await?;
            draw(&scope, "", Typed { seen: seal(&theirs), ..typed }, Vec::new(), Some(theirs), StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

async fn kept(app: &Arc<App>, scope: &Scope) -> Result<Dictionary, Error> {
    let site = scope.site.id;
    app.read(move |connection| dictionaries::find(connection, site)).await
}

fn draw(
    scope: &Scope,
    done: &str,
    typed: Typed,
    problems: Vec<Problem>,
    theirs: Option<Dictionary>,
    status: StatusCode,
) -> Result<Response, Error> {
    let screen = Screen { key: scope.site.key.clone(), typed, problems, theirs };
    let frame = Frame::site(scope, Place::Dictionary, "来源与作者").noticed(notice::find(done));
    Ok((status, screens::draw("dictionary.html", frame, screen)?).into_response())
}

/// A name a line, each once.
fn lines(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
        if !line.is_empty() && !found.contains(&line) {
            found.push(line);
        }
    }
    found
}
