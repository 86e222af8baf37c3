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
    check_directory(bytes, limits)?;
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

/// Bytes a file takes up in the directory, on average and at most: its name, its dates and a remark.
const PER_ENTRY: u64 = 1 << 10;

/// The record at the end of an archive, without the remark that follows it.
const END: usize = 22;

/// Looks at the end of the archive before anything is set aside for what it says: the reader goes by this very record, unless
/// it leads on to the larger one of ZIP64 (which no file of this size needs) or leads nowhere.
fn check_directory(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let tail = bytes.len().saturating_sub(END + usize::from(u16::MAX));
    let at = bytes[tail..].windows(4).rposition(|mark| mark == b"PK\x05\x06").ok_or(Refusal::Broken)? + tail;
    let end = bytes.get(at..at + END).ok_or(Refusal::Broken)?;
    let short = |from: usize| u16::from_le_bytes([end[from], end[from + 1]]);
    let long = |from: usize| u32::from_le_bytes([end[from], end[from + 1], end[from + 2], end[from + 3]]);
    let (disk, directory_disk, here, entries) = (short(4), short(6), short(8), short(10));
    let (size, offset, remark) = (long(12), long(16), short(20));
    if [disk, directory_disk, here, entries].contains(&u16::MAX) || [size, offset].contains(&u32::MAX) {
        return Err(Refusal::Locked);
    }
    if usize::from(entries) > limits.archive_entries || u64::from(size) > PER_ENTRY * limits.archive_entries as u64 {
        return Err(Refusal::Bomb);
    }
    let is_whole = (disk, directory_disk, here) == (0, 0, entries)
        && u64::from(offset) + u64::from(size) == at as u64
        && at + END + usize::from(remark) <= bytes.len()
        && (entries == 0 || bytes[offset as usize..].starts_with(b"PK\x01\x02"));
    if is_whole { Ok(()) } else { Err(Refusal::Broken) }
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

    /// An archive of many files whose last record says one, and leads to that of ZIP64 for the truth.
    fn behind_zip64(count: u32) -> Vec<u8> {
        let names: Vec<String> = (0..count).map(|number| format!("{number}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
        let mut zip = packed(&files);
        let end = zip.split_off(zip.len() - END);
        let (size, offset) = (&end[12..16], &end[16..20]);
        let record = zip.len() as u64;
        zip.extend(b"PK\x06\x06");
        zip.extend(44_u64.to_le_bytes());
        zip.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        zip.extend(u64::from(count).to_le_bytes());
        zip.extend(u64::from(count).to_le_bytes());
        zip.extend([size, &[0; 4], offset, &[0; 4]].concat());
        zip.extend(b"PK\x06\x07\0\0\0\0");
        zip.extend(record.to_le_bytes());
        zip.extend([1, 0, 0, 0]);
        zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        zip.extend(size);
        zip.extend([0xFF; 4]);
        zip.extend([0, 0]);
        zip
    }

    #[test]
    fn the_number_of_files_cannot_be_hidden_behind_another_record() {
        let hidden = behind_zip64(30);
        assert_eq!(ZipArchive::new(Cursor::new(&hidden)).unwrap().len(), 30, "the reader itself would believe it");
        assert_eq!(kind_of(&hidden, &LIMITS), Err(Refusal::Locked));

        // A last record that leads nowhere would have the reader look for an earlier one.
        let names: Vec<String> = (0..30).map(|number| format!("{number}")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
        let mut doubled = packed(&files);
        doubled.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\xFF\xFF\xFF\0\0\0");
        assert_eq!(ZipArchive::new(Cursor::new(&doubled)).unwrap().len(), 30);
        assert_eq!(kind_of(&doubled, &LIMITS), Err(Refusal::Broken));
    }

    #[test]
    fn a_directory_far_larger_than_its_files_need_is_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..10 {
            writer.start_file(format!("{number}{}", "长".repeat(5_000)), SimpleFileOptions::default()).unwrap();
        }
        assert_eq!(kind_of(&writer.finish().unwrap().into_inner(), &LIMITS), Err(Refusal::Bomb));
    }
}
