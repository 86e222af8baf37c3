//! 审计日志留存: the versioned rule in `data/audit.toml` of how long entries of the audit log are kept at least.
//!
//! Nothing takes entries out today: triggers in both databases refuse it. Whatever is ever made to, say to move old ones to an archive, must
//! leave alone what [`Retention::binds`].

use std::sync::LazyLock;

use chrono::{Months, NaiveDateTime};
use serde::Deserialize;

/// The rule, and the day it was written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// `2026-11-26`
    pub version: String,
    /// Months that every entry is kept.
    pub log_months: u32,
    /// By what law.
    pub log_basis: String,
    /// Months that entries on personal data handed out are kept.
    pub personal_months: u32,
    /// By what law.
    pub personal_basis: String,
}

impl Retention {
    /// Whether what was recorded at this time must still be there.
    pub fn binds(&self, action: &str, at: NaiveDateTime, now: NaiveDateTime) -> bool {
        let months = if PERSONAL.contains(&action) { self.personal_months.max(self.log_months) } else { self.log_months };
        at.checked_add_months(Months::new(months)).is_none_or(|end| end > now)
    }
}

/// Actions that read or hand out what the platform knows of people.
pub const PERSONAL: [&str; 9] = [
    "person.read",
    "contact.read",
    "people.export",
    "audit.export",
    "citizen.look",
    "citizen.export",
    "citizen.agree",
    "citizen.enter",
    "application.enter",
];

/// The rule that is in force.
pub fn retention() -> &'static Retention {
    static RULE: LazyLock<Retention> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/audit.toml")).expect("the compiled-in rule is valid, a test reads it")
    });
    &RULE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_kept_for_as_long_as_the_law_says_and_those_on_people_longer() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let (rule, made) = (retention(), at("2026-01-31T00:00:00"));
        for (action, now, wanted) in [
            ("session.open", "2026-07-30T00:00:00", true),
            ("session.open", "2026-08-01T00:00:00", false),
            ("person.read", "2026-08-01T00:00:00", true),
            ("person.read", "2029-02-01T00:00:00", false),
        ] {
            assert_eq!(rule.binds(action, made, at(now)), wanted, "{action} until {now}");
        }
    }
}
