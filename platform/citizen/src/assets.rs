//! The style sheet and the script of these screens, compiled into the binary. Their addresses carry the hash of their bytes.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use web::Error;

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const ASSETS: [Asset; 2] = [
    Asset { name: "citizen.css", kind: "text/css; charset=utf-8", text: include_str!("../assets/citizen.css") },
    Asset { name: "citizen.js", kind: "text/javascript; charset=utf-8", text: include_str!("../assets/citizen.js") },
];

/// The addresses a screen links to.
#[derive(Serialize)]
pub(crate) struct Addresses {
    style: String,
    script: String,
}

pub(crate) static ADDRESSES: LazyLock<Addresses> =
    LazyLock::new(|| Addresses { style: address(&ASSETS[0]), script: address(&ASSETS[1]) });

/// GET /static/{file}
pub(crate) async fn show(Path(file): Path<String>) -> Result<Response, Error> {
    let asset = ASSETS.iter().find(|asset| asset.name == file).ok_or(Error::NotFound)?;
    let fixed = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((fixed, asset.text).into_response())
}

fn address(asset: &Asset) -> String {
    format!("/static/{}?v={}", asset.name, &blake3::hash(asset.text.as_bytes()).to_hex()[..12])
}
