//! Screens of the console: templates compiled into the binary, rendered with a typed context.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use crate::RenderError;

/// The screens of one room or plugin.
pub struct Screens(Environment<'static>);

impl Screens {
    /// Screens whose sources are found by name.
    pub fn new(source: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let mut environment = Environment::new();
        environment.set_loader(move |name| Ok(source(name)));
        environment.set_formatter(crate::escape::write);
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_syntax(tidy());
        Self(environment)
    }

    /// Renders a screen.
    pub fn render<C: Serialize>(&self, name: &str, context: &C) -> Result<String, RenderError> {
        let rendered = self.0.get_template(name).and_then(|template| template.render(Value::from(Serde(context))));
        rendered.map_err(|error| RenderError::Template(crate::theme::explained(&error)))
    }
}

/// Lines that hold only a tag leave no empty line behind.
pub(crate) fn tidy() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("only white space is configured")
}
