//! Programs: a request with a token of somebody's (`Authorization: Bearer tyk_…`) is theirs, within what the token is for. Cookies open
//! nothing here, and a token opens nothing elsewhere.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use chrono::TimeDelta;
use model::api_token::{ApiToken, BEGINNING};
use model::{SessionId, sign_in_policy};
use store::{api_tokens, people};

use crate::form_token::FormToken;
use crate::session::{hashed, random_token};
use crate::signed_in::SignedIn;
use crate::{App, Error};

/// Within which requests are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// A new token, to be shown once, and the hash that is kept of it.
pub fn new_token() -> (String, String) {
    let token = format!("{BEGINNING}{}", random_token());
    let hash = hashed(&token);
    (token, hash)
}

/// Whoever asks with the token of the request, with what it may be used for of what they hold by now.
pub(crate) async fn find(app: &Arc<App>, headers: &HeaderMap, address: String) -> Result<SignedIn, Error> {
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer).ok_or(Error::NoToken)?;
    let most = sign_in_policy().tokens.requests;
    let (cache, strangers) = (&app.engine.cache, format!("api:address:{address}"));
    // Whoever tries tokens that are none must wait, without asking the database.
    if cache.count(&strangers).await >= most {
        return Err(Error::TooMany);
    }
    let (hash, now) = (hashed(said), app.engine.clock.now());
    let found = app
        .read(move |connection| {
            let Some(token) = api_tokens::find(connection, &hash)?.filter(|token| token.ends_at > now) else { return Ok(None) };
            Ok::<_, store::Error>(people::find_person(connection, token.user_id, now)?.map(|person| (person, token)))
        })
        .await?;
    let Some((person, token)) = found else {
        cache.hit(&strangers, MINUTE).await;
        return Err(Error::NoToken);
    };
    if cache.hit(&format!("api:token:{}", token.id), MINUTE).await > most {
        return Err(Error::TooMany);
    }
    note(app, &token, &address).await?;
    Ok(SignedIn {
        person: token.scope.limit(person),
        address,
        session: SessionId(0),
        since: token.created_at,
        must_change: None,
        must_add_factor: false,
        proven_at: now,
        form_token: FormToken::of(&random_token()),
        bearer: Some(token),
    })
}

/// Its last use is noted to a minute, and at once where it comes from elsewhere.
async fn note(app: &Arc<App>, token: &ApiToken, address: &str) -> Result<(), Error> {
    let (id, now, address) = (token.id, app.engine.clock.now(), address.to_owned());
    if token.used.as_ref().is_some_and(|(at, from)| *from == address && now - *at <= TimeDelta::minutes(1)) {
        return Ok(());
    }
    app.write(move |connection| api_tokens::touch(connection, id, &address, now)).await
}

/// The token that the header says, where it is one of ours.
fn bearer(value: &str) -> Option<&str> {
    let (kind, token) = value.split_once(' ')?;
    let token = token.trim();
    (kind.eq_ignore_ascii_case("bearer") && token.starts_with(BEGINNING)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_of_ours_is_looked_at() {
        assert_eq!(bearer("Bearer tyk_1"), Some("tyk_1"));
        assert_eq!(bearer("bearer  tyk_1"), Some("tyk_1"));
        for other in ["", "tyk_1", "Basic tyk_1", "Bearer", "Bearer 1"] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }

    #[test]
    fn tokens_are_unlike_each_other_and_only_their_hash_is_kept() {
        let ((one, hash), (other, _)) = (new_token(), new_token());
        assert!(one != other && one.starts_with(BEGINNING) && one.len() == 68);
        assert!(hash.len() == 64 && !one.contains(&hash));
    }
}
