//! Uploads (上传): what a file is, judged from its bytes; pictures made anew without what cameras and editors hid in them, in the
//! sizes pages need; drawings cleaned; archives looked through without unpacking them.
//!
//! Nothing is read from or written to anywhere here. Whatever is in doubt is refused with a sentence for the person.

mod archive;
mod judge;
mod names;
mod picture;
mod refusal;
mod svg;

use model::{MediaKind, Rendition};

pub use picture::{again, watermarked};
pub use refusal::Refusal;

/// How large things may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a picture.
    pub image_bytes: u64,
    /// Bytes of anything else.
    pub attachment_bytes: u64,
    /// Millions of pixels of a picture.
    pub megapixels: u32,
    /// Pixels along either side of a picture.
    pub longest_side: u32,
    /// Files within an archive.
    pub archive_entries: usize,
    /// Bytes of all files within an archive, once unpacked.
    pub unpacked_bytes: u64,
}

/// A file as it may be kept.
#[derive(Debug)]
pub struct Taken {
    /// What it is.
    pub kind: MediaKind,
    /// The name it is downloaded under.
    pub file_name: String,
    /// Its bytes: as they came, or made anew.
    pub bytes: Vec<u8>,
    /// In pixels; 0 where it is no picture or says no size.
    pub width: u32,
    /// In pixels; 0 where it is no picture or says no size.
    pub height: u32,
    /// The picture in other sizes.
    pub sizes: Vec<Size>,
}

/// A picture in one size.
#[derive(Debug)]
pub struct Size {
    /// What is recorded of it.
    pub rendition: Rendition,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Judges an upload and makes of it what may be kept, or says why it may not.
pub fn take_in(name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Taken, Refusal> {
    let name = names::check(name)?;
    let kind = judge::kind_of(&bytes, limits).map_err(|refusal| judge::told(&name, refusal))?;
    judge::agree(&name, kind)?;
    let most = if kind.is_image() { limits.image_bytes } else { limits.attachment_bytes };
    if bytes.len() as u64 > most {
        return Err(Refusal::TooLarge(most));
    }
    if kind.is_raster() {
        return picture::take_in(name, kind, &bytes, limits);
    }
    if kind == MediaKind::Svg {
        let drawing = svg::clean(&bytes)?;
        return Ok(Taken {
            kind,
            file_name: name,
            bytes: drawing.text.into_bytes(),
            width: drawing.width,
            height: drawing.height,
            sizes: Vec::new(),
        });
    }
    Ok(Taken { kind, file_name: name, bytes, width: 0, height: 0, sizes: Vec::new() })
}

/// The name bytes are kept under.
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
