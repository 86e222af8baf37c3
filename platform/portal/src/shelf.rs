//! From the page store into memory: a page's bytes with those of its compressed forms that really are that page.

use std::io;

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use publish::PageStore;

use crate::answer;

/// A published page with everything needed to answer for it.
pub(crate) struct Page {
    pub(crate) plain: Form,
    pub(crate) gzip: Option<Form>,
    pub(crate) brotli: Option<Form>,
    /// Hash of the plain bytes, sixteen hex digits.
    pub(crate) tag: String,
    pub(crate) content_type: HeaderValue,
}

/// One form of a page and what is said of it in every answer, made once and not for each visitor.
pub(crate) struct Form {
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
}

impl Page {
    /// The page as something people have brought, downloaded under this name if it has one.
    pub(crate) fn uploaded(mut self, file_name: Option<&str>) -> Self {
        for form in [Some(&mut self.plain), self.gzip.as_mut(), self.brotli.as_mut()].into_iter().flatten() {
            answer::uploaded(&mut form.headers, file_name);
        }
        self
    }

    /// What it weighs in memory, in bytes.
    pub(crate) fn weight(&self) -> usize {
        let forms = [Some(&self.plain), self.gzip.as_ref(), self.brotli.as_ref()];
        forms.into_iter().flatten().map(|form| form.body.len() + 1_024).sum()
    }
}

/// Reads a page from the store; none when there is no such page.
pub(crate) fn read(store: &PageStore, site_key: &str, path: &str) -> io::Result<Option<Page>> {
    let Some(stored) = store.read(site_key, path)? else { return Ok(None) };
    let stored = stored.sound();
    let tag = blake3::hash(&stored.plain).to_hex().as_str()[..16].to_owned();
    let content_type = HeaderValue::from_static(publish::content_type(path));
    let form = |body: Bytes, coding| Form { body, headers: answer::headers(&content_type, &tag, coding) };
    Ok(Some(Page {
        plain: form(stored.plain, None),
        gzip: stored.gzip.map(|bytes| form(bytes, Some("gzip"))),
        brotli: stored.brotli.map(|bytes| form(bytes, Some("br"))),
        tag,
        content_type,
    }))
}
