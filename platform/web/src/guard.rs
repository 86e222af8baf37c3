//! The guard: runs before every handler and lets pass whom the route's [`Access`] names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use model::{Actor, Permission, Site};

use crate::client::ClientAddress;
use crate::session;
use crate::signed_in::SignedIn;
use crate::{Access, App, Error};

/// A signed-in person on a site they may use the route on: what queries on a tenant's data start from.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The site named in the path.
    pub site: Arc<Site>,
    /// Who is asking.
    pub signed_in: SignedIn,
}

impl Scope {
    /// Whether they may do this here.
    pub fn may(&self, permission: Permission) -> bool {
        self.signed_in.person.may(permission, self.site.id)
    }

    /// On whose behalf commands are run.
    pub fn actor(&self) -> Actor {
        self.signed_in.actor()
    }
}

/// What a route lets in.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) app: Arc<App>,
    pub(crate) access: Access,
    /// Bytes of a form.
    pub(crate) most: usize,
}

pub(crate) async fn guard(
    State(Gate { app, access, most }): State<Gate>,
    params: RawPathParams,
    jar: CookieJar,
    address: ClientAddress,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    if access == Access::Anyone {
        return Ok(next.run(request).await);
    }
    let back = back(&request);
    let signed_in = session::find(&app, &jar, address.0).await?.ok_or(Error::SignIn(back))?;
    match access {
        Access::Anyone | Access::SignedIn => {}
        Access::Platform(permission) if signed_in.person.may_everywhere(permission) => {}
        Access::Platform(_) => return Err(Error::Forbidden),
        Access::Site(permission) => {
            let named = params.iter().find(|(name, _)| *name == "site").map(|(_, value)| value.to_owned());
            let site = named.and_then(|key| app.tenants.find_by_key(&key)).ok_or(Error::NotFound)?;
            // Whoever holds nothing here is not told that the site exists.
            if !Permission::ALL.iter().any(|any| signed_in.person.may(*any, site.id)) {
                return Err(Error::NotFound);
            }
            if !signed_in.person.may(permission, site.id) {
                return Err(Error::Forbidden);
            }
            request.extensions_mut().insert(Scope { site, signed_in: signed_in.clone() });
        }
    }
    let token = signed_in.form_token.clone();
    request.extensions_mut().insert(signed_in);
    match token.admit(request, most).await {
        Ok(request) => Ok(token.put(next.run(request).await).await),
        Err(refusal) => Ok(refusal),
    }
}

/// Where to come back to after signing in: the page itself, or the one a form was sent from.
fn back(request: &Request) -> String {
    if request.method().is_safe() {
        return request.uri().path().to_owned();
    }
    let referrer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()?.parse::<Uri>().ok());
    referrer.map_or_else(|| "/console".to_owned(), |address| address.path().to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Scope {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let missing = || Error::Fault("a handler asks for a site but its route declares none".into());
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}
