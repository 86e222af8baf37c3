//! 登录与口令策略: what the rules (`data/sign_in_policy.toml`, versioned) ask of passwords, of sessions and of whoever tries to sign in.

use std::sync::LazyLock;

use chrono::{NaiveDateTime, TimeDelta};
use serde::Deserialize;

use crate::PasswordOrigin;

/// The rules, since when they hold, and on what ground.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInPolicy {
    /// `2026-11-26`
    pub version: String,
    /// The rule they follow.
    pub source: String,
    /// How often one may try.
    pub attempts: AttemptRule,
    /// For what programs ask with.
    pub tokens: TokenRule,
    /// What follows the password of whoever has a second factor.
    pub second_factor: SecondFactorRule,
    /// For how long a proof of who somebody is lasts before grave deeds.
    pub confirmation: ConfirmationRule,
    /// For accounts that nobody uses.
    pub disuse: DisuseRule,
    /// For whoever is no officer.
    pub everybody: AccountRule,
    /// For those who run the platform, say what its people may do, or audit them.
    pub officers: AccountRule,
}

/// How often signing in may fail.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptRule {
    /// Failures after which an account is locked.
    pub failures: u32,
    /// For so many minutes.
    pub minutes: u32,
}

/// What holds between the password and the second factor, and of recovery codes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorRule {
    /// Tries of one sign-in.
    pub tries: u32,
    /// Minutes that it waits.
    pub minutes: u32,
    /// How many recovery codes somebody is given.
    pub codes: usize,
}

/// How long a proof lasts.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRule {
    /// Minutes after which grave deeds ask again.
    pub minutes: u32,
}

/// What holds for the tokens of programs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRule {
    /// Days after which one ends at the latest.
    pub days: u32,
    /// How many somebody has at most.
    pub most: usize,
    /// Requests within a minute at most.
    pub requests: u32,
}

/// When an account has stood unused for too long.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisuseRule {
    /// Days after which it is locked.
    pub days: u32,
}

/// What holds for an account.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRule {
    /// Characters of a password at least.
    pub length: usize,
    /// Of how many kinds of characters it has some.
    pub kinds: usize,
    /// How many of the last passwords are not taken again, the present one among them.
    pub earlier: usize,
    /// Days after which it must be changed.
    pub days: u32,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u32,
    /// Hours after which it ends however busy.
    pub hours: u32,
    /// Whether a second factor must be had.
    pub second_factor: bool,
}

/// What a password has.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRule {
    /// Characters at least.
    pub length: usize,
    /// Of how many kinds of characters it has some.
    pub kinds: usize,
}

/// Why a password must be changed before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MustChange {
    /// It is the one the account began with.
    First,
    /// It took the place of one that was lost.
    Reset,
    /// It is too old.
    Old,
}

impl SignInPolicy {
    /// What holds for somebody.
    pub fn rule(&self, is_officer: bool) -> AccountRule {
        if is_officer { self.officers } else { self.everybody }
    }
}

impl AttemptRule {
    /// How long an account is locked.
    pub fn pause(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.into())
    }
}

impl SecondFactorRule {
    /// Whether a sign-in whose password was right then still waits.
    pub fn waits(&self, begun: NaiveDateTime, now: NaiveDateTime) -> bool {
        now - begun <= TimeDelta::minutes(self.minutes.into())
    }
}

impl ConfirmationRule {
    /// Whether whoever proved who they are then need not do so again.
    pub fn lasts(&self, proven: NaiveDateTime, now: NaiveDateTime) -> bool {
        now - proven <= TimeDelta::minutes(self.minutes.into())
    }
}

impl DisuseRule {
    /// Whoever was last there before this moment has been away for too long.
    pub fn since(&self, now: NaiveDateTime) -> NaiveDateTime {
        now - TimeDelta::days(self.days.into())
    }
}

impl PasswordRule {
    /// What speaks against a password somebody wants to use. The sentence is for them.
    pub fn weakness(&self, password: &str) -> Option<String> {
        let length = password.chars().count();
        if length < self.length {
            return Some(format!("密码至少{}个字符，现有{length}个", self.length));
        }
        let is_symbol = |letter: char| !letter.is_ascii_alphanumeric() && !letter.is_control();
        let kinds: [&dyn Fn(char) -> bool; 4] = [
            &|letter| letter.is_ascii_lowercase(),
            &|letter| letter.is_ascii_uppercase(),
            &|letter| letter.is_ascii_digit(),
            &is_symbol,
        ];
        let had = kinds.iter().filter(|kind| password.chars().any(kind)).count();
        (had < self.kinds).then(|| format!("密码须包含小写字母、大写字母、数字、符号中的至少{}类", self.kinds))
    }
}

impl AccountRule {
    /// What a password has.
    pub fn password(&self) -> PasswordRule {
        PasswordRule { length: self.length, kinds: self.kinds }
    }

    /// Whether a password that is so since `since` must be changed by whoever signs in at `now`, and why.
    pub fn must_change(&self, origin: PasswordOrigin, since: NaiveDateTime, now: NaiveDateTime) -> Option<MustChange> {
        match origin {
            PasswordOrigin::Invitation => Some(MustChange::First),
            PasswordOrigin::Reset => Some(MustChange::Reset),
            PasswordOrigin::Own => (now >= self.change_by(since)).then_some(MustChange::Old),
        }
    }

    /// When a password must be changed that is so since `since`.
    pub fn change_by(&self, since: NaiveDateTime) -> NaiveDateTime {
        since + TimeDelta::days(self.days.into())
    }

    /// Whether a session that was opened and last used then still holds.
    pub fn holds(&self, opened: NaiveDateTime, seen: NaiveDateTime, now: NaiveDateTime) -> bool {
        now - seen <= TimeDelta::minutes(self.idle_minutes.into()) && now - opened <= self.longest()
    }

    /// How long a session lasts at most.
    pub fn longest(&self) -> TimeDelta {
        TimeDelta::hours(self.hours.into())
    }
}

/// The rules that are in force.
pub fn sign_in_policy() -> &'static SignInPolicy {
    static POLICY: LazyLock<SignInPolicy> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/sign_in_policy.toml")).expect("the compiled-in rules are valid, a test reads them")
    });
    &POLICY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::typed_time;

    const RULE: AccountRule =
        AccountRule { length: 10, kinds: 3, earlier: 5, days: 90, idle_minutes: 15, hours: 12, second_factor: true };

    fn at(text: &str) -> NaiveDateTime {
        typed_time("at", text).unwrap().unwrap()
    }

    #[test]
    fn the_rules_say_whence_they_are_and_ask_no_less_of_officers_than_of_everybody() {
        let policy = sign_in_policy();
        assert!(policy.version.len() == 10 && policy.source.contains("GB/T 22239"));
        assert!(policy.attempts.failures > 0 && policy.attempts.minutes > 0);
        assert!(policy.disuse.days > 0, "nobody is locked out the night they are invited");
        assert!(policy.tokens.days > 0 && policy.tokens.most > 0 && policy.tokens.requests > 0);
        let (all, officers) = (policy.everybody, policy.officers);
        assert!(officers.length >= all.length && officers.kinds >= all.kinds && officers.earlier >= all.earlier);
        assert!(officers.days <= all.days && officers.idle_minutes <= all.idle_minutes && officers.hours <= all.hours);
        assert!(officers.second_factor && policy.second_factor.tries > 0 && policy.second_factor.codes > 0);
        assert!(policy.confirmation.minutes <= officers.idle_minutes, "what would outlast every pause asks nobody");
        assert!(all.kinds <= 4 && officers.kinds <= 4 && all.earlier > 0, "nobody is asked for what there is not");
    }

    #[test]
    fn a_password_has_characters_enough_and_of_several_kinds() {
        for good in ["Abcdefg123", "abcdefg12#", "ABCDEFG1#@", "同源平台Abcdef12"] {
            assert_eq!(RULE.password().weakness(good), None, "{good}");
        }
        assert_eq!(RULE.password().weakness("Abc123#"), Some("密码至少10个字符，现有7个".into()));
        for weak in ["abcdefghijk", "abcdefg1234", "12345678901"] {
            assert!(RULE.password().weakness(weak).unwrap().contains("至少3类"), "{weak}");
        }
    }

    #[test]
    fn what_somebody_else_knows_is_changed_at_once_and_ones_own_when_its_days_are_over() {
        let since = at("2026-01-01 09:00");
        let asked = |origin, now: &str| RULE.must_change(origin, since, at(now));
        assert_eq!(asked(PasswordOrigin::Invitation, "2026-01-01 09:00"), Some(MustChange::First));
        assert_eq!(asked(PasswordOrigin::Reset, "2026-01-01 09:00"), Some(MustChange::Reset));
        assert_eq!(asked(PasswordOrigin::Own, "2026-04-01 08:59"), None);
        assert_eq!(asked(PasswordOrigin::Own, "2026-04-01 09:00"), Some(MustChange::Old));
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_its_hours_however_busy() {
        let opened = at("2026-01-01 09:00");
        assert!(RULE.holds(opened, at("2026-01-01 12:00"), at("2026-01-01 12:15")));
        assert!(!RULE.holds(opened, at("2026-01-01 12:00"), at("2026-01-01 12:16")));
        assert!(!RULE.holds(opened, at("2026-01-01 21:00"), at("2026-01-01 21:01")));
    }
}
