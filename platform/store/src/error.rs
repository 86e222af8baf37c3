//! What can go wrong at the database, in the few kinds a caller can act on.

/// The result of a query.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed query or transaction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique constraint was hit; the name says which.
    #[error("already taken: {0}")]
    Taken(String),
    /// The row was changed or locked by somebody else in between.
    #[error("changed by somebody else in between")]
    Stale,
    /// No connection could be had in time.
    #[error("no database connection: {0}")]
    Unavailable(String),
    /// A stored value is not what the schema promises.
    #[error("stored value not understood: {0}")]
    Corrupt(String),
    /// Anything else the database says.
    #[error("database: {0}")]
    Database(diesel::result::Error),
}

/// Why the database could not be opened or brought up; a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL's scheme is not one of ours.
    #[error("database URL `{0}` is not understood: use sqlite:PATH or postgres://USER@HOST/NAME")]
    UnknownScheme(String),
    /// The database does not answer.
    #[error("cannot open the database at {url}: {reason}")]
    Unreachable {
        /// The address, without its password.
        url: String,
        /// What it said.
        reason: String,
    },
    /// A migration failed.
    #[error("cannot bring the database up to date: {0}")]
    Migration(String),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error as Diesel};
        match error {
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Taken(info.constraint_name().unwrap_or_else(|| info.message()).to_owned())
            }
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Stale,
            Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, info) => {
                Self::Unavailable(info.message().to_owned())
            }
            Diesel::BrokenTransactionManager => Self::Unavailable("the transaction was lost".to_owned()),
            other => Self::Database(other),
        }
    }
}

impl From<model::UnknownWord> for Error {
    fn from(error: model::UnknownWord) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
