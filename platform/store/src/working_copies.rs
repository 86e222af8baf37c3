//! Working copies: what a person is writing on a site and has not saved yet. No query finds another person's. Of a copy that was saved
//! an empty row stays, so that what its sheet sent before and arrives after is not kept as if it were new.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::working_copy::is_sheet;
use model::{ResourceId, SiteId, UserId, WorkingCopy, Writing};

use crate::schema::working_copies as copies;
use crate::{Connection, Error, Result, on};

/// What a list shows of a working copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is of.
    pub writing: Writing,
    /// Its title as typed.
    pub title: String,
    /// UTC.
    pub kept_at: NaiveDateTime,
}

/// How what a sheet brings is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is kept, or something newer of the same sheet is.
    Kept,
    /// Another sheet has the copy.
    Elsewhere,
    /// What is written on this sheet was saved.
    Saved,
}

/// Keeps what was written in place of what the same sheet brought before; what arrives late is passed over.
pub fn keep(connection: &mut Connection, site: SiteId, user: UserId, copy: &WorkingCopy) -> Result<Taken> {
    let writing = copy.writing.to_string();
    let brought = (
        copies::sequence.eq(copy.sequence),
        copies::title.eq(&copy.title),
        copies::form.eq(&copy.form),
        copies::kept_at.eq(copy.kept_at),
    );
    let key = (copies::user_id.eq(user.0), copies::site_id.eq(site.0), copies::writing.eq(&writing));
    let row = (key, copies::sheet.eq(&copy.sheet), brought);
    if on!(connection, c => diesel::insert_into(copies::table).values(row).on_conflict_do_nothing().execute(c))? == 1 {
        return Ok(Taken::Kept);
    }
    let known = copies::table.find((user.0, site.0, &writing));
    let found = known.select((copies::sheet, copies::became)).first::<(String, Option<i64>)>(connection).optional()?;
    let (sheet, became) = found.ok_or(Error::Stale)?;
    match became {
        None if sheet == copy.sheet => {
            diesel::update(known.filter(copies::sequence.lt(copy.sequence))).set(brought).execute(connection)?
        }
        None => return Ok(Taken::Elsewhere),
        // Only a window drawn after what was saved goes on from it: the names of sheets stand in the order they were drawn.
        Some(_) if sheet < copy.sheet => {
            let anew = (copies::sheet.eq(&copy.sheet), copies::became.eq(None::<i64>), brought);
            diesel::update(known).set(anew).execute(connection)?
        }
        Some(_) => return Ok(Taken::Saved),
    };
    Ok(Taken::Kept)
}

/// Lets another sheet go on with a working copy, if there is one.
pub fn adopt(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing, sheet: &str) -> Result<()> {
    let known = copies::table.find((user.0, site.0, writing.to_string()));
    diesel::update(known.filter(copies::sheet.ne(sheet).and(copies::became.is_null())))
        .set((copies::sheet.eq(sheet), copies::sequence.eq(0)))
        .execute(connection)?;
    Ok(())
}

/// Lets a sheet go on with a working copy that an earlier sheet brought: the names of sheets stand in the order they were drawn.
pub fn adopt_from_earlier(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing, sheet: &str) -> Result<()> {
    let known = copies::table.find((user.0, site.0, writing.to_string())).select(copies::sheet);
    let earlier = known.first::<String>(connection).optional()?.is_some_and(|known| known.as_str() < sheet);
    if earlier { adopt(connection, site, user, writing, sheet) } else { Ok(()) }
}

/// Ends a working copy that was saved from this sheet: nothing is left of it but what it became.
pub fn end(
    connection: &mut Connection,
    site: SiteId,
    user: UserId,
    saved: (&Writing, &str),
    became: ResourceId,
    now: NaiveDateTime,
) -> Result<()> {
    let (writing, sheet) = saved;
    if !is_sheet(sheet) {
        return delete(connection, site, user, writing);
    }
    // In one statement: what the form sent before may be on its way.
    let key = (copies::user_id.eq(user.0), copies::site_id.eq(site.0), copies::writing.eq(writing.to_string()));
    let ended = (
        (copies::sheet.eq(sheet), copies::sequence.eq(0), copies::became.eq(became.0)),
        (copies::title.eq(""), copies::form.eq(""), copies::kept_at.eq(now)),
    );
    let place = (copies::user_id, copies::site_id, copies::writing);
    on!(connection, c => diesel::insert_into(copies::table)
        .values((key, ended)).on_conflict(place).do_update().set(ended).execute(c))?;
    Ok(())
}

/// The resource that a working copy became when it was saved, and the sheet it was saved from.
pub fn find_saved(
    connection: &mut Connection,
    site: SiteId,
    user: UserId,
    writing: &Writing,
) -> Result<Option<(ResourceId, String)>> {
    let known = copies::table.find((user.0, site.0, writing.to_string())).select((copies::became, copies::sheet));
    let found = known.first::<(Option<i64>, String)>(connection).optional()?;
    Ok(found.and_then(|(became, sheet)| Some((ResourceId(became?), sheet))))
}

/// A person's working copy of something on a site.
pub fn find(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing) -> Result<Option<WorkingCopy>> {
    let row = copies::table
        .find((user.0, site.0, writing.to_string()))
        .filter(copies::became.is_null())
        .select((copies::sheet, copies::sequence, copies::title, copies::form, copies::kept_at))
        .first::<(String, i64, String, String, NaiveDateTime)>(connection)
        .optional()?;
    Ok(row.map(|(sheet, sequence, title, form, kept_at)| WorkingCopy {
        writing: writing.clone(),
        sheet,
        sequence,
        title,
        form,
        kept_at,
    }))
}

/// A person's working copies on a site, the latest first.
pub fn list(connection: &mut Connection, site: SiteId, user: UserId) -> Result<Vec<Line>> {
    let rows = copies::table
        .filter(copies::user_id.eq(user.0).and(copies::site_id.eq(site.0)).and(copies::became.is_null()))
        .order(copies::kept_at.desc())
        .select((copies::writing, copies::title, copies::kept_at))
        .load::<(String, String, NaiveDateTime)>(connection)?;
    let line = |(writing, title, kept_at): (String, String, NaiveDateTime)| {
        let writing = writing.parse().map_err(|_| Error::Corrupt(format!("a working copy of {writing}")))?;
        Ok(Line { writing, title, kept_at })
    };
    rows.into_iter().map(line).collect()
}

/// Throws a person's working copy away.
pub fn delete(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing) -> Result<()> {
    diesel::delete(copies::table.find((user.0, site.0, writing.to_string()))).execute(connection)?;
    Ok(())
}

/// Throws away what was last kept before `moment`, on all sites.
pub fn delete_all_kept_before(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(copies::table.filter(copies::kept_at.lt(moment))).execute(connection)?)
}
