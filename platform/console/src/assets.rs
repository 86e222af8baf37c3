//! Style sheets and scripts, compiled into the binary. Their addresses carry the hash of their bytes, so browsers keep them for good.

use std::io::Write;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use web::Error;

/// One file with its compressed form.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    gzip: Vec<u8>,
    address: String,
}

/// The addresses a screen links to.
#[derive(Serialize)]
pub(crate) struct Addresses {
    tabler: &'static str,
    style: &'static str,
    htmx: &'static str,
    script: &'static str,
    theme: &'static str,
    writing: &'static str,
    docx: &'static str,
}

pub(crate) static ADDRESSES: LazyLock<Addresses> = LazyLock::new(|| Addresses {
    tabler: address("tabler.min.css"),
    style: address("console.css"),
    htmx: address("htmx.min.js"),
    script: address("console.js"),
    theme: address("theme.js"),
    writing: address("writing.js"),
    docx: address("docx.min.js"),
});

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: LazyLock<[Asset; 7]> = LazyLock::new(|| {
    [
        asset("tabler.min.css", STYLE, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/tabler.min.css"))),
        asset("console.css", STYLE, include_bytes!("../assets/console.css")),
        asset("htmx.min.js", SCRIPT, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/htmx.min.js"))),
        asset("console.js", SCRIPT, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/console.js"))),
        asset("docx.min.js", SCRIPT, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/docx.min.js"))),
        asset("theme.js", SCRIPT, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/theme.js"))),
        asset("writing.js", SCRIPT, include_bytes!(concat!(env!("OUT_DIR"), "/vendor/writing.js"))),
    ]
});

/// GET /console/static/{file}
pub(crate) async fn show(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let asset = ASSETS.iter().find(|asset| asset.name == file).ok_or(Error::NotFound)?;
    let fixed = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("gzip") && !asset.gzip.is_empty() {
        return Ok((fixed, [(header::CONTENT_ENCODING, "gzip")], asset.gzip.as_slice()).into_response());
    }
    Ok((fixed, asset.bytes).into_response())
}

fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.address.as_str())
}

fn asset(name: &'static str, kind: &'static str, bytes: &'static [u8]) -> Asset {
    let hash = blake3::hash(bytes).to_hex();
    Asset {
        name,
        kind,
        bytes,
        gzip: gzip(bytes).unwrap_or_default(),
        address: format!("/console/static/{name}?v={}", &hash[..12]),
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_style_sheet_asks_for_anything_from_elsewhere() {
        for asset in ASSETS.iter().filter(|asset| asset.kind == STYLE) {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert!(!text.contains("@import"), "{} imports", asset.name);
            for place in text.split("url(").skip(1) {
                assert!(
                    place.trim_start_matches(['"', '\'']).starts_with("data:"),
                    "{}: {}",
                    asset.name,
                    &place[..40.min(place.len())]
                );
            }
        }
    }
}
