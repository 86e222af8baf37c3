//! From the disk into memory: a page's bytes with those of its compressed forms that really are that page.

use std::io::{self, Read};
use std::path::Path;

use axum::http::HeaderValue;
use bytes::Bytes;
use model::MediaKind;

/// A published page with everything needed to answer for it.
pub(crate) struct Page {
    pub(crate) plain: Bytes,
    pub(crate) gzip: Option<Bytes>,
    pub(crate) brotli: Option<Bytes>,
    /// Hash of the plain bytes, sixteen hex digits.
    pub(crate) tag: String,
    pub(crate) content_type: HeaderValue,
    /// The name it is downloaded under; none for what is shown.
    pub(crate) file_name: Option<String>,
}

impl Page {
    /// What it weighs in memory, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let forms = [Some(&self.plain), self.gzip.as_ref(), self.brotli.as_ref()];
        forms.into_iter().flatten().map(Bytes::len).sum::<usize>() + 512
    }
}

/// Reads a page from its file; none when there is no such file.
pub(crate) fn read(file: &Path) -> io::Result<Option<Page>> {
    let plain = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    // A page and its forms are three files; one read between their renames must not pair old with new.
    let gzip = beside(file, "gz").filter(|form| unpacks_to(flate2::read::GzDecoder::new(form.as_slice()), &plain));
    let brotli = beside(file, "br").filter(|form| unpacks_to(brotli::Decompressor::new(form.as_slice(), 4096), &plain));
    Ok(Some(Page {
        tag: blake3::hash(&plain).to_hex().as_str()[..16].to_owned(),
        content_type: HeaderValue::from_static(content_type(file)),
        plain: plain.into(),
        file_name: None,
        gzip: gzip.map(Bytes::from),
        brotli: brotli.map(Bytes::from),
    }))
}

fn beside(file: &Path, extension: &str) -> Option<Vec<u8>> {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    std::fs::read(name).ok()
}

fn unpacks_to(mut form: impl Read, plain: &[u8]) -> bool {
    let mut unpacked = Vec::with_capacity(plain.len());
    form.read_to_end(&mut unpacked).is_ok() && unpacked == plain
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "xml" if file.file_name().is_some_and(|name| name == "feed.xml") => "application/atom+xml; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        other => MediaKind::by_extension(other).map_or("application/octet-stream", MediaKind::content_type),
    }
}
