//! 身份声明: what applications are told of us and of who signed in: the discovery document, the keys, the token of one sign-in, the person.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use model::{Clientele, RealName};
use openidconnect::core::{
    CoreClaimName, CoreClientAuthMethod, CoreGenderClaim, CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreResponseType, CoreSubjectIdentifierType, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, Audience, AuthUrl, AuthenticationContextClass, ClientId, EmptyAdditionalClaims, EndSessionUrl, EndUserEmail,
    EndUserName, EndUserPhoneNumber, EndUserUsername, IssuerUrl, JsonWebKeySetUrl, JsonWebTokenError, LocalizedClaim,
    LogoutProviderMetadata, Nonce, PrivateSigningKey, ProviderMetadata, ResponseTypes, StandardClaims, SubjectIdentifier,
    TokenUrl, UserInfoUrl,
};
use url::{ParseError, Url};

use crate::{Scope, SigningKey};

/// Where we answer: addresses under the issuer's.
#[derive(Clone, Debug)]
pub struct Endpoints {
    issuer: IssuerUrl,
}

/// Who signed in.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What is always theirs and never anybody else's.
    pub subject: String,
    /// Name on screens, where they have one.
    pub name: Option<String>,
    /// Name they sign in with, where that is a name.
    pub username: Option<String>,
    /// Mail address, where they gave one.
    pub email: Option<String>,
    /// Mobile number, where they gave one.
    pub phone: Option<String>,
    /// How well it is known who they are, in a word, where that is known (`acr`).
    pub level: Option<&'static str>,
}

/// One sign-in that an application is told of.
#[derive(Clone, Debug)]
pub struct Sitting {
    /// Its `client_id`.
    pub client: String,
    /// What its request asked to be repeated.
    pub nonce: Option<String>,
    /// When the person proved who they are, UTC.
    pub since: NaiveDateTime,
    /// What it may be told.
    pub scopes: BTreeSet<Scope>,
}

impl Endpoints {
    /// Of who we are, to the letter: `https://HOST/oidc`.
    pub fn new(issuer: String) -> Result<Self, ParseError> {
        Ok(Self { issuer: IssuerUrl::new(issuer)? })
    }

    /// Who we are.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether they are at this host.
    pub fn is_at(&self, host: &str) -> bool {
        self.issuer.url().host_str().is_some_and(|known| known.trim_end_matches('.') == host)
    }

    /// One of our addresses.
    fn at(&self, path: &str) -> Url {
        let mut address = self.issuer.url().clone();
        address.set_path(&format!("{}/{path}", address.path().trim_end_matches('/')));
        address
    }
}

/// The discovery document (OpenID Connect Discovery 1.0, 3), as JSON.
pub fn discovery(endpoints: &Endpoints, clientele: Clientele) -> impl serde::Serialize + use<> {
    let at = |path| endpoints.at(path);
    let more = LogoutProviderMetadata {
        end_session_endpoint: Some(EndSessionUrl::from_url(at("logout"))),
        additional_metadata: Metadata::default(),
    };
    let document: Document = ProviderMetadata::new(
        endpoints.issuer.clone(),
        AuthUrl::from_url(at("authorize")),
        JsonWebKeySetUrl::from_url(at("keys")),
        vec![ResponseTypes::new(vec![CoreResponseType::Code])],
        vec![CoreSubjectIdentifierType::Public],
        vec![CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256],
        more,
    );
    let only = match clientele {
        Clientele::Staff => "preferred_username",
        Clientele::Citizens => "acr",
    };
    let levels = RealName::ALL.iter().map(|level| AuthenticationContextClass::new(level.as_str().into()));
    let levels = (clientele == Clientele::Citizens).then(|| levels.collect());
    let claims = ["sub", "name", only, "email", "phone_number", "auth_time", "nonce"];
    document
        .set_token_endpoint(Some(TokenUrl::from_url(at("token"))))
        .set_userinfo_endpoint(Some(UserInfoUrl::from_url(at("userinfo"))))
        .set_scopes_supported(Some(Scope::ALL.map(|scope| openidconnect::Scope::new(scope.as_str().into())).to_vec()))
        .set_grant_types_supported(Some(vec![CoreGrantType::AuthorizationCode]))
        .set_token_endpoint_auth_methods_supported(Some(vec![
            CoreClientAuthMethod::ClientSecretBasic,
            CoreClientAuthMethod::ClientSecretPost,
            CoreClientAuthMethod::None,
        ]))
        .set_acr_values_supported(levels)
        .set_claims_supported(Some(claims.map(|claim| CoreClaimName::new(claim.into())).to_vec()))
        .set_request_uri_parameter_supported(Some(false))
}

/// What the library has no words for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Metadata {
    code_challenge_methods_supported: Vec<String>,
    authorization_response_iss_parameter_supported: bool,
}

impl Default for Metadata {
    fn default() -> Self {
        Self { code_challenge_methods_supported: vec!["S256".into()], authorization_response_iss_parameter_supported: true }
    }
}

impl openidconnect::AdditionalProviderMetadata for Metadata {}

type Document = ProviderMetadata<
    LogoutProviderMetadata<Metadata>,
    openidconnect::core::CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    openidconnect::core::CoreClaimType,
    CoreGrantType,
    openidconnect::core::CoreJweContentEncryptionAlgorithm,
    openidconnect::core::CoreJweKeyManagementAlgorithm,
    openidconnect::core::CoreJsonWebKey,
    openidconnect::core::CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The public halves of keys, as JSON.
pub fn key_set(keys: &[SigningKey]) -> CoreJsonWebKeySet {
    CoreJsonWebKeySet::new(keys.iter().map(SigningKey::as_verification_key).collect())
}

/// The token that says who signed in, for `minutes`.
pub fn id_token(
    endpoints: &Endpoints,
    key: &SigningKey,
    sitting: &Sitting,
    identity: &Identity,
    access: &str,
    now: NaiveDateTime,
    minutes: u16,
) -> Result<String, JsonWebTokenError> {
    let (issued, ends) = (now.and_utc(), (now + TimeDelta::minutes(minutes.into())).and_utc());
    let audience = vec![Audience::new(sitting.client.clone())];
    let claims = CoreIdTokenClaims::new(
        endpoints.issuer.clone(),
        audience,
        ends,
        issued,
        told(identity, &sitting.scopes),
        EmptyAdditionalClaims {},
    )
    .set_nonce(sitting.nonce.clone().map(Nonce::new))
    .set_auth_context_ref(identity.level.map(|level| AuthenticationContextClass::new(level.into())))
    .set_auth_time(Some(sitting.since.and_utc()));
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    CoreIdToken::new(claims, key, algorithm, Some(&AccessToken::new(access.into())), None).map(|token| token.to_string())
}

/// Whose token this is, if it is one of ours for this application; it may be over by now. What somebody who signs out brings as a hint.
pub fn subject_of(endpoints: &Endpoints, keys: &[SigningKey], client: &str, token: &str) -> Option<String> {
    let token: CoreIdToken = token.parse().ok()?;
    let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(client.into()), endpoints.issuer.clone(), key_set(keys))
        .set_time_fn(|| DateTime::UNIX_EPOCH)
        .set_issue_time_verifier_fn(|_| Ok(()));
    let claims = token.claims(&verifier, |_: Option<&Nonce>| Ok(())).ok()?;
    Some(claims.subject().to_string())
}

/// For which application a token says to be; nothing of it is judged.
pub fn audience_of(token: &str) -> Option<String> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    let audience = &claims["aud"];
    audience.as_str().or_else(|| audience[0].as_str()).map(str::to_owned)
}

/// What the person endpoint answers, as JSON.
pub fn user_info(identity: &Identity, scopes: &BTreeSet<Scope>) -> CoreUserInfoClaims {
    CoreUserInfoClaims::new(told(identity, scopes), EmptyAdditionalClaims {})
}

fn told(identity: &Identity, scopes: &BTreeSet<Scope>) -> StandardClaims<CoreGenderClaim> {
    let mut claims = StandardClaims::new(SubjectIdentifier::new(identity.subject.clone()));
    if scopes.contains(&Scope::Profile) {
        let name = identity.name.clone().map(|name| {
            let mut said = LocalizedClaim::new();
            said.insert(None, EndUserName::new(name));
            said
        });
        claims = claims.set_name(name).set_preferred_username(identity.username.clone().map(EndUserUsername::new));
    }
    if scopes.contains(&Scope::Email) {
        claims = claims.set_email(identity.email.clone().map(EndUserEmail::new));
    }
    if scopes.contains(&Scope::Phone) {
        claims = claims.set_phone_number(identity.phone.clone().map(EndUserPhoneNumber::new));
    }
    claims
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    fn endpoints() -> Endpoints {
        Endpoints::new("https://console.example.gov.cn/oidc".into()).unwrap()
    }

    fn token(key: &SigningKey) -> String {
        let sitting = Sitting {
            client: "dc".into(),
            nonce: Some("n".into()),
            since: "2026-11-26T01:00:00".parse().unwrap(),
            scopes: BTreeSet::from([Scope::OpenId, Scope::Profile]),
        };
        let identity = Identity {
            subject: "42".into(),
            name: Some("王敏".into()),
            username: Some("wangmin".into()),
            email: Some("w@example.gov.cn".into()),
            phone: None,
            level: None,
        };
        let now = "2026-11-26T02:00:00".parse().unwrap();
        id_token(&endpoints(), key, &sitting, &identity, "access", now, 10).unwrap()
    }

    #[test]
    fn a_token_says_who_signed_in_to_whom_it_is_for_and_no_more_than_was_asked() {
        let key = SigningKey::generate("1".into()).unwrap();
        let verifier =
            CoreIdTokenVerifier::new_public_client(ClientId::new("dc".into()), endpoints().issuer, key_set(from_ref(&key)))
                .set_time_fn(|| "2026-11-26T02:05:00Z".parse().unwrap())
                .set_issue_time_verifier_fn(|_| Ok(()));
        let read: CoreIdToken = token(&key).parse().unwrap();
        let claims = read.claims(&verifier, &Nonce::new("n".into())).unwrap();
        assert_eq!((claims.subject().as_str(), claims.preferred_username().unwrap().as_str()), ("42", "wangmin"));
        assert!(claims.email().is_none(), "it was not asked for");
        assert!(read.claims(&verifier, &Nonce::new("other".into())).is_err());
    }

    #[test]
    fn a_hint_is_ours_even_when_it_is_over_and_nobody_elses() {
        let (key, other) = (SigningKey::generate("1".into()).unwrap(), SigningKey::generate("1".into()).unwrap());
        let hint = token(&key);
        let whose = |keys: &[SigningKey], client, hint: &str| subject_of(&endpoints(), keys, client, hint);
        assert_eq!(whose(from_ref(&key), "dc", &hint).as_deref(), Some("42"));
        assert_eq!(audience_of(&hint).as_deref(), Some("dc"));
        assert_eq!(whose(&[other], "dc", &hint), None, "signed by somebody else");
        assert_eq!(whose(from_ref(&key), "elsewhere", &hint), None, "for another application");
        let (head, rest) = hint.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        assert_eq!(whose(from_ref(&key), "dc", &format!("eyJhbGciOiJub25lIn0.{claims}.")), None, "not signed at all");
        assert_eq!(whose(&[key], "dc", &format!("{head}.{claims}.")), None, "with its signature cut off");
    }

    #[test]
    fn the_discovery_document_says_what_is_answered_and_where() {
        let citizens = serde_json::to_value(discovery(&endpoints(), Clientele::Citizens)).unwrap();
        assert_eq!(citizens["acr_values_supported"], serde_json::json!(["none", "basic", "verified"]));
        let document = serde_json::to_value(discovery(&endpoints(), Clientele::Staff)).unwrap();
        assert!(document["acr_values_supported"].is_null());
        assert_eq!(document["issuer"], "https://console.example.gov.cn/oidc");
        assert_eq!(document["token_endpoint"], "https://console.example.gov.cn/oidc/token");
        assert_eq!(document["end_session_endpoint"], "https://console.example.gov.cn/oidc/logout");
        assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
        assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    }

    #[test]
    fn a_kept_key_signs_what_its_public_half_verifies() {
        let key = SigningKey::generate("1".into()).unwrap();
        let kept = SigningKey::of_der("1".into(), &key.to_der().unwrap()).unwrap();
        assert_eq!(subject_of(&endpoints(), &[key], "dc", &token(&kept)).as_deref(), Some("42"));
    }
}
