//! Every address of the console and who may use it.

use model::Permission::{Audit, Operate, Read, Review, Withdraw, Write};
use web::Access::{Anyone, Platform, SignedIn, Site};
use web::Route;

use crate::{
    alarms, assets, audit, desk, editing, home, moving, operations, preview, receipt, redirects, resource, reviewing, revisions,
    sign_in, submitting, views, withdrawing,
};

pub(crate) fn all() -> Vec<Route> {
    vec![
        Route::get("/console/static/{file}", Anyone, assets::show),
        Route::get("/console/sign-in", Anyone, sign_in::ask),
        Route::post("/console/sign-in", Anyone, sign_in::enter),
        Route::post("/console/sign-out", SignedIn, sign_in::leave),
        Route::get("/console", SignedIn, home::show),
        // The platform
        Route::get("/console/audit", Platform(Audit), audit::show_all),
        Route::post("/console/audit/verify", Platform(Audit), audit::verify),
        Route::get("/console/operations", Platform(Operate), operations::show),
        Route::post("/console/operations/jobs/{job}/retry", Platform(Operate), operations::retry),
        Route::post("/console/operations/jobs/{job}/discard", Platform(Operate), operations::discard),
        Route::get("/console/operations/alarms", Platform(Operate), alarms::show),
        Route::post("/console/operations/alarms/seen", Platform(Operate), alarms::see),
        // A site
        Route::get("/console/{site}", Site(Read), desk::show),
        Route::get("/console/{site}/audit", Site(Audit), audit::show_site),
        Route::post("/console/{site}/preview", Site(Write), preview::draw),
        Route::get("/console/{site}/receipts/{publication}", Site(Read), receipt::show),
        Route::get("/console/{site}/views", Site(Read), views::show),
        Route::get("/console/{site}/redirects", Site(Read), redirects::show),
        Route::post("/console/{site}/redirects", Site(Write), redirects::save),
        Route::post("/console/{site}/redirects/import", Site(Write), redirects::import),
        Route::post("/console/{site}/redirects/{redirect}/delete", Site(Write), redirects::delete),
        // Its resources
        Route::get("/console/{site}/resources/new", Site(Write), editing::begin),
        Route::post("/console/{site}/resources", Site(Write), editing::create),
        Route::get("/console/{site}/resources/{id}", Site(Read), resource::show),
        Route::get("/console/{site}/resources/{id}/edit", Site(Write), editing::open),
        Route::post("/console/{site}/resources/{id}/edit", Site(Write), editing::save),
        Route::post("/console/{site}/resources/{id}/submit", Site(Write), submitting::submit),
        Route::post("/console/{site}/resources/{id}/cancel", Site(Write), submitting::cancel),
        Route::post("/console/{site}/resources/{id}/review", Site(Review), reviewing::give),
        Route::post("/console/{site}/resources/{id}/withdraw", Site(Withdraw), withdrawing::withdraw),
        Route::post("/console/{site}/resources/{id}/move", Site(Write), moving::relocate),
        Route::get("/console/{site}/resources/{id}/revisions", Site(Read), revisions::list),
        Route::get("/console/{site}/resources/{id}/revisions/compare", Site(Read), revisions::compare),
    ]
}
