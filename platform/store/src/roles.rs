//! Roles and what each permits. They are few and read whole.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Grant, Permission, Role, RoleContent, RoleId, Roles, SiteId, User, UserId};

use crate::people::ground;
use crate::schema::{grants, role_permissions, roles};
use crate::{Command, Connection, Result, people};

/// Every role, those that come with the platform first.
pub fn all(connection: &mut Connection) -> Result<Roles> {
    let mut permissions: HashMap<i64, BTreeSet<Permission>> = HashMap::new();
    for (role, permission) in role_permissions::table.load::<(i64, String)>(connection)? {
        permissions.entry(role).or_default().insert(permission.parse()?);
    }
    let mut found = Vec::new();
    for row in roles::table.order(roles::id).load::<RoleRow>(connection)? {
        found.push(Role {
            permissions: permissions.remove(&row.id).unwrap_or_default(),
            id: RoleId(row.id),
            word: row.word,
            name: row.name,
            note: row.note,
            duty: row.duty.parse()?,
        });
    }
    Ok(Roles(found))
}

/// Makes a role. What is made here is called by its number: role-101.
pub fn insert(command: &mut Command<'_>, content: &RoleContent) -> Result<RoleId> {
    let said = (
        roles::word.eq("-"),
        roles::name.eq(&content.name),
        roles::note.eq(&content.note),
        roles::duty.eq(content.duty.as_str()),
    );
    let id = diesel::insert_into(roles::table).values(said).returning(roles::id).get_result::<i64>(&mut **command)?;
    diesel::update(roles::table.find(id)).set(roles::word.eq(format!("role-{id}"))).execute(&mut **command)?;
    permit(command, RoleId(id), &content.permissions)?;
    Ok(RoleId(id))
}

/// Writes down what a role says and permits from now on; what it is there for stays.
pub fn update(command: &mut Command<'_>, id: RoleId, content: &RoleContent) -> Result<()> {
    let said = (roles::name.eq(&content.name), roles::note.eq(&content.note));
    diesel::update(roles::table.find(id.0)).set(said).execute(&mut **command)?;
    diesel::delete(role_permissions::table.filter(role_permissions::role_id.eq(id.0))).execute(&mut **command)?;
    permit(command, id, &content.permissions)
}

/// Takes a role away that nobody holds.
pub fn delete(command: &mut Command<'_>, id: RoleId) -> Result<()> {
    diesel::delete(role_permissions::table.filter(role_permissions::role_id.eq(id.0))).execute(&mut **command)?;
    diesel::delete(roles::table.find(id.0)).execute(&mut **command)?;
    Ok(())
}

fn permit(command: &mut Command<'_>, id: RoleId, permissions: &BTreeSet<Permission>) -> Result<()> {
    for permission in permissions {
        let row = (role_permissions::role_id.eq(id.0), role_permissions::permission.eq(permission.as_str()));
        diesel::insert_into(role_permissions::table).values(row).execute(&mut **command)?;
    }
    Ok(())
}

/// Who holds a role, on whatever ground, by name; also who may not sign in, and what is over and not yet taken away.
pub fn list_holders(connection: &mut Connection, id: RoleId) -> Result<Vec<(User, Grant)>> {
    held(connection, grants::table.filter(grants::role_id.eq(id.0)).into_boxed())
}

/// Everything that permits this and is held on a site, in channels of it, or on the platform, by name of who holds it.
pub fn list_permitted(connection: &mut Connection, permission: Permission, site: Option<SiteId>) -> Result<Vec<(User, Grant)>> {
    let permitting = role_permissions::table.filter(role_permissions::permission.eq(permission.as_str()));
    let permitted = grants::table.filter(grants::role_id.eq_any(permitting.select(role_permissions::role_id))).into_boxed();
    match site {
        Some(site) => held(connection, permitted.filter(grants::site_id.is_null().or(grants::site_id.eq(site.0)))),
        None => held(connection, permitted.filter(grants::site_id.is_null())),
    }
}

/// How many hold each role, each person once; of roles that nobody holds nothing is said.
pub fn count_holders(connection: &mut Connection) -> Result<HashMap<RoleId, usize>> {
    let mut counted = HashMap::new();
    for (role, _) in grants::table.select((grants::role_id, grants::user_id)).distinct().load::<(i64, i64)>(connection)? {
        *counted.entry(RoleId(role)).or_default() += 1;
    }
    Ok(counted)
}

type Backend = <Connection as diesel::Connection>::Backend;

fn held(connection: &mut Connection, held: grants::BoxedQuery<'static, Backend>) -> Result<Vec<(User, Grant)>> {
    let rows = held
        .order(grants::id)
        .select((grants::user_id, grants::role_id, grants::site_id, grants::channel_id, grants::until))
        .load::<(i64, i64, Option<i64>, Option<i64>, Option<NaiveDateTime>)>(connection)?;
    let ids: Vec<UserId> = rows.iter().map(|row| UserId(row.0)).collect();
    let mut found = Vec::new();
    for account in people::list_these(connection, &ids)? {
        for (_, role, site, channel, until) in rows.iter().filter(|row| row.0 == account.id.0) {
            let grant = Grant { role: RoleId(*role), ground: ground(*site, *channel), until: *until };
            found.push((account.clone(), grant));
        }
    }
    Ok(found)
}

#[derive(Queryable)]
struct RoleRow {
    id: i64,
    word: String,
    name: String,
    note: String,
    duty: String,
}
