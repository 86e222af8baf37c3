//! Objects as files: written beside under a name nobody asks for, synced, then renamed, so that no half file is ever found.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::{Listed, Opened};

/// Where files are written before they get their name.
const STAGING: &str = ".staging";

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Bytes>> {
        absent_is_none(std::fs::read(self.root.join(name))).map(|found| found.map(Bytes::from))
    }

    pub(crate) fn open_piecewise(&self, name: &str) -> io::Result<Option<Opened>> {
        let Some(file) = absent_is_none(File::open(self.root.join(name)))? else { return Ok(None) };
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then(|| Opened::file(file, &metadata)))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one door to stored objects")]
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.root.join(name);
        let staging = self.root.join(STAGING);
        std::fs::create_dir_all(&staging)?;
        let staged = staging.join(uuid::Uuid::now_v7().to_string());
        let written = File::create(&staged).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        let placed = written.and_then(|()| {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::rename(&staged, &target)
        });
        if placed.is_err() {
            // What stays behind is nobody's to ask for.
            let _ = std::fs::remove_file(&staged);
        }
        placed
    }

    pub(crate) fn delete(&self, name: &str) -> io::Result<()> {
        absent_is_none(std::fs::remove_file(self.root.join(name))).map(drop)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one door to stored objects")]
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let target = self.root.join(to);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        absent_is_none(std::fs::rename(self.root.join(from), target)).map(drop)
    }

    pub(crate) fn size(&self, name: &str) -> io::Result<Option<u64>> {
        // Of a link itself: one that leads nowhere is there all the same.
        let found = absent_is_none(std::fs::symlink_metadata(self.root.join(name)))?;
        Ok(found.filter(|metadata| !metadata.is_dir()).map(|metadata| metadata.len()))
    }

    pub(crate) fn list(&self, prefix: &str, each: &mut dyn FnMut(Listed) -> io::Result<()>) -> io::Result<()> {
        // Folders still to be looked into, as names; each is read once and never held open.
        let mut folders = vec![prefix.to_owned()];
        while let Some(folder) = folders.pop() {
            let Some(entries) = absent_is_none(std::fs::read_dir(self.root.join(&folder)))? else { continue };
            for entry in entries {
                let entry = entry?;
                let own = entry.file_name();
                let own = own.to_string_lossy();
                if folder.is_empty() && own.starts_with('.') {
                    continue;
                }
                let name = if folder.is_empty() { own.into_owned() } else { format!("{folder}/{own}") };
                // A file may be gone again by now.
                let Some(metadata) = absent_is_none(entry.metadata())? else { continue };
                if metadata.is_dir() {
                    folders.push(name);
                } else {
                    each(Listed { name, size: metadata.len() })?;
                }
            }
        }
        Ok(())
    }
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error)
            // No file has a name that the file system refuses, such as one of more than 255 bytes.
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::IsADirectory
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::InvalidFilename
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
