//! 授权登录: one of our people whom an application has sent to us signs in to it, after they were asked where that is wanted.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::Form;
use identity::{Guest, Issuer, Next, Onward, consider, settle};
use web::{App, Error, SignedIn};

use crate::screens::{self, Frame};

/// GET /console/authorize
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let frame = Frame::threshold(&signed_in, "授权登录");
    Ok(match consider(&app, &issuer, &Guest::Staff(Box::new(signed_in)), query).await? {
        Next::Door(door) => door.into_response(),
        Next::Ask(question) => screens::draw("authorize.html", frame, question)?.into_response(),
        Next::Back(onward) => lead_on(onward)?.into_response(),
    })
}

/// POST /console/authorize: `agree` says whether they do.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    signed_in: SignedIn,
    Form(said): Form<Vec<(String, String)>>,
) -> Result<Html<String>, Error> {
    lead_on(settle(&app, &issuer, &Guest::Staff(Box::new(signed_in)), said).await?)
}

fn lead_on(onward: Onward) -> Result<Html<String>, Error> {
    screens::draw("onward.html", Frame::outside("正在返回"), onward)
}
