//! Why a page or screen could not be rendered.

/// Why a page could not be rendered: names the template and line.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template is wrong or asks for something that is not there.
    #[error("{0}")]
    Template(String),
    /// A file could not be read.
    #[error("cannot read {name}: {reason}")]
    File {
        /// Which.
        name: String,
        /// What the system said.
        reason: std::io::Error,
    },
}

/// The error with its causes and the line it is on, in one line.
fn explained(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(explained(&error))
    }
}
