//! Dates and numbers as laws write them: `2004年9月1日`, `二○○四年九月一日`, `第一百二十三条`.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

/// A date, in Arabic or Chinese numerals, as the inside of a larger pattern.
pub(super) const DATE: &str =
    r"[\d〇○零一二三四五六七八九]{4}\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日";

static PARTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\S{4})\s*年\s*(\S{1,3}?)\s*月\s*(\S{1,3}?)\s*日").expect("a constant pattern"));

/// The date written as a whole in `text`, which matches [`DATE`].
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    let parts = PARTS.captures(text)?;
    let year = read_year(&parts[1])?;
    NaiveDate::from_ymd_opt(year, read_number(&parts[2])?, read_number(&parts[3])?)
}

/// A number below ten thousand, `123` or `一百二十三`.
pub(super) fn read_number(text: &str) -> Option<u32> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let mut total = 0;
    let mut pending = None;
    for letter in text.chars() {
        if let Some(unit) = read_unit(letter) {
            total += pending.take().unwrap_or(1) * unit;
        } else {
            pending = Some(read_digit(letter)?);
        }
    }
    let number = total + pending.unwrap_or(0);
    (!text.is_empty()).then_some(number)
}

/// Full-width digits made plain, so that one pattern finds both.
pub(super) fn with_plain_digits(text: &str) -> String {
    let plain = |letter| match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')),
        _ => None,
    };
    text.chars().map(|letter| plain(letter).unwrap_or(letter)).collect()
}

/// Years are written digit by digit: `二○○四` is 2004.
fn read_year(text: &str) -> Option<i32> {
    let mut year = 0;
    for letter in text.chars() {
        year = year * 10 + i32::try_from(letter.to_digit(10).or_else(|| read_digit(letter))?).ok()?;
    }
    Some(year)
}

fn read_digit(letter: char) -> Option<u32> {
    let digits = "零一二三四五六七八九".chars();
    match letter {
        '〇' | '○' => Some(0),
        _ => digits.zip(0..).find(|(digit, _)| *digit == letter).map(|(_, value)| value),
    }
}

fn read_unit(letter: char) -> Option<u32> {
    match letter {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_both_kinds_of_numerals() {
        let day = NaiveDate::from_ymd_opt(2004, 10, 21);
        assert_eq!(read_date("2004年10月21日"), day);
        assert_eq!(read_date("二○○四年十月二十一日"), day);
        assert_eq!(read_date(&with_plain_digits("２００４年１０月２１日")), day);
        assert_eq!(read_date("2004年13月1日"), None);
    }

    #[test]
    fn numbers_are_read_up_to_the_thousands() {
        let read = |text| read_number(text).unwrap();
        let texts = ["七", "十", "十二", "二十", "一百零五", "一百一十三", "三百九十", "45"];
        assert_eq!(texts.map(read), [7, 10, 12, 20, 105, 113, 390, 45]);
        assert_eq!((read_number(""), read_number("条")), (None, None));
    }
}
