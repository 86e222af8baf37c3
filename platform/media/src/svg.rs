//! Drawings: written out again element by element, from short lists of what a drawing needs. What could act is refused, not mended.

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use crate::Refusal;

/// A cleaned drawing.
pub(crate) struct Drawing {
    pub(crate) text: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "defs",
    "title",
    "desc",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "style",
];

/// What editors leave behind for themselves: left out with all that is in it.
const LEFT_OUT: &[&str] = &["metadata"];

const ATTRIBUTES: &[&str] = &[
    "id",
    "class",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "width",
    "height",
    "viewBox",
    "points",
    "transform",
    "preserveAspectRatio",
    "version",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "opacity",
    "color",
    "display",
    "visibility",
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "gradientUnits",
    "gradientTransform",
    "spreadMethod",
    "offset",
    "stop-color",
    "stop-opacity",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "text-anchor",
    "dominant-baseline",
    "letter-spacing",
    "dx",
    "dy",
    "role",
    "aria-label",
    "style",
];

/// Elements within elements, and all elements: no drawing on a page comes near.
const DEEPEST: usize = 60;
const MOST: usize = 50_000;

/// Whether the first element is a drawing's.
pub(crate) fn is_drawing(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(first) | Event::Empty(first)) => return first.name().as_ref() == b"svg",
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// The drawing without anything a drawing does not need; refused when it holds what could act.
pub(crate) fn clean(bytes: &[u8]) -> Result<Drawing, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Broken)?;
    let mut cleaner =
        Cleaner { writer: Writer::new(Vec::new()), open: Vec::new(), skipped: 0, count: 0, size: None, style: None };
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    loop {
        match reader.read_event().map_err(|_| Refusal::Broken)? {
            Event::Eof => break,
            event => cleaner.take(event)?,
        }
    }
    let (width, height) = cleaner.size.filter(|_| cleaner.open.is_empty()).ok_or(Refusal::Broken)?;
    let text = String::from_utf8(cleaner.writer.into_inner()).map_err(|_| Refusal::Broken)?;
    Ok(Drawing { text, width, height })
}

struct Cleaner {
    writer: Writer<Vec<u8>>,
    /// The elements around the present place.
    open: Vec<String>,
    /// How deep the present place is within something left out.
    skipped: usize,
    count: usize,
    /// Of the drawing, once it has begun.
    size: Option<(u32, u32)>,
    /// All the text so far of the style sheet around the present place. It is judged whole: comments, sections and elements
    /// that are left out may stand in the middle of a word.
    style: Option<String>,
}

impl Cleaner {
    fn take(&mut self, event: Event<'_>) -> Result<(), Refusal> {
        match event {
            Event::Start(element) => self.start(&element, false),
            Event::Empty(element) => self.start(&element, true),
            Event::End(_) => self.end(),
            Event::Text(text) => {
                let text = text.decode().map_err(|_| Refusal::Broken)?.into_owned();
                self.text(&text)
            }
            Event::CData(text) => {
                let text = text.decode().map_err(|_| Refusal::Broken)?.into_owned();
                self.text(&text)
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|_| Refusal::Broken)?.into_owned();
                self.reference(&name)
            }
            Event::DocType(_) => Err(Refusal::Drawing("DOCTYPE声明".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, is_empty: bool) -> Result<(), Refusal> {
        let name = name(element.name().as_ref())?;
        self.count += 1;
        if self.count > MOST || self.open.len() + self.skipped >= DEEPEST {
            return Err(Refusal::Drawing("图形过于复杂".into()));
        }
        if self.style.is_some() {
            return Err(Refusal::Drawing("样式中的元素".into()));
        }
        if self.skipped > 0 || self.is_left_out(&name) {
            self.skipped += usize::from(!is_empty);
            return Ok(());
        }
        if !ELEMENTS.contains(&name.as_str()) || (self.open.is_empty() && (name != "svg" || self.size.is_some())) {
            return Err(Refusal::Drawing(format!("元素{name}")));
        }
        let mut kept = BytesStart::new(name.clone());
        if self.open.is_empty() {
            kept.push_attribute(("xmlns", NAMESPACE));
        }
        let attributes = attributes(element)?;
        if self.size.is_none() {
            self.size = Some(measure(&attributes));
        }
        for (attribute, value) in &attributes {
            kept.push_attribute((attribute.as_str(), value.as_str()));
        }
        if is_empty {
            return self.write(Event::Empty(kept));
        }
        self.write(Event::Start(kept))?;
        self.style = (name == "style").then(String::new);
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        let name = self.open.pop().ok_or(Refusal::Broken)?;
        if let Some(style) = self.style.take() {
            check_style(&style)?;
            self.write(Event::Text(BytesText::new(&style)))?;
        }
        self.write(Event::End(BytesEnd::new(name)))
    }

    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        if self.skipped > 0 || self.open.is_empty() {
            return Ok(());
        }
        match &mut self.style {
            Some(style) => {
                style.push_str(text);
                Ok(())
            }
            None => self.write(Event::Text(BytesText::new(text))),
        }
    }

    /// A character written as a reference; anything an entity could stand for is refused.
    fn reference(&mut self, name: &str) -> Result<(), Refusal> {
        match quick_xml::escape::unescape(&format!("&{name};")) {
            Ok(text) if self.style.is_none() => self.text(&text),
            _ => Err(Refusal::Drawing("实体引用".into())),
        }
    }

    fn is_left_out(&self, name: &str) -> bool {
        !self.open.is_empty() && (name.contains(':') || LEFT_OUT.contains(&name))
    }

    fn write(&mut self, event: Event<'_>) -> Result<(), Refusal> {
        self.writer.write_event(event).map_err(|_| Refusal::Broken)
    }
}

/// The attributes that are kept.
fn attributes(element: &BytesStart<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let mut kept = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| Refusal::Broken)?;
        let name = name(attribute.key.as_ref())?;
        let value =
            attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|_| Refusal::Drawing("实体引用".into()))?;
        let bare = name.rsplit(':').next().unwrap_or(&name).to_ascii_lowercase();
        if bare.starts_with("on") {
            return Err(Refusal::Drawing(format!("事件属性{name}")));
        }
        if bare == "href" || bare == "src" {
            return Err(Refusal::Drawing(format!("引用属性{name}")));
        }
        if !ATTRIBUTES.contains(&name.as_str()) {
            continue;
        }
        check_style(&value)?;
        kept.push((name, value.into_owned()));
    }
    Ok(kept)
}

/// Styles and values may name parts of the drawing itself, and nothing else.
fn check_style(value: &str) -> Result<(), Refusal> {
    let plain: String = value.to_lowercase().split_whitespace().collect();
    let is_foreign = plain.split("url(").skip(1).any(|rest| !rest.trim_start_matches(['"', '\'']).starts_with('#'));
    let acts = ["@", "\\", "expression(", "javascript:", "data:", "image(", "image-set(", "src(", "/*"];
    if is_foreign || acts.iter().any(|word| plain.contains(word)) {
        return Err(Refusal::Drawing("样式中的外部引用".into()));
    }
    Ok(())
}

/// Width and height in pixels, else those of the view box; 0 where neither says.
fn measure(attributes: &[(String, String)]) -> (u32, u32) {
    let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let pixels = |text: &str| text.trim().trim_end_matches("px").parse::<f64>().ok().filter(|size| *size >= 1.0);
    let sides = (value("width").and_then(pixels), value("height").and_then(pixels));
    let view: Vec<f64> = value("viewBox").unwrap_or_default().split([' ', ',']).filter_map(|part| part.parse().ok()).collect();
    match (sides, view.as_slice()) {
        ((Some(width), Some(height)), _) => (whole(width), whole(height)),
        (_, [_, _, width, height]) => (whole(*width), whole(*height)),
        _ => (0, 0),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is brought into bounds first")]
fn whole(size: f64) -> u32 {
    size.round().clamp(0.0, 100_000.0) as u32
}

fn name(bytes: &[u8]) -> Result<String, Refusal> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Refusal::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_drawing_passes_without_what_its_editor_left() {
        let drawing = clean(
            br#"<?xml version="1.0"?><!-- made by hand --><svg xmlns="http://www.w3.org/2000/svg" xmlns:x="urn:x" viewBox="0 0 120 60" x:made="1">
            <metadata><x:rdf><script>1</script></x:rdf></metadata><style>.a{fill:url(#g)}</style><defs><linearGradient id="g"><stop offset="1"/></linearGradient></defs>
            <path class="a" d="M0 0h5" data-x="1"/><text x="1">a &amp; b &#60;</text></svg>"#,
        )
        .unwrap();
        assert_eq!((drawing.width, drawing.height), (120, 60));
        for gone in ["script", "x:", "data-x", "hand", "metadata"] {
            assert!(!drawing.text.contains(gone), "{gone} in {}", drawing.text);
        }
        for kept in ["<path class=\"a\" d=\"M0 0h5\"/>", "url(#g)", "a &amp; b &lt;"] {
            assert!(drawing.text.contains(kept), "{kept} not in {}", drawing.text);
        }
        assert_eq!(clean(drawing.text.as_bytes()).unwrap().text, drawing.text, "cleaning twice changes nothing");
    }

    #[test]
    fn whatever_could_act_is_refused() {
        for bad in [
            r"<svg><script>alert(1)</script></svg>",
            r#"<svg onload="alert(1)"/>"#,
            r#"<svg><g ONCLICK="x()"/></svg>"#,
            r#"<svg><a href="javascript:x()"><path d=""/></a></svg>"#,
            r#"<svg><image href="https://t.example/x.png"/></svg>"#,
            r##"<svg><use href="#a"/></svg>"##,
            r"<svg><foreignObject><body/></foreignObject></svg>",
            r"<svg><style>@import url(//t.example)</style></svg>",
            r"<svg><style>a{b:u\72l(//t)}</style></svg>",
            r"<svg><style>a{b:u<!-- -->rl(https://t/x)}</style></svg>",
            r"<svg><style>a{b:u<![CDATA[rl(]]>https://t/x)}</style></svg>",
            r"<svg><style>a{b:u<?x?>rl(https://t/x)}</style></svg>",
            r"<svg><style>a{b:u<metadata/>rl(https://t/x)}</style></svg>",
            r"<svg><style>a{b:u<metadata>x</metadata>rl(https://t/x)}</style></svg>",
            r"<svg><style>a{b:u<x:y/>rl(https://t/x)}</style></svg>",
            r"<svg><style>@<!-- -->import 'https://t/x'</style></svg>",
            r"<svg><style>a{}<g/></style></svg>",
            r"<svg><style>a{b:u&#114;l(//t)}</style></svg>",
            r#"<svg><rect fill="url(https://t.example/#x)"/></svg>"#,
            r#"<svg><rect style="background:url('//t')"/></svg>"#,
            r#"<svg><animate attributeName="href"/></svg>"#,
            r#"<!DOCTYPE svg [<!ENTITY a "b">]><svg><text>&a;</text></svg>"#,
            r"<svg><text>&unknown;</text></svg>",
            r"<svg/><svg/>",
            r"<svg><g>",
            r#"<svg><html:script xmlns:html="http://www.w3.org/1999/xhtml" onload="x"/></svg"#,
        ] {
            assert!(clean(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(clean(format!("<svg>{}</svg>", "<g>".repeat(500)).as_bytes()).is_err());
    }
}
