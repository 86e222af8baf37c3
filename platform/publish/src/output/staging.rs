//! Bytes in a folder before they are anybody's: written under a name nobody asks for, synced once a batch, renamed one by one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Folders to stage in. A file system lets one thread at a time make a file in a folder: each thread has its own.
const BENCHES: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Sets the names of this process's files apart from those of others.
static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::now_v7().to_string());

static FILES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static BENCH: usize = THREADS.fetch_add(1, Ordering::Relaxed) % BENCHES;
}

/// A file under a name nobody asks for. It is taken away when it is dropped without having been placed.
pub(crate) struct StagedFile {
    path: PathBuf,
    is_placed: bool,
}

impl StagedFile {
    /// Renames the file to its place.
    pub(super) fn place(mut self, file: &Path) -> io::Result<()> {
        match rename(&self.path, file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(file.parent().unwrap_or(file))?;
                rename(&self.path, file)
            }
            other => other,
        }?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.is_placed {
            // What stays behind all the same is swept out at a later start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes bytes under a name of their own.
#[expect(clippy::disallowed_methods, reason = "this is the one writer of public pages")]
pub(super) fn stage(root: &Path, bytes: &[u8]) -> io::Result<StagedFile> {
    let bench = folder(root).join(BENCH.with(usize::to_string));
    let path = bench.join(format!("{}-{}", *PROCESS, FILES.fetch_add(1, Ordering::Relaxed)));
    let mut file = match File::create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(bench)?;
            File::create(&path)?
        }
        other => other?,
    };
    let staged = StagedFile { path, is_placed: false };
    file.write_all(bytes)?;
    Ok(staged)
}

/// Waits until everything staged under `root` is on the disk.
pub(super) fn sync(root: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(folder(root))?)?;
    Ok(())
}

/// Makes the directories and sweeps out what a crash left staged. Files of other processes younger than an hour stay.
pub(super) fn prepare(root: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder(root))?;
    sweep(&folder(root))
}

fn sweep(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            sweep(&entry.path())?;
        } else if meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 3_600)) {
            match std::fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn folder(root: &Path) -> PathBuf {
    root.join(".staging")
}

#[expect(clippy::disallowed_methods, reason = "this is the one writer of public pages")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}
