//! What typed text will look like once it is cleaned, beside the form it is typed in.

use axum::Form;
use axum::response::Html;
use serde::{Deserialize, Serialize};
use web::Error;

use crate::screens;

/// The one field of the form that is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    body: String,
}

#[derive(Serialize)]
struct Part {
    body: String,
    count: usize,
}

/// POST /console/{site}/preview
pub(crate) async fn draw(Form(typed): Form<Typed>) -> Result<Html<String>, Error> {
    let body = render::html::clean(&typed.body);
    let count = render::html::lines(&body).iter().flat_map(|line| line.chars()).filter(|letter| !letter.is_whitespace()).count();
    screens::part("preview.html", &Part { body, count })
}
