//! 换取令牌: what an application says when it redeems a code (OpenID Connect Core 3.1.3.1), and how it proves who it is.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Who an application says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Its `client_id`.
    pub client: String,
    /// Its secret, where it has one.
    pub secret: Option<String>,
}

/// A code that somebody wants tokens for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeeming {
    /// Who.
    pub credentials: Credentials,
    /// The code.
    pub code: String,
    /// Where it was sent.
    pub redirect: String,
    verifier: String,
}

/// Why no tokens are given: the protocol's word (RFC 6749, 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Something is missing or said twice.
    #[error("invalid_request")]
    Request,
    /// Not the application it says it is.
    #[error("invalid_client")]
    Client,
    /// The code is not good: unknown, used, too old, another's, sent elsewhere, or without its proof.
    #[error("invalid_grant")]
    Grant,
    /// Something else is asked for than we give.
    #[error("unsupported_grant_type")]
    GrantType,
}

impl Redeeming {
    /// From a form and the `Authorization` header.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>, authorization: Option<&str>) -> Result<Self, TokenRefusal> {
        let mut said = HashMap::new();
        for (name, value) in pairs {
            if said.insert(name, value).is_some() {
                return Err(TokenRefusal::Request);
            }
        }
        let mut take = |name: &str| said.remove(name).filter(|value| !value.is_empty());
        match take("grant_type").as_deref() {
            Some("authorization_code") => {}
            Some(_) => return Err(TokenRefusal::GrantType),
            None => return Err(TokenRefusal::Request),
        }
        let (client, secret) = (take("client_id"), take("client_secret"));
        let credentials = match authorization {
            Some(header) => {
                let basic = basic(header).ok_or(TokenRefusal::Client)?;
                // Two ways at once are refused (RFC 6749, 2.3), and so is another name beside.
                if secret.is_some() || client.is_some_and(|client| client != basic.client) {
                    return Err(TokenRefusal::Request);
                }
                basic
            }
            None => Credentials { client: client.ok_or(TokenRefusal::Client)?, secret },
        };
        let mut need = |name: &str| take(name).ok_or(TokenRefusal::Request);
        Ok(Self { credentials, code: need("code")?, redirect: need("redirect_uri")?, verifier: need("code_verifier")? })
    }

    /// Whether whoever redeems the code is who asked for it: the challenge is the hash of what they say now (RFC 7636, 4.6).
    pub fn answers(&self, challenge: &str) -> bool {
        let is_verifier = (43..=128).contains(&self.verifier.len())
            && self.verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()));
        is_verifier && openssl::memcmp::eq(Sha256::digest(&hash).as_slice(), Sha256::digest(challenge).as_slice())
    }
}

/// `Basic` with both parts percent-encoded within (RFC 6749, 2.3.1).
fn basic(header: &str) -> Option<Credentials> {
    let (kind, encoded) = header.split_once(' ')?;
    if !kind.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    let plain =
        |text: &str| url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, value)| value.into_owned());
    Some(Credentials { client: plain(client)?, secret: Some(plain(secret)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn redeemed(change: &[(&str, &str)], header: Option<&str>) -> Result<Redeeming, TokenRefusal> {
        let mut said = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "dc"),
            ("code", "c"),
            ("redirect_uri", "https://b"),
            ("code_verifier", VERIFIER),
        ];
        said.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        said.extend(change);
        Redeeming::new(said.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())), header)
    }

    #[test]
    fn the_challenge_is_answered_by_its_own_verifier_alone() {
        assert!(redeemed(&[], None).unwrap().answers(CHALLENGE));
        assert!(!redeemed(&[("code_verifier", &VERIFIER.replace('d', "e"))], None).unwrap().answers(CHALLENGE));
        // Somebody who saw the challenge alone.
        assert!(!redeemed(&[("code_verifier", CHALLENGE)], None).unwrap().answers(CHALLENGE));
        let short = "short";
        let of_short = URL_SAFE_NO_PAD.encode(Sha256::digest(short));
        assert!(!redeemed(&[("code_verifier", short)], None).unwrap().answers(&of_short));
    }

    #[test]
    fn an_application_proves_who_it_is_in_one_way() {
        let header = format!("Basic {}", STANDARD.encode("dc:s%3Acret%2B"));
        let known = redeemed(&[], Some(&header)).unwrap().credentials;
        assert_eq!(known, Credentials { client: "dc".into(), secret: Some("s:cret+".into()) });
        assert_eq!(redeemed(&[("client_secret", "x")], Some(&header)), Err(TokenRefusal::Request));
        assert_eq!(redeemed(&[("client_id", "other")], Some(&header)), Err(TokenRefusal::Request));
        assert_eq!(redeemed(&[], Some("Bearer x")), Err(TokenRefusal::Client));
        assert_eq!(redeemed(&[("client_id", "")], None), Err(TokenRefusal::Client));
    }

    #[test]
    fn nothing_but_a_code_is_redeemed() {
        assert_eq!(redeemed(&[("grant_type", "password")], None), Err(TokenRefusal::GrantType));
        for missing in ["code", "redirect_uri", "code_verifier", "grant_type"] {
            assert_eq!(redeemed(&[(missing, "")], None), Err(TokenRefusal::Request), "{missing}");
        }
    }
}
