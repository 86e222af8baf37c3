//! The console (后台): the screens on which editors write, reviewers decide, and operators look after the platform.
//!
//! Every screen is drawn on the server and works without scripts; htmx and a little script of our own only make it quicker.

mod account_deeds;
mod account_stage;
mod across;
mod agencies;
mod agents;
mod alarms;
mod annotating;
mod annotations;
mod api;
mod applications;
mod arrangement;
mod assets;
mod audit;
mod audit_export;
mod authorizing;
mod awaiting;
mod batch;
mod batches;
mod bin;
mod block;
mod channel;
mod channels;
mod chart;
mod choices;
mod citizens;
mod confirming;
mod consents;
mod contact;
mod desk;
mod details;
mod dictionary;
mod diff;
mod editing;
mod export;
mod factor_app;
mod factor_passkey;
mod factor_reset;
mod fields;
mod finding;
mod foretelling;
mod form;
mod founding;
mod framing;
mod granting;
mod groups;
mod handing_over;
mod home;
mod inviting;
mod judging;
mod library;
mod linking;
mod links;
mod locking;
mod look;
mod me;
mod media;
mod medium;
mod menu;
mod moment;
mod moving;
mod names;
mod naming;
mod notice;
mod notices;
mod offer;
mod offers;
mod office;
mod operations;
mod own_factors;
mod own_password;
mod paging;
mod people;
mod person;
mod pictures;
mod placement;
mod placements;
mod places;
mod preview;
mod progress;
mod proof;
mod proving;
mod pushing;
mod receipt;
mod redirects;
mod renewal;
mod resource;
mod reviewing;
mod reviewing_several;
mod revisions;
mod rights;
mod roles;
mod routes;
mod saved_views;
mod schedules;
mod screens;
mod second_step;
mod showing;
mod sign_in;
mod site_record;
mod site_state;
mod submitting;
mod subscriptions;
mod table;
mod takedown;
mod terms;
mod theme;
mod throttle;
mod timeline;
mod times;
mod tokens;
mod topics;
mod uploading;
mod upstreams;
mod via;
mod views;
mod withdrawing;
mod wording;
mod working_copies;
mod workload;

pub use confirming::Confirming;
pub use screens::error_screen;
pub use throttle::forget_failures;

use web::{Plugin, Route};

/// The console as a plugin of the app.
pub struct Console;

impl Plugin for Console {
    fn name(&self) -> &'static str {
        "console"
    }

    fn routes(&self) -> Vec<Route> {
        routes::all()
    }
}
