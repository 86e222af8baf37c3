//! The body of a law: Markdown lines read into blocks, and blocks written as HTML.

use std::sync::LazyLock;

use regex::Regex;

use super::dates::read_number;

/// One line of the body, or several lines of one list or table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// 编 or 章, and any other heading of the second level.
    Chapter(String),
    /// 节, and any other heading of a lower level.
    Section(String),
    /// 条: its label (`第一条`) and the text behind it.
    Article { label: String, text: String },
    /// Anything else.
    Paragraph(String),
    /// Items of a Markdown list with bullets. Numbered items stay paragraphs: the number is text.
    List(Vec<String>),
    /// Cells of a Markdown table, row by row.
    Table(Vec<Vec<String>>),
}

const NUMERAL: &str = "[零〇一二三四五六七八九十百千]";

static CHAPTER: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^第{NUMERAL}+(编|分编|章)")));
static SECTION: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^第{NUMERAL}+节")));
// One file breaks the label itself (第七十五 条), hence the second form.
static ARTICLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"^(第{NUMERAL}+条(?:之{NUMERAL}+)?)(?:\s+|$)|^(第{NUMERAL}+\s+条)\s*")));
static BOLD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\*\*([^*]+)\*\*"));
static TABLE_RULE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[|:\s-]+$"));

/// Read the body line by line; in these files a line is a paragraph.
pub(super) fn read_blocks(body: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for line in body.lines().map(trim).filter(|line| !line.is_empty()) {
        match (read_line(line), blocks.last_mut()) {
            (Block::List(item), Some(Block::List(items))) => items.extend(item),
            (Block::Table(row), Some(Block::Table(rows))) => rows.extend(row),
            (block, _) => blocks.push(block),
        }
    }
    blocks
}

/// Write the blocks as HTML, one per line.
pub(super) fn render(blocks: &[Block]) -> String {
    blocks.iter().map(|block| render_block(block) + "\n").collect()
}

/// What looks wrong with the body: articles that are missing, characters that will not show.
pub(super) fn check(blocks: &[Block]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut last = 0;
    for (label, number) in blocks.iter().filter_map(article_number) {
        if label.contains(char::is_whitespace) {
            warnings.push(format!("条号中有空格：{label}"));
        }
        if !label.contains('之') && number != last + 1 {
            warnings.push(format!("条号不连续：第{last}条之后为第{number}条"));
        }
        last = number;
    }
    let html = render(blocks);
    if let Some(letter) = html.chars().find(|letter| matches!(letter, '\u{e000}'..='\u{f8ff}')) {
        warnings.push(format!("有无法显示的字符：U+{:04X}", u32::from(letter)));
    }
    warnings
}

/// Text made safe inside HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Zero-width spaces count as white space: some files have lines of nothing else.
fn trim(line: &str) -> &str {
    line.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{200b}')
}

fn read_line(line: &str) -> Block {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    if marks > 0 {
        return read_heading(marks, trim(&line[marks..]));
    }
    if let Some(row) = line.strip_prefix('|') {
        return Block::Table(read_row(line, row));
    }
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Block::List(vec![trim(item).to_owned()]);
    }
    if let Some(article) = ARTICLE.captures(line) {
        let text = line[article[0].len()..].to_owned();
        return Block::Article { label: trim(&article[0]).to_owned(), text };
    }
    Block::Paragraph(line.to_owned())
}

/// The words of a heading tell its level, not the marks: some files give 章 three and 节 two.
fn read_heading(marks: usize, text: &str) -> Block {
    if CHAPTER.is_match(text) || (marks <= 2 && !SECTION.is_match(text)) {
        Block::Chapter(text.to_owned())
    } else {
        Block::Section(text.to_owned())
    }
}

/// The row without the rule under a table's head, which holds no text.
fn read_row(line: &str, row: &str) -> Vec<Vec<String>> {
    if TABLE_RULE.is_match(line) {
        return Vec::new();
    }
    let cells = row.strip_suffix('|').unwrap_or(row).split('|');
    vec![cells.map(|cell| trim(cell).to_owned()).collect()]
}

fn render_block(block: &Block) -> String {
    match block {
        Block::Chapter(text) => element("h2", &inline(text)),
        Block::Section(text) => element("h3", &inline(text)),
        Block::Article { label, text } if text.is_empty() => element("p", &element("strong", &escape(label))),
        Block::Article { label, text } => {
            let label = element("strong", &escape(label));
            element("p", &format!("{label}　{}", inline(text)))
        }
        Block::Paragraph(text) => element("p", &inline(text)),
        Block::List(items) => element("ul", &elements("li", items)),
        Block::Table(rows) => {
            let row = |cells: &Vec<String>| element("tr", &elements("td", cells));
            let rows: Vec<_> = rows.iter().map(row).collect();
            element("table", &element("tbody", &rows.concat()))
        }
    }
}

fn elements(name: &str, texts: &[String]) -> String {
    let elements: Vec<_> = texts.iter().map(|text| element(name, &inline(text))).collect();
    elements.concat()
}

fn element(name: &str, html: &str) -> String {
    format!("<{name}>{html}</{name}>")
}

/// Escape, then make bold what Markdown marks as bold. A single `*` is text, as in 麦角酸*.
fn inline(text: &str) -> String {
    BOLD.replace_all(&escape(text), "<strong>$1</strong>").into_owned()
}

fn article_number(block: &Block) -> Option<(&str, u32)> {
    let Block::Article { label, .. } = block else {
        return None;
    };
    let number = label.strip_prefix('第')?.split('条').next()?;
    Some((label, read_number(trim(number))?))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(body: &str) -> String {
        render(&read_blocks(body))
    }

    #[test]
    fn chapters_sections_and_articles_get_their_elements() {
        let body = "## 第一章  总则\n\n### 第一节 一般规定\n\n第一条 为了规范，制定本条例。\n\n（一）甲；";
        let expected = "<h2>第一章  总则</h2>\n<h3>第一节 一般规定</h3>\n\
            <p><strong>第一条</strong>　为了规范，制定本条例。</p>\n<p>（一）甲；</p>\n";
        assert_eq!(html(body), expected);
    }

    #[test]
    fn the_words_of_a_heading_tell_its_level() {
        assert_eq!(html("### 第二章 罚则"), "<h2>第二章 罚则</h2>\n");
        assert_eq!(html("## 第二节 罚则"), "<h3>第二节 罚则</h3>\n");
        assert_eq!(html("## 一、液体推进剂"), "<h2>一、液体推进剂</h2>\n");
    }

    #[test]
    fn a_reference_to_an_article_is_not_an_article() {
        assert_eq!(html("第三条规定的期限"), "<p>第三条规定的期限</p>\n");
        assert_eq!(html("第三条之一 甲"), "<p><strong>第三条之一</strong>　甲</p>\n");
    }

    #[test]
    fn text_is_escaped_and_bold_is_kept() {
        assert_eq!(html("**甲**<b> & *"), "<p><strong>甲</strong>&lt;b&gt; &amp; *</p>\n");
    }

    #[test]
    fn lists_and_tables_are_gathered() {
        assert_eq!(html("- 甲\n- 乙"), "<ul><li>甲</li><li>乙</li></ul>\n");
        assert_eq!(
            html("| 甲 | 乙 |\n|---|---|\n| 1 | |"),
            "<table><tbody><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td></td></tr></tbody></table>\n"
        );
        assert_eq!(html("1. 甲"), "<p>1. 甲</p>\n");
    }

    #[test]
    fn missing_articles_and_broken_labels_are_noticed() {
        let warnings = check(&read_blocks("第一条 甲\n第三条 乙\n第四 条丙\n第四条之一 丁"));
        assert_eq!(warnings, ["条号不连续：第1条之后为第3条", "条号中有空格：第四 条"]);
    }
}
