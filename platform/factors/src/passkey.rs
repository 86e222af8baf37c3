//! Passkeys (通行密钥): keys that a device holds for this console alone (`WebAuthn`).

use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// Why a passkey was not taken; for the log, people are told that it was not.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Not what a browser sends, or what we kept.
    #[error("not understood: {0}")]
    Json(#[from] serde_json::Error),
    /// The proof does not hold.
    #[error("refused: {0}")]
    Refused(#[from] webauthn_rs::prelude::WebauthnError),
}

/// What a browser is asked to do, and what is kept meanwhile to judge its answer by.
pub struct Asked {
    /// For the browser, JSON.
    pub options: String,
    /// For us, JSON.
    pub state: String,
}

/// Whose a passkey is to be.
pub struct Owner<'a> {
    /// The number of the account.
    pub id: i64,
    /// What they sign in with.
    pub username: &'a str,
    /// Their name.
    pub name: &'a str,
}

/// Makes and judges passkeys of one console.
pub struct Passkeys(Webauthn);

impl Passkeys {
    /// Of the console at this host. None where it is reached by a bare network address, which no passkey can be of.
    pub fn of(host: &str, is_secure: bool) -> Option<Self> {
        let origin = Url::parse(&format!("{}://{host}", if is_secure { "https" } else { "http" })).ok()?;
        // The console is known by its host; at which port it stands may change with the proxy before it.
        let builder = WebauthnBuilder::new(host, &origin).ok()?.rp_name("同源后台").allow_any_port(true);
        builder.build().ok().map(Self)
    }

    /// Asks for a new passkey on a device that has none of these yet.
    pub fn ask_new(&self, owner: &Owner<'_>, had: &[String]) -> Result<Asked, PasskeyError> {
        let had = passkeys(had)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let (options, state) = self.0.start_passkey_registration(handle(owner.id), owner.username, owner.name, Some(had))?;
        Ok(Asked { options: serde_json::to_string(&options)?, state: serde_json::to_string(&state)? })
    }

    /// The new passkey, as it is kept.
    pub fn take_new(&self, answer: &str, state: &str) -> Result<String, PasskeyError> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer)?;
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        Ok(serde_json::to_string(&self.0.finish_passkey_registration(&answer, &state)?)?)
    }

    /// Asks for a proof with one of these.
    pub fn ask(&self, had: &[String]) -> Result<Asked, PasskeyError> {
        let (options, state) = self.0.start_passkey_authentication(&passkeys(had)?)?;
        Ok(Asked { options: serde_json::to_string(&options)?, state: serde_json::to_string(&state)? })
    }

    /// Which of these gave the proof, and what it is from now on.
    pub fn judge(&self, answer: &str, state: &str, had: &[String]) -> Result<Option<(usize, String)>, PasskeyError> {
        let answer: PublicKeyCredential = serde_json::from_str(answer)?;
        let state: PasskeyAuthentication = serde_json::from_str(state)?;
        let proof = self.0.finish_passkey_authentication(&answer, &state)?;
        for (at, mut passkey) in passkeys(had)?.into_iter().enumerate() {
            if passkey.update_credential(&proof).is_some() {
                return Ok(Some((at, serde_json::to_string(&passkey)?)));
            }
        }
        // It was removed meanwhile.
        Ok(None)
    }
}

fn passkeys(kept: &[String]) -> Result<Vec<Passkey>, serde_json::Error> {
    kept.iter().map(|passkey| serde_json::from_str(passkey)).collect()
}

/// What a device calls the account by: the same each time, and nothing that tells who it is.
fn handle(id: i64) -> Uuid {
    let bytes = blake3::derive_key("tongyuan 2026-11-26 passkey owner", &id.to_be_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    Uuid::from_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_without_a_name_has_no_passkeys() {
        assert!(Passkeys::of("console.example.gov.cn", true).is_some() && Passkeys::of("localhost", false).is_some());
        assert!(Passkeys::of("10.0.0.8", true).is_none() && Passkeys::of("[::1]", false).is_none());
    }

    #[test]
    fn what_is_no_proof_is_refused() {
        let passkeys = Passkeys::of("localhost", false).unwrap();
        let asked = passkeys.ask_new(&Owner { id: 1, username: "security", name: "甲" }, &[]).unwrap();
        assert!(asked.options.contains("\"publicKey\"") && asked.options.contains("localhost"), "{}", asked.options);
        assert!(passkeys.take_new("{}", &asked.state).is_err() && passkeys.judge("{}", "{}", &[]).is_err());
    }
}
