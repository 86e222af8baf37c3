//! How a file is offered for download.

use axum::http::HeaderValue;

/// `Content-Disposition` for a download under this name, in whatever script it is written (RFC 6266).
pub fn attachment(name: &str) -> HeaderValue {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String =
        name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}")).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_cannot_add_to_the_header() {
        assert_eq!(attachment("表\"; x=y\r\n.pdf"), "attachment; filename*=UTF-8''%E8%A1%A8%22%3B%20x%3Dy%0D%0A.pdf");
    }
}
