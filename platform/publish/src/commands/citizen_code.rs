//! 验证码 of citizens: made for a recipient and a purpose, and taken once. What was sent is kept as marks, which say nothing without the key.

use model::{Recipient, citizen_policy};
use store::citizen_codes;

use super::Result;
use crate::engine::Engine;

/// What a code is for: one that was sent for something else is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Coming in, or registering.
    SignIn,
    /// Showing that a new recipient is theirs.
    Recipient,
    /// Proving again who one is.
    Confirm,
    /// A guardian's consent.
    Consent,
    /// A guardian who looks after what they consented to.
    Guardian,
}

/// The column that marks of recipients are of, and that of codes.
const RECIPIENT: &str = "citizen_codes.recipient";
const CODE: &str = "citizen_codes.code";

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Recipient => "recipient",
            Self::Confirm => "confirm",
            Self::Consent => "consent",
            Self::Guardian => "guardian",
        }
    }
}

/// Keeps a code that is about to be sent, for the page that holds `asked`: nobody else can try it, nor use up its tries.
pub fn put(engine: &Engine, purpose: Purpose, (recipient, asked): (&Recipient, &str), code: &str) -> Result<()> {
    let (now, vault) = (engine.clock.now(), &engine.vault);
    let marks = (vault.mark(RECIPIENT, &whose(recipient, asked)), vault.mark(CODE, &bound(purpose, recipient, code)));
    let forgotten = now - citizen_policy().codes.life();
    let marks = (marks.0.as_str(), marks.1.as_str());
    Ok(engine.store.write(|connection| citizen_codes::put(connection, purpose.as_str(), marks, now, forgotten))?)
}

/// Whether this code was sent for the page that holds `asked`, and is taken now.
pub fn take(engine: &Engine, purpose: Purpose, (recipient, asked): (&Recipient, &str), code: &str) -> Result<bool> {
    let rule = citizen_policy().codes;
    let recipients = engine.vault.marks(RECIPIENT, &whose(recipient, asked));
    let codes = engine.vault.marks(CODE, &bound(purpose, recipient, code));
    let oldest = engine.clock.now() - rule.life();
    let taken = |connection: &mut store::Connection| {
        citizen_codes::take(connection, purpose.as_str(), (&recipients, &codes), rule.tries, oldest)
    };
    Ok(engine.store.write(taken)?)
}

fn whose(recipient: &Recipient, asked: &str) -> String {
    format!("{}\n{asked}", recipient.text())
}

/// A code stands for nothing but with whom it was sent to and what for.
fn bound(purpose: Purpose, recipient: &Recipient, code: &str) -> String {
    format!("{}\n{}\n{code}", purpose.as_str(), recipient.text())
}
