//! Arrangement (版面): which blocks (板块) stand in the slots (版位) of a page, in their order, and what each is told to show. Which slots
//! and blocks there are, the theme declares.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{MediaId, picture};

/// A block in its slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Where on the page: a slot of the theme.
    pub slot: String,
    /// What it is: a kind of block of the theme.
    pub kind: String,
    /// What it shows, by the names of the kind's fields.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// The blocks of one page; those of one slot in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrangement(pub Vec<Block>);

impl Arrangement {
    /// The blocks of a slot, each with its place in the whole.
    pub fn slot<'a>(&'a self, slot: &'a str) -> impl DoubleEndedIterator<Item = (usize, &'a Block)> {
        self.0.iter().enumerate().filter(move |(_, block)| block.slot == slot)
    }

    /// The media that its pictures are of.
    pub fn media(&self) -> BTreeSet<MediaId> {
        let values = self.0.iter().flat_map(|block| block.values.values());
        values.flat_map(|value| picture::read(value)).map(|picture| picture.media).collect()
    }

    /// Takes a block past its neighbour in its slot, and says where it is then; none where it is the first or last.
    pub fn shift(&mut self, at: usize, up: bool) -> Option<usize> {
        let slot = self.0.get(at)?.slot.as_str();
        let neighbour = if up {
            self.slot(slot).map(|(other, _)| other).rfind(|other| *other < at)
        } else {
            self.slot(slot).map(|(other, _)| other).find(|other| *other > at)
        };
        self.0.swap(at, neighbour?);
        neighbour
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(blocks: &[(&str, &str)]) -> Arrangement {
        let block =
            |(slot, kind): &(&str, &str)| Block { slot: (*slot).to_owned(), kind: (*kind).to_owned(), values: BTreeMap::new() };
        Arrangement(blocks.iter().map(block).collect())
    }

    #[test]
    fn a_block_moves_past_its_neighbour_in_the_same_slot_and_no_further() {
        let mut arrangement = of(&[("main", "a"), ("top", "b"), ("main", "c")]);
        assert_eq!(arrangement.shift(2, true), Some(0));
        assert_eq!(arrangement, of(&[("main", "c"), ("top", "b"), ("main", "a")]));
        assert_eq!(arrangement.shift(0, true), None);
        assert_eq!(arrangement.shift(1, false), None);
        assert_eq!(arrangement.shift(9, false), None);
    }
}
