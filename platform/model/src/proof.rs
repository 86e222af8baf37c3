//! Proof (检查): what is found in a text before it is handed in, each finding a [`Remark`] with its weight and its place.

mod doubts;
mod links;
mod personal;
mod words;

pub use doubts::doubts;
pub use links::{Link, links};
pub use personal::personal;
pub use words::{version, wording};

use serde::Serialize;

use crate::Problem;
use crate::word::words;

words! {
    /// How much a remark weighs.
    Weight {
        /// Keeps the text from being handed in.
        Must = "must" "须补充修改",
        /// The writer says that they looked at it.
        Confirm = "confirm" "须核对",
        /// Good to know.
        Consider = "consider" "建议核对",
    }
}

words! {
    /// What a remark is about.
    RemarkKind {
        /// Something is missing or not sound.
        Problem = "problem" "待补正",
        /// 错误表述
        Wrong = "wrong" "错误表述",
        /// 个人信息
        Personal = "personal" "个人信息",
        /// 敏感词
        Sensitive = "sensitive" "敏感词",
        /// A link that leads nowhere.
        Link = "link" "链接",
        /// Well-formed and still hardly meant.
        Doubt = "doubt" "疑点",
    }
}

impl RemarkKind {
    /// How much such a remark weighs.
    pub fn weight(self) -> Weight {
        match self {
            Self::Problem => Weight::Must,
            Self::Wrong | Self::Personal => Weight::Confirm,
            Self::Sensitive | Self::Link | Self::Doubt => Weight::Consider,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it is about.
    pub kind: RemarkKind,
    /// The form field it is found in.
    pub field: &'static str,
    /// A sentence for the writer; what is personal is masked in it.
    pub message: String,
    /// Where in the field.
    pub place: Option<Place>,
}

/// Where something stands in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The words as they stand there.
    pub text: String,
    /// How often the same words stand before them.
    pub occurrence: usize,
}

impl Place {
    /// The place of `range` in `text`.
    fn of(text: &str, range: std::ops::Range<usize>) -> Self {
        let words = &text[range.clone()];
        Self { text: words.to_owned(), occurrence: text[..range.start].matches(words).count() }
    }
}

impl Remark {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        self.kind.weight()
    }
}

impl From<Problem> for Remark {
    fn from(problem: Problem) -> Self {
        Self { kind: RemarkKind::Problem, field: problem.field, message: problem.message, place: None }
    }
}
