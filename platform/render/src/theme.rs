//! The templates of one site, compiled: from a typed context to bytes and the keys that were read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use model::Keys;

use crate::RenderError;
use crate::asked;
use crate::context::PageContext;
use crate::environment::prepared;
use crate::files::{ThemeFiles, digest};
use crate::functions::{Answers, Reading};

/// Steps a template may take before it is stopped: a loop that never ends must not hold a worker for ever.
const FUEL: u64 = 5_000_000;

/// One site's templates and assets, as they were when first used.
pub struct Theme {
    files: ThemeFiles,
    environment: Environment<'static>,
    /// The address of each asset that was asked for.
    asset_hashes: Mutex<HashMap<String, Option<String>>>,
}

impl Theme {
    /// Opens the templates; each is compiled when first used.
    pub fn open(files: ThemeFiles) -> Self {
        let mut environment = prepared();
        let lookup = files.clone();
        environment.set_loader(move |name| {
            lookup
                .template(name)
                .map_err(|reason| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, reason.to_string()))
        });
        environment.set_path_join_callback(|name, _| {
            asked::note(name);
            Cow::Borrowed(name)
        });
        environment.set_fuel(Some(FUEL));
        Self { files, environment, asset_hashes: Mutex::default() }
    }

    /// Renders a template; says what it read beyond `keys`, among it every template that had a part in it.
    pub fn render(
        &self,
        template: &str,
        context: &PageContext,
        answers: &Arc<Answers>,
        keys: Keys,
    ) -> Result<(String, Keys), RenderError> {
        let reading = Reading::new(Arc::clone(answers), keys);
        let mut values = reading.functions();
        values.insert("site".to_owned(), answers.site());
        let all = Value::from(Serde(context));
        for part in all.try_iter()? {
            if let (Some(name), Ok(value)) = (part.as_str(), all.get_item(&part)) {
                values.insert(name.to_owned(), value);
            }
        }
        let (rendered, used) = asked::during(template, || self.environment.get_template(template)?.render(Value::from(values)));
        let mut keys = reading.take_keys();
        keys.extend(used.iter().map(|name| answers.template_key(name)));
        Ok((rendered?, keys))
    }

    /// The bytes of an asset.
    pub fn asset(&self, name: &str) -> Result<Option<Vec<u8>>, RenderError> {
        self.files.asset(name).map_err(|reason| RenderError::File { name: name.to_owned(), reason })
    }

    /// The bytes at a place below `/assets/`.
    pub fn asset_at(&self, place: &str) -> Result<Option<Vec<u8>>, RenderError> {
        self.files.asset_at(place).map_err(|reason| RenderError::File { name: place.to_owned(), reason })
    }

    /// The address of an asset with the hash of its bytes; none when there is no such file.
    pub fn asset_url(&self, name: &str) -> Result<Option<String>, RenderError> {
        let mut hashes = self.asset_hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if !hashes.contains_key(name) {
            let place = self.files.place(name).map_err(|reason| RenderError::File { name: name.to_owned(), reason })?;
            let hash = self.asset(name)?.map(|bytes| digest(&[&bytes]));
            hashes.insert(name.to_owned(), place.zip(hash).map(|(place, hash)| format!("/assets/{place}?v={hash}")));
        }
        Ok(hashes.get(name).cloned().flatten())
    }
}
