//! Foreign HTML goes through one allow-list; plain text becomes paragraphs; and HTML becomes lines people can compare.

use std::collections::{HashMap, HashSet};

/// Why a text is not even looked at: cleaning it would take longer than any text is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    /// Longer than any resource may be.
    #[error("正文过长，请控制在50万字以内")]
    TooLong,
    /// Elements within elements within elements.
    #[error("正文的排版嵌套层次过深，请粘贴为纯文本后重新排版")]
    TooDeep,
}

/// Characters of markup and text together.
const LONGEST: usize = 1_000_000;

/// Elements open at once. What people write stays far below; the time to clean grows with the square of it.
const DEEPEST: usize = 150;

/// Cleans what a person typed or a file brought: markup passes the allow-list, plain text becomes paragraphs.
pub fn clean(input: &str) -> Result<String, Unclean> {
    if input.len() > LONGEST * 3 || input.chars().count() > LONGEST {
        return Err(Unclean::TooLong);
    }
    if !input.contains('<') {
        return Ok(paragraphs(input));
    }
    if depth(input) > DEEPEST {
        return Err(Unclean::TooDeep);
    }
    Ok(allow_list().clean(input).to_string().trim().to_owned())
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// HTML without tags as text.
pub fn unescape(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", " ").replace("&amp;", "&")
}

/// The readable lines of cleaned HTML: one per paragraph, heading, list item or table row.
pub fn lines(html: &str) -> Vec<String> {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        text.push_str(break_of(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    unescape(&text)
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The first `limit` characters of the text.
pub fn excerpt(html: &str, limit: usize) -> String {
    lines(html).concat().chars().take(limit).collect()
}

const BLOCKS: &[&str] = &[
    "p",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "caption",
    "blockquote",
    "pre",
    "div",
    "figure",
    "figcaption",
    "dl",
    "dt",
    "dd",
];

const INLINE: &[&str] = &["a", "b", "code", "em", "i", "s", "span", "strong", "sub", "sup", "u", "img"];

const TABLES: &[&str] = &["thead", "tbody", "tfoot", "th", "td", "colgroup", "col"];

fn allow_list() -> ammonia::Builder<'static> {
    let tags: HashSet<&str> = BLOCKS.iter().chain(INLINE).chain(TABLES).copied().filter(|tag| *tag != "h1").collect();
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("ol", HashSet::from(["start", "type"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan", "scope"])),
        ("col", HashSet::from(["span"])),
        ("colgroup", HashSet::from(["span"])),
    ]);
    // What a paragraph looks like; the themes know these words and no others.
    let looks = ["p", "h2", "h3", "h4", "h5", "h6"].map(|tag| (tag, HashSet::from(["center", "right", "indent"])));
    let classes = looks.into_iter().chain([("span", HashSet::from(["footnote"]))]).collect();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags)
        .tag_attributes(attributes)
        .allowed_classes(classes)
        .clean_content_tags(HashSet::from([
            "script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math",
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "media", "resource"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            // What is in the library, such as `media:17`, written in just one way.
            ("img", "src") | ("a", "href") if names(value, "media") => model::media::is_address(value).then(|| value.into()),
            ("a", "href") if names(value, "resource") => model::prose::is_address(value).then(|| value.into()),
            // Pictures come from the site itself: no trackers, no dependence on foreign storage (regulations.md §1.5 PG-12).
            ("img", "src") => (value.starts_with('/') && !value.starts_with("//")).then(|| value.into()),
            _ => Some(value.into()),
        });
    builder
}

fn names(address: &str, wanted: &str) -> bool {
    address.split(':').next().is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case(wanted))
}

/// Elements that close by themselves or hold nothing, and so do not add up.
const SHALLOW: &[&str] = &[
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "br", "hr", "img", "col", "colgroup", "input", "meta",
    "link",
];

/// The most elements that are open at once, taking the text as it stands.
fn depth(html: &str) -> usize {
    let mut open: HashMap<String, usize> = HashMap::new();
    let (mut present, mut deepest) = (0, 0);
    for tag in html.split('<').skip(1) {
        let closing = tag.starts_with('/');
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || SHALLOW.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if closing && *count > 0 {
            *count -= 1;
            present -= 1;
        } else if !closing {
            *count += 1;
            present += 1;
            deepest = deepest.max(present);
        }
    }
    deepest
}

fn paragraphs(text: &str) -> String {
    let blocks = text.lines().map(str::trim).filter(|line| !line.is_empty());
    blocks.map(|line| format!("<p>{}</p>", escape(line))).collect::<Vec<_>>().join("\n")
}

fn break_of(tag: &str) -> &'static str {
    let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
    match name {
        "td" | "th" if tag.starts_with('/') => " | ",
        _ if BLOCKS.contains(&name) => "\n",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_styles_handlers_and_foreign_pictures_are_dropped_and_tables_kept() {
        let cleaned = clean(
            r#"<h1>题</h1><p style="color:red" onclick="x()">正文<script>alert(1)</script></p><img src="https://t.example/p.gif">
               <table><tr><td colspan="2">甲</td></tr></table><a href="javascript:x()">链接</a><img src="/media/a.png" alt="图">"#,
        )
        .unwrap();
        for gone in ["script", "alert", "style", "onclick", "t.example", "javascript", "h1"] {
            assert!(!cleaned.contains(gone), "{gone} in {cleaned}");
        }
        for kept in ["colspan=\"2\"", "甲", "正文", "/media/a.png"] {
            assert!(cleaned.contains(kept), "{kept} not in {cleaned}");
        }
    }

    #[test]
    fn media_of_the_library_are_named_in_pictures_and_links_alone() {
        let kept = clean(r#"<p><img src="media:17" alt="图"><a href="media:18">附件</a></p>"#).unwrap();
        assert!(kept.contains("src=\"media:17\"") && kept.contains("href=\"media:18\""), "{kept}");
        let dropped =
            clean(r#"<img src="media:1x"><img src=" MEDIA:1"><a href="media:../1">a</a><p title="media:1">b</p>"#).unwrap();
        assert_eq!(model::media::references(&dropped), []);
        assert!(!dropped.contains("src=") && !dropped.contains("href="), "{dropped}");
    }

    #[test]
    fn looks_that_themes_know_footnotes_and_links_into_the_library_are_kept() {
        let kept = r#"<p class="indent">见<a href="resource:7" rel="noopener noreferrer">办法</a><span class="footnote">注</span></p><p class="right">落款</p>"#;
        assert_eq!(clean(kept).unwrap(), kept);
        let dropped = clean(r#"<p class="evil center">甲</p><span class="x">乙</span><a href="resource:x">丙</a>"#).unwrap();
        assert!(!dropped.contains("evil") && !dropped.contains("class=\"x\"") && !dropped.contains("resource"), "{dropped}");
    }

    #[test]
    fn a_text_nested_to_exhaust_us_is_refused_at_once() {
        for bomb in ["<div>".repeat(20_000), "<b></i>".repeat(20_000), "<b>".repeat(200), "x".repeat(1_000_001)] {
            assert!(clean(&bomb).is_err());
        }
        assert!(clean(&"<p>一段<li>一项".repeat(20_000)).is_ok());
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        let once = clean("<p>甲 & 乙 <b>丙</b><ul><li>一<li>二</ul>").unwrap();
        assert_eq!(clean(&once).unwrap(), once);
    }

    #[test]
    fn plain_text_becomes_paragraphs() {
        assert_eq!(clean("第一段\n\n第二段 & 其他").unwrap(), "<p>第一段</p>\n<p>第二段 &amp; 其他</p>");
    }

    #[test]
    fn lines_follow_what_a_reader_sees() {
        assert_eq!(lines("<h2>一</h2><p>甲<strong>乙</strong></p><ul><li>丙 &amp; 丁</li></ul>"), ["一", "甲乙", "丙 & 丁"]);
    }
}
