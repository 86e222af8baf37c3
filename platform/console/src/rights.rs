//! 谁能做什么: of somebody, what they may do in a place and by what; and of an act, who may do it there and by what.
//!
//! Who manages the people of a site is told of those people and of that site alone. What somebody holds on the platform besides is
//! told there as what it lets them do, not as what it is.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::NaiveDateTime;
use model::{
    Channel, ChannelId, ChannelTree, Entitlement, Grant, Ground, Permission, PermissionGroup, Person, Roles, Site, SiteId, User,
    UserId, Within, entitlement, entitlements,
};
use serde::{Deserialize, Serialize};
use store::catalogue::Reach;
use store::{Connection, channels, directory, people, roles};
use web::{App, Error, SignedIn};

use crate::desk::trail;
use crate::moment::Moment;
use crate::office::{Named, Office, Tab};
use crate::people::site_choices;
use crate::screens::{self, Frame};

/// People that are listed.
const SHOWN: usize = 200;

/// What is asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// The short name of a site; empty: the platform, or the office's own site.
    site: String,
    /// The number of a channel; empty: the whole.
    channel: String,
    /// A permission.
    act: String,
    /// Whose permissions are asked for, by the whole of their username.
    username: String,
}

/// What whoever looks is told of.
struct View {
    /// Sites that can be asked about.
    sites: Vec<Arc<Site>>,
    /// The one site there is to ask about, where there is no choice.
    fixed: Option<SiteId>,
    /// Whether the platform as a whole can be asked about.
    has_platform: bool,
    /// Whether everything is told that somebody holds, wherever it is, and what is held on the platform is named.
    is_all: bool,
}

/// A place that is asked about, as its form shows it.
#[derive(Serialize)]
struct Asked {
    site: String,
    channel: String,
    sites: Vec<(String, String)>,
    has_platform: bool,
    is_fixed: bool,
    channels: Vec<(String, String)>,
    /// The place in words.
    name: String,
}

#[derive(Serialize)]
struct Of {
    /// Where the form leads.
    address: String,
    /// Where the person is shown; none: it is oneself.
    back: Option<String>,
    name: String,
    username: String,
    /// Why nothing can be done at all.
    shut: Option<&'static str>,
    asked: Asked,
    groups: Vec<Group>,
    may: usize,
    all: usize,
}

/// Permissions that belong together.
#[derive(Serialize)]
struct Group {
    name: &'static str,
    rows: Vec<Row>,
}

/// One permission, whether they have it there, and why.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    sentence: &'static str,
    tone: &'static str,
    answer: &'static str,
    why: Vec<String>,
}

#[derive(Serialize)]
struct Who {
    base: String,
    tabs: Vec<Tab>,
    asked: Asked,
    act: String,
    acts: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    /// What is asked, in words; none: nothing was asked.
    question: Option<(&'static str, &'static str)>,
    rows: Vec<Able>,
    count: usize,
    is_of_site: bool,
    /// What lets somebody do it there.
    giving: String,
    username: String,
    unknown: bool,
}

/// Somebody who may.
#[derive(Serialize)]
struct Able {
    id: UserId,
    name: String,
    username: String,
    is_partial: bool,
    why: Vec<String>,
}

/// What was read of somebody.
struct Found {
    user: User,
    grants: Vec<Grant>,
    roles: Roles,
    tree: ChannelTree,
    named: HashMap<ChannelId, Channel>,
}

/// GET …/people/{user}/rights
pub(crate) async fn of_person(
    State(app): State<Arc<App>>,
    office: Office,
    Path(named): Path<Named>,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let (reach, view) = (office.reach(&app)?, View::of(&app, &office));
    let (site, now) = (view.site(&wish)?, app.engine.clock.now());
    let found = app.read(move |connection| find(connection, &reach, named.user, site)).await?;
    let base = office.base();
    let address = format!("{base}/{}/rights", named.user);
    let frame = office.frame(&format!("{}的权限", found.user.display_name));
    let screen = compose(&view, &wish, (site, &found.tree), &found, Some(format!("{base}/{}", named.user)), address, now)?;
    screens::draw("rights.html", frame, screen)
}

/// GET /console/me/rights
pub(crate) async fn mine(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wish): Query<Wish>,
) -> Result<Html<String>, Error> {
    let (view, id) = (View::own(&app, &signed_in.person), signed_in.person.id);
    let (site, now) = (view.site(&wish)?, app.engine.clock.now());
    let found = app.read(move |connection| find(connection, &Reach::Everywhere, id, site)).await?;
    // Whoever works in some channels alone is not told the names of others.
    let seen = site.map_or(Within::Whole, |site| match signed_in.person.within(Permission::Read, site) {
        Within::Channels(some) if !some.is_empty() => Within::Channels(some),
        _ => Within::Whole,
    });
    let tree = ChannelTree::new(found.tree.all().iter().filter(|channel| seen.has(channel.id)).cloned().collect());
    let screen = compose(&view, &wish, (site, &tree), &found, None, "/console/me/rights".to_owned(), now)?;
    screens::draw("rights.html", Frame::own(&signed_in, "我的权限"), screen)
}

/// GET …/people/rights
pub(crate) async fn who(State(app): State<Arc<App>>, office: Office, Query(wish): Query<Wish>) -> Result<Response, Error> {
    let (reach, view) = (office.reach(&app)?, View::of(&app, &office));
    if !wish.username.trim().is_empty() {
        let (reach, username) = (reach.clone(), wish.username.trim().to_owned());
        let known = app.read(move |connection| find_within(connection, &reach, &username)).await?;
        if let Some(user) = known {
            return Ok(Redirect::to(&format!("{}/{}/rights", office.base(), user.id)).into_response());
        }
    }
    let site = view.site(&wish)?;
    let act = wish.act.parse::<Permission>().ok();
    let (held, known, tree, named) = app
        .read(move |connection| {
            let held = act.map(|act| roles::list_permitted(connection, act, site)).transpose()?.unwrap_or_default();
            let members: Option<BTreeSet<UserId>> = match &reach {
                Reach::Everywhere => None,
                Reach::Sites(_) => Some(people::list_holders(connection, site)?.into_iter().map(|user| user.id).collect()),
            };
            let held = by_person(held, members.as_ref());
            let tree = site.map(|site| channels::tree(connection, site)).transpose()?.unwrap_or_default();
            let named = name_channels(connection, held.iter().flat_map(|(_, grants)| grants))?;
            Ok::<_, store::Error>((held, roles::all(connection)?, tree, named))
        })
        .await?;
    let (asked, place) = view.asked(&wish, site, &tree)?;
    let now = app.engine.clock.now();
    let able = |(user, grants): (User, Vec<Grant>)| {
        let found = entitlement(&known, &grants, act?, place, &tree, now);
        let is_partial = found.is_partial(place);
        let why = if is_partial { &found.elsewhere } else { &found.by };
        (found.is_held() || is_partial).then(|| Able {
            id: user.id,
            name: user.display_name,
            username: user.username,
            is_partial,
            why: why.iter().map(|grant| view.told(&known, &named, *grant)).collect(),
        })
    };
    let mut rows: Vec<Able> = held.into_iter().filter_map(able).collect();
    let count = rows.len();
    rows.truncate(SHOWN);
    let screen = Who {
        base: office.base(),
        tabs: office.tabs("谁能做什么"),
        asked,
        acts: PermissionGroup::ALL.iter().map(|group| (group.chinese(), acts(*group))).collect(),
        question: act.map(|act| (act.chinese(), act.sentence())),
        giving: act.map(|act| giving(&known, act, place, &[])).unwrap_or_default(),
        act: wish.act,
        rows,
        count,
        is_of_site: office.site().is_some(),
        unknown: !wish.username.trim().is_empty(),
        username: wish.username,
    };
    Ok(screens::draw("rights_who.html", office.frame("谁能做什么"), screen)?.into_response())
}

impl View {
    /// What whoever manages people is told of.
    fn of(app: &App, office: &Office) -> Self {
        let is_all = office.manages_all();
        match office {
            Office::Site(scope) => {
                Self { sites: vec![Arc::clone(&scope.site)], fixed: Some(scope.site.id), has_platform: false, is_all: false }
            }
            Office::Platform(_) => Self { sites: office.managed(app).collect(), fixed: None, has_platform: is_all, is_all },
        }
    }

    /// What somebody is told of themselves.
    fn own(app: &App, person: &Person) -> Self {
        let sites: Vec<Arc<Site>> = app.tenants.list().into_iter().filter(|site| person.belongs(site.id)).collect();
        let holds_platform = person.rights.iter().any(|right| right.ground == Ground::Platform);
        Self { has_platform: holds_platform || sites.is_empty(), sites, fixed: None, is_all: true }
    }

    /// The site that is asked about; none: the platform. What is not theirs to ask about is not there.
    fn site(&self, wish: &Wish) -> Result<Option<SiteId>, Error> {
        if self.fixed.is_some() {
            return Ok(self.fixed);
        }
        match wish.site.as_str() {
            "" if self.has_platform => Ok(None),
            "" => Ok(self.sites.first().map(|site| site.id)),
            key => Ok(Some(self.sites.iter().find(|site| site.key == key).ok_or(Error::NotFound)?.id)),
        }
    }

    /// The place that is asked about, of whose site this is the tree.
    fn asked(&self, wish: &Wish, site: Option<SiteId>, tree: &ChannelTree) -> Result<(Asked, Ground), Error> {
        let site = site.and_then(|id| self.sites.iter().find(|site| site.id == id));
        let channel = match (site, wish.channel.as_str()) {
            (_, "") | (None, _) => None,
            (Some(_), number) => {
                let id = number.parse::<ChannelId>().map_err(|_| Error::NotFound)?;
                Some(tree.by_id(id).ok_or(Error::NotFound)?.id)
            }
        };
        let place = match (site, channel) {
            (Some(site), Some(channel)) => Ground::Channel(site.id, channel),
            (site, _) => Ground::whole(site.map(|site| site.id)),
        };
        let name = site.map_or("全平台", |site| site.short_name.as_str());
        let asked = Asked {
            site: site.map(|site| site.key.clone()).unwrap_or_default(),
            channel: channel.map(|channel| channel.to_string()).unwrap_or_default(),
            sites: site_choices(&self.sites),
            has_platform: self.has_platform,
            is_fixed: self.fixed.is_some(),
            channels: tree.all().iter().map(|channel| (channel.id.to_string(), trail(tree, channel.id))).collect(),
            name: channel.map_or_else(|| name.to_owned(), |channel| format!("{name}“{}”", trail(tree, channel))),
        };
        Ok((asked, place))
    }

    /// Whether they are told of what is held there.
    fn has(&self, ground: Ground) -> bool {
        self.is_all || ground.site().is_none_or(|id| self.sites.iter().any(|site| site.id == id))
    }

    /// What somebody holds, in words: 编辑（望溪区“要闻动态”及下级栏目，至2026-12-31 18:00）
    fn told(&self, roles: &Roles, named: &HashMap<ChannelId, Channel>, grant: Grant) -> String {
        if grant.ground == Ground::Platform && !self.is_all {
            return "在全平台任职".to_owned();
        }
        let role = roles.find(grant.role).map_or("", |role| role.name.as_str());
        let site = |id| self.sites.iter().find(|site| site.id == id).map_or("其他站点", |site| site.short_name.as_str());
        let place = match grant.ground {
            Ground::Platform => "全平台".to_owned(),
            Ground::Site(id) => site(id).to_owned(),
            Ground::Channel(id, channel) => {
                let name = named.get(&channel).map_or("", |channel| channel.name.as_str());
                format!("{}“{name}”及下级栏目", site(id))
            }
        };
        let until = grant.until.map_or_else(|| "长期".to_owned(), |until| format!("至{}", Moment::from(until).text));
        format!("{role}（{place}，{until}）")
    }
}

fn find(connection: &mut Connection, reach: &Reach, id: UserId, site: Option<SiteId>) -> Result<Found, Error> {
    let user = directory::find(connection, reach, id)?.ok_or(Error::NotFound)?;
    let grants = people::list_grants(connection, id)?;
    Ok(Found {
        user,
        named: name_channels(connection, &grants)?,
        roles: roles::all(connection)?,
        tree: site.map(|site| channels::tree(connection, site)).transpose()?.unwrap_or_default(),
        grants,
    })
}

/// The account of that username, if its person is within reach.
fn find_within(connection: &mut Connection, reach: &Reach, username: &str) -> store::Result<Option<User>> {
    let Some(user) = people::find_by_username(connection, username)? else { return Ok(None) };
    directory::find(connection, reach, user.id)
}

/// The channels that roles are held in.
fn name_channels<'a>(
    connection: &mut Connection,
    grants: impl IntoIterator<Item = &'a Grant>,
) -> store::Result<HashMap<ChannelId, Channel>> {
    let channel = |grant: &Grant| match grant.ground {
        Ground::Channel(_, channel) => Some(channel),
        Ground::Platform | Ground::Site(_) => None,
    };
    channels::list_anywhere(connection, &grants.into_iter().filter_map(channel).collect())
}

/// What each of those who may sign in holds; of these members alone, where there are any to keep to.
fn by_person(held: Vec<(User, Grant)>, members: Option<&BTreeSet<UserId>>) -> Vec<(User, Vec<Grant>)> {
    let mut found: Vec<(User, Vec<Grant>)> = Vec::new();
    for (user, grant) in held {
        if !user.is_active() || members.is_some_and(|members| !members.contains(&user.id)) {
            continue;
        }
        match found.last_mut() {
            Some((last, grants)) if last.id == user.id => grants.push(grant),
            _ => found.push((user, vec![grant])),
        }
    }
    found
}

/// The tree is what of the site can be asked about; what is held is judged by all of it.
fn compose(
    view: &View,
    wish: &Wish,
    (site, tree): (Option<SiteId>, &ChannelTree),
    found: &Found,
    back: Option<String>,
    address: String,
    now: NaiveDateTime,
) -> Result<Of, Error> {
    let (asked, place) = view.asked(wish, site, tree)?;
    let grants: Vec<Grant> = found.grants.iter().filter(|grant| view.has(grant.ground)).copied().collect();
    let is_shut = !found.user.is_active();
    let all = entitlements(&found.roles, &grants, place, &found.tree, now);
    let may = if is_shut { 0 } else { all.iter().filter(|one| one.is_held()).count() };
    let row = |one: &Entitlement| {
        let (tone, answer) = if is_shut {
            ("withdrawn", "不能")
        } else if one.is_held() {
            ("live", "能")
        } else if one.is_partial(place) {
            ("reviewing", "部分栏目")
        } else {
            ("withdrawn", "不能")
        };
        let (name, sentence) = (one.permission.chinese(), one.permission.sentence());
        Row { name, sentence, tone, answer, why: why(view, found, &grants, one, place) }
    };
    let group = |group: &PermissionGroup| {
        let rows = all.iter().filter(|one| one.permission.group() == *group).map(row).collect();
        Group { name: group.chinese(), rows }
    };
    Ok(Of {
        address,
        back,
        name: found.user.display_name.clone(),
        username: found.user.username.clone(),
        shut: is_shut.then(|| found.user.decided.chinese()),
        asked,
        groups: PermissionGroup::ALL.iter().map(group).collect(),
        may,
        all: all.len(),
    })
}

/// Why they may, or why not and what would let them.
fn why(view: &View, found: &Found, grants: &[Grant], one: &Entitlement, place: Ground) -> Vec<String> {
    let told = |grant: &Grant| view.told(&found.roles, &found.named, *grant);
    if one.is_held() {
        return one.by.iter().map(told).collect();
    }
    let over = one.over.iter().map(|grant| format!("已到期：{}", told(grant)));
    let elsewhere = one.elsewhere.iter().map(|grant| format!("不在此范围：{}", told(grant)));
    let within = one.elsewhere.iter().map(told);
    let held: Vec<String> = if one.is_partial(place) { over.chain(within).collect() } else { over.chain(elsewhere).collect() };
    let held = if held.is_empty() { vec!["其角色都不包含此项".to_owned()] } else { held };
    let giving = giving(&found.roles, one.permission, place, grants);
    held.into_iter().chain([giving]).collect()
}

/// Which roles would let somebody do it there, beside what they hold: on just that place, or where none can be held there on a wider one.
fn giving(roles: &Roles, permission: Permission, place: Ground, held: &[Grant]) -> String {
    let site = place.site().map(Ground::Site);
    let grounds = [(Some(place), ""), (site, "须在全站范围授予："), (Some(Ground::Platform), "须在全平台范围授予：")];
    let widening = grounds.into_iter().filter_map(|(ground, told)| Some((ground?, told)));
    for (ground, told) in widening {
        let all: Vec<_> = roles.permitting(permission, ground).collect();
        if all.is_empty() {
            continue;
        }
        let beside = |role: &model::Role| roles.conflict(held.iter().map(|grant| grant.role).chain([role.id])).is_none();
        let fitting: Vec<&str> = all.iter().filter(|role| beside(role)).map(|role| role.name.as_str()).collect();
        if fitting.is_empty() {
            return "按三员分立，不能与其现任角色兼任".to_owned();
        }
        let lead = if told.is_empty() { "可通过以下角色授予：" } else { told };
        return format!("{lead}{}", fitting.join("、"));
    }
    "没有角色包含此项".to_owned()
}

fn acts(group: PermissionGroup) -> Vec<(&'static str, &'static str)> {
    let some = Permission::ALL.iter().filter(|permission| permission.group() == group);
    some.map(|permission| (permission.as_str(), permission.chinese())).collect()
}
