//! Between a site and 用户中心. A site sends its visitor here with a state that it left in their browser; whoever is signed in is sent back with a
//! code, everybody else signs in first. The site takes the code, once, and knows them by a cookie of its own from then on.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use axum_extra::extract::CookieJar;
use model::Site;
use publish::commands::citizen;
use serde::{Deserialize, Serialize};
use web::{App, ClientAddress, Error, Tenant, begin_visit, find_citizen, hand_over, take_over};

use crate::screens::{self, Frame};

/// A cookie that scripts may read and that says nothing but that it is worth asking [`who`]: pages are the same for everybody, and without it
/// each visitor would have the platform asked.
const HERE: &str = "tongyuan-here";

/// Where to go on a site.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Begin {
    to: String,
}

/// GET /_user/enter, on a site
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Extension(tenant): Extension<Tenant>,
    Query(Begin { to }): Query<Begin>,
    jar: CookieJar,
) -> Response {
    let Some(center) = &app.engine.settings.citizens.address else { return StatusCode::NOT_FOUND.into_response() };
    let (state, cookie) = begin_visit(&app);
    let asked = [("site", tenant.site.key.as_str()), ("state", &state), ("to", local(&to))];
    let address = format!("{center}/enter?{}", query(&asked));
    private((jar.add(cookie), Redirect::to(&address)).into_response())
}

/// Who is sent here, whence, and where they want to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entering {
    site: String,
    state: String,
    to: String,
    /// Set where they come from a form, whose browser lets it lead no further than to ourselves.
    paused: String,
}

/// GET /enter
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Query(asked): Query<Entering>,
    jar: CookieJar,
) -> Result<Response, Error> {
    let site = app.tenants.find_by_key(&asked.site).filter(|_| !asked.state.is_empty()).ok_or(Error::NotFound)?;
    let Some(signed_in) = find_citizen(&app, &jar, None, address).await? else {
        let own = query(&[("site", &site.key), ("state", &asked.state), ("to", local(&asked.to)), ("paused", "1")]);
        let next = query(&[("next", &format!("/enter?{own}"))]);
        return Ok(Redirect::to(&format!("/sign-in?{next}")).into_response());
    };
    let code = hand_over(&app, &signed_in, site.id, &asked.state).await?;
    let there = back(&app, &site, &code, &asked);
    if asked.paused.is_empty() {
        return Ok(Redirect::to(&there).into_response());
    }
    screens::draw("onward.html", Frame::outside(&app, "正在返回"), Onward { address: &there, name: &site.name, leaves: false })
}

/// A page that leads elsewhere by itself: a form may lead nowhere but to ourselves.
#[derive(Serialize)]
pub(crate) struct Onward<'a> {
    pub(crate) address: &'a str,
    pub(crate) name: &'a str,
    pub(crate) leaves: bool,
}

/// The site's address is its own, never what somebody says it is.
fn back(app: &App, site: &Site, code: &str, asked: &Entering) -> String {
    let public = app.engine.settings.public_url(&site.key, &site.domain);
    format!("{public}/_user/come?{}", query(&[("code", code), ("state", &asked.state), ("to", local(&asked.to))]))
}

/// Who comes back to a site.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Coming {
    code: String,
    state: String,
    to: String,
}

/// GET /_user/come, on a site
pub(crate) async fn come(
    State(app): State<Arc<App>>,
    Extension(tenant): Extension<Tenant>,
    Query(asked): Query<Coming>,
    jar: CookieJar,
) -> Result<Response, Error> {
    let Some(center) = &app.engine.settings.citizens.address else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let Some(jar) = take_over(&app, jar, tenant.site.id, &asked.code, &asked.state).await? else {
        return Ok(private(Redirect::to(&format!("{center}/lost")).into_response()));
    };
    let mut response = (jar, Redirect::to(local(&asked.to))).into_response();
    response.headers_mut().append(SET_COOKIE, here(&app, "1; Max-Age=86400"));
    Ok(private(response))
}

/// GET /lost
pub(crate) async fn lost(State(app): State<Arc<App>>) -> Result<Response, Error> {
    screens::draw("lost.html", Frame::outside(&app, "登录没有完成"), ())
}

/// What a page of a site shows of its visitor.
#[derive(Serialize)]
struct Who {
    name: String,
}

/// GET /_user/me, on a site
pub(crate) async fn who(
    State(app): State<Arc<App>>,
    Extension(tenant): Extension<Tenant>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    let found = match find_citizen(&app, &jar, Some(tenant.site.id), address).await? {
        Some(signed_in) => {
            let engine = Arc::clone(&app.engine);
            app.read(move |connection| citizen::find(&engine.vault, connection, signed_in.id)).await?
        }
        None => None,
    };
    if let Some(citizen) = found {
        return Ok(private(Json(Who { name: citizen.shown_as() }).into_response()));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().append(SET_COOKIE, here(&app, "; Max-Age=0"));
    Ok(private(response))
}

fn here(app: &App, value: &'static str) -> HeaderValue {
    let secure = if app.engine.settings.web.secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{HERE}={value}; Path=/; SameSite=Lax{secure}"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Of one visitor: nobody keeps it.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    serde_html_form::to_string(pairs).unwrap_or_default()
}

/// An address of the same host, never another's.
pub(crate) fn local(to: &str) -> &str {
    let is_inside = to.starts_with('/') && !to.starts_with("//");
    let is_plain = to.chars().all(|letter| letter.is_ascii_graphic() && letter != '\\');
    if is_inside && is_plain { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_led_to_another_host() {
        for good in ["/", "/zwgk/1.html", "/enter?site=wangxi&state=1&to=%2F"] {
            assert_eq!(local(good), good);
        }
        for bad in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\r\nSet-Cookie: a", "javascript:alert(1)", "a"]
        {
            assert_eq!(local(bad), "/", "{bad}");
        }
    }
}
