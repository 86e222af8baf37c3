//! Saved views (常用视图): a person names a search of the library, and forgets it again.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::SavedViewId;
use publish::CommandError;
use publish::commands::saved_view;
use serde::Deserialize;
use web::{App, Error, Scope, SignedIn};

use crate::finding::Wish;
use crate::library::{self, Attempt, Shelf};
use crate::resource::sentence;

/// What is named, and how.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    /// The search as its address says it.
    query: String,
}

/// POST /console/library/views
pub(crate) async fn save_over_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    keep(&app, Shelf::All(signed_in), typed).await
}

/// POST /console/{site}/library/views
pub(crate) async fn save(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    keep(&app, Shelf::One(scope), typed).await
}

/// POST /console/library/views/{view}/delete
pub(crate) async fn delete_over_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(view): Path<SavedViewId>,
) -> Result<Response, Error> {
    forget(&app, Shelf::All(signed_in), view).await
}

/// POST /console/{site}/library/views/{view}/delete
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, view)): Path<(String, SavedViewId)>,
) -> Result<Response, Error> {
    forget(&app, Shelf::One(scope), view).await
}

async fn keep(app: &Arc<App>, shelf: Shelf, typed: Typed) -> Result<Response, Error> {
    // Read and written again, so that nothing is kept that is no search.
    let wish = Wish::of_query(&typed.query);
    let (actor, site, name, query) = (shelf.actor(), shelf.site(), typed.name.clone(), wish.query());
    let address = format!("{}?{query}&done=view-saved", shelf.base());
    match app.command(move |engine| saved_view::save(engine, &actor, site, &name, &query)).await {
        Ok(()) => Ok(Redirect::to(&address).into_response()),
        Err(CommandError::Invalid(problems)) => {
            library::draw(app, shelf, wish, Attempt { name: typed.name, problem: sentence(problems) }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn forget(app: &Arc<App>, shelf: Shelf, view: SavedViewId) -> Result<Response, Error> {
    let actor = shelf.actor();
    app.command(move |engine| saved_view::delete(engine, &actor, view)).await?;
    Ok(Redirect::to(&format!("{}?done=view-deleted", shelf.base())).into_response())
}
