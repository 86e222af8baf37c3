//! ZIP files and the documents that are ZIP files inside: read through once, to count what they would unpack to and to find what
//! they are. Nothing is kept of what is read.

use std::io::{self, Cursor, Read};

use model::MediaKind;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Limits, Refusal};

/// Text packs well; beyond this many times its size nothing honest does.
const RATIO: u64 = 100;

/// Up to this size the ratio does not matter.
const SMALL: u64 = 64 << 20;

pub(crate) fn kind_of(bytes: &[u8], limits: &Limits) -> Result<MediaKind, Refusal> {
    if stated_entries(bytes).ok_or(Refusal::Broken)? > limits.archive_entries {
        return Err(Refusal::Bomb);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    if archive.len() > limits.archive_entries {
        return Err(Refusal::Bomb);
    }
    let most = limits.unpacked_bytes.min(SMALL.max(RATIO * bytes.len() as u64));
    let mut left = most;
    let mut names = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| refused(&error))?;
        let name = entry.name().map_err(|error| refused(&error))?.into_owned();
        if entry.enclosed_name().is_none() || name.contains('\\') || entry.is_symlink() {
            return Err(Refusal::Path);
        }
        names.push(name);
        let unpacked = io::copy(&mut entry.by_ref().take(left + 1), &mut io::sink()).map_err(|_| Refusal::Broken)?;
        left = left.checked_sub(unpacked).ok_or(Refusal::Bomb)?;
    }
    named(&names)
}

/// What the files inside make of it.
fn named(names: &[String]) -> Result<MediaKind, Refusal> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let below = |folder: &str| names.iter().any(|name| name.starts_with(folder));
    if names.iter().any(|name| name.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        return Err(Refusal::Macros);
    }
    Ok(match () {
        () if has("OFD.xml") => MediaKind::Ofd,
        () if has("[Content_Types].xml") && below("word/") => MediaKind::Docx,
        () if has("[Content_Types].xml") && below("xl/") => MediaKind::Xlsx,
        () if has("[Content_Types].xml") && below("ppt/") => MediaKind::Pptx,
        () => MediaKind::Zip,
    })
}

/// How many files the archive says it holds: asked before anything is set aside for them.
fn stated_entries(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.len().saturating_sub(65_557);
    let at = bytes[tail..].windows(4).rposition(|mark| mark == b"PK\x05\x06")? + tail;
    let count = bytes.get(at + 10..at + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

fn refused(error: &ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(_) => Refusal::Locked,
        _ => Refusal::Broken,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const LIMITS: Limits = Limits {
        image_bytes: 0,
        attachment_bytes: 0,
        megapixels: 0,
        longest_side: 0,
        archive_entries: 20,
        unpacked_bytes: 1 << 20,
    };

    fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn documents_are_told_from_archives_by_what_is_in_them() {
        let types = ("[Content_Types].xml", b"<x/>".as_slice());
        for (files, kind) in [
            (vec![types, ("word/document.xml", b"x".as_slice())], MediaKind::Docx),
            (vec![types, ("xl/workbook.xml", b"x")], MediaKind::Xlsx),
            (vec![types, ("ppt/presentation.xml", b"x")], MediaKind::Pptx),
            (vec![("OFD.xml", b"x".as_slice()), ("Doc_0/Document.xml", b"x")], MediaKind::Ofd),
            (vec![("表.txt", b"x".as_slice())], MediaKind::Zip),
        ] {
            assert_eq!(kind_of(&packed(&files), &LIMITS), Ok(kind));
        }
        let with_macros = packed(&[types, ("word/document.xml", b"x"), ("word/vbaProject.bin", b"x")]);
        assert_eq!(kind_of(&with_macros, &LIMITS), Err(Refusal::Macros));
    }

    #[test]
    fn what_would_unpack_to_too_much_or_elsewhere_is_refused() {
        let much = vec![0_u8; 3 << 20];
        assert_eq!(kind_of(&packed(&[("a", &much)]), &LIMITS), Err(Refusal::Bomb));
        let names: Vec<String> = (0..30).map(|number| format!("{number}.txt")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
        assert_eq!(kind_of(&packed(&many), &LIMITS), Err(Refusal::Bomb));
        assert_eq!(kind_of(&packed(&[("../../evil.txt", b"x")]), &LIMITS), Err(Refusal::Path));
        let mut cut = packed(&[("a", b"some text that is there")]);
        cut.truncate(40);
        assert_eq!(kind_of(&cut, &LIMITS), Err(Refusal::Broken));
    }
}
