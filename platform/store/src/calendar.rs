//! The working-day calendar as stored: one row a year, in the same compact form it is imported in.

use diesel::prelude::*;

use crate::schema::calendar_years as table;
use crate::{Command, Connection, Result};

/// Every year with its exceptions as they were imported.
pub fn list(connection: &mut Connection) -> Result<Vec<(i32, String)>> {
    Ok(table::table.order(table::year).load(connection)?)
}

/// Keeps a year's exceptions, replacing those known; says whether anything changed.
pub fn save(command: &mut Command<'_>, year: i32, exceptions: &str) -> Result<bool> {
    let known = table::table.find(year).select(table::exceptions).first::<String>(&mut **command).optional()?;
    match known {
        Some(known) if known == exceptions => return Ok(false),
        Some(_) => diesel::update(table::table.find(year)).set(table::exceptions.eq(exceptions)).execute(&mut **command)?,
        None => diesel::insert_into(table::table)
            .values((table::year.eq(year), table::exceptions.eq(exceptions)))
            .execute(&mut **command)?,
    };
    Ok(true)
}
