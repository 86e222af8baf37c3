//! The door: [`Store::read`], [`Store::write`], [`Store::command`] and [`Store::snapshot`]. Nobody else opens a transaction.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};

use crate::connection::{Address, Manager};
use crate::{Connection, Error, MigrationReport, OpenError, Result, events, migrate};

type Transactions = <Connection as diesel::Connection>::TransactionManager;

/// The database, SQLite or PostgreSQL.
#[derive(Clone)]
pub struct Store {
    address: Address,
    readers: Connections,
    writers: Connections,
}

impl Store {
    /// Opens the database at `url` (`sqlite:PATH` or `postgres://…`), which must answer now.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_for(url, 0)
    }

    /// Opens the database for a process with this many workers.
    pub fn open_for(url: &str, workers: usize) -> Result<Self, OpenError> {
        let (address, size) = (Address::parse(url)?, connections(workers));
        // SQLite lets one writer in at a time; queueing for it here is fairer than its busy handler.
        let (readers, writers) = match address {
            Address::Sqlite(_) => (pool(&address, size)?, pool(&address, 1)?),
            Address::Postgres(_) => {
                let shared = pool(&address, size)?;
                (shared.clone(), shared)
            }
        };
        Ok(Self { address, readers, writers })
    }

    /// Runs queries that change nothing.
    pub fn read<T, E: From<Error>>(&self, queries: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        queries(&mut *taken(&self.readers)?)
    }

    /// Runs one transaction.
    pub fn write<T, E: From<Error>>(&self, change: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        transact(&mut *taken(&self.writers)?, change)
    }

    /// Runs one transaction that may record events and audit entries. Commands commit one after another, so an event's
    /// number is a version: whoever sees event 11 has seen event 10.
    pub fn command<T, E: From<Error>>(&self, change: impl FnOnce(&mut Command<'_>) -> Result<T, E>) -> Result<T, E> {
        transact(&mut *taken(&self.writers)?, |connection| {
            lock(connection, Lock::Commands)?;
            change(&mut Command(connection))
        })
    }

    /// Opens one consistent view of the database, to be read from until it is dropped.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let mut connection = taken(&self.readers)?;
        match &mut *connection {
            Connection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN DEFERRED")?,
            Connection::Postgres(postgres) => {
                AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
        }
        let mut snapshot = Snapshot { connection, version: 0 };
        snapshot.version = events::latest(&mut snapshot.connection)?;
        Ok(snapshot)
    }

    /// Applies what is missing of the schema.
    pub fn migrate(&self) -> Result<MigrationReport, OpenError> {
        let mut connection = taken(&self.writers).map_err(|error| OpenError::Migration(error.to_string()))?;
        migrate::run(&mut connection)
    }

    /// Names of migrations not applied yet.
    pub fn pending_migrations(&self) -> Result<Vec<String>, OpenError> {
        let mut connection = taken(&self.writers).map_err(|error| OpenError::Migration(error.to_string()))?;
        migrate::pending(&mut connection)
    }

    /// Undoes every migration: for the tests that walk the schema up, down and up again.
    pub fn unmigrate(&self) -> Result<(), OpenError> {
        let mut connection = taken(&self.writers).map_err(|error| OpenError::Migration(error.to_string()))?;
        migrate::revert(&mut connection)
    }

    /// Runs one statement outside any transaction: making and dropping databases, which tests do.
    pub fn administer(&self, statement: &str) -> Result<()> {
        diesel::sql_query(statement).execute(&mut *taken(&self.writers)?)?;
        Ok(())
    }

    /// Every table with its columns, sorted: what both databases must agree on.
    pub fn describe(&self) -> Result<Vec<String>> {
        self.read(migrate::describe)
    }

    /// What a statement finds that selects one text `told`: what tests compare before and after.
    pub fn tell(&self, statement: &str) -> Result<Vec<String>> {
        self.read(|connection| migrate::tell(connection, statement))
    }

    /// The address, without its password.
    pub fn shown(&self) -> String {
        self.address.shown()
    }
}

/// A transaction whose place in the order of commands is settled.
pub struct Command<'c>(&'c mut Connection);

impl Deref for Command<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.0
    }
}

impl DerefMut for Command<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.0
    }
}

/// One consistent view of the database.
pub struct Snapshot {
    connection: PooledConnection<Manager>,
    version: i64,
}

impl Snapshot {
    /// The newest event it sees; it sees every one before it too.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The connection to read with.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // A connection that cannot roll back is recognised as broken and thrown away by the pool.
        let _ = Transactions::rollback_transaction(&mut *self.connection);
    }
}

/// What transactions may have to wait for each other about.
#[derive(Clone, Copy)]
pub(crate) enum Lock {
    /// Commands take it for themselves, so that they commit in the order of their events.
    Commands = 7_301,
    /// The resolver takes it for itself, those recording a page's keys share it, so that none of them misses the other.
    Keys = 7_302,
}

/// Takes a lock for this transaction alone. SQLite's one writer needs none.
pub(crate) fn lock(connection: &mut Connection, lock: Lock) -> Result<()> {
    advisory(connection, "SELECT pg_advisory_xact_lock($1)", lock)
}

/// Takes a lock together with others that share it.
pub(crate) fn lock_shared(connection: &mut Connection, lock: Lock) -> Result<()> {
    advisory(connection, "SELECT pg_advisory_xact_lock_shared($1)", lock)
}

fn advisory(connection: &mut Connection, statement: &str, lock: Lock) -> Result<()> {
    if let Connection::Postgres(postgres) = connection {
        diesel::sql_query(statement).bind::<diesel::sql_types::BigInt, _>(lock as i64).execute(postgres)?;
    }
    Ok(())
}

fn transact<T, E: From<Error>>(
    connection: &mut Connection,
    change: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    let begun = match connection {
        // A deferred transaction that turns into a writer fails at once when another writes: begin as a writer.
        Connection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        Connection::Postgres(_) => Transactions::begin_transaction(connection),
    };
    begun.map_err(Error::from)?;
    match change(connection) {
        Ok(value) => {
            Transactions::commit_transaction(connection).map_err(Error::from)?;
            Ok(value)
        }
        Err(error) => {
            // The error that stopped the change says more than a failed rollback; the pool drops a broken connection.
            let _ = Transactions::rollback_transaction(connection);
            Err(error)
        }
    }
}

/// How long to wait for a connection while the database answers but all are in use.
const PATIENCE: Duration = Duration::from_secs(10);

/// While waiting, how often to look whether the database has gone away.
const LOOK: Duration = Duration::from_millis(250);

/// Connections that are opened as needed and used again; while the database is away they are tried anew every second at the latest.
#[derive(Clone)]
struct Connections {
    pool: Pool<Manager>,
    /// Whether the last attempt to connect failed.
    lost: Arc<AtomicBool>,
}

/// A free connection. Whoever asks while the database is away is told so at once, not after everybody's patience has ended.
fn taken(connections: &Connections) -> Result<PooledConnection<Manager>> {
    let begun = Instant::now();
    loop {
        match connections.pool.get_timeout(LOOK) {
            Ok(connection) => return Ok(connection),
            Err(error) if connections.lost.load(Ordering::SeqCst) || begun.elapsed() > PATIENCE => {
                return Err(Error::Unavailable(error.to_string()));
            }
            Err(_) => {}
        }
    }
}

/// Connections of a process at most. A worker holds a view of the database while it writes, so it may need two at once; the
/// rest is for those who read and edit.
fn connections(workers: usize) -> u32 {
    u32::try_from(workers).unwrap_or(u32::MAX).saturating_mul(2).saturating_add(8).max(16)
}

fn pool(address: &Address, size: u32) -> Result<Connections, OpenError> {
    let lost = Arc::new(AtomicBool::new(false));
    let manager = Manager { address: address.clone(), lost: Arc::clone(&lost) };
    // The first connection is opened here so that the operator sees the database's own words, not a time-out.
    manager.connect().map_err(|error| OpenError::Unreachable { url: address.shown(), reason: error.to_string() })?;
    // The pool's own time-out is what it waits at most between two attempts to connect, twice over.
    let pool = Pool::builder().max_size(size).min_idle(Some(1)).connection_timeout(Duration::from_secs(2));
    Ok(Connections { pool: pool.build_unchecked(manager), lost })
}

#[cfg(test)]
mod tests {
    use super::connections;

    #[test]
    fn every_worker_finds_two_connections_and_others_some_too() {
        assert_eq!((connections(0), connections(2), connections(64)), (16, 16, 136));
    }
}
