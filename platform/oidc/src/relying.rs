//! 上级认证: the other side of the protocol, where we send people to a service above us and judge what they bring back (OpenID Connect Core
//! 3.1). What is asked of the service, and of whom, comes from elsewhere.

use std::collections::{BTreeSet, HashMap};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{NaiveDateTime, TimeDelta};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, ClientId, IssuerUrl, Nonce, SignatureVerificationError};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;
use url::form_urlencoded::byte_serialize;

/// Characters of what a service calls somebody by (OpenID Connect Core 2).
const SUBJECT: usize = 255;

/// What tokens may be signed with: keys whose other half only the service has. With a shared secret, or with nothing, anybody could.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why what a service says is not believed. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistrust {
    /// It says no, in the protocol's word.
    #[error("the service answered `{0}`")]
    Refused(String),
    /// It is not what the protocol says it should be.
    #[error("{0}")]
    Malformed(String),
    /// It comes from somebody else than was asked.
    #[error("it is from `{0}`")]
    Stranger(String),
    /// Its key is not among those that are known.
    #[error("it is signed with a key that is not known")]
    UnknownKey,
    /// Its signature, audience, nonce or time is not right.
    #[error("{0}")]
    Untrue(String),
}

/// One departure: all that must be known of it when somebody comes back is made from one secret, which only their browser keeps.
#[derive(Clone)]
pub struct Departure {
    secret: String,
}

/// What a service says of itself (OpenID Connect Discovery 3).
#[derive(Clone, Debug, Deserialize)]
pub struct Service {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Who we are to a service.
#[derive(Clone, Debug)]
pub struct Client {
    /// Our `client_id`.
    pub name: String,
    /// The secret it gave us, if any.
    pub secret: Option<String>,
}

/// What is to be sent to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub address: String,
    /// What is said in a form; none: it is only asked.
    pub form: Option<Vec<(String, String)>>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

/// What somebody brought back.
#[derive(Clone, Debug)]
pub struct Arrival {
    said: HashMap<String, String>,
}

/// What a service gave for a code.
#[derive(Deserialize)]
pub struct Given {
    id_token: String,
    access_token: Option<String>,
}

/// Whom a service means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it calls them by, always and nobody else.
    pub name: String,
    claims: Map<String, Value>,
}

impl Departure {
    /// From the secret that the browser keeps, or is given to keep.
    pub fn of(secret: &str) -> Self {
        Self { secret: secret.to_owned() }
    }

    /// What the answer must repeat.
    pub fn state(&self) -> String {
        self.derived("tongyuan 2026-11-26 upstream state")
    }

    fn nonce(&self) -> String {
        self.derived("tongyuan 2026-11-26 upstream nonce")
    }

    /// What proves that whoever redeems the code asked for it (RFC 7636).
    fn verifier(&self) -> String {
        self.derived("tongyuan 2026-11-26 upstream verifier")
    }

    fn derived(&self, what: &str) -> String {
        URL_SAFE_NO_PAD.encode(blake3::derive_key(what, self.secret.as_bytes()))
    }
}

impl Arrival {
    /// From what stands behind `?`.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Mistrust> {
        let mut said = HashMap::new();
        for (name, value) in pairs {
            if said.insert(name, value).is_some() {
                return Err(Mistrust::Malformed("the answer says something twice".into()));
            }
        }
        Ok(Self { said })
    }

    /// The state it repeats.
    pub fn state(&self) -> &str {
        self.said.get("state").map(String::as_str).unwrap_or_default()
    }

    /// The code it brings, if it is this service's answer.
    pub fn code(&self, service: &Service) -> Result<&str, Mistrust> {
        match self.said.get("iss") {
            Some(issuer) if *issuer != service.issuer => {
                // What a query says is anybody's text: none of it is kept.
                return Err(Mistrust::Stranger("another".into()));
            }
            None if service.authorization_response_iss_parameter_supported => {
                return Err(Mistrust::Malformed("the answer does not say from whom it is".into()));
            }
            _ => {}
        }
        if let Some(error) = self.said.get("error") {
            // No more of this either than a word of the protocol.
            let word = error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && error.len() <= 40;
            return Err(Mistrust::Refused(if word { error.clone() } else { "an error".into() }));
        }
        let code = self.said.get("code").filter(|code| !code.is_empty());
        code.map(String::as_str).ok_or_else(|| Mistrust::Malformed("the answer brings no code".into()))
    }
}

impl Service {
    /// Where a service says who it is.
    pub fn document_of(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// What it says, if it is the one that was asked.
    pub fn read(issuer: &str, document: &[u8]) -> Result<Self, Mistrust> {
        let service: Self =
            serde_json::from_slice(document).map_err(|error| Mistrust::Malformed(format!("its document: {error}")))?;
        if service.issuer != issuer {
            return Err(Mistrust::Stranger(service.issuer));
        }
        if !leads_there(&service.authorization_endpoint) {
            return Err(Mistrust::Malformed("its document sends people to no address over HTTPS".into()));
        }
        Ok(service)
    }

    /// Where people are sent; `anew`: whoever has a session there still must show again who they are.
    pub fn leave(&self, client: &Client, (redirect, anew): (&str, bool), scopes: &str, departure: &Departure) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(departure.verifier()));
        let mut address = self.authorization_endpoint.clone();
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.name),
            ("redirect_uri", redirect),
            ("scope", scopes),
            ("state", &departure.state()),
            ("nonce", &departure.nonce()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        if anew {
            address.query_pairs_mut().append_pair("prompt", "login");
        }
        address.into()
    }

    /// What its keys are asked by.
    pub fn ask_keys(&self) -> Message {
        Message { address: self.jwks_uri.to_string(), form: None, authorization: None }
    }

    /// How a code is redeemed.
    pub fn redeem(&self, client: &Client, code: &str, redirect: &str, departure: &Departure) -> Message {
        let mut form: Vec<(String, String)> = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", &departure.verifier()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let mut authorization = None;
        match &client.secret {
            Some(secret) if self.takes_basic() => {
                // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                authorization =
                    Some(format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(&client.name), encoded(secret)))));
            }
            Some(secret) => {
                form.push(("client_id".into(), client.name.clone()));
                form.push(("client_secret".into(), secret.clone()));
            }
            None => form.push(("client_id".into(), client.name.clone())),
        }
        Message { address: self.token_endpoint.to_string(), form: Some(form), authorization }
    }

    /// A service that says nothing takes Basic (OpenID Connect Discovery 3).
    fn takes_basic(&self) -> bool {
        let known = &self.token_endpoint_auth_methods_supported;
        known.is_empty()
            || known.iter().any(|method| method == "client_secret_basic")
            || !known.iter().any(|method| method == "client_secret_post")
    }

    /// How more is asked about somebody, where it can be.
    pub fn ask_more(&self, given: &Given) -> Option<Message> {
        let (address, token) = (self.userinfo_endpoint.as_ref()?, given.access_token.as_ref()?);
        Some(Message { address: address.to_string(), form: None, authorization: Some(format!("Bearer {token}")) })
    }
}

impl Given {
    /// From the answer to a code.
    pub fn read(answer: &[u8]) -> Result<Self, Mistrust> {
        serde_json::from_slice(answer).map_err(|error| Mistrust::Malformed(format!("its tokens: {error}")))
    }

    /// Whom it means, if all of the token is right at `now` for this client and this departure.
    pub fn judge(
        &self,
        service: &Service,
        keys: &Keys,
        client: &Client,
        departure: &Departure,
        now: NaiveDateTime,
        skew: TimeDelta,
    ) -> Result<Subject, Mistrust> {
        let untrue = |what: &str| Mistrust::Untrue(what.to_owned());
        let token: CoreIdToken = self.id_token.parse().map_err(|error| Mistrust::Malformed(format!("its token: {error}")))?;
        let issuer = IssuerUrl::new(service.issuer.clone()).map_err(|error| Mistrust::Malformed(error.to_string()))?;
        let latest = (now + skew).and_utc();
        let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(client.name.clone()), issuer, keys.clone())
            .set_allowed_algs(ALGORITHMS)
            .set_other_audience_verifier_fn(|_| false)
            .set_time_fn(move || now.and_utc())
            .set_issue_time_verifier_fn(move |at| if at <= latest { Ok(()) } else { Err("it is from the future".into()) });
        let claims = token.claims(&verifier, &Nonce::new(departure.nonce())).map_err(|error| match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => Mistrust::UnknownKey,
            other => Mistrust::Untrue(other.to_string()),
        })?;
        // The library leaves these to us.
        if claims.authorized_party().is_some_and(|party| party.as_str() != client.name) {
            return Err(untrue("it was made for another client"));
        }
        let all = self.claims()?;
        if all.get("nbf").is_some_and(|from| from.as_f64().is_none_or(|from| from > seconds(now + skew))) {
            return Err(untrue("it is not good yet"));
        }
        let name = claims.subject().as_str().to_owned();
        if name.is_empty() || name.len() > SUBJECT {
            return Err(untrue("it names nobody"));
        }
        Ok(Subject { name, claims: all })
    }

    /// All that the token says; nothing of it is judged here.
    fn claims(&self) -> Result<Map<String, Value>, Mistrust> {
        let part = self.id_token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let read = part.and_then(|part| serde_json::from_slice(&part).ok());
        read.ok_or_else(|| Mistrust::Malformed("its token is no JSON".into()))
    }
}

impl Subject {
    /// Takes in what the service says more of them; what the token says comes first.
    pub fn learn(&mut self, answer: &[u8]) -> Result<(), Mistrust> {
        let more: Map<String, Value> =
            serde_json::from_slice(answer).map_err(|error| Mistrust::Malformed(format!("what it says of them: {error}")))?;
        // Else a token of another person could be put in (OpenID Connect Core 5.3.2).
        if more.get("sub").and_then(Value::as_str) != Some(&self.name) {
            return Err(Mistrust::Untrue("what it says more is about somebody else".into()));
        }
        for (name, value) in more {
            self.claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// What stands at a claim, or below it where dots say so.
    fn claim(&self, path: &str) -> Option<&Value> {
        // A claim may have a dot in its own name, as those that are addresses do.
        self.claims.get(path).or_else(|| {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(self.claims.get(first)?, |value, part| value.get(part))
        })
    }

    /// Whether anything is said there.
    pub fn says(&self, path: &str) -> bool {
        self.claim(path).is_some()
    }

    /// The words that are said there: one, or each of several.
    pub fn words(&self, path: &str) -> BTreeSet<String> {
        match self.claim(path) {
            Some(Value::String(word)) => BTreeSet::from([word.clone()]),
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => BTreeSet::new(),
        }
    }
}

/// Whether a browser may be sent to it: over HTTPS, or to the machine itself for trials.
fn leads_there(address: &Url) -> bool {
    let is_here = matches!(address.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    address.scheme() == "https" || (address.scheme() == "http" && is_here)
}

#[expect(clippy::cast_precision_loss, reason = "times of tokens are far below what a float holds exactly")]
fn seconds(at: NaiveDateTime) -> f64 {
    at.and_utc().timestamp() as f64
}

/// The keys of a service.
pub type Keys = CoreJsonWebKeySet;

/// The keys of a service, as it shows them.
pub fn read_keys(answer: &[u8]) -> Result<Keys, Mistrust> {
    serde_json::from_slice(answer).map_err(|error| Mistrust::Malformed(format!("its keys: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(change: &str) -> Service {
        let document = format!(
            r#"{{"issuer":"https://id.example","authorization_endpoint":"https://id.example/auth?x=1","token_endpoint":"https://id.example/token","jwks_uri":"https://id.example/keys"{change}}}"#
        );
        Service::read("https://id.example", document.as_bytes()).unwrap()
    }

    fn arrival(said: &[(&str, &str)]) -> Arrival {
        Arrival::new(said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).unwrap()
    }

    #[test]
    fn a_service_is_who_was_asked_to_the_letter() {
        let document = br#"{"issuer":"https://id.example/","authorization_endpoint":"https://a/","token_endpoint":"https://a/","jwks_uri":"https://a/"}"#;
        assert!(matches!(Service::read("https://id.example", document), Err(Mistrust::Stranger(_))));
        assert!(matches!(Service::read("https://id.example", b"<html>"), Err(Mistrust::Malformed(_))));
        assert_eq!(Service::document_of("https://id.example/a/"), "https://id.example/a/.well-known/openid-configuration");
    }

    #[test]
    fn people_are_sent_over_https_or_to_the_machine_itself() {
        let read = |address: &str| {
            let document = format!(
                r#"{{"issuer":"https://id.example","authorization_endpoint":"{address}","token_endpoint":"https://a/","jwks_uri":"https://a/"}}"#
            );
            Service::read("https://id.example", document.as_bytes())
        };
        for good in ["https://id.example/auth", "http://127.0.0.1:9000/auth", "http://[::1]/auth", "http://localhost/auth"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in
            ["http://id.example/auth", "javascript:alert(1)", "data:text/html,x", "http://localhost.evil.example/", "file:///x"]
        {
            assert!(matches!(read(bad), Err(Mistrust::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn whoever_is_sent_carries_a_hash_of_what_their_browser_keeps() {
        let client = Client { name: "tong&yuan".into(), secret: None };
        let departure = Departure::of("secret");
        let address: Url = service("").leave(&client, ("https://c.example/back", true), "openid", &departure).parse().unwrap();
        let said: HashMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(said["prompt"], "login");
        let address = service("").leave(&client, ("https://c.example/back", false), "openid", &departure);
        assert!(!address.contains("prompt"), "{address}");
        assert_eq!(
            (said["x"].as_str(), said["client_id"].as_str(), said["code_challenge_method"].as_str()),
            ("1", "tong&yuan", "S256")
        );
        assert_eq!(said["code_challenge"], URL_SAFE_NO_PAD.encode(Sha256::digest(departure.verifier())));
        let made = [departure.state(), departure.nonce(), departure.verifier()];
        assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), 3);
        assert_ne!(Departure::of("other").state(), departure.state());
        assert!(!address.as_str().contains(&departure.verifier()) && !address.as_str().contains("secret"));
    }

    #[test]
    fn a_client_proves_itself_in_the_way_the_service_takes() {
        let client = Client { name: "a b".into(), secret: Some("c:d".into()) };
        let redeem = |change: &str, client: &Client| service(change).redeem(client, "code", "https://c", &Departure::of("s"));
        let basic = redeem("", &client);
        assert_eq!(basic.authorization.unwrap(), format!("Basic {}", STANDARD.encode("a+b:c%3Ad")));
        let post = redeem(r#","token_endpoint_auth_methods_supported":["client_secret_post"]"#, &client);
        assert!(post.authorization.is_none() && post.form.unwrap().contains(&("client_secret".into(), "c:d".into())));
        let public = redeem("", &Client { secret: None, ..client });
        assert!(public.authorization.is_none() && public.form.unwrap().contains(&("client_id".into(), "a b".into())));
    }

    #[test]
    fn an_answer_of_somebody_else_or_with_an_error_brings_no_code() {
        assert_eq!(arrival(&[("code", "c")]).code(&service("")), Ok("c"));
        let named = r#","authorization_response_iss_parameter_supported":true"#;
        assert!(arrival(&[("code", "c")]).code(&service(named)).is_err());
        assert_eq!(arrival(&[("code", "c"), ("iss", "https://id.example")]).code(&service(named)), Ok("c"));
        let stranger = arrival(&[("code", "c"), ("iss", "https://evil.example\nall is well")]);
        assert_eq!(stranger.code(&service("")), Err(Mistrust::Stranger("another".into())), "nothing of it is kept");
        let refused = |word: &str| arrival(&[("error", word), ("code", "c")]).code(&service("")).unwrap_err();
        assert_eq!(refused("access_denied"), Mistrust::Refused("access_denied".into()));
        assert_eq!(refused("<b>请拨打 12345"), Mistrust::Refused("an error".into()));
        let twice = [("state", "a"), ("state", "b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert!(Arrival::new(twice).is_err());
    }

    #[test]
    fn groups_are_words_at_a_claim_or_below_it() {
        let claims = serde_json::json!({
            "groups": ["编辑", "审核", 3], "one": "编辑", "realm": { "roles": ["a"] }, "https://id.example/groups": ["b"],
        });
        let Value::Object(claims) = claims else { unreachable!() };
        let mut subject = Subject { name: "s".into(), claims };
        let words = |subject: &Subject, path: &str| subject.words(path).into_iter().collect::<Vec<_>>();
        assert_eq!(
            words(&subject, "groups"),
            ["编辑", "审核"].map(String::from).into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        );
        assert_eq!((words(&subject, "one"), words(&subject, "realm.roles")), (vec!["编辑".into()], vec!["a".into()]));
        assert_eq!(words(&subject, "https://id.example/groups"), ["b"]);
        assert!(!subject.says("more") && subject.learn(br#"{"sub":"t","more":"x"}"#).is_err());
        subject.learn(br#"{"sub":"s","more":"x","one":"y"}"#).unwrap();
        assert_eq!((words(&subject, "more"), words(&subject, "one")), (vec!["x".into()], vec!["编辑".into()]));
    }
}
