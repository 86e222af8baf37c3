//! Who is asking.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::NaiveDateTime;
use model::api_token::ApiToken;
use model::{Actor, MustChange, Person, SessionId};

use crate::Error;
use crate::form_token::FormToken;

/// A signed-in person, and from where they ask.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// From which address.
    pub address: String,
    /// Their session; 0: none, where a program asks for them.
    pub session: SessionId,
    /// When it was opened, UTC: when they last proved who they are.
    pub since: NaiveDateTime,
    /// Why they must change their password before anything else.
    pub must_change: Option<MustChange>,
    /// Whether they must set up a second factor before anything else.
    pub must_add_factor: bool,
    /// When they last proved who they are, UTC.
    pub proven_at: NaiveDateTime,
    /// What their forms prove themselves with.
    pub(crate) form_token: FormToken,
    /// What a program asks with on their behalf.
    pub bearer: Option<ApiToken>,
}

impl SignedIn {
    /// On whose behalf commands are run.
    pub fn actor(&self) -> Actor {
        let name = &self.person.display_name;
        let name = self.bearer.as_ref().map_or_else(|| name.clone(), |token| format!("{name}（访问令牌“{}”）", token.name));
        Actor { user_id: Some(self.person.id), name, address: self.address.clone() }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let missing = || Error::Fault("a handler asks who is signed in but its route lets anybody in".into());
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}
