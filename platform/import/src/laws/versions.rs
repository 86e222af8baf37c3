//! Versions of one law: told by region and title, ordered from the oldest to the newest.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::LawText;

/// One law with all its versions.
#[derive(Clone, Debug)]
pub struct Law {
    /// The folder the texts came from: `河南`, `行政法规`.
    pub region: String,
    /// The title shared by the versions, see [`LawText::base_title`].
    pub base_title: String,
    /// From the oldest to the newest; never empty. All but the last are 已修改.
    pub versions: Vec<LawText>,
}

/// All laws of a collection.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// By region, then title.
    pub laws: Vec<Law>,
    /// What a person has to decide.
    pub ambiguous: Vec<Ambiguity>,
}

/// Texts whose relation cannot be told from title and date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguity {
    /// Why, in Chinese.
    pub reason: String,
    /// The texts concerned.
    pub paths: Vec<String>,
}

static FILE_DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[（(](\d{4}-\d{2}-\d{2})[）)]\.md$"));
static YEAR_SUFFIX: LazyLock<Regex> = LazyLock::new(|| pattern(r"[（(]\d{4}(-\d{2}-\d{2}|年?(修正|修订|修改)?(本|版)?)[）)]$"));
static SMALL_WORDS: LazyLock<Regex> = LazyLock::new(|| pattern("[的《》〈〉<>“”、（）()]"));

/// Put the versions of each law together. A text is the newest when its last event is.
pub fn group_versions(texts: Vec<LawText>) -> Grouping {
    let mut groups: BTreeMap<(String, String), Vec<LawText>> = BTreeMap::new();
    for text in texts {
        groups.entry((region(&text.path), text.base_title.clone())).or_default().push(text);
    }
    let mut laws = Vec::new();
    for ((region, base_title), mut versions) in groups {
        versions.sort_by_key(|text| (text.version_date(), text.path.clone()));
        laws.push(Law { region, base_title, versions });
    }
    let mut ambiguous: Vec<_> = laws.iter().filter_map(unclear_order).collect();
    ambiguous.extend(similar_titles(&laws));
    Grouping { laws, ambiguous }
}

impl Law {
    /// The version in use; `None` only for a law made by hand without versions.
    pub fn newest(&self) -> Option<&LawText> {
        self.versions.last()
    }

    /// The versions that were replaced (已修改), from the oldest.
    pub fn superseded(&self) -> &[LawText] {
        self.versions.split_last().map_or(&[], |(_, older)| older)
    }
}

impl LawText {
    /// The day that orders versions: of the last event or of the file name, whichever is later.
    pub fn version_date(&self) -> Option<NaiveDate> {
        self.written_on.max(self.file_date)
    }
}

/// `中华人民共和国专利法实施细则（2010年修订）` and `专利法实施细则` have the same base title.
pub(super) fn base_title(title: &str) -> String {
    let title: String = title.split_whitespace().collect();
    let title = YEAR_SUFFIX.replace(&title, "");
    title.replace("中华人民共和国", "").replace(['〈', '<', '＜'], "《").replace(['〉', '>', '＞'], "》")
}

/// The date at the end of the file name, `郑州市物业管理条例(2007-12-14).md`.
pub(super) fn date_of_path(path: &str) -> Option<NaiveDate> {
    FILE_DATE.captures(path)?[1].parse().ok()
}

fn region(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

fn unclear_order(law: &Law) -> Option<Ambiguity> {
    let dates: Vec<_> = law.versions.iter().map(LawText::version_date).collect();
    let reason = if dates.len() > 1 && dates.contains(&None) {
        "同一法规有多个文本，其中有文本没有日期"
    } else if dates.windows(2).any(|pair| pair[0] == pair[1]) {
        "同一法规有多个日期相同的文本"
    } else {
        return None;
    };
    let paths = law.versions.iter().map(|text| text.path.clone()).collect();
    Some(Ambiguity { reason: reason.to_owned(), paths })
}

/// Laws of one region whose titles differ by small words only may be one law.
fn similar_titles(laws: &[Law]) -> Vec<Ambiguity> {
    let mut alike: BTreeMap<(&str, String), Vec<&Law>> = BTreeMap::new();
    for law in laws {
        let core = SMALL_WORDS.replace_all(&law.base_title, "").into_owned();
        alike.entry((&law.region, core)).or_default().push(law);
    }
    let unclear = alike.into_values().filter(|laws| laws.len() > 1);
    unclear.map(|laws| similar_title(&laws)).collect()
}

fn similar_title(laws: &[&Law]) -> Ambiguity {
    let texts = laws.iter().flat_map(|law| &law.versions);
    Ambiguity {
        reason: "题名仅有细微差别，可能是同一法规".to_owned(), paths: texts.map(|text| text.path.clone()).collect()
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> LawText {
        let title = path.trim_start_matches("河南/").split(['(', '.']).next().unwrap();
        super::super::parse(path, &format!("# {title}\n<!-- INFO END -->\n第一条 甲")).unwrap()
    }

    fn paths(texts: &[LawText]) -> Vec<&str> {
        texts.iter().map(|text| text.path.as_str()).collect()
    }

    #[test]
    fn versions_are_ordered_from_the_oldest_and_all_but_the_last_are_superseded() {
        let new = "河南/物业管理条例(2021-07-30).md";
        let old = "河南/中华人民共和国物业管理条例(2007-12-14).md";
        let grouping = group_versions(vec![text(new), text("河南/水法办法(2001-01-01).md"), text(old)]);
        assert_eq!((grouping.laws.len(), grouping.ambiguous.len()), (2, 0));
        let law = grouping.laws.iter().find(|law| law.base_title == "物业管理条例").unwrap();
        assert_eq!(law.newest().unwrap().path, new);
        assert_eq!(paths(law.superseded()), [old]);
    }

    #[test]
    fn the_same_title_in_two_regions_is_two_laws() {
        let grouping = group_versions(vec![text("河南/甲条例.md"), text("山东/甲条例.md")]);
        assert_eq!(grouping.laws.len(), 2);
    }

    #[test]
    fn a_year_behind_the_title_and_the_kind_of_brackets_do_not_matter() {
        assert_eq!(base_title("甲条例（2018年修正）"), "甲条例");
        assert_eq!(base_title("甲条例(2007-12-14)"), "甲条例");
        assert_eq!(base_title("实施〈中华人民共和国水法〉 办法"), "实施《水法》办法");
        assert_eq!(base_title("甲办法（试行）"), "甲办法（试行）");
    }

    #[test]
    fn an_undated_version_among_several_is_reported() {
        let texts = vec![text("河南/甲条例.md"), text("河南/甲条例(2001-01-01).md")];
        let ambiguous = group_versions(texts).ambiguous;
        assert_eq!(ambiguous[0].reason, "同一法规有多个文本，其中有文本没有日期");
        assert_eq!(ambiguous[0].paths.len(), 2);
    }

    #[test]
    fn titles_that_differ_by_a_small_word_are_reported_and_not_merged() {
        let texts = vec![text("河南/水法的规定(2001-01-01).md"), text("河南/水法规定(2002-01-01).md")];
        let grouping = group_versions(texts);
        assert_eq!((grouping.laws.len(), grouping.ambiguous.len()), (2, 1));
    }
}
