//! 站点资料: what the site is called, where it answers, and the numbers it was given.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::Problem;
use publish::CommandError;
use publish::commands::site_record::{self, Record};
use publish::commands::{seal, site};
use serde::{Deserialize, Serialize};
use web::{App, Error, Scope};

use crate::founding::words;
use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    short_name: String,
    domain: String,
    hosts: String,
    site_code: String,
    icp_number: String,
    police_number: String,
    conac_url: String,
    seen: String,
}

#[derive(Serialize)]
struct Screen {
    key: String,
    agency: String,
    typed: Typed,
    problems: Vec<Problem>,
    /// What somebody else saved in between, where it was typed otherwise, by its label.
    theirs: Vec<(&'static str, String)>,
    is_stale: bool,
    is_declared: bool,
}

/// GET /console/{site}/record
pub(crate) async fn open(State(app): State<Arc<App>>, scope: Scope, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let typed = Typed::of(&kept(&app, &scope).await?);
    draw(&app, &scope, &wish.done, typed, Vec::new(), Vec::new(), StatusCode::OK)
}

/// POST /console/{site}/record
pub(crate) async fn save(State(app): State<Arc<App>>, scope: Scope, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let (actor, site, seen, record) = (scope.actor(), scope.site.id, typed.seen.clone(), typed.record());
    match app.command(move |engine| site_record::save(engine, &actor, site, &seen, &record)).await {
        Ok(()) => Ok(Redirect::to(&format!("/console/{}/record?done=record-saved", scope.site.key)).into_response()),
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &scope, "", typed, problems, Vec::new(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(CommandError::Stale) => {
            let now = Typed::of(&kept(&app, &scope).await?);
            let (theirs, seen) = (now.differing(&typed), now.seen);
            draw(&app, &scope, "", Typed { seen, ..typed }, Vec::new(), theirs, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

impl Typed {
    fn of(record: &Record) -> Self {
        Self {
            name: record.name.clone(),
            short_name: record.short_name.clone(),
            domain: record.domain.clone(),
            hosts: record.hosts.join("，"),
            site_code: record.site_code.clone(),
            icp_number: record.icp_number.clone(),
            police_number: record.police_number.clone(),
            conac_url: record.conac_url.clone(),
            seen: seal(record),
        }
    }

    fn record(&self) -> Record {
        let plain = |text: &str| text.trim().to_owned();
        Record {
            name: plain(&self.name),
            short_name: plain(&self.short_name),
            domain: plain(&self.domain).to_lowercase(),
            hosts: words(&self.hosts.to_lowercase()),
            site_code: plain(&self.site_code),
            icp_number: plain(&self.icp_number),
            police_number: plain(&self.police_number),
            conac_url: plain(&self.conac_url),
        }
    }

    fn differing(&self, other: &Self) -> Vec<(&'static str, String)> {
        let pairs = [
            ("网站全称", &self.name, &other.name),
            ("网站简称", &self.short_name, &other.short_name),
            ("主域名", &self.domain, &other.domain),
            ("其他域名", &self.hosts, &other.hosts),
            ("政府网站标识码", &self.site_code, &other.site_code),
            ("ICP备案编号", &self.icp_number, &other.icp_number),
            ("公安机关备案号", &self.police_number, &other.police_number),
            ("党政机关网站标识地址", &self.conac_url, &other.conac_url),
        ];
        pairs.into_iter().filter(|(_, own, theirs)| own != theirs).map(|(label, own, _)| (label, own.clone())).collect()
    }
}

async fn kept(app: &Arc<App>, scope: &Scope) -> Result<Record, Error> {
    let site = scope.site.id;
    app.read(move |connection| site_record::find(connection, site).map_err(Error::from)).await
}

fn draw(
    app: &App,
    scope: &Scope,
    done: &str,
    typed: Typed,
    problems: Vec<Problem>,
    theirs: Vec<(&'static str, String)>,
    status: StatusCode,
) -> Result<Response, Error> {
    let screen = Screen {
        key: scope.site.key.clone(),
        agency: scope.site.agency.name.clone(),
        typed,
        problems,
        theirs,
        is_stale: status == StatusCode::CONFLICT,
        is_declared: site::is_declared(&app.engine, &scope.site.key),
    };
    let frame = Frame::site(scope, Place::Record, "站点资料").noticed(notice::find(done));
    Ok((status, screens::draw("site_record.html", frame, screen)?).into_response())
}
