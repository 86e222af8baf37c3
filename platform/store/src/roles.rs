//! Roles and what each permits. They are few and read whole.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use model::{Permission, Role, RoleId, Roles};

use crate::schema::{role_permissions, roles};
use crate::{Connection, Result};

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

#[derive(Queryable)]
struct RoleRow {
    id: i64,
    word: String,
    name: String,
    note: String,
    duty: String,
}
