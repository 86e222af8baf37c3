//! Groups (工作组) and who is in them.

use std::collections::HashMap;

use diesel::prelude::*;
use model::{Group, GroupContent, GroupId, SiteId, UserId};

use crate::catalogue::Reach;
use crate::schema::{work_group_members as members, work_groups as groups};
use crate::{BINDS, Command, Connection, Result, on};

/// The groups of a site, or with none those of the platform, by name.
pub fn list(connection: &mut Connection, site: Option<SiteId>) -> Result<Vec<Group>> {
    let query = groups::table.order((groups::name, groups::id)).select((groups::id, groups::name, groups::duty));
    let rows = match site {
        Some(site) => query.filter(groups::site_id.eq(site.0)).load::<GroupRow>(connection)?,
        None => query.filter(groups::site_id.is_null()).load::<GroupRow>(connection)?,
    };
    with_members(connection, rows)
}

/// The groups that people of a site are found under: its own, then those of the platform.
pub fn list_for(connection: &mut Connection, site: SiteId) -> Result<Vec<Group>> {
    let mut found = list(connection, Some(site))?;
    found.extend(list(connection, None)?);
    Ok(found)
}

/// A group of a site, or with none of the platform.
pub fn find(connection: &mut Connection, site: Option<SiteId>, id: GroupId) -> Result<Option<Group>> {
    Ok(list(connection, site)?.into_iter().find(|group| group.id == id))
}

/// The names of the groups within reach that each of these people is in.
pub fn names_by_member(connection: &mut Connection, reach: &Reach, people: &[UserId]) -> Result<HashMap<UserId, Vec<String>>> {
    let mut found: HashMap<UserId, Vec<String>> = HashMap::new();
    for some in people.chunks(BINDS) {
        let some: Vec<i64> = some.iter().map(|id| id.0).collect();
        let mut query = members::table.inner_join(groups::table).filter(members::user_id.eq_any(some)).into_boxed();
        if let Reach::Sites(sites) = reach {
            query = query.filter(groups::site_id.eq_any(sites.iter().map(|site| Some(site.0)).collect::<Vec<_>>()));
        }
        let rows = query.order((groups::name, groups::id)).select((members::user_id, groups::name));
        for (user, name) in rows.load::<(i64, String)>(connection)? {
            found.entry(UserId(user)).or_default().push(name);
        }
    }
    Ok(found)
}

/// Adds a group.
pub fn insert(command: &mut Command<'_>, site: Option<SiteId>, content: &GroupContent) -> Result<GroupId> {
    let id = diesel::insert_into(groups::table)
        .values((groups::site_id.eq(site.map(|site| site.0)), groups::name.eq(&content.name), groups::duty.eq(&content.duty)))
        .returning(groups::id)
        .get_result::<i64>(&mut **command)?;
    insert_members(command, GroupId(id), &content.members)?;
    Ok(GroupId(id))
}

/// Makes a group what is said here.
pub fn update(command: &mut Command<'_>, group: &Group) -> Result<()> {
    diesel::update(groups::table.find(group.id.0))
        .set((groups::name.eq(&group.content.name), groups::duty.eq(&group.content.duty)))
        .execute(&mut **command)?;
    diesel::delete(members::table.filter(members::group_id.eq(group.id.0))).execute(&mut **command)?;
    insert_members(command, group.id, &group.content.members)
}

/// Takes a group away; its members stay what they are.
pub fn delete(command: &mut Command<'_>, id: GroupId) -> Result<()> {
    diesel::delete(members::table.filter(members::group_id.eq(id.0))).execute(&mut **command)?;
    diesel::delete(groups::table.find(id.0)).execute(&mut **command)?;
    Ok(())
}

/// Takes a person out of every group of a site, or with none of the platform.
pub fn leave(command: &mut Command<'_>, site: Option<SiteId>, person: UserId) -> Result<()> {
    let ids: Vec<i64> = list(command, site)?.into_iter().map(|group| group.id.0).collect();
    for some in ids.chunks(BINDS) {
        let theirs = members::table.filter(members::user_id.eq(person.0).and(members::group_id.eq_any(some.to_vec())));
        diesel::delete(theirs).execute(&mut **command)?;
    }
    Ok(())
}

fn insert_members(command: &mut Command<'_>, id: GroupId, people: &[UserId]) -> Result<()> {
    for some in people.chunks(BINDS / 2) {
        let rows: Vec<_> = some.iter().map(|user| (members::group_id.eq(id.0), members::user_id.eq(user.0))).collect();
        on!(&mut **command, c => diesel::insert_into(members::table).values(&rows).execute(c))?;
    }
    Ok(())
}

type GroupRow = (i64, String, String);

fn with_members(connection: &mut Connection, rows: Vec<GroupRow>) -> Result<Vec<Group>> {
    let mut held: HashMap<i64, Vec<UserId>> = HashMap::new();
    for some in rows.chunks(BINDS) {
        let ids: Vec<i64> = some.iter().map(|row| row.0).collect();
        let found = members::table.filter(members::group_id.eq_any(ids)).order(members::user_id);
        for (group, user) in found.select((members::group_id, members::user_id)).load::<(i64, i64)>(connection)? {
            held.entry(group).or_default().push(UserId(user));
        }
    }
    let group = |(id, name, duty): GroupRow| Group {
        id: GroupId(id),
        content: GroupContent { name, duty, members: held.remove(&id).unwrap_or_default() },
    };
    Ok(rows.into_iter().map(group).collect())
}
