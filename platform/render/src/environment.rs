//! What all templates have in common: strict about what is missing, escaped, tidy.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};

/// An environment without templates.
pub(crate) fn prepared() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_formatter(crate::escape::write);
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_syntax(tidy());
    environment
}

/// Lines that hold only a tag leave no empty line behind.
fn tidy() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("only white space is configured")
}
