//! A large upload: hashed once, but never held in memory; each visitor is read to from the page store, piece by piece.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use futures_util::stream;
use publish::{Engine, Opened, PageStore};

use crate::answer;

/// An upload larger than this, in bytes, is not held in memory.
const LARGE: u64 = 1 << 20;

/// What is read at once for a visitor.
const PIECE: usize = 512 << 10;

/// What is known of a large upload.
pub(crate) struct Large {
    /// Hash of its bytes, sixteen hex digits.
    pub(crate) tag: String,
    /// What is said of it in every answer.
    pub(crate) headers: HeaderMap,
    pub(crate) size: usize,
    /// Of the object that was hashed.
    mark: String,
}

/// Looks at an upload in the store; none when there is none, or one that is small or has compressed forms.
pub(crate) fn look(store: &PageStore, site_key: &str, path: &str) -> io::Result<Option<Large>> {
    if !path.starts_with("/media/") || publish::is_compressible(path) {
        return Ok(None);
    }
    let Some(opened) = store.open(site_key, path)?.filter(|opened| opened.size() > LARGE) else { return Ok(None) };
    let size = usize::try_from(opened.size()).map_err(io::Error::other)?;
    let tag = publish::hash_opened(&opened)?[..16].to_owned();
    let headers = answer::headers(&HeaderValue::from_static(publish::content_type(path)), &tag, None);
    Ok(Some(Large { tag, headers, size, mark: opened.mark().to_owned() }))
}

impl Large {
    /// As something people have brought, downloaded under this name if it has one.
    pub(crate) fn uploaded(mut self, file_name: Option<&str>) -> Self {
        answer::uploaded(&mut self.headers, file_name);
        self
    }

    /// Opens it for a visitor; none when something else is in its place by now, or nothing.
    pub(crate) async fn open(&self, engine: &Arc<Engine>, site_key: &str, path: &str) -> Option<Opened> {
        let (engine, site_key, path) = (Arc::clone(engine), site_key.to_owned(), path.to_owned());
        let opened = tokio::task::spawn_blocking(move || engine.pages().open(&site_key, &path)).await;
        opened.ok()?.ok()?.filter(|opened| opened.mark() == self.mark)
    }
}

/// The bytes of this part, each piece read when the visitor has taken the one before.
pub(crate) fn body(opened: Opened, part: Range<usize>) -> Body {
    let opened = Arc::new(opened);
    Body::from_stream(stream::try_unfold(part, move |mut left| {
        let opened = Arc::clone(&opened);
        async move {
            let Some((from, length)) = next(&mut left) else { return Ok::<_, io::Error>(None) };
            let read = tokio::task::spawn_blocking(move || opened.read(from, length)).await;
            Ok(Some((read.map_err(io::Error::other)??, left)))
        }
    }))
}

/// Where the next piece begins and how long it is.
fn next(left: &mut Range<usize>) -> Option<(u64, usize)> {
    let (from, length) = (left.start, left.len().min(PIECE));
    left.start += length;
    (length > 0).then_some((from as u64, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_part_without_a_gap() {
        let (mut left, mut at) = (7..2 * PIECE + 9, 7);
        while let Some((from, length)) = next(&mut left) {
            assert_eq!(from, at);
            at += length as u64;
        }
        assert_eq!(at, 2 * PIECE as u64 + 9);
    }
}
