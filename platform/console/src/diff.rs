//! What changed between two texts, so that a person can read it: changed lines with their changed characters, and long
//! stretches of unchanged lines folded away.

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Unchanged lines shown around a change.
const AROUND: usize = 2;

/// Below this share of common characters, two lines are told apart whole: marking single characters would only confuse.
const ALIKE: f32 = 0.4;

/// Lines of more bytes are told apart whole: comparing them letter by letter takes longer than anybody reads.
const LONG: usize = 20_000;

/// A piece of a line: unchanged, taken out or put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    /// `same`, `del` or `ins`.
    tag: &'static str,
    text: String,
}

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Row {
    /// In both.
    Same {
        /// The line.
        text: String,
    },
    /// Changed lines, taken out or put in lines.
    Changed {
        /// Its pieces in order.
        pieces: Vec<Piece>,
    },
    /// Unchanged lines left out.
    Folded {
        /// How many.
        count: usize,
        /// Their text, to be unfolded.
        lines: Vec<String>,
    },
}

/// A field whose value differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    label: &'static str,
    before: String,
    after: String,
    pieces: Vec<Piece>,
}

impl Change {
    pub(crate) fn of(label: &'static str, before: &str, after: &str) -> Self {
        Self { label, before: before.to_owned(), after: after.to_owned(), pieces: pieces(before, after) }
    }
}

/// Compares two texts line by line.
pub(crate) fn rows(before: &[String], after: &[String]) -> Vec<Row> {
    let ops = capture_diff_slices(Algorithm::Patience, before, after);
    let last = ops.len().saturating_sub(1);
    let mut rows = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
        match op.tag() {
            DiffTag::Equal => fold(&mut rows, new, index > 0, index < last),
            _ => change(&mut rows, old, new),
        }
    }
    rows
}

/// Unchanged lines: those next to a change are shown, the others folded.
fn fold(rows: &mut Vec<Row>, lines: &[String], after_change: bool, before_change: bool) {
    let head = if after_change { AROUND } else { 0 };
    let tail = if before_change { AROUND } else { 0 };
    let same = |line: &String| Row::Same { text: line.clone() };
    // Folding one line away would take as much room as showing it.
    if lines.len() <= head + tail + 1 {
        rows.extend(lines.iter().map(same));
        return;
    }
    let hidden = &lines[head..lines.len() - tail];
    rows.extend(lines[..head].iter().map(same));
    rows.push(Row::Folded { count: hidden.len(), lines: hidden.to_vec() });
    rows.extend(lines[lines.len() - tail..].iter().map(same));
}

/// Lines replaced by others, paired in order; what has no partner was taken out or put in whole.
fn change(rows: &mut Vec<Row>, old: &[String], new: &[String]) {
    for index in 0..old.len().max(new.len()) {
        let pieces = match (old.get(index), new.get(index)) {
            (Some(old), Some(new)) => pieces(old, new),
            (Some(old), None) => whole(old, ""),
            (None, Some(new)) => whole("", new),
            (None, None) => Vec::new(),
        };
        rows.push(Row::Changed { pieces });
    }
}

/// Two versions of a line, character by character.
fn pieces(before: &str, after: &str) -> Vec<Piece> {
    if before.len().max(after.len()) > LONG {
        return whole(before, after);
    }
    let (old, new): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    if similar::diff_ratio(&ops, old.len(), new.len()) < ALIKE {
        return whole(before, after);
    }
    let mut pieces = Vec::new();
    for op in &ops {
        let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
        if op.tag() == DiffTag::Equal {
            push(&mut pieces, "same", new.iter().collect());
        } else {
            push(&mut pieces, "del", old.iter().collect());
            push(&mut pieces, "ins", new.iter().collect());
        }
    }
    pieces
}

fn whole(before: &str, after: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    push(&mut pieces, "del", before.to_owned());
    push(&mut pieces, "ins", after.to_owned());
    pieces
}

fn push(pieces: &mut Vec<Piece>, tag: &'static str, text: String) {
    if !text.is_empty() {
        pieces.push(Piece { tag, text });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    fn piece(tag: &'static str, text: &str) -> Piece {
        Piece { tag, text: text.to_owned() }
    }

    #[test]
    fn a_changed_line_shows_its_changed_characters() {
        let rows = rows(&lines(&["补贴标准为每亩100元"]), &lines(&["补贴标准为每亩120元"]));
        let wanted = vec![piece("same", "补贴标准为每亩1"), piece("del", "0"), piece("ins", "2"), piece("same", "0元")];
        assert_eq!(rows, [Row::Changed { pieces: wanted }]);
    }

    #[test]
    fn lines_with_little_in_common_are_told_apart_whole() {
        assert_eq!(pieces("甲乙丙丁", "戊己庚辛"), [piece("del", "甲乙丙丁"), piece("ins", "戊己庚辛")]);
    }

    #[test]
    fn long_unchanged_stretches_are_folded_and_short_ones_are_not() {
        let before: Vec<String> = (0..20).map(|number| format!("第{number}段内容")).collect();
        let mut after = before.clone();
        after[10].push_str("（修改）");
        let rows = rows(&before, &after);
        assert!(matches!(&rows[0], Row::Folded { count: 8, .. }), "{rows:?}");
        assert_eq!(rows[1], Row::Same { text: "第8段内容".into() });
        assert!(matches!(&rows[3], Row::Changed { .. }));
        assert!(matches!(rows.last(), Some(Row::Folded { count: 7, .. })));
        let few = super::rows(&before[..3], &after[..3]);
        assert!(matches!(few.as_slice(), [Row::Folded { count: 3, .. }]));
    }

    #[test]
    fn lines_put_in_and_taken_out_are_marked_as_such() {
        let rows = rows(&lines(&["甲", "乙"]), &lines(&["甲", "丙", "乙"]));
        assert_eq!(rows[1], Row::Changed { pieces: vec![piece("ins", "丙")] });
    }
}
