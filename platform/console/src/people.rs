//! 人员: everybody who works on the sites somebody manages, found, ordered and shown a page at a time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use axum_extra::extract::Form;
use chrono::NaiveDateTime;
use model::{AccountState, GroupId, Permission, Roles, Site, SiteId, User, UserId};
use serde::{Deserialize, Serialize};
use store::catalogue::Reach;
use store::directory::{self, By, Filter, Held};
use store::workload::{self, Load};
use store::{Connection, groups, people};
use web::{App, Error, SignedIn};

use crate::account_stage::{Stage, stage};
use crate::finding::encoded;
use crate::granting::told;
use crate::moment::Moment;
use crate::notice;
use crate::office::{self, Office, Tab};
use crate::screens;

/// Lines on a page.
const PAGE: i64 = 50;

/// Words of a search; more would not narrow it any further.
const MOST_WORDS: usize = 5;

/// What stands for the platform where a site is chosen.
const PLATFORM: &str = "-";

/// What is looked for, in which order, and which page of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Wish {
    q: String,
    site: String,
    role: String,
    group: String,
    state: String,
    by: String,
    order: String,
    page: String,
    #[serde(skip_serializing)]
    done: String,
}

#[derive(Serialize)]
struct Screen {
    base: String,
    tabs: Vec<Tab>,
    is_of_site: bool,
    may_add: bool,
    wish: Wish,
    is_narrow: bool,
    sites: Vec<(String, String)>,
    /// Sites whose people are managed on their own screens, from here.
    managed: Vec<(String, String)>,
    roles: Vec<(String, String)>,
    groups: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str)>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    count: i64,
    page: i64,
    pages: i64,
    previous: Option<String>,
    next: Option<String>,
}

/// The head of a column that the list can be ordered by.
#[derive(Serialize)]
struct Head {
    name: &'static str,
    sort: String,
    /// `ascending` or `descending`, where the list is.
    direction: Option<&'static str>,
}

#[derive(Serialize)]
struct Row {
    id: UserId,
    name: String,
    username: String,
    state: Stage,
    held: Vec<Holding>,
    groups: String,
    signed_in: Option<Moment>,
    waiting: i64,
    late: i64,
    in_hand: i64,
}

/// What somebody holds in one place.
#[derive(Serialize)]
pub(crate) struct Holding {
    /// Its name.
    place: String,
    /// Their page there, where the one who looks may manage it.
    link: Option<String>,
    roles: String,
}

/// What was read of a page.
struct Found {
    users: Vec<User>,
    count: i64,
    page: i64,
    held: HashMap<UserId, Vec<model::Grant>>,
    loads: HashMap<UserId, Load>,
    groups: HashMap<UserId, Vec<String>>,
    choices: Vec<model::Group>,
}

/// GET /console/people and /console/{site}/people
pub(crate) async fn show(State(app): State<Arc<App>>, office: Office, Form(wish): Form<Wish>) -> Result<Html<String>, Error> {
    let reach = office.reach(&app)?;
    let managed: Vec<Arc<Site>> = office.managed(&app).collect();
    let roles = office::roles(&app).await?;
    let (site, order, page, now) = (office.site(), wish.order(), wish.page(), app.engine.clock.now());
    let filter = wish.filter(&managed, &roles, now);
    let found = {
        let reach = reach.clone();
        app.read(move |connection| find(connection, &reach, site, filter, order, page, now)).await?
    };
    let frame = office.frame("人员").noticed(notice::find(&wish.done));
    screens::draw("people.html", frame, compose(&office, &reach, wish, (&managed, &roles), found, now))
}

fn find(
    connection: &mut Connection,
    reach: &Reach,
    site: Option<SiteId>,
    mut filter: Filter,
    order: (By, bool),
    page: i64,
    now: NaiveDateTime,
) -> store::Result<Found> {
    // Those of other sites are chosen on their sites, and who is in them is told nowhere else.
    let choices = if site.is_some() || matches!(reach, Reach::Everywhere) { groups::list(connection, site)? } else { Vec::new() };
    if filter.group.is_some_and(|id| choices.iter().all(|group| group.id != id)) {
        filter.group = Some(GroupId(0));
    }
    let filter = &filter;
    let count = directory::count(connection, reach, filter)?;
    let page = page.clamp(1, pages(count));
    let users = directory::list(connection, reach, filter, order, (page - 1) * PAGE, PAGE)?;
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    Ok(Found {
        held: people::list_grants_of(connection, &ids)?,
        loads: workload::loads(connection, reach, &ids, now)?,
        groups: groups::names_by_member(connection, reach, &ids)?,
        choices,
        users,
        count,
        page,
    })
}

fn compose(
    office: &Office,
    reach: &Reach,
    wish: Wish,
    (managed, roles): (&[Arc<Site>], &Roles),
    mut found: Found,
    now: NaiveDateTime,
) -> Screen {
    let pages = pages(found.count);
    let at = |page: i64| Wish { page: page.to_string(), ..wish.clone() }.query();
    let mut row = |user: User| {
        let load = found.loads.get(&user.id).copied().unwrap_or_default();
        let grants = found.held.remove(&user.id).unwrap_or_default();
        Row {
            held: holdings(roles, &grants, reach, managed, user.id),
            groups: found.groups.remove(&user.id).unwrap_or_default().join("、"),
            state: stage(&user, now),
            id: user.id,
            name: user.display_name,
            username: user.username,
            signed_in: user.signed_in_at.map(Into::into),
            waiting: load.waiting(),
            late: load.late,
            in_hand: load.in_hand(),
        }
    };
    let is_of_site = office.site().is_some();
    let platform = (!is_of_site && office.manages_all()).then(|| (PLATFORM.to_owned(), "全平台".to_owned()));
    Screen {
        base: office.base(),
        tabs: office.tabs("人员"),
        is_of_site,
        may_add: is_of_site || office.manages_all(),
        is_narrow: wish.is_narrow(),
        sites: platform.into_iter().chain(site_choices(managed)).collect(),
        managed: if is_of_site { Vec::new() } else { site_choices(managed) },
        roles: roles.0.iter().map(|role| (role.word.clone(), role.name.clone())).collect(),
        groups: found.choices.iter().map(|group| (group.id.to_string(), group.content.name.clone())).collect(),
        states: AccountState::ALL.iter().map(|state| (state.as_str(), state.chinese())).collect(),
        heads: [("姓名", By::Name), ("用户名", By::Username), ("最近登录", By::SignedIn)]
            .map(|(name, by)| head(&wish, name, by))
            .into(),
        rows: std::mem::take(&mut found.users).into_iter().map(&mut row).collect(),
        count: found.count,
        page: found.page,
        pages,
        previous: (found.page > 1).then(|| at(found.page - 1)),
        next: (found.page < pages).then(|| at(found.page + 1)),
        wish,
    }
}

/// GET /console/people/at: to the people of a site, or to the form that takes somebody in there.
pub(crate) async fn lead(State(app): State<Arc<App>>, signed_in: SignedIn, Query(way): Query<Way>) -> Result<Redirect, Error> {
    let site = app.tenants.find_by_key(&way.site).filter(|site| signed_in.person.may(Permission::Staff, site.id));
    let base = format!("/console/{}/people", site.ok_or(Error::NotFound)?.key);
    let address = if way.username.is_empty() { base } else { format!("{base}/new?username={}", encoded(&way.username)) };
    Ok(Redirect::to(&address))
}

/// Which site, and whom to take in there.
#[derive(Deserialize)]
pub(crate) struct Way {
    site: String,
    #[serde(default)]
    username: String,
}

/// Sites as they are chosen from.
pub(crate) fn site_choices(sites: &[Arc<Site>]) -> Vec<(String, String)> {
    sites.iter().map(|site| (site.key.clone(), site.short_name.clone())).collect()
}

/// What somebody holds within reach, a place a line.
pub(crate) fn holdings(roles: &Roles, grants: &[model::Grant], reach: &Reach, sites: &[Arc<Site>], id: UserId) -> Vec<Holding> {
    let places: BTreeSet<Option<SiteId>> = grants.iter().map(|grant| grant.ground.site()).collect();
    let is_within = |site: &Option<SiteId>| match reach {
        Reach::Everywhere => true,
        Reach::Sites(sites) => site.is_some_and(|site| sites.contains(&site)),
    };
    let holding = |place: Option<SiteId>| {
        let site = place.and_then(|id| sites.iter().find(|site| site.id == id));
        Holding {
            place: site.map_or_else(|| "全平台".to_owned(), |site| site.short_name.clone()),
            link: site.map(|site| format!("/console/{}/people/{id}", site.key)),
            roles: told(roles, grants, place),
        }
    };
    places.into_iter().filter(is_within).map(holding).collect()
}

fn head(wish: &Wish, name: &'static str, by: By) -> Head {
    let (now, is_falling) = wish.order();
    let is_here = now == by;
    // Who was there last is asked for more often than who was there first.
    let falls = if is_here { !is_falling } else { by == By::SignedIn };
    let word = |by| match by {
        By::Name => "",
        By::Username => "username",
        By::SignedIn => "signed_in",
    };
    let order = if falls { "falling" } else { "rising" };
    Head {
        name,
        sort: Wish { by: word(by).into(), order: order.into(), page: String::new(), ..wish.clone() }.query(),
        direction: is_here.then_some(if is_falling { "descending" } else { "ascending" }),
    }
}

fn pages(count: i64) -> i64 {
    (count.max(1) + PAGE - 1) / PAGE
}

impl Wish {
    /// The search as an address's query.
    fn query(&self) -> String {
        let pairs = [
            ("q", &self.q),
            ("site", &self.site),
            ("role", &self.role),
            ("group", &self.group),
            ("state", &self.state),
            ("by", &self.by),
            ("order", &self.order),
            ("page", &self.page),
        ];
        let said = pairs.into_iter().filter(|(_, value)| !value.trim().is_empty());
        said.map(|(name, value)| format!("{name}={}", encoded(value.trim()))).collect::<Vec<_>>().join("&")
    }

    fn is_narrow(&self) -> bool {
        [&self.q, &self.site, &self.role, &self.group, &self.state].iter().any(|value| !value.trim().is_empty())
    }

    fn order(&self) -> (By, bool) {
        let by = match self.by.as_str() {
            "username" => By::Username,
            "signed_in" => By::SignedIn,
            _ => By::Name,
        };
        (by, self.order == "falling")
    }

    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1)
    }

    /// What is not understood asks for nothing, but for a site nobody may look at: nobody is found there.
    fn filter(&self, managed: &[Arc<Site>], roles: &Roles, now: NaiveDateTime) -> Filter {
        let held = match self.site.as_str() {
            "" => Held::Anywhere,
            PLATFORM => Held::OnPlatform,
            key => Held::On(managed.iter().find(|site| site.key == key).map_or(SiteId(0), |site| site.id)),
        };
        Filter {
            words: self.q.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect(),
            held,
            role: roles.by_word(&self.role).map(|role| role.id),
            group: self.group.parse::<GroupId>().ok(),
            state: self.state.parse().ok().map(|state| (state, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_turns_the_order_round_and_begins_at_the_first_page() {
        let wish = Wish { q: "张".into(), page: "7".into(), ..Wish::default() };
        assert_eq!(head(&wish, "姓名", By::Name).sort, "q=%E5%BC%A0&order=falling");
        assert_eq!(head(&wish, "最近登录", By::SignedIn).sort, "q=%E5%BC%A0&by=signed_in&order=falling");
        assert_eq!(head(&wish, "姓名", By::Name).direction, Some("ascending"));
    }

    #[test]
    fn an_empty_list_has_one_page() {
        assert_eq!([0, 1, 50, 51, 100_000].map(pages), [1, 1, 1, 2, 2_000]);
    }
}
