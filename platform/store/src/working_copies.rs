//! Working copies: what a person is writing on a site and has not saved yet. No query finds another person's.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{SiteId, UserId, WorkingCopy, Writing};

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

/// Keeps what was written in place of what the same sheet brought before; what arrives late is passed over. False where another
/// sheet has it.
pub fn keep(connection: &mut Connection, site: SiteId, user: UserId, copy: &WorkingCopy) -> Result<bool> {
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
        return Ok(true);
    }
    let known =
        copies::table.filter(copies::user_id.eq(user.0).and(copies::site_id.eq(site.0)).and(copies::writing.eq(&writing)));
    let sheet = known.select(copies::sheet).first::<String>(connection).optional()?;
    if sheet.ok_or(Error::Stale)? != copy.sheet {
        return Ok(false);
    }
    diesel::update(known.filter(copies::sequence.lt(copy.sequence))).set(brought).execute(connection)?;
    Ok(true)
}

/// Lets another sheet go on with a working copy, if there is one.
pub fn adopt(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing, sheet: &str) -> Result<()> {
    let known = copies::user_id.eq(user.0).and(copies::site_id.eq(site.0)).and(copies::writing.eq(writing.to_string()));
    diesel::update(copies::table.filter(known.and(copies::sheet.ne(sheet))))
        .set((copies::sheet.eq(sheet), copies::sequence.eq(0)))
        .execute(connection)?;
    Ok(())
}

/// A person's working copy of something on a site.
pub fn find(connection: &mut Connection, site: SiteId, user: UserId, writing: &Writing) -> Result<Option<WorkingCopy>> {
    let row = copies::table
        .find((user.0, site.0, writing.to_string()))
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
        .filter(copies::user_id.eq(user.0).and(copies::site_id.eq(site.0)))
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
