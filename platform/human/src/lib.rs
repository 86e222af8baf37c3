//! 人机验证: a check that somebody is no program, asked before what programs would do by the thousand. Self-hosted, offline, and no I/O: what
//! was asked is remembered by nobody, since a question carries the seal by which its answer is judged. Each answer has a number, by which
//! whoever judges it sees that it is used once ([`Judged`]).
//!
//! There are two ways. A script does some *work* ([`Human::challenge`], ALTCHA's proof of work), with nothing to see or to solve; that is
//! what nearly everybody meets. Without script, or for whoever chooses it, there are *digits* in a picture, which a recording speaks as well
//! ([`Human::question`], [`Human::picture`], [`Human::sound`]). The digits are what the key makes of the question, and how they are drawn and
//! spoken is too: asking for a picture again shows nothing new.
//!
//! Neither is a wall. Work costs whoever sends much, and recognisers read pictures and hear recordings; how often one address may ask and
//! fail, and how much is sent to one phone, must be counted beside it. The digits are no weaker by ear than by eye, and a sum or a riddle in
//! Chinese words would be weaker than both.
//!
//! `screens/` has what a page shows it with. In `web` are the routes that a page needs and the one call that judges its form, so a page does
//! four things: it makes [`MACRO`] a template of its own, links to script and style, calls the macro within its form with what `web` gives it,
//! and judges the form.

mod answer;
mod picture;
mod question;
mod sound;
mod work;

pub use altcha::Challenge;
pub use answer::{Answer, Judged, Used, Why};
pub use question::Question;

use chrono::NaiveDateTime;

/// The macro `human_check(human)`, in minijinja.
pub const MACRO: &str = include_str!("../screens/human.html");
/// The script of a page that asks; its own worker too.
pub const SCRIPT: &str = include_str!("../screens/human.js");
/// How it looks, in whatever page it stands.
pub const STYLE: &str = include_str!("../screens/human.css");

/// Asks and judges, with keys of its own.
pub struct Human {
    signing: String,
    sealing: [u8; 32],
    choosing: [u8; 32],
}

impl Human {
    /// With keys made of a secret that every node of the platform has alike.
    pub fn new(secret: &str) -> Self {
        let key = |of: &str| blake3::derive_key(of, secret.as_bytes());
        Self {
            signing: blake3::Hash::from_bytes(key("tongyuan 2026-11-26 human check: work")).to_string(),
            sealing: key("tongyuan 2026-11-26 human check: question"),
            choosing: key("tongyuan 2026-11-26 human check: digits"),
        }
    }

    /// Work for a script, to be sent it as JSON. None where this can be no purpose.
    pub fn challenge(&self, purpose: &str, now: NaiveDateTime) -> Option<Challenge> {
        is_purpose(purpose).then(|| work::challenge(&self.signing, purpose, until(now)))
    }

    /// A question for digits. None where this can be no purpose.
    pub fn question(&self, purpose: &str, now: NaiveDateTime) -> Option<Question> {
        is_purpose(purpose).then(|| Question::new(&self.sealing, purpose, until(now)))
    }

    /// The digits of a question as a PNG; none if it is not ours.
    pub fn picture(&self, token: &str) -> Option<Vec<u8>> {
        let question = Question::read(&self.sealing, token)?;
        Some(picture::draw(&question.digits(&self.choosing), &mut question.chance(&self.choosing, "picture")))
    }

    /// The digits of a question spoken in Chinese, as a WAV; none if it is not ours.
    pub fn sound(&self, token: &str) -> Option<Vec<u8>> {
        let question = Question::read(&self.sealing, token)?;
        Some(sound::speak(&question.digits(&self.choosing), &mut question.chance(&self.choosing, "sound")))
    }

    /// Judges an answer to what was asked for this purpose. Whoever calls remembers what was used, right or wrong: else the digits of one
    /// question could be tried until they are right.
    pub fn judge(&self, answer: &Answer, purpose: &str, now: NaiveDateTime) -> Result<Judged, Why> {
        let (used, asked_for, is_right) = match answer {
            Answer { again, .. } if !again.is_empty() => return Err(Why::Again),
            Answer { work, .. } if !work.is_empty() => work::judge(&self.signing, work).ok_or(Why::Unknown)?,
            Answer { token, digits, .. } if !token.is_empty() && !digits.trim().is_empty() => {
                let question = Question::read(&self.sealing, token).ok_or(Why::Unknown)?;
                let is_right = question.is_answered_by(digits, &self.choosing);
                (question.used(), question.purpose, is_right)
            }
            Answer { .. } => return Err(Why::Missing),
        };
        if asked_for != purpose {
            return Err(Why::Unknown);
        }
        if used.until < now {
            return Err(Why::Late);
        }
        Ok(Judged { used, is_right })
    }
}

fn until(now: NaiveDateTime) -> NaiveDateTime {
    now + model::human_check().lifetime()
}

/// What something is asked for, such as `sign-in`: small letters and hyphens.
fn is_purpose(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests;
