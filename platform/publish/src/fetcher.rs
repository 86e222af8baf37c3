//! Asking services elsewhere on the network: the one door by which an address that somebody typed is asked.

use oidc::relying::Message;

/// Whoever asks. What may be asked, and how large and slow an answer may be, is theirs to heed.
pub trait Fetcher: Send + Sync {
    /// The answer, where it is one. Errors are sentences for the log.
    fn fetch(&self, message: &Message) -> Result<Vec<u8>, String>;
}
