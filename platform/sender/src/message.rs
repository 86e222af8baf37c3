//! What is sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_no_secret() {
        let message = Message::new("sign-in-code", "验证码", "您的验证码为246810").with("code", "246810");
        assert_eq!(format!("{message:?}"), "Message(sign-in-code)");
    }
}
