//! Asking services elsewhere on the network: the one door by which an address that somebody typed is asked.

use oidc::relying::Message;

/// Whoever asks. What may be asked, and how large and slow an answer may be, is theirs to heed.
pub trait Fetcher: Send + Sync {
    /// The answer, where it is one.
    fn fetch(&self, message: &Message) -> Result<Vec<u8>, Unanswered>;
}

/// Why there is no answer. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Whoever was asked says that what was sent is not right.
    #[error("it answered {0}")]
    Refused(u16),
    /// They could not be asked, or not in time, or may not be.
    #[error("{0}")]
    Away(String),
}
