//! The keys themselves, by version: read from a file or from the environment, as TOML. A key is added and used from then on; those
//! before it stay for what they sealed, until rotation has sealed it anew.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::Cipher;

/// Bytes of a key.
const LENGTH: usize = 32;

/// One key. Nothing shows it but the file it stands in.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key([u8; LENGTH]);

impl Key {
    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    fn generate() -> Self {
        Self(rand::random())
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }
}

/// Keys by version, and what seals from now on.
#[derive(Clone)]
pub struct Keys {
    current: u32,
    cipher: Cipher,
    keys: BTreeMap<u32, Key>,
}

/// As they are written down: `cipher = "aes-256-gcm"`, `current = 1`, `[keys]`, `1 = "…"` (32 bytes as Base64).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    cipher: Cipher,
    current: u32,
    keys: BTreeMap<String, String>,
}

/// Why keys cannot be used: one sentence that says what to change. None shows a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read.
    #[error("cannot read the keys at {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Anybody on the machine may read it.
    #[error("everybody on this machine may read the keys at {0}: `chmod 600` it")]
    Open(PathBuf),
    /// It is not what keys look like.
    #[error("these are no keys: they have `cipher`, `current` and, under `[keys]`, 32 bytes as Base64 by version")]
    Form,
    /// The current version is not among them.
    #[error("key {0} is to be used and is not among the keys")]
    NoCurrent(u32),
}

impl Keys {
    /// One new key.
    pub fn generate(cipher: Cipher) -> Self {
        Self { current: 1, cipher, keys: BTreeMap::from([(1, Key::generate())]) }
    }

    /// Reads a file of keys, which only those may read who run the platform.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let unreadable = |reason| KeysError::Unreadable { path: path.into(), reason };
        let mode = std::fs::metadata(path).map_err(unreadable)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(KeysError::Open(path.into()));
        }
        Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?).parse()
    }

    /// Adds a key that seals from now on.
    pub fn add(&mut self, cipher: Cipher) {
        self.current = self.keys.last_key_value().map_or(0, |(version, _)| *version) + 1;
        self.cipher = cipher;
        self.keys.insert(self.current, Key::generate());
    }

    /// Forgets every key but the current one: what they sealed can be opened no more.
    pub fn keep_current(&mut self) {
        let current = self.current;
        self.keys.retain(|version, _| *version == current);
    }

    /// As they are written down.
    pub fn to_text(&self) -> Zeroizing<String> {
        let written = Written {
            cipher: self.cipher,
            current: self.current,
            keys: self.keys.iter().map(|(version, key)| (version.to_string(), STANDARD.encode(key.0))).collect(),
        };
        Zeroizing::new(toml::to_string(&written).expect("keys are TOML"))
    }

    /// What seals from now on.
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    pub(crate) fn current(&self) -> (u32, &Key) {
        (self.current, &self.keys[&self.current])
    }

    pub(crate) fn get(&self, version: u32) -> Option<&Key> {
        self.keys.get(&version)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, &Key)> {
        self.keys.iter().map(|(version, key)| (*version, key))
    }
}

impl FromStr for Keys {
    type Err = KeysError;

    fn from_str(text: &str) -> Result<Self, KeysError> {
        let written: Written = toml::from_str(text).map_err(|_| KeysError::Form)?;
        let read = |(version, key): (String, String)| Some((version.parse().ok()?, Key::read(&Zeroizing::new(key))?));
        let keys: BTreeMap<u32, Key> = written.keys.into_iter().map(read).collect::<Option<_>>().ok_or(KeysError::Form)?;
        if !keys.contains_key(&written.current) {
            return Err(KeysError::NoCurrent(written.current));
        }
        Ok(Self { current: written.current, cipher: written.cipher, keys })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} of {})", self.current, self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_down_and_read_again() {
        let mut keys = Keys::generate(Cipher::Aes256Gcm);
        keys.add(Cipher::Sm4Gcm);
        let read: Keys = keys.to_text().parse().unwrap();
        assert_eq!((read.current().0, read.cipher(), read.all().count()), (2, Cipher::Sm4Gcm, 2));
        assert_eq!(read.current().1.bytes(), keys.current().1.bytes());
        keys.keep_current();
        assert!(keys.get(1).is_none());
    }

    #[test]
    fn what_is_wrong_with_keys_is_told_without_them() {
        let text = |current: u32, key: &str| format!("cipher = \"sm4-gcm\"\ncurrent = {current}\n[keys]\n1 = \"{key}\"\n");
        let good = STANDARD.encode([7; LENGTH]);
        assert!(text(1, &good).parse::<Keys>().is_ok());
        for (text, told) in [
            (text(2, &good), "key 2 is to be used"),
            (text(1, &good[4..]), "these are no keys"),
            (text(1, "not base64"), "these are no keys"),
            (text(1, &good).replace("sm4-gcm", "des"), "these are no keys"),
        ] {
            let sentence = text.parse::<Keys>().unwrap_err().to_string();
            assert!(sentence.contains(told) && !sentence.contains(&good[4..20]), "{sentence}");
        }
    }
}
