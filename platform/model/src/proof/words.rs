//! 错敏词: the versioned word lists in `data/wordlists.toml`, and where their words stand in a text.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::{Place, Remark, RemarkKind};

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/wordlists.toml")).expect("the compiled-in word lists are valid, a test reads them")
});

static FINDER: LazyLock<Finder> = LazyLock::new(|| Finder::new(&LISTS));

/// Which word lists these are.
pub fn version() -> &'static str {
    &LISTS.version
}

/// Every word of the lists that stands in a field.
pub fn wording(field: &'static str, text: &str) -> Vec<Remark> {
    let finder = &*FINDER;
    let found = finder.words.find_iter(text).filter_map(|found| Some((finder.told[found.pattern()].as_ref()?, found.range())));
    found
        .map(|((kind, message), range)| Remark {
            kind: *kind,
            field,
            message: message.clone(),
            place: Some(Place::of(text, range)),
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    version: String,
    fine: Vec<String>,
    wrong: Vec<Wrong>,
    sensitive: Vec<Sensitive>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    /// Each with its right form.
    words: Vec<[String; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sensitive {
    words: Vec<String>,
    note: String,
}

/// All words at once; what is fine is found as well, so that nothing is found within it.
struct Finder {
    words: AhoCorasick,
    told: Vec<Option<(RemarkKind, String)>>,
}

impl Finder {
    fn new(lists: &Lists) -> Self {
        let fine = lists.fine.iter().map(|word| (word, None));
        let wrong = lists
            .wrong
            .iter()
            .flat_map(|list| &list.words)
            .map(|[word, right]| (word, Some((RemarkKind::Wrong, format!("“{word}”应为“{right}”")))));
        let sensitive = lists.sensitive.iter().flat_map(|list| {
            list.words.iter().map(move |word| (word, Some((RemarkKind::Sensitive, format!("“{word}”：{}", list.note)))))
        });
        let (words, told): (Vec<&String>, Vec<_>) = fine.chain(wrong).chain(sensitive).unzip();
        let words = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words);
        Self { words: words.expect("a few hundred words make no automaton too large"), told }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_word_is_listed_twice_and_no_right_form_is_wrong_itself() {
        let words: Vec<_> = LISTS.wrong.iter().flat_map(|list| &list.words).collect();
        let distinct: BTreeSet<_> = words.iter().map(|[word, _]| word).collect();
        assert_eq!(distinct.len(), words.len());
        for [word, right] in words {
            assert!(wording("title", right).is_empty(), "{right}, which {word} should be, is found itself");
            assert_eq!(wording("title", word).len(), 1, "{word}");
        }
        assert!(!version().is_empty());
    }

    #[test]
    fn a_wrong_word_is_told_with_the_right_one_and_its_place() {
        let found = wording("body", "截止目前，一如既往；截止目前，全部按装机容量计算。");
        assert_eq!(found.iter().map(|one| one.message.as_str()).collect::<Vec<_>>(), ["“截止目前”应为“截至目前”"; 2]);
        assert_eq!(found[1].place, Some(Place { text: "截止目前".into(), occurrence: 1 }));
    }

    #[test]
    fn letters_that_meet_by_chance_are_no_word() {
        assert!(wording("body", "发布署名文章").is_empty());
        assert_eq!(wording("body", "周密布署")[0].kind, RemarkKind::Wrong);
        assert_eq!(wording("body", "内部文件")[0].kind, RemarkKind::Sensitive);
    }
}
