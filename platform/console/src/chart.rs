//! A small chart of one number a day, drawn as bars.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::moment;

/// How high the highest bar is.
const HEIGHT: i64 = 38;

/// One number a day, the oldest first, days without one included.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Chart {
    bars: Vec<Bar>,
    total: i64,
    most: i64,
    /// The day of the most.
    most_on: String,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Bar {
    day: String,
    count: i64,
    /// From 0 to [`HEIGHT`]; what is not nothing can be seen.
    height: i64,
}

impl Chart {
    pub(crate) fn of(counts: &[(NaiveDate, i64)], first: NaiveDate, last: NaiveDate) -> Self {
        let counts: HashMap<NaiveDate, i64> = counts.iter().copied().collect();
        let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
        let count = |day: &NaiveDate| counts.get(day).copied().unwrap_or_default();
        // The latest of equals.
        let top = days.iter().max_by_key(|day| count(day)).copied().unwrap_or(last);
        let most = count(&top);
        let height = |count: i64| if count == 0 { 0 } else { (count * HEIGHT / most.max(1)).max(1) };
        Self {
            total: days.iter().map(count).sum(),
            most,
            most_on: moment::day(top),
            bars: days.iter().map(|day| Bar { day: moment::day(*day), count: count(day), height: height(count(day)) }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_bar_and_the_highest_is_as_high_as_there_is_room() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let chart = Chart::of(&[(day(2), 1_000), (day(4), 1)], day(1), day(4));
        assert_eq!(chart.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(), [0, HEIGHT, 0, 1]);
        assert_eq!((chart.total, chart.most, chart.most_on.as_str()), (1_001, 1_000, moment::day(day(2)).as_str()));
        assert_eq!(Chart::of(&[], day(1), day(2)).total, 0);
    }
}
