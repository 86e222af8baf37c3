//! The ciphers that seal: AES-256-GCM, or SM4-GCM with SM3 where policy asks for 国密.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, AesGcm, KeyInit, Nonce};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use crate::keys::Key;

/// Bytes of a nonce, drawn anew for everything that is sealed.
const NONCE: usize = 12;

/// What seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cipher {
    /// AES with 256 bits in Galois/Counter Mode; marks by BLAKE3.
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
    /// SM4 (GB/T 32907) in Galois/Counter Mode (RFC 8998); marks and keys by HMAC with SM3 (GB/T 32905).
    #[serde(rename = "sm4-gcm")]
    Sm4Gcm,
}

impl Cipher {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Aes256Gcm, Self::Sm4Gcm];

    /// As settings and commands name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "aes-256-gcm",
            Self::Sm4Gcm => "sm4-gcm",
        }
    }

    /// How what it sealed names it.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Aes256Gcm => 'a',
            Self::Sm4Gcm => 's',
        }
    }

    pub(crate) fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| letter.chars().eq([cipher.letter()]))
    }

    /// The nonce, and what was sealed for a place.
    pub(crate) fn seal(self, key: &Key, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = match self {
            Self::Aes256Gcm => aes(key).encrypt(&Nonce::from(nonce), payload),
            Self::Sm4Gcm => sm(key).encrypt(&Nonce::from(nonce), payload),
        };
        [&nonce[..], &sealed.expect("less than 64 GiB")].concat()
    }

    pub(crate) fn open(self, key: &Key, place: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        match self {
            Self::Aes256Gcm => aes(key).decrypt(&Nonce::from(*nonce), payload),
            Self::Sm4Gcm => sm(key).decrypt(&Nonce::from(*nonce), payload),
        }
        .ok()
    }

    /// 64 hexadecimal digits.
    pub(crate) fn mark(self, key: &Key, column: &str, text: &str) -> String {
        let words = format!("{column}\0{text}");
        match self {
            Self::Aes256Gcm => {
                let key = Zeroizing::new(blake3::derive_key("tongyuan 2026-11-26 mark", key.bytes()));
                blake3::keyed_hash(&key, words.as_bytes()).to_hex().to_string()
            }
            Self::Sm4Gcm => {
                let key = sm3(key.bytes(), b"tongyuan 2026-11-26 mark");
                blake3::Hash::from_bytes(*sm3(&*key, words.as_bytes())).to_hex().to_string()
            }
        }
    }
}

impl std::fmt::Display for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Cipher {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|cipher| cipher.as_str() == text);
        found.ok_or_else(|| format!("there is no cipher `{text}`: take one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

fn aes(key: &Key) -> Aes256Gcm {
    let key = Zeroizing::new(blake3::derive_key("tongyuan 2026-11-26 aes-256-gcm", key.bytes()));
    Aes256Gcm::new(&(*key).into())
}

fn sm(key: &Key) -> AesGcm<Sm4, U12> {
    let derived = sm3(key.bytes(), b"tongyuan 2026-11-26 sm4-gcm");
    let mut half = Zeroizing::new([0; 16]);
    half.copy_from_slice(&derived[..16]);
    AesGcm::new(&(*half).into())
}

/// HMAC with SM3.
fn sm3(key: &[u8], words: &[u8]) -> Zeroizing<[u8; 32]> {
    let mac = <Hmac<Sm3> as KeyInit>::new_from_slice(key).expect("a key of any length");
    Zeroizing::new(mac.chain_update(words).finalize().into_bytes().into())
}
