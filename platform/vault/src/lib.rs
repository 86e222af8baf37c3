//! 密钥库: the keys of the platform, and personal data and secrets sealed with them before they reach the database.
//!
//! What is sealed says which key and which cipher sealed it, and opens only in the column and the row it was sealed for. No I/O but
//! reading the file of keys.

mod cipher;
mod keys;
mod sealed;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

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

    fn words(self) -> String {
        format!("{}#{}", self.column, self.row)
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
    keys: Arc<RwLock<Keys>>,
    file: Option<PathBuf>,
}

impl Vault {
    /// With the keys of a file, which is read again when something was sealed with a key that was added to it since.
    pub fn of_file(file: PathBuf) -> Result<Self, KeysError> {
        let keys = Keys::read(&file)?;
        Ok(Self { keys: Arc::new(RwLock::new(keys)), file: Some(file) })
    }

    /// With keys that somebody holds, such as those of the environment.
    pub fn of_keys(keys: Keys) -> Self {
        Self { keys: Arc::new(RwLock::new(keys)), file: None }
    }

    /// Seals something for its place with the current key.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Sealed {
        let keys = self.keys();
        let (version, key) = keys.current();
        Sealed { version, cipher: keys.cipher(), bytes: keys.cipher().seal(key, &place.words(), plain) }
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place, sealed: &Sealed) -> Result<Vec<u8>, Error> {
        let words = place.words();
        if self.keys().get(sealed.version).is_none() {
            self.read_again();
        }
        let keys = self.keys();
        let key = keys.get(sealed.version).ok_or_else(|| Error::NoKey(words.clone(), sealed.version))?;
        sealed.cipher.open(key, &words, &sealed.bytes).ok_or(Error::Broken(words))
    }

    /// Opens text that was sealed for this place.
    pub fn open_text(&self, place: Place, sealed: &Sealed) -> Result<String, Error> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Error::Broken(place.words()))
    }

    /// What stands beside something sealed so that it can be looked for without being opened: equal text of a column has an equal mark,
    /// and nobody without the key can try what a mark is of.
    pub fn mark(&self, column: &str, text: &str) -> String {
        let keys = self.keys();
        let (version, key) = keys.current();
        marked(version, keys.cipher(), key, column, text)
    }

    /// Every mark that this text of a column may have: under each key, by each cipher.
    pub fn marks(&self, column: &str, text: &str) -> Vec<String> {
        let keys = self.keys();
        let by = |(version, key): (u32, &keys::Key)| Cipher::ALL.map(|cipher| marked(version, cipher, key, column, text));
        keys.all().flat_map(by).collect()
    }

    /// Whether this was sealed with the current key and cipher, so that rotation may leave it.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        let keys = self.keys();
        sealed.version == keys.current().0 && sealed.cipher == keys.cipher()
    }

    fn keys(&self) -> std::sync::RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file that is wrong by now changes nothing: the keys that were read stay.
    fn read_again(&self) {
        let Some(Ok(keys)) = self.file.as_deref().map(Keys::read) else { return };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
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
    fn a_key_of_another_platform_opens_nothing() {
        let sealed = vault(Cipher::Aes256Gcm).seal(PHONE, b"x");
        assert!(matches!(vault(Cipher::Aes256Gcm).open(PHONE, &sealed), Err(Error::Broken(_))));
    }
}
