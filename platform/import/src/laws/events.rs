//! One event in the life of a law, read from the words behind its date:
//! `河南省…会议批准的《…决定》修正`.
//!
//! Titles inside 《》 are set aside first, because they contain the same words (关于修改…的决定).

use std::fmt;
use std::sync::LazyLock;

use chrono::NaiveDate;
use model::DocumentNumber;
use regex::Regex;

/// One event in the life of a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The day of the event.
    pub date: NaiveDate,
    /// Who acted, as printed, the session included; empty when the preamble names nobody.
    pub body: String,
    /// What was done.
    pub act: Act,
    /// By what it was done: an order (`国务院令第656号`) or a decision (`《…的决定》`).
    pub instrument: Option<String>,
}

/// What can happen to a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// 通过
    Passed,
    /// 批准
    Approved,
    /// 公布, 发布, 公告
    Published,
    /// 修正, 修改: parts were changed.
    Amended,
    /// 修订: the text was made anew, unless a decision on several laws is the instrument.
    Revised,
    /// 施行, 执行
    InForce,
}

/// What the words behind one date tell.
pub(super) struct Event {
    /// One for each act; none when the words name no act.
    pub adoptions: Vec<Adoption>,
    pub document_number: Option<DocumentNumber>,
}

static ACT: LazyLock<Regex> = LazyLock::new(|| pattern("通过|批准|公布|发布|修正|修订|修改|施行|执行"));
/// `关于修改《…》等二十五件地方性法规的决定`, where the title of the decision itself has no 《》.
static BARE_DECISION: LazyLock<Regex> = LazyLock::new(|| pattern(r"关于\s*(修\s*改|修订).*?决定"));
static ORDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"令第\s*(\d+)\s*号|第\s*(\d+)\s*号令"));
/// Where the name of a body ends and its session or its act begins.
static BODY_END: LazyLock<Regex> =
    LazyLock::new(|| pattern("通过|批准|公布|发布|公告|修正|修订|修改|施行|执行|审议|令第|第[0-9]+号|关于|联合"));
static TITLE_AUTHOR: LazyLock<Regex> = LazyLock::new(|| pattern("^《([^《》〈〉]+?)关于"));
/// `第二次修正`: the count belongs to the act.
static COUNT: LazyLock<Regex> = LazyLock::new(|| pattern("第[一二三四五六七八九十]+次$"));
static TERM: LazyLock<Regex> = LazyLock::new(|| pattern("第?[一二三四五六七八九十百]+届"));
static SESSION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(\d{4}年)?第?[\d零一二三四五六七八九十百]+次.*$|常务会议.*$|会议.*$|主席团.*$"));

/// Read the words behind `date`, up to the next date.
pub(super) fn read(date: NaiveDate, piece: &str) -> Event {
    let (outside, quoted) = set_titles_aside(piece);
    let order = read_order(&outside);
    let document_number = order.as_ref().and_then(|order| order.parse().ok());
    let bare = BARE_DECISION.is_match(&outside).then(|| BARE_DECISION.find(piece)).flatten();
    let decision = bare.map(|found| found.as_str().to_owned()).or(quoted);
    let instrument = decision.or(order);
    let body = read_body(&outside, instrument.as_deref());
    let adoption =
        |act| Adoption { date, body: body.clone(), act, instrument: instrument.clone().filter(|_| act != Act::Approved) };
    let acts = read_acts(&outside, instrument.as_deref());
    Event { adoptions: acts.into_iter().map(adoption).collect(), document_number }
}

/// The standing names of the bodies, without term and session: 山东省人民代表大会常务委员会.
pub(super) fn body_names(body: &str) -> Vec<String> {
    let body = TERM.replace_all(body, "");
    let mut names: Vec<String> = Vec::new();
    for part in body.split(['、', ' ', '　', '\u{a0}']) {
        let name = SESSION.replace(part.trim(), "").replace("中华人民共和国", "");
        let name = name.trim_start_matches(['经', '由', '（']).to_owned();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The text outside 《》 and the titles in them. A title that is never closed runs to the end.
fn set_titles_aside(text: &str) -> (String, Option<String>) {
    let mut outside = String::new();
    let mut titles = String::new();
    let mut depth = 0_u32;
    for letter in text.chars() {
        depth += u32::from(letter == '《');
        let inside = if depth > 0 { &mut titles } else { &mut outside };
        inside.push(letter);
        depth = depth.saturating_sub(u32::from(letter == '》'));
    }
    (outside, (!titles.is_empty()).then_some(titles))
}

fn read_order(outside: &str) -> Option<String> {
    let found = ORDER.captures(outside)?;
    let number = found.get(1).or_else(|| found.get(2))?.as_str();
    let bodies = body_names(&outside[..found.get(0)?.start()]);
    (!bodies.is_empty()).then(|| format!("{}令第{number}号", bodies.join("、")))
}

/// The acts in the order of the text, each once.
fn read_acts(outside: &str, instrument: Option<&str>) -> Vec<Act> {
    let outside = BARE_DECISION.replace_all(outside, "");
    let mut acts = Vec::new();
    for found in ACT.find_iter(&outside) {
        let act = match found.as_str() {
            "通过" => Act::Passed,
            "批准" => Act::Approved,
            "公布" | "发布" => Act::Published,
            "修订" => Act::Revised,
            "施行" | "执行" => Act::InForce,
            _ => Act::Amended,
        };
        if !acts.contains(&act) {
            acts.push(act);
        }
    }
    if acts.is_empty() {
        acts.extend(implied_act(&outside, instrument));
    }
    acts
}

/// An order or announcement publishes, a decision on changes amends, even where the word is missing.
fn implied_act(outside: &str, instrument: Option<&str>) -> Option<Act> {
    if instrument.is_some_and(|name| name.contains("修改") || name.contains("修正")) {
        return Some(Act::Amended);
    }
    let published = outside.contains("公告") || instrument.is_some_and(|name| name.contains("令第"));
    published.then_some(Act::Published)
}

/// Who acted: the words in front of the act, or the author in the decision's title.
fn read_body(outside: &str, instrument: Option<&str>) -> String {
    let end = BODY_END.find(outside).map_or(outside.len(), |found| found.start());
    let body = outside[..end].trim_matches(|letter: char| " 　\u{a0}，,、（(".contains(letter));
    let body = COUNT.replace(body, "");
    let body = body.trim_start_matches(['经', '由', '自', '从']).trim_end_matches(['的', '自']);
    if body.is_empty() || body.starts_with("根据") {
        let author = instrument.and_then(|title| TITLE_AUTHOR.captures(title));
        return author.map(|found| found[1].to_owned()).unwrap_or_default();
    }
    body.trim_end_matches("根据").to_owned()
}

impl fmt::Display for Act {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Passed => "通过",
            Self::Approved => "批准",
            Self::Published => "公布",
            Self::Amended => "修正",
            Self::Revised => "修订",
            Self::InForce => "施行",
        })
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each adoption as `act body [instrument]`.
    fn adoptions(piece: &str) -> Vec<String> {
        let show = |adoption: &Adoption| {
            let instrument = adoption.instrument.as_deref().unwrap_or("-");
            format!("{} {} {instrument}", adoption.act, adoption.body)
        };
        read(NaiveDate::default(), piece).adoptions.iter().map(show).collect()
    }

    #[test]
    fn the_words_of_a_title_are_not_events() {
        let piece = "河南省第十三届人民代表大会常务委员会第七次会议批准的\
            《三门峡市人民代表大会常务委员会关于修改部分地方性法规的决定》修正";
        let session = "河南省第十三届人民代表大会常务委员会第七次会议";
        let decision = "《三门峡市人民代表大会常务委员会关于修改部分地方性法规的决定》";
        let expected = [format!("批准 {session} -"), format!("修正 {session} {decision}")];
        assert_eq!(adoptions(piece), expected);
    }

    #[test]
    fn a_decision_named_without_title_marks_is_the_instrument() {
        let piece = "山东省第十一届人民代表大会常务委员会第二十八次会议\
            关于修改《山东省环境噪声污染防治条例》等二十五件地方性法规的决定第三次修正";
        let expected = "修正 山东省第十一届人民代表大会常务委员会第二十八次会议 \
            关于修改《山东省环境噪声污染防治条例》等二十五件地方性法规的决定";
        assert_eq!(adoptions(piece), [expected]);
    }

    #[test]
    fn an_act_that_is_only_implied_is_found() {
        assert_eq!(adoptions("国务院令第692号"), ["公布 国务院 国务院令第692号"]);
        assert_eq!(adoptions("河南省人民代表大会主席团公告"), ["公布 河南省人民代表大会主席团 -"]);
        assert_eq!(adoptions("《国务院关于修改甲的决定修正》").len(), 1);
        assert!(adoptions("国务院常务会议、").is_empty());
    }

    #[test]
    fn the_number_before_the_word_order_is_read_too() {
        let event = read(NaiveDate::default(), "食品药品监管局、海关总署第4号令公布");
        let number = event.document_number.map(String::from);
        assert_eq!(number.as_deref(), Some("食品药品监管局、海关总署令第4号"));
    }

    #[test]
    fn a_body_is_named_without_term_and_session() {
        let names = |body| body_names(body).join("|");
        assert_eq!(names("山东省九届人民代表大会第三次会议"), "山东省人民代表大会");
        assert_eq!(names("国务院第120次常务会议、中央军事委员会常务会议"), "国务院|中央军事委员会");
        assert_eq!(names("国家互联网信息办公室2021年第20次室务会议"), "国家互联网信息办公室");
    }
}
