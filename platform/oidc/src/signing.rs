//! 签名密钥: the RSA keys that tokens are signed with. RS256 is the one algorithm that every client must know (OpenID Connect Core 15.1).

use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;

/// Bits of a key.
const BITS: u32 = 3072;

/// A key that cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
#[error("a signing key: {0}")]
pub struct SigningError(#[from] ErrorStack);

/// A key and the name that tokens call it by.
#[derive(Clone)]
pub struct SigningKey {
    name: String,
    rsa: Rsa<Private>,
}

impl SigningKey {
    /// A new key.
    pub fn generate(name: String) -> Result<Self, SigningError> {
        Ok(Self { name, rsa: Rsa::generate(BITS)? })
    }

    /// A key as it was kept.
    pub fn of_der(name: String, der: &[u8]) -> Result<Self, SigningError> {
        Ok(Self { name, rsa: Rsa::private_key_from_der(der)? })
    }

    /// As it is kept, sealed by whoever keeps it.
    pub fn to_der(&self) -> Result<Vec<u8>, SigningError> {
        Ok(self.rsa.private_key_to_der()?)
    }

    fn signed(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let key = PKey::from_rsa(self.rsa.clone())?;
        Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(message)
    }
}

impl PrivateSigningKey for SigningKey {
    type VerificationKey = CoreJsonWebKey;

    fn sign(&self, algorithm: &CoreJwsSigningAlgorithm, message: &[u8]) -> Result<Vec<u8>, openidconnect::SigningError> {
        if *algorithm != CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 {
            return Err(openidconnect::SigningError::UnsupportedAlg("this key signs RS256".into()));
        }
        self.signed(message).map_err(|_| openidconnect::SigningError::CryptoError)
    }

    fn as_verification_key(&self) -> CoreJsonWebKey {
        CoreJsonWebKey::new_rsa(self.rsa.n().to_vec(), self.rsa.e().to_vec(), Some(JsonWebKeyId::new(self.name.clone())))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.name)
    }
}
