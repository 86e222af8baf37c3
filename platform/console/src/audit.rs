//! The audit log: everything people did, newest first, and the proof that nothing was taken out.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use model::{Permission, SiteId};
use serde::{Deserialize, Serialize};
use store::audit::{self, Chain};
use web::{App, Error, Scope, SignedIn};

use crate::paging::cut;
use crate::screens::{self, Frame, Place};
use crate::timeline::{self, Row};

/// Entries on a page.
const PAGE: i64 = 50;

/// Entries before this one.
#[derive(Deserialize)]
pub(crate) struct Wish {
    before: Option<i64>,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    rows: Vec<Row>,
    /// Whether the rows lead to pages this person may see.
    linked: bool,
    whole: bool,
    is_first: bool,
    next: Option<i64>,
    chain: Option<Verdict>,
}

/// What walking the chain found.
#[derive(Serialize)]
struct Verdict {
    intact: bool,
    number: i64,
}

/// GET /console/audit
pub(crate) async fn show_all(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let screen = list(&app, None, wish.before, "/console/audit".into()).await?;
    let linked = signed_in.person.may_everywhere(Permission::Read);
    screens::draw("audit.html", Frame::platform(&signed_in, Place::Audit, "审计日志"), Screen { linked, ..screen })
}

/// GET /console/{site}/audit
pub(crate) async fn show_site(
    State(app): State<Arc<App>>,
    scope: Scope,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let screen = list(&app, Some(scope.site.id), wish.before, format!("/console/{}/audit", scope.site.key)).await?;
    let linked = scope.may(Permission::Read);
    screens::draw("audit.html", Frame::site(&scope, Place::SiteAudit, "本站审计"), Screen { linked, ..screen })
}

/// POST /console/audit/verify
pub(crate) async fn verify(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<Html<String>, Error> {
    let chain = match app.read(audit::verify).await? {
        Chain::Intact(number) => Verdict { intact: true, number },
        Chain::Broken(number) => Verdict { intact: false, number },
    };
    let screen = list(&app, None, None, "/console/audit".into()).await?;
    let linked = signed_in.person.may_everywhere(Permission::Read);
    let frame = Frame::platform(&signed_in, Place::Audit, "审计日志");
    screens::draw("audit.html", frame, Screen { linked, chain: Some(chain), ..screen })
}

async fn list(app: &Arc<App>, site: Option<SiteId>, before: Option<i64>, base: String) -> Result<Screen, Error> {
    let entries = app.read(move |connection| audit::list(connection, site, before, PAGE + 1)).await?;
    let (entries, has_next) = cut(entries, PAGE);
    let next = entries.last().filter(|_| has_next).map(|entry| entry.id);
    let sites = app.tenants.list();
    let rows = entries.into_iter().map(|entry| timeline::row(entry, &sites)).collect();
    Ok(Screen { base, rows, linked: false, whole: site.is_none(), is_first: before.is_none(), next, chain: None })
}
