//! Accounts and what they hold.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::collation::sort_key;
use model::text::is_plain_line;
use model::{
    AccountState, ChannelId, ChannelTree, Duty, Grant, Ground, Password, Permission, Person, Right, RoleId, SiteId, User, UserId,
};

use crate::schema::{api_tokens, earlier_passwords, grants, role_permissions, roles, users};
use crate::{BINDS, Command, Connection, Result, channels, contains};

/// The state of accounts in use, as the database has it.
pub(crate) const ACTIVE: &str = "normal";

/// Adds an account and its grants.
pub fn insert(
    command: &mut Command<'_>,
    username: &str,
    display_name: &str,
    password: &Password,
    held: &[Grant],
    now: NaiveDateTime,
) -> Result<UserId> {
    let id = diesel::insert_into(users::table)
        .values((
            users::username.eq(username),
            users::display_name.eq(display_name),
            users::password_hash.eq(&password.hash),
            users::password_origin.eq(password.origin.as_str()),
            users::password_since.eq(password.since),
            users::state.eq(ACTIVE),
            users::created_at.eq(now),
            users::sort_key.eq(sort_key(display_name)),
        ))
        .returning(users::id)
        .get_result::<i64>(&mut **command)?;
    for held in held {
        grant(command, UserId(id), *held)?;
    }
    Ok(UserId(id))
}

/// Fills in what the names of those are sorted by who have been here longer than it.
pub(crate) fn fill_sort_keys(connection: &mut Connection) -> Result<()> {
    let unsorted = users::table.filter(users::sort_key.eq("")).select((users::id, users::display_name));
    diesel::Connection::transaction(connection, |connection| {
        for (id, name) in unsorted.load::<(i64, String)>(connection)? {
            diesel::update(users::table.find(id)).set(users::sort_key.eq(sort_key(&name))).execute(connection)?;
        }
        Ok(())
    })
}

/// Gives an account a role.
pub fn grant(command: &mut Command<'_>, id: UserId, grant: Grant) -> Result<()> {
    let (site, channel) = columns(grant.ground);
    diesel::insert_into(grants::table)
        .values((
            grants::user_id.eq(id.0),
            grants::role_id.eq(grant.role.0),
            grants::site_id.eq(site),
            grants::channel_id.eq(channel),
            grants::until.eq(grant.until),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// Takes a role from an account, there alone.
pub fn revoke(command: &mut Command<'_>, id: UserId, role: RoleId, ground: Ground) -> Result<()> {
    let role = grants::table.filter(grants::user_id.eq(id.0).and(grants::role_id.eq(role.0)));
    match columns(ground) {
        (None, _) => diesel::delete(role.filter(grants::site_id.is_null())).execute(&mut **command)?,
        (Some(site), None) => {
            let whole = grants::site_id.eq(site).and(grants::channel_id.is_null());
            diesel::delete(role.filter(whole)).execute(&mut **command)?
        }
        (Some(_), Some(channel)) => diesel::delete(role.filter(grants::channel_id.eq(channel))).execute(&mut **command)?,
    };
    Ok(())
}

/// Where a role is held, as a row has it.
fn columns(ground: Ground) -> (Option<i64>, Option<i64>) {
    match ground {
        Ground::Platform => (None, None),
        Ground::Site(site) => (Some(site.0), None),
        Ground::Channel(site, channel) => (Some(site.0), Some(channel.0)),
    }
}

pub(crate) fn ground(site: Option<i64>, channel: Option<i64>) -> Ground {
    match (site.map(SiteId), channel.map(ChannelId)) {
        (None, _) => Ground::Platform,
        (Some(site), None) => Ground::Site(site),
        (Some(site), Some(channel)) => Ground::Channel(site, channel),
    }
}

/// Writes down what was decided of an account; nobody waits any more after failures.
pub fn set_state(command: &mut Command<'_>, id: UserId, state: AccountState) -> Result<()> {
    let decided = (users::state.eq(state.as_str()), users::locked_until.eq(None::<NaiveDateTime>));
    diesel::update(users::table.find(id.0)).set(decided).execute(&mut **command)?;
    Ok(())
}

/// Lets nobody in to an account until then.
pub fn lock_until(command: &mut Command<'_>, id: UserId, until: NaiveDateTime) -> Result<()> {
    diesel::update(users::table.find(id.0)).set(users::locked_until.eq(until)).execute(&mut **command)?;
    Ok(())
}

/// Notes that a person signed in.
pub fn note_sign_in(command: &mut Command<'_>, id: UserId, now: NaiveDateTime) -> Result<()> {
    diesel::update(users::table.find(id.0)).set(users::signed_in_at.eq(now)).execute(&mut **command)?;
    Ok(())
}

/// Accounts in use that nobody has used since then: nobody came in, no program asked with a token of theirs, and their password is as
/// old.
pub fn list_unused_since(connection: &mut Connection, moment: NaiveDateTime) -> Result<Vec<User>> {
    let asked = api_tokens::table.filter(api_tokens::user_id.eq(users::id).and(api_tokens::used_at.ge(moment)));
    let came_before = users::signed_in_at.is_null().or(users::signed_in_at.assume_not_null().lt(moment));
    let query = users::table
        .filter(users::state.eq(ACTIVE).and(users::created_at.lt(moment)).and(users::password_since.lt(moment)))
        .filter(came_before)
        .filter(diesel::dsl::not(diesel::dsl::exists(asked)))
        .order(users::id);
    query.load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// The account with this number.
pub fn find(connection: &mut Connection, id: UserId) -> Result<Option<User>> {
    users::table.find(id.0).first::<UserRow>(connection).optional()?.map(user).transpose()
}

/// The account with this name. What is no line of text names nobody; one of the databases refuses to be asked for it.
pub fn find_by_username(connection: &mut Connection, username: &str) -> Result<Option<User>> {
    if !is_plain_line(username) {
        return Ok(None);
    }
    users::table.filter(users::username.eq(username)).first::<UserRow>(connection).optional()?.map(user).transpose()
}

/// Every account, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<User>> {
    users::table.order(users::username).load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// An account with everything it may do at that moment; none when it may not sign in.
pub fn find_person(connection: &mut Connection, id: UserId, now: NaiveDateTime) -> Result<Option<Person>> {
    let account = users::table.filter(users::id.eq(id.0).and(users::state.eq(ACTIVE))).first::<UserRow>(connection).optional()?;
    let Some(account) = account else { return Ok(None) };
    let (rights, is_officer) = list_rights(connection, id, now)?;
    Ok(Some(Person { id, username: account.username, display_name: account.display_name, rights, is_officer }))
}

/// What an account may do at that moment, and where, and whether any of it is an officer's. What is held for a channel is a right in it and in each below it, as the tree is now.
fn list_rights(connection: &mut Connection, id: UserId, now: NaiveDateTime) -> Result<(Vec<Right>, bool)> {
    let held = grants::table
        .inner_join(role_permissions::table.on(role_permissions::role_id.eq(grants::role_id)))
        .inner_join(roles::table.on(roles::id.eq(grants::role_id)));
    let lasting = grants::until.is_null().or(grants::until.gt(now));
    let rows = held
        .filter(grants::user_id.eq(id.0).and(lasting))
        .select((role_permissions::permission, grants::site_id, grants::channel_id, roles::duty))
        .distinct()
        .load::<(String, Option<i64>, Option<i64>, String)>(connection)?;
    let mut trees: HashMap<SiteId, ChannelTree> = HashMap::new();
    let (mut rights, mut is_officer) = (Vec::new(), false);
    for (permission, site, channel, duty) in rows {
        is_officer |= duty != Duty::Business.as_str();
        let (permission, ground) = (permission.parse::<Permission>()?, ground(site, channel));
        let Ground::Channel(site, channel) = ground else {
            rights.push(Right { permission, ground });
            continue;
        };
        if !permission.is_of_content() {
            continue;
        }
        if let Entry::Vacant(unknown) = trees.entry(site) {
            unknown.insert(channels::tree(connection, site)?);
        }
        let below = trees.get(&site).map(|tree| tree.subtree(channel)).unwrap_or_default();
        rights.extend(below.into_iter().map(|channel| Right { permission, ground: Ground::Channel(site, channel) }));
    }
    Ok((rights, is_officer))
}

/// What an account holds.
pub fn list_grants(connection: &mut Connection, id: UserId) -> Result<Vec<Grant>> {
    Ok(list_grants_of(connection, &[id])?.remove(&id).unwrap_or_default())
}

/// What each of these accounts holds, asked for at once; who holds nothing is left out.
pub fn list_grants_of(connection: &mut Connection, ids: &[UserId]) -> Result<HashMap<UserId, Vec<Grant>>> {
    let mut found: HashMap<UserId, Vec<Grant>> = HashMap::new();
    for some in ids.chunks(BINDS) {
        let some: Vec<i64> = some.iter().map(|id| id.0).collect();
        let rows = grants::table.filter(grants::user_id.eq_any(some)).order(grants::id);
        let held = rows.select((grants::user_id, grants::role_id, grants::site_id, grants::channel_id, grants::until)).load::<(
            i64,
            i64,
            Option<i64>,
            Option<i64>,
            _,
        )>(
            connection,
        )?;
        for (user, role, site, channel, until) in held {
            let grant = Grant { role: RoleId(role), ground: ground(site, channel), until };
            found.entry(UserId(user)).or_default().push(grant);
        }
    }
    Ok(found)
}

/// Who holds a role for good on the whole of just this site, or with none on the platform, and may sign in; each once.
pub fn list_holding_role(connection: &mut Connection, role: RoleId, site: Option<SiteId>) -> Result<Vec<UserId>> {
    let held = grants::table.inner_join(users::table.on(users::id.eq(grants::user_id)));
    let mut query = held.filter(users::state.eq(ACTIVE).and(grants::role_id.eq(role.0))).into_boxed();
    query = query.filter(grants::channel_id.is_null().and(grants::until.is_null()));
    query = match site {
        Some(site) => query.filter(grants::site_id.eq(site.0)),
        None => query.filter(grants::site_id.is_null()),
    };
    let mut ids = query.order(users::id).select(users::id).load::<i64>(connection)?;
    ids.dedup();
    Ok(ids.into_iter().map(UserId).collect())
}

/// Everybody who may sign in and holds anything on just this site, or with none on the platform as a whole, by name.
pub fn list_members(connection: &mut Connection, site: Option<SiteId>) -> Result<Vec<User>> {
    Ok(list_holders(connection, site)?.into_iter().filter(User::is_active).collect())
}

/// The same people with those who may not sign in any more.
pub fn list_holders(connection: &mut Connection, site: Option<SiteId>) -> Result<Vec<User>> {
    let query = users::table.order((users::sort_key, users::id)).into_boxed();
    let query = match site {
        Some(site) => query.filter(users::id.eq_any(grants::table.filter(grants::site_id.eq(site.0)).select(grants::user_id))),
        None => query.filter(users::id.eq_any(grants::table.filter(grants::site_id.is_null()).select(grants::user_id))),
    };
    query.load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// These accounts, each once, by the names of their people.
pub fn list_these(connection: &mut Connection, ids: &[UserId]) -> Result<Vec<User>> {
    let mut ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut rows = Vec::new();
    for some in ids.chunks(BINDS) {
        rows.extend(users::table.filter(users::id.eq_any(some.to_vec())).load::<UserRow>(connection)?);
    }
    rows.sort_by(|one, other| (&one.sort_key, one.id).cmp(&(&other.sort_key, other.id)));
    rows.into_iter().map(user).collect()
}

/// The names of these accounts.
pub fn names(connection: &mut Connection, ids: &[UserId]) -> Result<HashMap<UserId, String>> {
    let mut ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for some in ids.chunks(BINDS) {
        let rows = users::table.filter(users::id.eq_any(some.to_vec())).select((users::id, users::display_name));
        found.extend(rows.load::<(i64, String)>(connection)?.into_iter().map(|(id, name)| (UserId(id), name)));
    }
    Ok(found)
}

/// Accounts in use whose person is called just so.
pub fn list_called(connection: &mut Connection, name: &str) -> Result<Vec<User>> {
    if !is_plain_line(name) {
        return Ok(Vec::new());
    }
    let called = users::table.filter(users::display_name.eq(name).and(users::state.eq(ACTIVE))).order(users::username);
    called.load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// Accounts whose person or sign-in is called like this, by name, at most so many; `with_former`: also those not in use any more.
pub fn list_named(connection: &mut Connection, text: &str, with_former: bool, limit: i64) -> Result<Vec<User>> {
    let pattern = contains(text);
    let named = users::display_name.like(pattern.clone()).escape('!').or(users::username.like(pattern).escape('!'));
    let mut rows = users::table.filter(named).order((users::sort_key, users::id)).limit(limit).into_boxed();
    if !with_former {
        rows = rows.filter(users::state.eq(ACTIVE));
    }
    rows.load::<UserRow>(connection)?.into_iter().map(user).collect()
}

/// Replaces a password. Of those before, the last `kept` are remembered.
pub fn set_password(command: &mut Command<'_>, account: &User, password: &Password, kept: usize) -> Result<()> {
    let set = (
        users::password_hash.eq(&password.hash),
        users::password_origin.eq(password.origin.as_str()),
        users::password_since.eq(password.since),
    );
    diesel::update(users::table.find(account.id.0)).set(set).execute(&mut **command)?;
    let earlier = (earlier_passwords::user_id.eq(account.id.0), earlier_passwords::password_hash.eq(&account.password.hash));
    diesel::insert_into(earlier_passwords::table).values(earlier).execute(&mut **command)?;
    let ids = earlier_of(account.id).select(earlier_passwords::id).load::<i64>(&mut **command)?;
    let forgotten: Vec<i64> = ids.into_iter().skip(kept).collect();
    diesel::delete(earlier_passwords::table.filter(earlier_passwords::id.eq_any(forgotten))).execute(&mut **command)?;
    Ok(())
}

/// The hashes of the passwords an account had before, the last first.
pub fn list_earlier_passwords(connection: &mut Connection, id: UserId) -> Result<Vec<String>> {
    Ok(earlier_of(id).select(earlier_passwords::password_hash).load(connection)?)
}

fn earlier_of(id: UserId) -> earlier_passwords::BoxedQuery<'static, <Connection as diesel::Connection>::Backend> {
    earlier_passwords::table.filter(earlier_passwords::user_id.eq(id.0)).order(earlier_passwords::id.desc()).into_boxed()
}

#[derive(Queryable)]
pub(crate) struct UserRow {
    id: i64,
    username: String,
    display_name: String,
    password_hash: String,
    created_at: NaiveDateTime,
    signed_in_at: Option<NaiveDateTime>,
    sort_key: String,
    state: String,
    locked_until: Option<NaiveDateTime>,
    password_origin: String,
    password_since: NaiveDateTime,
}

pub(crate) fn user(row: UserRow) -> Result<User> {
    Ok(User {
        id: UserId(row.id),
        username: row.username,
        display_name: row.display_name,
        password: Password { hash: row.password_hash, origin: row.password_origin.parse()?, since: row.password_since },
        decided: row.state.parse()?,
        locked_until: row.locked_until,
        created_at: row.created_at,
        signed_in_at: row.signed_in_at,
    })
}
