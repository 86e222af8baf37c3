//! 应用: another system of the city whose people, or in which citizens, sign in through us.

use serde::Serialize;

use crate::text::is_plain_line;
use crate::{ApplicationId, CitizenId, Clientele, Problem, UserId};

/// Addresses that one application may name.
const ADDRESSES: usize = 10;
/// Characters of an address.
const ADDRESS: usize = 500;

/// What is said of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ApplicationContent {
    /// Its name, e.g. 督查督办系统.
    pub name: String,
    /// Who answers for it.
    pub keeper: String,
    /// How they are reached, where citizens are told of to them.
    pub contact: String,
    /// What for they are told of to it.
    pub purpose: String,
    /// Where people may be sent back to after signing in; compared letter by letter.
    pub redirects: Vec<String>,
    /// Where they may be sent after signing out.
    pub farewells: Vec<String>,
    /// Whether it can keep a secret: it runs on a server and not in a browser or on a phone.
    pub is_confidential: bool,
    /// Whether each person is asked before it is told who they are. Citizens always are (《个人信息保护法》第二十三条).
    pub asks_consent: bool,
    /// Whether people may sign in to it now.
    pub is_open: bool,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// The name it gives itself in the protocol: its `client_id`.
    pub client: String,
    /// Who signs in to it, for good: it would know somebody else by the same number.
    pub clientele: Clientele,
    /// What it is.
    pub content: ApplicationContent,
}

/// Who signs in to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One of our people.
    Staff(UserId),
    /// A citizen.
    Citizen(CitizenId),
}

/// What applications call them by.
impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Staff(id) => id.fmt(f),
            Self::Citizen(id) => id.fmt(f),
        }
    }
}

impl ApplicationContent {
    /// Whether whoever agreed that this one is told of them has not agreed that the other is: somebody else answers for it, or it takes
    /// people elsewhere.
    pub fn is_another(&self, other: &Self) -> bool {
        let said = |one: &Self| [one.name.clone(), one.keeper.clone(), one.contact.clone(), one.purpose.clone()];
        said(self) != said(other) || other.redirects.iter().any(|address| !self.redirects.contains(address))
    }

    /// What is wrong with it for such people, each at its field. Whom citizens are told of to, how these are reached and what for is told to
    /// them before they agree (《个人信息保护法》第二十三条).
    pub fn problems(&self, clientele: Clientele) -> Vec<Problem> {
        let is_told = clientele == Clientele::Citizens;
        let lines = [
            ("name", "应用名称", &self.name, 50, true),
            ("keeper", "责任单位", &self.keeper, 50, true),
            ("contact", "联系方式", &self.contact, 50, is_told),
            ("purpose", "处理目的和方式", &self.purpose, 100, is_told),
        ];
        let mut problems = Vec::new();
        for (field, what, text, most, is_needed) in lines {
            if text.is_empty() && is_needed {
                problems.push(Problem::at(field, format!("请填写{what}")));
            } else if text.chars().count() > most {
                problems.push(Problem::at(field, format!("{what}不超过{most}字")));
            } else if !text.is_empty() && !is_plain_line(text) {
                problems.push(Problem::at(field, format!("{what}中有不能使用的字符")));
            }
        }
        if self.redirects.is_empty() {
            problems.push(Problem::at("redirects", "请填写至少一个登录回调地址"));
        }
        for (field, addresses) in [("redirects", &self.redirects), ("farewells", &self.farewells)] {
            if addresses.len() > ADDRESSES {
                problems.push(Problem::at(field, format!("地址不超过{ADDRESSES}个")));
            }
            if let Some(bad) = addresses.iter().find(|address| !is_address(address)) {
                problems.push(Problem::at(
                    field,
                    format!(
                        "“{bad}”不能使用：请填写以 https:// 开头的完整地址，不带“#”和通配符（本机调试可用 http://127.0.0.1）"
                    ),
                ));
            }
        }
        problems
    }
}

/// An address that a browser may be sent to with a code in it: over HTTPS, or to a program on the person's own machine.
fn is_address(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| {
        let rest = address.strip_prefix("http://")?;
        ["127.0.0.1", "[::1]"]
            .iter()
            .any(|host| rest.strip_prefix(host).is_some_and(|rest| rest.starts_with([':', '/'])))
            .then_some(rest)
    });
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let plain = address.len() <= ADDRESS && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"#*\\\"<>".contains(&byte));
    plain && !host.is_empty() && !host.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sent_over_https_or_to_ones_own_machine() {
        for good in [
            "https://dc.example.gov.cn/back",
            "https://dc.example.gov.cn:8443/?a=b",
            "http://127.0.0.1:9000/back",
            "http://[::1]/",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://dc.example.gov.cn/back",
            "https://",
            "https:///back",
            "https://a@evil.example/",
            "https://*.gov.cn/",
            "https://dc.example/#x",
            "javascript:alert(1)",
            "http://127.0.0.1.evil.example/",
            "https://dc.example/\\evil",
            "https://dc.example/a b",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn whoever_agreed_is_asked_anew_where_somebody_else_would_be_told() {
        let content =
            ApplicationContent { keeper: "市民政局".into(), redirects: vec!["https://a/".into()], ..Default::default() };
        assert!(!content.is_another(&ApplicationContent { redirects: Vec::new(), is_open: true, ..content.clone() }));
        assert!(content.is_another(&ApplicationContent { keeper: "某公司".into(), ..content.clone() }));
        assert!(content.is_another(&ApplicationContent { redirects: vec!["https://b/".into()], ..content.clone() }));
    }

    #[test]
    fn an_application_has_a_name_a_keeper_and_somewhere_to_come_back_to() {
        let fields =
            |clientele| ApplicationContent::default().problems(clientele).iter().map(|one| one.field).collect::<Vec<_>>();
        assert_eq!(fields(Clientele::Staff), ["name", "keeper", "redirects"]);
        assert_eq!(fields(Clientele::Citizens), ["name", "keeper", "contact", "purpose", "redirects"]);
    }
}
