//! Saved views (常用视图): searches of the library that a person has named, on one site or over all.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{SavedView, SavedViewId, SiteId, UserId};

use crate::schema::saved_views;
use crate::{Command, Connection, Result};

/// Keeps a search under a name; one of that name is replaced. Says what it was before.
pub fn save(
    command: &mut Command<'_>,
    of: UserId,
    site: Option<SiteId>,
    name: &str,
    query: &str,
    now: NaiveDateTime,
) -> Result<Option<SavedView>> {
    let before = list(command, of, site)?.into_iter().find(|view| view.name == name);
    let set = (saved_views::query.eq(query), saved_views::saved_at.eq(now));
    if let Some(known) = &before {
        diesel::update(saved_views::table.find(known.id.0)).set(set).execute(&mut **command)?;
    } else {
        let named = (saved_views::user_id.eq(of.0), saved_views::site_id.eq(site.map(|id| id.0)), saved_views::name.eq(name));
        diesel::insert_into(saved_views::table).values((named, set)).execute(&mut **command)?;
    }
    Ok(before)
}

/// A person's views of a site, or of all sites together, by name.
pub fn list(connection: &mut Connection, of: UserId, site: Option<SiteId>) -> Result<Vec<SavedView>> {
    let mut query = saved_views::table.filter(saved_views::user_id.eq(of.0)).into_boxed();
    query = match site {
        Some(site) => query.filter(saved_views::site_id.eq(site.0)),
        None => query.filter(saved_views::site_id.is_null()),
    };
    let rows = query.order((saved_views::name, saved_views::id)).load::<ViewRow>(connection)?;
    Ok(rows.into_iter().map(view).collect())
}

/// Forgets a view of this person; says which it was.
pub fn delete(command: &mut Command<'_>, of: UserId, id: SavedViewId) -> Result<Option<SavedView>> {
    let target = saved_views::table.filter(saved_views::id.eq(id.0).and(saved_views::user_id.eq(of.0)));
    let known = target.first::<ViewRow>(&mut **command).optional()?.map(view);
    diesel::delete(target).execute(&mut **command)?;
    Ok(known)
}

#[derive(Queryable)]
struct ViewRow {
    id: i64,
    user_id: i64,
    site_id: Option<i64>,
    name: String,
    query: String,
    saved_at: NaiveDateTime,
}

fn view(row: ViewRow) -> SavedView {
    SavedView {
        id: SavedViewId(row.id),
        user_id: UserId(row.user_id),
        site_id: row.site_id.map(SiteId),
        name: row.name,
        query: row.query,
        saved_at: row.saved_at,
    }
}
