//! Every address of the console and who may use it.

use model::Permission::{
    Announce, Arrange, Audit, Emergency, Found, Operate, Push, Read, Review, Roles, Schedule, Staff, Subscribe, Takedown,
    Withdraw, Write,
};
use model::{OfferId, ResourceId};
use web::Access::{Anyone, Offer, OfferAny, Placement, Platform, Sent, Shown, SignedIn, Site, Text, TextAny, Threshold, Within};
use web::Route;

use crate::{
    account_deeds, agencies, alarms, annotating, annotations, api, applications, arrangement, assets, audit, audit_export,
    authorizing, batch, batches, bin, block, channel, channels, citizens, confirming, consents, contact, desk, dictionary,
    editing, export, factor_app, factor_passkey, factor_reset, founding, granting, groups, handing_over, home, inviting, library,
    linking, links, locking, look, me, media, medium, moving, naming, notices, offer, offers, operations, own_factors,
    own_password, people, person, placement, placements, places, preview, progress, proof, pushing, receipt, redirects, resource,
    reviewing, reviewing_several, revisions, rights, roles, saved_views, schedules, second_step, showing, sign_in, site_record,
    site_state, submitting, subscriptions, takedown, theme, times, tokens, topics, uploading, upstreams, via, views, withdrawing,
    working_copies, workload,
};

pub(crate) fn all() -> Vec<Route> {
    let mut routes = overseeing();
    routes.extend(arranging());
    routes.extend(writing());
    routes.extend(annotating());
    routes.extend(sharing());
    routes.extend(finding());
    routes.extend(staffing());
    routes.extend(programs());
    routes
}

/// Who works where. Over all sites, whoever manages people finds those of the sites they manage.
fn staffing() -> Vec<Route> {
    vec![
        Route::get("/console/people", SignedIn, people::show),
        Route::get("/console/people/new", Platform(Staff), inviting::ask),
        Route::post("/console/people/new", Platform(Staff), inviting::add).confirmed(),
        Route::post("/console/people/known", Platform(Staff), inviting::join).confirmed(),
        Route::get("/console/people/named", Platform(Staff), naming::offer),
        Route::get("/console/people/groups", Platform(Staff), groups::list),
        Route::post("/console/people/groups", Platform(Staff), groups::add),
        Route::get("/console/people/groups/new", Platform(Staff), groups::begin),
        Route::get("/console/people/groups/{group}", Platform(Staff), groups::open),
        Route::post("/console/people/groups/{group}", Platform(Staff), groups::save),
        Route::post("/console/people/groups/{group}/delete", Platform(Staff), groups::delete),
        Route::get("/console/people/roles", Platform(Staff), roles::list),
        Route::post("/console/people/roles", Platform(Roles), roles::add).confirmed(),
        Route::get("/console/people/roles/new", Platform(Roles), roles::begin),
        Route::get("/console/people/roles/{role}", Platform(Roles), roles::open),
        Route::post("/console/people/roles/{role}", Platform(Roles), roles::save).confirmed(),
        Route::post("/console/people/roles/{role}/delete", Platform(Roles), roles::delete).confirmed(),
        Route::get("/console/people/rights", Platform(Staff), rights::who),
        Route::get("/console/people/{user}/rights", SignedIn, rights::of_person),
        Route::get("/console/people/at", SignedIn, people::lead),
        Route::get("/console/people/{user}", SignedIn, person::show),
        Route::post("/console/people/{user}/roles", Platform(Staff), person::set_roles).confirmed(),
        Route::post("/console/people/{user}/grants", Platform(Staff), granting::give).confirmed(),
        Route::post("/console/people/{user}/grants/take", Platform(Staff), granting::take).confirmed(),
        Route::get("/console/people/{user}/contact", Platform(Staff), contact::of),
        Route::post("/console/people/{user}/contact", Platform(Staff), contact::save_of).confirmed(),
        Route::post("/console/people/{user}/password", Platform(Staff), inviting::reset).confirmed(),
        Route::post("/console/people/{user}/deactivate", Platform(Staff), account_deeds::deactivate).confirmed(),
        Route::post("/console/people/{user}/activate", Platform(Staff), account_deeds::activate).confirmed(),
        Route::post("/console/people/{user}/lock", Platform(Staff), account_deeds::lock).confirmed(),
        Route::post("/console/people/{user}/unlock", Platform(Staff), account_deeds::unlock).confirmed(),
        Route::post("/console/people/{user}/leave", Platform(Staff), account_deeds::leave).confirmed(),
        Route::post("/console/people/{user}/tokens/{token}/revoke", Platform(Staff), tokens::revoke_theirs),
        Route::post("/console/people/{user}/sessions/end", Platform(Staff), account_deeds::end_sessions).confirmed(),
        Route::post("/console/people/{user}/factors/reset", Platform(Staff), factor_reset::reset).confirmed(),
        Route::get("/console/citizens", Platform(Staff), citizens::ask),
        // What is asked for stands in no address and no log.
        Route::post("/console/citizens", Platform(Staff), citizens::find),
        Route::get("/console/citizens/{citizen}", Platform(Staff), citizens::show),
        Route::post("/console/citizens/{citizen}/suspend", Platform(Staff), citizens::suspend).confirmed(),
        Route::post("/console/citizens/{citizen}/reinstate", Platform(Staff), citizens::reinstate).confirmed(),
        Route::get("/console/applications", Platform(Staff), applications::list),
        Route::post("/console/applications", Platform(Staff), applications::add).confirmed(),
        Route::get("/console/applications/new", Platform(Staff), applications::begin),
        Route::get("/console/applications/{application}", Platform(Staff), applications::open),
        Route::post("/console/applications/{application}", Platform(Staff), applications::save).confirmed(),
        Route::post("/console/applications/{application}/secret", Platform(Staff), applications::renew).confirmed(),
        Route::get("/console/upstreams", Platform(Staff), upstreams::list),
        Route::post("/console/upstreams", Platform(Staff), upstreams::add).confirmed(),
        Route::get("/console/upstreams/new", Platform(Staff), upstreams::begin),
        Route::get("/console/upstreams/{upstream}", Platform(Staff), upstreams::open),
        Route::post("/console/upstreams/{upstream}", Platform(Staff), upstreams::save).confirmed(),
        Route::post("/console/people/{user}/links/{link}/remove", Platform(Staff), links::remove_theirs).confirmed(),
        Route::get("/console/authorize", SignedIn, authorizing::ask),
        Route::post("/console/authorize", SignedIn, authorizing::answer),
        Route::get("/console/agencies", Platform(Found), agencies::list),
        Route::get("/console/agencies/{agency}", Platform(Found), agencies::open),
        Route::post("/console/agencies/{agency}", Platform(Found), agencies::save),
        Route::post("/console/agencies/{agency}/code", Platform(Found), agencies::correct).confirmed(),
        Route::get("/console/{site}/people", Site(Staff), people::show),
        Route::get("/console/{site}/people/new", Site(Staff), inviting::ask),
        Route::post("/console/{site}/people/known", Site(Staff), inviting::join).confirmed(),
        Route::get("/console/{site}/people/workload", Site(Staff), workload::show),
        Route::get("/console/{site}/people/workload/export", Site(Staff), workload::export),
        Route::get("/console/{site}/people/groups", Site(Staff), groups::list),
        Route::post("/console/{site}/people/groups", Site(Staff), groups::add),
        Route::get("/console/{site}/people/groups/new", Site(Staff), groups::begin),
        Route::get("/console/{site}/people/groups/{group}", Site(Staff), groups::open),
        Route::post("/console/{site}/people/groups/{group}", Site(Staff), groups::save),
        Route::post("/console/{site}/people/groups/{group}/delete", Site(Staff), groups::delete),
        Route::get("/console/{site}/people/roles", Site(Staff), roles::list),
        Route::get("/console/{site}/people/rights", Site(Staff), rights::who),
        Route::get("/console/{site}/people/{user}/rights", Site(Staff), rights::of_person),
        Route::get("/console/{site}/people/{user}", Site(Staff), person::show),
        Route::post("/console/{site}/people/{user}/roles", Site(Staff), person::set_roles).confirmed(),
        Route::post("/console/{site}/people/{user}/grants", Site(Staff), granting::give).confirmed(),
        Route::post("/console/{site}/people/{user}/grants/take", Site(Staff), granting::take).confirmed(),
        Route::get("/console/{site}/people/{user}/contact", Site(Staff), contact::of),
        Route::post("/console/{site}/people/{user}/contact", Site(Staff), contact::save_of).confirmed(),
        Route::post("/console/{site}/people/{user}/remove", Site(Staff), person::remove).confirmed(),
    ]
}

/// What programs ask, with a token of somebody's.
fn programs() -> Vec<Route> {
    let routes = vec![
        Route::get("/api/v1/me", SignedIn, api::me),
        Route::get("/api/v1/sites/{site}/resources", Within(Read), api::resources::list),
        Route::post("/api/v1/sites/{site}/resources", Within(Write), api::resources::create),
        Route::get("/api/v1/sites/{site}/resources/{id}", Text(Read), api::resources::show),
    ];
    routes.into_iter().map(Route::for_programs).collect()
}

/// The library over all sites and of one.
fn finding() -> Vec<Route> {
    vec![
        // Who is signed in finds what is on the sites they may read, and their own views.
        Route::get("/console/library", SignedIn, library::show_all),
        Route::get("/console/library/export", SignedIn, export::export_all),
        Route::post("/console/library/views", SignedIn, saved_views::save_over_all),
        Route::post("/console/library/views/{view}/delete", SignedIn, saved_views::delete_over_all),
        Route::get("/console/{site}/library", Within(Read), library::show_site),
        Route::get("/console/{site}/library/bin", Within(Read), bin::show),
        Route::post("/console/{site}/resources/{id}/discard", Text(Write), bin::discard),
        Route::post("/console/{site}/resources/{id}/restore", Text(Write), bin::restore),
        Route::get("/console/{site}/library/export", Within(Read), export::export_site),
        // What the deed itself takes is asked when it is known which it is.
        Route::get("/console/{site}/library/batch", Within(Read), batch::ask),
        Route::post("/console/{site}/library/batches", Within(Read), batch::begin),
        Route::get("/console/{site}/library/batches", Within(Read), batches::list),
        Route::get("/console/{site}/library/batches/{batch}", Within(Read), batches::show),
        Route::post("/console/{site}/library/batches/{batch}/undo", Within(Write), batches::undo),
        Route::post("/console/{site}/library/views", Within(Read), saved_views::save),
        Route::post("/console/{site}/library/views/{view}/delete", Within(Read), saved_views::delete),
    ]
}

/// What sites show of each other, and the city's takedown.
fn sharing() -> Vec<Route> {
    vec![
        Route::get("/console/takedown", Platform(Takedown), takedown::search),
        Route::get("/console/takedown/{id}", Platform(Takedown), takedown::ask),
        Route::post("/console/takedown/{id}", Platform(Takedown), takedown::order).confirmed(),
        Route::get("/console/takedown/receipts/{publication}", Platform(Takedown), takedown::follow),
        Route::get("/console/{site}/offers", Within(Read), offers::waiting),
        Route::get("/console/{site}/offers/decided", Within(Read), offers::decided),
        Route::get("/console/{site}/offers/sent", Within(Read), offers::sent),
        Route::get("/console/{site}/offers/count", Within(Read), offers::count),
        Route::get("/console/{site}/shared", Within(Read), offers::shared),
        Route::get("/console/{site}/subscriptions", Within(Read), subscriptions::show),
        Route::get("/console/{site}/offers/{offer}", Offer(Read), offer::show),
        Route::post("/console/{site}/offers/{offer}/accept", Offer(Subscribe), offer::accept),
        Route::post("/console/{site}/offers/{offer}/decline", Offer(Subscribe), offer::decline),
        Route::post("/console/{site}/offers/{offer}/begin", Offer(Write), offer::begin),
        Route::post("/console/{site}/offers/{offer}/review", Offer(Subscribe), offer::review),
        Route::post("/console/{site}/offers/{offer}/cancel", Sent(Push), offers::cancel),
        Route::get("/console/{site}/resources/{id}/push", Text(Push), pushing::ask),
        Route::post("/console/{site}/resources/{id}/push", Text(Push), pushing::push),
        Route::get("/console/{site}/resources/{id}/places", Shown(Read), places::show),
        // Like moving, this changes what the public sees without a review.
        Route::post("/console/{site}/placements/{placement}", Placement(Withdraw), placement::set),
        Route::post("/console/{site}/placements/{placement}/remove", Placement(Withdraw), placement::remove),
    ]
}

/// Signing in, and the platform as a whole.
fn overseeing() -> Vec<Route> {
    vec![
        Route::get("/console/static/{file}", Anyone, assets::show),
        Route::get("/console/sign-in", Anyone, sign_in::ask),
        Route::post("/console/sign-in", Anyone, sign_in::enter),
        Route::get("/console/sign-in/via/{upstream}", Anyone, via::leave),
        Route::get("/console/sign-in/via/{upstream}/back", Anyone, via::arrive),
        Route::get("/console/sign-in/second", Anyone, second_step::ask),
        Route::post("/console/sign-in/second", Anyone, second_step::enter),
        Route::get("/console/sign-out", Threshold, sign_in::ask_to_leave),
        Route::post("/console/sign-out", Threshold, sign_in::leave),
        Route::get("/console/me", SignedIn, me::show),
        Route::get("/console/me/contact", SignedIn, contact::own),
        Route::post("/console/me/contact", SignedIn, contact::save_own),
        Route::get("/console/me/rights", SignedIn, rights::mine),
        Route::get("/console/me/password", Threshold, own_password::ask),
        // It asks for the present password itself.
        Route::post("/console/me/password", Threshold, own_password::change),
        Route::post("/console/me/confirm", Threshold, confirming::go_on).confirmed(),
        Route::get("/console/me/factors", Threshold, own_factors::show),
        Route::get("/console/me/factors/app", Threshold, factor_app::begin).confirmed(),
        Route::post("/console/me/factors/app", Threshold, factor_app::finish).confirmed(),
        Route::get("/console/me/factors/passkey", Threshold, factor_passkey::begin).confirmed(),
        Route::post("/console/me/factors/passkey", Threshold, factor_passkey::finish).confirmed(),
        Route::post("/console/me/factors/codes", SignedIn, own_factors::renew_codes).confirmed(),
        Route::get("/console/me/factors/codes", SignedIn, own_factors::lead_back),
        Route::get("/console/me/factors/{factor}", SignedIn, own_factors::open),
        Route::post("/console/me/factors/{factor}", SignedIn, own_factors::rename),
        Route::post("/console/me/factors/{factor}/remove", SignedIn, own_factors::remove).confirmed(),
        Route::post("/console/me/links/begin/{upstream}", SignedIn, links::begin).confirmed(),
        Route::post("/console/me/links/{link}/remove", SignedIn, links::remove).confirmed(),
        Route::post("/console/me/consents/{application}/withdraw", SignedIn, consents::withdraw),
        Route::get("/console/me/tokens", SignedIn, tokens::show),
        Route::post("/console/me/tokens", SignedIn, tokens::make).confirmed(),
        Route::post("/console/me/tokens/{token}/revoke", SignedIn, tokens::revoke),
        Route::post("/console/me/sessions/end-others", SignedIn, me::end_others),
        Route::post("/console/me/sessions/{session}/end", SignedIn, me::end),
        Route::get("/console", SignedIn, home::show),
        // The platform
        Route::get("/console/sites/new", Platform(Found), founding::begin),
        Route::post("/console/sites/new", Platform(Found), founding::go),
        Route::post("/console/sites/new/found", Platform(Found), founding::found).confirmed(),
        Route::get("/console/sites/new/people", Platform(Found), naming::offer),
        Route::get("/console/audit", Platform(Audit), audit::show_all),
        Route::get("/console/audit/export", Platform(Audit), audit_export::export_all).confirmed(),
        Route::post("/console/audit/verify", Platform(Audit), audit::verify),
        Route::get("/console/operations", Platform(Operate), operations::show),
        Route::post("/console/operations/jobs/{job}/retry", Platform(Operate), operations::retry),
        Route::post("/console/operations/jobs/{job}/discard", Platform(Operate), operations::discard),
        Route::get("/console/operations/alarms", Platform(Operate), alarms::show),
        Route::get("/console/operations/alarms/count", Platform(Operate), alarms::count),
        Route::post("/console/operations/alarms/seen", Platform(Operate), alarms::see),
        Route::get("/console/notices", Platform(Announce), notices::show_all),
        Route::post("/console/notices/banners", Platform(Announce), notices::put_banner_everywhere),
        Route::post("/console/notices/emergencies", Platform(Emergency), notices::switch_everywhere).confirmed(),
        Route::post("/console/notices/{notice}/end", Platform(Announce), notices::end_everywhere),
    ]
}

/// What a site is made of, and how it stands.
fn arranging() -> Vec<Route> {
    vec![
        Route::get("/console/{site}/channels", Site(Arrange), channels::show),
        Route::post("/console/{site}/channels", Site(Arrange), channel::add),
        Route::get("/console/{site}/channels/new", Site(Arrange), channel::begin),
        Route::get("/console/{site}/channels/{channel}", Site(Arrange), channel::open),
        Route::post("/console/{site}/channels/{channel}", Site(Arrange), channel::save),
        Route::post("/console/{site}/channels/{channel}/place", Site(Arrange), channels::place),
        Route::post("/console/{site}/channels/{channel}/retire", Site(Arrange), channel::retire),
        Route::post("/console/{site}/channels/{channel}/restore", Site(Arrange), channels::restore),
        // Whoever founds sites opens and closes them; one's own is taken offline by whoever switches its emergencies.
        Route::get("/console/{site}/record", Site(Found), site_record::open),
        Route::post("/console/{site}/record", Site(Found), site_record::save),
        Route::get("/console/{site}/state", Site(Read), site_state::show),
        Route::post("/console/{site}/state/open", Site(Found), site_state::open),
        Route::post("/console/{site}/state/remove", Site(Found), site_state::remove).confirmed(),
        Route::post("/console/{site}/state/close", Site(Found), site_state::close).confirmed(),
        Route::post("/console/{site}/state/call-off", Site(Found), site_state::call_off),
        Route::post("/console/{site}/state/offline", Site(Emergency), site_state::go_offline).confirmed(),
        Route::post("/console/{site}/state/resume", Site(Emergency), site_state::resume),
        Route::get("/console/{site}/dictionary", Site(Arrange), dictionary::open),
        Route::post("/console/{site}/dictionary", Site(Arrange), dictionary::save),
        Route::get("/console/{site}/home-page", Site(Arrange), arrangement::show),
        Route::get("/console/{site}/home-page/preview", Site(Arrange), arrangement::page),
        Route::get("/console/{site}/home-page/previous", Site(Arrange), arrangement::previous),
        Route::post("/console/{site}/home-page/steps", Site(Arrange), arrangement::step),
        Route::post("/console/{site}/home-page/live", Site(Arrange), arrangement::go_live),
        Route::post("/console/{site}/home-page/discard", Site(Arrange), arrangement::discard),
        Route::get("/console/{site}/home-page/blocks/{block}", Site(Arrange), block::open),
        Route::post("/console/{site}/home-page/blocks/{block}", Site(Arrange), block::save),
        Route::get("/console/{site}/topics", Site(Arrange), topics::show),
        Route::post("/console/{site}/topics", Site(Arrange), topics::open),
        Route::get("/console/{site}/topics/{topic}", Site(Arrange), arrangement::show),
        Route::get("/console/{site}/topics/{topic}/preview", Site(Arrange), arrangement::page),
        Route::get("/console/{site}/topics/{topic}/opening", Site(Arrange), topics::opening),
        Route::post("/console/{site}/topics/{topic}/opening", Site(Arrange), topics::go_live),
        Route::get("/console/{site}/topics/{topic}/previous", Site(Arrange), arrangement::previous),
        Route::post("/console/{site}/topics/{topic}/steps", Site(Arrange), arrangement::step),
        Route::post("/console/{site}/topics/{topic}/live", Site(Arrange), arrangement::go_live),
        Route::post("/console/{site}/topics/{topic}/discard", Site(Arrange), arrangement::discard),
        Route::get("/console/{site}/topics/{topic}/blocks/{block}", Site(Arrange), block::open),
        Route::post("/console/{site}/topics/{topic}/blocks/{block}", Site(Arrange), block::save),
        Route::get("/console/{site}/look", Site(Arrange), look::open),
        Route::post("/console/{site}/look", Site(Arrange), look::save),
        Route::post("/console/{site}/look/preview", Site(Arrange), look::page),
        Route::get("/console/{site}/look/theme", Site(Arrange), theme::show),
        Route::post("/console/{site}/look/theme", Site(Arrange), theme::wear),
        Route::get("/console/{site}/look/theme/preview", Site(Arrange), theme::page),
        Route::get("/console/{site}/redirects", Site(Read), redirects::show),
        Route::post("/console/{site}/redirects", Site(Write), redirects::save),
        Route::post("/console/{site}/redirects/import", Site(Write), redirects::import),
        Route::post("/console/{site}/redirects/{redirect}/delete", Site(Write), redirects::delete),
    ]
}

/// What people write on a site, and all that belongs to it.
fn writing() -> Vec<Route> {
    vec![
        // A site
        Route::get("/console/{site}", Within(Read), desk::show),
        Route::get("/console/{site}/count", Within(Read), desk::count),
        Route::get("/console/{site}/audit", Site(Audit), audit::show_site),
        Route::get("/console/{site}/audit/export", Site(Audit), audit_export::export_site).confirmed(),
        Route::post("/console/{site}/preview", Within(Write), preview::draw),
        Route::post("/console/{site}/preview/page", Within(Write), showing::draw),
        Route::post("/console/{site}/proof", Within(Write), proof::draw),
        Route::get("/console/{site}/receipts/{publication}", Within(Read), receipt::show),
        Route::get("/console/{site}/views", Site(Read), views::show),
        // Its media
        Route::get("/console/{site}/media", Within(Write), media::show),
        Route::post("/console/{site}/media", Within(Write), uploading::upload).for_uploads(),
        Route::get("/console/{site}/media/picker", Within(Write), media::picker),
        Route::get("/console/{site}/media/chosen", Within(Write), media::chosen),
        Route::get("/console/{site}/media/{id}", Within(Write), medium::show),
        Route::post("/console/{site}/media/{id}", Within(Write), medium::describe),
        Route::post("/console/{site}/media/{id}/delete", Site(Write), medium::delete),
        Route::get("/console/{site}/media/{id}/file", Within(Read), medium::file),
        // Its times and notices
        Route::get("/console/{site}/schedules", Within(Read), schedules::show),
        Route::post("/console/{site}/schedules/{schedule}/change", Within(Schedule), schedules::change),
        Route::post("/console/{site}/schedules/{schedule}/cancel", Within(Schedule), schedules::cancel),
        Route::get("/console/{site}/placements", Within(Read), placements::list),
        Route::get("/console/{site}/placements/{placement}", Placement(Read), placement::show),
        Route::post("/console/{site}/placements/{placement}/pin", Placement(Schedule), placement::pin),
        Route::post("/console/{site}/placements/{placement}/unpin", Placement(Schedule), placement::unpin),
        Route::post("/console/{site}/placements/{placement}/expiry", Placement(Withdraw), placement::expire),
        Route::get("/console/{site}/notices", Site(Read), notices::show),
        Route::post("/console/{site}/notices/banners", Site(Announce), notices::put_banner),
        Route::post("/console/{site}/notices/emergencies", Site(Emergency), notices::switch).confirmed(),
        Route::post("/console/{site}/notices/{notice}/end", Site(Announce), notices::end),
        Route::get("/console/{site}/receipts/{publication}/progress", Within(Read), progress::follow),
        // What people write and have not saved
        Route::get("/console/{site}/working-copies/{writing}", Within(Write), working_copies::show),
        Route::post("/console/{site}/working-copies/{writing}", Within(Write), working_copies::keep),
        Route::post("/console/{site}/working-copies/{writing}/discard", Within(Write), working_copies::discard),
        // Its resources
        Route::get("/console/resources/{id}", SignedIn, linking::lead),
        Route::get("/console/{site}/resources/linkable", Within(Write), linking::offer),
        Route::get("/console/{site}/resources/chosen", Within(Write), linking::chosen),
        Route::get("/console/{site}/resources/new", Within(Write), editing::begin),
        Route::post("/console/{site}/resources", Within(Write), editing::create),
        Route::get("/console/{site}/resources/{id}", Text(Read), resource::show),
        Route::get("/console/{site}/resources/{id}/edit", Text(Write), editing::open),
        Route::post("/console/{site}/resources/{id}/edit", Text(Write), editing::save),
        Route::post("/console/{site}/resources/{id}/lease", Text(Write), locking::renew),
        Route::post("/console/{site}/resources/{id}/lease/release", Text(Write), locking::release),
        Route::post("/console/{site}/resources/{id}/take-over", Text(Write), locking::take_over),
        Route::post("/console/{site}/resources/{id}/submit", Text(Write), submitting::submit),
        Route::post("/console/{site}/resources/{id}/cancel", Text(Write), submitting::cancel),
        Route::post("/console/{site}/resources/{id}/review", Text(Review), reviewing::give),
        Route::post("/console/{site}/resources/{id}/hand-over", Text(Review), handing_over::give),
        Route::post("/console/{site}/reviews", Within(Review), reviewing_several::give),
        Route::post("/console/{site}/resources/{id}/times", Text(Write), times::ask),
        Route::post("/console/{site}/resources/{id}/expiry", Text(Withdraw), times::expire),
        Route::post("/console/{site}/resources/{id}/withdraw", Text(Withdraw), withdrawing::withdraw),
        Route::post("/console/{site}/resources/{id}/move", Text(Write), moving::relocate),
        Route::get("/console/{site}/resources/{id}/revisions", Text(Read), revisions::list),
        Route::get("/console/{site}/resources/{id}/page", Text(Read), showing::kept),
        Route::get("/console/{site}/resources/{id}/proof", Text(Read), proof::draw_kept),
        // Where a deed was refused, its page is shown at the address of the deed; who comes back there comes to the text.
        Route::get("/console/{site}/resources/{id}/review", Text(Read), resource::lead_back),
        Route::get("/console/{site}/resources/{id}/hand-over", Text(Read), resource::lead_back),
        Route::get("/console/{site}/resources/{id}/times", Text(Read), resource::lead_back),
        Route::get("/console/{site}/resources/{id}/withdraw", Text(Read), resource::lead_back),
        Route::get("/console/{site}/resources/{id}/move", Text(Read), resource::lead_back),
        Route::get("/console/{site}/resources/{id}/revisions/compare", Text(Read), revisions::compare),
    ]
}

/// What is said at a place in a text, by whoever writes or reviews: either is enough.
fn annotating() -> Vec<Route> {
    vec![
        Route::get("/console/{site}/resources/{id}/annotations", Text(Read), annotations::draw),
        Route::post("/console/{site}/resources/{id}/annotations", TextAny(&[Write, Review]), annotating::add::<ResourceId>),
        Route::post(
            "/console/{site}/resources/{id}/annotations/{annotation}",
            TextAny(&[Write, Review]),
            annotating::change::<ResourceId>,
        ),
        Route::post(
            "/console/{site}/resources/{id}/annotations/{annotation}/delete",
            TextAny(&[Write, Review]),
            annotating::delete::<ResourceId>,
        ),
        Route::post(
            "/console/{site}/resources/{id}/annotations/{annotation}/answer",
            TextAny(&[Write, Review]),
            annotating::answer::<ResourceId>,
        ),
        Route::post(
            "/console/{site}/resources/{id}/annotations/{annotation}/settle",
            TextAny(&[Write, Review]),
            annotating::settle::<ResourceId>,
        ),
        Route::post("/console/{site}/offers/{offer}/annotations", OfferAny(&[Write, Review]), annotating::add::<OfferId>),
        Route::post(
            "/console/{site}/offers/{offer}/annotations/{annotation}",
            OfferAny(&[Write, Review]),
            annotating::change::<OfferId>,
        ),
        Route::post(
            "/console/{site}/offers/{offer}/annotations/{annotation}/delete",
            OfferAny(&[Write, Review]),
            annotating::delete::<OfferId>,
        ),
        Route::post(
            "/console/{site}/offers/{offer}/annotations/{annotation}/answer",
            OfferAny(&[Write, Review]),
            annotating::answer::<OfferId>,
        ),
        Route::post(
            "/console/{site}/offers/{offer}/annotations/{annotation}/settle",
            OfferAny(&[Write, Review]),
            annotating::settle::<OfferId>,
        ),
    ]
}
