//! Which names there can be: those that lead nowhere but into the store.

use std::io;

/// Refuses a name that is empty, absolute, or could lead elsewhere.
pub(crate) fn check(name: &str) -> io::Result<()> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if name.split('/').all(plain) && !name.contains(['\\', '\0']) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is not the name of an object")))
}
