//! The two numbers a government document carries: 发文字号 and 索引号 (regulations.md §4.5).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number an agency gives to a document it sends out, 发文字号.
///
/// One of two forms: `国办发〔2017〕47号` (agency code, year, serial) or the order form `国务院令第711号`. Parsing
/// removes spaces and turns other brackets round the year into 〔〕 and full-width digits into plain ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentNumber(String);

/// The number of an entry in an agency's catalogue of public information, 索引号: `99010200X/2026-00001`.
///
/// Agency code of 7 to 18 digits or capital letters, which may end in `-` and a check character; `/`; year, or year and
/// month; `-`; serial of 5 or 6 digits. The serial restarts every year per agency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IndexNumber(String);

/// A number that does not have the required form; carries the text as given. The messages are shown to users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a 发文字号.
    #[error("发文字号“{0}”不规范，应为“国办发〔2017〕47号”或“国务院令第711号”的形式")]
    Document(String),
    /// Not a 索引号.
    #[error("索引号“{0}”不规范，应为“机构代码/年份-流水号”的形式，例如“99010200X/2026-00001”")]
    Index(String),
    /// The serial does not fit 1 to 999999.
    #[error("索引号的流水号{0}超出范围，应在1至999999之间")]
    Serial(u32),
}

impl DocumentNumber {
    /// The number in its normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DocumentNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let clean: String = text.chars().filter(|letter| !letter.is_whitespace()).map(plain_digit).collect();
        let number = read_order(&clean).or_else(|| read_bracketed(&clean));
        number.map(Self).ok_or_else(|| NumberError::Document(text.trim().to_owned()))
    }
}

impl IndexNumber {
    /// The number of the `serial`-th entry of `year` in the catalogue of the agency with `agency_code`.
    pub fn new(agency_code: &str, year: i32, serial: u32) -> Result<Self, NumberError> {
        if !(1..=999_999).contains(&serial) {
            return Err(NumberError::Serial(serial));
        }
        format!("{agency_code}/{year:04}-{serial:05}").parse()
    }

    /// The number as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IndexNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim();
        if is_index_number(number) { Ok(Self(number.to_owned())) } else { Err(NumberError::Index(number.to_owned())) }
    }
}

/// `国务院令第711号`: anything, then `令第`, digits, `号`.
fn read_order(text: &str) -> Option<String> {
    let (agency, serial) = text.strip_suffix('号')?.rsplit_once("令第")?;
    (!agency.is_empty() && is_digits(serial)).then(|| text.to_owned())
}

/// `国办发〔2017〕47号`, with any kind of bracket round the year.
fn read_bracketed(text: &str) -> Option<String> {
    let (before, serial) = text.strip_suffix('号')?.rsplit_once(['〕', ']', '】', ')', '）', '］'])?;
    let (agency, year) = before.rsplit_once(['〔', '[', '【', '(', '（', '［'])?;
    let is_agency = !agency.is_empty() && agency.chars().all(is_agency_letter);
    let is_number = is_agency && year.len() == 4 && is_digits(year) && is_digits(serial);
    is_number.then(|| format!("{agency}〔{year}〕{serial}号"))
}

fn is_agency_letter(letter: char) -> bool {
    matches!(letter, '\u{4e00}'..='\u{9fa5}' | 'A'..='Z' | 'a'..='z' | '（' | '）' | '(' | ')')
}

fn plain_digit(letter: char) -> char {
    match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')).unwrap_or(letter),
        _ => letter,
    }
}

fn is_index_number(text: &str) -> bool {
    let Some((agency, entry)) = text.split_once('/') else {
        return false;
    };
    let Some((period, serial)) = entry.split_once('-') else {
        return false;
    };
    is_agency_code(agency)
        && is_digits(period)
        && matches!(period.len(), 4 | 6)
        && is_digits(serial)
        && matches!(serial.len(), 5 | 6)
}

/// Whether index numbers of an agency with this code are sound: 7 to 18 digits and capital letters, and a hyphen with a check digit
/// where there is one.
pub fn is_agency_code(text: &str) -> bool {
    let (code, check) = text.split_once('-').unwrap_or((text, "0"));
    let all_allowed = code.chars().chain(check.chars()).all(|letter| matches!(letter, '0'..='9' | 'A'..='Z'));
    all_allowed && (7..=18).contains(&code.len()) && check.len() == 1
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Both numbers are strings to the outside: in forms, files and the database.
macro_rules! string_form {
    ($number:ty) => {
        impl TryFrom<String> for $number {
            type Error = NumberError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$number> for String {
            fn from(number: $number) -> Self {
                number.0
            }
        }

        impl fmt::Display for $number {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

string_form!(DocumentNumber);
string_form!(IndexNumber);

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> String {
        text.parse::<DocumentNumber>().unwrap().to_string()
    }

    #[test]
    fn both_official_forms_of_a_document_number_are_kept() {
        for text in ["国办发〔2017〕47号", "豫政〔2020〕1号", "国办公开办函〔2021〕30号", "国务院令第711号"]
        {
            assert_eq!(document(text), text);
        }
        assert_eq!(document("财税（地）函〔2019〕3号"), "财税（地）函〔2019〕3号");
    }

    #[test]
    fn other_brackets_round_the_year_become_official_ones() {
        for text in ["国办发[2017]47号", "国办发【2017】47号", "国办发(2017)47号", "国办发（2017）47号", "国办发［2017］４７号"]
        {
            assert_eq!(document(text), "国办发〔2017〕47号");
        }
    }

    #[test]
    fn spaces_in_a_document_number_are_removed() {
        assert_eq!(document("　国办发 〔2017〕 47 号 "), "国办发〔2017〕47号");
        assert_eq!(document("国务院令 第 711 号"), "国务院令第711号");
    }

    #[test]
    fn a_malformed_document_number_is_refused_by_name() {
        for bad in ["", "国办发2017-47号", "国办发〔17〕47号", "国办发〔2017〕47", "〔2017〕47号", "令第1号", "国务院令第号"]
        {
            let error = bad.parse::<DocumentNumber>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("发文字号“{bad}”不规范")), "{error}");
        }
    }

    #[test]
    fn the_seven_real_index_numbers_are_valid() {
        let real = [
            "000014349/2017-00110",
            "11441700007280420Y/2021-00050",
            "053533505/2021-00106",
            "0142768-8/2022-00185",
            "11341702486344515H/202110-00013",
            "11620622013933539B/2021-03844",
            "11330800MB0R57773W/2021-130444",
        ];
        for text in real {
            assert_eq!(text.parse::<IndexNumber>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_malformed_index_number_is_refused_by_name() {
        let bad = ["99010200X", "99010200X/26-00001", "99010200x/2026-00001", "99010200X/2026-0001", "123456/2026-00001"];
        for text in bad.into_iter().chain(["0142768-88/2022-00185", "0142768-/2022-00185", "99010200X/2026-00001-2"]) {
            let error = text.parse::<IndexNumber>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("索引号“{text}”不规范")), "{error}");
        }
    }

    #[test]
    fn an_index_number_is_built_from_its_parts() {
        let build = |serial| IndexNumber::new("99010200X", 2026, serial).map(String::from);
        assert_eq!(build(1), Ok("99010200X/2026-00001".to_owned()));
        assert_eq!(build(130_444), Ok("99010200X/2026-130444".to_owned()));
        assert_eq!(build(0), Err(NumberError::Serial(0)));
        assert_eq!(build(1_000_000), Err(NumberError::Serial(1_000_000)));
        assert!(IndexNumber::new("机构", 2026, 1).is_err());
    }

    #[test]
    fn serde_uses_the_string_form_and_checks_it() {
        #[derive(Debug, Deserialize, Serialize)]
        struct Entry {
            index: IndexNumber,
            number: DocumentNumber,
        }
        let entry: Entry = toml::from_str("index = '053533505/2021-00106'\nnumber = '国发[2021]1号'").unwrap();
        assert!(toml::to_string(&entry).unwrap().contains("number = \"国发〔2021〕1号\""));
        assert!(toml::from_str::<Entry>("index = '1'\nnumber = '国发〔2021〕1号'").is_err());
    }
}
