//! The compressed forms in which a page is stored beside itself.

use std::io::{self, Write};

/// A compressed form of a page, kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Gzip,
    Brotli,
}

impl Form {
    pub(crate) const ALL: [Self; 2] = [Self::Gzip, Self::Brotli];

    /// What its name ends in.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Brotli => "br",
        }
    }

    pub(crate) fn make(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => gzip(plain),
            Self::Brotli => brotli(plain),
        }
    }
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

fn brotli(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::with_capacity(plain.len() / 3);
    let mut encoder = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 20);
    encoder.write_all(plain)?;
    encoder.flush()?;
    drop(encoder);
    Ok(compressed)
}
