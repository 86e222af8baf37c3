//! 公众账号: a citizen, who registers once for all sites, and how they are reached. All of it is personal data.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::contact::{is_email, is_phone, masked_email, masked_phone};
use crate::word::words;
use crate::{CitizenId, Problem};

/// Characters of what somebody wants to be called at most.
pub const LONGEST_CALL: usize = 20;

/// Where a message goes. It is shown whole nowhere but to whom it belongs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// 手机号
    Phone(String),
    /// 电子邮箱
    Mail(String),
}

words! {
    /// Of which kind a recipient is.
    RecipientKind {
        /// A mobile number.
        Phone = "phone" "手机号",
        /// A mailbox.
        Mail = "mail" "电子邮箱",
    }
}

impl Recipient {
    /// What was typed in a field, tidied; or what is wrong with it.
    pub fn typed(field: &'static str, text: &str) -> Result<Self, Vec<Problem>> {
        let text = text.trim();
        let digits = text.replace([' ', '-'], "");
        let digits = digits.strip_prefix("+86").unwrap_or(&digits);
        if is_phone(digits) {
            return Ok(Self::Phone(digits.to_owned()));
        }
        let mail = text.to_ascii_lowercase();
        if is_email(&mail) {
            return Ok(Self::Mail(mail));
        }
        let problem = if text.is_empty() {
            "请填写手机号或电子邮箱"
        } else if text.contains('@') {
            "电子邮箱的格式不正确，例如：name@example.com"
        } else {
            "请填写11位手机号或电子邮箱"
        };
        Err(vec![Problem::at(field, problem)])
    }

    /// One of a kind, as it was kept.
    pub fn of(kind: RecipientKind, text: String) -> Self {
        match kind {
            RecipientKind::Phone => Self::Phone(text),
            RecipientKind::Mail => Self::Mail(text),
        }
    }

    /// Of which kind it is.
    pub fn kind(&self) -> RecipientKind {
        match self {
            Self::Phone(_) => RecipientKind::Phone,
            Self::Mail(_) => RecipientKind::Mail,
        }
    }

    /// The number or the address itself.
    pub fn text(&self) -> &str {
        match self {
            Self::Phone(text) | Self::Mail(text) => text,
        }
    }

    /// As it is shown and as logs may keep it: 138****5678, z***@example.com.
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => masked_phone(phone),
            Self::Mail(mail) => masked_email(mail),
        }
    }
}

/// No log shows it whole.
impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

words! {
    /// 实名等级: how well it is known who a citizen is. An identity service says so; nobody says it of themselves.
    #[derive(Default)]
    RealName {
        /// Nobody knows.
        #[default]
        None = "none" "未实名",
        /// Name and number of the identity card were compared.
        Basic = "basic" "初级实名",
        /// The face or the card itself was seen as well.
        Verified = "verified" "高级实名",
    }
}

/// 停用: somebody who was shut out by staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspension {
    /// Since when, UTC.
    pub since: NaiveDateTime,
    /// Why, as they are told: it names nobody.
    pub reason: String,
}

/// 公众用户
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// Their number.
    pub id: CitizenId,
    /// 称呼: what they want to be called; empty where they said nothing.
    pub call: String,
    /// 手机号
    pub phone: Option<Recipient>,
    /// 电子邮箱
    pub mail: Option<Recipient>,
    /// Who consented for a minor, and is asked again; none for everybody else.
    pub guardian: Option<Recipient>,
    /// 实名等级
    pub real_name: RealName,
    /// Since when they have a password; none where they have none.
    pub password_since: Option<NaiveDateTime>,
    /// Which version of 用户协议 and 隐私政策 they agreed to.
    pub terms: String,
    /// When they registered, UTC.
    pub registered_at: NaiveDateTime,
    /// Why they are shut out; none for everybody else.
    pub suspension: Option<Suspension>,
}

impl Citizen {
    /// What they are called on a screen.
    pub fn shown_as(&self) -> String {
        if !self.call.is_empty() {
            return self.call.clone();
        }
        self.recipients().first().map_or_else(|| format!("用户{}", self.id), Recipient::masked)
    }

    /// Where they can be reached.
    pub fn recipients(&self) -> Vec<Recipient> {
        [&self.phone, &self.mail].into_iter().flatten().cloned().collect()
    }

    /// The one of a kind.
    pub fn recipient(&self, kind: RecipientKind) -> Option<&Recipient> {
        match kind {
            RecipientKind::Phone => self.phone.as_ref(),
            RecipientKind::Mail => self.mail.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_phone_or_a_mailbox() {
        for (typed, meant) in [
            ("138 0013-8000", Recipient::Phone("13800138000".into())),
            ("+86 13800138000", Recipient::Phone("13800138000".into())),
            (" Li.Ming@Example.com ", Recipient::Mail("li.ming@example.com".into())),
        ] {
            assert_eq!(Recipient::typed("recipient", typed), Ok(meant), "{typed}");
        }
        for wrong in ["", "1380013800", "+1 13800138000", "a@b", "１３８００１３８０００", "13800138000; drop"] {
            assert_eq!(Recipient::typed("recipient", wrong).unwrap_err()[0].field, "recipient", "{wrong}");
        }
    }

    #[test]
    fn no_log_shows_one_whole() {
        assert_eq!(format!("{:?}", Recipient::Phone("13812345678".into())), "138****5678");
        assert_eq!(format!("{:?}", Recipient::Mail("li.ming@example.com".into())), "l***@example.com");
    }
}
