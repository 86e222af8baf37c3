//! 用户中心: the first screen of whoever is signed in, with what is theirs.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use model::{Citizen, Recipient, citizen_policy, local};
use publish::commands::citizen;
use serde::Serialize;
use web::{App, Error, SignedInCitizen};

use crate::screens::{self, Done, Frame};

/// A citizen as their own screens show them.
#[derive(Serialize)]
pub(crate) struct Shown {
    name: String,
    call: String,
    phone: Option<String>,
    mail: Option<String>,
    guardian: Option<String>,
    real_name: &'static str,
    has_password: bool,
    since: String,
    consent_age: u32,
}

impl From<&Citizen> for Shown {
    fn from(citizen: &Citizen) -> Self {
        let masked = |one: &Option<Recipient>| one.as_ref().map(Recipient::masked);
        Self {
            name: citizen.shown_as(),
            call: citizen.call.clone(),
            phone: masked(&citizen.phone),
            mail: masked(&citizen.mail),
            guardian: masked(&citizen.guardian),
            real_name: citizen.real_name.chinese(),
            has_password: citizen.password_since.is_some(),
            since: local(citizen.registered_at).format("%Y年%-m月%-d日").to_string(),
            consent_age: citizen_policy().consent_age,
        }
    }
}

#[derive(Serialize)]
struct Screen {
    citizen: Shown,
}

/// GET /
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Query(done): Query<Done>,
) -> Result<Response, Error> {
    let citizen = own(&app, &signed_in).await?;
    let frame = Frame::within(&app, "center", "用户中心").noticed(&done.done);
    screens::draw("center.html", frame, Screen { citizen: Shown::from(&citizen) })
}

/// What is known of whoever is signed in.
pub(crate) async fn own(app: &Arc<App>, signed_in: &SignedInCitizen) -> Result<Citizen, Error> {
    let (engine, id) = (Arc::clone(&app.engine), signed_in.id);
    app.read(move |connection| citizen::find(&engine.vault, connection, id)).await?.ok_or(Error::NotFound)
}
