//! 联系方式 of a person: personal data, shown whole only where it is edited.

use serde::Serialize;

use crate::Problem;

/// How somebody is reached. What is said here is as it was typed, tidied.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// 手机号
    pub phone: Option<String>,
    /// 电子邮箱
    pub email: Option<String>,
}

impl Contact {
    /// What was typed, each where something was; or what is wrong with it.
    pub fn typed(phone: &str, email: &str) -> Result<Self, Vec<Problem>> {
        let (phone, email) = (phone.replace([' ', '-'], ""), email.trim().to_ascii_lowercase());
        let mut problems = Vec::new();
        if !phone.is_empty() && !is_phone(&phone) {
            problems.push(Problem::at("phone", "手机号为11位数字，以1开头"));
        }
        if !email.is_empty() && !is_email(&email) {
            problems.push(Problem::at("email", "电子邮箱的格式不正确，例如：zhangsan@example.gov.cn"));
        }
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        if problems.is_empty() { Ok(Self { phone: said(phone), email: said(email) }) } else { Err(problems) }
    }

    /// As it is shown wherever it is not edited, and as the audit log may keep it: 138****5678, z***@example.gov.cn.
    #[must_use]
    pub fn masked(&self) -> Self {
        let (phone, email) = (self.phone.as_deref().map(masked_phone), self.email.as_deref().map(masked_email));
        Self { phone, email }
    }
}

/// No log shows it whole.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let masked = self.masked();
        f.debug_struct("Contact").field("phone", &masked.phone).field("email", &masked.email).finish()
    }
}

/// A number as it is shown wherever it is not edited: 138****5678.
pub fn masked_phone(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(first), Some(last)) => format!("{first}****{last}"),
        _ => "****".to_owned(),
    }
}

/// An address of mail as it is shown wherever it is not edited: z***@example.com.
pub fn masked_email(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{host}", name.chars().next().unwrap_or_default())
}

/// Whether this is a mobile number of the mainland.
pub fn is_phone(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this can be an address of mail, as people have them.
pub fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte);
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_dotted = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    (1..=64).contains(&name.len())
        && name.bytes().all(is_name)
        && is_dotted(name)
        && text.len() <= 254
        && host.contains('.')
        && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_tidied_and_may_be_nothing() {
        let typed = Contact::typed("138 0013-8000", " Zhang.San@Example.gov.cn ").unwrap();
        assert_eq!((typed.phone.as_deref(), typed.email.as_deref()), (Some("13800138000"), Some("zhang.san@example.gov.cn")));
        assert_eq!(Contact::typed(" ", ""), Ok(Contact::default()));
    }

    #[test]
    fn what_is_neither_is_told_at_its_field() {
        for phone in ["1380013800", "138001380001", "23800138000", "1380013800x", "１３８００１３８０００"] {
            assert_eq!(Contact::typed(phone, "").unwrap_err()[0].field, "phone", "{phone}");
        }
        for email in ["a", "a@", "@b.cn", "a@b", "a@b..cn", "a b@c.cn", "a@-b.cn", "a@b.cn\r\nBcc: x@y.cn", ".a@b.cn", "a@b@c.cn"]
        {
            assert_eq!(Contact::typed("", email).unwrap_err()[0].field, "email", "{email}");
        }
    }

    #[test]
    fn it_is_masked_everywhere_else() {
        let whole = Contact::typed("13812345678", "zhangsan@example.gov.cn").unwrap();
        let masked = whole.masked();
        assert_eq!((masked.phone.as_deref(), masked.email.as_deref()), (Some("138****5678"), Some("z***@example.gov.cn")));
        assert!(!format!("{whole:?}").contains("1234") && !format!("{whole:?}").contains("hangsan"));
    }
}
