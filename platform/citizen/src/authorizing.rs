//! 授权登录: a citizen whom another system has sent to us signs in to it, after they have agreed to what it is told.

use std::sync::Arc;

use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use identity::{Guest, Issuer, Next, Onward, Question, consider, settle};
use model::citizen_policy;
use serde::Serialize;
use web::{App, Error, SignedInCitizen};

use crate::center::own;
use crate::screens::{self, Frame};

#[derive(Serialize)]
struct Screen {
    /// Whose account it is, so that nobody goes on with that of whoever used the browser before.
    account: String,
    #[serde(flatten)]
    question: Question,
}

#[derive(Serialize)]
struct Minor {
    consent_age: u32,
}

/// GET /authorize
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedInCitizen,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    if citizen.guardian.is_some() {
        return for_minors(&app);
    }
    match consider(&app, &issuer, &Guest::Citizen(signed_in), query).await? {
        Next::Door(door) => Ok(door.into_response()),
        Next::Ask(question) => {
            let screen = Screen { account: citizen.shown_as(), question };
            screens::draw("authorize.html", Frame::within(&app, "", "授权登录"), screen)
        }
        Next::Back(onward) => lead_on(&app, &onward),
    }
}

/// POST /authorize: `agree` says whether they do.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedInCitizen,
    Form(said): Form<Vec<(String, String)>>,
) -> Result<Response, Error> {
    if own(&app, &signed_in).await?.guardian.is_some() {
        return for_minors(&app);
    }
    lead_on(&app, &settle(&app, &issuer, &Guest::Citizen(signed_in), said).await?)
}

/// Their guardian consented to this account, and to nothing that others are told (《个人信息保护法》第三十一条).
fn for_minors(app: &App) -> Result<Response, Error> {
    let screen = Minor { consent_age: citizen_policy().consent_age };
    let page = screens::draw("authorize_minor.html", Frame::within(app, "", "暂不能登录其他应用"), screen)?;
    Ok((StatusCode::FORBIDDEN, page).into_response())
}

fn lead_on(app: &App, onward: &Onward) -> Result<Response, Error> {
    screens::draw("onward.html", Frame::outside(app, "正在返回"), onward)
}
