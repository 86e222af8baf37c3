//! The tags of cleaned HTML: what the allow-list has let through, written in just one way.

use std::ops::Range;

/// An opening tag of cleaned HTML.
#[derive(Clone, Debug)]
pub struct Tag<'h> {
    /// Name of the element.
    pub name: &'h str,
    /// Where it stands, from `<` to behind `>`.
    pub range: Range<usize>,
    attributes: &'h str,
}

impl<'h> Tag<'h> {
    /// The value of an attribute, as cleaned HTML always writes it: in double quotes.
    pub fn attribute(&self, wanted: &str) -> Option<&'h str> {
        let mut rest = self.attributes;
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, next) = after.split_once('"')?;
            if name.trim() == wanted {
                return Some(value);
            }
            rest = next;
        }
        None
    }
}

/// The opening tags of cleaned HTML. Text in it holds no `<`, values of attributes no `"`.
pub fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + html[from..].find('<')?;
            let length = end_of_tag(&html[start..])?;
            from = start + length;
            let inner = &html[start + 1..from - 1];
            if !inner.starts_with('/') {
                let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
                return Some(Tag { name: name.trim_end_matches('/'), attributes, range: start..from });
            }
        }
    })
}

/// How long the tag at the beginning is, its `>` included; values of attributes may hold one too.
pub fn end_of_tag(html: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}
