//! Bytes by name, in a folder of this machine or in a bucket of an S3-compatible store, behind one door.
//!
//! Names are relative paths with slashes, such as `wangxi/yaowen/index.html`. Every call waits for its answer, so it belongs on
//! worker threads, never on those that answer requests.

mod bucket;
mod folder;
mod name;
mod opened;

use std::io;
use std::path::Path;

use bytes::Bytes;

use bucket::Bucket;
use folder::Folder;

pub use opened::Opened;

/// How to reach an S3-compatible store. Its `Debug` form says no secrets.
#[derive(Clone, Default)]
pub struct Access {
    /// `https://…` of the store; none for Amazon's own.
    pub endpoint: Option<String>,
    /// Region; `us-east-1` where the store has none.
    pub region: String,
    /// Access key.
    pub access_key: String,
    /// Secret key.
    pub secret_key: String,
}

/// One thing that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// Why a store cannot be opened: one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The place is not one of ours.
    #[error("`{0}` is not understood: use a folder, or s3://BUCKET/PREFIX")]
    UnknownScheme(String),
    /// A bucket without keys.
    #[error("`{0}` needs keys: set access_key and secret_key in [s3], or TONGYUAN_S3_ACCESS_KEY and TONGYUAN_S3_SECRET_KEY")]
    NoKeys(String),
    /// The store's parts do not fit together.
    #[error("cannot use the store at {place}: {reason}")]
    Unusable {
        /// The place as set.
        place: String,
        /// What is wrong.
        reason: String,
    },
}

/// A folder or a bucket. Clones share it.
#[derive(Clone, Debug)]
pub struct Objects(Form);

#[derive(Clone, Debug)]
enum Form {
    Folder(Folder),
    Bucket(Bucket),
}

impl Objects {
    /// Opens `place`: a folder, or `s3://bucket/prefix`. Nothing is asked of the store yet; see [`Objects::check`].
    pub fn open(place: &str, access: &Access) -> Result<Self, OpenError> {
        if place.starts_with("s3://") {
            return Ok(Self(Form::Bucket(Bucket::open(place, access)?)));
        }
        if place.contains("://") {
            return Err(OpenError::UnknownScheme(place.to_owned()));
        }
        Ok(Self(Form::Folder(Folder::new(place.into()))))
    }

    /// The folder; none for a bucket.
    pub fn folder(&self) -> Option<&Path> {
        match &self.0 {
            Form::Folder(folder) => Some(folder.root()),
            Form::Bucket(_) => None,
        }
    }

    /// Where it is, for operators: never a key.
    pub fn shown(&self) -> String {
        match &self.0 {
            Form::Folder(folder) => folder.root().display().to_string(),
            Form::Bucket(bucket) => bucket.shown().to_owned(),
        }
    }

    /// The bytes under a name; none when nothing is there.
    pub fn get(&self, name: &str) -> io::Result<Option<Bytes>> {
        name::check(name)?;
        match &self.0 {
            Form::Folder(folder) => folder.get(name),
            Form::Bucket(bucket) => bucket.get(name),
        }
    }

    /// Opens what is under a name, to be read piece by piece; none when nothing is there.
    pub fn open_piecewise(&self, name: &str) -> io::Result<Option<Opened>> {
        name::check(name)?;
        match &self.0 {
            Form::Folder(folder) => folder.open_piecewise(name),
            Form::Bucket(bucket) => bucket.open_piecewise(name),
        }
    }

    /// Puts bytes under a name, whole or not at all; `content_type` is kept where the store keeps such things.
    pub fn put(&self, name: &str, bytes: Bytes, content_type: &'static str) -> io::Result<()> {
        name::check(name)?;
        match &self.0 {
            Form::Folder(folder) => folder.put(name, &bytes),
            Form::Bucket(bucket) => bucket.put(name, bytes, content_type),
        }
    }

    /// Takes what is under a name away; that nothing is there is no fault.
    pub fn delete(&self, name: &str) -> io::Result<()> {
        name::check(name)?;
        match &self.0 {
            Form::Folder(folder) => folder.delete(name),
            Form::Bucket(bucket) => bucket.delete(name),
        }
    }

    /// Gives what is under one name another, in place of what is there; that nothing is there is no fault.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        name::check(from)?;
        name::check(to)?;
        match &self.0 {
            Form::Folder(folder) => folder.rename(from, to),
            Form::Bucket(bucket) => bucket.rename(from, to),
        }
    }

    /// The size in bytes of what is under a name; none when nothing is there.
    pub fn size(&self, name: &str) -> io::Result<Option<u64>> {
        name::check(name)?;
        match &self.0 {
            Form::Folder(folder) => folder.size(name),
            Form::Bucket(bucket) => bucket.size(name),
        }
    }

    /// Shows everything below `prefix` (a name without a slash at its end; empty for all) to `each`, which may stop it by an
    /// error. What stands at the top under a name that begins with a dot is the store's own and left out. Nothing but the present
    /// batch is kept in memory.
    pub fn list(&self, prefix: &str, each: &mut dyn FnMut(Listed) -> io::Result<()>) -> io::Result<()> {
        if !prefix.is_empty() {
            name::check(prefix)?;
        }
        match &self.0 {
            Form::Folder(folder) => folder.list(prefix, each),
            Form::Bucket(bucket) => bucket.list(prefix, each),
        }
    }

    /// Whether the store answers and may be written to: puts a few bytes there, reads them and takes them away.
    pub fn check(&self) -> io::Result<()> {
        let name = format!(".check/{}", uuid::Uuid::now_v7());
        self.put(&name, Bytes::from_static(b"tongyuan"), "text/plain")?;
        let read = self.get(&name)?;
        self.delete(&name)?;
        if read.is_some_and(|bytes| bytes == "tongyuan") {
            Ok(())
        } else {
            Err(io::Error::other("what was written could not be read again"))
        }
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("endpoint", &self.endpoint).field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Objects) {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path().join("blobs").to_str().unwrap(), &Access::default()).unwrap();
        (folder, objects)
    }

    #[test]
    fn what_is_put_is_found_until_it_is_deleted() {
        let (_kept, objects) = folder();
        assert_eq!(objects.get("a/b.txt").unwrap(), None);
        objects.put("a/b.txt", Bytes::from_static(b"one"), "text/plain").unwrap();
        objects.put("a/b.txt", Bytes::from_static(b"two!"), "text/plain").unwrap();
        assert_eq!(objects.get("a/b.txt").unwrap().unwrap(), "two!");
        assert_eq!(objects.size("a/b.txt").unwrap(), Some(4));
        assert_eq!(objects.size("a").unwrap(), None, "a folder is no object");
        objects.rename("a/b.txt", "c/d/e.txt").unwrap();
        objects.rename("a/b.txt", "c/d/e.txt").unwrap();
        assert_eq!(objects.get("c/d/e.txt").unwrap().unwrap(), "two!");
        objects.delete("c/d/e.txt").unwrap();
        objects.delete("c/d/e.txt").unwrap();
        assert_eq!(objects.get("c/d/e.txt").unwrap(), None);
        objects.check().unwrap();
    }

    #[test]
    fn what_was_opened_is_read_piece_by_piece_whatever_takes_its_place() {
        let (_kept, objects) = folder();
        objects.put("a/b.bin", Bytes::from_static(b"0123456789"), "x/y").unwrap();
        let opened = objects.open_piecewise("a/b.bin").unwrap().unwrap();
        objects.put("a/b.bin", Bytes::from_static(b"abcdefghij"), "x/y").unwrap();
        assert_eq!((opened.size(), opened.read(3, 4).unwrap()), (10, Bytes::from_static(b"3456")));
        assert!(opened.read(8, 3).is_err(), "it ends before that");
        let anew = objects.open_piecewise("a/b.bin").unwrap().unwrap();
        assert_ne!(opened.mark(), anew.mark());
        assert!(objects.open_piecewise("a").unwrap().is_none() && objects.open_piecewise("none").unwrap().is_none());
    }

    #[test]
    fn a_name_too_long_for_the_file_system_is_absent() {
        let (_kept, objects) = folder();
        let long = format!("a/{}.html", "x".repeat(300));
        objects.put("a/b", Bytes::from_static(b"x"), "text/plain").unwrap();
        assert_eq!((objects.get(&long).unwrap(), objects.size(&long).unwrap()), (None, None));
    }

    #[test]
    fn a_list_shows_all_below_a_prefix_and_nothing_of_the_stores_own() {
        let (_kept, objects) = folder();
        for name in ["a/1", "a/b/.2", "ab/3", "c", ".kept/4"] {
            objects.put(name, Bytes::from_static(b"x"), "text/plain").unwrap();
        }
        let listed = |prefix: &str| {
            let mut names = Vec::new();
            objects
                .list(prefix, &mut |one| {
                    names.push(one.name);
                    Ok(())
                })
                .unwrap();
            names.sort();
            names
        };
        assert_eq!(listed("a"), ["a/1", "a/b/.2"]);
        assert_eq!(listed(""), ["a/1", "a/b/.2", "ab/3", "c"]);
        assert_eq!(listed("none"), Vec::<String>::new());
    }

    #[test]
    fn no_name_leads_out_of_the_store() {
        let (_kept, objects) = folder();
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\\b", "a\0b", "a/"] {
            assert!(objects.get(bad).is_err(), "{bad:?}");
            assert!(objects.put(bad, Bytes::new(), "text/plain").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_place_that_cannot_be_used_is_refused_in_one_sentence_without_its_keys() {
        let access = Access { secret_key: "very-secret".into(), ..Access::default() };
        for bad in ["ftp://x/y", "s3://bucket/pages", "s3://"] {
            let error = Objects::open(bad, &access).unwrap_err().to_string();
            assert!(error.contains(bad) && !error.contains("very-secret"), "{error}");
        }
        assert!(!format!("{access:?}").contains("very-secret"));
    }
}
