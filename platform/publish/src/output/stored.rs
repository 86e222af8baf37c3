//! A page as it is stored, and whether its compressed forms are really that page.

use std::io::Read;

use bytes::Bytes;
use model::MediaKind;

/// A page's bytes with the compressed forms found beside it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The page.
    pub plain: Bytes,
    /// What is stored as its gzip form.
    pub gzip: Option<Bytes>,
    /// What is stored as its Brotli form.
    pub brotli: Option<Bytes>,
}

impl Stored {
    /// Without forms that are not this page. A page and its forms are three objects; what is read between their replacements
    /// must not pair old with new.
    #[must_use]
    pub fn sound(mut self) -> Self {
        if !self.gzip_is_sound() {
            self.gzip = None;
        }
        if !self.brotli_is_sound() {
            self.brotli = None;
        }
        self
    }

    /// Whether the gzip form, if there is one, unpacks to the page.
    pub fn gzip_is_sound(&self) -> bool {
        self.gzip.as_ref().is_none_or(|form| unpacks_to(flate2::read::GzDecoder::new(&form[..]), &self.plain))
    }

    /// Whether the Brotli form, if there is one, unpacks to the page.
    pub fn brotli_is_sound(&self) -> bool {
        self.brotli.as_ref().is_none_or(|form| unpacks_to(brotli::Decompressor::new(&form[..], 4096), &self.plain))
    }
}

/// A form may be anybody's: no more is unpacked than a byte past the page.
fn unpacks_to(form: impl Read, plain: &[u8]) -> bool {
    let mut unpacked = Vec::with_capacity(plain.len() + 1);
    form.take(plain.len() as u64 + 1).read_to_end(&mut unpacked).is_ok() && unpacked == plain
}

/// The type of what is at an address or under a stored name, as browsers are told it.
pub fn content_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = if name.is_empty() { "html" } else { name.rsplit_once('.').map_or("", |(_, extension)| extension) };
    match extension {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" if name == "feed.json" => "application/feed+json; charset=utf-8",
        "xml" if name == "feed.xml" => "application/atom+xml; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        other => MediaKind::by_extension(other).map_or("application/octet-stream", MediaKind::content_type),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::*;

    #[test]
    fn forms_of_another_page_are_left_out() {
        let forms = |text: &str| {
            let plain = text.repeat(100).into_bytes();
            let [gzip, brotli] = Form::ALL.map(|form| Some(Bytes::from(form.make(&plain).unwrap())));
            Stored { plain: plain.into(), gzip, brotli }
        };
        let (old, new) = (forms("old text "), forms("new text "));
        assert!(new.gzip_is_sound() && new.brotli_is_sound());
        let mixed = Stored { gzip: old.gzip, ..new.clone() }.sound();
        assert!(mixed.gzip.is_none() && mixed.brotli.is_some());
        let longer = Stored { brotli: forms("new text and more ").brotli, ..new };
        assert!(!longer.brotli_is_sound());
    }
}
