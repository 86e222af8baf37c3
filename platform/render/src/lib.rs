//! From library to bytes: templates of a site, the functions they read the library through, the keys those reads leave behind,
//! and the cleaning of foreign HTML. No other room knows minijinja.

pub mod context;
pub mod html;

mod escape;
mod files;
mod functions;
mod screen;
mod theme;

pub use files::ThemeFiles;
pub use functions::{CardsWanted, Library, LibraryError};
pub use screen::Screens;
pub use theme::{RenderError, Theme};
