//! The public's door: published pages of the site the visitor asked for, served from memory.

mod answer;
mod bounded;
mod large;
mod memory;
mod readers;
mod shelf;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Site;
use publish::address::{EMERGENCY, SHUTTER, STATE};
use publish::{Engine, Opened, address};
use web::{Access, App, Plugin, Route, Shut, Tenant};

use memory::{Memory, Shown};
use shelf::Page;

/// Seconds after which a site that is shut is asked for again at the earliest: it may be back before it meant to.
const SHORTEST_WAIT: i64 = 3_600;

/// The portal of every site.
pub struct Portal {
    memory: Arc<Memory>,
    engine: Arc<Engine>,
}

impl Portal {
    /// A portal that keeps at most `settings.web.memory_bytes` of pages in memory and hears what changes from the bus.
    pub fn new(engine: &Arc<Engine>) -> Self {
        let memory = Arc::new(Memory::new(engine.settings.web.memory_bytes));
        Memory::follow(&memory, engine);
        Self { memory, engine: Arc::clone(engine) }
    }
}

impl Plugin for Portal {
    fn name(&self) -> &'static str {
        "portal"
    }

    fn routes(&self) -> Vec<Route> {
        let [front, other, mirrored] = [(); 3].map(|()| Arc::clone(&self.memory));
        vec![
            Route::get("/_count", Access::Anyone, move |state, tenant, request| count(mirrored, state, tenant, request))
                .on_sites(),
            Route::get("/", Access::Anyone, move |state, tenant, request| show(front, state, tenant, request)).on_sites(),
            Route::get("/{*path}", Access::Anyone, move |state, tenant, request| show(other, state, tenant, request)).on_sites(),
        ]
    }

    /// Nearly every visitor asks for a page that is in memory.
    fn at_hand(&self, site: &Site, request: &Request) -> Option<Response> {
        let path = request.uri().path();
        match self.memory.held(site.id, path).filter(|_| !is_inner(path))?.as_ref() {
            Shown::Page(page) => Some(answered(&self.engine, site, path, page, request)),
            _ => None,
        }
    }
}

async fn show(
    memory: Arc<Memory>,
    State(app): State<Arc<App>>,
    Extension(tenant): Extension<Tenant>,
    request: Request,
) -> Response {
    let Tenant { site, shut } = tenant;
    let path = address::normal(request.uri().path());
    if let Some(shut) = shut.filter(|_| path == SHUTTER) {
        return shuttered(&memory, &app, &site, shut).await;
    }
    if is_inner(&path) {
        return failed(&memory, &app, &site, StatusCode::NOT_FOUND).await;
    }
    let (shown, opened) = find_opened(&memory, &app, &site, &path).await;
    let query = request.uri().query().unwrap_or_default();
    match shown.at(query) {
        Shown::Page(page) => answered(&app.engine, &site, &path, page, &request),
        Shown::Large(large) => match opened {
            Some(opened) => answer::large(large, opened, &request),
            None => failed(&memory, &app, &site, StatusCode::SERVICE_UNAVAILABLE).await,
        },
        Shown::Moved(to) => answer::moved(to),
        Shown::Gone => failed(&memory, &app, &site, StatusCode::GONE).await,
        Shown::Missing | Shown::Redirected { .. } => failed(&memory, &app, &site, StatusCode::NOT_FOUND).await,
        Shown::Unavailable => failed(&memory, &app, &site, StatusCode::SERVICE_UNAVAILABLE).await,
    }
}

/// What is shown at an address. A large upload is opened for each visitor; if it is no more what was known of it, it is looked
/// for again.
async fn find_opened(memory: &Memory, app: &Arc<App>, site: &Arc<Site>, path: &str) -> (Arc<Shown>, Option<Opened>) {
    let mut shown = memory.find(app, site, path).await;
    for _ in 0..2 {
        let Shown::Large(large) = shown.as_ref() else { break };
        if let Some(opened) = large.open(&app.engine, &site.key, path).await {
            return (shown, Some(opened));
        }
        memory.forget(site.id, path);
        shown = memory.find(app, site, path).await;
    }
    (shown, None)
}

/// What a proxy that serves the pages itself tells of each request for an article: its address in a header, and the visitor's
/// own headers, of which nothing is kept. Only a trusted proxy is believed; it is told nothing.
async fn count(
    memory: Arc<Memory>,
    State(app): State<Arc<App>>,
    Extension(tenant): Extension<Tenant>,
    request: Request,
) -> Response {
    let site = tenant.site;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if !peer.is_some_and(|peer| web::is_trusted(peer, &app.engine.settings.web.trusted_proxies)) {
        return failed(&memory, &app, &site, StatusCode::NOT_FOUND).await;
    }
    let address = request.headers().get("x-original-uri").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = address::normal(address.split('?').next().unwrap_or_default());
    if address::is_article(&path)
        && readers::is_reader(request.method(), request.headers())
        && matches!(memory.find(&app, &site, &path).await.as_ref(), Shown::Page(_))
    {
        view(&app.engine, &site, &path);
    }
    StatusCode::NO_CONTENT.into_response()
}

/// A page, counted where it is an article and somebody reads it.
fn answered(engine: &Engine, site: &Site, path: &str, page: &Page, request: &Request) -> Response {
    let response = answer::page(page, request);
    if address::is_article(path)
        && readers::is_shown(response.status())
        && readers::is_reader(request.method(), request.headers())
    {
        view(engine, site, path);
    }
    response
}

fn view(engine: &Engine, site: &Site, path: &str) {
    engine.views.count(site.id, path, model::local(engine.clock.now()).date_naive());
}

/// Error pages have no address of their own; what every page of a site asks for has one.
fn is_inner(path: &str) -> bool {
    path.starts_with("/_") && ![STATE, EMERGENCY].contains(&path)
}

/// The notice of a site that is shut, and when it is worth while to come again.
async fn shuttered(memory: &Memory, app: &Arc<App>, site: &Arc<Site>, shut: Shut) -> Response {
    let mut response = match memory.find(app, site, SHUTTER).await.as_ref() {
        Shown::Page(page) => answer::error(StatusCode::SERVICE_UNAVAILABLE, page),
        _ => answer::bare(StatusCode::SERVICE_UNAVAILABLE),
    };
    let wait = shut.until.map_or(0, |until| (until - app.engine.clock.now()).num_seconds());
    response.headers_mut().insert(header::RETRY_AFTER, wait.max(SHORTEST_WAIT).into());
    response
}

/// The site's own page for an error, or a bare line when it has not been rendered yet.
async fn failed(memory: &Memory, app: &Arc<App>, site: &Arc<Site>, status: StatusCode) -> Response {
    let path = address::error(status.as_u16());
    match memory.find(app, site, &path).await.as_ref() {
        Shown::Page(page) => answer::error(status, page),
        _ => answer::bare(status),
    }
}
