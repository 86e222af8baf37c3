//! The inbox of a site (推送待办): what other sites offer it, what it has decided, and what it pushed itself.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::schedule::told;
use model::{Channel, ChannelId, OfferId, OfferState, Origin, Permission, SiteId};
use publish::commands::offer;
use serde::{Deserialize, Serialize};
use store::offers::{self, Line, Tray};
use store::{channels, placements, schedules};
use web::{App, Error, Scope};

use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::paging::cut;
use crate::screens::{self, Frame, Place};

/// Lines on a page.
const PAGE: i64 = 30;

/// Which page, and what to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    page: Option<u32>,
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    /// `waiting`, `decided`, `sent` or `shared`.
    tray: &'static str,
    rows: Vec<Row>,
    shared: Vec<Shared>,
    page: i64,
    has_next: bool,
}

/// An offer as a line.
#[derive(Serialize)]
struct Row {
    id: OfferId,
    resource: model::ResourceId,
    title: String,
    site: String,
    channel: String,
    origin: &'static str,
    tone: &'static str,
    state: &'static str,
    note: String,
    reason: String,
    by: String,
    at: Moment,
    decided_by: Option<String>,
    decided_at: Option<Moment>,
    /// From when on it is shown, where it was accepted for later.
    place_at: Option<String>,
    may_cancel: bool,
}

/// A resource of another site shown here.
#[derive(Serialize)]
struct Shared {
    id: model::PlacementId,
    resource: model::ResourceId,
    title: String,
    prefix: String,
    site: String,
    channel: String,
    origin: &'static str,
    url: String,
    /// None while it waits for its topic.
    since: Option<Moment>,
    may_set: bool,
}

/// GET /console/{site}/offers
pub(crate) async fn waiting(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    list(&app, &scope, &wish, Tray::Waiting, "waiting").await
}

/// GET /console/{site}/offers/decided
pub(crate) async fn decided(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    list(&app, &scope, &wish, Tray::Decided, "decided").await
}

/// GET /console/{site}/offers/sent
pub(crate) async fn sent(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    list(&app, &scope, &wish, Tray::Sent, "sent").await
}

/// GET /console/{site}/offers/count: the number in the menu.
pub(crate) async fn count(State(app): State<Arc<App>>, scope: Scope) -> Result<Html<String>, Error> {
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    screens::count(app.read(move |connection| offers::count_waiting(connection, site, &within)).await?)
}

/// GET /console/{site}/shared
pub(crate) async fn shared(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Html<String>, Error> {
    let page = i64::from(wish.page.unwrap_or(1).max(1));
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    let (found, tree) = app
        .read(move |connection| {
            let found = placements::list_shared(connection, site, &within, (page - 1) * PAGE, PAGE + 1)?;
            Ok::<_, store::Error>((found, channels::tree(connection, site)?))
        })
        .await?;
    let (found, has_next) = cut(found, PAGE);
    let base = app.engine.settings.public_url(&scope.site.key, &scope.site.domain);
    let shared = found.into_iter().map(|one| Shared {
        id: one.placement.id,
        resource: one.placement.resource_id,
        title: one.title,
        prefix: one.placement.title_prefix,
        site: site_name(&app, one.owner),
        channel: crate::desk::trail(&tree, one.placement.channel_id),
        origin: one.placement.origin.chinese(),
        url: format!("{base}{}", one.placement.path),
        since: one.placement.live.then(|| one.placement.published_at.into()),
        may_set: scope.may_in(Permission::Withdraw, one.placement.channel_id),
    });
    let screen =
        Screen { key: scope.site.key.clone(), tray: "shared", rows: Vec::new(), shared: shared.collect(), page, has_next };
    let frame = Frame::site(&scope, Place::Offers, "外站内容").noticed(notice::find(&wish.done));
    screens::draw("offers.html", frame, screen)
}

/// POST /console/{site}/offers/{offer}/cancel
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, OfferId)>,
) -> Result<Response, Error> {
    let (actor, site) = (scope.actor(), scope.site.id);
    app.command(move |engine| offer::cancel(engine, &actor, site, id)).await?;
    Ok(Redirect::to(&format!("/console/{}/offers/sent?done=offer-cancelled", scope.site.key)).into_response())
}

/// The name of a site among its siblings.
pub(crate) fn site_name(app: &App, id: SiteId) -> String {
    let site = app.tenants.list().into_iter().find(|site| site.id == id);
    site.map_or_else(|| format!("站点 {id}"), |site| site.short_name.clone())
}

/// The name of a channel, as far as this site may know of it.
pub(crate) fn channel_name(own: SiteId, channels: &HashMap<ChannelId, Channel>, id: ChannelId) -> String {
    match channels.get(&id) {
        Some(channel) if channel.preparing && channel.site_id != own => "待上线栏目".to_owned(),
        Some(channel) => channel.name.clone(),
        None => String::new(),
    }
}

async fn list(app: &Arc<App>, scope: &Scope, wish: &Wish, tray: Tray, name: &'static str) -> Result<Html<String>, Error> {
    let page = i64::from(wish.page.unwrap_or(1).max(1));
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    let (lines, channels, times, names) = app
        .read(move |connection| {
            let lines = offers::list(connection, site, &within, tray, (page - 1) * PAGE, PAGE + 1)?;
            let ids: BTreeSet<ChannelId> = lines.iter().map(|line| line.offer.channel_id).collect();
            let times = schedules::list_times_of_offers(connection, &lines.iter().map(|line| line.offer.id).collect::<Vec<_>>())?;
            let people = lines.iter().flat_map(|line| [Some(line.offer.offered_by), line.offer.decided_by]).flatten();
            let names = Names::find(connection, people)?;
            Ok::<_, store::Error>((lines, channels::list_anywhere(connection, &ids)?, times, names))
        })
        .await?;
    let (lines, has_next) = cut(lines, PAGE);
    let rows = lines
        .into_iter()
        .map(|line| Row {
            place_at: times.get(&line.offer.id).copied().map(told),
            ..row(app, scope, line, tray, &channels, &names)
        })
        .collect();
    let screen = Screen { key: scope.site.key.clone(), tray: name, rows, shared: Vec::new(), page, has_next };
    let frame = Frame::site(scope, Place::Offers, "推送待办").noticed(notice::find(&wish.done));
    screens::draw("offers.html", frame, screen)
}

fn row(app: &App, scope: &Scope, line: Line, tray: Tray, channels: &HashMap<ChannelId, Channel>, names: &Names) -> Row {
    let may_cancel = tray == Tray::Sent && scope.may_in(Permission::Push, line.text_channel);
    let offer = line.offer;
    let (own, other) = match tray {
        Tray::Sent => (offer.from_site_id, offer.site_id),
        Tray::Waiting | Tray::Decided => (offer.site_id, offer.from_site_id),
    };
    Row {
        id: offer.id,
        resource: offer.resource_id,
        title: if line.title.is_empty() { "待上线的稿件".to_owned() } else { line.title },
        site: site_name(app, other),
        channel: channel_name(own, channels, offer.channel_id),
        origin: offer.origin.chinese(),
        tone: tone(offer.state),
        state: offer.state.chinese(),
        by: if offer.origin == Origin::Push { names.of(offer.offered_by) } else { "本站订阅".to_owned() },
        at: offer.offered_at.into(),
        decided_by: offer.decided_by.map(|by| names.of(by)),
        decided_at: offer.decided_at.map(Moment::from),
        place_at: None,
        may_cancel: may_cancel && offer.state.is_undecided(),
        note: offer.note,
        reason: offer.reason,
    }
}

/// The tone a state of an offer is shown in.
pub(crate) fn tone(state: OfferState) -> &'static str {
    match state {
        OfferState::Open => "open",
        OfferState::Reviewing => "reviewing",
        OfferState::Scheduled => "scheduled",
        OfferState::Accepted => "approved",
        OfferState::Declined => "returned",
        OfferState::Cancelled => "withdrawn",
    }
}
