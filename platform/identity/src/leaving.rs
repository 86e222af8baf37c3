//! 统一退出: an application that signs somebody out signs them out of here as well (OpenID Connect RP-Initiated Logout 1.0).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use oidc::{audience_of, subject_of};
use publish::commands::signing;
use store::applications;
use web::{App, ClientAddress, Error, close_session, find_session};

use crate::Issuer;

/// Where whoever has gone stands.
const OUTSIDE: &str = "/console/sign-in?done=signed-out";

/// Where whoever is signed in is asked, since nobody showed that it is they who are to leave.
const ASKING: &str = "/console/sign-out";

/// GET /oidc/logout. Only who brings a token that we gave for the very person who is signed in ends anything: else any page could.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    Issuer(endpoints): Issuer,
    Query(said): Query<HashMap<String, String>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    let hint = said.get("id_token_hint").map(String::as_str).unwrap_or_default();
    let client = said.get("client_id").cloned().or_else(|| audience_of(hint)).unwrap_or_default();
    let named = client.clone();
    let application = app.read(move |connection| applications::find_by_client(connection, &named)).await?.map(|(known, _)| known);
    let keys = app.command(signing::keys).await?;
    let Some((application, subject)) = application.zip(subject_of(&endpoints, &keys, &client, hint)) else {
        let is_here = find_session(&app, &jar, address).await?.is_some();
        return Ok(Redirect::to(if is_here { ASKING } else { OUTSIDE }).into_response());
    };
    let farewell = said.get("post_logout_redirect_uri").filter(|wanted| application.content.farewells.contains(wanted));
    let address_after = farewell.map_or_else(|| OUTSIDE.to_owned(), |wanted| with_state(wanted, said.get("state")));
    match find_session(&app, &jar, address).await? {
        Some(signed_in) if signed_in.person.id.to_string() == subject => {
            let gone = close_session(&app, &signed_in).await?;
            Ok((jar.add(gone), Redirect::to(&address_after)).into_response())
        }
        Some(_) => Ok(Redirect::to(ASKING).into_response()),
        None => Ok(Redirect::to(&address_after).into_response()),
    }
}

fn with_state(address: &str, state: Option<&String>) -> String {
    let Ok(mut address) = url::Url::parse(address) else { return OUTSIDE.to_owned() };
    if let Some(state) = state {
        address.query_pairs_mut().append_pair("state", state);
    }
    address.into()
}
