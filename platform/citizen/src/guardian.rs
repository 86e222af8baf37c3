//! 监护人: who consented for a minor sees what they consented to and may take it back, which closes the account.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, TimeDelta};
use human::{Answer, Why};
use model::{Citizen, CitizenId, Problem, Recipient, RecipientKind, citizen_policy, local as local_time};
use publish::commands::citizen;
use publish::commands::citizen_code::Purpose;
use serde::{Deserialize, Serialize};
use vault::{Place, Sealed};
use web::{App, AskedHuman, ClientAddress, Error, judge_human};

use crate::code;
use crate::screens::{self, Done, Frame};
use crate::sign_in::{HUMAN, asked};

/// What is sealed for a form, and never reaches the database.
const PLACE: Place = Place::new("citizens.guardianship", 0);

/// A guardian who has shown who they are.
#[derive(Serialize, Deserialize)]
struct Shown {
    kind: RecipientKind,
    recipient: String,
    until: NaiveDateTime,
}

/// What is typed, at each step.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    recipient: String,
    asked: String,
    code: String,
    shown: String,
    child: i64,
    sure: String,
    #[serde(flatten)]
    human: Answer,
}

#[derive(Serialize)]
struct Screen<'a> {
    recipient: &'a str,
    sent_to: Option<String>,
    asked: &'a str,
    minutes: u32,
    human: AskedHuman,
}

#[derive(Serialize)]
struct ChildScreen {
    shown: String,
    children: Vec<Child>,
    consent_age: u32,
}

#[derive(Serialize)]
struct Child {
    id: CitizenId,
    name: String,
    recipients: Vec<String>,
    since: String,
}

/// GET /guardian
pub(crate) async fn ask(State(app): State<Arc<App>>, Query(done): Query<Done>) -> Result<Response, Error> {
    page(&app, &Typed::default(), None, Frame::outside(&app, "监护人服务").noticed(&done.done), None)
}

/// POST /guardian/code
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let with = |problems| Frame::outside(&app, "监护人服务").with_problems(problems);
    let guardian = match Recipient::typed("recipient", &typed.recipient) {
        Ok(guardian) => guardian,
        Err(problems) => return page(&app, &typed, None, with(problems), None),
    };
    if let Err(why) = judge_human(&app, &typed.human, HUMAN, &address).await {
        return page(&app, &typed, None, with(Vec::new()), Some(why));
    }
    // A code is sent whether or not they are anybody's guardian: what they are is told to whoever holds the phone alone.
    match code::send(&app, Purpose::Guardian, &guardian, ("recipient", &address)).await? {
        Ok(asked) => page(&app, &Typed { asked, ..typed }, Some(&guardian), with(Vec::new()), None),
        Err(problems) => page(&app, &typed, None, with(problems), None),
    }
}

/// POST /guardian
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Ok(guardian) = Recipient::typed("recipient", &typed.recipient) else { return Ok(begin_again()) };
    if let Err(problems) = code::take(&app, Purpose::Guardian, (&guardian, &typed.asked), (&typed.code, &address)).await? {
        return page(&app, &typed, Some(&guardian), Frame::outside(&app, "监护人服务").with_problems(problems), None);
    }
    let until = app.engine.clock.now() + TimeDelta::minutes(citizen_policy().sessions.proof_minutes.into());
    let shown = Shown { kind: guardian.kind(), recipient: guardian.text().to_owned(), until };
    children(&app, &shown, Vec::new()).await
}

/// POST /guardian/withdraw
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(shown) = opened(&app, &typed.shown) else { return Ok(begin_again()) };
    if typed.sure.is_empty() {
        return children(&app, &shown, vec![Problem::at("sure", "请先勾选确认")]).await;
    }
    let guardian = Recipient::of(shown.kind, shown.recipient);
    let child = CitizenId(typed.child);
    app.command(move |engine| citizen::withdraw_consent(engine, &guardian, child, &address)).await?;
    Ok(Redirect::to("/guardian?done=withdrawn").into_response())
}

/// POST /guardian/release
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    ClientAddress(address): ClientAddress,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Some(shown) = opened(&app, &typed.shown) else { return Ok(begin_again()) };
    let guardian = Recipient::of(shown.kind, shown.recipient);
    let child = CitizenId(typed.child);
    app.command(move |engine| citizen::end_guardianship(engine, &guardian, child, &address)).await?;
    Ok(Redirect::to("/guardian?done=of-age").into_response())
}

async fn children(app: &Arc<App>, shown: &Shown, problems: Vec<Problem>) -> Result<Response, Error> {
    let (engine, guardian) = (Arc::clone(&app.engine), Recipient::of(shown.kind, shown.recipient.clone()));
    let found = app.read(move |connection| citizen::list_by_guardian(&engine.vault, connection, &guardian)).await?;
    let sealed = app.engine.vault.seal(PLACE, serde_json::json!(shown).to_string().as_bytes());
    let screen = ChildScreen {
        shown: sealed.to_string(),
        children: found.into_iter().map(child).collect(),
        consent_age: citizen_policy().consent_age,
    };
    screens::draw("guardian_children.html", Frame::outside(app, "监护人服务").with_problems(problems), screen)
}

fn child(citizen: Citizen) -> Child {
    Child {
        id: citizen.id,
        name: citizen.shown_as(),
        recipients: citizen.recipients().iter().map(Recipient::masked).collect(),
        since: local_time(citizen.registered_at).format("%Y年%-m月%-d日").to_string(),
    }
}

fn opened(app: &App, text: &str) -> Option<Shown> {
    let sealed: Sealed = text.parse().ok()?;
    let shown: Shown = serde_json::from_str(&app.engine.vault.open_text(PLACE, &sealed).ok()?).ok()?;
    (shown.until >= app.engine.clock.now()).then_some(shown)
}

fn begin_again() -> Response {
    Redirect::to("/guardian").into_response()
}

fn page(app: &App, typed: &Typed, sent_to: Option<&Recipient>, frame: Frame, why: Option<Why>) -> Result<Response, Error> {
    let screen = Screen {
        recipient: typed.recipient.trim(),
        sent_to: sent_to.map(Recipient::masked),
        asked: &typed.asked,
        minutes: citizen_policy().codes.minutes,
        human: asked(app, why.map(|why| (&typed.human, why))),
    };
    screens::draw("guardian.html", frame, screen)
}
