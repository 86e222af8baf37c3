//! Fresh databases of either kind, dropped with the test.

use store::Store;
use tempfile::TempDir;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the test server.
    Postgres,
}

/// A database that nobody else uses.
pub(crate) struct FreshDatabase {
    pub(crate) url: String,
    server: Option<(String, String)>,
}

impl FreshDatabase {
    /// A database of the test's own making, which goes with its server.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned(), server: None }
    }

    /// The same as this one is now; nobody may be using it. That of a folder was copied with the folder.
    pub(crate) fn copy(&self, folder: &TempDir) -> Self {
        match &self.server {
            None => Self::in_folder(folder),
            Some((server, name)) => Self::on(server.clone(), &format!(" TEMPLATE {name} STRATEGY FILE_COPY")),
        }
    }

    fn in_folder(folder: &TempDir) -> Self {
        Self::at(&format!("sqlite:{}", folder.path().join("test.db").display()))
    }

    fn on(server: String, like: &str) -> Self {
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        Store::open(&server)
            .expect("the test server answers")
            .administer(&format!("CREATE DATABASE {name}{like}"))
            .expect("a database can be made");
        let (base, _) = server.rsplit_once('/').expect("the URL names a database");
        Self { url: format!("{base}/{name}"), server: Some((server, name)) }
    }
}

impl Backend {
    /// Both kinds, for tests that must hold on each.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Makes a database, or says loudly why the test is skipped.
    pub(crate) fn fresh(self, folder: &TempDir) -> Option<FreshDatabase> {
        match self {
            Self::Sqlite => Some(FreshDatabase::in_folder(folder)),
            Self::Postgres => {
                let Some(server) = setting("TONGYUAN_TEST_POSTGRES") else {
                    eprintln!("SKIPPED on PostgreSQL: TONGYUAN_TEST_POSTGRES is not set; tests/run sets it");
                    return None;
                };
                Some(FreshDatabase::on(server, ""))
            }
        }
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server
            && let Ok(store) = Store::open(server)
            && let Err(error) = store.administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        {
            eprintln!("test database {name} stays behind: {error}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their servers are")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
