//! Tokens of programs. Like sessions they live in the database, only their hashes are kept, and one ends when its row does.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use model::api_token::{ApiToken, TokenScope};
use model::{Ground, Permission, SiteId, TokenId, UserId};

use crate::schema::api_tokens as table;
use crate::{Command, Connection, Result};

/// A token that is to be.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// Whose.
    pub user: UserId,
    /// What it is called.
    pub name: &'a str,
    /// Of what is shown once.
    pub hash: &'a str,
    /// What it may be used for.
    pub scope: &'a TokenScope,
    /// UTC.
    pub ends_at: NaiveDateTime,
}

/// Adds a token.
pub fn insert(command: &mut Command<'_>, new: &NewToken<'_>, now: NaiveDateTime) -> Result<TokenId> {
    let words: Vec<&str> = new.scope.permissions.iter().map(|permission| permission.as_str()).collect();
    let id = diesel::insert_into(table::table)
        .values((
            table::user_id.eq(new.user.0),
            table::name.eq(new.name),
            table::token_hash.eq(new.hash),
            table::site_id.eq(new.scope.ground.site().map(|site| site.0)),
            table::permissions.eq(words.join(" ")),
            table::created_at.eq(now),
            table::ends_at.eq(new.ends_at),
        ))
        .returning(table::id)
        .get_result::<i64>(&mut **command)?;
    Ok(TokenId(id))
}

/// The token with this hash.
pub fn find(connection: &mut Connection, hash: &str) -> Result<Option<ApiToken>> {
    let row = table::table.filter(table::token_hash.eq(hash)).select(COLUMNS).first::<Row>(connection).optional()?;
    row.map(token).transpose()
}

/// The tokens of a person, the newest first.
pub fn list(connection: &mut Connection, user: UserId) -> Result<Vec<ApiToken>> {
    let theirs = table::table.filter(table::user_id.eq(user.0)).order(table::id.desc());
    theirs.select(COLUMNS).load::<Row>(connection)?.into_iter().map(token).collect()
}

/// Notes that a token was used.
pub fn touch(connection: &mut Connection, id: TokenId, address: &str, now: NaiveDateTime) -> Result<()> {
    let used = (table::used_at.eq(now), table::used_from.eq(address));
    diesel::update(table::table.find(id.0)).set(used).execute(connection)?;
    Ok(())
}

/// Ends a token of a person; gives what it was, if there was such a one.
pub fn delete(command: &mut Command<'_>, user: UserId, id: TokenId) -> Result<Option<ApiToken>> {
    let theirs = table::table.filter(table::user_id.eq(user.0).and(table::id.eq(id.0)));
    let found = theirs.select(COLUMNS).first::<Row>(&mut **command).optional()?.map(token).transpose()?;
    diesel::delete(theirs).execute(&mut **command)?;
    Ok(found)
}

/// Ends every token of a person.
pub fn delete_of(command: &mut Command<'_>, user: UserId) -> Result<usize> {
    Ok(diesel::delete(table::table.filter(table::user_id.eq(user.0))).execute(&mut **command)?)
}

type Row = (i64, i64, String, Option<i64>, String, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>, Option<String>);

type Columns = (
    table::id,
    table::user_id,
    table::name,
    table::site_id,
    table::permissions,
    table::created_at,
    table::ends_at,
    table::used_at,
    table::used_from,
);

const COLUMNS: Columns = (
    table::id,
    table::user_id,
    table::name,
    table::site_id,
    table::permissions,
    table::created_at,
    table::ends_at,
    table::used_at,
    table::used_from,
);

fn token((id, user, name, site, words, created_at, ends_at, used_at, used_from): Row) -> Result<ApiToken> {
    let permissions = words.split_whitespace().map(str::parse::<Permission>).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(ApiToken {
        id: TokenId(id),
        user_id: UserId(user),
        name,
        scope: TokenScope { ground: Ground::whole(site.map(SiteId)), permissions },
        created_at,
        ends_at,
        used: used_at.zip(used_from),
    })
}
