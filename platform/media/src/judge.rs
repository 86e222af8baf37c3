//! What a file is: by its bytes. Its name must agree with them, never the other way round.

use model::MediaKind;

use crate::{Limits, Refusal, archive, svg};

/// The kind of a file, looked into as far as it takes to be sure.
pub(crate) fn kind_of(bytes: &[u8], limits: &Limits) -> Result<MediaKind, Refusal> {
    match bytes {
        [] => Err(Refusal::Empty),
        [0xFF, 0xD8, 0xFF, ..] => Ok(MediaKind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(MediaKind::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(MediaKind::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(MediaKind::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok(MediaKind::Pdf),
        [b'P', b'K', 3, 4, ..] => archive::kind_of(bytes, limits),
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => old_office(bytes),
        _ => markup(bytes),
    }
}

/// The refusal in the words of the file's name: whoever brings a picture is not told which kinds there are.
pub(crate) fn told(name: &str, refusal: Refusal) -> Refusal {
    let extension = extension(name);
    match refusal {
        Refusal::Unknown if MediaKind::by_extension(&extension).is_some() => Refusal::Disguised { extension },
        other => other,
    }
}

fn extension(name: &str) -> String {
    name.rsplit('.').next().unwrap_or_default().to_lowercase()
}

/// Whether the extension says what the bytes say.
pub(crate) fn agree(name: &str, kind: MediaKind) -> Result<(), Refusal> {
    let extension = extension(name);
    if MediaKind::by_extension(&extension) == Some(kind) { Ok(()) } else { Err(Refusal::Mismatch { kind, extension }) }
}

/// Office files before 2007 name their parts in a directory of their own, in UTF-16.
fn old_office(bytes: &[u8]) -> Result<MediaKind, Refusal> {
    if names_part(bytes, "_VBA_PROJECT") {
        return Err(Refusal::Macros);
    }
    let parts = [
        ("WordDocument", MediaKind::Doc),
        ("Workbook", MediaKind::Xls),
        ("Book", MediaKind::Xls),
        ("PowerPoint Document", MediaKind::Ppt),
    ];
    let found = parts.into_iter().find(|(part, _)| names_part(bytes, part));
    found.map(|(_, kind)| kind).ok_or(Refusal::Unknown)
}

/// Entries of that directory are 128 bytes each and begin with the name.
fn names_part(bytes: &[u8], part: &str) -> bool {
    let mut name: Vec<u8> = part.encode_utf16().flat_map(u16::to_le_bytes).collect();
    name.extend([0, 0]);
    bytes.chunks_exact(128).any(|entry| entry.starts_with(&name))
}

/// Text that begins with a tag is a drawing or a web page.
fn markup(bytes: &[u8]) -> Result<MediaKind, Refusal> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    match begins {
        Some(b'<') if svg::is_drawing(bytes) => Ok(MediaKind::Svg),
        Some(b'<') => Err(Refusal::WebPage),
        _ => Err(Refusal::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        image_bytes: 1 << 20,
        attachment_bytes: 1 << 20,
        megapixels: 40,
        longest_side: 12_000,
        archive_entries: 100,
        unpacked_bytes: 1 << 26,
    };

    #[test]
    fn a_name_does_not_change_what_the_bytes_are() {
        let html = b"<!DOCTYPE html><script>alert(1)</script>";
        assert_eq!(kind_of(html, &LIMITS), Err(Refusal::WebPage));
        assert_eq!(kind_of(b"  <html>", &LIMITS), Err(Refusal::WebPage));
        assert_eq!(kind_of(b"MZ\x90\0", &LIMITS), Err(Refusal::Unknown));
        assert_eq!(told("a.exe", Refusal::Unknown), Refusal::Unknown);
        assert_eq!(told("a.JPG", Refusal::Unknown), Refusal::Disguised { extension: "jpg".into() });
        assert_eq!(kind_of(b"", &LIMITS), Err(Refusal::Empty));
        assert_eq!(agree("a.JPEG", MediaKind::Jpeg), Ok(()));
        for extension in ["jpg", "php"] {
            let mismatch = Refusal::Mismatch { kind: MediaKind::Png, extension: extension.into() };
            assert_eq!(agree(&format!("a.{extension}"), MediaKind::Png), Err(mismatch));
        }
    }

    #[test]
    fn an_old_office_file_is_told_by_its_parts_and_refused_with_macros() {
        let file = |parts: &[&str]| {
            let mut bytes = vec![0_u8; 128 * (parts.len() + 4)];
            bytes[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
            for (at, part) in parts.iter().enumerate() {
                let name: Vec<u8> = part.encode_utf16().flat_map(u16::to_le_bytes).collect();
                bytes[(at + 4) * 128..][..name.len()].copy_from_slice(&name);
            }
            bytes
        };
        assert_eq!(kind_of(&file(&["WordDocument"]), &LIMITS), Ok(MediaKind::Doc));
        assert_eq!(kind_of(&file(&["Workbook"]), &LIMITS), Ok(MediaKind::Xls));
        assert_eq!(kind_of(&file(&["WordDocument", "_VBA_PROJECT"]), &LIMITS), Err(Refusal::Macros));
        assert_eq!(kind_of(&file(&["x"]), &LIMITS), Err(Refusal::Unknown));
    }
}
