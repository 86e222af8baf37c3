//! 外观: what the theme of a site lets it set, beside the home page as it would look.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use model::ChannelTree;
use publish::CommandError;
use publish::commands::arrangement::FieldProblem;
use publish::commands::look::{self, Look};
use publish::commands::pictures::Shelf;
use publish::commands::{site, theme};
use publish::preview::Proposal;
use serde::{Deserialize, Serialize};
use store::pages;
use web::{App, Error, Scope};

use crate::fields::{self, Around, FieldRow};
use crate::screens::{self, Frame, Place};
use crate::{framing, notice};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    theme: String,
    seen: String,
    fields: Vec<FieldRow>,
    problems: Vec<FieldProblem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
    is_declared: bool,
    /// The themes there are: short name, name, and whether it is worn.
    themes: Vec<(String, String, bool)>,
    /// How many pages of the site wait to be made anew, and how many it has; none while none waits.
    renewal: Option<(i64, i64)>,
}

/// GET /console/{site}/look
pub(crate) async fn open(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let look = find(&app, &scope).await?;
    let values = look.values.clone();
    draw(&app, &scope, &wish.done, &look, &values, Vec::new(), StatusCode::OK).await
}

/// POST /console/{site}/look
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    scope: Scope,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let mut values = fields::gathered(sent);
    let seen = values.remove("seen").unwrap_or_default();
    let known = find(&app, &scope).await?;
    let problems = known.problems(&values);
    if !problems.is_empty() {
        return draw(&app, &scope, "", &known, &values, problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (actor, site, typed) = (scope.actor(), scope.site.id, values.clone());
    match app.command(move |engine| look::save(engine, &actor, site, &seen, &typed)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/look?done=look-saved", scope.site.key)).into_response()),
        Err(CommandError::Stale) => {
            draw(&app, &scope, "", &find(&app, &scope).await?, &values, Vec::new(), StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/{site}/look/preview
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    scope: Scope,
    headers: HeaderMap,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    let look = find(&app, &scope).await?;
    let mut values = fields::gathered(sent);
    // What could not be saved is not shown either: the page keeps what is set.
    for problem in look.problems(&values) {
        let kept = look.values.get(&problem.field).cloned().unwrap_or_default();
        values.insert(problem.field, kept);
    }
    let proposal = Proposal { settings: Some(look.settings(&values)), ..Proposal::default() };
    framing::arranged_page(&app, &scope, &headers, proposal).await
}

async fn find(app: &Arc<App>, scope: &Scope) -> Result<Look, Error> {
    let (engine, site) = (Arc::clone(&app.engine), scope.site.id);
    app.read(move |connection| look::find(&engine, connection, site).map_err(Error::from)).await
}

async fn draw(
    app: &Arc<App>,
    scope: &Scope,
    done: &str,
    look: &Look,
    values: &BTreeMap<String, String>,
    problems: Vec<FieldProblem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (engine, site) = (Arc::clone(&app.engine), scope.site.id);
    let (wardrobe, waiting, all) = app
        .read(move |connection| {
            let wardrobe = theme::find(&engine, connection, site)?;
            Ok::<_, Error>((wardrobe, pages::count_waiting_on(connection, site)?, pages::count(connection, Some(site))?))
        })
        .await?;
    // Which pages these are is looked for in the first moment after a change.
    let has_begun = ["theme-worn", "look-saved"].contains(&done);
    // Settings are of the theme: none of them names a channel or a picture.
    let (tree, shelf) = (ChannelTree::default(), Shelf::default());
    let around = Around { tree: &tree, shelf: &shelf, focus: "" };
    let screen = Screen {
        key: scope.site.key.clone(),
        theme: look.theme.name.clone(),
        seen: look.seal(),
        fields: fields::rows(&look.theme.settings, values, &around),
        problems,
        is_stale: status == StatusCode::CONFLICT,
        is_declared: site::is_declared(&app.engine, &scope.site.key),
        themes: wardrobe.themes.iter().map(|(key, one)| (key.clone(), one.name.clone(), *key == wardrobe.worn)).collect(),
        renewal: (waiting > 0 || has_begun).then_some((waiting, all)),
    };
    let frame = Frame::site(scope, Place::HomePage, "外观").noticed(notice::find(done));
    Ok((status, screens::draw("look.html", frame, screen)?).into_response())
}
