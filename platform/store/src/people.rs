//! Accounts and what they hold.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Grant, Permission, Person, SiteId, User, UserId};

use crate::schema::{grants, users};
use crate::{Command, Connection, Result, contains};

/// Adds an account and its grants. `password_hash` is a PHC string.
pub fn insert(
    command: &mut Command<'_>,
    username: &str,
    display_name: &str,
    password_hash: &str,
    held: &[Grant],
    now: NaiveDateTime,
) -> Result<UserId> {
    let id = diesel::insert_into(users::table)
        .values((
            users::username.eq(username),
            users::display_name.eq(display_name),
            users::password_hash.eq(password_hash),
            users::active.eq(true),
            users::created_at.eq(now),
        ))
        .returning(users::id)
        .get_result::<i64>(&mut **command)?;
    for held in held {
        grant(command, UserId(id), *held)?;
    }
    Ok(UserId(id))
}

/// Gives an account a role.
pub fn grant(command: &mut Command<'_>, id: UserId, grant: Grant) -> Result<()> {
    diesel::insert_into(grants::table)
        .values((
            grants::user_id.eq(id.0),
            grants::role.eq(grant.role.as_str()),
            grants::site_id.eq(grant.site_id.map(|site| site.0)),
        ))
        .execute(&mut **command)?;
    Ok(())
}

/// The account with this name.
pub fn find_by_username(connection: &mut Connection, username: &str) -> Result<Option<User>> {
    Ok(users::table.filter(users::username.eq(username)).first::<UserRow>(connection).optional()?.map(user))
}

/// Every account, by name.
pub fn list(connection: &mut Connection) -> Result<Vec<User>> {
    Ok(users::table.order(users::username).load::<UserRow>(connection)?.into_iter().map(user).collect())
}

/// An account with everything it holds; none when it may not sign in.
pub fn find_person(connection: &mut Connection, id: UserId) -> Result<Option<Person>> {
    let account = users::table.filter(users::id.eq(id.0).and(users::active.eq(true))).first::<UserRow>(connection).optional()?;
    let Some(account) = account else { return Ok(None) };
    Ok(Some(Person { id, username: account.username, display_name: account.display_name, grants: list_grants(connection, id)? }))
}

/// What an account holds.
pub fn list_grants(connection: &mut Connection, id: UserId) -> Result<Vec<Grant>> {
    let rows = grants::table.filter(grants::user_id.eq(id.0)).order(grants::id).select((grants::role, grants::site_id)).load::<(
        String,
        Option<i64>,
    )>(
        connection,
    )?;
    rows.into_iter().map(|(role, site)| Ok(Grant { role: role.parse()?, site_id: site.map(SiteId) })).collect()
}

/// Everybody who may do this on a site, by name.
pub fn list_holding(connection: &mut Connection, site: SiteId, permission: Permission) -> Result<Vec<Person>> {
    let here = grants::site_id.eq(site.0).or(grants::site_id.is_null());
    let holders = grants::table.filter(here).select(grants::user_id);
    let rows = users::table.filter(users::active.eq(true).and(users::id.eq_any(holders))).order(users::display_name);
    let mut found = Vec::new();
    for row in rows.load::<UserRow>(connection)? {
        let id = UserId(row.id);
        let held = list_grants(connection, id)?;
        found.push(Person { id, username: row.username, display_name: row.display_name, grants: held });
    }
    found.retain(|person| person.may(permission, site));
    Ok(found)
}

/// The names of these accounts.
pub fn names(connection: &mut Connection, ids: &[UserId]) -> Result<std::collections::HashMap<UserId, String>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows =
        users::table.filter(users::id.eq_any(ids)).select((users::id, users::display_name)).load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(id, name)| (UserId(id), name)).collect())
}

/// Accounts whose person or sign-in is called like this, at most so many.
pub fn list_named(connection: &mut Connection, text: &str, limit: i64) -> Result<Vec<UserId>> {
    let pattern = contains(text);
    let named = users::display_name.like(pattern.clone()).escape('!').or(users::username.like(pattern).escape('!'));
    let ids = users::table.filter(named).order(users::id).limit(limit).select(users::id).load::<i64>(connection)?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Replaces a password and ends every session of the account.
pub fn set_password(command: &mut Command<'_>, id: UserId, password_hash: &str) -> Result<()> {
    use crate::schema::sessions;
    diesel::update(users::table.find(id.0)).set(users::password_hash.eq(password_hash)).execute(&mut **command)?;
    diesel::delete(sessions::table.filter(sessions::user_id.eq(id.0))).execute(&mut **command)?;
    Ok(())
}

#[derive(Queryable)]
struct UserRow {
    id: i64,
    username: String,
    display_name: String,
    password_hash: String,
    active: bool,
    created_at: NaiveDateTime,
}

fn user(row: UserRow) -> User {
    User {
        id: UserId(row.id),
        username: row.username,
        display_name: row.display_name,
        password_hash: row.password_hash,
        active: row.active,
        created_at: row.created_at,
    }
}
