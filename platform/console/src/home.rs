//! Where a person lands after signing in.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Days, NaiveDateTime, NaiveTime};
use model::{Permission, Person, Site, SiteState, from_local, local};
use serde::{Deserialize, Serialize};
use store::{placements, resources, reviewers, site_states, views};
use web::{App, Error, SignedIn};

use crate::across;
use crate::chart::Chart;
use crate::desk;
use crate::notice;
use crate::renewal;
use crate::screens::{self, Frame, Place};

/// Days of views shown of each site.
const CHARTED: u64 = 14;

#[derive(Serialize, Default)]
struct Screen {
    sites: Vec<Line>,
    /// What waits for this person's review on any site, the soonest due first.
    waiting: Vec<across::Item>,
    /// What this person is writing on any site; what came back first.
    mine: Vec<across::Item>,
    may_found: bool,
}

#[derive(Serialize)]
struct Line {
    key: String,
    name: String,
    agency: String,
    address: String,
    /// Said of a site that is not simply open.
    state: Option<&'static str>,
    waiting: i64,
    mine: i64,
    /// What went live today, of its own and of others.
    today: i64,
    /// Channels that have missed their cycle.
    late: usize,
    /// Views of each of the last days.
    views: Chart,
}

/// What to say.
#[derive(Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    done: String,
}

/// GET /console
pub(crate) async fn show(State(app): State<Arc<App>>, signed_in: SignedIn, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let person = signed_in.person.clone();
    let sites: Vec<_> = app.tenants.list().into_iter().filter(|site| person.within(Permission::Read, site.id).is_any()).collect();
    match sites.as_slice() {
        [only] if !person.may_everywhere(Permission::Read) => {
            return Ok(Redirect::to(&format!("/console/{}", only.key)).into_response());
        }
        [] => return Ok(without_desk(&app, &signed_in)?.into_response()),
        _ => {}
    }
    let may_found = person.may_everywhere(Permission::Found);
    let (public, now) = (Arc::clone(&app.engine), app.engine.clock.now());
    let screen = app
        .read(move |connection| {
            let mut screen = Screen { may_found, ..Screen::default() };
            for site in &sites {
                let address = public.settings.public_url(&site.key, &site.domain);
                let line = line(connection, &person, site, address, now)?;
                if line.waiting > 0 {
                    screen.waiting.extend(across::waiting(connection, site, person.id, now)?);
                }
                if line.mine > 0 {
                    screen.mine.extend(across::mine(connection, site, person.id)?);
                }
                screen.sites.push(line);
            }
            across::cut(&mut screen.waiting);
            across::cut(&mut screen.mine);
            Ok::<_, store::Error>(screen)
        })
        .await?;
    let frame = Frame::platform(&signed_in, Place::Sites, "全部站点").noticed(notice::find(&wish.done));
    Ok(screens::draw("home.html", frame, screen)?.into_response())
}

fn line(
    connection: &mut store::Connection,
    person: &Person,
    site: &Site,
    address: String,
    now: NaiveDateTime,
) -> store::Result<Line> {
    let today = local(now).date_naive();
    let waiting = if person.within(Permission::Review, site.id).is_any() {
        reviewers::count_waiting(connection, site.id, person.id)?
    } else {
        0
    };
    let mine = resources::count(connection, site.id, &desk::mine(person.id))?;
    let standing = site_states::find(connection, site.id)?.map(|one| one.state).filter(|state| *state != SiteState::Open);
    let midnight = from_local(today.and_time(NaiveTime::MIN));
    let since = today.checked_sub_days(Days::new(CHARTED - 1)).unwrap_or(today);
    Ok(Line {
        key: site.key.clone(),
        name: site.name.clone(),
        agency: site.agency.name.clone(),
        address,
        state: standing.map(SiteState::chinese),
        waiting,
        mine,
        today: placements::count_live_since(connection, site.id, midnight)?,
        late: renewal::late(connection, site.id, now)?.len(),
        views: Chart::of(&views::sum_by_day(connection, site.id, since)?, since, today),
    })
}

/// Who manages people goes to them, auditors to their log; whoever holds nothing is told so.
fn without_desk(app: &App, signed_in: &SignedIn) -> Result<Response, Error> {
    let person = &signed_in.person;
    if person.may_everywhere(Permission::Staff) {
        return Ok(Redirect::to("/console/people").into_response());
    }
    if person.may_everywhere(Permission::Audit) {
        return Ok(Redirect::to("/console/audit").into_response());
    }
    if let Some(site) = app.tenants.list().iter().find(|site| person.may(Permission::Audit, site.id)) {
        return Ok(Redirect::to(&format!("/console/{}/audit", site.key)).into_response());
    }
    let frame = Frame::platform(signed_in, Place::Sites, "全部站点");
    Ok(screens::draw("home.html", frame, Screen::default())?.into_response())
}
