//! Annotations (批注): what somebody says at a place in a text under review, what is answered, and whether it is settled.

use std::ops::Range;

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::text::is_text;
use crate::word::words;
use crate::{AnnotationId, Field, OfferId, Problem, ResourceId, RevisionId, UserId};

/// Characters of the quoted words, and of what is said, at most.
pub const LONGEST_QUOTE: usize = 500;
/// Characters of what is said or answered at most.
pub const LONGEST_TEXT: usize = 1000;
/// Annotations of one resource at most.
pub const MOST: i64 = 200;

words! {
    /// Where an annotation stands.
    AnnotationState {
        /// The writer has not dealt with it.
        Open = "open" "待处理",
        /// Dealt with.
        Done = "done" "已处理",
    }
}

/// What an annotation is about: words of the body, or a field as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// The field.
    pub field: Field,
    /// The words of the body as they were read; empty: the whole field.
    pub quote: String,
    /// How often the same words stand before them, from 0.
    pub occurrence: usize,
}

/// One annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Its number.
    pub id: AnnotationId,
    /// The resource.
    pub resource_id: ResourceId,
    /// The revision it was made on.
    pub revision_id: RevisionId,
    /// The offer in whose review it was made; none: the text is the site's own.
    pub offer_id: Option<OfferId>,
    /// The number of that revision within the resource.
    pub revision: i64,
    /// What it is about.
    pub anchor: Anchor,
    /// What it says.
    pub text: String,
    /// Who says it.
    pub written_by: UserId,
    /// UTC.
    pub written_at: NaiveDateTime,
    /// Where it stands.
    pub state: AnnotationState,
    /// Who settled it and when, UTC; none while it is open.
    pub settled: Option<(UserId, NaiveDateTime)>,
    /// What was answered, in order.
    pub answers: Vec<Answer>,
}

/// An answer (答复) to an annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// Who answers.
    pub by: UserId,
    /// UTC.
    pub at: NaiveDateTime,
}

impl Anchor {
    /// Where the quoted words stand among the letters of a text: at their place, else where they stand first; none where they are gone.
    pub fn find(&self, letters: &str) -> Option<Range<usize>> {
        let quote = letters_of(&self.quote);
        if quote.is_empty() {
            return None;
        }
        let at = letters.match_indices(&quote).nth(self.occurrence).map(|(at, _)| at).or_else(|| letters.find(&quote))?;
        Some(at..at + quote.len())
    }

    /// What is wrong with it, whatever the text says.
    pub fn problems(&self) -> Vec<Problem> {
        let count = self.quote.chars().count();
        if count > LONGEST_QUOTE {
            return vec![Problem::at("quote", format!("引用的原文不超过{LONGEST_QUOTE}字，现有{count}字，请只引用要修改的部分"))];
        }
        if count > 0 && self.field != Field::Body {
            return vec![Problem::at("quote", "只有正文可以引用原文；针对其他内容的批注请清空此处")];
        }
        Vec::new()
    }
}

impl Annotation {
    /// Why this person may not change or delete it, if they may not: it is its author's own until somebody has answered or settled it.
    pub fn closed_to(&self, person: UserId) -> Option<&'static str> {
        if self.written_by != person {
            return Some("只有批注人可以修改或删除自己的批注");
        }
        if self.state == AnnotationState::Done {
            return Some("批注已处理，不能再修改或删除；仍有意见请先重新打开");
        }
        (!self.answers.is_empty()).then_some("批注已有答复，不能再修改或删除")
    }
}

/// A text without its spaces: words are found again however they are broken into lines.
pub fn letters_of(text: &str) -> String {
    text.chars().filter(|letter| !is_space(*letter)).collect()
}

/// What browsers call white space, too: a mark of byte order within a pasted text.
pub fn is_space(letter: char) -> bool {
    letter.is_whitespace() || letter == '\u{FEFF}'
}

/// What was typed, as it can be kept.
pub fn cleaned(text: &str) -> String {
    let kept: String = text.replace("\r\n", "\n").chars().filter(|letter| is_text(*letter)).collect();
    kept.trim().to_owned()
}

/// What is wrong with what is said, or answered.
pub fn problem_with(text: &str) -> Option<Problem> {
    match text.chars().count() {
        0 => Some(Problem::at("text", "请填写内容")),
        1..=LONGEST_TEXT => None,
        count => Some(Problem::at("text", format!("不超过{LONGEST_TEXT}字，现有{count}字"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(quote: &str, occurrence: usize) -> Anchor {
        Anchor { field: Field::Body, quote: quote.into(), occurrence }
    }

    #[test]
    fn words_are_found_at_their_place_else_where_they_stand_first_else_nowhere() {
        let letters = letters_of("一期工程 已完工，\n二期工程\u{3000}未完工。");
        assert_eq!(
            anchor("工程", 1).find(&letters).map(|range| letters[range.start - 6..range.end].to_owned()),
            Some("二期工程".into())
        );
        assert_eq!(anchor("工程", 7).find(&letters), letters.find("工程").map(|at| at..at + 6));
        assert!(anchor("已完工， 二期", 0).find(&letters).is_some(), "across lines");
        assert_eq!(anchor("三期", 0).find(&letters), None);
        assert_eq!(anchor("", 0).find(&letters), None);
    }

    #[test]
    fn a_quote_is_short_and_of_the_body() {
        assert_eq!(anchor(&"字".repeat(500), 0).problems(), []);
        assert_eq!(anchor(&"字".repeat(501), 0).problems()[0].field, "quote");
        let title = Anchor { field: Field::Title, ..anchor("标题", 0) };
        assert_eq!(title.problems()[0].field, "quote");
        assert_eq!(Anchor { quote: String::new(), ..title }.problems(), []);
    }

    #[test]
    fn what_is_said_says_something_and_not_too_much() {
        assert!(problem_with("").is_some() && problem_with(&"字".repeat(1001)).is_some());
        assert_eq!(problem_with(&"字".repeat(1000)), None);
        assert_eq!(cleaned(" 甲\r\n乙\0 "), "甲\n乙");
    }
}
