//! The guard: runs before every handler and lets pass whom the route's [`Access`] names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use model::{Actor, ChannelId, Permission, Site, Within, citizen_policy};

use crate::bearer;
use crate::citizen::find_citizen;
use crate::client::ClientAddress;
use crate::confirmation;
use crate::route::Proof;
use crate::session;
use crate::signed_in::SignedIn;
use crate::{Access, App, Error, Tenant, Where};

/// A signed-in person on a site they may use the route on: what queries on a tenant's data start from.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The site named in the path.
    pub site: Arc<Site>,
    /// Who is asking.
    pub signed_in: SignedIn,
}

impl Scope {
    /// Whether they may do this on the whole of the site.
    pub fn may(&self, permission: Permission) -> bool {
        self.signed_in.person.may(permission, self.site.id)
    }

    /// Whether they may do this in that channel.
    pub fn may_in(&self, permission: Permission, channel: ChannelId) -> bool {
        self.signed_in.person.may_in(permission, self.site.id, channel)
    }

    /// Of which channels they may do this.
    pub fn within(&self, permission: Permission) -> Within {
        self.signed_in.person.within(permission, self.site.id)
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
    pub(crate) proof: Proof,
    pub(crate) confirmed: bool,
    /// Bytes of a form.
    pub(crate) most: usize,
}

pub(crate) async fn guard(
    State(Gate { app, access, proof, confirmed, most }): State<Gate>,
    params: RawPathParams,
    jar: CookieJar,
    address: ClientAddress,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    if access == Access::Anyone {
        return Ok(next.run(request).await);
    }
    if proof == Proof::Citizen {
        return guard_citizen(&app, jar, address, confirmed, request, most, next).await;
    }
    let back = back(&request, "/console");
    let signed_in = match proof {
        Proof::Session => session::find_session(&app, &jar, address.0).await?.ok_or_else(|| Error::SignIn(back.clone()))?,
        Proof::Token | Proof::Citizen => bearer::find(&app, request.headers(), address.0).await?,
    };
    if signed_in.must_change.is_some() && access != Access::Threshold {
        return Err(Error::ChangePassword(is_going_somewhere(&request).then_some(back)));
    }
    if signed_in.must_add_factor && access != Access::Threshold {
        return Err(Error::AddFactor(is_going_somewhere(&request).then_some(back)));
    }
    if let Access::Platform(permission) = access
        && !signed_in.person.may_everywhere(permission)
    {
        return Err(Error::Forbidden);
    }
    if let Some((place, enough)) = access.on_site() {
        let site = named(&params, "site").and_then(|key| app.tenants.find_by_key(key)).ok_or(Error::NotFound)?;
        // Whoever holds nothing here is not told that the site exists.
        if !signed_in.person.belongs(site.id) {
            return Err(Error::NotFound);
        }
        let scope = Scope { site, signed_in: signed_in.clone() };
        check(&app, &scope, place, enough, &params).await?;
        request.extensions_mut().insert(scope);
    }
    let token = signed_in.form_token.clone();
    // No page can have a browser send a token of a program: there is no form to be proved.
    if proof == Proof::Token {
        request.extensions_mut().insert(signed_in);
        return Ok(next.run(request).await);
    }
    let request = match token.admit(request, most).await {
        Ok(request) if confirmed => confirmation::admit(&app, &signed_in, request, most).await,
        Ok(request) => Ok(request),
        Err(refusal) => return Ok(refusal),
    };
    let response = match request {
        Ok(mut request) => {
            request.extensions_mut().insert(signed_in);
            next.run(request).await
        }
        Err(asking) => asking,
    };
    Ok(token.put(response).await)
}

/// The same for citizens, of whom a site knows those whom it took over, and nobody else.
async fn guard_citizen(
    app: &Arc<App>,
    jar: CookieJar,
    address: ClientAddress,
    confirmed: bool,
    mut request: Request,
    most: usize,
    next: Next,
) -> Result<Response, Error> {
    let site = request.extensions().get::<Tenant>().map(|tenant| tenant.site.id);
    let back = back(&request, "/");
    let way = if site.is_some() { "/_user/enter?to=" } else { "/sign-in?next=" };
    let found = find_citizen(app, &jar, site, address.0).await?;
    let signed_in = found.ok_or_else(|| Error::CitizenFirst(way, back.clone()))?;
    let token = signed_in.form_token.clone();
    if confirmed && !citizen_policy().sessions.is_proven(signed_in.proven, app.engine.clock.now()) {
        // What was sent is not done: the page it came from says so afterwards.
        let page = back.split('?').next().unwrap_or_default();
        let next = if request.method().is_safe() { back.clone() } else { format!("{page}?done=confirmed") };
        return Err(Error::CitizenFirst("/confirm?next=", next));
    }
    request = match token.admit(request, most).await {
        Ok(request) => request,
        Err(refusal) => return Ok(refusal),
    };
    request.extensions_mut().insert(signed_in);
    Ok(token.put(next.run(request).await).await)
}

/// What a parameter of the path says.
fn named<'a>(params: &'a RawPathParams, name: &str) -> Option<&'a str> {
    params.iter().find(|(one, _)| *one == name).map(|(_, value)| value)
}

/// Whether somebody who belongs to the site may use a route of it.
async fn check(app: &Arc<App>, scope: &Scope, place: Where, enough: &[Permission], params: &RawPathParams) -> Result<(), Error> {
    // Most hold what they hold on the whole of a site, and of them nothing more need be asked.
    if enough.iter().any(|permission| scope.may(*permission)) {
        return Ok(());
    }
    match place {
        Where::Somewhere if enough.iter().any(|permission| scope.within(*permission).is_any()) => Ok(()),
        Where::Whole | Where::Somewhere => Err(Error::Forbidden),
        Where::With(thing) => {
            let id = named(params, thing.parameter()).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
            let site = scope.site.id;
            let channels = app.read(move |connection| thing.channels(connection, site, id)).await?;
            let may = |permission| channels.iter().any(|channel| scope.may_in(permission, *channel));
            match (enough.iter().any(|permission| may(*permission)), may(Permission::Read)) {
                (true, _) => Ok(()),
                (false, true) => Err(Error::Forbidden),
                // What they may not read is not there.
                (false, false) => Err(Error::NotFound),
            }
        }
    }
}

/// Whether somebody asks for a screen, rather than sends a form or lets a script ask: those must hear that nothing was done.
fn is_going_somewhere(request: &Request) -> bool {
    let is_asked_by_script = ["hx-request", "x-requested-with"].iter().any(|name| request.headers().contains_key(*name));
    request.method().is_safe() && !is_asked_by_script
}

/// Where to come back to after signing in: the page itself, or the one a form was sent from.
fn back(request: &Request, home: &str) -> String {
    if request.method().is_safe() {
        return whole(request.uri());
    }
    let referrer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()?.parse::<Uri>().ok());
    referrer.map_or_else(|| home.to_owned(), |address| whole(&address))
}

/// The path of an address, with what stands behind it.
fn whole(address: &Uri) -> String {
    address.path_and_query().map_or_else(|| address.path(), |whole| whole.as_str()).to_owned()
}

impl<S: Send + Sync> FromRequestParts<S> for Scope {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let missing = || Error::Fault("a handler asks for a site but its route declares none".into());
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}
