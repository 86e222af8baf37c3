//! The compressed forms of a page, made once at publish time.

use std::io::Write;

/// Smaller than this, compressing saves nothing.
const WORTHWHILE: usize = 256;

/// A page's bytes in the forms a browser may ask for.
pub(crate) struct Forms {
    pub(crate) plain: Vec<u8>,
    pub(crate) gzip: Option<Vec<u8>>,
    pub(crate) brotli: Option<Vec<u8>>,
}

impl Forms {
    /// Every form worth having of the bytes at `path`.
    pub(crate) fn of(path: &str, plain: Vec<u8>) -> Self {
        if plain.len() < WORTHWHILE || !is_text(path) {
            return Self { plain, gzip: None, brotli: None };
        }
        Self { gzip: gzip(&plain), brotli: brotli(&plain), plain }
    }
}

fn is_text(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("html", |(_, extension)| extension);
    path.ends_with('/') || matches!(extension, "html" | "xml" | "txt" | "css" | "js" | "svg" | "json")
}

/// A form that cannot be made is left out; the page itself is always there.
fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(plain.len() / 3);
    let mut encoder = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 20);
    encoder.write_all(plain).ok()?;
    encoder.flush().ok()?;
    drop(encoder);
    Some(compressed)
}
