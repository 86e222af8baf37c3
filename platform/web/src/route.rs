//! Routes and who may use them. A route without an [`Access`] cannot be written down.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use model::{Permission, Site};

use crate::{App, Thing};

/// A feature: the console, the portal, or one of `plugins/`.
pub trait Plugin: Send + Sync {
    /// Its name, for logs.
    fn name(&self) -> &'static str;
    /// Every route it answers.
    fn routes(&self) -> Vec<Route>;
    /// An answer to anybody's GET on a site that needs no waiting: asked before any route, so it must be what the plugin's own
    /// route would answer. None leaves the request to the routes.
    fn at_hand(&self, _site: &Site, _request: &Request) -> Option<Response> {
        None
    }
}

/// Behind which hosts a route stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The console's hosts.
    Console,
    /// The hosts of every site; the tenant is known.
    Site,
    /// The one host where citizens sign in and have their 用户中心.
    Citizens,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anyone,
    /// Anybody signed in, also who must change their password or set up a second factor before anything else and stands on the threshold
    /// until then.
    Threshold,
    /// Anybody signed in.
    SignedIn,
    /// Whoever holds this on the whole of the site named by `{site}` in the path.
    Site(Permission),
    /// Whoever holds this in some channel of that site. The handler shows and changes what lies [`crate::Scope::within`] alone.
    Within(Permission),
    /// Whoever holds this in the channel of that site's text that `{id}` names.
    Text(Permission),
    /// Whoever holds one of these in the channel of that site's text that `{id}` names.
    TextAny(&'static [Permission]),
    /// Whoever holds this in a channel of that site where the text that `{id}` names lies or is shown, whoever wrote it.
    Shown(Permission),
    /// Whoever holds this in the channel to which that site was made the offer that `{offer}` names.
    Offer(Permission),
    /// Whoever holds one of these in that channel.
    OfferAny(&'static [Permission]),
    /// Whoever holds this in the channel of the text that that site offers another by what `{offer}` names.
    Sent(Permission),
    /// Whoever holds this in the channel of that site's placement that `{placement}` names.
    Placement(Permission),
    /// Whoever holds this on the whole platform.
    Platform(Permission),
}

/// Where on the site of a route its permission must be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// On the whole of it.
    Whole,
    /// In some channel of it.
    Somewhere,
    /// In a channel where what the path names lies. To whoever may not read there it does not exist.
    With(Thing),
}

impl Access {
    /// Of a route of a site: where there one of which permissions must be held.
    pub fn on_site(&self) -> Option<(Where, &[Permission])> {
        use std::slice::from_ref;
        match self {
            Self::Anyone | Self::Threshold | Self::SignedIn | Self::Platform(_) => None,
            Self::Site(one) => Some((Where::Whole, from_ref(one))),
            Self::Within(one) => Some((Where::Somewhere, from_ref(one))),
            Self::Text(one) => Some((Where::With(Thing::Text), from_ref(one))),
            Self::TextAny(any) => Some((Where::With(Thing::Text), any)),
            Self::Shown(one) => Some((Where::With(Thing::Shown), from_ref(one))),
            Self::Offer(one) => Some((Where::With(Thing::Offer), from_ref(one))),
            Self::OfferAny(any) => Some((Where::With(Thing::Offer), any)),
            Self::Sent(one) => Some((Where::With(Thing::Sent), from_ref(one))),
            Self::Placement(one) => Some((Where::With(Thing::Placement), from_ref(one))),
        }
    }
}

/// What whoever asks proves themselves with. Neither opens what asks for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The cookie of a session: people, at screens.
    Session,
    /// A token of somebody's: programs, which are answered in JSON.
    Token,
    /// The cookie of a citizen. Of accesses there are two: anyone, and who is signed in.
    Citizen,
}

/// One method at one path.
pub struct Route {
    /// Behind which hosts.
    pub door: Door,
    /// GET also answers HEAD.
    pub method: Method,
    /// In axum's form; a site's routes name it `{site}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What whoever asks proves themselves with.
    pub proof: Proof,
    /// Whether it is so grave that whoever asks must have proved of late who they are.
    pub confirmed: bool,
    pub(crate) handler: MethodRouter<Arc<App>, Infallible>,
    pub(crate) allowance: Allowance,
}

/// How much a request may send, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    pub(crate) bytes: usize,
    pub(crate) patience: Duration,
}

/// Below which programs are answered.
pub(crate) const API: &str = "/api/";

/// The largest form: the longest text a resource may hold, in Chinese, as a form encodes it.
const FORM: Allowance = Allowance { bytes: 8 << 20, patience: Duration::from_secs(30) };

/// Several files at once over a slow line, and the wait for a turn. The handler counts each file as it comes.
const UPLOAD: Allowance = Allowance { bytes: 2 << 30, patience: Duration::from_mins(15) };

impl Route {
    /// A GET on the console.
    pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self {
            door: Door::Console,
            method: Method::GET,
            path,
            access,
            proof: Proof::Session,
            confirmed: false,
            handler: on(MethodFilter::GET, handler),
            allowance: FORM,
        }
    }

    /// A POST on the console.
    pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        Self {
            door: Door::Console,
            method: Method::POST,
            path,
            access,
            proof: Proof::Session,
            confirmed: false,
            handler: on(MethodFilter::POST, handler),
            allowance: FORM,
        }
    }

    /// The same route for a grave deed: whoever has not proved for a while who they are does so first ([`crate::Confirm`]).
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self { confirmed: true, ..self }
    }

    /// The same route for files: its handler must count what comes, which [`crate::Files`] does.
    #[must_use]
    pub fn for_uploads(self) -> Self {
        Self { allowance: UPLOAD, ..self }
    }

    /// The same route for programs. It lies below `/api/`, so that failures are told them in JSON.
    #[must_use]
    pub fn for_programs(self) -> Self {
        debug_assert!(self.path.starts_with(API), "{}", self.path);
        Self { proof: Proof::Token, ..self }
    }

    /// The same route where citizens sign in.
    #[must_use]
    pub fn for_citizens(self) -> Self {
        Self { door: Door::Citizens, proof: Proof::Citizen, ..self }
    }

    /// The same route behind the sites' hosts, for citizens whom their site knows.
    #[must_use]
    pub fn for_citizens_on_sites(self) -> Self {
        Self { door: Door::Site, proof: Proof::Citizen, ..self }
    }

    /// The same route behind the sites' hosts.
    #[must_use]
    pub fn on_sites(self) -> Self {
        Self { door: Door::Site, ..self }
    }
}
