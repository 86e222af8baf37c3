//! 应用授权: what somebody agreed that other systems may be told of them, to be taken back by themselves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDateTime;
use identity::told;
use model::{Application, ApplicationId, CitizenId, Clientele, Subject};
use publish::CommandError;
use publish::commands::application::{self, By};
use serde::{Deserialize, Serialize};
use store::{Connection, applications};
use web::{App, Error, SignedInCitizen};

/// The application that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    application: ApplicationId,
}

/// What somebody agreed to.
#[derive(Serialize)]
pub(crate) struct Row {
    id: ApplicationId,
    pub(crate) name: String,
    pub(crate) keeper: String,
    pub(crate) told: String,
    pub(crate) since: String,
}

/// All that somebody agreed to.
pub(crate) fn rows(connection: &mut Connection, citizen: CitizenId) -> store::Result<Vec<Row>> {
    let row = |(known, scopes, since): (Application, String, NaiveDateTime)| Row {
        id: known.id,
        name: known.content.name,
        keeper: known.content.keeper,
        told: told(&scopes, Clientele::Citizens),
        since: model::local(since).format("%Y-%m-%d %H:%M").to_string(),
    };
    Ok(applications::list_consents(connection, Subject::Citizen(citizen))?.into_iter().map(row).collect())
}

/// POST /security/consents/{application}/withdraw
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    signed_in: SignedInCitizen,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let by = By::Citizen(signed_in.deed());
    match app.command(move |engine| application::take_back(engine, &by, named.application)).await {
        // Pressed twice, it is taken back all the same.
        Ok(()) | Err(CommandError::NotFound) => Ok(Redirect::to("/security?done=consent-withdrawn").into_response()),
        Err(other) => Err(other.into()),
    }
}
