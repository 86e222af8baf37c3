//! 公众用户, as they are kept: what is personal is sealed, and no text is known here.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{CitizenId, RealName, RecipientKind, Suspension};

use crate::contacts::Marked;
use crate::schema::citizens as table;
use crate::{Command, Connection, Result};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCitizen {
    /// Their number.
    pub id: CitizenId,
    /// 称呼
    pub call: Option<String>,
    /// 手机号
    pub phone: Marked,
    /// 电子邮箱
    pub mail: Marked,
    /// Where the guardian of a minor is reached, and by what.
    pub guardian: Option<(RecipientKind, String)>,
    /// The hash of their password.
    pub password: Option<String>,
    /// Since when it is so.
    pub password_since: Option<NaiveDateTime>,
    /// 实名等级
    pub real_name: RealName,
    /// What they agreed to.
    pub terms: String,
    /// UTC.
    pub registered_at: NaiveDateTime,
    /// Why they are shut out.
    pub suspension: Option<Suspension>,
}

/// Makes an account that says nothing yet: what is sealed is sealed for its number.
pub fn insert(command: &mut Command<'_>, terms: &str, now: NaiveDateTime) -> Result<CitizenId> {
    let values = (table::real_name.eq(RealName::None.as_str()), table::terms.eq(terms), table::registered_at.eq(now));
    let id = diesel::insert_into(table::table).values(values).returning(table::id).get_result::<i64>(&mut **command)?;
    Ok(CitizenId(id))
}

/// The account of this number, if it is not closed.
pub fn find(connection: &mut Connection, id: CitizenId) -> Result<Option<SealedCitizen>> {
    let open = table::table.filter(table::id.eq(id.0).and(table::closed_at.is_null()));
    open.select(COLUMNS).first::<Row>(connection).optional()?.map(citizen).transpose()
}

/// Whose one of these marks is.
pub fn find_by_marks(connection: &mut Connection, kind: RecipientKind, marks: &[String]) -> Result<Option<SealedCitizen>> {
    let open = table::table.filter(table::closed_at.is_null()).into_boxed();
    let theirs = match kind {
        RecipientKind::Phone => open.filter(table::phone_mark.eq_any(marks)),
        RecipientKind::Mail => open.filter(table::mail_mark.eq_any(marks)),
    };
    theirs.select(COLUMNS).first::<Row>(connection).optional()?.map(citizen).transpose()
}

/// The minors for whom whoever is reached at one of these marks consented.
pub fn list_by_guardian(connection: &mut Connection, marks: &[String]) -> Result<Vec<SealedCitizen>> {
    let theirs = table::table.filter(table::guardian_mark.eq_any(marks).and(table::closed_at.is_null())).order(table::id);
    theirs.select(COLUMNS).load::<Row>(connection)?.into_iter().map(citizen).collect()
}

/// Keeps what they are called.
pub fn set_call(command: &mut Command<'_>, id: CitizenId, sealed: Option<&str>) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(table::call_sealed.eq(sealed)).execute(&mut **command)?;
    Ok(())
}

/// Keeps where they are reached by one means.
pub fn set_recipient(command: &mut Command<'_>, id: CitizenId, kind: RecipientKind, marked: Marked) -> Result<()> {
    let (sealed, mark) = marked.unzip();
    let row = table::table.find(id.0);
    match kind {
        RecipientKind::Phone => {
            diesel::update(row).set((table::phone_sealed.eq(sealed), table::phone_mark.eq(mark))).execute(&mut **command)?
        }
        RecipientKind::Mail => {
            diesel::update(row).set((table::mail_sealed.eq(sealed), table::mail_mark.eq(mark))).execute(&mut **command)?
        }
    };
    Ok(())
}

/// Keeps who consented for a minor; none once they are none.
pub fn set_guardian(command: &mut Command<'_>, id: CitizenId, guardian: Option<(RecipientKind, String, String)>) -> Result<()> {
    let kind = guardian.as_ref().map(|(kind, _, _)| kind.as_str());
    let sealed = guardian.as_ref().map(|(_, sealed, _)| sealed.as_str());
    let mark = guardian.as_ref().map(|(_, _, mark)| mark.as_str());
    let values = (table::guardian_kind.eq(kind), table::guardian_sealed.eq(sealed), table::guardian_mark.eq(mark));
    diesel::update(table::table.find(id.0)).set(values).execute(&mut **command)?;
    Ok(())
}

/// Keeps the hash of a password, or that there is none.
pub fn set_password(command: &mut Command<'_>, id: CitizenId, hash: Option<&str>, now: NaiveDateTime) -> Result<()> {
    let values = (table::password_hash.eq(hash), table::password_since.eq(hash.map(|_| now)));
    diesel::update(table::table.find(id.0)).set(values).execute(&mut **command)?;
    Ok(())
}

/// Keeps how well it is known who they are.
pub fn set_real_name(command: &mut Command<'_>, id: CitizenId, level: RealName) -> Result<()> {
    diesel::update(table::table.find(id.0)).set(table::real_name.eq(level.as_str())).execute(&mut **command)?;
    Ok(())
}

/// Keeps why they are shut out, or that they are not.
pub fn set_suspension(command: &mut Command<'_>, id: CitizenId, suspension: Option<&Suspension>) -> Result<()> {
    let values =
        (table::suspended_at.eq(suspension.map(|one| one.since)), table::suspension_reason.eq(suspension.map(|one| &one.reason)));
    diesel::update(table::table.find(id.0)).set(values).execute(&mut **command)?;
    Ok(())
}

/// Closes an account: nothing is left of it but its number and its times.
pub fn close(command: &mut Command<'_>, id: CitizenId, now: NaiveDateTime) -> Result<()> {
    set_call(command, id, None)?;
    set_recipient(command, id, RecipientKind::Phone, None)?;
    set_recipient(command, id, RecipientKind::Mail, None)?;
    set_guardian(command, id, None)?;
    set_password(command, id, None, now)?;
    set_real_name(command, id, RealName::None)?;
    set_suspension(command, id, None)?;
    diesel::update(table::table.find(id.0)).set(table::closed_at.eq(now)).execute(&mut **command)?;
    Ok(())
}

type Row = (
    i64,
    Option<String>,
    (Option<String>, Option<String>),
    (Option<String>, Option<String>),
    (Option<String>, Option<String>),
    (Option<String>, Option<NaiveDateTime>),
    String,
    String,
    NaiveDateTime,
    (Option<NaiveDateTime>, Option<String>),
);

type Columns = (
    table::id,
    table::call_sealed,
    (table::phone_sealed, table::phone_mark),
    (table::mail_sealed, table::mail_mark),
    (table::guardian_kind, table::guardian_sealed),
    (table::password_hash, table::password_since),
    table::real_name,
    table::terms,
    table::registered_at,
    (table::suspended_at, table::suspension_reason),
);

const COLUMNS: Columns = (
    table::id,
    table::call_sealed,
    (table::phone_sealed, table::phone_mark),
    (table::mail_sealed, table::mail_mark),
    (table::guardian_kind, table::guardian_sealed),
    (table::password_hash, table::password_since),
    table::real_name,
    table::terms,
    table::registered_at,
    (table::suspended_at, table::suspension_reason),
);

fn citizen(
    (id, call, phone, mail, guardian, password, real_name, terms, registered_at, suspension): Row,
) -> Result<SealedCitizen> {
    let guardian = match guardian {
        (Some(kind), Some(sealed)) => Some((kind.parse()?, sealed)),
        _ => None,
    };
    Ok(SealedCitizen {
        id: CitizenId(id),
        call,
        phone: phone.0.zip(phone.1),
        mail: mail.0.zip(mail.1),
        guardian,
        password: password.0,
        password_since: password.1,
        real_name: real_name.parse()?,
        terms,
        registered_at,
        suspension: suspension.0.zip(suspension.1).map(|(since, reason)| Suspension { since, reason }),
    })
}
