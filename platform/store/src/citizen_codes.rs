//! 验证码 that were sent: one for each recipient and purpose, the last. Neither recipient nor code can be read here.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::schema::citizen_codes as table;
use crate::{Connection, Result};

/// Keeps one in place of what was sent for the same before; those made before `forgotten` are over.
pub fn put(
    connection: &mut Connection,
    purpose: &str,
    (recipient_mark, code_mark): (&str, &str),
    now: NaiveDateTime,
    forgotten: NaiveDateTime,
) -> Result<()> {
    diesel::delete(table::table.filter(table::made_at.lt(forgotten))).execute(connection)?;
    diesel::delete(table::table.filter(table::purpose.eq(purpose).and(table::recipient_mark.eq(recipient_mark))))
        .execute(connection)?;
    diesel::insert_into(table::table)
        .values((
            table::purpose.eq(purpose),
            table::recipient_mark.eq(recipient_mark),
            table::code_mark.eq(code_mark),
            table::tries.eq(0),
            table::made_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether the code of one of these marks was sent to one of these recipients since `oldest`, and is taken for it now. Each try is counted
/// before it is judged, so that many at once are no more than many in a row.
pub fn take(
    connection: &mut Connection,
    purpose: &str,
    (recipient_marks, code_marks): (&[String], &[String]),
    most: i32,
    oldest: NaiveDateTime,
) -> Result<bool> {
    let sent = || {
        let those = table::purpose.eq(purpose.to_owned()).and(table::recipient_mark.eq_any(recipient_marks.to_vec()));
        table::table.filter(those.and(table::made_at.ge(oldest)))
    };
    diesel::update(sent()).set(table::tries.eq(table::tries + 1)).execute(connection)?;
    let right = sent().filter(table::tries.le(most).and(table::code_mark.eq_any(code_marks)));
    Ok(diesel::delete(right).execute(connection)? > 0)
}
