//! 我的资料: what somebody is called and where they are reached. A new phone or mailbox counts once it was shown to be theirs.

use std::sync::Arc;
use std::time::Duration;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::citizen::LONGEST_CALL;
use model::{Problem, Recipient, RecipientKind};
use publish::CommandError;
use publish::commands::citizen;
use publish::commands::citizen_code::Purpose;
use serde::{Deserialize, Serialize};
use web::{App, Error, SignedInCitizen};

use crate::center::{Shown, own};
use crate::code;
use crate::registering::call_problem;
use crate::screens::{self, Done, Frame};
use crate::telling::tell;

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    call: String,
    recipient: String,
    asked: String,
    code: String,
    kind: String,
}

#[derive(Serialize)]
struct Screen<'a> {
    citizen: Shown,
    /// What is in the field.
    call: &'a str,
    longest: usize,
}

#[derive(Serialize)]
struct RecipientScreen<'a> {
    recipient: &'a str,
    sent_to: Option<String>,
    asked: &'a str,
    minutes: u32,
}

/// GET /profile
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let screen = Screen { call: &citizen.call, citizen: Shown::from(&citizen), longest: LONGEST_CALL };
    screens::draw("profile.html", frame(&app).noticed(&done.done), screen)
}

/// POST /profile
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    if let Some(problem) = call_problem(&typed.call) {
        let citizen = own(&app, &signed_in).await?;
        let screen = Screen { citizen: Shown::from(&citizen), call: &typed.call, longest: LONGEST_CALL };
        return screens::draw("profile.html", frame(&app).with_problems(vec![problem]), screen);
    }
    let call = typed.call.trim().to_owned();
    app.command(move |engine| citizen::set_call(engine, &signed_in.deed(), &call)).await?;
    Ok(Redirect::to("/profile?done=saved").into_response())
}

/// GET /profile/recipient
pub(crate) async fn ask_recipient(State(app): State<Arc<App>>, _: SignedInCitizen) -> Result<Response, Error> {
    page(&app, &Typed::default(), None, Vec::new())
}

/// POST /profile/recipient/code
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let recipient = match Recipient::typed("recipient", &typed.recipient) {
        Ok(recipient) => recipient,
        Err(problems) => return page(&app, &typed, None, problems),
    };
    // Whoever has an account sends messages to strangers no oftener than to themselves.
    let own = format!("citizen:codes:of:{}", signed_in.id);
    if app.engine.cache.hit(&own, Duration::from_hours(1)).await > model::citizen_policy().codes.per_hour {
        let problem = Problem::at("recipient", "获取验证码过于频繁，请1小时后再试");
        return page(&app, &typed, None, vec![problem]);
    }
    match code::send(&app, Purpose::Recipient, &recipient, ("recipient", &signed_in.address)).await? {
        Ok(asked) => page(&app, &Typed { asked, ..typed }, Some(&recipient), Vec::new()),
        Err(problems) => page(&app, &typed, None, problems),
    }
}

/// POST /profile/recipient
pub(crate) async fn save_recipient(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let Ok(recipient) = Recipient::typed("recipient", &typed.recipient) else { return page(&app, &typed, None, Vec::new()) };
    if let Err(problems) =
        code::take(&app, Purpose::Recipient, (&recipient, &typed.asked), (&typed.code, &signed_in.address)).await?
    {
        return page(&app, &typed, Some(&recipient), problems);
    }
    let before = own(&app, &signed_in).await?.recipients();
    let what = format!("的{}已设为{}", recipient.kind().chinese(), recipient.masked());
    match app.command(move |engine| citizen::set_recipient(engine, &signed_in.deed(), &recipient, signed_in.session)).await {
        Ok(()) => {
            tell(&app, &before, &what).await;
            Ok(Redirect::to("/profile?done=recipient").into_response())
        }
        Err(CommandError::Refused(sentence)) => page(&app, &typed, None, vec![Problem::at("recipient", sentence)]),
        Err(error) => Err(error.into()),
    }
}

/// POST /profile/recipient/remove
pub(crate) async fn remove_recipient(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    let kind: RecipientKind = typed.kind.parse().map_err(|_| Error::NotFound)?;
    let before = own(&app, &signed_in).await?;
    app.command(move |engine| citizen::remove_recipient(engine, &signed_in.deed(), kind, signed_in.session)).await?;
    if before.recipient(kind).is_some() {
        tell(&app, &before.recipients(), &format!("的{}已移除", kind.chinese())).await;
    }
    Ok(Redirect::to("/profile?done=recipient-removed").into_response())
}

fn page(app: &App, typed: &Typed, sent_to: Option<&Recipient>, problems: Vec<Problem>) -> Result<Response, Error> {
    let minutes = model::citizen_policy().codes.minutes;
    let screen = RecipientScreen {
        recipient: typed.recipient.trim(),
        sent_to: sent_to.map(Recipient::masked),
        asked: &typed.asked,
        minutes,
    };
    screens::draw("recipient.html", frame(app).with_problems(problems), screen)
}

fn frame(app: &App) -> Frame {
    Frame::within(app, "profile", "我的资料")
}
