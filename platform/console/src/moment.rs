//! Moments as people read them: on a wall clock in Beijing.

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use serde::Serialize;

/// A moment for the eye and for the machine.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Moment {
    iso: String,
    pub(crate) text: String,
    /// To the millisecond, where that matters.
    exact: String,
}

impl From<NaiveDateTime> for Moment {
    fn from(moment: NaiveDateTime) -> Self {
        let local = model::local(moment);
        Self {
            iso: local.to_rfc3339_opts(chrono::SecondsFormat::Millis, false),
            text: local.format("%Y-%m-%d %H:%M").to_string(),
            exact: local.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        }
    }
}

/// 2026年3月5日
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}

/// 2026年3月5日9:00, on the wall; with seconds where there are any.
pub(crate) fn wall(moment: NaiveDateTime) -> String {
    let local = model::local(moment);
    let form = if local.second() == 0 { "%Y年%-m月%-d日%-H:%M" } else { "%Y年%-m月%-d日%-H:%M:%S" };
    local.format(form).to_string()
}

/// How long something took: 0.42 秒, 1 分 5 秒.
pub(crate) fn span(milliseconds: i64) -> String {
    let milliseconds = milliseconds.max(0);
    if milliseconds < 60_000 {
        return format!("{}.{:02} 秒", milliseconds / 1_000, milliseconds % 1_000 / 10);
    }
    format!("{} 分 {} 秒", milliseconds / 60_000, milliseconds % 60_000 / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_beijing() {
        let moment = chrono::DateTime::UNIX_EPOCH.naive_utc();
        assert_eq!(Moment::from(moment).text, "1970-01-01 08:00");
        assert_eq!(Moment::from(moment).iso, "1970-01-01T08:00:00.000+08:00");
    }

    #[test]
    fn a_time_to_come_is_told_as_people_say_it() {
        let at = |text: &str| wall(model::schedule::typed_time("at", text).unwrap().unwrap());
        assert_eq!(at("2026-12-01 09:00"), "2026年12月1日9:00");
        assert_eq!(at("2026-12-01 09:05:07"), "2026年12月1日9:05:07");
    }

    #[test]
    fn a_span_is_told_in_the_unit_that_fits() {
        assert_eq!(span(423), "0.42 秒");
        assert_eq!(span(65_000), "1 分 5 秒");
    }
}
