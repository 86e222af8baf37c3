//! 换取令牌: where an application redeems the code that a person brought it.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Application, single_sign_on};
use oidc::{Redeeming, Scope, Sitting, TokenRefusal, id_token};
use publish::commands::signing;
use serde_json::json;
use store::sign_ons::{self, Code};
use store::{Connection, applications};
use web::{App, Error, hashed, random_token};

use crate::person;
use crate::{Issuer, pairs};

/// Who redeemed which code, and its hash.
type Redeemed = Result<(Application, Code, String), TokenRefusal>;

/// POST /oidc/token
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    issuer: Issuer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let redeeming = match Redeeming::new(pairs(&body), authorization) {
        Ok(redeeming) => redeeming,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let now = app.engine.clock.now();
    let asked = issuer.clone();
    let redeemed = app.write(move |connection| redeem(connection, &asked, &redeeming, now)).await?;
    let (application, code, hash) = match redeemed {
        Ok(redeemed) => redeemed,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let Some((identity, since)) = person::of_code(&app, hash.clone()).await? else { return Ok(refused(TokenRefusal::Grant)) };
    let access = random_token();
    let (access_hash, minutes) = (hashed(&access), single_sign_on().token_minutes);
    if !app.write(move |connection| sign_ons::insert_token(connection, &access_hash, &hash)).await? {
        return Ok(refused(TokenRefusal::Grant));
    }
    let sitting = Sitting { client: application.client, nonce: code.nonce, since, scopes: Scope::among(&code.scopes) };
    let keys = app.command(signing::keys).await?;
    let key = keys.first().ok_or_else(|| Error::Fault("there is no key to sign with".into()))?;
    let token = id_token(&issuer.endpoints, key, &sitting, &identity, &access, now, minutes);
    let token = token.map_err(|error| Error::Fault(format!("a token was not signed: {error}")))?;
    let given = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": u32::from(minutes) * 60,
        "scope": code.scopes,
        "id_token": token,
    });
    Ok(private(Json(given)))
}

/// Who asks is judged before the code is touched: else anybody could use up the code of another.
fn redeem(
    connection: &mut Connection,
    issuer: &Issuer,
    redeeming: &Redeeming,
    now: chrono::NaiveDateTime,
) -> store::Result<Redeemed> {
    let known = applications::find_by_client(connection, &redeeming.credentials.client)?;
    let is_proven = |secret: &Option<String>| match (secret, &redeeming.credentials.secret) {
        (Some(kept), Some(said)) => blake3::hash(kept.as_bytes()) == blake3::hash(hashed(said).as_bytes()),
        (None, None) => true,
        _ => false,
    };
    let proven = known.filter(|(application, secret)| application.content.is_open && is_proven(secret));
    let Some(application) = issuer.own(proven.map(|(application, _)| application)) else {
        return Ok(Err(TokenRefusal::Client));
    };
    let hash = hashed(&redeeming.code);
    let is_good = |code: &Code| {
        code.application == application.id
            && code.redirect == redeeming.redirect
            && code.until >= now
            && redeeming.answers(&code.challenge)
    };
    let code = sign_ons::take_code(connection, &hash)?.filter(is_good).ok_or(TokenRefusal::Grant);
    Ok(code.map(|code| (application, code, hash)))
}

fn refused(refusal: TokenRefusal) -> Response {
    let status = if refusal == TokenRefusal::Client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let mut response = (status, private(Json(json!({ "error": refusal.to_string() })))).into_response();
    if refusal == TokenRefusal::Client {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic realm=\"oidc\""));
    }
    response
}

/// Nobody on the way keeps it.
fn private(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
