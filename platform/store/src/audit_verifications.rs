//! 核验: what each walk over the audit log found. Appended to and never changed, like the log.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::audit::{Chain, Head};
use crate::schema::audit_verifications as table;
use crate::{Connection, Result};

/// What one walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// When, UTC.
    pub at: NaiveDateTime,
    /// The last entry whose seal holds.
    pub head: Head,
    /// What that says of the whole.
    pub chain: Chain,
}

/// Notes what was found.
pub fn insert(connection: &mut Connection, found: &Verification) -> Result<()> {
    let broken_at = if let Chain::Broken(number) = found.chain { Some(number) } else { None };
    diesel::insert_into(table::table)
        .values((
            table::at.eq(found.at),
            table::entries.eq(found.head.number),
            table::head.eq(&found.head.hash),
            table::broken_at.eq(broken_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// The latest; none where the log was never walked over.
pub fn find_last(connection: &mut Connection) -> Result<Option<Verification>> {
    let row = table::table.order(table::id.desc()).select(COLUMNS).first::<Row>(connection).optional()?;
    Ok(row.map(verification))
}

/// Every head that was met.
pub fn heads(connection: &mut Connection) -> Result<Vec<Head>> {
    let rows = table::table.filter(table::entries.gt(0)).select((table::entries, table::head)).distinct();
    let rows = rows.load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(number, hash)| Head { number, hash }).collect())
}

type Row = (NaiveDateTime, i64, String, Option<i64>);
const COLUMNS: (table::at, table::entries, table::head, table::broken_at) =
    (table::at, table::entries, table::head, table::broken_at);

fn verification((at, number, hash, broken_at): Row) -> Verification {
    Verification { at, head: Head { number, hash }, chain: broken_at.map_or(Chain::Intact(number), Chain::Broken) }
}
