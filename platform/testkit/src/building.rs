//! The usual house is built once in a process for each kind of database; what it keeps is copied for every test, in a tenth of the time that
//! building takes.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::House;
use crate::backend::{Backend, FreshDatabase};

/// A house that nobody lives in.
pub(crate) struct Model {
    database: FreshDatabase,
    folder: TempDir,
}

impl Model {
    /// The one of this kind; none when the backend is not at hand. It lasts as long as the process, and its database as long as the server.
    pub(crate) async fn of(backend: Backend) -> Option<&'static Self> {
        static MODELS: [OnceCell<Option<Model>>; 2] = [const { OnceCell::const_new() }; 2];
        let model = MODELS[usize::from(backend == Backend::Postgres)].get_or_init(async || {
            let (database, folder) = House::build_usual(backend).await?.left().await;
            Some(Self { database, folder })
        });
        model.await.as_ref()
    }

    /// All that it keeps, once more: files in `folder`, and the database.
    pub(crate) fn copy(&self, folder: &TempDir) -> FreshDatabase {
        copy_folder(self.folder.path(), folder.path());
        self.database.copy(folder)
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            fs::create_dir_all(&to).expect("a folder can be made");
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}
