//! What was given out to applications: codes, each redeemed once, and the tokens got for them. Only hashes are kept. All of it ends with
//! the session it came from.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::{ApplicationId, CitizenId, CitizenSessionId, SessionId, Subject, UserId};

use crate::schema::{applications, citizen_sessions, sessions, sign_on_codes as codes, sign_on_tokens as tokens};
use crate::{Connection, Result};

/// The session that something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Of one of our people.
    Staff(SessionId),
    /// Of a citizen.
    Citizen(CitizenSessionId),
}

/// A code that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// To whom.
    pub application: ApplicationId,
    /// From which session.
    pub source: Source,
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
    pub subject: Subject,
    /// Since when they are signed in, and when they were last seen, UTC.
    pub since: NaiveDateTime,
    /// UTC.
    pub seen: NaiveDateTime,
    /// What may be told.
    pub scopes: String,
    /// To whom.
    pub application: ApplicationId,
}

type Row = (i64, (Option<i64>, Option<i64>), (String, String, Option<String>, String, NaiveDateTime));

/// Keeps a code.
pub fn insert_code(connection: &mut Connection, hash: &str, code: &Code) -> Result<()> {
    let (staff, citizen) = match code.source {
        Source::Staff(session) => (Some(session.0), None),
        Source::Citizen(session) => (None, Some(session.0)),
    };
    diesel::insert_into(codes::table)
        .values((
            codes::hash.eq(hash),
            codes::application_id.eq(code.application.0),
            codes::session_id.eq(staff),
            codes::citizen_session_id.eq(citizen),
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
    let session = (codes::session_id, codes::citizen_session_id);
    let said = (codes::redirect, codes::challenge, codes::nonce, codes::scopes, codes::until);
    let columns = (codes::application_id, session, said);
    let (application, session, said) = codes::table.find(hash).select(columns).first::<Row>(connection)?;
    let source = match session {
        (Some(session), _) => Source::Staff(SessionId(session)),
        (None, session) => Source::Citizen(CitizenSessionId(session.unwrap_or_default())),
    };
    let (redirect, challenge, nonce, scopes, until) = said;
    Ok(Some(Code { application: ApplicationId(application), source, redirect, challenge, nonce, scopes, until }))
}

/// Keeps a token that was got for a code, unless the code was brought again by now; whether it did.
pub fn insert_token(connection: &mut Connection, hash: &str, code_hash: &str) -> Result<bool> {
    let known = codes::table.find(code_hash).select(codes::hash).first::<String>(connection).optional()?;
    let Some(code_hash) = known else { return Ok(false) };
    diesel::insert_into(tokens::table).values((tokens::hash.eq(hash), tokens::code_hash.eq(code_hash))).execute(connection)?;
    Ok(true)
}

/// Who a code is about, if the session it comes from is there still.
pub fn find_by_code(connection: &mut Connection, hash: &str) -> Result<Option<Known>> {
    let given = codes::table.find(hash).select(GIVEN).first::<Given>(connection).optional()?;
    given.map(|given| known(connection, given)).transpose().map(Option::flatten)
}

/// Who a token is about, if its code was good until after `oldest` and people may sign in to its application still.
pub fn find_by_token(connection: &mut Connection, hash: &str, oldest: NaiveDateTime) -> Result<Option<Known>> {
    let query = tokens::table
        .inner_join(codes::table.on(codes::hash.eq(tokens::code_hash)))
        .inner_join(applications::table.on(applications::id.eq(codes::application_id)))
        .filter(tokens::hash.eq(hash).and(codes::until.gt(oldest)).and(applications::is_open));
    let given = query.select(GIVEN).first::<Given>(connection).optional()?;
    given.map(|given| known(connection, given)).transpose().map(Option::flatten)
}

type Given = (i64, Option<i64>, Option<i64>, String);

const GIVEN: (codes::application_id, codes::session_id, codes::citizen_session_id, codes::scopes) =
    (codes::application_id, codes::session_id, codes::citizen_session_id, codes::scopes);

fn known(connection: &mut Connection, (application, staff, citizen, scopes): Given) -> Result<Option<Known>> {
    type Row = (i64, NaiveDateTime, NaiveDateTime);
    let found = if let Some(session) = staff {
        let columns = (sessions::user_id, sessions::created_at, sessions::seen_at);
        let row = sessions::table.find(session).select(columns).first::<Row>(connection).optional()?;
        row.map(|(user, since, seen)| (Subject::Staff(UserId(user)), since, seen))
    } else {
        let columns = (citizen_sessions::citizen_id, citizen_sessions::opened_at, citizen_sessions::seen_at);
        let theirs = citizen_sessions::table.find(citizen.unwrap_or_default());
        let row = theirs.select(columns).first::<Row>(connection).optional()?;
        row.map(|(citizen, since, seen)| (Subject::Citizen(CitizenId(citizen)), since, seen))
    };
    let application = ApplicationId(application);
    Ok(found.map(|(subject, since, seen)| Known { subject, since, seen, scopes, application }))
}

/// Ends all that an application was given.
pub fn end_all(connection: &mut Connection, application: ApplicationId) -> Result<()> {
    diesel::delete(codes::table.filter(codes::application_id.eq(application.0))).execute(connection)?;
    Ok(())
}

/// Ends all that an application was given about somebody.
pub fn end_of(connection: &mut Connection, application: ApplicationId, subject: Subject) -> Result<()> {
    let given = codes::table.filter(codes::application_id.eq(application.0));
    match subject {
        Subject::Staff(user) => {
            let theirs = sessions::table.filter(sessions::user_id.eq(user.0)).select(sessions::id.nullable());
            diesel::delete(given.filter(codes::session_id.eq_any(theirs))).execute(connection)?;
        }
        Subject::Citizen(citizen) => {
            let theirs = citizen_sessions::table.filter(citizen_sessions::citizen_id.eq(citizen.0));
            let theirs = theirs.select(citizen_sessions::id.nullable());
            diesel::delete(given.filter(codes::citizen_session_id.eq_any(theirs))).execute(connection)?;
        }
    }
    Ok(())
}

/// Forgets codes, with what was got for them, that were good until before `moment`.
pub fn delete_all_until(connection: &mut Connection, moment: NaiveDateTime) -> Result<usize> {
    Ok(diesel::delete(codes::table.filter(codes::until.lt(moment))).execute(connection)?)
}
