//! 单点登录应用: the systems in which our people, or citizens, sign in through us, registered and changed by whoever manages accounts.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use identity::{Issuer, new_client, new_secret};
use model::{Application, ApplicationContent, ApplicationId, Clientele, Problem};
use publish::CommandError;
use publish::commands::{application, seal};
use serde::{Deserialize, Serialize};
use store::applications;
use web::{App, Error, SignedIn};

use crate::notice;
use crate::screens::{self, Frame, Place};

const BASE: &str = "/console/applications";

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// The application that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    application: ApplicationId,
}

/// The form as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
    keeper: String,
    contact: String,
    purpose: String,
    redirects: String,
    farewells: String,
    clientele: String,
    kind: String,
    asks_consent: String,
    is_open: String,
    seen: String,
}

#[derive(Serialize)]
struct List {
    issuer: String,
    /// The same for applications of citizens; none where they have no 用户中心.
    issuer_for_citizens: Option<String>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    id: ApplicationId,
    name: String,
    keeper: String,
    clientele: &'static str,
    client: String,
    is_open: bool,
}

#[derive(Serialize)]
struct Screen {
    /// None: it is to be.
    known: Option<Known>,
    typed: Typed,
    problems: Vec<Problem>,
    /// Whether somebody else changed it while the form was open.
    is_stale: bool,
}

#[derive(Serialize)]
struct Known {
    id: ApplicationId,
    client: String,
    clientele: &'static str,
    /// They are always asked whether they agree.
    is_for_citizens: bool,
    is_confidential: bool,
}

#[derive(Serialize)]
struct Made<'a> {
    id: ApplicationId,
    name: &'a str,
    client: &'a str,
    secret: Option<String>,
    issuer: String,
    is_new: bool,
}

/// GET /console/applications
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let known = app.read(applications::list).await?;
    let row = |one: Application| Row {
        id: one.id,
        client: one.client,
        clientele: one.clientele.chinese(),
        is_open: one.content.is_open,
        name: one.content.name,
        keeper: one.content.keeper,
    };
    let list = List {
        issuer: address_for(&app, &issuer, Clientele::Staff),
        issuer_for_citizens: for_citizens(&app),
        rows: known.into_iter().map(row).collect(),
    };
    screens::draw("applications.html", frame(&signed_in, "单点登录应用").noticed(notice::find(&wish.done)), list)
}

/// GET /console/applications/new
pub(crate) async fn begin(signed_in: SignedIn) -> Result<Response, Error> {
    let clientele = Clientele::Staff.as_str().to_owned();
    let typed = Typed { clientele, kind: "server".into(), asks_consent: "1".into(), is_open: "1".into(), ..Typed::default() };
    draw(&signed_in, None, typed, Vec::new(), StatusCode::OK)
}

/// POST /console/applications
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Ok(clientele) = typed.clientele.parse::<Clientele>() else {
        let problems = vec![Problem::at("clientele", "请选择该应用面向谁")];
        return draw(&signed_in, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let (actor, content, client) = (signed_in.actor(), typed.content(), new_client());
    let secret = content.is_confidential.then(new_secret);
    let (kept, named, hash) = (content.clone(), client.clone(), secret.as_ref().map(|(_, hash)| hash.clone()));
    match app.command(move |engine| application::add(engine, &actor, (&named, clientele), hash.as_deref(), &kept)).await {
        Ok(id) => {
            let (secret, issuer) = (secret.map(|(secret, _)| secret), address_for(&app, &issuer, clientele));
            let made = Made { id, name: &content.name, client: &client, secret, issuer, is_new: true };
            Ok(screens::draw("application_made.html", frame(&signed_in, "应用已登记"), made)?.into_response())
        }
        Err(CommandError::Invalid(problems)) => draw(&signed_in, None, typed, problems, StatusCode::UNPROCESSABLE_ENTITY),
        Err(other) => Err(other.into()),
    }
}

/// GET /console/applications/{application}
pub(crate) async fn open(State(app): State<Arc<App>>, signed_in: SignedIn, Path(named): Path<Named>) -> Result<Response, Error> {
    let known = find(&app, named.application).await?;
    let typed = Typed::of(&known);
    draw(&signed_in, Some(known), typed, Vec::new(), StatusCode::OK)
}

/// POST /console/applications/{application}
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let known = find(&app, named.application).await?;
    let (actor, id, content, seen) = (signed_in.actor(), named.application, typed.content(), typed.seen.clone());
    match app.command(move |engine| application::save(engine, &actor, id, &seen, &content)).await {
        Ok(()) => Ok(Redirect::to(&format!("{BASE}?done=application-saved")).into_response()),
        Err(CommandError::Invalid(problems)) => draw(&signed_in, Some(known), typed, problems, StatusCode::UNPROCESSABLE_ENTITY),
        Err(CommandError::Stale) => {
            let seen = seal(&find(&app, named.application).await?.content);
            draw(&signed_in, Some(known), Typed { seen, ..typed }, Vec::new(), StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /console/applications/{application}/secret
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedIn,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let known = find(&app, named.application).await?;
    let (actor, id, (secret, hash)) = (signed_in.actor(), known.id, new_secret());
    app.command(move |engine| application::renew_secret(engine, &actor, id, &hash)).await?;
    let (secret, issuer) = (Some(secret), address_for(&app, &issuer, known.clientele));
    let made = Made { id, name: &known.content.name, client: &known.client, secret, issuer, is_new: false };
    Ok(screens::draw("application_made.html", frame(&signed_in, "密钥已更换"), made)?.into_response())
}

impl Typed {
    fn of(known: &Application) -> Self {
        let content = &known.content;
        let ticked = |is: bool| if is { "1".to_owned() } else { String::new() };
        Self {
            name: content.name.clone(),
            keeper: content.keeper.clone(),
            contact: content.contact.clone(),
            purpose: content.purpose.clone(),
            redirects: content.redirects.join("\n"),
            farewells: content.farewells.join("\n"),
            clientele: known.clientele.as_str().to_owned(),
            kind: if content.is_confidential { "server" } else { "device" }.to_owned(),
            asks_consent: ticked(content.asks_consent),
            is_open: ticked(content.is_open),
            seen: seal(content),
        }
    }

    fn content(&self) -> ApplicationContent {
        let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        ApplicationContent {
            name: self.name.trim().to_owned(),
            keeper: self.keeper.trim().to_owned(),
            contact: self.contact.trim().to_owned(),
            purpose: self.purpose.trim().to_owned(),
            redirects: lines(&self.redirects),
            farewells: lines(&self.farewells),
            is_confidential: self.kind != "device",
            asks_consent: !self.asks_consent.is_empty(),
            is_open: !self.is_open.is_empty(),
        }
    }
}

async fn find(app: &Arc<App>, id: ApplicationId) -> Result<Application, Error> {
    app.read(move |connection| applications::find(connection, id)).await?.ok_or(Error::NotFound)
}

/// Where applications of such people find us.
fn address_for(app: &App, issuer: &Issuer, clientele: Clientele) -> String {
    let own = || issuer.endpoints.issuer().to_owned();
    match clientele {
        Clientele::Staff => own(),
        Clientele::Citizens => for_citizens(app).unwrap_or_else(own),
    }
}

fn for_citizens(app: &App) -> Option<String> {
    app.engine.settings.citizens.address.as_ref().map(|address| format!("{address}/oidc"))
}

fn frame(signed_in: &SignedIn, title: &str) -> Frame {
    Frame::platform(signed_in, Place::Applications, title)
}

fn draw(
    signed_in: &SignedIn,
    known: Option<Application>,
    typed: Typed,
    problems: Vec<Problem>,
    status: StatusCode,
) -> Result<Response, Error> {
    let title = if known.is_some() { "修改应用" } else { "登记应用" };
    let known = known.map(|one| Known {
        id: one.id,
        client: one.client,
        clientele: one.clientele.chinese(),
        is_for_citizens: one.clientele == Clientele::Citizens,
        is_confidential: one.content.is_confidential,
    });
    let screen = Screen { known, typed, problems, is_stale: status == StatusCode::CONFLICT };
    Ok((status, screens::draw("application.html", frame(signed_in, title), screen)?).into_response())
}
