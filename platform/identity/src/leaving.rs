//! 统一退出: an application that signs somebody out signs them out of here as well (OpenID Connect RP-Initiated Logout 1.0).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use oidc::{audience_of, subject_of};
use publish::commands::signing;
use store::applications;
use web::{App, ClientAddress, Error};

use crate::{Guest, Issuer};

/// GET /oidc/logout. Only who brings a token that we gave for the very person who is signed in ends anything: else any page could.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    Query(said): Query<HashMap<String, String>>,
    ClientAddress(address): ClientAddress,
    jar: CookieJar,
) -> Result<Response, Error> {
    let hint = said.get("id_token_hint").map(String::as_str).unwrap_or_default();
    let client = said.get("client_id").cloned().or_else(|| audience_of(hint)).unwrap_or_default();
    let (named, ways) = (client.clone(), issuer.ways());
    let found = app.read(move |connection| applications::find_by_client(connection, &named)).await?;
    let application = issuer.own(found.map(|(known, _)| known));
    let keys = app.command(signing::keys).await?;
    let Some((application, subject)) = application.zip(subject_of(&issuer.endpoints, &keys, &client, hint)) else {
        let is_here = Guest::find(&app, &jar, issuer.clientele, address).await?.is_some();
        return Ok(Redirect::to(if is_here { ways.leave } else { ways.left }).into_response());
    };
    let farewell = said.get("post_logout_redirect_uri").filter(|wanted| application.content.farewells.contains(wanted));
    let farewell = farewell.and_then(|wanted| with_state(wanted, said.get("state")));
    let address_after = farewell.unwrap_or_else(|| ways.left.to_owned());
    match Guest::find(&app, &jar, issuer.clientele, address).await? {
        Some(guest) if guest.subject().to_string() == subject => {
            let gone = guest.close(&app).await?;
            Ok((jar.add(gone), Redirect::to(&address_after)).into_response())
        }
        Some(_) => Ok(Redirect::to(ways.leave).into_response()),
        None => Ok(Redirect::to(&address_after).into_response()),
    }
}

fn with_state(address: &str, state: Option<&String>) -> Option<String> {
    let mut address = url::Url::parse(address).ok()?;
    if let Some(state) = state {
        address.query_pairs_mut().append_pair("state", state);
    }
    Some(address.into())
}
