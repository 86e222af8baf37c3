//! Pages in a folder: written under a name nobody asks for, synced once a batch, renamed one by one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::compress::Forms;

/// A page's forms on the disk, not yet in their place.
pub(crate) struct StagedFiles {
    plain: PathBuf,
    gzip: Option<PathBuf>,
    brotli: Option<PathBuf>,
}

impl StagedFiles {
    pub(super) fn write(root: &Path, forms: &Forms) -> io::Result<Self> {
        let staging = folder(root);
        Ok(Self {
            plain: stage(&staging, &forms.plain)?,
            gzip: forms.gzip.as_deref().map(|bytes| stage(&staging, bytes)).transpose()?,
            brotli: forms.brotli.as_deref().map(|bytes| stage(&staging, bytes)).transpose()?,
        })
    }

    /// Renames every form to its place, the page itself last.
    pub(super) fn place(self, file: &Path) -> io::Result<()> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        for (form, extension) in [(self.brotli, "br"), (self.gzip, "gz")] {
            let beside = with_suffix(file, extension);
            match form {
                Some(form) => rename(&form, &beside)?,
                None => remove(&beside)?,
            }
        }
        rename(&self.plain, file)
    }

    pub(super) fn drop_all(self) {
        for file in [Some(self.plain), self.gzip, self.brotli].into_iter().flatten() {
            // What stays behind is swept out at the next start.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Waits until everything staged under `root` is on the disk.
pub(super) fn sync(root: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(folder(root))?)?;
    Ok(())
}

/// Makes the directories and sweeps out what a crash left staged. Files of other processes younger than an hour stay.
pub(super) fn prepare(root: &Path) -> io::Result<()> {
    let staging = folder(root);
    std::fs::create_dir_all(&staging)?;
    for entry in std::fs::read_dir(staging)? {
        let entry = entry?;
        let old =
            entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 3_600));
        if old {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn folder(root: &Path) -> PathBuf {
    root.join(".staging")
}

#[expect(clippy::disallowed_methods, reason = "this is the one writer of public pages")]
fn stage(staging: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let path = staging.join(uuid::Uuid::now_v7().to_string());
    let mut file = match File::create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(staging)?;
            File::create(&path)?
        }
        other => other?,
    };
    file.write_all(bytes)?;
    Ok(path)
}

#[expect(clippy::disallowed_methods, reason = "this is the one writer of public pages")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

fn remove(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}
