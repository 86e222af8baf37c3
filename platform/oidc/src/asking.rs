//! 登录请求: what an application asks for when it sends somebody to us (OpenID Connect Core 3.1.2.1), and what is wrong with it.

use std::collections::{BTreeSet, HashMap};

use model::Application;

/// What an application may be told of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// That they signed in, and a number that is always theirs.
    OpenId,
    /// Name and username.
    Profile,
    /// Mail address.
    Email,
    /// Mobile number.
    Phone,
}

impl Scope {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::OpenId, Self::Profile, Self::Email, Self::Phone];

    /// Its word in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// The scopes among these words; words of others are passed over (RFC 6749, 3.3).
    pub fn among(words: &str) -> BTreeSet<Self> {
        words.split(' ').filter_map(|word| Self::ALL.into_iter().find(|scope| scope.as_str() == word)).collect()
    }

    /// As the protocol writes several.
    pub fn joined(scopes: &BTreeSet<Self>) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Whether the person may, must or must not see something of us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// Where it is needed.
    #[default]
    Needed,
    /// Nothing is shown: they are signed in and have agreed, or the application is told.
    None,
    /// They sign in again.
    Login,
    /// They are asked again whether they agree.
    Consent,
}

/// A request as it came, its address not yet trusted.
#[derive(Clone, Debug)]
pub struct Asking {
    said: HashMap<String, String>,
    is_doubled: bool,
}

/// A request that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where the answer goes.
    pub redirect: String,
    /// What the application knows its own request by.
    pub state: Option<String>,
    /// What the token repeats, so that it cannot be used for another request.
    pub nonce: Option<String>,
    /// What it wants to be told.
    pub scopes: BTreeSet<Scope>,
    /// What the one who redeems the code must prove to know.
    pub challenge: String,
    /// What the person may see.
    pub prompt: Prompt,
    /// Seconds since they signed in at most.
    pub max_age: Option<u32>,
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It names nobody we know, or an address that is not theirs: the person is told, and sent nowhere.
    Shown(&'static str),
    /// The application is told at its own address.
    Told(Told),
}

/// What an application is told instead of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where.
    pub redirect: String,
    /// What it knows its request by.
    pub state: Option<String>,
    /// The protocol's word.
    pub error: &'static str,
}

impl Asking {
    /// From what stands behind `?`, or in a form.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let (mut said, mut is_doubled) = (HashMap::new(), false);
        for (name, value) in pairs {
            // A parameter without a value is one that was left out (RFC 6749, 3.1).
            if !value.is_empty() {
                is_doubled |= said.insert(name, value).is_some();
            }
        }
        Self { said, is_doubled }
    }

    /// Who says to be asking.
    pub fn client(&self) -> Option<&str> {
        self.said("client_id")
    }

    /// The request, judged by what was registered under its `client_id`.
    pub fn judge(&self, application: Option<&Application>) -> Result<Asked, Refusal> {
        let Some(application) = application.filter(|one| one.content.is_open) else {
            return Err(Refusal::Shown("此应用未登记或已停用，不能通过本平台登录"));
        };
        if self.is_doubled {
            return Err(Refusal::Shown("应用发来的登录请求有误：参数重复"));
        }
        // Letter by letter: anything looser has led codes elsewhere before.
        let redirect = self.said("redirect_uri").filter(|asked| application.content.redirects.iter().any(|known| known == asked));
        let Some(redirect) = redirect.map(str::to_owned) else {
            return Err(Refusal::Shown("应用要求返回的地址未登记，为保护您的账号，登录已中止"));
        };
        let state = self.said("state").map(str::to_owned);
        let told = |error| Refusal::Told(Told { redirect: redirect.clone(), state: state.clone(), error });
        if ["request", "request_uri"].iter().any(|name| self.said(name).is_some()) {
            return Err(told("request_not_supported"));
        }
        if self.said("response_type") != Some("code") {
            return Err(told("unsupported_response_type"));
        }
        if self.said("response_mode").is_some_and(|mode| mode != "query") {
            return Err(told("invalid_request"));
        }
        let scopes = Scope::among(self.said("scope").unwrap_or_default());
        if !scopes.contains(&Scope::OpenId) {
            return Err(told("invalid_scope"));
        }
        let challenge = self.said("code_challenge").filter(|challenge| is_challenge(challenge));
        let (Some(challenge), Some("S256")) = (challenge, self.said("code_challenge_method")) else {
            return Err(told("invalid_request"));
        };
        let prompt = match self.said("prompt") {
            None | Some("select_account") => Prompt::Needed,
            Some("none") => Prompt::None,
            Some("login") => Prompt::Login,
            Some("consent") => Prompt::Consent,
            Some(_) => return Err(told("invalid_request")),
        };
        let max_age = match self.said("max_age").map(str::parse) {
            None => None,
            Some(Ok(seconds)) => Some(seconds),
            Some(Err(_)) => return Err(told("invalid_request")),
        };
        let nonce = self.said("nonce").map(str::to_owned);
        Ok(Asked {
            challenge: challenge.to_owned(),
            redirect: redirect.clone(),
            state: state.clone(),
            nonce,
            scopes,
            prompt,
            max_age,
        })
    }

    fn said(&self, name: &str) -> Option<&str> {
        self.said.get(name).map(String::as_str)
    }
}

impl Asked {
    /// The address that brings the application its code; `issuer` tells it from whom (RFC 9207).
    pub fn answered(&self, code: &str, issuer: &str) -> String {
        with(&self.redirect, &[("code", Some(code)), ("state", self.state.as_deref()), ("iss", Some(issuer))])
    }

    /// What it is told instead.
    pub fn told(&self, error: &'static str) -> Told {
        Told { redirect: self.redirect.clone(), state: self.state.clone(), error }
    }
}

impl Told {
    /// The address that brings it.
    pub fn address(&self, issuer: &str) -> String {
        with(&self.redirect, &[("error", Some(self.error)), ("state", self.state.as_deref()), ("iss", Some(issuer))])
    }
}

/// A SHA-256 as Base64 for addresses.
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// An address with more said behind its `?`.
fn with(address: &str, more: &[(&str, Option<&str>)]) -> String {
    let Ok(mut address) = url::Url::parse(address) else { return address.to_owned() };
    address.query_pairs_mut().extend_pairs(more.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    address.into()
}

#[cfg(test)]
mod tests {
    use model::{ApplicationContent, ApplicationId, Clientele};

    use super::*;

    const BACK: &str = "https://dc.example.gov.cn/back?x=1";

    fn application() -> Application {
        let content = ApplicationContent { redirects: vec![BACK.into()], is_open: true, ..ApplicationContent::default() };
        Application { id: ApplicationId(1), client: "dc".into(), clientele: Clientele::Staff, content }
    }

    fn judged(change: &[(&str, &str)]) -> Result<Asked, Refusal> {
        let challenge = "a".repeat(43);
        let mut said = vec![
            ("client_id", "dc"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid profile unheard_of"),
            ("state", "s 1"),
            ("nonce", "n"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        said.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        said.extend(change);
        Asking::new(said.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()))).judge(Some(&application()))
    }

    #[test]
    fn a_request_that_is_right_is_answered_where_it_was_registered() {
        let asked = judged(&[]).unwrap();
        assert_eq!(asked.scopes, BTreeSet::from([Scope::OpenId, Scope::Profile]));
        let address = asked.answered("c&d", "https://i");
        assert_eq!(address, "https://dc.example.gov.cn/back?x=1&code=c%26d&state=s+1&iss=https%3A%2F%2Fi");
    }

    #[test]
    fn whoever_asks_to_be_sent_elsewhere_is_sent_nowhere() {
        for elsewhere in [
            "https://evil.example/back?x=1",
            "https://dc.example.gov.cn/back",
            "https://dc.example.gov.cn/back?x=1&y",
            "https://dc.example.gov.cn/Back?x=1",
            "https://dc.example.gov.cn.evil.example/back?x=1",
            "https://dc.example.gov.cn/back?x=1#f",
            "",
        ] {
            assert!(matches!(judged(&[("redirect_uri", elsewhere)]), Err(Refusal::Shown(_))), "{elsewhere}");
        }
        let twice = Asking::new(
            [("client_id", "dc"), ("redirect_uri", BACK), ("redirect_uri", "https://evil.example")]
                .map(|(a, b)| (a.into(), b.into())),
        );
        assert!(matches!(twice.judge(Some(&application())), Err(Refusal::Shown(_))));
        assert!(matches!(twice.judge(None), Err(Refusal::Shown(_))));
    }

    #[test]
    fn nothing_weaker_than_a_code_with_a_hashed_challenge_is_given() {
        let long = "a".repeat(44);
        for (change, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", "id_token"), "unsupported_response_type"),
            (("response_type", "code id_token"), "unsupported_response_type"),
            (("response_mode", "fragment"), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("code_challenge_method", ""), "invalid_request"),
            (("code_challenge", ""), "invalid_request"),
            (("code_challenge", &long), "invalid_request"),
            (("scope", "profile"), "invalid_scope"),
            (("request", "eyJhbGciOiJub25lIn0.e30."), "request_not_supported"),
            (("prompt", "none login"), "invalid_request"),
            (("max_age", "-1"), "invalid_request"),
        ] {
            let Err(Refusal::Told(told)) = judged(&[change]) else { panic!("{change:?} is answered") };
            assert_eq!((told.error, told.state.as_deref()), (error, Some("s 1")), "{change:?}");
        }
    }
}
