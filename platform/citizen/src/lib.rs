//! 统一用户中心: where citizens register and sign in, once for all sites, and see and change what is kept of them. It stands on a host of its own;
//! sites send people there and take them over ([`coming`]).

mod assets;
mod authorizing;
mod center;
mod closing;
mod code;
mod coming;
mod confirming;
mod consents;
mod guardian;
mod linking;
mod links;
mod minor;
mod password;
mod profile;
mod registering;
mod screens;
mod security;
mod sign_in;
mod suspended;
mod telling;
mod via;

pub use code::forget_sent;
pub use screens::error_screen;

use web::Access::{Anyone, SignedIn};
use web::{Plugin, Route};

/// 统一用户中心 as a plugin of the app.
pub struct Citizens;

impl Plugin for Citizens {
    fn name(&self) -> &'static str {
        "citizen"
    }

    fn routes(&self) -> Vec<Route> {
        let mut routes = vec![
            Route::get("/static/{file}", Anyone, assets::show),
            Route::get("/terms", Anyone, screens::terms),
            Route::get("/privacy", Anyone, screens::privacy),
            Route::get("/sign-in", Anyone, sign_in::ask),
            Route::post("/sign-in", Anyone, sign_in::enter),
            Route::post("/sign-in/code", Anyone, sign_in::send),
            Route::post("/sign-in/password", Anyone, password::enter),
            Route::post("/register", Anyone, registering::register),
            Route::post("/register/guardian", Anyone, minor::ask_guardian),
            Route::post("/register/consent", Anyone, minor::register),
            Route::get("/guardian", Anyone, guardian::ask),
            Route::post("/guardian/code", Anyone, guardian::send),
            Route::post("/guardian", Anyone, guardian::list),
            Route::post("/guardian/withdraw", Anyone, guardian::withdraw),
            Route::post("/guardian/release", Anyone, guardian::release),
            Route::get("/enter", Anyone, coming::enter),
            Route::get("/lost", Anyone, coming::lost),
            Route::get("/sign-in/via/{upstream}", Anyone, via::leave),
            Route::get("/sign-in/via/{upstream}/back", Anyone, via::arrive),
            Route::get("/sign-in/first", Anyone, linking::first),
            Route::get("/link", SignedIn, linking::ask).confirmed(),
            Route::post("/link", SignedIn, linking::confirm).confirmed(),
            Route::post("/link/decline", Anyone, linking::decline),
            Route::get("/authorize", SignedIn, authorizing::ask),
            Route::post("/authorize", SignedIn, authorizing::answer),
            Route::post("/sign-out", SignedIn, sign_in::leave),
            Route::get("/", SignedIn, center::show),
            Route::get("/confirm", SignedIn, confirming::ask),
            Route::post("/confirm/code", SignedIn, confirming::send),
            Route::post("/confirm", SignedIn, confirming::prove),
            Route::get("/profile", SignedIn, profile::show),
            Route::post("/profile", SignedIn, profile::save),
            Route::get("/profile/recipient", SignedIn, profile::ask_recipient).confirmed(),
            Route::post("/profile/recipient/code", SignedIn, profile::send).confirmed(),
            Route::post("/profile/recipient", SignedIn, profile::save_recipient).confirmed(),
            Route::post("/profile/recipient/remove", SignedIn, profile::remove_recipient).confirmed(),
            Route::get("/security", SignedIn, security::show),
            Route::get("/security/password", SignedIn, security::ask_password).confirmed(),
            Route::post("/security/password", SignedIn, security::save_password).confirmed(),
            Route::post("/security/password/remove", SignedIn, security::remove_password).confirmed(),
            Route::post("/security/links/begin/{upstream}", SignedIn, links::begin).confirmed(),
            Route::post("/security/links/{link}/remove", SignedIn, links::remove).confirmed(),
            Route::post("/security/consents/{application}/withdraw", SignedIn, consents::withdraw),
            Route::post("/security/sessions", SignedIn, security::end_others),
            Route::post("/security/sessions/{session}", SignedIn, security::end_one),
            Route::get("/data", SignedIn, closing::show),
            Route::get("/data/export", SignedIn, closing::export).confirmed(),
            Route::get("/data/close", SignedIn, closing::ask).confirmed(),
            Route::post("/data/close", SignedIn, closing::close).confirmed(),
        ];
        // Who loads the answer to a form again, or comes back to it, begins at the page that it came from.
        routes.extend([
            Route::get("/sign-in/code", Anyone, sign_in::ask),
            Route::get("/sign-in/password", Anyone, sign_in::ask),
            Route::get("/register", Anyone, sign_in::ask),
            Route::get("/register/guardian", Anyone, sign_in::ask),
            Route::get("/register/consent", Anyone, sign_in::ask),
            Route::get("/guardian/code", Anyone, guardian::ask),
            Route::get("/guardian/withdraw", Anyone, guardian::ask),
            Route::get("/confirm/code", SignedIn, confirming::ask),
            Route::get("/security/links/begin/{upstream}", SignedIn, security::show),
            Route::get("/profile/recipient/code", SignedIn, profile::ask_recipient).confirmed(),
        ]);
        routes = routes.into_iter().map(Route::for_citizens).collect();
        routes.extend([
            Route::get("/_user/enter", Anyone, coming::begin).on_sites(),
            Route::get("/_user/come", Anyone, coming::come).on_sites(),
            Route::get("/_user/me", Anyone, coming::who).on_sites(),
        ]);
        routes
    }
}
