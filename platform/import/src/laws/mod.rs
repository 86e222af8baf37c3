//! Law texts as Markdown files, read into documents: title, history, dates, and a body in HTML.
//!
//! A file holds `# 题名`, the preamble (who passed, published and amended the law, and when), the
//! line `<!-- INFO END -->`, and the body in chapters, sections and articles. Nothing of the text
//! is dropped; what looks wrong with it is said in [`LawText::warnings`].
//!
//! No theme class is chosen: a title does not honestly tell one from another.

use chrono::NaiveDate;
use model::DocumentNumber;

mod body;
#[cfg(test)]
mod corpus;
mod dates;
mod effective;
mod events;
mod preamble;
mod versions;

pub use events::{Act, Adoption};
pub use versions::{Ambiguity, Grouping, Law, group_versions};

use body::Block;
use preamble::Preamble;

/// Separates the preamble from the body.
const PREAMBLE_END: &str = "<!-- INFO END -->";

/// A summary is at most this many characters long (regulations.md §4.5, 内容概述).
const SUMMARY_LENGTH: usize = 100;

/// One version of a law.
#[derive(Clone, Debug)]
pub struct LawText {
    /// The path the text was read from, relative to the collection: `河南/郑州市物业管理条例.md`.
    pub path: String,
    /// The full title as printed.
    pub title: String,
    /// The title by which versions of one law are recognised: no spaces, no `中华人民共和国`, no
    /// year behind it.
    pub base_title: String,
    /// What happened to the law, in the order of the preamble.
    pub adopted: Vec<Adoption>,
    /// Who published the law, or passed it where no publication is named; joint issuers in order.
    pub issuing_bodies: Vec<String>,
    /// The last 发文字号 the preamble names.
    pub document_number: Option<DocumentNumber>,
    /// The date in the file name.
    pub file_date: Option<NaiveDate>,
    /// The day of the last event that made this version, or the date of the file name when the
    /// preamble does not tell that event.
    pub written_on: Option<NaiveDate>,
    /// The day the law came into force, where its last articles or its preamble state one. A
    /// partial amendment does not change it.
    pub effective_on: Option<NaiveDate>,
    /// The first article, at most 100 characters.
    pub summary: String,
    /// The preamble and the body as HTML: `p`, `h2`, `h3`, `strong`, `ul`, `table`.
    pub body_html: String,
    /// What a person should look at, in Chinese, each as `种类：具体情况`.
    pub warnings: Vec<String>,
}

/// Why a file is not a law text. The messages are shown to users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LawError {
    /// Nothing but white space.
    #[error("文件为空")]
    Empty,
    /// The first line is not `# 题名`.
    #[error("缺少题名：第一行应为“# 题名”")]
    NoTitle,
    /// There is no text behind the preamble.
    #[error("缺少正文")]
    NoBody,
}

/// Read one law from its `relative_path` within the collection and its `text`.
pub fn parse(relative_path: &str, text: &str) -> Result<LawText, LawError> {
    let (title, rest) = split_title(text)?;
    let (preamble, body) = rest.split_once(PREAMBLE_END).unwrap_or(("", rest));
    let blocks = body::read_blocks(body);
    if blocks.is_empty() {
        return Err(LawError::NoBody);
    }

    let preamble = preamble::read(preamble);
    let file_date = versions::date_of_path(relative_path);
    let last_event = preamble.last_event();
    let effective = effective::find(&blocks, &preamble.adopted);

    let mut warnings = preamble.warnings.clone();
    warnings.extend(compare_dates(last_event, file_date));
    warnings.extend(effective.warnings);
    warnings.extend(body::check(&blocks));

    Ok(LawText {
        path: relative_path.to_owned(),
        base_title: versions::base_title(&title),
        issuing_bodies: preamble.issuing_bodies(),
        document_number: preamble.document_number.clone(),
        file_date,
        written_on: written_on(last_event, file_date),
        effective_on: effective.date,
        summary: summarise(&blocks),
        body_html: render(&preamble, &blocks),
        adopted: preamble.adopted,
        title,
        warnings,
    })
}

fn split_title(text: &str) -> Result<(String, &str), LawError> {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Err(LawError::Empty);
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = first.strip_prefix("# ").map(str::trim).filter(|title| !title.is_empty());
    Ok((title.ok_or(LawError::NoTitle)?.to_owned(), rest))
}

/// A preamble that ends a year or more before the date of the file misses the last event.
fn misses_last_event(last_event: NaiveDate, file_date: NaiveDate) -> bool {
    (file_date - last_event).num_days() >= 365
}

fn written_on(last_event: Option<NaiveDate>, file_date: Option<NaiveDate>) -> Option<NaiveDate> {
    match (last_event, file_date) {
        (Some(event), Some(file)) if misses_last_event(event, file) => Some(file),
        (event, file) => event.or(file),
    }
}

fn compare_dates(last_event: Option<NaiveDate>, file_date: Option<NaiveDate>) -> Option<String> {
    match (last_event, file_date) {
        (Some(event), Some(file)) if misses_last_event(event, file) => {
            Some(format!("题注缺少最近一次修改：题注止于{event}，文件名日期为{file}"))
        }
        (Some(event), Some(file)) if file < event => Some(format!("文件名日期早于题注：题注止于{event}，文件名日期为{file}")),
        (None, None) => Some("没有日期：题注和文件名均未写明日期".to_owned()),
        _ => None,
    }
}

/// The first article without its number, or the first paragraph of a text without articles.
fn summarise(blocks: &[Block]) -> String {
    let article = blocks.iter().find_map(|block| match block {
        Block::Article { text, .. } if !text.is_empty() => Some(text),
        _ => None,
    });
    let paragraph = || {
        blocks.iter().find_map(|block| match block {
            Block::Paragraph(text) => Some(text),
            _ => None,
        })
    };
    let text = article.or_else(paragraph).map_or("", String::as_str);
    if text.chars().count() <= SUMMARY_LENGTH {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SUMMARY_LENGTH - 1).collect();
    format!("{cut}…")
}

fn render(preamble: &Preamble, blocks: &[Block]) -> String {
    let body = body::render(blocks);
    if preamble.text.is_empty() {
        return body;
    }
    format!("<p>{}</p>\n{body}", body::escape(&preamble.in_brackets()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# 郑州市物业管理条例\n\n\
        2021年6月24日 郑州市第十五届人民代表大会常务委员会第二十六次会议通过\n\n\
        2021年7月30日 河南省第十三届人民代表大会常务委员会第二十六次会议批准\n\n\
        <!-- INFO END -->\n\n## 第一章  总则\n\n第一条 为了规范物业管理活动，制定本条例。\n\n\
        第二条 本条例自2021年12月1日起施行。";

    #[test]
    fn a_law_is_read_with_its_history_dates_and_body() {
        let law = parse("河南/郑州市物业管理条例(2021-08-02).md", TEXT).unwrap();
        assert_eq!(law.title, "郑州市物业管理条例");
        assert_eq!(law.issuing_bodies, ["郑州市人民代表大会常务委员会"]);
        assert_eq!(law.written_on, NaiveDate::from_ymd_opt(2021, 7, 30));
        assert_eq!(law.effective_on, NaiveDate::from_ymd_opt(2021, 12, 1));
        assert_eq!(law.summary, "为了规范物业管理活动，制定本条例。");
        assert!(law.body_html.starts_with("<p>（2021年6月24日 郑州市第十五届"));
        assert!(law.body_html.contains("批准）</p>\n<h2>第一章  总则</h2>\n<p><strong>第一条</strong>"));
        assert_eq!(law.warnings, Vec::<String>::new());
    }

    #[test]
    fn a_preamble_that_misses_the_last_amendment_yields_to_the_file_name() {
        let law = parse("河南/郑州市物业管理条例(2024-08-02).md", TEXT).unwrap();
        assert_eq!(law.written_on, NaiveDate::from_ymd_opt(2024, 8, 2));
        assert!(law.warnings[0].starts_with("题注缺少最近一次修改"));
    }

    #[test]
    fn a_long_first_article_is_cut_to_a_hundred_characters() {
        let text = format!("# 甲\n<!-- INFO END -->\n第一条 {}", "法".repeat(101));
        let summary = parse("甲.md", &text).unwrap().summary;
        assert_eq!(summary.chars().count(), 100);
        assert!(summary.ends_with("法…"));
    }

    #[test]
    fn a_file_that_is_not_a_law_is_refused() {
        let error = |text| parse("甲.md", text).unwrap_err();
        assert_eq!(error(" \n"), LawError::Empty);
        assert_eq!(error("第一条 甲"), LawError::NoTitle);
        assert_eq!(error("# 甲\n2001年1月1日 通过\n<!-- INFO END -->\n"), LawError::NoBody);
    }
}
