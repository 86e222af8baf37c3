//! The compressed forms of pages: made once, after the pages themselves are live.

use std::io::Write;
use std::sync::Arc;

use cache::Message;
use model::{PageId, PageState};
use store::pages;

use crate::engine::Engine;
use crate::task::JobError;

/// Smaller than this, compressing saves nothing.
const WORTHWHILE: usize = 256;

/// A page's bytes in the forms a browser may ask for.
pub(crate) struct Forms {
    pub(crate) plain: Vec<u8>,
    pub(crate) gzip: Option<Vec<u8>>,
    pub(crate) brotli: Option<Vec<u8>>,
}

impl Forms {
    /// The bytes as they are, alone.
    pub(crate) fn plain(plain: Vec<u8>) -> Self {
        Self { plain, gzip: None, brotli: None }
    }
}

/// Makes the compressed forms of those of the pages that still show what is recorded for them.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[PageId]) -> Result<(), JobError> {
    let store = engine.pages();
    let (pages, sites) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((pages::list(connection, ids)?, store::sites::list(connection)?)))?;
    let mut made = Vec::new();
    for page in pages.into_iter().filter(|page| page.state == PageState::Live) {
        let Some(site) = sites.iter().find(|site| site.id == page.site_id) else { continue };
        let Some(plain) = store.read(&site.key, &page.path)? else { continue };
        if page.hash.as_deref() != Some(blake3::hash(&plain).to_hex().as_str()) || plain.len() < WORTHWHILE {
            continue;
        }
        let forms = [("gz", gzip(&plain)?), ("br", brotli(&plain)?)];
        let staged = forms.map(|(form, bytes)| store.stage_form(&bytes).map(|staged| (form, staged)));
        made.push((page, site.key.clone(), staged));
    }
    store.sync()?;
    let mut changed = Vec::new();
    engine.store.write::<_, JobError>(|connection| {
        let ids: Vec<PageId> = made.iter().map(|(page, ..)| page.id).collect();
        let held = pages::hold(connection, &ids)?;
        for (page, site_key, forms) in made {
            let unchanged = held.get(&page.id).is_some_and(|held| held.hash == page.hash);
            for form in forms {
                let (form, staged) = form?;
                if unchanged {
                    store.place_form(&site_key, &page.path, form, staged)?;
                } else {
                    store.drop_form(staged);
                }
            }
            if unchanged {
                changed.push((page.site_id, page.path));
            }
        }
        Ok(())
    })?;
    if !changed.is_empty() {
        engine.cache.announce(&Message::Pages(changed));
    }
    Ok(())
}

/// Whether the page at `path` is of a kind that compresses.
pub(crate) fn is_worthwhile(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("html", |(_, extension)| extension);
    path.ends_with('/') || matches!(extension, "html" | "xml" | "txt" | "css" | "js" | "svg" | "json")
}

fn gzip(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

fn brotli(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut compressed = Vec::with_capacity(plain.len() / 3);
    let mut encoder = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 20);
    encoder.write_all(plain)?;
    encoder.flush()?;
    drop(encoder);
    Ok(compressed)
}
