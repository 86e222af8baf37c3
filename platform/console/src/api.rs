//! The interface for programs, `/api/v1`: they ask with a token of somebody's and are answered in JSON. What they do is done by the same
//! commands as at the screens.

pub(crate) mod resources;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDateTime;
use model::{Ground, Permission};
use serde::Serialize;
use web::{App, Error, SignedIn};

/// Whoever the token speaks for, and what it may be used for now.
#[derive(Serialize)]
pub(crate) struct Me {
    username: String,
    name: String,
    token: Token,
    rights: Vec<Right>,
}

#[derive(Serialize)]
struct Token {
    name: String,
    ends_at: String,
}

/// One permission: on the platform, on the whole of a site, or in a channel of it.
#[derive(Serialize)]
struct Right {
    permission: Permission,
    site: Option<String>,
    /// The number of a channel.
    channel: Option<i64>,
}

/// GET /api/v1/me
pub(crate) async fn me(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Json<Me>, Error> {
    let token = signed_in.bearer.ok_or_else(|| Error::Fault("a program asks without a token".into()))?;
    let sites = app.tenants.list();
    let right = |right: &model::Right| {
        let key = |id| sites.iter().find(|site| site.id == id).map(|site| site.key.clone());
        let channel = if let Ground::Channel(_, channel) = right.ground { Some(channel.0) } else { None };
        Right { permission: right.permission, site: right.ground.site().and_then(key), channel }
    };
    Ok(Json(Me {
        rights: signed_in.person.rights.iter().map(right).collect(),
        username: signed_in.person.username,
        name: signed_in.person.display_name,
        token: Token { name: token.name, ends_at: time(token.ends_at) },
    }))
}

/// A moment as programs read it: 2026-03-05T01:00:00Z.
fn time(moment: NaiveDateTime) -> String {
    moment.and_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
