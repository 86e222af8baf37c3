//! From a listening socket to the right door: the console for its hosts, a site for its own, a plain 404 for everybody else.

use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener, ListenerExt};
use publish::address::{EMERGENCY, SHUTTER, STATE};
use tokio::net::TcpListener;
use tower::{Service, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::error::{draw, draw_on_site};
use crate::guard::{Gate, guard};
use crate::headers::{Hsts, say_hsts, say_of_console, say_of_site};
use crate::{App, Door, Plugin};

/// Every plugin behind its doors. The server clones it for each connection.
#[derive(Clone)]
pub struct Front(Arc<Doors>);

struct Doors {
    app: Arc<App>,
    plugins: Vec<Box<dyn Plugin>>,
    console: Router,
    citizens: Router,
    sites: Router,
    hsts: Hsts,
}

impl Front {
    /// Every plugin's routes behind their doors.
    pub fn new(app: &Arc<App>, plugins: Vec<Box<dyn Plugin>>) -> Self {
        let console = doors(app, &plugins, Door::Console)
            .layer(CsrfLayer::new())
            .layer(CatchPanicLayer::new())
            .layer(map_response(console_headers))
            .layer(from_fn_with_state((Arc::clone(app), Door::Console), draw))
            .with_state(Arc::clone(app));
        let citizens = doors(app, &plugins, Door::Citizens)
            .layer(CsrfLayer::new())
            .layer(CatchPanicLayer::new())
            .layer(map_response(console_headers))
            .layer(from_fn_with_state((Arc::clone(app), Door::Citizens), draw))
            .with_state(Arc::clone(app));
        let sites = doors(app, &plugins, Door::Site)
            .layer(CatchPanicLayer::new())
            .layer(map_response(site_headers))
            .layer(from_fn_with_state(Arc::clone(app), draw_on_site))
            .with_state(Arc::clone(app));
        let hsts = Hsts::of(&app.engine.settings.web);
        Self(Arc::new(Doors { app: Arc::clone(app), plugins, console, citizens, sites, hsts }))
    }

    /// Answers requests until `stop` resolves, then finishes those under way.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        // Small answers must not wait for more to send.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection closed at once");
            }
        });
        let app = Arc::clone(&self.0.app);
        let stopped = async move {
            stop.await;
            app.close();
        };
        axum::serve(listener, self).with_graceful_shutdown(stopped).await
    }
}

/// One connection, from this address.
#[derive(Clone)]
pub struct Line {
    front: Front,
    peer: SocketAddr,
}

impl<L: Listener<Addr = SocketAddr>> Service<IncomingStream<'_, L>> for Front {
    type Response = Line;
    type Error = Infallible;
    type Future = Ready<Result<Line, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, stream: IncomingStream<'_, L>) -> Self::Future {
        ready(Ok(Line { front: self.clone(), peer: *stream.remote_addr() }))
    }
}

impl Service<Request> for Line {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let doors = &self.front.0;
        let (router, hsts) = match doors.open(&mut request) {
            Opened::Answered(mut response) => {
                say_hsts(&mut response, doors.hsts.sites.as_ref());
                return Box::pin(ready(Ok(response)));
            }
            Opened::Console => (doors.console.clone(), doors.hsts.console.clone()),
            Opened::Citizens => (doors.citizens.clone(), doors.hsts.console.clone()),
            Opened::Sites => (doors.sites.clone(), doors.hsts.sites.clone()),
        };
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = router.oneshot(request);
        Box::pin(async move {
            let mut response = answer.await?;
            say_hsts(&mut response, hsts.as_ref());
            Ok(response)
        })
    }
}

/// Where a request goes.
enum Opened {
    Answered(Response),
    Console,
    Citizens,
    Sites,
}

impl Doors {
    fn open(&self, request: &mut Request) -> Opened {
        let host = host(request);
        if self.app.engine.settings.web.console_hosts.iter().any(|known| *known == *host) {
            return Opened::Console;
        }
        if self.app.engine.settings.citizens.host() == Some(&*host) {
            return Opened::Citizens;
        }
        let Some(tenant) = self.app.tenants.find_by_host(&host) else {
            // Nothing here may tell a stranger which sites there are.
            let mut response = (StatusCode::NOT_FOUND, "404 Not Found\n").into_response();
            say_of_site(response.headers_mut());
            return Opened::Answered(response);
        };
        if tenant.shut.is_some() {
            lead_to_shutter(request);
        } else if request.method() == Method::GET
            && let Some(response) = self.plugins.iter().find_map(|plugin| plugin.at_hand(&tenant.site, request))
        {
            return Opened::Answered(response);
        }
        request.extensions_mut().insert(tenant);
        Opened::Sites
    }
}

/// Before a site that is shut everybody is shown its notice, whatever they came for; what the notice is drawn with is let through.
fn lead_to_shutter(request: &mut Request) {
    let path = request.uri().path();
    if path.starts_with("/assets/") || [STATE, EMERGENCY].contains(&path) {
        return;
    }
    *request.uri_mut() = Uri::from_static(SHUTTER);
    if request.method() != Method::HEAD {
        *request.method_mut() = Method::GET;
    }
}

fn doors(app: &Arc<App>, plugins: &[Box<dyn Plugin>], door: Door) -> Router<Arc<App>> {
    let mut router = Router::new();
    for route in plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == door) {
        let allowance = route.allowance;
        let guarded = route.handler.layer((
            TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, allowance.patience),
            DefaultBodyLimit::max(allowance.bytes),
            from_fn_with_state(
                Gate {
                    app: Arc::clone(app),
                    access: route.access,
                    proof: route.proof,
                    confirmed: route.confirmed,
                    most: allowance.bytes,
                },
                guard,
            ),
        ));
        router = router.route(route.path, guarded);
    }
    router
}

/// The host asked for, without port, in small letters.
fn host(request: &Request) -> Cow<'_, str> {
    let named = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).or_else(|| request.uri().host());
    let named = named.unwrap_or_default();
    let bare =
        if named.starts_with('[') { named.split(']').next().unwrap_or(named) } else { named.split(':').next().unwrap_or(named) };
    let bare = bare.trim_end_matches('.');
    if bare.bytes().any(|byte| byte.is_ascii_uppercase()) { bare.to_ascii_lowercase().into() } else { bare.into() }
}

async fn console_headers(mut response: Response) -> Response {
    say_of_console(response.headers_mut());
    response
}

async fn site_headers(mut response: Response) -> Response {
    say_of_site(response.headers_mut());
    response
}
