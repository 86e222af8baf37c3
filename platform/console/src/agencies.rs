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
use web::{App, Error, SignedIn, Tenants};

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

/// The code as it was typed.
#[derive(Deserialize)]
pub(crate) struct Corrected {
    code: String,
    /// The code that was before whoever typed.
    seen: String,
}

/// What was tried and did not succeed.
#[derive(Default)]
struct Attempt {
    typed: Option<Typed>,
    code: Option<String>,
    problems: Vec<Problem>,
    theirs: Option<Contacts>,
    refusal: Option<String>,
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
    /// Whether index numbers begin with its code, which stays then.
    has_issued: bool,
    code_typed: String,
    refusal: Option<String>,
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
    draw(&app, &signed_in, id, Attempt::default(), StatusCode::OK).await
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
            let attempt = Attempt { typed: Some(typed), problems, ..Attempt::default() };
            draw(&app, &signed_in, id, attempt, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Stale) => {
            let theirs = Contacts::of(&find(&app, id).await?.0);
            let typed = Typed { seen: seal(&theirs), ..typed };
            let attempt = Attempt { typed: Some(typed), theirs: Some(theirs), ..Attempt::default() };
            draw(&app, &signed_in, id, attempt, StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/agencies/{agency}/code
pub(crate) async fn correct(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<AgencyId>,
    Form(typed): Form<Corrected>,
) -> Result<Response, Error> {
    let (actor, code) = (signed_in.actor(), typed.code.trim().to_owned());
    let wanted = code.clone();
    let attempt = Attempt { code: Some(code), ..Attempt::default() };
    match app.command(move |engine| agency::correct_code(engine, &actor, id, &typed.seen, &wanted)).await {
        Ok(()) => {
            Tenants::read_again(&app).await;
            Ok(Redirect::to("/console/agencies?done=agency-code").into_response())
        }
        Err(CommandError::Invalid(problems)) => {
            draw(&app, &signed_in, id, Attempt { problems, ..attempt }, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(CommandError::Refused(told)) => {
            draw(&app, &signed_in, id, Attempt { refusal: Some(told), ..attempt }, StatusCode::CONFLICT).await
        }
        Err(CommandError::Stale) => {
            let told = "他人刚刚修改了机构代码，您的修改尚未保存，请核对后再保存".to_owned();
            draw(&app, &signed_in, id, Attempt { refusal: Some(told), ..attempt }, StatusCode::CONFLICT).await
        }
        Err(other) => Err(other.into()),
    }
}

/// An agency, and whether an index number was issued with its code.
async fn find(app: &Arc<App>, id: AgencyId) -> Result<(Agency, bool), Error> {
    app.read(move |connection| {
        let agency = agencies::find(connection, id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>((agency, agencies::has_issued(connection, id)?))
    })
    .await
}

async fn draw(
    app: &Arc<App>,
    signed_in: &SignedIn,
    id: AgencyId,
    attempt: Attempt,
    status: StatusCode,
) -> Result<Response, Error> {
    let (agency, has_issued) = find(app, id).await?;
    let sites = theirs(&app.tenants.list(), id);
    let declared = sites.iter().map(|(key, _)| key.clone()).filter(|key| site::is_declared(&app.engine, key)).collect();
    let Attempt { typed, code, problems, theirs, refusal } = attempt;
    let screen = Screen {
        id,
        typed: typed.unwrap_or_else(|| Typed::of(&Contacts::of(&agency))),
        code_typed: code.unwrap_or_else(|| agency.code.clone()),
        code: agency.code,
        name: agency.name,
        has_issued,
        refusal,
        sites,
        declared,
        problems,
        theirs,
    };
    let frame = Frame::platform(signed_in, Place::Agencies, "修改机构资料");
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
