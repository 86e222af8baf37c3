//! 应用授权: what somebody agreed that applications may be told of them, to be taken back by themselves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use identity::{Guest, told};
use model::{ApplicationId, Clientele, Subject, UserId};
use publish::CommandError;
use publish::commands::application;
use serde::{Deserialize, Serialize};
use store::{Connection, applications};
use web::{App, Error, SignedIn};

use crate::me;
use crate::moment::Moment;

/// The application that an address names.
#[derive(Deserialize)]
pub(crate) struct Named {
    application: ApplicationId,
}

/// What somebody agreed to.
#[derive(Serialize)]
pub(crate) struct Row {
    id: ApplicationId,
    name: String,
    keeper: String,
    told: String,
    since: Moment,
}

/// All that somebody agreed to.
pub(crate) fn rows(connection: &mut Connection, user: UserId) -> store::Result<Vec<Row>> {
    let row = |(known, scopes, since): (model::Application, String, chrono::NaiveDateTime)| {
        let told = told(&scopes, Clientele::Staff);
        Row { id: known.id, name: known.content.name, keeper: known.content.keeper, told, since: since.into() }
    };
    Ok(applications::list_consents(connection, Subject::Staff(user))?.into_iter().map(row).collect())
}

/// POST /console/me/consents/{application}/withdraw
pub(crate) async fn withdraw(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(named): Path<Named>,
) -> Result<Response, Error> {
    let by = Guest::Staff(Box::new(signed_in.clone())).by();
    match app.command(move |engine| application::take_back(engine, &by, named.application)).await {
        Ok(()) => Ok(Redirect::to("/console/me?done=consent-withdrawn").into_response()),
        Err(CommandError::NotFound) => me::refuse(&app, &signed_in, "该授权已经撤回，无需再次操作").await,
        Err(other) => Err(other.into()),
    }
}
