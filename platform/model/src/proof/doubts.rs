//! Doubts (疑点): what is well-formed and still hardly meant.

use super::{Remark, RemarkKind};
use crate::Content;

/// Every doubt about a content whose body is cleaned.
pub fn doubts(content: &Content) -> Vec<Remark> {
    let doubt = |field, message| Remark { kind: RemarkKind::Doubt, field, message, place: None };
    let mut doubts = Vec::new();
    let blank = blank_heads(&content.body);
    if blank > 0 {
        doubts.push(doubt("body", format!("表格有{blank}个表头单元格为空，请填写或删除该列")));
    }
    let rows = blank_rows(&content.body);
    if rows > 0 {
        doubts.push(doubt("body", format!("表格有{rows}行全部为空，请填写或删除该行")));
    }
    let spaced = content.keywords.iter().filter(|keyword| is_several(keyword));
    doubts.extend(spaced.map(|keyword| doubt("keywords", format!("关键词“{keyword}”中有空格；如是多个关键词，请用逗号分隔"))));
    doubts
}

/// Chinese words are not written apart: with a space between them they are several.
fn is_several(keyword: &str) -> bool {
    keyword.split_whitespace().filter(|part| part.contains(|letter: char| !letter.is_ascii())).count() > 1
}

/// How many cells that name a column or row name nothing. The corner of a table that names both may be blank.
fn blank_heads(body: &str) -> usize {
    body.split("<table")
        .skip(1)
        .map(|table| cells(table).enumerate().filter(|(at, cell)| *at > 0 && is_blank(cell)).count())
        .sum()
}

/// What stands in each cell of a table, if it is a head; of other cells nothing is told, as if they were filled.
fn cells(table: &str) -> impl Iterator<Item = &str> {
    table.split("<t").filter_map(|part| {
        let (tag, rest) = part.split_once('>')?;
        match tag.split(' ').next()? {
            "h" => Some(rest.split("</th>").next().unwrap_or(rest)),
            "d" => Some("filled"),
            _ => None,
        }
    })
}

/// How many rows of tables say nothing in any of their cells.
fn blank_rows(body: &str) -> usize {
    let rows = body.split("<tr").skip(1).map(|rest| rest.split("</tr>").next().unwrap_or(rest));
    // What stands before the end of the tag is no text of the row.
    rows.filter(|row| row.split_once('>').is_some_and(|(_, cells)| is_blank(cells))).count()
}

fn is_blank(cell: &str) -> bool {
    !cell.contains("<img") && super::links::text_of(cell).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(content: &Content) -> Vec<String> {
        doubts(content).into_iter().map(|one| one.message).collect()
    }

    #[test]
    fn heads_of_a_table_that_name_nothing_are_counted_but_for_its_corner() {
        let blank = |body: &str| blank_heads(body);
        assert_eq!(blank("<table><thead><tr><th></th><th><p>&nbsp;</p></th><th scope=\"col\"> </th></tr></thead></table>"), 2);
        assert_eq!(blank("<table><tbody><tr><th></th><th>一月</th></tr><tr><th>供水</th><td></td></tr></tbody></table>"), 0);
        assert_eq!(blank("<table><tbody><tr><td></td></tr><tr><th><img src=\"media:3\"></th><th></th></tr></tbody></table>"), 1);
        assert_eq!(blank("<p>没有表格</p>"), 0);
    }

    #[test]
    fn rows_that_say_nothing_in_any_cell_are_counted() {
        assert_eq!(blank_rows("<table><tr><td></td><td><p>&nbsp;</p></td></tr><tr><td>供水</td><td></td></tr></table>"), 1);
        assert_eq!(blank_rows("<table><tr><td><img src=\"media:3\"></td><td></td></tr></table>"), 0);
        assert_eq!(blank_rows("<p>没有表格</p>"), 0);
    }

    #[test]
    fn chinese_words_with_a_space_between_them_are_doubted_as_one_keyword() {
        let keywords = ["供暖 收费", "open data", "5G 网络", "供暖"].map(String::from).to_vec();
        assert_eq!(
            told(&Content { keywords, ..Content::default() }),
            ["关键词“供暖 收费”中有空格；如是多个关键词，请用逗号分隔"]
        );
    }
}
