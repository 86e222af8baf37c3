//! The working-day calendar: which days the government works, read from the yearly holiday notices.
//!
//! The calendar is data, importable year by year (regulations.md §7). A year without data is an error and never a plain
//! weekend rule: a legal deadline computed from a guess is worse than none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

/// The calendar that ships with the platform, from `data/holidays.toml`.
static OFFICIAL: LazyLock<Calendar> = LazyLock::new(|| {
    Calendar::parse(include_str!("../data/holidays.toml")).expect("the compiled-in holidays are valid, a test reads them")
});

/// The years whose working days are known.
///
/// A year's last days are final only when the *next* year's notice is out, because that notice may move a weekend of
/// December (as the notices for 2019 and 2023 did).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
}

/// The days of one calendar year on which the weekend rule does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarYear {
    /// Days of rest; may include weekend days.
    pub off: BTreeSet<NaiveDate>,
    /// Saturdays and Sundays that are working days.
    pub work: BTreeSet<NaiveDate>,
    /// The addresses or numbers of the notices the days come from.
    pub sources: Vec<String>,
}

/// Why the calendar cannot answer or cannot be read. The messages are shown to users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The question touches a year that has no data.
    #[error("尚无{0}年的节假日安排，无法计算工作日，请先导入该年的放假通知")]
    YearMissing(i32),
    /// The text is not the expected TOML.
    #[error("节假日数据格式有误：{0}")]
    Format(String),
    /// A section name is not a year.
    #[error("节假日数据中的年份“{0}”不是四位数字的年份")]
    BadYear(String),
    /// A day is not `月-日` or not a day of that year.
    #[error("{year}年节假日数据中的“{text}”不是有效的日期，应为“02-10”或“02-10..02-17”的形式")]
    BadDay {
        /// The section the day stands under.
        year: i32,
        /// The day as written.
        text: String,
    },
    /// A day is listed both as a day of rest and as a working day.
    #[error("{0}既列为放假日又列为上班日")]
    Contradiction(NaiveDate),
    /// A day listed as made-up work is not a weekend day, so one of the two is a typing error.
    #[error("{0}列为调休上班日，但不是星期六或星期日")]
    WorkOnWeekday(NaiveDate),
}

impl Calendar {
    /// The calendar that ships with the platform: 2019 to 2026.
    pub fn official() -> &'static Self {
        &OFFICIAL
    }

    /// Read a calendar from TOML: one section per year with `off`, `work` and `sources`, as in `data/holidays.toml`.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let sections: BTreeMap<String, YearSection> =
            toml::from_str(text).map_err(|error| CalendarError::Format(error.message().to_owned()))?;
        let mut calendar = Self::default();
        for (name, section) in sections {
            let year = read_year(&name)?;
            calendar.insert(year, section.into_year(year)?);
        }
        Ok(calendar)
    }

    /// Set the days of one year, replacing what was known of it.
    pub fn insert(&mut self, year: i32, days: CalendarYear) {
        self.years.insert(year, days);
    }

    /// Take over every year of `newer`, replacing the years known to both.
    pub fn merge(&mut self, newer: Self) {
        self.years.extend(newer.years);
    }

    /// The years that can be asked about, in ascending order.
    pub fn years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.keys().copied()
    }

    /// The exceptional days of one year, `None` when the year has no data.
    pub fn find_year(&self, year: i32) -> Option<&CalendarYear> {
        self.years.get(&year)
    }

    /// Whether the government works on `day`. Fails when the year of `day` has no data.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, CalendarError> {
        let year = self.years.get(&day.year()).ok_or(CalendarError::YearMissing(day.year()))?;
        Ok(year.is_working_day(day))
    }

    /// The last day of a term of `count` working days after `receipt`, which itself is not counted (regulations.md §7).
    ///
    /// A term of zero days ends on `receipt`. Fails when the term reaches a year without data.
    pub fn add_working_days(&self, receipt: NaiveDate, count: u32) -> Result<NaiveDate, CalendarError> {
        let mut day = receipt;
        let mut left = count;
        while left > 0 {
            day = next_day(day)?;
            if self.is_working_day(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// How many working days lie after `from` up to and including `to`: the inverse of [`Self::add_working_days`].
    ///
    /// Zero when `to` is not after `from`. Fails when the span touches a year without data.
    pub fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<u32, CalendarError> {
        let mut day = from;
        let mut count = 0;
        while day < to {
            day = next_day(day)?;
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }
}

impl CalendarYear {
    fn is_working_day(&self, day: NaiveDate) -> bool {
        if is_weekend(day) { self.work.contains(&day) } else { !self.off.contains(&day) }
    }
}

/// One section of the TOML file, days still as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearSection {
    off: Vec<String>,
    work: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
}

impl YearSection {
    fn into_year(self, year: i32) -> Result<CalendarYear, CalendarError> {
        let off = read_days(year, &self.off)?;
        let work = read_days(year, &self.work)?;
        if let Some(day) = off.intersection(&work).next() {
            return Err(CalendarError::Contradiction(*day));
        }
        if let Some(day) = work.iter().find(|day| !is_weekend(**day)) {
            return Err(CalendarError::WorkOnWeekday(*day));
        }
        Ok(CalendarYear { off, work, sources: self.sources })
    }
}

fn read_year(name: &str) -> Result<i32, CalendarError> {
    let is_year = name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    name.parse().ok().filter(|_| is_year).ok_or_else(|| CalendarError::BadYear(name.to_owned()))
}

fn read_days(year: i32, spans: &[String]) -> Result<BTreeSet<NaiveDate>, CalendarError> {
    let mut days = BTreeSet::new();
    for text in spans {
        let (first, last) = read_span(year, text).ok_or_else(|| CalendarError::BadDay { year, text: text.clone() })?;
        days.extend(first.iter_days().take_while(|day| *day <= last));
    }
    Ok(days)
}

/// `02-10` or `02-10..02-17` (both days included) of `year`; `None` when it is neither or runs backwards.
fn read_span(year: i32, text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let first = read_day(year, first)?;
    let last = read_day(year, last)?;
    (first <= last).then_some((first, last))
}

fn read_day(year: i32, text: &str) -> Option<NaiveDate> {
    let (month, day) = text.split_once('-')?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn next_day(day: NaiveDate) -> Result<NaiveDate, CalendarError> {
    day.succ_opt().ok_or(CalendarError::YearMissing(day.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn working_days_of(year: i32) -> u32 {
        let calendar = Calendar::official();
        let last = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        calendar.working_days_between(new_year, last).unwrap() + u32::from(calendar.is_working_day(new_year).unwrap())
    }

    /// Receipt day and the ends of terms of 3, 5, 7, 15, 20 and 40 working days: regulations.md §7.
    const GOLDEN: &str = "
        2024-01-31 2024-02-04 2024-02-06 2024-02-08 2024-02-26 2024-03-04 2024-04-01
        2024-09-13 2024-09-19 2024-09-23 2024-09-25 2024-10-11 2024-10-17 2024-11-14
        2025-01-24 2025-02-05 2025-02-07 2025-02-10 2025-02-20 2025-02-27 2025-03-27
        2025-04-25 2025-04-29 2025-05-06 2025-05-08 2025-05-20 2025-05-27 2025-06-25
        2025-09-26 2025-09-30 2025-10-10 2025-10-13 2025-10-23 2025-10-30 2025-11-27
        2025-12-29 2026-01-04 2026-01-06 2026-01-08 2026-01-20 2026-01-27 2026-03-02
        2026-02-11 2026-02-14 2026-02-25 2026-02-27 2026-03-10 2026-03-17 2026-04-15
        2026-04-28 2026-05-06 2026-05-08 2026-05-11 2026-05-21 2026-05-28 2026-06-26
        2026-09-18 2026-09-22 2026-09-24 2026-09-29 2026-10-15 2026-10-22 2026-11-19
        2026-09-30 2026-10-10 2026-10-13 2026-10-15 2026-10-27 2026-11-03 2026-12-01
    ";

    #[test]
    fn every_golden_deadline_of_the_regulations_is_met() {
        let calendar = Calendar::official();
        for row in GOLDEN.trim().lines() {
            let row: Vec<_> = row.split_whitespace().collect();
            let receipt = day(row[0]);
            for (count, deadline) in [3, 5, 7, 15, 20, 40].into_iter().zip(&row[1..]) {
                assert_eq!(calendar.add_working_days(receipt, count), Ok(day(deadline)), "{receipt} + {count}");
                assert_eq!(calendar.working_days_between(receipt, day(deadline)), Ok(count), "{receipt} to {deadline}");
            }
        }
    }

    #[test]
    fn working_days_per_year_agree_with_the_regulations() {
        assert_eq!([2024, 2025, 2026].map(working_days_of), [251, 248, 248]);
    }

    #[test]
    fn receipt_day_is_not_counted() {
        assert_eq!(Calendar::official().add_working_days(day("2025-06-03"), 1), Ok(day("2025-06-04")));
        assert_eq!(Calendar::official().add_working_days(day("2025-06-03"), 0), Ok(day("2025-06-03")));
    }

    #[test]
    fn spring_festival_eve_of_2024_is_a_working_day() {
        assert_eq!(Calendar::official().is_working_day(day("2024-02-09")), Ok(true));
    }

    #[test]
    fn a_made_up_weekend_day_is_a_working_day() {
        assert_eq!(Calendar::official().is_working_day(day("2026-01-04")), Ok(true));
        assert_eq!(Calendar::official().is_working_day(day("2026-01-10")), Ok(false));
    }

    #[test]
    fn a_day_belongs_to_its_own_year_and_not_to_the_notice_that_names_it() {
        let calendar = Calendar::official();
        assert!(calendar.find_year(2022).unwrap().off.contains(&day("2022-12-31")));
        assert_eq!(calendar.is_working_day(day("2018-12-29")), Err(CalendarError::YearMissing(2018)));
        assert_eq!(calendar.years().collect::<Vec<_>>(), (2019..=2026).collect::<Vec<_>>());
    }

    #[test]
    fn a_year_without_data_is_an_error_and_not_a_weekend_rule() {
        let error = Calendar::official().is_working_day(day("2027-03-01")).unwrap_err();
        assert_eq!(error, CalendarError::YearMissing(2027));
        assert!(error.to_string().contains("尚无2027年的节假日安排"));
    }

    #[test]
    fn a_deadline_that_reaches_a_year_without_data_is_an_error() {
        let calendar = Calendar::official();
        assert_eq!(calendar.add_working_days(day("2026-12-30"), 1), Ok(day("2026-12-31")));
        assert_eq!(calendar.add_working_days(day("2026-12-30"), 2), Err(CalendarError::YearMissing(2027)));
        assert_eq!(calendar.working_days_between(day("2026-12-30"), day("2027-01-05")), Err(CalendarError::YearMissing(2027)));
    }

    #[test]
    fn an_imported_year_extends_the_calendar() {
        let mut calendar = Calendar::official().clone();
        calendar.merge(Calendar::parse("[2027]\noff = [\"01-01..01-03\"]\nwork = []").unwrap());
        assert_eq!(calendar.add_working_days(day("2026-12-31"), 1), Ok(day("2027-01-04")));
    }

    #[test]
    fn bad_data_is_refused_with_the_place_of_the_mistake() {
        let message = |text: &str| Calendar::parse(text).unwrap_err().to_string();
        assert!(message("[27]\noff = []\nwork = []").contains("年份“27”"));
        assert!(message("[2027]\noff = [\"02-30\"]\nwork = []").contains("2027年节假日数据中的“02-30”"));
        assert!(message("[2027]\noff = [\"02-05..02-01\"]\nwork = []").contains("02-05..02-01"));
        assert!(message("[2027]\noff = [\"02-06\"]\nwork = [\"02-06\"]").contains("2027-02-06既列为放假日又列为上班日"));
        assert!(message("[2027]\noff = []\nwork = [\"02-05\"]").contains("2027-02-05列为调休上班日"));
        assert!(message("[2027]\noff = []").contains("节假日数据格式有误"));
    }
}
