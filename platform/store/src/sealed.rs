//! The one list of what is sealed: every column that holds it, with the mark beside it. Sealing anew and forgetting keys go by this list,
//! so that no column is missed. To the database it is text, `VERSION.CIPHER.BASE64`; no key is known here.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::{Connection, Result, in_dialect};

/// A column that holds something sealed, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// `table.column`: the place that it is sealed for, and that its mark is of.
    pub name: &'static str,
    /// The column that tells its rows apart and never changes.
    pub row: &'static str,
    /// Where the mark of the same text stands; none where nobody looks for it.
    pub mark: Option<&'static str>,
}

/// 手机号 of a person.
pub const PHONE: Column = Column { name: "contacts.phone_sealed", row: "user_id", mark: Some("phone_mark") };

/// 电子邮箱 of a person.
pub const EMAIL: Column = Column { name: "contacts.email_sealed", row: "user_id", mark: Some("email_mark") };

/// The secret of an app that somebody has as second factor.
pub const APP_SECRET: Column = Column { name: "second_factors.secret_sealed", row: "id", mark: None };

/// A key that tokens are signed with.
pub const SIGNING_KEY: Column = Column { name: "signing_keys.key_sealed", row: "id", mark: None };

/// 称呼 of a citizen.
pub const CITIZEN_CALL: Column = Column { name: "citizens.call_sealed", row: "id", mark: None };

/// 手机号 of a citizen.
pub const CITIZEN_PHONE: Column = Column { name: "citizens.phone_sealed", row: "id", mark: Some("phone_mark") };

/// 电子邮箱 of a citizen.
pub const CITIZEN_MAIL: Column = Column { name: "citizens.mail_sealed", row: "id", mark: Some("mail_mark") };

/// Where the guardian of a minor is reached.
pub const GUARDIAN: Column = Column { name: "citizens.guardian_sealed", row: "id", mark: Some("guardian_mark") };

/// The secret that an upper-level service gave us.
pub const UPSTREAM_SECRET: Column = Column { name: "upstreams.secret_sealed", row: "id", mark: None };

/// What an upper-level service calls somebody by: often no more than a number, sometimes that of their identity card.
pub const SUBJECT: Column = Column { name: "upstream_links.subject_sealed", row: "id", mark: Some("subject_mark") };

/// The same of a citizen.
pub const CITIZEN_SUBJECT: Column = Column { name: "citizen_links.subject_sealed", row: "id", mark: Some("subject_mark") };

/// The same of somebody who is linked with nobody yet.
pub const PENDING_SUBJECT: Column = Column { name: "pending_links.subject_sealed", row: "id", mark: None };

/// Every column there is: a test walks the schema for those that are missing here.
pub const COLUMNS: &[Column] = &[
    PHONE,
    EMAIL,
    APP_SECRET,
    SIGNING_KEY,
    CITIZEN_CALL,
    CITIZEN_PHONE,
    CITIZEN_MAIL,
    GUARDIAN,
    UPSTREAM_SECRET,
    SUBJECT,
    CITIZEN_SUBJECT,
    PENDING_SUBJECT,
];

impl Column {
    fn table(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(table, _)| table)
    }

    fn column(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, column)| column)
    }

    /// A statement with the names of this column in place of `{table}`, `{column}` and `{row}`.
    fn statement(&self, connection: &Connection, text: &str) -> String {
        let named = text.replace("{table}", self.table()).replace("{column}", self.column()).replace("{row}", self.row);
        in_dialect(connection, &named)
    }
}

/// How many values of the column begin so.
pub fn count(connection: &mut Connection, column: &Column, beginning: &str) -> Result<i64> {
    let statement = column.statement(connection, "SELECT count(*) AS number FROM {table} WHERE {column} LIKE $1");
    let counted = diesel::sql_query(statement).bind::<Text, _>(format!("{beginning}%"));
    Ok(counted.get_result::<Number>(connection)?.number)
}

/// How many there are.
pub fn count_all(connection: &mut Connection, column: &Column) -> Result<i64> {
    count(connection, column, "")
}

/// The next values after a row that do not begin so, with their rows.
pub fn list_others(
    connection: &mut Connection,
    column: &Column,
    beginning: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    let statement = column.statement(
        connection,
        "SELECT {row} AS id, {column} AS value FROM {table} WHERE {column} NOT LIKE $1 AND {row} > $2 ORDER BY {row} LIMIT $3",
    );
    let others = diesel::sql_query(statement).bind::<Text, _>(format!("{beginning}%")).bind::<BigInt, _>(after);
    let rows = others.bind::<BigInt, _>(limit).load::<Row>(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row.value)).collect())
}

/// Some value that begins so.
pub fn find_one(connection: &mut Connection, column: &Column, beginning: &str) -> Result<Option<(i64, String)>> {
    let statement = column.statement(
        connection,
        "SELECT {row} AS id, {column} AS value FROM {table} WHERE {column} LIKE $1 ORDER BY {row} LIMIT 1",
    );
    let found = diesel::sql_query(statement).bind::<Text, _>(format!("{beginning}%"));
    Ok(found.get_result::<Row>(connection).optional()?.map(|row| (row.id, row.value)))
}

/// Puts a value in the place of the one that was read, with its mark; says whether that one was still there.
pub fn replace(
    connection: &mut Connection,
    column: &Column,
    row: i64,
    (before, after): (&str, &str),
    mark: Option<&str>,
) -> Result<bool> {
    let marks = column.mark.map(|name| format!(", {name} = $4")).unwrap_or_default();
    let text = format!("UPDATE {{table}} SET {{column}} = $1{marks} WHERE {{row}} = $2 AND {{column}} = $3");
    let statement = column.statement(connection, &text);
    let replaced = diesel::sql_query(statement).bind::<Text, _>(after).bind::<BigInt, _>(row).bind::<Text, _>(before);
    let changed = match column.mark {
        Some(_) => replaced.bind::<Nullable<Text>, _>(mark).execute(connection)?,
        None => replaced.execute(connection)?,
    };
    Ok(changed > 0)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_is_sealed_is_on_the_list_with_its_row_and_its_mark() {
        let (mut table, mut columns) = ("", Vec::new());
        for line in include_str!("schema.rs").lines() {
            if line.starts_with("    ") && line.ends_with(") {") {
                table = line.trim().split(' ').next().unwrap_or_default();
            }
            if let Some((column, _)) = line.trim().split_once(" -> ") {
                columns.push(format!("{table}.{column}"));
            }
        }
        for sealed in columns.iter().filter(|name| name.ends_with("_sealed")) {
            assert!(COLUMNS.iter().any(|column| column.name == sealed), "rotation would miss `{sealed}`");
        }
        for column in COLUMNS {
            for name in [Some(column.column()), Some(column.row), column.mark].into_iter().flatten() {
                let named = format!("{}.{name}", column.table());
                assert!(columns.contains(&named), "there is no `{named}`");
            }
        }
    }
}
