//! How values become text on a page: absent values are nothing, strings are escaped for HTML and XML alike.

use minijinja::{AutoEscape, Error, Output, State, Value};

/// Escapes the five characters that matter. Slashes stay readable, unlike with the engine's own escaping, because addresses in
/// official meta tags and sitemaps are read by crawlers that decode little.
pub(crate) fn write(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(());
    }
    match value.as_str() {
        Some(text) if !value.is_safe() && *state.auto_escape() == AutoEscape::Html => write_escaped(out, text),
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn write_escaped(out: &mut Output, text: &str) -> Result<(), Error> {
    let failed = |_| Error::from(std::fmt::Error);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at]).map_err(failed)?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })
        .map_err(failed)?;
        rest = &rest[at + 1..];
    }
    out.write_str(rest).map_err(failed)
}

#[cfg(test)]
mod tests {
    use minijinja::{Environment, context};

    #[test]
    fn text_is_escaped_addresses_stay_readable_and_absent_values_are_nothing() {
        let mut environment = Environment::new();
        environment.set_formatter(super::write);
        environment.add_template("x.html", "{{ a }}|{{ b }}|{{ c|safe }}").unwrap();
        let text = environment.get_template("x.html").unwrap();
        let text = text.render(context! { a => "<a href='/x?y&z'>\"", b => (), c => "<b>" }).unwrap();
        assert_eq!(text, "&lt;a href=&#39;/x?y&amp;z&#39;&gt;&quot;||<b>");
    }
}
