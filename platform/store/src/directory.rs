//! The directory of people: everybody who holds something on the sites within reach, found, ordered and read a page at a time.

use chrono::NaiveDateTime;
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use model::{AccountState, GroupId, PasswordOrigin, RoleId, SiteId, User, UserId};

use crate::catalogue::Reach;
use crate::people::{UserRow, user};
use crate::schema::{grants, users, work_group_members};
use crate::{Connection, Result, contains};

/// Where something is held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// On any site within reach, or on the platform.
    #[default]
    Anywhere,
    /// On the platform as a whole.
    OnPlatform,
    /// On this site.
    On(SiteId),
}

/// Whom to look for; empty fields ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Each is part of the name or the username.
    pub words: Vec<String>,
    /// Where they hold something.
    pub held: Held,
    /// What they hold there.
    pub role: Option<RoleId>,
    /// A group they are in.
    pub group: Option<GroupId>,
    /// Where the account is in its life, at this moment.
    pub state: Option<(AccountState, NaiveDateTime)>,
}

/// What the list is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Their names.
    #[default]
    Name,
    /// What they sign in with.
    Username,
    /// When they last signed in; those who never did come last either way.
    SignedIn,
}

type Backend = <Connection as diesel::Connection>::Backend;
type Query = users::BoxedQuery<'static, Backend>;

/// A page of those who are found, in order.
pub fn list(
    connection: &mut Connection,
    reach: &Reach,
    filter: &Filter,
    (by, is_falling): (By, bool),
    skip: i64,
    limit: i64,
) -> Result<Vec<User>> {
    let query = asked(reach, filter);
    let id = users::id;
    let query = match (by, is_falling) {
        (By::Name, false) => query.order((users::sort_key.asc(), id.asc())),
        (By::Name, true) => query.order((users::sort_key.desc(), id.desc())),
        (By::Username, false) => query.order(users::username.asc()),
        (By::Username, true) => query.order(users::username.desc()),
        (By::SignedIn, false) => query.order((users::signed_in_at.is_null(), users::signed_in_at.asc(), id.asc())),
        (By::SignedIn, true) => query.order((users::signed_in_at.is_null(), users::signed_in_at.desc(), id.desc())),
    };
    query.offset(skip).limit(limit).load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// How many are found.
pub fn count(connection: &mut Connection, reach: &Reach, filter: &Filter) -> Result<i64> {
    Ok(asked(reach, filter).count().get_result(connection)?)
}

/// An account, if its person is within reach.
pub fn find(connection: &mut Connection, reach: &Reach, id: UserId) -> Result<Option<User>> {
    let query = asked(reach, &Filter::default()).filter(users::id.eq(id.0));
    query.first::<UserRow>(connection).optional()?.map(user).transpose()
}

fn asked(reach: &Reach, filter: &Filter) -> Query {
    let mut query = users::table.into_boxed();
    for word in &filter.words {
        // Usernames have small letters alone, and only one of the databases takes large ones for them.
        let signed_in_as = users::username.like(contains(&word.to_lowercase())).escape('!');
        let named = users::display_name.like(contains(word)).escape('!').or(signed_in_as);
        query = query.filter(named);
    }
    if let Some((state, now)) = filter.state {
        query = in_state(query, state, now);
    }
    if let Some(group) = filter.group {
        let members = work_group_members::table.filter(work_group_members::group_id.eq(group.0));
        query = query.filter(users::id.eq_any(members.select(work_group_members::user_id)));
    }
    let role = grants::role_id.eq(filter.role.map_or(0, |role| role.0)).or(filter.role.is_none().into_sql::<Bool>());
    let holders = grants::table.filter(role).select(grants::user_id);
    let sites = match (reach, filter.held) {
        (Reach::Everywhere, Held::Anywhere) if filter.role.is_none() => return query,
        (Reach::Everywhere, Held::Anywhere) => return query.filter(users::id.eq_any(holders)),
        (Reach::Everywhere, Held::OnPlatform) => {
            return query.filter(users::id.eq_any(holders.filter(grants::site_id.is_null())));
        }
        (Reach::Everywhere, Held::On(site)) => vec![site],
        (Reach::Sites(sites), Held::Anywhere) => sites.clone(),
        (Reach::Sites(sites), Held::On(site)) => sites.iter().copied().filter(|one| *one == site).collect(),
        (Reach::Sites(_), Held::OnPlatform) => Vec::new(),
    };
    let sites: Vec<Option<i64>> = sites.into_iter().map(|site| Some(site.0)).collect();
    query.filter(users::id.eq_any(holders.filter(grants::site_id.eq_any(sites))))
}

/// As [`User::state`] has it.
fn in_state(query: Query, state: AccountState, now: NaiveDateTime) -> Query {
    let is_waiting = users::locked_until.is_not_null().and(users::locked_until.assume_not_null().gt(now));
    let is_normal = users::state.eq(AccountState::Normal.as_str());
    let is_invited = users::password_origin.eq(PasswordOrigin::Invitation.as_str());
    match state {
        AccountState::Locked => query.filter(users::state.eq(state.as_str()).or(is_normal.and(is_waiting))),
        AccountState::Invited => query.filter(is_normal.and(is_invited).and(not(is_waiting))),
        AccountState::Normal => query.filter(is_normal.and(not(is_invited)).and(not(is_waiting))),
        AccountState::Inactive | AccountState::Left => query.filter(users::state.eq(state.as_str())),
    }
}
