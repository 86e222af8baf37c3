//! The public's door: published pages of the site the visitor asked for, served from memory.

mod answer;
mod bounded;
mod memory;
mod shelf;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::Site;
use publish::address::{EMERGENCY, STATE};
use web::{Access, App, Plugin, Route, Tenant};

use memory::{Memory, Shown};

/// The portal of every site.
pub struct Portal {
    memory: Arc<Memory>,
}

impl Portal {
    /// A portal that keeps at most `settings.web.memory_bytes` of pages in memory and hears what changes from the bus.
    pub fn new(engine: &Arc<publish::Engine>) -> Self {
        let memory = Arc::new(Memory::new(engine.settings.web.memory_bytes));
        Memory::follow(&memory, engine);
        Self { memory }
    }
}

impl Plugin for Portal {
    fn name(&self) -> &'static str {
        "portal"
    }

    fn routes(&self) -> Vec<Route> {
        let [front, other] = [Arc::clone(&self.memory), Arc::clone(&self.memory)];
        vec![
            Route::get("/", Access::Anyone, move |state, tenant, request| show(front, state, tenant, request)).on_sites(),
            Route::get("/{*path}", Access::Anyone, move |state, tenant, request| show(other, state, tenant, request)).on_sites(),
        ]
    }

    /// Nearly every visitor asks for a page that is in memory.
    fn at_hand(&self, site: &Site, request: &Request) -> Option<Response> {
        let path = request.uri().path();
        match self.memory.held(site.id, path).filter(|_| !is_inner(path))?.as_ref() {
            Shown::Page(page) => Some(answer::page(page, request)),
            _ => None,
        }
    }
}

async fn show(
    memory: Arc<Memory>,
    State(app): State<Arc<App>>,
    Extension(Tenant(site)): Extension<Tenant>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let shown = if is_inner(path) { Arc::new(Shown::Missing) } else { memory.find(&app, &site, path).await };
    match shown.as_ref() {
        Shown::Page(page) => answer::page(page, &request),
        Shown::Moved(to) => answer::moved(to),
        Shown::Gone => failed(&memory, &app, &site, StatusCode::GONE).await,
        Shown::Missing => failed(&memory, &app, &site, StatusCode::NOT_FOUND).await,
        Shown::Unavailable => failed(&memory, &app, &site, StatusCode::SERVICE_UNAVAILABLE).await,
    }
}

/// Error pages have no address of their own; what every page of a site asks for has one.
fn is_inner(path: &str) -> bool {
    path.starts_with("/_") && ![STATE, EMERGENCY].contains(&path)
}

/// The site's own page for an error, or a bare line when it has not been rendered yet.
async fn failed(memory: &Memory, app: &Arc<App>, site: &Arc<Site>, status: StatusCode) -> Response {
    let path = publish::address::error(status.as_u16());
    match memory.find(app, site, &path).await.as_ref() {
        Shown::Page(page) => answer::error(status, page),
        _ => answer::bare(status),
    }
}
