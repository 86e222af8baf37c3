//! 确认身份: whoever came in a while ago shows again who they are before a grave deed, with a code that is sent to them.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::{Citizen, Problem, Recipient, RecipientKind, citizen_policy};
use publish::commands::citizen;
use publish::commands::citizen_code::Purpose;
use serde::{Deserialize, Serialize};
use web::{App, Error, SignedInCitizen};

use crate::center::own;
use crate::code;
use crate::coming::local;
use crate::screens::{self, Frame};

/// What is downloaded.
const EXPORT: &str = "/data/export";

/// Where to go afterwards, and what is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    next: String,
    kind: String,
    asked: String,
    code: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    next: &'a str,
    means: Vec<Means>,
    /// Set once a code was sent there.
    sent_to: Option<String>,
    asked: &'a str,
    kind: &'a str,
    minutes: u32,
}

/// Where a code can be sent.
#[derive(Serialize)]
struct Means {
    kind: &'static str,
    name: &'static str,
    masked: String,
}

/// GET /confirm
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(typed): Query<Typed>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    page(&app, &citizen, &typed, None, Vec::new())
}

/// POST /confirm/code
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let recipient = recipient(&citizen, &typed)?;
    match code::send(&app, Purpose::Confirm, &recipient, ("code", &signed_in.address)).await? {
        Ok(asked) => page(&app, &citizen, &Typed { asked, ..typed }, Some(&recipient), Vec::new()),
        Err(problems) => page(&app, &citizen, &typed, None, problems),
    }
}

/// POST /confirm
pub(crate) async fn prove(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let recipient = recipient(&citizen, &typed)?;
    if let Err(problems) =
        code::take(&app, Purpose::Confirm, (&recipient, &typed.asked), (&typed.code, &signed_in.address)).await?
    {
        return page(&app, &citizen, &typed, Some(&recipient), problems);
    }
    app.command(move |engine| citizen::proved(engine, &signed_in.deed(), signed_in.session)).await?;
    // What is downloaded leaves the page that asked where it is: its own page goes on instead.
    let next = if local(&typed.next) == EXPORT { "/data?done=confirmed" } else { local(&typed.next) };
    Ok(Redirect::to(next).into_response())
}

/// One of their own: nobody has a code sent elsewhere.
fn recipient(citizen: &Citizen, typed: &Typed) -> Result<Recipient, Error> {
    let kind: RecipientKind = typed.kind.parse().map_err(|_| Error::NotFound)?;
    citizen.recipient(kind).cloned().ok_or(Error::NotFound)
}

fn page(
    app: &App,
    citizen: &Citizen,
    typed: &Typed,
    sent_to: Option<&Recipient>,
    problems: Vec<Problem>,
) -> Result<Response, Error> {
    let means = |one: Recipient| Means { kind: one.kind().as_str(), name: one.kind().chinese(), masked: one.masked() };
    let screen = Screen {
        next: local(&typed.next),
        means: citizen.recipients().into_iter().map(means).collect(),
        sent_to: sent_to.map(Recipient::masked),
        asked: &typed.asked,
        kind: sent_to.map_or("", |recipient| recipient.kind().as_str()),
        minutes: citizen_policy().codes.minutes,
    };
    screens::draw("confirm.html", Frame::within(app, "", "确认身份").with_problems(problems), screen)
}
