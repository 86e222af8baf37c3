//! Fragments: parts that many pages of a site have alike, such as its foot. One is rendered once for a batch and then answered from
//! memory like any other question, with every key it read.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::Kwargs;
use minijinja::{Error, State, Value};
use model::Keys;

use crate::asked;
use crate::functions::{Question, Reading};

/// A template and all it is told besides the site: what it is not told it cannot show, so equal fragments are alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fragment {
    template: String,
    arguments: BTreeMap<String, Option<String>>,
}

impl Fragment {
    pub(crate) fn wanted(template: String, arguments: &Kwargs) -> Result<Self, Error> {
        let names: Vec<&str> = arguments.args().collect();
        let arguments = names.into_iter().map(|name| Ok((name.to_owned(), arguments.get::<Option<String>>(name)?)));
        Ok(Self { template, arguments: arguments.collect::<Result<_, Error>>()? })
    }

    /// Renders the fragment, unless that was done before. A fragment has no fragments within, so it always comes to an end.
    pub(crate) fn answer(self, reading: &Reading, state: &State) -> Result<Value, Error> {
        let question = Question::Fragment(self.clone());
        if let Some(known) = reading.recall(&question) {
            return Ok(known);
        }
        let answers = reading.answers();
        let own = Reading::new(Arc::clone(answers), Keys::new());
        let mut values = own.questions();
        values.insert("site".to_owned(), answers.site());
        values.extend(self.arguments.into_iter().map(|(name, text)| (name, Value::from(text))));
        let (rendered, used) =
            asked::during(&self.template, || state.env().get_template(&self.template)?.render(Value::from(values)));
        let mut keys = own.take_keys();
        keys.extend(used.iter().map(|name| answers.template_key(name)));
        Ok(reading.learn(question, Value::from_safe_string(rendered?), keys))
    }
}
