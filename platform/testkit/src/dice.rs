//! Chance that can be had again: the same seed gives the same throws, whatever library changes.

use model::{Clock, SystemClock};

/// A small generator of numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice with this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Dice of this moment, or of `TONGYUAN_TEST_SEED`; prints its seed so that a failure can be had again.
    pub fn thrown(test: &str) -> Self {
        let told = crate::backend::setting("TONGYUAN_TEST_SEED").and_then(|seed| seed.parse().ok());
        let seed = told.unwrap_or_else(|| SystemClock.now().and_utc().timestamp_micros().unsigned_abs());
        eprintln!("{test}: TONGYUAN_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end.max(1) as u64).unwrap_or(0)
    }

    /// One of these.
    pub fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.below(among.len())]
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
