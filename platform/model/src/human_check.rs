//! 人机验证: the versioned rule in `data/human_check.toml` of what is asked before something that programs would do by the thousand.

use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

/// The rule, and the day it was written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HumanCheck {
    /// `2026-11-26`
    pub version: String,
    /// By what standard.
    pub source: String,
    /// Minutes for which a question is good.
    minutes: u16,
    /// What a script computes.
    pub work: WorkRule,
    /// What somebody reads or hears.
    pub digits: DigitRule,
    /// What one network address may do.
    pub address: AddressRule,
}

/// What a script computes: it looks for a number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRule {
    /// How many times each number is hashed.
    pub rounds: u32,
    /// The least number it may be.
    pub least: u32,
    /// The greatest.
    pub most: u32,
}

/// What somebody reads or hears.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigitRule {
    /// How many there are.
    pub length: usize,
}

/// What one network address may do in a while.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRule {
    minutes: u16,
    /// Questions, pictures and recordings.
    pub asked: u32,
    /// Wrong answers.
    pub wrong: u32,
}

impl HumanCheck {
    /// How long a question is good.
    pub fn lifetime(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.into())
    }
}

impl AddressRule {
    /// The while.
    pub fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }
}

/// The rule that is in force.
pub fn human_check() -> &'static HumanCheck {
    static RULE: LazyLock<HumanCheck> = LazyLock::new(|| {
        toml::from_str(include_str!("../data/human_check.toml")).expect("the compiled-in rule is valid, a test reads it")
    });
    &RULE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_can_be_met() {
        let rule = human_check();
        assert!(!rule.version.is_empty() && !rule.source.is_empty());
        assert!(rule.work.rounds > 0 && rule.work.least < rule.work.most);
        // Fewer are guessed; more do not fit the picture.
        assert!((4..=6).contains(&rule.digits.length));
        assert!(rule.lifetime() > TimeDelta::zero() && rule.address.wrong < rule.address.asked);
    }
}
