//! 机构: the agencies that run sites and issue documents, and how they can be reached.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use model::{Agency, AgencyId, Problem, Site};
use publish::CommandError;
use publish::commands::agency::{self, Contacts};
use publish::commands::{seal, site};
use serde::{Deserialize, Serialize};
use store::agencies;
use web::{App, Error, SignedIn};

use crate::notice;
use crate::screens::{self, Frame, Place};

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The form as it was typed.
#[derive(Deserialize, Serialize)]
pub(crate) struct Typed {
    phone: String,
    address: String,
    postcode: String,
    email: String,
    seen: String,
}

#[derive(Serialize)]
struct List {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: AgencyId,
    code: String,
    name: String,
    phone: String,
    address: String,
    postcode: String,
    email: String,
    sites: Vec<(String, String)>,
    index_numbers: i64,
    live: i64,
}

#[derive(Serialize)]
struct Screen {
    id: AgencyId,
    code: String,
    name: String,
    sites: Vec<(String, String)>,
    /// Its sites that a folder declares, by short name.
    declared: Vec<String>,
    typed: Typed,
    problems: Vec<Problem>,
    /// What somebody else saved in between.
    theirs: Option<Contacts>,
}

/// GET /console/agencies
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let (all, mut issued) =
        app.read(|connection| Ok::<_, store::Error>((agencies::list(connection)?, agencies::list_issued(connection)?))).await?;
    let sites = app.tenants.list();
    let row = |agency: Agency| {
        let issued = issued.remove(&agency.id).unwrap_or_default();
        Row {
            sites: theirs(&sites, agency.id),
            id: agency.id,
            code: agency.code,
            name: agency.name,
            phone: agency.phone,
            address: agency.address,
            postcode: agency.postcode,
            email: agency.email,
            index_numbers: issued.index_numbers,
            live: issued.live,
        }
    };
    let rows = all.into_iter().map(row).collect();
    let frame = Frame::platform(&signed_in, Place::Agencies, "机构").noticed(notice::find(&wish.done));
    screens::draw("agencies.html", frame, List { rows })
}

/// GET /console/agencies/{agency}
pub(crate) async fn open(State(app): State<Arc<App>>, signed_in: SignedIn, Path(id): Path<AgencyId>) -> Result<Response, Error> {
    let agency = find(&app, id).await?;
    let typed = Typed::of(&Contacts::of(&agency));
    draw(&app, &signed_in, agency, typed, Vec::new(), None, StatusCode::OK)
}

/// POST /console/agencies/{agency}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<AgencyId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let (actor, seen, wanted) = (signed_in.actor(), typed.seen.clone(), typed.contacts());
    match app.command(move |engine| agency::save(engine, &actor, id, &seen, &wanted)).await {
        Ok(()) => Ok(Redirect::to("/console/agencies?done=agency-saved").into_response()),
        Err(CommandError::Invalid(problems)) => {
            let agency = find(&app, id).await?;
            draw(&app, &signed_in, agency, typed, problems, None, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(CommandError::Stale) => {
            let agency = find(&app, id).await?;
            let theirs = Contacts::of(&agency);
            let typed = Typed { seen: seal(&theirs), ..typed };
            draw(&app, &signed_in, agency, typed, Vec::new(), Some(theirs), StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

async fn find(app: &Arc<App>, id: AgencyId) -> Result<Agency, Error> {
    app.read(move |connection| agencies::find(connection, id)).await?.ok_or(Error::NotFound)
}

fn draw(
    app: &App,
    signed_in: &SignedIn,
    agency: Agency,
    typed: Typed,
    problems: Vec<Problem>,
    theirs: Option<Contacts>,
    status: StatusCode,
) -> Result<Response, Error> {
    let sites = self::theirs(&app.tenants.list(), agency.id);
    let declared = sites.iter().map(|(key, _)| key.clone()).filter(|key| site::is_declared(&app.engine, key)).collect();
    let screen = Screen { id: agency.id, code: agency.code, name: agency.name, sites, declared, typed, problems, theirs };
    let frame = Frame::platform(signed_in, Place::Agencies, "修改联系方式");
    Ok((status, screens::draw("agency.html", frame, screen)?).into_response())
}

/// The sites an agency runs: short name and name.
fn theirs(sites: &[Arc<Site>], id: AgencyId) -> Vec<(String, String)> {
    let theirs = sites.iter().filter(|site| site.agency.id == id);
    theirs.map(|site| (site.key.clone(), site.name.clone())).collect()
}

impl Typed {
    fn of(contacts: &Contacts) -> Self {
        let seen = seal(contacts);
        let Contacts { phone, address, postcode, email } = contacts.clone();
        Self { phone, address, postcode, email, seen }
    }

    fn contacts(&self) -> Contacts {
        let [phone, address, postcode, email] =
            [&self.phone, &self.address, &self.postcode, &self.email].map(|text| text.trim().to_owned());
        Contacts { phone, address, postcode, email }
    }
}
