//! Somebody who is not signed in. A cookie of their own, which opens nothing, holds the form they sign in with to their browser: no other
//! page can sign them in as somebody else.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;

use crate::App;
use crate::form_token::FormToken;
use crate::session::{guarded, random_token};

/// Whoever stands at the door.
pub struct Stranger {
    token: FormToken,
    /// Given to whoever has none yet.
    cookie: Option<Cookie<'static>>,
}

impl Stranger {
    /// Known by the cookie that the request brings, or somebody new.
    pub fn of(app: &App, jar: &CookieJar) -> Self {
        let name = name(app);
        if let Some(cookie) = jar.get(name) {
            return Self { token: FormToken::of(cookie.value()), cookie: None };
        }
        let value = random_token();
        Self { token: FormToken::of(&value), cookie: Some(guarded(app, name, value)) }
    }

    /// Whether a form with this token was drawn for them.
    pub fn sent(&self, token: &str) -> bool {
        self.token.is(token.as_bytes())
    }

    /// A screen as they are shown it: their token in its forms, and with their cookie.
    pub async fn shown(&self, screen: Response) -> Response {
        let mut screen = self.token.put(screen).await;
        let cookie = self.cookie.as_ref().and_then(|cookie| HeaderValue::from_str(&cookie.to_string()).ok());
        if let Some(cookie) = cookie {
            screen.headers_mut().append(header::SET_COOKIE, cookie);
        }
        screen
    }
}

fn name(app: &App) -> &'static str {
    if app.engine.settings.web.secure { "__Host-tongyuan-stranger" } else { "tongyuan-stranger" }
}
