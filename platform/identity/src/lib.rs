//! 统一身份服务: other systems of the city sign people in through us, by OpenID Connect: our own people by the console, citizens by 用户中心. The rules
//! of the protocol are `oidc`'s; the screens on which people agree are drawn there.

mod authorize;
mod consent;
mod documents;
mod guest;
mod issuer;
mod issuing;
mod leaving;
mod person;
mod token;

pub use consent::{Next, Onward, Question, consider, settle, told};
pub use guest::Guest;
pub use issuer::Issuer;
pub use issuing::{new_client, new_secret};

use web::Access::Anyone;
use web::{Plugin, Route};

/// What a query or a form says.
pub fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// The host of an address.
fn host_of(address: &str) -> String {
    url::Url::parse(address).ok().and_then(|address| address.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The identity service as a plugin of the app.
pub struct Identity;

impl Plugin for Identity {
    fn name(&self) -> &'static str {
        "identity"
    }

    fn routes(&self) -> Vec<Route> {
        let routes = || {
            [
                Route::get("/oidc/.well-known/openid-configuration", Anyone, documents::discovery),
                Route::get("/oidc/keys", Anyone, documents::keys),
                Route::get("/oidc/authorize", Anyone, authorize::answer),
                Route::post("/oidc/token", Anyone, token::answer),
                Route::get("/oidc/userinfo", Anyone, person::answer),
                Route::post("/oidc/userinfo", Anyone, person::answer),
                Route::get("/oidc/logout", Anyone, leaving::answer),
            ]
        };
        routes().into_iter().chain(routes().map(Route::for_citizens)).collect()
    }
}
