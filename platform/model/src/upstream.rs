//! 上级认证: an identity service of the province or the city, through which our people, or citizens, may sign in as well.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::text::is_plain_line;
use crate::word::words;
use crate::{Ground, LinkId, Problem, RealName, RoleId, UpstreamId};

/// Characters of an address.
const ADDRESS: usize = 500;
/// Rules of one service.
const RULES: usize = 100;

words! {
    /// 面向: for whom a service vouches. It is said when it is registered and never changed, because its links would mean somebody else.
    #[derive(Default)]
    Clientele {
        /// Our own people.
        #[default]
        Staff = "staff" "工作人员",
        /// Citizens.
        Citizens = "citizens" "社会公众",
    }
}

/// What is said of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpstreamContent {
    /// Its name, as the button says it, e.g. 省统一身份认证平台.
    pub name: String,
    /// Who it is, to the letter: the address that its tokens name.
    pub issuer: String,
    /// What it calls us: our `client_id` there.
    pub client: String,
    /// What is asked of it, in the words of the protocol, e.g. `openid profile`.
    pub scopes: String,
    /// Where it says which groups one of our people is in, or how well it knows a citizen: the name of a claim, or several joined by dots
    /// where it lies deeper. Empty: not looked at.
    pub claim: String,
    /// What its groups hold here; none where it is for citizens.
    pub rules: Vec<UpstreamRule>,
    /// 实名等级 by what it says; none where it is for our own people.
    pub levels: Vec<UpstreamLevel>,
    /// Whether people may sign in through it now.
    pub is_open: bool,
}

/// Who is in a group there holds a role here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UpstreamRule {
    /// What the claim says.
    pub value: String,
    /// The role.
    pub role: RoleId,
    /// Where: on the platform or the whole of a site.
    pub ground: Ground,
}

/// Of whom this is said there, it is known here so well who they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UpstreamLevel {
    /// What the claim says.
    pub value: String,
    /// How well.
    pub level: RealName,
}

/// An upper-level identity service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upstream {
    /// Its number.
    pub id: UpstreamId,
    /// Its short name in addresses, for good.
    pub key: String,
    /// For whom it vouches, for good.
    pub clientele: Clientele,
    /// Whether we keep a secret that it gave us.
    pub has_secret: bool,
    /// What it is.
    pub content: UpstreamContent,
}

/// 关联: whom a service means is one of our people, or a citizen. What it calls them by is kept sealed, apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamLink<W> {
    /// Its number.
    pub id: LinkId,
    /// The service.
    pub upstream_id: UpstreamId,
    /// Who it is.
    pub whose: W,
    /// UTC.
    pub linked_at: NaiveDateTime,
    /// When they last signed in by it, UTC.
    pub used_at: Option<NaiveDateTime>,
}

impl UpstreamContent {
    /// What is wrong with it for such people, each at its field.
    pub fn problems(&self, clientele: Clientele) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (field, what, text, most) in [("name", "名称", &self.name, 30), ("client", "应用标识", &self.client, 200)] {
            if text.is_empty() {
                problems.push(Problem::at(field, format!("请填写{what}")));
            } else if text.chars().count() > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            } else if !is_plain_line(text) {
                problems.push(Problem::at(field, format!("{what}中有不能使用的字符")));
            }
        }
        if !is_issuer(&self.issuer) {
            let sentence = "请填写以 https:// 开头的完整服务地址，不带“?”和“#”";
            problems.push(Problem::at("issuer", sentence));
        }
        if !self.scopes.split(' ').any(|word| word == "openid") || !is_words(&self.scopes) {
            problems.push(Problem::at("scopes", "请填写以空格分隔的授权范围，其中须有 openid"));
        }
        if self.claim.len() > 100 || !is_words(&self.claim) || self.claim.contains(' ') {
            problems.push(Problem::at("claim", "请填写英文的声明名称，例如 groups"));
        }
        problems.extend(self.rules_problems(clientele));
        problems
    }

    /// How well it is known here of whom these words are said who they are.
    pub fn level(&self, words: &BTreeSet<String>) -> RealName {
        let said = self.levels.iter().filter(|level| words.contains(&level.value)).map(|level| level.level);
        said.max().unwrap_or_default()
    }

    fn rules_problems(&self, clientele: Clientele) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (field, what, values, is_other): (_, _, Vec<&String>, _) = match clientele {
            Clientele::Staff => {
                ("rules", "上级的组名", self.rules.iter().map(|rule| &rule.value).collect(), !self.levels.is_empty())
            }
            Clientele::Citizens => {
                ("levels", "声明的值", self.levels.iter().map(|level| &level.value).collect(), !self.rules.is_empty())
            }
        };
        if is_other {
            problems.push(Problem::at(field, format!("对应关系与面向的{}不符", clientele.chinese())));
        }
        if self.claim.is_empty() && !values.is_empty() {
            problems.push(Problem::at("claim", "设置了对应关系的，须填写从哪项声明读取"));
        }
        if values.len() > RULES {
            problems.push(Problem::at(field, format!("对应关系不超过{RULES}条")));
        }
        if values.iter().any(|value| value.chars().count() > 200 || !is_plain_line(value)) {
            problems.push(Problem::at(field, format!("{what}不超过200字，不含特殊字符")));
        }
        if (1..self.levels.len()).any(|at| self.levels[..at].iter().any(|before| before.value == self.levels[at].value)) {
            problems.push(Problem::at(field, "同一个值只能对应一个实名等级"));
        }
        problems
    }
}

/// Whether this can be the short name of a service.
pub fn is_upstream_key(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (2..=30).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
}

/// An address over HTTPS, or on the machine itself for trials; where it may be asked is for the settings to say.
fn is_issuer(address: &str) -> bool {
    let loopback = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let rest = address.strip_prefix("https://").or_else(|| {
        let rest = loopback.iter().find_map(|beginning| address.strip_prefix(beginning))?;
        (rest.is_empty() || rest.starts_with([':', '/'])).then_some("localhost")
    });
    let plain = address.len() <= ADDRESS && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\\\"<>@".contains(&byte));
    plain && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// Words of the protocol with single spaces between.
fn is_words(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || (byte.is_ascii_graphic() && !b"\"\\<>".contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> UpstreamContent {
        UpstreamContent {
            name: "省统一身份认证平台".into(),
            issuer: "https://id.example.gov.cn/oidc".into(),
            client: "tongyuan".into(),
            scopes: "openid profile".into(),
            ..UpstreamContent::default()
        }
    }

    fn fields(content: &UpstreamContent) -> Vec<&'static str> {
        content.problems(Clientele::Staff).iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_service_is_asked_over_https_or_on_the_machine_itself() {
        for good in
            ["https://id.example.gov.cn", "https://id.example.gov.cn:8443/realms/city/", "http://127.0.0.1:9000", "http://[::1]/"]
        {
            assert_eq!(fields(&UpstreamContent { issuer: good.into(), ..content() }), Vec::<&str>::new(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https:///x",
            "http://id.example.gov.cn",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example/",
            "https://a@evil.example",
            "https://id.example/?a=b",
            "https://id.example/#x",
            "file:///etc/passwd",
        ] {
            assert_eq!(fields(&UpstreamContent { issuer: bad.into(), ..content() }), ["issuer"], "{bad}");
        }
    }

    #[test]
    fn what_is_not_the_protocol_is_told_at_its_field() {
        assert_eq!(fields(&UpstreamContent::default()), ["name", "client", "issuer", "scopes"]);
        assert_eq!(fields(&UpstreamContent { scopes: "profile".into(), ..content() }), ["scopes"]);
        let rule = UpstreamRule { value: "编辑组".into(), role: RoleId(1), ground: Ground::Platform };
        assert_eq!(fields(&UpstreamContent { rules: vec![rule], ..content() }), ["claim"]);
    }

    #[test]
    fn what_is_said_of_a_citizen_is_the_best_of_it_and_what_is_not_known_is_nothing() {
        let level = |value: &str, level| UpstreamLevel { value: value.into(), level };
        let levels = vec![level("L1", RealName::Basic), level("L2", RealName::Verified)];
        let content = UpstreamContent { claim: "level".into(), levels, ..content() };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(content.level(&words(&["L1"])), RealName::Basic);
        assert_eq!(content.level(&words(&["L1", "L2"])), RealName::Verified);
        assert_eq!(content.level(&words(&["L9"])), RealName::None);
        assert_eq!(content.problems(Clientele::Citizens), []);
        assert_eq!(fields(&content), ["rules"], "our own people have no such levels");
        let twice = vec![level("L1", RealName::Basic), level("L1", RealName::Verified)];
        assert_eq!(UpstreamContent { levels: twice, ..content }.problems(Clientele::Citizens)[0].field, "levels");
    }

    #[test]
    fn a_key_is_a_plain_word() {
        assert!(is_upstream_key("province") && is_upstream_key("gd-2"));
        assert!(["", "a", "-a", "A1", "a/b", "省"].iter().all(|bad| !is_upstream_key(bad)));
    }
}
