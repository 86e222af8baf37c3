//! What a form brings, and what comes of it.

use chrono::NaiveDateTime;
use serde::Deserialize;

/// The fields that the macro puts into a form, to be flattened into what reads the form. All are there or none.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Answer {
    /// What a script found.
    #[serde(default, rename = "human_work")]
    pub work: String,
    /// The question that the digits answer.
    #[serde(default, rename = "human_token")]
    pub token: String,
    /// The digits as they were typed.
    #[serde(default, rename = "human_digits")]
    pub digits: String,
    /// Set where another picture is asked for and nothing is sent: the page is drawn again with all that was typed.
    #[serde(default, rename = "human_again")]
    pub again: String,
}

/// An answer to something that was asked, in time and for this purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What is to be remembered as used.
    pub used: Used,
    /// Whether it is the right answer.
    pub is_right: bool,
}

/// A question that is answered and cannot be answered again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Its number.
    pub id: String,
    /// Until when it must be remembered, UTC.
    pub until: NaiveDateTime,
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is none.
    Missing,
    /// Another picture is asked for.
    Again,
    /// It answers nothing that we asked for this purpose.
    Unknown,
    /// It comes too late.
    Late,
    /// It was used before.
    Used,
    /// It is wrong.
    Wrong,
    /// Its network address was wrong too often.
    TooOften,
}
