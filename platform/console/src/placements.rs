//! What a site shows (在线内容) in channels that one may read, its own and others', newest first.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use model::{Card, ChannelTree, Permission, PlacementId};
use serde::{Deserialize, Serialize};
use store::{channels, pins, placements};
use web::{App, Error, Scope};

use crate::desk::trail;
use crate::moment::Moment;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Lines on a page.
const PAGE: i64 = 20;

/// Which page.
#[derive(Deserialize)]
pub(crate) struct Turn {
    page: Option<u32>,
}

#[derive(Serialize)]
struct List {
    key: String,
    rows: Vec<Row>,
    page: i64,
    has_next: bool,
}

#[derive(Serialize)]
struct Row {
    id: PlacementId,
    title: String,
    channel: String,
    /// The site that wrote it, where that is another.
    origin: String,
    since: Moment,
    is_pinned: bool,
}

/// GET /console/{site}/placements
pub(crate) async fn list(State(app): State<Arc<App>>, scope: Scope, Query(turn): Query<Turn>) -> Result<Html<String>, Error> {
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    let page = i64::from(turn.page.unwrap_or(1).max(1));
    let (cards, tree, pinned) = app
        .read(move |connection| {
            let cards = placements::list_live(connection, site, &within, (page - 1) * PAGE, PAGE + 1)?;
            Ok::<_, store::Error>((cards, channels::tree(connection, site)?, pins::list_by_site(connection, site)?))
        })
        .await?;
    let (cards, has_next) = cut(cards, PAGE);
    let rows = cards.into_iter().map(|card| row(&app, &scope, &tree, &pinned, card)).collect();
    let screen = List { key: scope.site.key.clone(), rows, page, has_next };
    screens::draw("placements.html", Frame::site(&scope, Place::Schedules, "在线内容"), screen)
}

fn row(app: &App, scope: &Scope, tree: &ChannelTree, pinned: &[PlacementId], card: Card) -> Row {
    let sites = app.tenants.list();
    let origin = sites.iter().find(|site| site.id == card.owner_site_id && site.id != scope.site.id);
    Row {
        id: card.placement.id,
        title: card.content.title,
        channel: trail(tree, card.placement.channel_id),
        origin: origin.map(|site| site.short_name.clone()).unwrap_or_default(),
        since: card.placement.published_at.into(),
        is_pinned: pinned.contains(&card.placement.id),
    }
}
