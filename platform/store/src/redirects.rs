//! Redirects of a site: old addresses and where they lead.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{Redirect, RedirectId, SiteId, UserId};

use crate::schema::redirects;
use crate::{Command, Connection, Result, contains};

/// What is to be made.
pub struct NewRedirect<'a> {
    /// The old address without its query.
    pub path: &'a str,
    /// The query; empty for any.
    pub query: &'a str,
    /// Where it leads.
    pub target: &'a str,
}

/// Makes a redirect, or lets one that is there lead elsewhere; says where it led before.
pub fn save(
    command: &mut Command<'_>,
    site: SiteId,
    new: &NewRedirect<'_>,
    by: UserId,
    now: NaiveDateTime,
) -> Result<Option<String>> {
    let before = find(command, site, new.path, new.query)?;
    let made = (redirects::target.eq(new.target), redirects::created_by.eq(by.0), redirects::created_at.eq(now));
    if let Some(known) = &before {
        diesel::update(redirects::table.find(known.id.0)).set(made).execute(&mut **command)?;
    } else {
        let address = (redirects::site_id.eq(site.0), redirects::path.eq(new.path), redirects::query.eq(new.query));
        diesel::insert_into(redirects::table).values((address, made)).execute(&mut **command)?;
    }
    Ok(before.map(|known| known.target))
}

/// Takes a redirect away; says which it was.
pub fn delete(command: &mut Command<'_>, site: SiteId, id: RedirectId) -> Result<Option<Redirect>> {
    let target = redirects::table.filter(redirects::site_id.eq(site.0).and(redirects::id.eq(id.0)));
    let known = target.first::<RedirectRow>(&mut **command).optional()?.map(redirect);
    diesel::delete(target).execute(&mut **command)?;
    Ok(known)
}

/// The redirect from just this address and query.
pub fn find(connection: &mut Connection, site: SiteId, path: &str, query: &str) -> Result<Option<Redirect>> {
    let wanted = redirects::site_id.eq(site.0).and(redirects::path.eq(path)).and(redirects::query.eq(query));
    Ok(redirects::table.filter(wanted).first::<RedirectRow>(connection).optional()?.map(redirect))
}

/// Every redirect from this address, whatever its query.
pub fn list_by_path(connection: &mut Connection, site: SiteId, path: &str) -> Result<Vec<Redirect>> {
    let wanted = redirects::table.filter(redirects::site_id.eq(site.0).and(redirects::path.eq(path)));
    Ok(wanted.order(redirects::query).load::<RedirectRow>(connection)?.into_iter().map(redirect).collect())
}

/// Every old address of a site, with its query.
pub fn list_addresses(connection: &mut Connection, site: SiteId) -> Result<Vec<(String, String)>> {
    let of_site = redirects::table.filter(redirects::site_id.eq(site.0)).order(redirects::id);
    Ok(of_site.select((redirects::path, redirects::query)).load(connection)?)
}

/// Redirects of a site, newest first, before the given one; those whose old or new address holds `text`.
pub fn list(
    connection: &mut Connection,
    site: SiteId,
    text: &str,
    before: Option<RedirectId>,
    limit: i64,
) -> Result<Vec<Redirect>> {
    let mut query = redirects::table.filter(redirects::site_id.eq(site.0)).order(redirects::id.desc()).limit(limit).into_boxed();
    if let Some(before) = before {
        query = query.filter(redirects::id.lt(before.0));
    }
    if !text.is_empty() {
        let pattern = contains(text);
        let either = redirects::path
            .like(pattern.clone())
            .escape('!')
            .or(redirects::query.like(pattern.clone()).escape('!'))
            .or(redirects::target.like(pattern).escape('!'));
        query = query.filter(either);
    }
    Ok(query.load::<RedirectRow>(connection)?.into_iter().map(redirect).collect())
}

#[derive(Queryable)]
struct RedirectRow {
    id: i64,
    site_id: i64,
    path: String,
    query: String,
    target: String,
    created_by: i64,
    created_at: NaiveDateTime,
}

fn redirect(row: RedirectRow) -> Redirect {
    Redirect {
        id: RedirectId(row.id),
        site_id: SiteId(row.site_id),
        path: row.path,
        query: row.query,
        target: row.target,
        created_by: UserId(row.created_by),
        created_at: row.created_at,
    }
}
