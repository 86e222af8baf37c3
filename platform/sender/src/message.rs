//! What is sent, and to whom.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A phone number or a mail address, as its person gave it and the caller judged it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A mobile number of the mainland, digits alone.
    Phone(String),
    /// A mail address.
    Mail(String),
}

/// By what somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A short message.
    Phone,
    /// A mail.
    Mail,
}

/// What is sent. Gateways of short messages mostly take nothing but templates they know: they are told the kind and the values, and
/// everybody else the text.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// What it is, such as `sign-in-code`: always the same for what is worded alike.
    pub kind: &'static str,
    /// The subject, of a mail.
    pub subject: String,
    /// The whole text, plain.
    pub text: String,
    /// What differs from one of its kind to the next, by name.
    pub values: BTreeMap<&'static str, String>,
}

impl Recipient {
    /// By what they are reached.
    pub fn means(&self) -> Means {
        match self {
            Self::Phone(_) => Means::Phone,
            Self::Mail(_) => Means::Mail,
        }
    }

    /// The number or address itself.
    pub fn address(&self) -> &str {
        let (Self::Phone(address) | Self::Mail(address)) = self;
        address
    }
}

/// Logs show of whom they are what tells two apart, and no more.
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last: String = self.address().chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        write!(f, "{}(…{last})", self.means())
    }
}

/// What it says is for its recipient.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind)
    }
}

impl Message {
    /// A message of a kind.
    pub fn new(kind: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind, subject: subject.into(), text: text.into(), values: BTreeMap::new() }
    }

    /// The same with a value that its text has as well.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.insert(name, value.into());
        self
    }
}

impl Means {
    pub(crate) fn need(self) -> &'static str {
        match self {
            Self::Phone => "`gateway`",
            Self::Mail => "`mail_server` or `gateway`",
        }
    }
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "phone",
            Self::Mail => "mailbox",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_names_nobody_and_tells_no_secret() {
        let message = Message::new("sign-in-code", "验证码", "您的验证码为246810").with("code", "246810");
        let shown = format!("{message:?} {:?}", Recipient::Phone("13800138000".into()));
        assert_eq!(shown, "Message(sign-in-code) phone(…8000)");
    }

    #[test]
    fn a_gateway_is_told_the_kind_and_the_values() {
        let to = serde_json::to_value(Recipient::Mail("a@b.cn".into())).unwrap();
        assert_eq!(to, serde_json::json!({ "mail": "a@b.cn" }));
    }
}
