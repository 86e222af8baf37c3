//! Working copies (暂存稿): what somebody is writing and has not saved yet, kept for them alone.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDateTime;

use crate::ResourceId;

/// What is being written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Writing {
    /// The next revision of this resource.
    Resource(ResourceId),
    /// A text that is no resource yet, known by the sheet it was begun on.
    New(String),
}

impl fmt::Display for Writing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(id) => id.fmt(f),
            Self::New(sheet) => sheet.fmt(f),
        }
    }
}

impl FromStr for Writing {
    type Err = NoWriting;

    fn from_str(text: &str) -> Result<Self, NoWriting> {
        if is_sheet(text) {
            return Ok(Self::New(text.to_owned()));
        }
        text.parse().map(Self::Resource).map_err(|_| NoWriting)
    }
}

/// Neither the number of a resource nor the name of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a resource nor a sheet")]
pub struct NoWriting;

/// Whether this can be the name of a sheet (稿纸), one form as it was drawn in one window: a UUID in its usual form.
pub fn is_sheet(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

/// One working copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCopy {
    /// What it is of.
    pub writing: Writing,
    /// The sheet it was last written on.
    pub sheet: String,
    /// Counts up on one sheet, so that what arrives late does not replace what is newer.
    pub sequence: i64,
    /// Its title as typed.
    pub title: String,
    /// The whole form as JSON.
    pub form: String,
    /// UTC.
    pub kept_at: NaiveDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_a_resource_or_a_sheet() {
        let sheet = "0198f3c2-7d10-7a41-9d2f-0c5f3a6b7e11";
        for text in ["42", sheet] {
            assert_eq!(text.parse::<Writing>().unwrap().to_string(), text);
        }
        for bad in ["", "../42", "0198F3C2-7D10-7A41-9D2F-0C5F3A6B7E11", "x"] {
            assert_eq!(bad.parse::<Writing>(), Err(NoWriting), "{bad}");
        }
    }
}
