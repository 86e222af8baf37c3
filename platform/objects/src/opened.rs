//! One object opened to be read piece by piece: every piece is of the object as it was when it was opened.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

use bytes::Bytes;

use crate::bucket::Piecewise;

/// An opened object.
#[derive(Debug)]
pub struct Opened {
    size: u64,
    mark: String,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// Stays what it was when another file takes its name.
    File(File),
    /// Refuses to be read on when another object takes its name.
    Bucket(Piecewise),
}

impl Opened {
    pub(crate) fn file(file: File, metadata: &Metadata) -> Self {
        let mark = format!("{}-{}-{}.{}", metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec());
        Self { size: metadata.len(), mark, source: Source::File(file) }
    }

    pub(crate) fn in_bucket(object: Piecewise, size: u64, mark: String) -> Self {
        Self { size, mark, source: Source::Bucket(object) }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Tells it from any other object that had or will have its name.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// `length` bytes from `from` on, which must lie within it.
    pub fn read(&self, from: u64, length: usize) -> io::Result<Bytes> {
        match &self.source {
            Source::File(file) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, from)?;
                Ok(bytes.into())
            }
            Source::Bucket(object) => object.read(from, length),
        }
    }
}
