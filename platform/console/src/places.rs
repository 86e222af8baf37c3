//! Where a resource is shown (展示位置): every placement on every site for who reads it where it lies, for others those in channels of
//! their own site that they may read.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Html;
use chrono::NaiveDateTime;
use model::schedule::told;
use model::{
    Channel, ChannelId, Offer, OfferId, OfferState, Origin, Permission, Placement, PlacementId, ResourceId, ResourceState, UserId,
};
use serde::{Deserialize, Serialize};
use store::{Connection, annotations, channels, offers, placements, publications, resources, schedules};
use web::{App, Error, Scope};

use crate::annotations::Annotations;
use crate::moment::Moment;
use crate::names::Names;
use crate::notice;
use crate::offers::{channel_name, site_name, tone};
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides a part of its own")]
struct Screen {
    key: String,
    id: ResourceId,
    title: String,
    owner: String,
    /// Whether it is the site's own and lies where they may read.
    is_owner: bool,
    /// Whether it is the site's own, wherever it lies.
    is_of_site: bool,
    may_push: bool,
    /// Whether it is shown to nobody before its topic goes live.
    waits: bool,
    live: usize,
    sites: usize,
    places: Vec<Line>,
    offers: Vec<Sent>,
}

/// A placement.
#[derive(Serialize)]
struct Line {
    site: String,
    channel: String,
    url: String,
    path: String,
    prefix: String,
    state: &'static str,
    tone: &'static str,
    /// None while it waits for its topic.
    since: Option<Moment>,
    origin: &'static str,
    /// Where it is set, by those who may.
    set: Option<PlacementId>,
}

/// An offer of it to another site.
#[derive(Serialize)]
struct Sent {
    id: OfferId,
    site: String,
    channel: String,
    origin: &'static str,
    state: &'static str,
    tone: &'static str,
    note: String,
    reason: String,
    /// What the other site says at places in the text, where it was declined.
    annotations: Annotations,
    by: String,
    at: Moment,
    decided_by: Option<String>,
    decided_at: Option<Moment>,
    /// From when on it is shown, where it was accepted for later.
    place_at: Option<String>,
    may_cancel: bool,
}

/// GET /console/{site}/resources/{id}/places
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, ResourceId)>,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let site = scope.site.id;
    let (me, within) = (scope.signed_in.person.id, scope.within(Permission::Read));
    let (resource, is_owner, waits, title, placed, offered, told, channels, times, names) = app
        .read(move |connection| {
            let resource = resources::find_anywhere(connection, id)?.ok_or(Error::NotFound)?;
            let is_owner = resource.site_id == site && within.has(resource.channel_id);
            let mut placed = placements::list_by_resource(connection, id)?;
            placed.retain(|placement| is_owner || (placement.site_id == site && within.has(placement.channel_id)));
            if placed.is_empty() && !is_owner {
                return Err(Error::NotFound);
            }
            let waits = resources::list_waiting(connection, &[id].into())?.contains(&id);
            // Others see what was published, never a draft, and nothing of what waits for its topic.
            if waits && !is_owner {
                return Err(Error::NotFound);
            }
            let revision = match (resource.live_revision_id, is_owner) {
                (Some(live), _) => Some(live),
                (None, true) => resource.latest_revision_id,
                (None, false) => publications::last_published_anywhere(connection, &[id].into())?.remove(&id),
            };
            let revision = revision.ok_or(Error::NotFound)?;
            let content = resources::find_revision(connection, id, revision)?.ok_or(Error::NotFound)?.content;
            let offered = if is_owner { offers::list_by_resource(connection, id)? } else { Vec::new() };
            let told = told_with(connection, &offered, me, &content.body)?;
            let mut ids: BTreeSet<ChannelId> = placed.iter().map(|placement| placement.channel_id).collect();
            ids.extend(offered.iter().map(|offer| offer.channel_id));
            let channels = channels::list_anywhere(connection, &ids)?;
            let times = schedules::list_times_of_offers(connection, &offered.iter().map(|offer| offer.id).collect::<Vec<_>>())?;
            let people = offered.iter().flat_map(|offer| [Some(offer.offered_by), offer.decided_by]).flatten();
            let names = Names::find(connection, people)?;
            Ok::<_, Error>((resource, is_owner, waits, content.title, placed, offered, told, channels, times, names))
        })
        .await?;
    let live: Vec<&Placement> = placed.iter().filter(|placement| placement.live).collect();
    let sites: BTreeSet<_> = live.iter().map(|placement| placement.site_id).collect();
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        title,
        owner: site_name(&app, resource.site_id),
        is_owner,
        is_of_site: resource.site_id == site,
        waits,
        may_push: is_owner
            && resource.state == ResourceState::Live
            && !waits
            && scope.may_in(Permission::Push, resource.channel_id),
        live: live.len(),
        sites: sites.len(),
        places: placed.iter().map(|placement| line(&app, &scope, placement, &channels)).collect(),
        offers: offered
            .into_iter()
            .map(|offer| Sent {
                annotations: told.get(&offer.id).cloned().unwrap_or_default(),
                ..sent(&app, &scope, resource.channel_id, offer, &channels, &times, &names)
            })
            .collect(),
    };
    let frame = Frame::site(&scope, if is_owner { Place::Desk } else { Place::Offers }, "展示位置");
    screens::draw("places.html", frame.noticed(notice::find(&wish.done)), screen)
}

fn line(app: &App, scope: &Scope, placement: &Placement, channels: &HashMap<ChannelId, Channel>) -> Line {
    let site = app.tenants.list().into_iter().find(|site| site.id == placement.site_id);
    let base = site.map(|site| app.engine.settings.public_url(&site.key, &site.domain)).unwrap_or_default();
    // What another site prepares is its own affair until it goes live.
    let is_hidden = placement.waits && placement.site_id != scope.site.id;
    let known = |text: &str| if is_hidden { String::new() } else { text.to_owned() };
    let path = known(&placement.path);
    let (state, tone) = match (placement.live, placement.removed) {
        (true, _) => ("展示中", "live"),
        _ if is_hidden => ("待上线", "waiting"),
        _ if placement.waits => ("待专题上线", "waiting"),
        (false, true) => ("该站已撤下", "withdrawn"),
        (false, false) => ("已撤回", "withdrawn"),
    };
    Line {
        site: site_name(app, placement.site_id),
        channel: known(&channel_name(scope.site.id, channels, placement.channel_id)),
        url: format!("{base}{path}"),
        path,
        prefix: known(&placement.title_prefix),
        state,
        tone,
        since: (!placement.waits).then(|| placement.published_at.into()),
        origin: placement.origin.chinese(),
        set: (placement.stands()
            && placement.site_id == scope.site.id
            && scope.may_in(Permission::Withdraw, placement.channel_id))
        .then_some(placement.id),
    }
}

fn sent(
    app: &App,
    scope: &Scope,
    lies_in: ChannelId,
    offer: Offer,
    channels: &HashMap<ChannelId, Channel>,
    times: &HashMap<OfferId, NaiveDateTime>,
    names: &Names,
) -> Sent {
    Sent {
        id: offer.id,
        site: site_name(app, offer.site_id),
        channel: channel_name(scope.site.id, channels, offer.channel_id),
        origin: if offer.origin == Origin::Push { "推送" } else { "对方订阅" },
        state: offer.state.chinese(),
        tone: tone(offer.state),
        by: names.of(offer.offered_by),
        at: offer.offered_at.into(),
        decided_by: offer.decided_by.map(|by| names.of(by)),
        decided_at: offer.decided_at.map(Moment::from),
        place_at: times.get(&offer.id).copied().map(told),
        may_cancel: offer.origin == Origin::Push && offer.state.is_undecided() && scope.may_in(Permission::Push, lies_in),
        note: offer.note,
        reason: offer.reason,
        annotations: Annotations::default(),
    }
}

/// What the sites that declined said at places in the text: with that it is the owner's affair, too.
fn told_with(
    connection: &mut Connection,
    offers: &[Offer],
    me: UserId,
    body: &str,
) -> store::Result<HashMap<OfferId, Annotations>> {
    let declined: Vec<OfferId> =
        offers.iter().filter(|offer| offer.state == OfferState::Declined).map(|offer| offer.id).collect();
    let said = annotations::list_by_offers(connection, &declined)?;
    said.into_iter().map(|(id, all)| Ok((id, Annotations::of(connection, all, me, body)?))).collect()
}
