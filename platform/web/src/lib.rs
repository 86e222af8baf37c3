//! HTTP: the app, who is asking and for which site, what each route permits, and how answers and failures look.
//!
//! Every route is declared with its [`Access`]; there is no other way to add one. The console, the portal and every plugin are
//! built on the same [`Plugin`] trait.

mod app;
mod bearer;
mod begun;
mod citizen;
mod client;
mod confirmation;
mod download;
mod error;
mod files;
mod form_token;
mod guard;
mod headers;
mod human_check;
mod origin;
mod route;
mod serve;
mod session;
mod signed_in;
mod stranger;
mod tenant;
mod thing;
mod upstream;

pub use app::{App, AppParts, ErrorScreen};
pub use bearer::new_token;
pub use begun::{Begun, begin_sign_in, end_begun, find_begun};
pub use citizen::{
    SignedInCitizen, begin_visit, close_citizen_session, find_citizen, hand_over, open_citizen_session, take_over,
};
pub use client::{ClientAddress, is_trusted, network};
pub use confirmation::{Answer, Asking, Confirm, Deed};
pub use download::attachment;
pub use error::{Error, ErrorView};
pub use files::{Files, Part, Turn, UPLOADS_AT_ONCE};
pub use guard::Scope;
pub use headers::say_of_site;
pub use human_check::{AskedHuman, HumanCheck, ask_human, judge_human};
pub use origin::Origin;
pub use route::{Access, Door, Plugin, Proof, Route, Where};
pub use serve::{Front, Line};
pub use session::{close_session, find_session, hashed, open_session, open_vouched, random_token, renew_session};
pub use signed_in::SignedIn;
pub use stranger::Stranger;
pub use tenant::{Shut, Tenant, Tenants};
pub use thing::Thing;
pub use upstream::{begin_pending, begin_upstream, end_pending, find_pending, finish_upstream, upstream_failed};
