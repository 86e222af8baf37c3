//! What was sealed, as it stands in the database: `VERSION.CIPHER.BASE64`.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::Cipher;

/// Something sealed, with the version of the key and the cipher that did it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(crate) version: u32,
    pub(crate) cipher: Cipher,
    pub(crate) bytes: Vec<u8>,
}

/// A text that nothing was sealed as.
#[derive(Debug, thiserror::Error)]
#[error("this was not sealed by this platform")]
pub struct NotSealed;

impl FromStr for Sealed {
    type Err = NotSealed;

    fn from_str(text: &str) -> Result<Self, NotSealed> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(NotSealed);
        let version = next()?.parse().map_err(|_| NotSealed)?;
        let cipher = Cipher::of_letter(next()?).ok_or(NotSealed)?;
        let bytes = STANDARD_NO_PAD.decode(next()?).map_err(|_| NotSealed)?;
        Ok(Self { version, cipher, bytes })
    }
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.version, self.cipher.letter(), STANDARD_NO_PAD.encode(&self.bytes))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}.{})", self.version, self.cipher.letter())
    }
}
