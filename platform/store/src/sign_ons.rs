//! What was given out to applications: codes, each redeemed once, and the tokens got for them. Only hashes are kept. All of it ends with
//! the session it came from.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{ApplicationId, SessionId, UserId};

use crate::schema::{applications, sessions, sign_on_codes as codes, sign_on_tokens as tokens};
use crate::{Connection, Result};

/// A code that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// To whom.
    pub application: ApplicationId,
    /// From which session.
    pub session: SessionId,
    /// Where it was sent.
    pub redirect: String,
    /// What whoever redeems it must answer.
    pub challenge: String,
    /// What the token repeats.
    pub nonce: Option<String>,
    /// What may be told, in the words of the protocol.
    pub scopes: String,
    /// Until when it is good, UTC.
    pub until: NaiveDateTime,
}

/// Somebody as an application may ask about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub user: UserId,
    /// Since when they are signed in, and when they were last seen, UTC.
    pub since: NaiveDateTime,
    /// UTC.
    pub seen: NaiveDateTime,
    /// What may be told.
    pub scopes: String,
    /// To whom.
    pub application: ApplicationId,
}

type Row = (i64, i64, String, String, Option<String>, String, NaiveDateTime);

/// Keeps a code.
pub fn insert_code(connection: &mut Connection, hash: &str, code: &Code) -> Result<()> {
    diesel::insert_into(codes::table)
        .values((
            codes::hash.eq(hash),
            codes::application_id.eq(code.application.0),
            codes::session_id.eq(code.session.0),
            codes::redirect.eq(&code.redirect),
            codes::challenge.eq(&code.challenge),
            codes::nonce.eq(&code.nonce),
            codes::scopes.eq(&code.scopes),
            codes::until.eq(code.until),
            codes::is_used.eq(false),
        ))
        .execute(connection)?;
    Ok(())
}

/// Takes a code, which is good once: whoever comes second gets none, however close they come. Who brings a used one may have stolen it, or
/// it was stolen before: what was got for it ends (RFC 6749, 4.1.2).
pub fn take_code(connection: &mut Connection, hash: &str) -> Result<Option<Code>> {
    let unused = codes::table.find(hash).filter(codes::is_used.eq(false));
    if diesel::update(unused).set(codes::is_used.eq(true)).execute(connection)? == 0 {
        diesel::delete(codes::table.find(hash)).execute(connection)?;
        return Ok(None);
    }
    let columns =
        (codes::application_id, codes::session_id, codes::redirect, codes::challenge, codes::nonce, codes::scopes, codes::until);
    let (application, session, redirect, challenge, nonce, scopes, until) =
        codes::table.find(hash).select(columns).first::<Row>(connection)?;
    let (application, session) = (ApplicationId(application), SessionId(session));
    Ok(Some(Code { application, session, redirect, challenge, nonce, scopes, until }))
}

/// Keeps a token that was got for a code, unless the code was brought again by now; whether it did.
pub fn insert_token(connection: &mut Connection, hash: &str, code_hash: &str) -> Result<bool> {
    let known = codes::table.find(code_hash).select(codes::hash).first::<String>(connection).optional()?;
    let Some(code_hash) = known else { return Ok(false) };
    diesel::insert_into(tokens::table).values((tokens::hash.eq(hash), tokens::code_hash.eq(code_hash))).execute(connection)?;
    Ok(true)
}

/// Who a code of this session is about.
pub fn find_by_code(connection: &mut Connection, hash: &str) -> Result<Option<Known>> {
    let query = codes::table.inner_join(sessions::table.on(sessions::id.eq(codes::session_id))).filter(codes::hash.eq(hash));
    let columns = (sessions::user_id, sessions::created_at, sessions::seen_at, codes::scopes, codes::application_id);
    Ok(query.select(columns).first::<KnownRow>(connection).optional()?.map(known))
}

/// Who a token is about, if its code was good until after `oldest` and people may sign in to its application still.
pub fn find_by_token(connection: &mut Connection, hash: &str, oldest: NaiveDateTime) -> Result<Option<Known>> {
    let query = tokens::table
        .inner_join(codes::table.on(codes::hash.eq(tokens::code_hash)))
        .inner_join(sessions::table.on(sessions::id.eq(codes::session_id)))
        .inner_join(applications::table.on(applications::id.eq(codes::application_id)))
        .filter(tokens::hash.eq(hash).and(codes::until.gt(oldest)).and(applications::is_open));
    let columns = (sessions::user_id, sessions::created_at, sessions::seen_at, codes::scopes, codes::application_id);
    Ok(query.select(columns).first::<KnownRow>(connection).optional()?.map(known))
}

type KnownRow = (i64, NaiveDateTime, NaiveDateTime, String, i64);

fn known((user, since, seen, scopes, application): KnownRow) -> Known {
    Known { user: UserId(user), since, seen, scopes, application: ApplicationId(application) }
}

/// Ends all that an application was given.
pub fn end_all(connection: &mut Connection, application: ApplicationId) -> Result<()> {
    diesel::delete(codes::table.filter(codes::application_id.eq(application.0))).execute(connection)?;
    Ok(())
}

/// Ends all that an application was given about a person.
pub fn end_of(connection: &mut Connection, application: ApplicationId, user: UserId) -> Result<()> {
    let theirs = sessions::table.filter(sessions::user_id.eq(user.0)).select(sessions::id);
    let given = codes::application_id.eq(application.0).and(codes::session_id.eq_any(theirs));
    diesel::delete(codes::table.filter(given)).execute(connection)?;
    Ok(())
}

/// Forgets codes, with what was got for them, that were good until before `moment`.
pub fn delete_all_until(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(codes::table.filter(codes::until.lt(moment))).execute(connection)?)
}
