//! From a listening socket to the right door: the console for its hosts, a site for its own, a plain 404 for everybody else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::error::draw;
use crate::guard::guard;
use crate::{App, Door, Plugin, Tenant};

/// Every plugin's routes behind their doors.
pub fn router(app: &Arc<App>, plugins: &[Box<dyn Plugin>]) -> Router {
    let console = doors(app, plugins, Door::Console)
        .layer(CsrfLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(map_response(console_headers))
        .layer(from_fn_with_state(Arc::clone(app), draw))
        .with_state(Arc::clone(app));
    let sites = doors(app, plugins, Door::Site).layer(CatchPanicLayer::new()).with_state(Arc::clone(app));
    Router::new().fallback(dispatch).with_state(Doors { app: Arc::clone(app), console, sites })
}

/// Answers requests until `stop` resolves, then finishes those under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Small answers must not wait for more to send.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection closed at once");
        }
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(stop).await
}

#[derive(Clone)]
struct Doors {
    app: Arc<App>,
    console: Router,
    sites: Router,
}

async fn dispatch(State(doors): State<Doors>, mut request: Request) -> Response {
    let host = host(&request);
    let answered = if doors.app.engine.settings.web.console_hosts.contains(&host) {
        doors.console.oneshot(request).await
    } else if let Some(site) = doors.app.tenants.find_by_host(&host) {
        request.extensions_mut().insert(Tenant(site));
        doors.sites.oneshot(request).await
    } else {
        // Nothing here may tell a stranger which sites there are.
        return (StatusCode::NOT_FOUND, "404 Not Found\n").into_response();
    };
    answered.unwrap_or_else(|never| match never {})
}

fn doors(app: &Arc<App>, plugins: &[Box<dyn Plugin>], door: Door) -> Router<Arc<App>> {
    let mut router = Router::new();
    for route in plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == door) {
        let allowance = route.allowance;
        let guarded = route.handler.layer((
            TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, allowance.patience),
            DefaultBodyLimit::max(allowance.bytes),
            from_fn_with_state((Arc::clone(app), route.access), guard),
        ));
        router = router.route(route.path, guarded);
    }
    router
}

/// The host asked for, without port, in small letters.
fn host(request: &Request) -> String {
    let named = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).or_else(|| request.uri().host());
    let named = named.unwrap_or_default();
    let bare =
        if named.starts_with('[') { named.split(']').next().unwrap_or(named) } else { named.split(':').next().unwrap_or(named) };
    bare.trim_end_matches('.').to_ascii_lowercase()
}

async fn console_headers(mut response: Response) -> Response {
    let wanted = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    let headers = response.headers_mut();
    for (name, value) in wanted {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
