//! From when and how what a site accepts is to be shown: the fields, as they were typed, and what they mean.

use model::schedule::typed_time;
use model::{Offer, Problem};
use publish::commands::offer::Terms;
use publish::commands::placement::Wishes;
use serde::{Deserialize, Serialize};

/// Three fields as they were typed; empty where the form had none.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Typed {
    place_at: String,
    slug: String,
    title_prefix: String,
}

impl Typed {
    /// The fields filled with what was last wished for.
    pub(crate) fn of(offer: &Offer) -> Self {
        Self { place_at: String::new(), slug: offer.slug.clone(), title_prefix: offer.title_prefix.clone() }
    }

    /// What was typed.
    pub(crate) fn terms(&self) -> Result<Terms, Problem> {
        let wishes = Wishes { slug: self.slug.clone(), title_prefix: self.title_prefix.clone() };
        Ok(Terms { at: typed_time("place_at", &self.place_at)?, wishes })
    }
}
