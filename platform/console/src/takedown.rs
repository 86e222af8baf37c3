//! Emergency takedown (紧急下架): the city finds a resource of any site, takes it down, and sees when it is gone everywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use model::{
    Outcome, PageKind, PlacementId, PublicationId, PublicationKind, Receipt, ReceiptPage, Resource, ResourceId, ResourceState,
    Site, SiteId,
};
use publish::commands::takedown;
use publish::{CommandError, Told};
use serde::{Deserialize, Serialize};
use store::{Connection, pages, placements, publications, resources};
use web::{App, Error, SignedIn};

use crate::moment::{Moment, span};
use crate::names::Names;
use crate::offers::site_name;
use crate::screens::{self, Frame, Place};

/// Lines of each list.
const MOST: i64 = 50;

/// Pages are read back through one node; another that no bus tells of changes looks for them each second. Only when it has
/// had time to is the takedown called done.
const SETTLING: TimeDelta = TimeDelta::seconds(2);

/// What is searched for.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    q: String,
}

/// Why.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    reason: String,
}

#[derive(Serialize)]
struct Search {
    q: String,
    found: Vec<Hit>,
    past: Vec<Past>,
}

/// A live resource that was found.
#[derive(Serialize)]
struct Hit {
    id: ResourceId,
    title: String,
    site: String,
    kind: &'static str,
    index_number: Option<String>,
    published: Option<Moment>,
}

/// An earlier takedown.
#[derive(Serialize)]
struct Past {
    id: PublicationId,
    title: String,
    reason: String,
    at: Moment,
    is_complete: bool,
}

#[derive(Serialize)]
struct Confirm {
    hit: Hit,
    places: Vec<Shown>,
    sites: usize,
    reason: String,
    problem: String,
}

#[derive(Serialize)]
struct Shown {
    site: String,
    url: String,
}

#[derive(Serialize)]
struct Progress {
    id: PublicationId,
    title: String,
    owner: String,
    reason: String,
    actor: String,
    requested: Moment,
    took: String,
    tone: &'static str,
    word: &'static str,
    text: String,
    is_done: bool,
    /// Sites not yet done come first.
    sites: Vec<OnSite>,
    gone: usize,
    verified: usize,
    total: usize,
}

/// How far it is on one site.
#[derive(Serialize)]
struct OnSite {
    name: String,
    is_done: bool,
    left: Vec<Left>,
    total: usize,
}

/// A page that is not gone, or not seen to be.
#[derive(Serialize)]
struct Left {
    url: String,
    tone: &'static str,
    text: &'static str,
}

/// GET /console/takedown
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let wanted = wish.q.trim().to_owned();
    let address = address(&app, &wanted);
    let (found, past) = app
        .read(move |connection| {
            let found = match (address, wanted.is_empty()) {
                (_, true) => Vec::new(),
                (Some((site, path)), _) => by_address(connection, site, &path)?.into_iter().collect(),
                (None, _) => resources::search_live_anywhere(connection, &wanted, MOST)?,
            };
            Ok::<_, Error>((found, publications::list_takedowns_anywhere(connection, MOST)?))
        })
        .await?;
    let screen = Search {
        found: found.into_iter().map(|(resource, title)| hit(&app, resource, title)).collect(),
        past: past
            .into_iter()
            .map(|(publication, title)| Past {
                id: publication.id,
                title,
                reason: publication.reason,
                at: publication.requested_at.into(),
                is_complete: publication.completed_at.is_some(),
            })
            .collect(),
        q: wish.q,
    };
    screens::draw("takedown.html", Frame::platform(&signed_in, Place::Takedown, "紧急下架"), screen)
}

/// GET /console/takedown/{id}
pub(crate) async fn ask(State(app): State<Arc<App>>, signed_in: SignedIn, Path(id): Path<ResourceId>) -> Result<Response, Error> {
    confirm(&app, &signed_in, id, Typed::default(), String::new(), StatusCode::OK).await
}

/// POST /console/takedown/{id}
pub(crate) async fn order(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<ResourceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, reason) = (signed_in.actor(), typed.reason.clone());
    match app.command(move |engine| takedown::order(engine, &actor, id, &reason)).await {
        Ok(publication) => Ok(Redirect::to(&format!("/console/takedown/receipts/{publication}")).into_response()),
        Err(CommandError::Invalid(problems)) => {
            let problem = crate::resource::sentence(problems);
            confirm(&app, &signed_in, id, typed, problem, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// GET /console/takedown/receipts/{publication}
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<PublicationId>,
) -> Result<Html<String>, Error> {
    let engine = Arc::clone(&app.engine);
    let (owner, receipt, told, title, actor) = app
        .read(move |connection| {
            let (owner, receipt) = publications::find_receipt_anywhere(connection, id)?.ok_or(Error::NotFound)?;
            let publication = &receipt.publication;
            if publication.kind != PublicationKind::Takedown {
                return Err(Error::NotFound);
            }
            let revision = resources::find_revision(connection, publication.resource_id, publication.revision_id)?;
            let title = revision.ok_or(Error::NotFound)?.content.title;
            let actor = publication.actor_id.unwrap_or(model::UserId(0));
            let actor = Names::find(connection, [actor])?.of(actor);
            let told = publish::told(&engine, connection, &receipt)?;
            Ok::<_, Error>((owner, receipt, told, title, actor))
        })
        .await?;
    let screen = progress(&app, owner, &receipt, told, title, actor);
    let heading = if screen.is_done { "已全部下架" } else { "正在下架" };
    screens::draw("takedown_progress.html", Frame::platform(&signed_in, Place::Takedown, heading), screen)
}

/// An address as pasted from a browser, as a site and the path within it.
fn address(app: &App, text: &str) -> Option<(SiteId, String)> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let (host, path) = rest.split_once('/')?;
    let host = host.split(':').next().unwrap_or_default().to_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some((app.tenants.find_by_host(&host)?.site.id, format!("/{path}")))
}

/// The live resource behind an address that it has or once had.
fn by_address(connection: &mut Connection, site: SiteId, path: &str) -> Result<Option<(Resource, String)>, Error> {
    let page = pages::find(connection, site, path)?.filter(|page| page.kind == PageKind::Article);
    let Some(page) = page else { return Ok(None) };
    let Some(placement) = placements::find(connection, site, PlacementId(page.subject))? else { return Ok(None) };
    live(connection, placement.resource_id)
}

fn live(connection: &mut Connection, id: ResourceId) -> Result<Option<(Resource, String)>, Error> {
    let Some(resource) = resources::find_anywhere(connection, id)? else { return Ok(None) };
    let Some(live) = resource.live_revision_id.filter(|_| resource.state == ResourceState::Live) else { return Ok(None) };
    let revision = resources::find_revision(connection, id, live)?;
    Ok(revision.map(|revision| (resource, revision.content.title)))
}

fn hit(app: &App, resource: Resource, title: String) -> Hit {
    Hit {
        id: resource.id,
        title,
        site: site_name(app, resource.site_id),
        kind: resource.kind.chinese(),
        index_number: resource.index_number,
        published: resource.published_at.map(Moment::from),
    }
}

async fn confirm(
    app: &Arc<App>,
    signed_in: &SignedIn,
    id: ResourceId,
    typed: Typed,
    problem: String,
    status: StatusCode,
) -> Result<Response, Error> {
    let ((resource, title), placed) = app
        .read(move |connection| {
            let found = live(connection, id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((found, placements::list_by_resource(connection, id)?))
        })
        .await?;
    let sites = app.tenants.list();
    let shown: Vec<(&Arc<Site>, String)> = placed
        .iter()
        .filter(|placement| placement.live)
        .filter_map(|placement| {
            let site = sites.iter().find(|site| site.id == placement.site_id)?;
            Some((site, format!("{}{}", app.engine.settings.public_url(&site.key, &site.domain), placement.path)))
        })
        .collect();
    let distinct: std::collections::BTreeSet<SiteId> = shown.iter().map(|(site, _)| site.id).collect();
    let screen = Confirm {
        hit: hit(app, resource, title),
        sites: distinct.len(),
        places: shown.into_iter().map(|(site, url)| Shown { site: site.short_name.clone(), url }).collect(),
        reason: typed.reason,
        problem,
    };
    let frame = Frame::platform(signed_in, Place::Takedown, "确认紧急下架");
    Ok((status, screens::draw("takedown_confirm.html", frame, screen)?).into_response())
}

fn progress(app: &App, owner: SiteId, receipt: &Receipt, told: Told, title: String, actor: String) -> Progress {
    let publication = &receipt.publication;
    let sites = by_site(app, receipt);
    let waiting = sites.iter().filter(|site| !site.is_done).count();
    let now = app.engine.clock.now();
    let has_settled = publication.completed_at.is_some_and(|last| now - last >= SETTLING);
    let is_done = receipt.is_verified() && has_settled && told == Told::All;
    let has_failed = receipt.pages.iter().any(|page| page.verified == Some(false) || is_failing(page));
    let (tone, word, text) = if is_done {
        ("done", "已全部下架", format!("已从 {} 个站点下架，全部 {} 个页面均已核验。", sites.len(), receipt.pages.len()))
    } else if publication.resolved_at.is_none() {
        ("waiting", "正在下架", "正在查找受影响的页面。".to_owned())
    } else if has_failed {
        ("failed", "尚未完成", format!("还有 {waiting} 个站点未完成，部分页面出错，系统正在自动重试，请联系运维人员。"))
    } else if receipt.is_verified() && told == Told::SetAside {
        let text = "全部页面均已核验，但多次通知内容分发网络清除缓存均未成功，请联系运维人员在“运行状况”中处理。";
        ("failed", "尚未完成", text.to_owned())
    } else if receipt.is_verified() && told == Told::Waiting {
        ("waiting", "正在下架", "全部页面均已核验，正在通知内容分发网络清除缓存。".to_owned())
    } else if receipt.is_verified() {
        ("waiting", "正在下架", "全部页面均已核验，正在等待各服务节点同步。".to_owned())
    } else {
        ("waiting", "正在下架", format!("还有 {waiting} 个站点未完成，本页会自动更新。"))
    };
    Progress {
        id: publication.id,
        title,
        owner: site_name(app, owner),
        reason: publication.reason.clone(),
        actor,
        requested: publication.requested_at.into(),
        took: span(receipt.milliseconds().unwrap_or_else(|| (now - publication.requested_at).num_milliseconds())),
        tone,
        word,
        text,
        is_done,
        gone: receipt.pages.len() - receipt.count(Outcome::Pending),
        verified: receipt.pages.iter().filter(|page| page.verified == Some(true)).count(),
        total: receipt.pages.len(),
        sites,
    }
}

fn by_site(app: &App, receipt: &Receipt) -> Vec<OnSite> {
    let mut by_site: BTreeMap<SiteId, Vec<&ReceiptPage>> = BTreeMap::new();
    for page in &receipt.pages {
        by_site.entry(page.site_id).or_default().push(page);
    }
    let sites = app.tenants.list();
    let mut lines: Vec<OnSite> = by_site
        .into_iter()
        .map(|(id, pages)| {
            let site = sites.iter().find(|site| site.id == id);
            let base = site.map(|site| app.engine.settings.public_url(&site.key, &site.domain)).unwrap_or_default();
            let left: Vec<Left> = pages.iter().filter_map(|page| left(&base, page)).collect();
            OnSite { name: site_name(app, id), is_done: left.is_empty(), left, total: pages.len() }
        })
        .collect();
    lines.sort_by_key(|line| line.is_done);
    lines
}

fn left(base: &str, page: &ReceiptPage) -> Option<Left> {
    let (tone, text) = match (page.outcome, page.verified) {
        _ if is_failing(page) => ("failed", "生成失败，正在重试"),
        (Outcome::Pending, _) => ("draft", "等待更新"),
        (_, Some(true)) => return None,
        (_, Some(false)) => ("failed", "核验不一致，正在重试"),
        (_, None) => ("reviewing", "已更新，等待核验"),
    };
    Some(Left { url: format!("{base}{}", page.path), tone, text })
}

fn is_failing(page: &ReceiptPage) -> bool {
    page.failure.is_some() && page.outcome == Outcome::Pending
}
