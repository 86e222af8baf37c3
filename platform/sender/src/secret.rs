//! Secrets of the settings: from the environment, or a file of their own.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use config::Secret;

use crate::SetupError;

/// What the environment says, else what the file says, else nothing.
pub(crate) fn read(given: &Secret, file: Option<&Path>) -> Result<Secret, SetupError> {
    let Some(file) = file.filter(|_| given.is_empty()) else { return Ok(given.clone()) };
    let unreadable = |reason| SetupError::Unreadable(file.into(), reason);
    if std::fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o007 != 0 {
        return Err(SetupError::Open(file.into()));
    }
    Ok(Secret::from(std::fs::read_to_string(file).map_err(unreadable)?.trim().to_owned()))
}
