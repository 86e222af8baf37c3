//! Pictures and attachments on pages: their bytes, and what articles and cards say of them.

use std::collections::HashMap;

use model::media::{Reference, references, rewrite};
use model::{Key, Keys, Media, MediaId, Page, Rendition};
use render::context::{Attachment, Cover, PictureContext};
use render::html::escape;
use store::media;

use crate::address;
use crate::blobs;
use crate::page::PageError;
use crate::reader::Reader;

/// A picture wider than this is offered in smaller sizes alone.
const WIDEST: i32 = 2_400;

/// The width in which a picture is shown where nothing else is known.
const USUAL: i64 = 960;

/// How wide the text of an article is, at most.
const SIZES: &str = "(max-width: 60rem) 100vw, 60rem";

/// A medium with the sizes it is offered in.
struct Offered {
    media: Media,
    renditions: Vec<Rendition>,
}

impl Reader {
    /// The bytes of a picture or attachment; none when nothing live on this site uses it. They depend on few things, so that a
    /// new theme does not touch every picture.
    pub(crate) fn media_bytes(&self, page: &Page, keys: &mut Keys) -> Result<Option<Vec<u8>>, PageError> {
        let id = MediaId(page.subject);
        keys.extend([Key::media_use(self.site.id, id), Key::site(self.site.id)]);
        let is_live = media::is_live_on(self.held().connection(), self.site.id, id)?;
        let Some(offered) = self.offered(id, keys)?.filter(|_| is_live) else { return Ok(None) };
        let rendition = offered.renditions.iter().find(|one| one.part == page.part);
        let (hash, kind) = match rendition {
            Some(one) => (&one.hash, one.kind),
            None if page.part == 0 => (&offered.media.hash, offered.media.kind),
            None => return Ok(None),
        };
        let bytes = blobs::read(&self.blobs, hash)?;
        if self.site.watermark.is_empty() || !kind.is_raster() {
            return Ok(Some(bytes.to_vec()));
        }
        let name = &self.site.watermark;
        keys.insert(Key::file(self.site.id, &format!("assets/{name}")));
        let mark = self.theme.asset(name)?.ok_or_else(|| PageError::Watermark(name.clone(), "there is no such asset".into()))?;
        let marked = ::media::watermarked(&bytes, kind, &mark, &self.limits);
        Ok(Some(
            marked.map_err(|_| PageError::Watermark(name.clone(), "it cannot be laid over a picture: use a plain PNG".into()))?,
        ))
    }

    /// A text with its pictures and links leading to where this site shows them.
    pub(crate) fn shown_body(&self, body: &str, keys: &mut Keys) -> store::Result<String> {
        let mut known = HashMap::new();
        for reference in references(body) {
            if let Some(offered) = self.offered(reference.id, keys)? {
                known.insert(reference.id, offered);
            }
        }
        Ok(rewrite(body, |reference| known.get(&reference.id).map_or_else(String::new, |offered| tag(reference, offered))))
    }

    /// The files below an article, in their order.
    pub(crate) fn attachments(&self, ids: &[MediaId], keys: &mut Keys) -> store::Result<Vec<Attachment>> {
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(Offered { media, .. }) = self.offered(*id, keys)? else { continue };
            files.push(Attachment {
                url: address::media(&media, None),
                size: model::media::readable_size(media.bytes),
                kind: media.kind.as_str().to_owned(),
                kind_name: media.kind.chinese().to_owned(),
                name: media.file_name,
            });
        }
        Ok(files)
    }

    /// The picture that stands for a resource.
    pub(crate) fn cover(&self, id: Option<MediaId>, keys: &mut Keys) -> store::Result<Option<Cover>> {
        let Some(id) = id else { return Ok(None) };
        let Some(Offered { media, mut renditions }) = self.offered(id, keys)? else { return Ok(None) };
        renditions.retain(Rendition::is_cover);
        renditions.sort_by_key(|cover| cover.width);
        let first = renditions.first();
        let (width, height) = first.map_or((media.width, media.height), |cover| (cover.width, cover.height));
        let url = address::media(&media, first);
        let srcset = if renditions.len() > 1 { srcset(&media, renditions.iter()) } else { String::new() };
        Ok(Some(Cover { url, srcset, alt: media.alt, width, height, focal_x: media.focal_x, focal_y: media.focal_y }))
    }

    /// A picture of this site as it is; none where the site has no such picture.
    pub(crate) fn whole(&self, id: MediaId, keys: &mut Keys) -> store::Result<Option<PictureContext>> {
        let found = self.offered(id, keys)?;
        let Some(Offered { media, mut renditions }) = found.filter(|found| found.media.site_id == self.site.id) else {
            return Ok(None);
        };
        if !media.kind.is_image() {
            return Ok(None);
        }
        renditions.retain(|one| !one.is_cover());
        Ok(Some(PictureContext {
            url: address::media(&media, renditions.iter().find(|one| one.part == USUAL)),
            srcset: sizes(&media, &renditions),
            width: media.width,
            height: media.height,
            alt: media.alt,
            link: None,
            caption: None,
        }))
    }

    fn offered(&self, id: MediaId, keys: &mut Keys) -> store::Result<Option<Offered>> {
        keys.insert(Key::media(id));
        let mut held = self.held();
        let Some(media) = media::find_anywhere(held.connection(), id)? else { return Ok(None) };
        let renditions = media::list_renditions(held.connection(), id)?;
        Ok(Some(Offered { media, renditions }))
    }
}

/// What stands in the page where the text refers to a medium.
fn tag(reference: &Reference, offered: &Offered) -> String {
    let media = &offered.media;
    if !reference.is_image {
        let download = if media.kind.is_image() { String::new() } else { format!(" download=\"{}\"", escape(&media.file_name)) };
        return format!("<a href=\"{}\"{download}>", address::media(media, None));
    }
    let narrower: Vec<&Rendition> = offered.renditions.iter().filter(|one| !one.is_cover()).collect();
    let usual = narrower.iter().copied().find(|one| one.part == USUAL);
    let set = sizes(media, narrower);
    let set = if set.is_empty() { set } else { format!(" srcset=\"{set}\" sizes=\"{SIZES}\"") };
    let alt = if reference.alt.is_empty() { escape(&media.alt) } else { reference.alt.clone() };
    format!(
        "<img src=\"{}\"{set}{} alt=\"{alt}\" loading=\"lazy\" decoding=\"async\">",
        address::media(media, usual),
        sides(reference, media)
    )
}

/// Width and height, so that the text does not jump when the picture arrives; a width that was written is kept.
fn sides(reference: &Reference, media: &Media) -> String {
    if media.width == 0 || media.height == 0 {
        return String::new();
    }
    let width = reference.width.filter(|width| (1..media.width).contains(width)).unwrap_or(media.width);
    let height = i64::from(media.height) * i64::from(width) / i64::from(media.width);
    format!(" width=\"{width}\" height=\"{}\"", height.max(1))
}

/// Every size of a whole picture, its own among them unless that is too wide; empty where there is one alone.
fn sizes<'r>(media: &Media, narrower: impl IntoIterator<Item = &'r Rendition>) -> String {
    let set = srcset(media, narrower.into_iter());
    let own = if media.width <= WIDEST { format!(", {} {}w", address::media(media, None), media.width) } else { String::new() };
    if set.is_empty() { set } else { format!("{set}{own}") }
}

fn srcset<'r>(media: &Media, renditions: impl Iterator<Item = &'r Rendition>) -> String {
    renditions.map(|one| format!("{} {}w", address::media(media, Some(one)), one.width)).collect::<Vec<_>>().join(", ")
}
