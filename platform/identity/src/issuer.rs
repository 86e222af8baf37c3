//! Who we are to applications: one service for our own people, at the console's hosts, and one for citizens, where they sign in. Neither knows
//! the applications of the other.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use model::{Application, Clientele};
use oidc::Endpoints;
use web::{App, Error, Origin};

/// The service that was asked.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Its addresses.
    pub endpoints: Endpoints,
    /// Who signs in through it.
    pub clientele: Clientele,
}

impl Issuer {
    /// The application, if it is one of this service.
    pub(crate) fn own(&self, application: Option<Application>) -> Option<Application> {
        application.filter(|one| one.clientele == self.clientele)
    }

    /// Where people go on from here.
    pub(crate) fn ways(&self) -> &'static Ways {
        match self.clientele {
            Clientele::Staff => &Ways {
                sign_in: "/console/sign-in",
                agree: "/console/authorize",
                left: "/console/sign-in?done=signed-out",
                leave: "/console/sign-out",
            },
            Clientele::Citizens => {
                &Ways { sign_in: "/sign-in", agree: "/authorize", left: "/sign-in?done=signed-out", leave: "/?done=sign-out" }
            }
        }
    }
}

/// The screens that people are led to.
pub(crate) struct Ways {
    /// Where they sign in.
    pub(crate) sign_in: &'static str,
    /// Where they agree.
    pub(crate) agree: &'static str,
    /// Where whoever has gone stands.
    pub(crate) left: &'static str,
    /// Where whoever is signed in is asked, since nobody showed that it is they who are to leave.
    pub(crate) leave: &'static str,
}

impl<S> FromRequestParts<S> for Issuer
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Origin(origin) = Origin::from_request_parts(parts, state).await?;
        let app = Arc::<App>::from_ref(state);
        let at = |origin: &str| Endpoints::new(format!("{origin}/oidc")).map_err(|_| Error::BadRequest("访问地址有误".into()));
        let (asked, center) = (at(&origin)?, &app.engine.settings.citizens);
        // Citizens sign in at one address, whatever a proxy makes of it on the way.
        match center.host().zip(center.address.as_deref()) {
            Some((host, address)) if asked.is_at(host) => Ok(Self { endpoints: at(address)?, clientele: Clientele::Citizens }),
            _ => Ok(Self { endpoints: asked, clientele: Clientele::Staff }),
        }
    }
}
