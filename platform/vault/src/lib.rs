//! 密钥库: the keys of the platform, and personal data and secrets sealed with them before they reach the database.
//!
//! What is sealed says which key and which cipher sealed it, and opens only in the column and the row it was sealed for. No I/O but
//! the file of keys.

mod cipher;
mod keys;
mod sealed;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

pub use crate::cipher::Cipher;
pub use crate::keys::{Keys, KeysError};
pub use crate::sealed::Sealed;

/// Where something sealed belongs: a row of a column, such as `Place::new("second_factors.secret", 42)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    column: &'static str,
    row: i64,
}

impl Place {
    /// `column` as `table.column`; `row` is what never changes about the row.
    pub const fn new(column: &'static str, row: i64) -> Self {
        Self { column, row }
    }
}

/// What it is sealed together with, and how messages name it: `contacts.phone_sealed#42`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.column, self.row)
    }
}

/// Why something sealed cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key is none of ours.
    #[error("{0} was sealed with key {1}, which is not among the keys")]
    NoKey(String, u32),
    /// It is damaged, or was sealed for another place.
    #[error("{0} does not open: it is damaged, or was moved there from elsewhere")]
    Broken(String),
}

/// The keys in use. Clones share them.
#[derive(Clone)]
pub struct Vault {
    held: Arc<RwLock<Held>>,
    file: Option<PathBuf>,
}

/// The keys as they were read last.
struct Held {
    keys: Keys,
    /// The file as it was then; none without one.
    stamp: Option<Stamp>,
}

/// Which file it is, and when it was written.
type Stamp = (u64, SystemTime);

impl Vault {
    /// With the keys of a file, which is read again once it was written: keys that are added to it are used from then on.
    pub fn of_file(file: PathBuf) -> Result<Self, KeysError> {
        let stamp = stamp(&file);
        let held = Held { keys: Keys::read(&file)?, stamp };
        Ok(Self { held: Arc::new(RwLock::new(held)), file: Some(file) })
    }

    /// With keys that somebody holds, such as those of the environment.
    pub fn of_keys(keys: Keys) -> Self {
        Self { held: Arc::new(RwLock::new(Held { keys, stamp: None })), file: None }
    }

    /// Seals something for its place with the current key.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Sealed {
        self.with_keys(|keys| {
            let (version, key) = keys.current();
            Sealed { version, cipher: keys.cipher(), bytes: keys.cipher().seal(key, &place.to_string(), plain) }
        })
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        let words = place.to_string();
        self.with_keys(|keys| {
            let key = keys.get(sealed.version).ok_or_else(|| Error::NoKey(words.clone(), sealed.version))?;
            sealed.cipher.open(key, &words, &sealed.bytes).ok_or(Error::Broken(words))
        })
    }

    /// Opens text that was sealed for this place.
    pub fn open_text(&self, place: Place, sealed: &Sealed) -> Result<String, Error> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Error::Broken(place.to_string()))
    }

    /// What stands beside something sealed so that it can be looked for without being opened: equal text of a column has an equal mark,
    /// and nobody without the key can try what a mark is of.
    pub fn mark(&self, column: &str, text: &str) -> String {
        self.with_keys(|keys| {
            let (version, key) = keys.current();
            marked(version, keys.cipher(), key, column, text)
        })
    }

    /// Every mark that this text of a column may have: under each key, by each cipher.
    pub fn marks(&self, column: &str, text: &str) -> Vec<String> {
        self.with_keys(|keys| {
            let by = |(version, key): (u32, &keys::Key)| Cipher::ALL.map(|cipher| marked(version, cipher, key, column, text));
            keys.all().flat_map(by).collect()
        })
    }

    /// Whether this was sealed with the current key and cipher, so that rotation may leave it.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        self.with_keys(|keys| sealed.version == keys.version() && sealed.cipher == keys.cipher())
    }

    /// The version of the key that seals from now on, and how what it seals is written begins: what begins otherwise waits for rotation.
    pub fn current(&self) -> (u32, String) {
        self.with_keys(|keys| (keys.version(), format!("{}.{}.", keys.version(), keys.cipher().letter())))
    }

    /// The versions of all keys, the oldest first.
    pub fn versions(&self) -> Vec<u32> {
        self.with_keys(Keys::versions)
    }

    /// Does something with the keys as they are now: a look at the file's time costs little, and a node that went on sealing with a key
    /// that is about to be forgotten would lose what it seals. A file that is wrong by now changes nothing: the keys that were read stay.
    fn with_keys<T>(&self, work: impl FnOnce(&Keys) -> T) -> T {
        if let Some(file) = self.file.as_deref()
            && let stamp @ Some(_) = stamp(file)
            && stamp != self.held.read().unwrap_or_else(PoisonError::into_inner).stamp
            && let Ok(keys) = Keys::read(file)
        {
            *self.held.write().unwrap_or_else(PoisonError::into_inner) = Held { keys, stamp };
        }
        work(&self.held.read().unwrap_or_else(PoisonError::into_inner).keys)
    }
}

/// Asked for before the file is read: one that is replaced in between is read once more.
fn stamp(file: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(file).ok()?;
    Some((about.ino(), about.modified().ok()?))
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

fn marked(version: u32, cipher: Cipher, key: &keys::Key, column: &str, text: &str) -> String {
    format!("{version}.{}.{}", cipher.letter(), cipher.mark(key, column, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: Place = Place::new("citizens.phone", 42);

    fn vault(cipher: Cipher) -> Vault {
        Vault::of_keys(Keys::generate(cipher))
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_alone() {
        for cipher in Cipher::ALL {
            let vault = vault(cipher);
            let sealed = vault.seal(PHONE, "13800138000".as_bytes());
            assert!(!sealed.to_string().contains("138"));
            let read: Sealed = sealed.to_string().parse().unwrap();
            assert_eq!(vault.open_text(PHONE, &read).unwrap(), "13800138000");
            assert!(matches!(vault.open(Place::new("citizens.phone", 43), &read), Err(Error::Broken(_))));
            assert!(matches!(vault.open(Place::new("citizens.name", 42), &read), Err(Error::Broken(_))));
        }
    }

    #[test]
    fn the_same_is_sealed_differently_each_time_and_marked_alike() {
        let vault = vault(Cipher::Aes256Gcm);
        assert_ne!(vault.seal(PHONE, b"x"), vault.seal(PHONE, b"x"));
        assert_eq!(vault.mark("citizens.phone", "1"), vault.mark("citizens.phone", "1"));
        assert_ne!(vault.mark("citizens.phone", "1"), vault.mark("citizens.email", "1"));
    }

    #[test]
    fn after_rotation_what_was_sealed_before_opens_still_and_is_found() {
        let mut keys = Keys::generate(Cipher::Aes256Gcm);
        let before = Vault::of_keys(keys.clone());
        let (sealed, mark) = (before.seal(PHONE, b"x"), before.mark("citizens.phone", "x"));
        keys.add(Cipher::Sm4Gcm);
        let after = Vault::of_keys(keys);
        assert_eq!(after.open(PHONE, &sealed).unwrap(), b"x");
        assert!(!after.is_current(&sealed) && after.is_current(&after.seal(PHONE, b"x")));
        assert!(after.marks("citizens.phone", "x").contains(&mark));
        assert_ne!(after.mark("citizens.phone", "x"), mark);
    }

    #[test]
    fn a_key_that_is_added_to_the_file_seals_from_then_on() {
        let folder = std::env::temp_dir().join(format!("tongyuan-vault-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("keys.toml");
        Keys::generate(Cipher::Aes256Gcm).write_new(&path).unwrap();
        let vault = Vault::of_file(path.clone()).unwrap();
        let sealed = vault.seal(PHONE, b"x");
        Keys::change(&path, |keys| keys.add(Cipher::Sm4Gcm)).unwrap();
        let anew = vault.seal(PHONE, b"x");
        assert!(!vault.is_current(&sealed) && vault.is_current(&anew) && anew.to_string().starts_with(&vault.current().1));
        assert_eq!((vault.open(PHONE, &sealed).unwrap(), vault.versions()), (b"x".to_vec(), vec![1, 2]));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(vault.open(PHONE, &anew).unwrap(), b"x", "a file that is away takes no key away");
    }

    #[test]
    fn a_key_of_another_platform_opens_nothing() {
        let sealed = vault(Cipher::Aes256Gcm).seal(PHONE, b"x");
        assert!(matches!(vault(Cipher::Aes256Gcm).open(PHONE, &sealed), Err(Error::Broken(_))));
    }
}
