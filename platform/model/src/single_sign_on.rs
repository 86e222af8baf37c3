//! 单点登录策略: the versioned rule in `data/single_sign_on.toml` of how long what is given to applications is good, and how long keys sign.

use std::sync::LazyLock;

use chrono::{NaiveDateTime, TimeDelta};
use serde::Deserialize;

/// The rule, and the day it was written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOn {
    /// `2026-11-26`
    pub version: String,
    /// By what standard.
    pub source: String,
    /// Seconds in which a code must be redeemed.
    pub code_seconds: u16,
    /// Minutes for which a token is good.
    pub token_minutes: u16,
    key_days: u16,
    key_ahead_days: u16,
    key_after_days: u16,
    /// How upper-level services are asked.
    pub asking: Asking,
}

/// How upper-level services (上级认证) are asked, and how much is believed of their clocks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    minutes: u16,
    /// Sign-ins through them that one address may begin in the same minutes.
    pub most_begun: u32,
    known_minutes: u16,
    keys_again_seconds: u16,
    skew_seconds: u16,
    /// Seconds that an answer may take.
    pub answer_seconds: u16,
    /// Bytes that it may have.
    pub answer_bytes: usize,
}

impl Asking {
    /// In which whoever was sent there must be back.
    pub fn lasts(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.into())
    }

    /// For how long what a service says of itself is not asked for again.
    pub fn known(&self) -> TimeDelta {
        TimeDelta::minutes(self.known_minutes.into())
    }

    /// How long after its keys were fetched they may be fetched again because a token names another.
    pub fn keys_again(&self) -> TimeDelta {
        TimeDelta::seconds(self.keys_again_seconds.into())
    }

    /// How much its clock may be ahead of ours.
    pub fn skew(&self) -> TimeDelta {
        TimeDelta::seconds(self.skew_seconds.into())
    }
}

impl SingleSignOn {
    /// From when on the next key signs, if it is time to show one; `last` is from when on the newest signs.
    pub fn next_key(&self, last: Option<NaiveDateTime>, now: NaiveDateTime) -> Option<NaiveDateTime> {
        let Some(last) = last else { return Some(now) };
        let next = last + TimeDelta::days(self.key_days.into());
        // Where nobody signed in for long, a key is late: it signs once everybody can have heard of it.
        (next - TimeDelta::days(self.key_ahead_days.into()) <= now).then(|| next.max(now + TimeDelta::days(1)))
    }

    /// Whether what a key signed can be checked no more; `until` is from when on the next one signed.
    pub fn is_over(&self, until: NaiveDateTime, now: NaiveDateTime) -> bool {
        until + TimeDelta::days(self.key_after_days.into()) < now
    }
}

/// The rule that is in force.
pub fn single_sign_on() -> &'static SingleSignOn {
    static RULE: LazyLock<SingleSignOn> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/single_sign_on.toml")).expect("the compiled-in rule is valid, a test reads it")
    });
    &RULE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_before_it_signs_and_what_it_signed_is_good_for_a_while_after() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let (rule, first) = (single_sign_on(), at("2026-01-01T00:00:00"));
        assert_eq!(rule.next_key(None, first), Some(first));
        assert_eq!(rule.next_key(Some(first), at("2026-03-20T00:00:00")), None);
        assert_eq!(rule.next_key(Some(first), at("2026-03-26T00:00:00")), Some(at("2026-04-01T00:00:00")));
        assert_eq!(rule.next_key(Some(first), at("2026-06-01T00:00:00")), Some(at("2026-06-02T00:00:00")));
        assert!(!rule.is_over(first, at("2026-01-30T00:00:00")) && rule.is_over(first, at("2026-02-02T00:00:00")));
    }
}
