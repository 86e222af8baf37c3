//! What a cleaned text says beside its words: links to resources of the library (`<a href="resource:17">`), which lead there wherever it is
//! shown, and footnotes, which stand where they belong (`<span class="footnote">…</span>`) and are numbered when they are shown.

use std::collections::BTreeSet;

use crate::ResourceId;
use crate::markup::tags;

const FOOTNOTE: &str = "<span class=\"footnote\">";

/// The resources a text links to.
pub fn linked(body: &str) -> BTreeSet<ResourceId> {
    tags(body).filter(|tag| tag.name == "a").filter_map(|tag| parse_address(tag.attribute("href")?)).collect()
}

/// Whether an address names a resource just as this platform writes it.
pub fn is_address(address: &str) -> bool {
    parse_address(address).is_some_and(|id| address == format!("resource:{id}"))
}

/// The text with every link to a resource leading where `address` says; a link that leads nowhere leaves its words.
pub fn lead(body: &str, mut address: impl FnMut(ResourceId) -> Option<String>) -> String {
    let mut text = String::with_capacity(body.len());
    let mut done = 0;
    for tag in tags(body).filter(|tag| tag.name == "a") {
        let Some(id) = tag.attribute("href").and_then(parse_address) else { continue };
        text.push_str(&body[done..tag.range.start]);
        done = tag.range.end;
        if let Some(address) = address(id) {
            text.extend(["<a href=\"", &address, "\">"]);
        } else if let Some(words) = body[done..].find("</a>") {
            text.push_str(&body[done..done + words]);
            done += words + "</a>".len();
        }
    }
    text.push_str(&body[done..]);
    text
}

/// The text with each footnote replaced by what `refer` makes of its number, from one, and the words of the notes in order.
pub fn footnotes(body: &str, mut refer: impl FnMut(usize) -> String) -> (String, Vec<&str>) {
    let (mut text, mut notes, mut rest) = (String::with_capacity(body.len()), Vec::new(), body);
    while let Some((before, after)) = rest.split_once(FOOTNOTE) {
        let Some((note, behind)) = after.split_once("</span>") else { break };
        notes.push(note);
        text.push_str(before);
        text.push_str(&refer(notes.len()));
        rest = behind;
    }
    text.push_str(rest);
    (text, notes)
}

/// The resource an address names.
pub fn parse_address(address: &str) -> Option<ResourceId> {
    let digits = address.strip_prefix("resource:")?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten().map(ResourceId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_where_its_resource_is_and_leaves_its_words_where_there_is_none() {
        let body = r#"<p>见<a href="resource:7" rel="noopener noreferrer">《办法》</a>和<a href="resource:8">附则</a>、<a href="/x">别处</a></p>"#;
        assert_eq!(linked(body), BTreeSet::from([ResourceId(7), ResourceId(8)]));
        let shown = lead(body, |id| (id == ResourceId(7)).then(|| "/zcwj/7.html".to_owned()));
        assert_eq!(shown, r#"<p>见<a href="/zcwj/7.html">《办法》</a>和附则、<a href="/x">别处</a></p>"#);
    }

    #[test]
    fn footnotes_are_numbered_in_the_order_of_the_text() {
        let body = r#"<p>甲<span class="footnote">一注</span>乙<span>丙</span><span class="footnote">二注</span></p>"#;
        let (text, notes) = footnotes(body, |number| format!("[{number}]"));
        assert_eq!((text.as_str(), notes), ("<p>甲[1]乙<span>丙</span>[2]</p>", vec!["一注", "二注"]));
    }

    #[test]
    fn an_address_is_written_in_one_way() {
        assert!(is_address("resource:17"));
        for bad in ["resource:017", "resource:", "resource:1x", "media:17", "resource:-1", "resource:99999999999999999999"] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
