//! Screens of the console: templates compiled into the binary, rendered with a typed context.

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use crate::RenderError;
use crate::environment::prepared;

/// The screens of one room or plugin.
pub struct Screens(Environment<'static>);

impl Screens {
    /// Screens whose sources are found by name.
    pub fn new(source: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let mut environment = prepared();
        environment.set_loader(move |name| Ok(source(name)));
        Self(environment)
    }

    /// Renders a screen.
    pub fn render<C: Serialize>(&self, name: &str, context: &C) -> Result<String, RenderError> {
        let rendered = self.0.get_template(name).and_then(|template| template.render(Value::from(Serde(context))));
        Ok(rendered?)
    }
}
