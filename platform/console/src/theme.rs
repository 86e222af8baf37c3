//! 更换主题: the other theme on pages of the site before anybody else sees it, what it has no place for, and putting it on.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use publish::CommandError;
use publish::commands::site;
use publish::commands::theme::{self, Loss, Wardrobe};
use publish::preview::{Proposal, Sight};
use serde::{Deserialize, Serialize};
use store::channels;
use web::{App, Error, Scope};

use crate::framing;
use crate::screens::{self, Frame, Place};

/// Which theme, and which page is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    theme: String,
    page: String,
}

/// A choice, from what was before whoever chose.
#[derive(Deserialize)]
pub(crate) struct Typed {
    seen: String,
    theme: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    seen: String,
    theme: String,
    name: String,
    worn: String,
    page: &'static str,
    /// Whether it is worn already, by somebody else's hand perhaps.
    is_worn: bool,
    is_stale: bool,
    is_declared: bool,
    /// Blocks it has no place for, each with its page.
    blocks: Vec<(String, String)>,
    /// Its slots of the home page in which nothing would stand.
    slots: Vec<String>,
    topics: Vec<String>,
}

/// GET /console/{site}/look/theme
pub(crate) async fn show(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    draw(&app, &scope, &wish, StatusCode::OK).await
}

/// POST /console/{site}/look/theme
pub(crate) async fn wear(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    let wish = Wish { theme: typed.theme.clone(), ..Wish::default() };
    match app.command(move |engine| theme::wear(engine, &actor, site, &typed.seen, &typed.theme)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/look?done=theme-worn", scope.site.key)).into_response()),
        Err(CommandError::Stale) => draw(&app, &scope, &wish, StatusCode::CONFLICT).await,
        Err(other) => Err(other.into()),
    }
}

/// GET /console/{site}/look/theme/preview
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(wish): Query<Wish>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let wardrobe = find(&app, &scope).await?;
    wardrobe.theme(&wish.theme).ok_or(Error::NotFound)?;
    let (_, sight) = sight(&wish.page);
    framing::arranged_page(&app, &scope, &headers, Proposal { theme: Some(wish.theme), sight, ..Proposal::default() }).await
}

fn sight(page: &str) -> (&'static str, Sight) {
    match page {
        "list" => ("list", Sight::List),
        "article" => ("article", Sight::Article),
        _ => ("", Sight::Front),
    }
}

async fn find(app: &Arc<App>, scope: &Scope) -> Result<Wardrobe, Error> {
    let (engine, site) = (Arc::clone(&app.engine), scope.site.id);
    app.read(move |connection| theme::find(&engine, connection, site).map_err(Error::from)).await
}

async fn draw(app: &Arc<App>, scope: &Scope, wish: &Wish, status: StatusCode) -> Result<Response, Error> {
    let wardrobe = find(app, scope).await?;
    let offered = wardrobe.theme(&wish.theme).cloned().ok_or(Error::NotFound)?;
    let (site, asked, chosen) = (scope.site.id, wardrobe.clone(), offered.clone());
    let (Loss { blocks, slots, topics }, tree) = app
        .read(move |connection| {
            let loss = theme::losses(connection, &asked, &chosen)?;
            Ok::<_, Error>((loss, channels::tree(connection, site)?))
        })
        .await?;
    let page_name = |key: &str| tree.by_key(key).map_or_else(|| "首页".to_owned(), |topic| format!("专题“{}”", topic.name));
    let worn = wardrobe.theme(&wardrobe.worn).map_or_else(|| wardrobe.worn.clone(), |theme| theme.name.clone());
    let screen = Screen {
        key: scope.site.key.clone(),
        seen: wardrobe.seal(),
        is_worn: wardrobe.worn == wish.theme,
        theme: wish.theme.clone(),
        name: offered.name,
        worn,
        page: sight(&wish.page).0,
        is_stale: status == StatusCode::CONFLICT,
        is_declared: site::is_declared(&app.engine, &scope.site.key),
        blocks: blocks.into_iter().map(|(page, block)| (page_name(&page), block)).collect(),
        slots,
        topics,
    };
    let frame = Frame::site(scope, Place::HomePage, "更换主题");
    Ok((status, screens::draw("theme.html", frame, screen)?).into_response())
}
