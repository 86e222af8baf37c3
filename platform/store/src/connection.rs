//! One connection type over SQLite and PostgreSQL, and the pool manager that opens it by URL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection, R2D2Connection};
use diesel::{Connection as _, PgConnection, RunQueryDsl, SqliteConnection};

use crate::OpenError;

/// A connection to either database. Queries are written once against it. Named apart from Diesel's trait, which the
/// derived code finds in this module.
#[derive(diesel::MultiConnection)]
pub enum EitherConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Runs one expression on whichever connection it is: for the few statements Diesel cannot share.
macro_rules! on {
    ($connection:expr, $name:ident => $body:expr) => {
        match $connection {
            $crate::Connection::Postgres($name) => $body,
            $crate::Connection::Sqlite($name) => $body,
        }
    };
}
pub(crate) use on;

/// Where the database is.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// `sqlite:PATH`
    Sqlite(String),
    /// `postgres://…`
    Postgres(String),
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(OpenError::UnknownScheme(without_password(url)))
    }

    fn connect(&self) -> Result<EitherConnection, r2d2::Error> {
        match self {
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(&impatient(url)).map_err(r2d2::Error::ConnectionError)?;
                connection.batch_execute(VIGILANCE).map_err(r2d2::Error::QueryError)?;
                Ok(EitherConnection::Postgres(connection))
            }
            Self::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path).map_err(r2d2::Error::ConnectionError)?;
                connection.batch_execute(PRAGMAS).map_err(r2d2::Error::QueryError)?;
                Ok(EitherConnection::Sqlite(connection))
            }
        }
    }

    /// The address as it may be logged.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{path}"),
            Self::Postgres(url) => without_password(url),
        }
    }
}

/// Opens connections for the pool, saying the real reason when one cannot be opened.
pub(crate) struct Manager {
    pub(crate) address: Address,
    /// Set to whether the last attempt failed.
    pub(crate) lost: Arc<AtomicBool>,
}

impl ManageConnection for Manager {
    type Connection = EitherConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<EitherConnection, r2d2::Error> {
        let opened = self.address.connect();
        self.lost.store(opened.is_err(), Ordering::SeqCst);
        opened
    }

    fn is_valid(&self, connection: &mut EitherConnection) -> Result<(), r2d2::Error> {
        match connection {
            // An open file does not go away; asking it each time would only cost.
            EitherConnection::Sqlite(_) => Ok(()),
            EitherConnection::Postgres(_) => {
                diesel::sql_query("SELECT 1").execute(connection).map(|_| ()).map_err(r2d2::Error::QueryError)
            }
        }
    }

    fn has_broken(&self, connection: &mut EitherConnection) -> bool {
        R2D2Connection::is_broken(connection)
    }
}

/// Writers wait for each other, readers for nobody, and a commit is on the disk when it returns.
const PRAGMAS: &str = "
    PRAGMA busy_timeout = 15000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;
";

/// What the server is asked: to notice within half a minute that this machine is gone, and to end a transaction in which nothing
/// has been asked for two minutes. Either would otherwise hold its locks, and with them everybody's publishing, for hours.
const VIGILANCE: &str = "
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET idle_in_transaction_session_timeout = '120s';
";

/// How long to wait for a server that says nothing, which is what one does whose machine is gone: in seconds for a connection,
/// in milliseconds for an answer to what was sent.
const PATIENCE: &[(&str, u32)] = &[
    ("connect_timeout", 2),
    ("keepalives_idle", 10),
    ("keepalives_interval", 5),
    ("keepalives_count", 3),
    ("tcp_user_timeout", 15_000),
];

/// The address with the patience of this program, as far as the operator has not said otherwise.
fn impatient(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in PATIENCE {
        if !url.contains(&format!("{name}=")) {
            let mark = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}{name}={value}");
        }
    }
    url
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((account, host)) => format!("{scheme}://{}@{host}", account.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_may_be_more_patient() {
        let url = impatient("postgres://host/db?connect_timeout=30");
        assert!(url.starts_with("postgres://host/db?connect_timeout=30&keepalives_idle=10&"), "{url}");
        assert!(impatient("postgres://host/db").starts_with("postgres://host/db?connect_timeout=2&"));
    }

    #[test]
    fn an_unknown_scheme_is_refused_without_showing_the_password() {
        let error = Address::parse("mysql://root:secret@host/db").unwrap_err().to_string();
        assert!(error.contains("mysql://root@host/db") && !error.contains("secret"), "{error}");
    }
}
