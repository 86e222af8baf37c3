//! Pictures of blocks as pages show them.

use std::collections::BTreeSet;

use model::{Key, Keys, Picture, ResourceId, prose};
use render::context::PictureContext;
use store::placements;

use crate::reader::Reader;

impl Reader {
    /// The pictures of a block, without those that are not the site's.
    pub(crate) fn pictures(&self, kept: Vec<Picture>, keys: &mut Keys) -> store::Result<Vec<PictureContext>> {
        let mut shown = Vec::with_capacity(kept.len());
        for picture in kept {
            let Some(whole) = self.whole(picture.media, keys)? else { continue };
            let link = match prose::parse_address(&picture.link) {
                Some(id) => self.leading_to(id, keys)?,
                None => Some(picture.link).filter(|link| !link.is_empty()),
            };
            let alt = if picture.alt.is_empty() { whole.alt } else { picture.alt };
            shown.push(PictureContext { alt, link, caption: Some(picture.caption).filter(|text| !text.is_empty()), ..whole });
        }
        Ok(shown)
    }

    /// Where the public finds a resource: on this site, else on the site that wrote it.
    fn leading_to(&self, id: ResourceId, keys: &mut Keys) -> store::Result<Option<String>> {
        keys.insert(Key::resource(id));
        let asked = BTreeSet::from([id]);
        let mut held = self.held();
        if let Some(card) = placements::find_cards_of(held.connection(), self.site.id, &asked)?.remove(&id) {
            return Ok(Some(card.placement.path));
        }
        let Some(own) = placements::list_own(held.connection(), &asked)?.remove(&id).filter(|own| own.live) else {
            return Ok(None);
        };
        keys.insert(Key::site(own.site_id));
        Ok(self.view.link(own.site_id).map(|site| format!("{}{}", site.url, own.path)))
    }
}
