//! How far a publication has come, told as it happens (server-sent events) until every page is live and read back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use futures_util::stream;
use model::{Permission, Publication, PublicationId, SessionId, SiteId, UserId};
use serde::Serialize;
use store::{people, publications, sessions};
use tokio::sync::{Semaphore, SemaphorePermit};
use web::{App, Error, Scope};

use crate::receipt::PATIENCE;
use crate::resource::check_within;

/// Followers one node takes at once; whoever comes later looks again now and then instead.
const MOST: usize = 200;

/// Receipts one person follows at once, so that nobody takes every place.
const MOST_EACH: usize = 10;

/// How often the database is asked. What other nodes do is in it too.
const LOOK: Duration = Duration::from_millis(400);

/// A line that stays open says so this often, or a proxy would close it.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// After this a browser asks anew, and is asked again who it is.
const LONGEST: Duration = Duration::from_mins(5);

static FOLLOWERS: Semaphore = Semaphore::const_new(MOST);

/// How many lines each person has open.
static EACH: LazyLock<Mutex<HashMap<UserId, usize>>> = LazyLock::new(Mutex::default);

/// What a follower is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Progress {
    /// Pages known so far; none while they are still being looked for.
    total: i64,
    /// Live, or gone where that was wanted.
    done: i64,
    /// Not rendered for a fault of their templates or data.
    failed: i64,
    /// Read back through the public door, whatever was found.
    read_back: i64,
    sites: Vec<OnSite>,
    /// A sentence for the eye and for screen readers.
    text: String,
    /// Nothing more will change.
    #[serde(skip)]
    is_over: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct OnSite {
    name: String,
    total: i64,
    done: i64,
}

/// GET /console/{site}/receipts/{publication}/progress
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    scope: Scope,
    Path((_, id)): Path<(String, PublicationId)>,
) -> Result<Response, Error> {
    let (site, within) = (scope.site.id, scope.within(Permission::Read));
    app.read(move |connection| {
        let receipt = publications::find_receipt(connection, site, id)?.ok_or(Error::NotFound)?;
        check_within(connection, site, receipt.publication.resource_id, &within)
    })
    .await?;
    // A number that is not this site's is told so before anything is opened.
    look(&app, site, id).await?;
    let (person, session) = (scope.signed_in.person.id, scope.signed_in.session);
    let place = Place::take(person).ok_or(Error::TooMany)?;
    let follower = Follower { app, site, id, session, told: None, since: Instant::now(), place };
    let told = stream::unfold(Some(follower), async |follower| next(follower?).await);
    let mut response = Sse::new(told).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    // nginx would keep what is told until there is a page of it.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One open line; dropped when the browser leaves.
struct Follower {
    app: Arc<App>,
    site: SiteId,
    id: PublicationId,
    session: SessionId,
    told: Option<Progress>,
    since: Instant,
    place: Place,
}

impl Follower {
    /// Whether whoever follows is signed in still and may read here still: a line that is open outlives neither.
    async fn may_look(&self) -> Result<bool, Error> {
        let (person, session, site, now) = (self.place.person, self.session, self.site, self.app.engine.clock.now());
        self.app
            .read(move |connection| {
                let is_open = sessions::is_open(connection, person, session)?;
                let person = people::find_person(connection, person, now)?;
                Ok::<_, store::Error>(is_open && person.is_some_and(|person| person.within(Permission::Read, site).is_any()))
            })
            .await
    }
}

/// A follower's place, free again when it is dropped.
struct Place {
    person: UserId,
    _among_all: SemaphorePermit<'static>,
}

impl Place {
    fn take(person: UserId) -> Option<Self> {
        let among_all = FOLLOWERS.try_acquire().ok()?;
        let mut each = EACH.lock().unwrap_or_else(PoisonError::into_inner);
        let open = each.entry(person).or_default();
        if *open >= MOST_EACH {
            return None;
        }
        *open += 1;
        Some(Self { person, _among_all: among_all })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut each = EACH.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut open) = each.entry(self.person) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }
}

type Told = (Result<Event, Infallible>, Option<Follower>);

/// Waits until there is something new to tell. The line ends when all is done, the node stops, or the database cannot say.
async fn next(mut follower: Follower) -> Option<Told> {
    loop {
        if !follower.may_look().await.ok()? {
            return None;
        }
        let progress = look(&follower.app, follower.site, follower.id).await.ok()?;
        if progress.is_over {
            return Some((Ok(event("done", &progress)), None));
        }
        if follower.told.as_ref() != Some(&progress) {
            let event = event("progress", &progress);
            follower.told = Some(progress);
            return Some((Ok(event), Some(follower)));
        }
        if follower.since.elapsed() > LONGEST {
            return None;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = follower.app.closing() => return None,
        }
    }
}

fn event(name: &str, progress: &Progress) -> Event {
    let event = Event::default().event(name);
    event.json_data(progress).unwrap_or_else(|_| Event::default().event(name))
}

/// What the database says now.
async fn look(app: &Arc<App>, site: SiteId, id: PublicationId) -> Result<Progress, Error> {
    let (publication, on_sites) = app
        .read(move |connection| {
            let publication = publications::find(connection, site, id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((publication, publications::list_progress(connection, id)?))
        })
        .await?;
    Ok(progress(app, &publication, on_sites, app.engine.clock.now()))
}

fn progress(app: &App, publication: &Publication, on_sites: Vec<publications::Progress>, now: NaiveDateTime) -> Progress {
    let sum = |of: fn(&publications::Progress) -> i64| on_sites.iter().map(of).sum::<i64>();
    let (total, done) = (sum(|on| on.total), sum(|on| on.done));
    let (failed, read_back) = (sum(|on| on.failed), sum(|on| on.read_back));
    let is_over = publication.completed_at.is_some_and(|at| read_back == total || now - at > PATIENCE);
    let text = match (publication.resolved_at, publication.completed_at) {
        (None, _) => "正在查找受影响的页面……".to_owned(),
        (_, None) if failed > 0 => format!("已完成 {done} / {total} 个页面，{failed} 个生成失败，系统将自动重试"),
        (_, None) => format!("已完成 {done} / {total} 个页面"),
        (_, Some(_)) => format!("{total} 个页面已全部完成，正在核验 {read_back} / {total}"),
    };
    let names = app.tenants.list();
    let name = |id| names.iter().find(|site| site.id == id).map_or_else(|| format!("站点 {id}"), |site| site.name.clone());
    let sites = on_sites.iter().map(|on| OnSite { name: name(on.site_id), total: on.total, done: on.done }).collect();
    Progress { total, done, failed, read_back, sites, text, is_over }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_follows_so_much_that_others_cannot() {
        let (one, other) = (UserId(7_000_001), UserId(7_000_002));
        let taken: Vec<_> = std::iter::from_fn(|| Place::take(one)).take(MOST).collect();
        assert_eq!(taken.len(), MOST_EACH);
        assert!(Place::take(other).is_some());
        drop(taken);
        assert!(Place::take(one).is_some());
    }
}
