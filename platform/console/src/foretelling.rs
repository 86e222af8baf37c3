//! Where and when a text goes live with its last approval, in words: told before that is given.

use model::SiteId;
use publish::commands::placing::Foreseen;
use serde::Serialize;
use web::App;

use crate::offers::site_name;

/// Sites named at most where a text stands alone.
const NAMED: usize = 8;

/// Sites named at most in a list.
const NAMED_IN_LIST: usize = 3;

/// Where a text goes live.
#[derive(Serialize)]
pub(crate) struct Foretold {
    /// The sites that show it; empty where nobody does yet.
    sites: String,
    /// The sites that decide for themselves.
    asked: String,
    /// Its topic is in preparation.
    waits: bool,
    /// The second that is asked for, on the wall; none: at once.
    at: Option<String>,
}

impl Foretold {
    pub(crate) fn of(app: &App, foreseen: &Foreseen, at: Option<String>) -> Self {
        let named = |sites: &[SiteId]| named(app, sites, NAMED);
        Self { sites: named(&foreseen.sites), asked: named(&foreseen.asked), waits: foreseen.waits, at }
    }
}

/// The same in a line of a list.
pub(crate) fn line(app: &App, foreseen: &Foreseen) -> String {
    match (foreseen.waits, foreseen.sites.is_empty()) {
        (true, _) => "通过后待专题上线时公开".to_owned(),
        (_, true) => String::new(),
        _ => format!("通过后在{}发布", named(app, &foreseen.sites, NAMED_IN_LIST)),
    }
}

/// 望溪区、云川市等5个站点
fn named(app: &App, sites: &[SiteId], most: usize) -> String {
    let names = sites.iter().take(most).map(|site| site_name(app, *site)).collect::<Vec<_>>().join("、");
    if sites.len() > most { format!("{names}等{}个站点", sites.len()) } else { names }
}
