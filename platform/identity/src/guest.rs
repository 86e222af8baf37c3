//! Whoever is signed in where an application sent them: one of our people, or a citizen.

use std::sync::Arc;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use chrono::NaiveDateTime;
use model::{Clientele, Subject};
use publish::commands::application::By;
use store::sign_ons::Source;
use web::{App, Error, SignedIn, SignedInCitizen, close_citizen_session, close_session, find_citizen, find_session};

/// Somebody with a session.
#[derive(Clone, Debug)]
pub enum Guest {
    /// One of our people.
    Staff(Box<SignedIn>),
    /// A citizen.
    Citizen(SignedInCitizen),
}

impl Guest {
    /// Who is signed in with the request's cookie, among those whom the service is for.
    pub(crate) async fn find(
        app: &Arc<App>,
        jar: &CookieJar,
        clientele: Clientele,
        address: String,
    ) -> Result<Option<Self>, Error> {
        Ok(match clientele {
            Clientele::Staff => find_session(app, jar, address).await?.map(|signed_in| Self::Staff(Box::new(signed_in))),
            Clientele::Citizens => find_citizen(app, jar, None, address).await?.map(Self::Citizen),
        })
    }

    /// Who they are to applications.
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Staff(signed_in) => Subject::Staff(signed_in.person.id),
            Self::Citizen(signed_in) => Subject::Citizen(signed_in.id),
        }
    }

    /// When they came in, UTC.
    pub(crate) fn since(&self) -> NaiveDateTime {
        match self {
            Self::Staff(signed_in) => signed_in.since,
            Self::Citizen(signed_in) => signed_in.since,
        }
    }

    /// Whether nothing must be done by them before anything else.
    pub(crate) fn is_within(&self) -> bool {
        match self {
            Self::Staff(signed_in) => signed_in.must_change.is_none() && !signed_in.must_add_factor,
            Self::Citizen(_) => true,
        }
    }

    /// What is given to applications ends with it.
    pub(crate) fn source(&self) -> Source {
        match self {
            Self::Staff(signed_in) => Source::Staff(signed_in.session),
            Self::Citizen(signed_in) => Source::Citizen(signed_in.session),
        }
    }

    /// On whose behalf commands are run.
    pub fn by(&self) -> By {
        match self {
            Self::Staff(signed_in) => By::Staff(signed_in.actor(), signed_in.person.id),
            Self::Citizen(signed_in) => By::Citizen(signed_in.deed()),
        }
    }

    /// Ends their session; gives the cookie that removes it from the browser.
    pub(crate) async fn close(&self, app: &Arc<App>) -> Result<Cookie<'static>, Error> {
        match self {
            Self::Staff(signed_in) => close_session(app, signed_in).await,
            Self::Citizen(signed_in) => close_citizen_session(app, signed_in).await,
        }
    }
}
