//! The preamble of a law: the lines under the title that tell who passed, approved, published and
//! amended it, and when.
//!
//! The lines are joined into one text and cut at the dates; each piece is one event.

use std::sync::LazyLock;

use chrono::NaiveDate;
use model::DocumentNumber;
use regex::Regex;

use super::dates::{DATE, read_date, with_plain_digits};
use super::events::{self, Act, Adoption, body_names};

/// The preamble as read.
#[derive(Clone, Debug, Default)]
pub(super) struct Preamble {
    /// All lines in one, as printed.
    pub text: String,
    pub adopted: Vec<Adoption>,
    pub document_number: Option<DocumentNumber>,
    pub warnings: Vec<String>,
}

static DATED: LazyLock<Regex> = LazyLock::new(|| pattern(DATE));
static BRACKETED_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"[\p{Han}]+[〔\[［]\d{4}[〕\]］]\d+号"));

/// Read the lines between the title and the body.
pub(super) fn read(lines: &str) -> Preamble {
    let text = join_lines(lines);
    let plain = with_plain_digits(&text);
    let mut preamble = Preamble { text, ..Preamble::default() };
    let dates: Vec<_> = DATED.find_iter(&plain).collect();
    for (index, found) in dates.iter().enumerate() {
        let end = dates.get(index + 1).map_or(plain.len(), regex::Match::start);
        match read_date(found.as_str()) {
            Some(date) => preamble.add_event(date, &plain[found.end()..end]),
            None => preamble.warnings.push(format!("题注日期有误：{}", found.as_str())),
        }
    }
    if preamble.issuing_bodies().is_empty() {
        preamble.warnings.push("没有制定机关：题注未写明由谁通过或者公布".to_owned());
    }
    if preamble.document_number.is_none() {
        let number = BRACKETED_NUMBER.find(&plain);
        preamble.document_number = number.and_then(|number| number.as_str().parse().ok());
    }
    preamble
}

impl Preamble {
    /// The day of the last event that made the present text; coming into force is not one.
    pub(super) fn last_event(&self) -> Option<NaiveDate> {
        let making = self.adopted.iter().filter(|adoption| adoption.act != Act::InForce);
        making.map(|adoption| adoption.date).max()
    }

    /// Who issued the law: the last publisher, else whoever passed it last, else whoever acted.
    pub(super) fn issuing_bodies(&self) -> Vec<String> {
        let last_of = |act: Act| {
            let mut named = self.adopted.iter().rev();
            named.find(|adoption| adoption.act == act && !adoption.body.is_empty())
        };
        let acts = [Act::Published, Act::Passed, Act::Revised, Act::Approved, Act::Amended];
        acts.into_iter().find_map(last_of).map(|adoption| body_names(&adoption.body)).unwrap_or_default()
    }

    /// The text in （）, as printed under a title. Some files hold the closing bracket already.
    pub(super) fn in_brackets(&self) -> String {
        let count = |bracket| self.text.matches(bracket).count();
        let close = if count('）') > count('（') { "" } else { "）" };
        format!("（{}{close}", self.text)
    }

    fn add_event(&mut self, date: NaiveDate, piece: &str) {
        let event = events::read(date, piece);
        if event.adoptions.is_empty() {
            self.warnings.push(format!("题注事件不明：{date}{}", piece.trim_end()));
        }
        self.document_number = event.document_number.or(self.document_number.take());
        self.adopted.extend(event.adoptions);
    }
}

/// One text of all lines. A line that was broken in the middle of a date or title is mended.
fn join_lines(lines: &str) -> String {
    let mut text = String::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let inside_title = text.matches('《').count() > text.matches('》').count();
        let broken = inside_title || text.ends_with(|last: char| last.is_ascii_digit() || last == '年');
        if !text.is_empty() && !broken && !line.starts_with('第') {
            text.push('　');
        }
        text.push_str(line);
    }
    text
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each event as `date act body [instrument]`.
    fn events(lines: &str) -> Vec<String> {
        let show = |adoption: &Adoption| {
            let instrument = adoption.instrument.as_deref().unwrap_or("-");
            format!("{} {} {} {instrument}", adoption.date, adoption.act, adoption.body)
        };
        read(lines).adopted.iter().map(show).collect()
    }

    #[test]
    fn a_city_law_is_passed_by_the_city_and_approved_by_the_province() {
        let lines = "2021年6月24日 郑州市第十五届人民代表大会常务委员会第二十六次会议通过\n\n\
            2021年7月30日 河南省第十三届人民代表大会常务委员会第二十六次会议批准";
        let expected = [
            "2021-06-24 通过 郑州市第十五届人民代表大会常务委员会第二十六次会议 -",
            "2021-07-30 批准 河南省第十三届人民代表大会常务委员会第二十六次会议 -",
        ];
        assert_eq!(events(lines), expected);
        assert_eq!(read(lines).issuing_bodies(), ["郑州市人民代表大会常务委员会"]);
    }

    #[test]
    fn an_order_gives_the_document_number() {
        let preamble = read(
            "2000年9月14日 中华人民共和国国务院、中华人民共和国中央军事委员会令第290号公布\n\
             2011年1月8日 《国务院关于废止和修改部分行政法规的决定》第一次修订　",
        );
        let number = preamble.document_number.as_ref().map(DocumentNumber::as_str);
        assert_eq!(number, Some("国务院、中央军事委员会令第290号"));
        assert_eq!(preamble.issuing_bodies(), ["国务院", "中央军事委员会"]);
        let revision = &preamble.adopted[1];
        assert_eq!((revision.act, revision.body.as_str()), (Act::Revised, "国务院"));
        assert_eq!(preamble.last_event(), NaiveDate::from_ymd_opt(2011, 1, 8));
    }

    #[test]
    fn several_events_in_one_line_are_told_apart() {
        let lines = "2014年1月1日 施行根据2018年9月7日青岛市人民代表大会常务委员会《关于修改〈甲〉的决定》修正";
        let expected = ["2014-01-01 施行  -", "2018-09-07 修正 青岛市人民代表大会常务委员会 《关于修改〈甲〉的决定》"];
        assert_eq!(events(lines), expected);
    }

    #[test]
    fn broken_lines_are_mended() {
        let preamble = read("2014年9月26\n\n日山东省人民代表大会常务委员会\n第十次会议批准");
        assert_eq!(preamble.text, "2014年9月26日山东省人民代表大会常务委员会第十次会议批准");
        assert_eq!(preamble.adopted.len(), 1);
    }

    #[test]
    fn a_letter_gives_its_bracketed_number_and_warns_of_the_unclear_date() {
        let preamble = read("关于印发《规定》的通知\n\n劳部发[1994]489号\n\n一九九四年十二月六日");
        let number = preamble.document_number.as_ref().map(DocumentNumber::as_str);
        assert_eq!(number, Some("劳部发〔1994〕489号"));
        assert!(preamble.warnings[0].starts_with("题注事件不明：1994-12-06"));
    }

    #[test]
    fn a_closing_bracket_is_not_doubled() {
        assert_eq!(read("2024年7月10日 国务院修订）").in_brackets(), "（2024年7月10日 国务院修订）");
        assert_eq!(read("2024年7月10日 国务院修订").in_brackets(), "（2024年7月10日 国务院修订）");
    }
}
