//! The compressed forms of pages: made once, after the pages themselves are live.

use std::io;
use std::sync::Arc;

use cache::Message;
use model::{Page, PageId, PageState, SiteId};
use store::{page_keys, pages};

use crate::engine::Engine;
use crate::output::{Form, PageStore, Staged};
use crate::task::JobError;

/// Smaller than this, compressing saves nothing.
const WORTHWHILE: usize = 256;

/// A page whose forms are ready to be put beside it.
struct Ready {
    page: Page,
    site_key: String,
    forms: Vec<(Form, Staged)>,
}

/// Makes the compressed forms of those of the pages that show what is recorded for them.
pub(crate) fn run(engine: &Arc<Engine>, ids: &[PageId]) -> Result<(), JobError> {
    let (pages, sites) = engine
        .store
        .read(|connection| Ok::<_, store::Error>((pages::list(connection, ids)?, store::sites::list(connection)?)))?;
    let mut ready = Vec::with_capacity(pages.len());
    for page in pages.into_iter().filter(|page| page.state == PageState::Live) {
        let Some(site) = sites.iter().find(|site| site.id == page.site_id) else { continue };
        if let Some(forms) = stage(engine.pages(), &site.key, &page)? {
            ready.push(Ready { page, site_key: site.key.clone(), forms });
        }
    }
    engine.pages().sync()?;
    let changed = put_beside(engine, ready)?;
    if !changed.is_empty() {
        engine.cache.announce(&Message::Pages(changed));
    }
    Ok(())
}

fn stage(store: &PageStore, site_key: &str, page: &Page) -> io::Result<Option<Vec<(Form, Staged)>>> {
    let Some(shown) = store.read(site_key, &page.path)? else { return Ok(None) };
    let as_recorded = page.hash.as_deref() == Some(blake3::hash(&shown.plain).to_hex().as_str());
    if !as_recorded || shown.plain.len() < WORTHWHILE {
        return Ok(None);
    }
    let staged = Form::ALL.into_iter().map(|form| Ok((form, store.stage(form.make(&shown.plain)?)?)));
    staged.collect::<io::Result<_>>().map(Some)
}

/// Puts the forms beside pages that are still what was compressed; says which.
fn put_beside(engine: &Engine, ready: Vec<Ready>) -> Result<Vec<(SiteId, String)>, JobError> {
    let mut changed = Vec::new();
    engine.store.write::<_, JobError>(|connection| {
        // Pages are held in order of number here, marked as due by the resolver in whatever order: not at the same time.
        page_keys::lock_for_recording(connection)?;
        let ids: Vec<PageId> = ready.iter().map(|one| one.page.id).collect();
        let held = pages::hold(connection, &ids)?;
        for one in ready {
            let is_current = held.get(&one.page.id).is_some_and(|held| held.hash == one.page.hash);
            for (form, staged) in one.forms {
                if is_current {
                    engine.pages().place_form(&one.site_key, &one.page.path, form, staged)?;
                }
            }
            if is_current {
                changed.push((one.page.site_id, one.page.path));
            }
        }
        Ok(())
    })?;
    Ok(changed)
}

/// Whether the page at `path` is of a kind that compresses.
pub fn is_compressible(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("html", |(_, extension)| extension);
    path.ends_with('/') || matches!(extension, "html" | "xml" | "txt" | "css" | "js" | "svg" | "json")
}
