//! Second factors (二次验证): apps with their sealed secrets, and passkeys.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{FactorId, FactorKind, SecondFactor, UserId};

use crate::schema::second_factors as factors;
use crate::{Command, Connection, Result};

/// Adds a factor. Its secret is sealed for its number, so [`set_secret`] follows.
pub fn insert(
    command: &mut Command<'_>,
    user: UserId,
    kind: FactorKind,
    name: &str,
    passkey: Option<&str>,
    now: NaiveDateTime,
) -> Result<FactorId> {
    let id = diesel::insert_into(factors::table)
        .values((
            factors::user_id.eq(user.0),
            factors::kind.eq(kind.as_str()),
            factors::name.eq(name),
            factors::last_step.eq(0),
            factors::passkey.eq(passkey),
            factors::added_at.eq(now),
        ))
        .returning(factors::id)
        .get_result::<i64>(&mut **command)?;
    Ok(FactorId(id))
}

/// Keeps the sealed secret of an app, and the step of the code it was set up with.
pub fn set_secret(command: &mut Command<'_>, id: FactorId, sealed: &str, step: i64) -> Result<()> {
    let secret = (factors::secret_sealed.eq(sealed), factors::last_step.eq(step));
    diesel::update(factors::table.find(id.0)).set(secret).execute(&mut **command)?;
    Ok(())
}

/// What somebody has, in the order it was added.
pub fn list(connection: &mut Connection, user: UserId) -> Result<Vec<SecondFactor>> {
    let theirs = factors::table.filter(factors::user_id.eq(user.0)).order(factors::id);
    theirs.select(COLUMNS).load::<Row>(connection)?.into_iter().map(factor).collect()
}

/// One of somebody's.
pub fn find(connection: &mut Connection, user: UserId, id: FactorId) -> Result<Option<SecondFactor>> {
    let row = factors::table.filter(factors::user_id.eq(user.0).and(factors::id.eq(id.0)));
    row.select(COLUMNS).first::<Row>(connection).optional()?.map(factor).transpose()
}

/// Whether somebody has any.
pub fn has_any(connection: &mut Connection, user: UserId) -> Result<bool> {
    let theirs = factors::table.filter(factors::user_id.eq(user.0)).select(factors::id);
    Ok(theirs.first::<i64>(connection).optional()?.is_some())
}

/// The sealed secrets of somebody's apps.
pub fn list_secrets(connection: &mut Connection, user: UserId) -> Result<Vec<(FactorId, String)>> {
    let apps = factors::table.filter(factors::user_id.eq(user.0).and(factors::secret_sealed.is_not_null()));
    let columns = (factors::id, factors::secret_sealed.assume_not_null());
    let rows = apps.order(factors::id).select(columns).load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(id, sealed)| (FactorId(id), sealed)).collect())
}

/// Somebody's passkeys.
pub fn list_passkeys(connection: &mut Connection, user: UserId) -> Result<Vec<(FactorId, String)>> {
    let keys = factors::table.filter(factors::user_id.eq(user.0).and(factors::passkey.is_not_null()));
    let columns = (factors::id, factors::passkey.assume_not_null());
    let rows = keys.order(factors::id).select(columns).load::<(i64, String)>(connection)?;
    Ok(rows.into_iter().map(|(id, passkey)| (FactorId(id), passkey)).collect())
}

/// Takes the code of a step; says whether none of that step or a later one was taken before.
pub fn take_step(connection: &mut Connection, id: FactorId, step: i64, now: NaiveDateTime) -> Result<bool> {
    let earlier = factors::table.filter(factors::id.eq(id.0).and(factors::last_step.lt(step)));
    let set = (factors::last_step.eq(step), factors::used_at.eq(now));
    Ok(diesel::update(earlier).set(set).execute(connection)? > 0)
}

/// Keeps what a passkey has become by its use.
pub fn note_use(connection: &mut Connection, id: FactorId, passkey: &str, now: NaiveDateTime) -> Result<()> {
    let set = (factors::passkey.eq(passkey), factors::used_at.eq(now));
    diesel::update(factors::table.find(id.0)).set(set).execute(connection)?;
    Ok(())
}

/// Gives one of somebody's another name.
pub fn rename(command: &mut Command<'_>, user: UserId, id: FactorId, name: &str) -> Result<()> {
    let theirs = factors::table.filter(factors::user_id.eq(user.0).and(factors::id.eq(id.0)));
    diesel::update(theirs).set(factors::name.eq(name)).execute(&mut **command)?;
    Ok(())
}

/// Removes one of somebody's.
pub fn delete(command: &mut Command<'_>, user: UserId, id: FactorId) -> Result<()> {
    let theirs = factors::table.filter(factors::user_id.eq(user.0).and(factors::id.eq(id.0)));
    diesel::delete(theirs).execute(&mut **command)?;
    Ok(())
}

/// Removes all that somebody has; says how many there were.
pub fn delete_of(command: &mut Command<'_>, user: UserId) -> Result<usize> {
    Ok(diesel::delete(factors::table.filter(factors::user_id.eq(user.0))).execute(&mut **command)?)
}

type Row = (i64, i64, String, String, NaiveDateTime, Option<NaiveDateTime>);

const COLUMNS: (factors::id, factors::user_id, factors::kind, factors::name, factors::added_at, factors::used_at) =
    (factors::id, factors::user_id, factors::kind, factors::name, factors::added_at, factors::used_at);

fn factor((id, user, kind, name, added_at, used_at): Row) -> Result<SecondFactor> {
    Ok(SecondFactor { id: FactorId(id), user_id: UserId(user), kind: kind.parse()?, name, added_at, used_at })
}
