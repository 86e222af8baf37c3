//! 公众账号策略: what the rules (`data/citizen_policy.toml`, versioned) say of the accounts of citizens, of codes and of sessions.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use serde::Deserialize;

use crate::sign_in::{AttemptRule, PasswordRule};

/// The rules, since when they hold, and on what ground.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenPolicy {
    /// `2026-11-26`
    pub version: String,
    /// The rule they follow.
    pub source: String,
    /// Below this age a guardian must consent.
    pub consent_age: u32,
    /// What is sent to prove that a phone or a mailbox is theirs.
    pub codes: CodeRule,
    /// How often a password may be wrong.
    pub attempts: AttemptRule,
    /// What a password has, where somebody wants one.
    pub password: PasswordRule,
    /// How long one stays signed in.
    pub sessions: SessionRule,
    /// Between the first code and the account.
    pub registration: RegistrationRule,
    /// Between coming from an upper-level service for the first time and being linked.
    pub links: LinkRule,
    /// What staff may ask of the accounts of the public.
    pub oversight: OversightRule,
}

/// 验证码
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRule {
    /// Of how many digits one is.
    pub digits: usize,
    /// Minutes for which it is good.
    pub minutes: u32,
    /// Tries after which it is not.
    pub tries: i32,
    /// Seconds between two to one recipient.
    pub pause_seconds: u32,
    /// To one recipient within an hour.
    pub per_hour: u32,
    /// To one recipient within a day.
    pub per_day: u32,
    /// From one network address within an hour.
    pub per_address: u32,
    /// Wrong ones from one network address before it must wait.
    pub wrong_per_address: u32,
    /// For so many minutes.
    pub wrong_minutes: u32,
}

/// How long one stays signed in.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRule {
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which it ends however busy.
    pub hours: u32,
    /// Minutes for which a proof of who somebody is lasts before grave deeds.
    pub proof_minutes: u32,
    /// Seconds in which a site takes over whom it sent to sign in.
    pub handover_seconds: u32,
}

/// Between the first code and the account.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationRule {
    /// Minutes for which one may take.
    pub minutes: u32,
}

/// Between coming from an upper-level service for the first time and being linked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRule {
    pending_minutes: u32,
}

/// How often one of the staff looks for citizens and at them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OversightRule {
    /// Within an hour at most, all together.
    pub per_hour: u32,
}

impl LinkRule {
    /// How long one may take.
    pub fn pending(self) -> TimeDelta {
        TimeDelta::minutes(self.pending_minutes.into())
    }
}

impl CodeRule {
    /// How long one is good.
    pub fn life(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.into())
    }

    /// How many one recipient is sent within how long, the shortest first.
    pub fn bounds(&self) -> [(u32, Duration); 3] {
        let pause = Duration::from_secs(self.pause_seconds.into());
        [(1, pause), (self.per_hour, Duration::from_hours(1)), (self.per_day, Duration::from_hours(24))]
    }
}

impl SessionRule {
    /// Whether a session that was opened and last used then still holds.
    pub fn holds(&self, opened: NaiveDateTime, seen: NaiveDateTime, now: NaiveDateTime) -> bool {
        now - seen <= TimeDelta::minutes(self.idle_minutes.into()) && now - opened <= self.longest()
    }

    /// How long one lasts at most.
    pub fn longest(&self) -> TimeDelta {
        TimeDelta::hours(self.hours.into())
    }

    /// Whether whoever proved who they are then need not do so again.
    pub fn is_proven(&self, proven: NaiveDateTime, now: NaiveDateTime) -> bool {
        now - proven <= TimeDelta::minutes(self.proof_minutes.into())
    }
}

/// The rules that are in force.
pub fn citizen_policy() -> &'static CitizenPolicy {
    static POLICY: LazyLock<CitizenPolicy> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/citizen_policy.toml")).expect("the compiled-in rules are valid, a test reads them")
    });
    &POLICY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_say_whence_they_are_and_a_code_cannot_be_guessed() {
        let policy = citizen_policy();
        assert!(policy.version.len() == 10 && policy.source.contains("个人信息保护法"));
        let codes = policy.codes;
        let tries = f64::from(codes.tries) * f64::from(codes.per_day);
        assert!(
            tries / 10_f64.powi(i32::try_from(codes.digits).unwrap()) < 0.001,
            "a day of guessing finds hardly one in a thousand"
        );
        assert!(codes.bounds().windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 < pair[1].1));
        assert!(policy.oversight.per_hour > 0);
        assert!(policy.attempts.failures > 0 && policy.password.length >= 8 && policy.password.kinds <= 4);
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_its_hours_however_busy() {
        let rule = SessionRule { idle_minutes: 60, hours: 24, proof_minutes: 10, handover_seconds: 60 };
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let opened = at("2026-01-01T09:00:00");
        assert!(rule.holds(opened, at("2026-01-01T20:00:00"), at("2026-01-01T21:00:00")));
        assert!(!rule.holds(opened, at("2026-01-01T20:00:00"), at("2026-01-01T21:01:00")));
        assert!(!rule.holds(opened, at("2026-01-02T09:00:00"), at("2026-01-02T09:01:00")));
        assert!(rule.is_proven(opened, at("2026-01-01T09:10:00")) && !rule.is_proven(opened, at("2026-01-01T09:11:00")));
    }
}
