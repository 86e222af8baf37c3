//! A question for digits: nothing but a number, its end, what it is for, and the seal over these. Its digits are not in it; the key makes
//! them of it.

use std::fmt;

use chrono::{DateTime, NaiveDateTime};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::Used;

/// A question. As text it is the token that goes into the form.
#[derive(Debug)]
pub struct Question {
    pub(crate) purpose: String,
    until: NaiveDateTime,
    id: String,
    seal: blake3::Hash,
}

impl Question {
    pub(crate) fn new(key: &[u8; 32], purpose: &str, until: NaiveDateTime) -> Self {
        let id = format!("{:032x}", rand::random::<u128>());
        let seal = seal(key, &words(purpose, until, &id));
        Self { purpose: purpose.to_owned(), until, id, seal }
    }

    /// Only what we sealed.
    pub(crate) fn read(key: &[u8; 32], token: &str) -> Option<Self> {
        let (words, sealed) = token.rsplit_once('.')?;
        let sealed = blake3::Hash::from_hex(sealed).ok()?;
        // Hashes are compared in constant time.
        if sealed != seal(key, words) {
            return None;
        }
        let mut parts = words.splitn(3, '.');
        let (purpose, until, id) = (parts.next()?, parts.next()?, parts.next()?);
        let until = DateTime::from_timestamp(until.parse().ok()?, 0)?.naive_utc();
        Some(Self { purpose: purpose.to_owned(), until, id: id.to_owned(), seal: sealed })
    }

    pub(crate) fn used(&self) -> Used {
        Used { id: self.id.clone(), until: self.until }
    }

    /// As many as the rule says, each as likely as any other.
    pub(crate) fn digits(&self, key: &[u8; 32]) -> Vec<usize> {
        let mut bytes = [0; 64];
        blake3::Hasher::new_keyed(key).update(self.seal.as_bytes()).finalize_xof().fill(&mut bytes);
        let fair = bytes.into_iter().filter(|byte| *byte < 250).map(|byte| usize::from(byte % 10));
        fair.take(model::human_check().digits.length).collect()
    }

    pub(crate) fn is_answered_by(&self, typed: &str, key: &[u8; 32]) -> bool {
        typed_digits(typed) == Some(self.digits(key))
    }

    /// By what the digits are drawn or spoken: the same again for the same question.
    pub(crate) fn chance(&self, key: &[u8; 32], what: &str) -> StdRng {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(self.seal.as_bytes()).update(what.as_bytes());
        StdRng::from_seed(hasher.finalize().into())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", words(&self.purpose, self.until, &self.id), self.seal)
    }
}

fn words(purpose: &str, until: NaiveDateTime, id: &str) -> String {
    format!("{purpose}.{}.{id}", until.and_utc().timestamp())
}

fn seal(key: &[u8; 32], words: &str) -> blake3::Hash {
    blake3::keyed_hash(key, words.as_bytes())
}

/// Digits as people type them: full width, with spaces, or as the words they heard.
fn typed_digits(typed: &str) -> Option<Vec<usize>> {
    const WORDS: [&str; 10] = ["0０零〇", "1１一幺", "2２二两", "3３三", "4４四", "5５五", "6６六", "7７七", "8８八", "9９九"];
    let letters = typed.chars().take(64).filter(|letter| !letter.is_whitespace());
    letters.map(|letter| WORDS.iter().position(|words| words.contains(letter))).collect()
}
