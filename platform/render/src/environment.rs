//! What all templates have in common: strict about what is missing, escaped, tidy.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};
use model::Colour;

/// An environment without templates.
pub(crate) fn prepared() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_formatter(crate::escape::write);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_syntax(tidy());
    environment.add_filter("mixed", mixed);
    environment
}

/// `colour|mixed("#ffffff", 78)`: the colour with so much of another in it, in percent; what is no colour stays as it is.
fn mixed(colour: String, other: &str, percent: u32) -> String {
    match (Colour::read(&colour), Colour::read(other)) {
        (Some(own), Some(other)) => own.mixed(other, percent).to_string(),
        _ => colour,
    }
}

/// Lines that hold only a tag leave no empty line behind.
fn tidy() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("only white space is configured")
}
