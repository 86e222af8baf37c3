//! The receipt (回执): is it live, where, since when, and how long did it take.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Html;
use chrono::{NaiveDateTime, TimeDelta};
use model::{
    Outcome, Permission, PlacementId, PublicationId, PublicationKind, Receipt, ReceiptPage, ResourceId, Site, SiteId, SiteState,
};
use serde::Serialize;
use store::{placements, publications, resources, site_states};
use web::{App, Error, Scope};

use crate::moment::{Moment, span};
use crate::names::Names;
use crate::resource::check_within;
use crate::screens::{self, Frame, Place};

/// Reading back is waited for this long; where nobody serves the pages it never comes.
pub(crate) const PATIENCE: TimeDelta = TimeDelta::seconds(30);

#[derive(Serialize)]
struct Screen {
    key: String,
    id: PublicationId,
    resource: ResourceId,
    title: String,
    revision: i64,
    is_withdrawal: bool,
    is_takedown: bool,
    /// Whether the text is shown to nobody before its topic goes live.
    waits: bool,
    reason: String,
    actor: String,
    requested: Moment,
    completed: Option<Moment>,
    took: String,
    milliseconds: Option<i64>,
    status: Status,
    /// Milliseconds after which to look again; none when there is nothing to wait for.
    again: Option<i64>,
    sites: Vec<OnSite>,
    changed: usize,
    unchanged: usize,
    pending: usize,
    total: usize,
    /// Pages read back and found as published.
    verified: usize,
}

/// The answer in one word, with its tone.
#[derive(Serialize)]
struct Status {
    tone: &'static str,
    title: &'static str,
    text: String,
}

/// What it did on one site.
#[derive(Serialize)]
struct OnSite {
    name: String,
    short_name: String,
    took: Option<String>,
    /// Said where the site was shut when the pages were made.
    shut: Option<String>,
    /// Where the text itself can be read; none: not there, or not yet.
    readable: Option<String>,
    /// The pages of the text itself.
    own: Vec<Line>,
    /// The pages that name it: fronts, lists, maps.
    others: Vec<Line>,
    /// Whether one of the others needs a person to look at it.
    trouble: bool,
}

#[derive(Serialize)]
struct Line {
    path: String,
    url: String,
    outcome: &'static str,
    tone: &'static str,
    live_at: Option<Moment>,
    took: Option<String>,
    verified: &'static str,
    verified_tone: &'static str,
}

/// Where a receipt is shown.
pub(crate) fn address(scope: &Scope, id: PublicationId) -> String {
    format!("/console/{}/receipts/{id}", scope.site.key)
}

/// GET /console/{site}/receipts/{publication}
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PublicationId)>,
) -> Result<Html<String>, Error> {
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    let (receipt, revision, actor, own, waits, shut) = app
        .read(move |connection| {
            let receipt = publications::find_receipt(connection, site, id)?.ok_or(Error::NotFound)?;
            let publication = &receipt.publication;
            check_within(connection, site, publication.resource_id, &within)?;
            let revision =
                resources::find_revision(connection, publication.resource_id, publication.revision_id)?.ok_or(Error::NotFound)?;
            let actor = publication.actor_id.unwrap_or(model::UserId(0));
            let actor = Names::find(connection, [actor])?.of(actor);
            let own = placements::list_by_resource(connection, publication.resource_id)?;
            let own: Own = own.into_iter().map(|one| one.id).collect();
            // How sites stood when all was made: that is what reading back met.
            let standings = site_states::list_everywhere(connection, publication.completed_at)?;
            let shut: Shut =
                standings.into_iter().filter(|(_, one)| one.state.is_shut()).map(|(id, one)| (id, one.state)).collect();
            let waits =
                resources::list_waiting(connection, &[publication.resource_id].into())?.contains(&publication.resource_id);
            Ok::<_, Error>((receipt, revision, actor, own, waits, shut))
        })
        .await?;
    let now = app.engine.clock.now();
    let publication = &receipt.publication;
    let screen = Screen {
        key: scope.site.key.clone(),
        id,
        resource: publication.resource_id,
        title: revision.content.title,
        revision: revision.number,
        is_withdrawal: publication.kind.takes_down(),
        is_takedown: publication.kind == PublicationKind::Takedown,
        waits,
        reason: publication.reason.clone(),
        actor,
        requested: publication.requested_at.into(),
        completed: publication.completed_at.map(Moment::from),
        took: span(receipt.milliseconds().unwrap_or_else(|| (now - publication.requested_at).num_milliseconds())),
        milliseconds: receipt.milliseconds(),
        status: status(&receipt, waits, &shut),
        again: again(&receipt, now),
        sites: by_site(&app, &receipt, &own, &shut),
        changed: receipt.count(Outcome::Written) + receipt.count(Outcome::Removed),
        unchanged: receipt.count(Outcome::Unchanged),
        pending: receipt.count(Outcome::Pending),
        total: receipt.pages.len(),
        verified: receipt.pages.iter().filter(|page| page.verified == Some(true)).count(),
    };
    screens::draw("receipt.html", Frame::site(&scope, Place::Desk, "回执"), screen)
}

/// The sites that let nobody in, and why.
type Shut = HashMap<SiteId, SiteState>;

/// The placements of the text itself.
type Own = HashSet<PlacementId>;

/// `waits`: the text is shown to nobody before its topic goes live.
fn status(receipt: &Receipt, waits: bool, shut: &Shut) -> Status {
    let is_withdrawal = receipt.publication.kind.takes_down();
    let (waiting, open): (BTreeSet<_>, BTreeSet<_>) =
        receipt.pages.iter().map(|page| page.site_id).partition(|site| shut.contains_key(site));
    let (sites, away) = (open.len(), waiting.len());
    let has_failed = receipt.pages.iter().any(|page| page.failure.is_some() && page.outcome == Outcome::Pending);
    let (tone, title, text) = if has_failed {
        ("failed", "部分页面生成失败", "系统将自动重试，原有页面保持不变；请将下方标记的页面告知运维人员。".to_owned())
    } else if receipt.publication.completed_at.is_none() {
        let title = match (is_withdrawal, waits) {
            (true, _) => "正在撤下",
            (false, true) => "正在准备",
            (false, false) => "正在上线",
        };
        ("waiting", title, "页面正在生成，通常不到一秒即可完成。".to_owned())
    } else if !receipt.is_live() {
        ("failed", "上线核验未通过", "有页面的公众访问内容与发布内容不一致，请查看下方标记并联系运维人员。".to_owned())
    } else if is_withdrawal {
        ("done", "已撤下", format!("已从 {} 个站点撤下，公众无法再访问。", sites + away))
    } else if waits {
        ("done", "已备好", "稿件已通过审核，所属专题正在筹备；专题上线时一并公开。".to_owned())
    } else if receipt.pages.is_empty() {
        ("done", "已上线", "公众可以访问。".to_owned())
    } else if sites == 0 && away > 0 {
        ("done", "已备好", "站点尚未对公众开放，网页已经备好，开放后即刻可见。".to_owned())
    } else if away > 0 {
        let text =
            format!("已在 {sites} 个站点上线，公众可以访问；另有 {away} 个站点尚未对公众开放，网页已经备好，开放后即刻可见。");
        ("done", "已上线", text)
    } else {
        ("done", "已上线", format!("已在 {sites} 个站点上线，公众可以访问。"))
    };
    Status { tone, title, text }
}

/// When to look again: often at first, then less; not at all once everything is known.
fn again(receipt: &Receipt, now: NaiveDateTime) -> Option<i64> {
    match receipt.publication.completed_at {
        None => Some(if now - receipt.publication.requested_at < TimeDelta::seconds(15) { 500 } else { 3_000 }),
        Some(done) => {
            let unread = receipt.pages.iter().any(|page| page.verified.is_none());
            (unread && now - done < PATIENCE).then_some(500)
        }
    }
}

fn by_site(app: &App, receipt: &Receipt, own: &Own, shut: &Shut) -> Vec<OnSite> {
    let requested = receipt.publication.requested_at;
    let mut places = Vec::new();
    for site in app.tenants.list() {
        let pages: Vec<&ReceiptPage> = receipt.pages.iter().filter(|page| page.site_id == site.id).collect();
        if pages.is_empty() {
            continue;
        }
        let last = pages.iter().filter_map(|page| page.live_at).max().filter(|_| pages.iter().all(|page| page.live_at.is_some()));
        let (own, others): (Vec<_>, Vec<_>) =
            pages.into_iter().partition(|page| page.article.is_some_and(|id| own.contains(&id)));
        let lines = |pages: &[&ReceiptPage]| pages.iter().map(|page| line(app, &site, page, requested)).collect::<Vec<_>>();
        let is_readable = !receipt.publication.kind.takes_down() && !shut.contains_key(&site.id);
        let own_lines = lines(&own);
        places.push(OnSite {
            took: last.map(|last| span((last - requested).num_milliseconds())),
            shut: shut.get(&site.id).map(|state| format!("站点当时{}，未从公众入口核验，按备好的网页核验。", state.chinese())),
            readable: own.iter().position(|page| is_readable && page.live_at.is_some()).map(|at| own_lines[at].url.clone()),
            own: own_lines,
            others: lines(&others),
            trouble: others.iter().any(|page| page.failure.is_some() || page.verified == Some(false)),
            short_name: site.short_name.clone(),
            name: site.name.clone(),
        });
    }
    places
}

fn line(app: &App, site: &Site, page: &ReceiptPage, requested: NaiveDateTime) -> Line {
    let (verified, verified_tone) = match page.verified {
        Some(true) => ("一致", "done"),
        Some(false) => ("不一致", "failed"),
        None => ("未核验", "waiting"),
    };
    Line {
        url: format!("{}{}", app.engine.settings.public_url(&site.key, &site.domain), page.path),
        path: page.path.clone(),
        outcome: if page.failure.is_some() { "生成失败" } else { page.outcome.chinese() },
        tone: if page.failure.is_some() { "failed" } else { page.outcome.as_str() },
        live_at: page.live_at.map(Moment::from),
        took: page.live_at.map(|live| span((live - requested).num_milliseconds())),
        verified,
        verified_tone,
    }
}
