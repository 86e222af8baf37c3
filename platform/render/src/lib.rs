//! From library to bytes: templates of a site, the functions they read the library through, the keys those reads leave behind,
//! and the cleaning of foreign HTML. No other room knows minijinja.

pub mod context;
pub mod html;

mod asked;
mod environment;
mod error;
mod escape;
mod files;
mod fragment;
mod functions;
mod letters;
mod screen;
mod theme;

pub use error::RenderError;
pub use files::{FileHashes, MANIFEST, ThemeFiles, theme_of, themes};
pub use functions::{Answers, CardsWanted, Library, LibraryError};
pub use letters::Letters;
pub use screen::Screens;
pub use theme::Theme;
