//! The only writer of public pages. Bytes are staged and synced first, then renamed into place one page at a time, so a reader
//! finds the old page or the new one and never half of either.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use crate::compress::Forms;

/// The directory of published pages: `<root>/<site key>/<path>`, each with its compressed forms beside it.
#[derive(Clone, Debug)]
pub struct PageStore {
    root: PathBuf,
    sync: bool,
}

/// Bytes on the disk, not yet in their place.
pub(crate) struct Staged {
    plain: PathBuf,
    gzip: Option<PathBuf>,
    brotli: Option<PathBuf>,
}

impl PageStore {
    /// The store under `root`; `sync` says whether staged bytes must be on the disk before they are renamed.
    pub fn new(root: PathBuf, sync: bool) -> Self {
        Self { root, sync }
    }

    /// The file of a page; none when the path could lead elsewhere or names a file beside a page instead of a page.
    pub fn file(&self, site_key: &str, path: &str) -> Option<PathBuf> {
        let relative = path.strip_prefix('/')?;
        let name =
            if relative.is_empty() || relative.ends_with('/') { format!("{relative}index.html") } else { relative.to_owned() };
        let name = Path::new(&name);
        let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
        let beside = path.ends_with(".gz") || path.ends_with(".br") || path.ends_with("/index.html");
        (plain && !beside && !path.contains(['\\', '\0'])).then(|| self.root.join(site_key).join(name))
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Puts bytes on the disk under a name nobody asks for.
    pub(crate) fn stage(&self, forms: &Forms) -> io::Result<Staged> {
        Ok(Staged {
            plain: self.stage_one(&forms.plain)?,
            gzip: forms.gzip.as_deref().map(|bytes| self.stage_one(bytes)).transpose()?,
            brotli: forms.brotli.as_deref().map(|bytes| self.stage_one(bytes)).transpose()?,
        })
    }

    /// Waits until everything staged is on the disk: one sync for a whole batch.
    pub(crate) fn sync(&self) -> io::Result<()> {
        if self.sync {
            rustix::fs::syncfs(File::open(self.staging())?)?;
        }
        Ok(())
    }

    /// Moves staged bytes into the page's place, its compressed forms first.
    pub(crate) fn place(&self, site_key: &str, path: &str, staged: Staged) -> io::Result<()> {
        let file = self.file(site_key, path).ok_or_else(|| refused(path))?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        for (form, extension) in [(staged.brotli, "br"), (staged.gzip, "gz")] {
            let beside = with_suffix(&file, extension);
            match form {
                Some(form) => rename(&form, &beside)?,
                None => remove(&beside)?,
            }
        }
        rename(&staged.plain, &file)
    }

    /// Takes a page away.
    pub(crate) fn remove(&self, site_key: &str, path: &str) -> io::Result<()> {
        let file = self.file(site_key, path).ok_or_else(|| refused(path))?;
        remove(&file)?;
        remove(&with_suffix(&file, "br"))?;
        remove(&with_suffix(&file, "gz"))
    }

    /// Whether a visitor finds just these bytes now. A crash between rename and record leaves bytes the record knows nothing of.
    pub(crate) fn shows(&self, site_key: &str, path: &str, bytes: &[u8]) -> bool {
        self.file(site_key, path).and_then(|file| std::fs::read(file).ok()).is_some_and(|shown| shown == bytes)
    }

    /// Drops staged bytes that turned out not to be needed.
    pub(crate) fn drop_staged(staged: Staged) {
        for file in [Some(staged.plain), staged.gzip, staged.brotli].into_iter().flatten() {
            // What stays behind is swept out at the next start.
            let _ = std::fs::remove_file(file);
        }
    }

    /// Makes the directories and sweeps out what a crash left staged. Files of other processes younger than an hour stay.
    pub fn prepare(&self) -> io::Result<()> {
        std::fs::create_dir_all(self.staging())?;
        for entry in std::fs::read_dir(self.staging())? {
            let entry = entry?;
            let old = entry
                .metadata()
                .and_then(|meta| meta.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age.as_secs() > 3_600));
            if old {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn staging(&self) -> PathBuf {
        self.root.join(".staging")
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one writer of public pages")]
    fn stage_one(&self, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.staging().join(uuid::Uuid::now_v7().to_string());
        let mut file = match File::create(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(self.staging())?;
                File::create(&path)?
            }
            other => other?,
        };
        file.write_all(bytes)?;
        Ok(path)
    }
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

fn refused(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("`{path}` is not an address of a page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_its_site() {
        let store = PageStore::new("/pages".into(), false);
        assert_eq!(store.file("a", "/x/"), Some(PathBuf::from("/pages/a/x/index.html")));
        assert_eq!(store.file("a", "/x/y.html"), Some(PathBuf::from("/pages/a/x/y.html")));
        for bad in [
            "x",
            "/index.html",
            "/x/index.html",
            "/x.html.gz",
            "/../b/index.html",
            "/x/../../b/",
            "//etc/passwd",
            "/x\\y",
            "/./x",
        ] {
            let found = store.file("a", bad);
            assert!(found.as_ref().is_none_or(|file| file.starts_with("/pages/a/")), "{bad} gave {found:?}");
        }
    }
}
