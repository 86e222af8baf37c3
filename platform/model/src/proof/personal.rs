//! Personal data in a text: numbers of identity cards, mobile phones and bank cards, told masked.

use std::ops::Range;

use chrono::NaiveDate;

use super::{Place, Remark, RemarkKind};

/// Every number in a field that is somebody's.
pub fn personal(field: &'static str, text: &str) -> Vec<Remark> {
    let runs = runs(text);
    let mut remarks = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        let Some((message, count)) = judge(text, &runs[at..]) else {
            at += 1;
            continue;
        };
        let range = runs[at].range.start..runs[at + count - 1].range.end;
        remarks.push(Remark { kind: RemarkKind::Personal, field, message, place: Some(Place::of(text, range)) });
        at += count;
    }
    remarks
}

/// Digits that stand together.
struct Run {
    digits: String,
    range: Range<usize>,
}

/// Digits, full-width ones too; an X at the end of seventeen belongs to them. Within a longer word or number they are nothing.
fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before = ' ';
    for (start, letter) in text.char_indices() {
        let end = start + letter.len_utf8();
        let digit = digit(letter);
        match runs.last_mut().filter(|run| run.range.end == start) {
            Some(run) if digit.is_some() || (run.digits.len() == 17 && matches!(letter, 'x' | 'X' | 'Ｘ')) => {
                run.digits.push(digit.unwrap_or('X'));
                run.range.end = end;
            }
            Some(run) if letter.is_ascii_alphabetic() => run.digits.clear(),
            _ if digit.is_some() => {
                // A letter before them makes them no number at all.
                let digits = if before.is_ascii_alphabetic() { String::from('A') } else { digit.into_iter().collect() };
                runs.push(Run { digits, range: start..end });
            }
            _ => {}
        }
        before = letter;
    }
    runs
}

fn digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
        _ => None,
    }
}

/// What the first run is, alone or with those that follow it after a space or hyphen; and how many they are.
fn judge(text: &str, runs: &[Run]) -> Option<(String, usize)> {
    if let Some(told) = tell(&runs[0].digits) {
        return Some((told, 1));
    }
    let (mut digits, mut longest) = (String::new(), None);
    for (at, run) in runs.iter().enumerate().take(6) {
        let between = at.checked_sub(1).map(|last| &text[runs[last].range.end..run.range.start]);
        let is_group = (2..=6).contains(&run.digits.len());
        if !is_group || between.is_some_and(|between| !matches!(between, " " | "-")) {
            break;
        }
        digits.push_str(&run.digits);
        if at > 0
            && let Some(told) = tell(&digits)
        {
            longest = Some((told, at + 1));
        }
    }
    longest
}

fn tell(digits: &str) -> Option<String> {
    let local = digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(digits);
    if is_identity(digits) {
        Some(format!("疑似身份证号 {}********{}", &digits[..6], &digits[14..]))
    } else if is_mobile(local) {
        Some(format!("疑似手机号码 {}****{}", &local[..3], &local[7..]))
    } else if is_bank_card(digits) {
        Some(format!("疑似银行卡号 {}****{}", &digits[..4], &digits[digits.len() - 4..]))
    } else {
        None
    }
}

/// Eighteen places with a birthday and the right check digit (GB 11643).
fn is_identity(digits: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let is_number = digits.len() == 18 && digits.bytes().take(17).all(|digit| digit.is_ascii_digit());
    if !is_number || digits.starts_with('0') || NaiveDate::parse_from_str(&digits[6..14], "%Y%m%d").is_err() {
        return false;
    }
    let sum: u32 = digits.chars().zip(WEIGHTS).map(|(digit, weight)| digit.to_digit(10).unwrap_or(0) * weight).sum();
    digits.chars().last() == "10X98765432".chars().nth((sum % 11) as usize)
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// Sixteen to nineteen digits of a usual issuer with the right check digit (Luhn).
fn is_bank_card(digits: &str) -> bool {
    if !(16..=19).contains(&digits.len()) || !digits.starts_with(['3', '4', '5', '6']) {
        return false;
    }
    let doubled = |at: usize, digit: u32| match at % 2 {
        0 => digit,
        _ if digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let digits: Option<Vec<u32>> = digits.chars().rev().map(|digit| digit.to_digit(10)).collect();
    digits.is_some_and(|digits| digits.into_iter().enumerate().map(|(at, digit)| doubled(at, digit)).sum::<u32>() % 10 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        personal("body", text).into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn numbers_of_people_are_found_and_masked() {
        assert_eq!(told("身份证11010519491231002X。"), ["疑似身份证号 110105********002X"]);
        assert_eq!(told("身份证１１０１０５１９４９１２３１００２Ｘ"), ["疑似身份证号 110105********002X"]);
        assert_eq!(told("电话13800138000、+86 139 0013 9000"), ["疑似手机号码 138****8000", "疑似手机号码 139****9000"]);
        assert_eq!(told("卡号6222 0200 1234 5678 903"), ["疑似银行卡号 6222****8903"]);
        assert_eq!(told("卡号4111-1111-1111-1111"), ["疑似银行卡号 4111****1111"]);
    }

    #[test]
    fn other_numbers_are_nobodys() {
        for text in [
            "110105194912310021", // a wrong check digit
            "110105194913310024", // no such month
            "0512-66661234",      // an office
            "2026-11-25 13:00",   // a date
            "统一社会信用代码91110105MA0012X4",
            "订单138001380001234", // within a longer number
            "A13800138000B",       // within a word
            "1234567890",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_place_is_that_of_the_number_as_it_is_written() {
        let text = "甲 138 0013 8000，乙 138 0013 8000";
        let places: Vec<_> = personal("body", text).into_iter().filter_map(|one| one.place).collect();
        assert_eq!(places[1], Place { text: "138 0013 8000".into(), occurrence: 1 });
    }
}
