//! The keys themselves, by version: read from a file or from the environment, as TOML. A key is added and used from then on; those
//! before it stay for what they sealed, until rotation has sealed it anew.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
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
    by_version: BTreeMap<u32, Key>,
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
    /// The file cannot be written.
    #[error("cannot write the keys to {path}: {reason}")]
    Unwritable {
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
        Self { current: 1, cipher, by_version: BTreeMap::from([(1, Key::generate())]) }
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

    /// Writes a new file, which nobody else may read. One that is there already is never written over.
    pub fn write_new(&self, path: &Path) -> Result<(), KeysError> {
        let unwritable = |reason| KeysError::Unwritable { path: path.into(), reason };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(unwritable)?;
        file.write_all(self.to_text().as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)
    }

    /// Changes a file of keys, which stays its owner's. One change waits for another, so none is lost; whoever reads it meanwhile reads
    /// what was before or what is after.
    pub fn change(path: &Path, change: impl FnOnce(&mut Self)) -> Result<Self, KeysError> {
        let unwritable = |reason| KeysError::Unwritable { path: path.into(), reason };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = File::open(folder).and_then(|folder| folder.lock().map(|()| folder)).map_err(unwritable)?;
        let mut keys = Self::read(path)?;
        change(&mut keys);
        keys.replace(path)?;
        folder.sync_all().map_err(unwritable)?;
        Ok(keys)
    }

    /// Puts these in the place of a file's, by whoever holds its folder.
    #[expect(clippy::disallowed_methods, reason = "the file of keys is no public page")]
    fn replace(&self, path: &Path) -> Result<(), KeysError> {
        let unwritable = |reason| KeysError::Unwritable { path: path.into(), reason };
        let before = std::fs::metadata(path).map_err(|reason| KeysError::Unreadable { path: path.into(), reason })?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = path.with_file_name(name);
        // Whoever was cut short before left theirs; nobody else is at it now.
        match std::fs::remove_file(&beside) {
            Err(reason) if reason.kind() != ErrorKind::NotFound => return Err(unwritable(reason)),
            _ => self.write_new(&beside)?,
        }
        let put = || {
            chown(&beside, Some(before.uid()), Some(before.gid()))?;
            std::fs::set_permissions(&beside, Permissions::from_mode(before.mode() & 0o660))?;
            std::fs::rename(&beside, path)
        };
        put().map_err(|reason| {
            // Nobody may find keys that are not in use.
            let _ = std::fs::remove_file(&beside);
            unwritable(reason)
        })
    }

    /// Adds a key that seals from now on.
    pub fn add(&mut self, cipher: Cipher) {
        self.current = self.by_version.last_key_value().map_or(0, |(version, _)| *version) + 1;
        self.cipher = cipher;
        self.by_version.insert(self.current, Key::generate());
    }

    /// Forgets a key, but never the current one: what it sealed can be opened no more.
    pub fn forget(&mut self, version: u32) {
        if version != self.current {
            self.by_version.remove(&version);
        }
    }

    /// The version of the key that seals from now on.
    pub fn version(&self) -> u32 {
        self.current
    }

    /// The versions of all keys, the oldest first.
    pub fn versions(&self) -> Vec<u32> {
        self.by_version.keys().copied().collect()
    }

    /// As they are written down.
    pub fn to_text(&self) -> Zeroizing<String> {
        let written = Written {
            cipher: self.cipher,
            current: self.current,
            keys: self.by_version.iter().map(|(version, key)| (version.to_string(), STANDARD.encode(key.0))).collect(),
        };
        Zeroizing::new(toml::to_string(&written).expect("keys are TOML"))
    }

    /// What seals from now on.
    pub fn cipher(&self) -> Cipher {
        self.cipher
    }

    pub(crate) fn current(&self) -> (u32, &Key) {
        (self.current, &self.by_version[&self.current])
    }

    pub(crate) fn get(&self, version: u32) -> Option<&Key> {
        self.by_version.get(&version)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (u32, &Key)> {
        self.by_version.iter().map(|(version, key)| (*version, key))
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
        Ok(Self { current: written.current, cipher: written.cipher, by_version: keys })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} of {})", self.current, self.by_version.len())
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
        for version in keys.versions() {
            keys.forget(version);
        }
        assert_eq!(keys.versions(), [2], "the current one stays");
    }

    #[test]
    fn a_file_of_keys_is_its_owners_alone_is_never_written_over_and_is_replaced_whole() {
        let folder = std::env::temp_dir().join(format!("tongyuan-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("keys.toml");
        let keys = Keys::generate(Cipher::Aes256Gcm);
        keys.write_new(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(matches!(keys.write_new(&path), Err(KeysError::Unwritable { .. })));
        keys.write_new(&folder.join("keys.toml.new")).unwrap();
        let added = Keys::change(&path, |keys| keys.add(Cipher::Sm4Gcm)).unwrap();
        assert_eq!((added.version(), Keys::read(&path).unwrap().versions()), (2, vec![1, 2]));
        let add = || {
            std::thread::spawn({
                let path = path.clone();
                move || Keys::change(&path, |keys| keys.add(Cipher::Sm4Gcm))
            })
        };
        for one in std::array::from_fn::<_, 8, _>(|_| add()) {
            one.join().unwrap().unwrap();
        }
        assert_eq!(Keys::read(&path).unwrap().versions(), (1..=10).collect::<Vec<_>>(), "of many at once none is lost");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        std::fs::set_permissions(&path, Permissions::from_mode(0o604)).unwrap();
        assert!(matches!(Keys::read(&path), Err(KeysError::Open(_))));
        std::fs::remove_dir_all(&folder).unwrap();
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
