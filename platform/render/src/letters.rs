//! The letters of cleaned HTML as people read them, spaces left out, each knowing where it stands: so that words are found again
//! whatever markup and spaces stand between them, and can be marked.

use std::ops::Range;

use model::annotation::is_space;
use model::markup::end_of_tag;

/// What the allow-list writes for letters that mean something in HTML.
const ENTITIES: &[(&str, char)] = &[("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", '\u{a0}'), ("&amp;", '&')];

/// The letters of a text.
pub struct Letters<'h> {
    html: &'h str,
    text: String,
    /// Where each letter stands: among the letters, and in the HTML.
    places: Vec<(usize, Range<usize>)>,
}

impl<'h> Letters<'h> {
    /// Reads cleaned HTML.
    pub fn of(html: &'h str) -> Self {
        let (mut text, mut places, mut at) = (String::new(), Vec::new(), 0);
        while let Some(first) = html[at..].chars().next() {
            let rest = &html[at..];
            if first == '<' {
                at += end_of_tag(rest).unwrap_or(rest.len());
                continue;
            }
            let entity = ENTITIES.iter().find(|(written, _)| first == '&' && rest.starts_with(written));
            let (letter, length) = entity.map_or((first, first.len_utf8()), |(written, letter)| (*letter, written.len()));
            if !is_space(letter) {
                places.push((text.len(), at..at + length));
                text.push(letter);
            }
            at += length;
        }
        Self { html, text, places }
    }

    /// The letters alone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The HTML with a `mark` around each passage of the letters; the first of each has the passage's id.
    pub fn mark(&self, passages: &[(String, Range<usize>)]) -> String {
        let mut cuts: Vec<usize> = passages.iter().flat_map(|(_, range)| [range.start, range.end]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let (mut marked, mut done) = (String::with_capacity(self.html.len() + 64 * passages.len()), 0);
        for pair in cuts.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let over: Vec<_> = passages.iter().filter(|(_, range)| range.start <= from && to <= range.end).collect();
            if over.is_empty() {
                continue;
            }
            for (at, run) in self.runs(from..to).into_iter().enumerate() {
                marked.push_str(&self.html[done..run.start]);
                for (id, range) in &over {
                    if at == 0 && range.start == from {
                        marked.extend(["<mark id=\"", id, "\">"]);
                    } else {
                        marked.push_str("<mark>");
                    }
                }
                marked.push_str(&self.html[run.clone()]);
                marked.push_str(&"</mark>".repeat(over.len()));
                done = run.end;
            }
        }
        marked.push_str(&self.html[done..]);
        marked
    }

    /// A passage as it lies in the HTML: pieces between which there are tags.
    fn runs(&self, passage: Range<usize>) -> Vec<Range<usize>> {
        let first = self.places.partition_point(|(at, _)| *at < passage.start);
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (_, place) in self.places[first..].iter().take_while(|(at, _)| *at < passage.end) {
            match runs.last_mut() {
                Some(run) if !self.html[run.end..place.start].contains('<') => run.end = place.end,
                _ => runs.push(place.clone()),
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(letters: &Letters<'_>, id: &str, words: &str) -> (String, Range<usize>) {
        let at = letters.text().find(words).unwrap();
        (id.to_owned(), at..at + words.len())
    }

    #[test]
    fn letters_are_those_people_read() {
        let letters = Letters::of("<p title=\"a>b\">甲 &amp; 乙</p>\n<p>&lt;丙&nbsp;<b>丁</b></p>");
        assert_eq!(letters.text(), "甲&乙<丙丁");
    }

    #[test]
    fn a_passage_is_marked_piece_by_piece_where_tags_stand_within_it() {
        let letters = Letters::of("<p>一期 工程<b>已完</b>工。</p><p>二期</p>");
        let marked = letters.mark(&[passage(&letters, "a", "工程已完工。二")]);
        assert_eq!(
            marked,
            "<p>一期 <mark id=\"a\">工程</mark><b><mark>已完</mark></b><mark>工。</mark></p><p><mark>二</mark>期</p>"
        );
    }

    #[test]
    fn passages_may_lie_over_each_other() {
        let letters = Letters::of("<p>甲乙丙</p>");
        let marked = letters.mark(&[passage(&letters, "a", "甲乙"), passage(&letters, "b", "乙丙")]);
        assert_eq!(marked, "<p><mark id=\"a\">甲</mark><mark><mark id=\"b\">乙</mark></mark><mark>丙</mark></p>");
        assert_eq!(letters.mark(&[]), "<p>甲乙丙</p>");
    }
}
