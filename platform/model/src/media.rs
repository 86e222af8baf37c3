//! Media (媒体): pictures and attachments of a site's library, the sizes a picture is offered in, and where a text refers to them.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::markup::{Tag, tags};
use crate::word::words;
use crate::{Content, MediaId, SiteId, UserId};

words! {
    /// What a file is, judged from its bytes.
    MediaKind {
        /// JPEG
        Jpeg = "jpeg" "JPG图片",
        /// PNG
        Png = "png" "PNG图片",
        /// GIF
        Gif = "gif" "GIF图片",
        /// WebP
        Webp = "webp" "WebP图片",
        /// SVG
        Svg = "svg" "SVG图片",
        /// PDF
        Pdf = "pdf" "PDF文档",
        /// OFD, the national format of fixed-layout documents (GB/T 33190).
        Ofd = "ofd" "OFD文档",
        /// Word before 2007
        Doc = "doc" "Word文档",
        /// Word
        Docx = "docx" "Word文档",
        /// Excel before 2007
        Xls = "xls" "Excel表格",
        /// Excel
        Xlsx = "xlsx" "Excel表格",
        /// `PowerPoint` before 2007
        Ppt = "ppt" "PPT演示文稿",
        /// `PowerPoint`
        Pptx = "pptx" "PPT演示文稿",
        /// ZIP
        Zip = "zip" "ZIP压缩包",
    }
}

words! {
    /// What a revision uses a medium as.
    MediaRole {
        /// A picture or link in the text.
        Body = "body" "正文",
        /// A file below the text.
        Attachment = "attachment" "附件",
        /// The picture that stands for the resource in lists.
        Cover = "cover" "封面",
    }
}

impl MediaKind {
    /// Whether it is shown in the page, rather than downloaded.
    pub fn is_image(self) -> bool {
        self.is_raster() || self == Self::Svg
    }

    /// Whether it is made of pixels, so that it can be resized and cropped.
    pub fn is_raster(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }

    /// The extension its public address ends in.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            other => other.as_str(),
        }
    }

    /// The kind whose files end in `extension`, in small letters.
    pub fn by_extension(extension: &str) -> Option<Self> {
        match extension {
            "jpg" | "jpeg" => Some(Self::Jpeg),
            other => other.parse().ok(),
        }
    }

    /// As `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xls => "application/vnd.ms-excel",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Zip => "application/zip",
        }
    }
}

/// One picture or attachment of a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Media {
    /// Its number.
    pub id: MediaId,
    /// The site that holds it, whose resources alone may use it.
    pub site_id: SiteId,
    /// BLAKE3 of its bytes in hex, which is also the name they are kept under.
    pub hash: String,
    /// What it is.
    pub kind: MediaKind,
    /// The name it is downloaded under.
    pub file_name: String,
    /// How long it is, in bytes.
    pub bytes: i64,
    /// In pixels; 0 where it is no picture or says no size.
    pub width: i32,
    /// In pixels; 0 where it is no picture or says no size.
    pub height: i32,
    /// 替代文字
    pub alt: String,
    /// What matters in the picture, from the left, in percent.
    pub focal_x: i32,
    /// What matters in the picture, from the top, in percent.
    pub focal_y: i32,
    /// Who brought it.
    pub uploaded_by: UserId,
    /// UTC.
    pub uploaded_at: NaiveDateTime,
}

/// A picture in another size, or cropped for a cover.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rendition {
    /// Its width in pixels; below zero where it is a crop for covers, 16 by 9.
    pub part: i64,
    /// BLAKE3 of its bytes in hex.
    pub hash: String,
    /// How it is encoded.
    pub kind: MediaKind,
    /// In pixels.
    pub width: i32,
    /// In pixels.
    pub height: i32,
}

impl Rendition {
    /// Whether it is a crop for covers.
    pub fn is_cover(&self) -> bool {
        self.part < 0
    }
}

/// One place where cleaned HTML refers to a medium: `<img src="media:17" alt="…">` or `<a href="media:18">`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Which.
    pub id: MediaId,
    /// Whether it is shown, rather than linked to.
    pub is_image: bool,
    /// The alternative text that stands there, as HTML has it.
    pub alt: String,
    /// The width that stands there.
    pub width: Option<i32>,
    tag: Range<usize>,
}

/// Every reference of a cleaned text, in order.
pub fn references(body: &str) -> Vec<Reference> {
    let reference = |tag: Tag<'_>| {
        let (is_image, source) = match tag.name {
            "img" => (true, tag.attribute("src")?),
            "a" => (false, tag.attribute("href")?),
            _ => return None,
        };
        Some(Reference {
            id: MediaId(parse_address(source)?),
            is_image,
            alt: tag.attribute("alt").unwrap_or_default().trim().to_owned(),
            width: tag.attribute("width").and_then(|width| width.parse().ok()),
            tag: tag.range.clone(),
        })
    };
    tags(body).filter_map(reference).collect()
}

/// The text with the tag of every reference replaced by what `shown` makes of it.
pub fn rewrite(body: &str, mut shown: impl FnMut(&Reference) -> String) -> String {
    let mut text = String::with_capacity(body.len());
    let mut done = 0;
    for reference in references(body) {
        text.push_str(&body[done..reference.tag.start]);
        text.push_str(&shown(&reference));
        done = reference.tag.end;
    }
    text.push_str(&body[done..]);
    text
}

/// The addresses of pictures of a cleaned text that have no alternative text, save those in the library.
pub fn foreign_without_alt(body: &str) -> Vec<String> {
    let lacking = |tag: Tag<'_>| {
        let source = tag.attribute("src").unwrap_or_default();
        let is_lacking = tag.name == "img" && tag.attribute("alt").unwrap_or_default().trim().is_empty();
        (is_lacking && parse_address(source).is_none()).then(|| source.to_owned())
    };
    tags(body).filter_map(lacking).collect()
}

/// Where the links of a cleaned text lead, each with the place where its words begin.
pub(crate) fn anchors(body: &str) -> Vec<(&str, usize)> {
    tags(body).filter(|tag| tag.name == "a").map(|tag| (tag.attribute("href").unwrap_or_default(), tag.range.end)).collect()
}

/// Whether an address names a medium just as this platform writes it.
pub fn is_address(address: &str) -> bool {
    parse_address(address).is_some_and(|id| address == format!("media:{id}"))
}

/// What a content uses, each medium once in each role.
pub fn used_in(content: &Content) -> BTreeSet<(MediaId, MediaRole)> {
    let body = references(&content.body).into_iter().map(|reference| (reference.id, MediaRole::Body));
    let attached = content.attachments.iter().map(|id| (*id, MediaRole::Attachment));
    let cover = content.cover.iter().map(|id| (*id, MediaRole::Cover));
    body.chain(attached).chain(cover).collect()
}

/// A length as people read it: 512 字节, 34.5 KB, 2.1 MB.
pub fn readable_size(bytes: i64) -> String {
    let tenths = |unit: i64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_024 => format!("{bytes} 字节"),
        1_024..1_048_576 => format!("{} KB", tenths(1_024)),
        _ => format!("{} MB", tenths(1_048_576)),
    }
}

fn parse_address(address: &str) -> Option<i64> {
    let digits = address.strip_prefix("media:")?;
    (digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"<p title="src=&quot;media:9&quot;">甲 src="media:8"</p><img src="media:17" alt="a > b" width="300"><a href="media:18" rel="x">附件</a><img src="/x.png">"#;

    #[test]
    fn references_are_found_in_tags_alone() {
        let found = references(BODY);
        assert_eq!(found.iter().map(|one| (one.id.0, one.is_image)).collect::<Vec<_>>(), [(17, true), (18, false)]);
        assert_eq!((found[0].alt.as_str(), found[0].width), ("a > b", Some(300)));
    }

    #[test]
    fn rewriting_leaves_everything_else_as_it_is() {
        assert_eq!(rewrite(BODY, |one| BODY[one.tag.clone()].to_owned()), BODY);
        assert_eq!(rewrite(r#"甲<img src="media:1">乙"#, |one| format!("[{}]", one.id)), "甲[1]乙");
    }

    #[test]
    fn only_the_platforms_own_way_of_writing_an_address_counts() {
        assert!(is_address("media:17"));
        for bad in ["media:", "media:017", "media:-1", "media:1x", "MEDIA:1", "media://1", "media:99999999999999999999"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_content_uses_what_its_text_its_cover_and_its_attachments_name() {
        let content =
            Content { body: BODY.into(), cover: Some(MediaId(17)), attachments: vec![MediaId(4)], ..Content::default() };
        let used: Vec<_> = used_in(&content).into_iter().map(|(id, role)| (id.0, role)).collect();
        assert_eq!(used, [(4, MediaRole::Attachment), (17, MediaRole::Body), (17, MediaRole::Cover), (18, MediaRole::Body)]);
    }

    #[test]
    fn sizes_are_read_in_the_unit_that_fits() {
        assert_eq!(readable_size(512), "512 字节");
        assert_eq!(readable_size(35_328), "34.5 KB");
        assert_eq!(readable_size(2_202_010), "2.1 MB");
    }
}
