//! Brings the schema up, and describes it so that a test can hold both databases together.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, HarnessWithOutput, MigrationHarness, embed_migrations};

use crate::{Connection, OpenError, Result, people};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// What a run of the migrations did.
#[derive(Debug)]
pub struct MigrationReport {
    /// Names of the migrations applied, oldest first.
    pub applied: Vec<String>,
}

pub(crate) fn run(connection: &mut Connection) -> Result<MigrationReport, OpenError> {
    let applied = match connection {
        Connection::Postgres(postgres) => {
            names(HarnessWithOutput::new(postgres, std::io::sink()).run_pending_migrations(POSTGRES))
        }
        Connection::Sqlite(sqlite) => names(HarnessWithOutput::new(sqlite, std::io::sink()).run_pending_migrations(SQLITE)),
    }?;
    people::fill_sort_keys(connection).map_err(|error| OpenError::Migration(error.to_string()))?;
    Ok(MigrationReport { applied })
}

pub(crate) fn pending(connection: &mut Connection) -> Result<Vec<String>, OpenError> {
    let pending = match connection {
        Connection::Postgres(postgres) => {
            postgres.pending_migrations(POSTGRES).map(|all| all.iter().map(|m| m.name().to_string()).collect())
        }
        Connection::Sqlite(sqlite) => {
            sqlite.pending_migrations(SQLITE).map(|all| all.iter().map(|m| m.name().to_string()).collect())
        }
    };
    pending.map_err(|error| OpenError::Migration(error.to_string()))
}

pub(crate) fn revert(connection: &mut Connection) -> Result<(), OpenError> {
    match connection {
        Connection::Postgres(postgres) => names(postgres.revert_all_migrations(POSTGRES)),
        Connection::Sqlite(sqlite) => names(sqlite.revert_all_migrations(SQLITE)),
    }
    .map(|_| ())
}

pub(crate) fn describe(connection: &mut Connection) -> Result<Vec<String>> {
    let statement = match connection {
        Connection::Postgres(_) => {
            "SELECT table_name || '.' || column_name AS told FROM information_schema.columns WHERE table_schema = current_schema()"
        }
        Connection::Sqlite(_) => {
            "SELECT m.name || '.' || c.name AS told FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
    };
    let mut columns = tell(connection, statement)?;
    columns.retain(|name| !name.starts_with("__diesel"));
    columns.sort();
    Ok(columns)
}

/// What a statement finds that selects one text `told`.
pub(crate) fn tell(connection: &mut Connection, statement: &str) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        told: String,
    }
    Ok(diesel::sql_query(statement).load::<Row>(connection)?.into_iter().map(|row| row.told).collect())
}

fn names(
    result: std::result::Result<Vec<diesel::migration::MigrationVersion<'_>>, Box<dyn std::error::Error + Send + Sync>>,
) -> Result<Vec<String>, OpenError> {
    result
        .map(|versions| versions.iter().map(ToString::to_string).collect())
        .map_err(|error| OpenError::Migration(error.to_string()))
}
