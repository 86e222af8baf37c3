//! From the page store into memory: a page's bytes with those of its compressed forms that really are that page.

use std::io;

use axum::http::HeaderValue;
use bytes::Bytes;
use publish::PageStore;

/// A published page with everything needed to answer for it.
pub(crate) struct Page {
    pub(crate) plain: Bytes,
    pub(crate) gzip: Option<Bytes>,
    pub(crate) brotli: Option<Bytes>,
    /// Hash of the plain bytes, sixteen hex digits.
    pub(crate) tag: String,
    pub(crate) content_type: HeaderValue,
}

impl Page {
    /// What it weighs in memory, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let forms = [Some(&self.plain), self.gzip.as_ref(), self.brotli.as_ref()];
        forms.into_iter().flatten().map(Bytes::len).sum::<usize>() + 512
    }
}

/// Reads a page from the store; none when there is no such page.
pub(crate) fn read(store: &PageStore, site_key: &str, path: &str) -> io::Result<Option<Page>> {
    let Some(stored) = store.read(site_key, path)? else { return Ok(None) };
    let stored = stored.sound();
    Ok(Some(Page {
        tag: blake3::hash(&stored.plain).to_hex().as_str()[..16].to_owned(),
        content_type: HeaderValue::from_static(publish::content_type(path)),
        plain: stored.plain,
        gzip: stored.gzip,
        brotli: stored.brotli,
    }))
}
