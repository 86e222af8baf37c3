//! How to reach people, as it is sealed: no text is known here.

use diesel::prelude::*;
use model::UserId;

use crate::schema::contacts as table;
use crate::{Command, Connection, Result};

/// What is sealed, and the mark by which it is looked for.
pub type Marked = Option<(String, String)>;

/// What is kept of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedContact {
    /// 手机号
    pub phone: Marked,
    /// 电子邮箱
    pub email: Marked,
}

/// What is kept of a person; nothing where nothing was said.
pub fn find(connection: &mut Connection, id: UserId) -> Result<SealedContact> {
    type Row = (Option<String>, Option<String>, Option<String>, Option<String>);
    let columns = (table::phone_sealed, table::phone_mark, table::email_sealed, table::email_mark);
    let row = table::table.find(id.0).select(columns).first::<Row>(connection).optional()?;
    Ok(row.map_or_else(SealedContact::default, |(phone, phone_mark, email, email_mark)| SealedContact {
        phone: phone.zip(phone_mark),
        email: email.zip(email_mark),
    }))
}

/// Keeps this in place of what was kept before.
pub fn save(command: &mut Command<'_>, id: UserId, contact: &SealedContact) -> Result<()> {
    diesel::delete(table::table.find(id.0)).execute(&mut **command)?;
    if *contact == SealedContact::default() {
        return Ok(());
    }
    let (phone, phone_mark) = contact.phone.clone().unzip();
    let (email, email_mark) = contact.email.clone().unzip();
    diesel::insert_into(table::table)
        .values((
            table::user_id.eq(id.0),
            table::phone_sealed.eq(phone),
            table::phone_mark.eq(phone_mark),
            table::email_sealed.eq(email),
            table::email_mark.eq(email_mark),
        ))
        .execute(&mut **command)?;
    Ok(())
}
