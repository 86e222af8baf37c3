//! The bytes of uploads, kept once under their own hash however many media of however many sites have them.

use std::io;

use bytes::Bytes;
use model::{FaultKind, MediaKind};
use objects::Objects;

use crate::output::QUARANTINE;

/// Keeps bytes under their hash, unless they are kept already.
pub(crate) fn keep(blobs: &Objects, hash: &str, bytes: &[u8], kind: MediaKind) -> io::Result<()> {
    let name = name(hash);
    if blobs.size(&name)? == Some(bytes.len() as u64) {
        return Ok(());
    }
    blobs.put(&name, Bytes::copy_from_slice(bytes), kind.content_type())
}

/// The bytes with this hash; an error when they are missing or are not those that were kept.
pub(crate) fn read(blobs: &Objects, hash: &str) -> io::Result<Bytes> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, format!("the bytes of upload {hash} are missing"));
    let bytes = blobs.get(&name(hash))?.ok_or_else(missing)?;
    if blake3::hash(&bytes).to_hex().as_str() != hash {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("the bytes of upload {hash} have been changed")));
    }
    Ok(bytes)
}

/// What is wrong with the bytes of this name, and the hash they have; none where nothing is.
pub(crate) fn fault(blobs: &Objects, hash: &str) -> io::Result<Option<(FaultKind, Option<String>)>> {
    let Some(bytes) = blobs.get(&name(hash))? else { return Ok(Some((FaultKind::Missing, None))) };
    let found = blake3::hash(&bytes).to_hex().to_string();
    Ok((found != hash).then_some((FaultKind::Differs, Some(found))))
}

/// Sets wrong bytes apart as evidence, so that the right ones can be kept again; says where they are now.
pub(crate) fn set_apart(blobs: &Objects, hash: &str, mark: &str) -> io::Result<String> {
    let kept = format!("{QUARANTINE}/{mark}/{}", name(hash));
    blobs.rename(&name(hash), &kept)?;
    Ok(kept)
}

/// Takes bytes away that nothing needs any more.
pub(crate) fn forget(blobs: &Objects, hash: &str) -> io::Result<()> {
    blobs.delete(&name(hash))
}

/// Where bytes are kept: `<first two digits>/<hash>`.
pub(crate) fn name(hash: &str) -> String {
    format!("{}/{hash}", hash.get(..2).unwrap_or_default())
}
