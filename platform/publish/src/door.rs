//! The public door: how the engine asks for a page as a visitor would.

/// The public door, as a visitor comes to it.
pub trait Door: Send + Sync {
    /// Asks for `path` of the site known as `host`; gives status and body. Errors are sentences.
    fn get(&self, host: &str, path: &str) -> Result<(u16, Vec<u8>), String>;
}
