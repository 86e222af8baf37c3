//! Digits drawn for people: crooked, struck through and in waves, dark on white whatever the page looks like.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use rand::RngExt;
use rand::rngs::StdRng;

const WIDTH: i16 = 240;
const HEIGHT: i16 = 80;

/// Between the digits and the edge: as far as waves carry them, and more.
const MARGIN: i16 = 16;

/// Every digit as rows of dots.
const GLYPHS: &str = include_str!("../data/digits.txt");
const ROWS: usize = 18;
const COLUMNS: i16 = 11;

/// From one dot of a digit to the next.
const STEP: i16 = 3;

const WHITE: u8 = 255;

/// What is drawn, line by line.
struct Canvas(Vec<u8>);

/// These digits as a PNG.
pub(crate) fn draw(digits: &[usize], chance: &mut StdRng) -> Vec<u8> {
    let mut canvas = Canvas::white();
    canvas.write(digits, chance);
    canvas.strike(chance);
    let mut canvas = canvas.waved(chance);
    canvas.speckle(chance);
    canvas.to_png()
}

impl Canvas {
    fn white() -> Self {
        Self(vec![WHITE; usize::from(WIDTH.unsigned_abs()) * usize::from(HEIGHT.unsigned_abs())])
    }

    /// Each digit in a place of its own, leaning its own way.
    fn write(&mut self, digits: &[usize], chance: &mut StdRng) {
        let room = (WIDTH - 2 * MARGIN) / i16::try_from(digits.len().max(1)).unwrap_or(1);
        let slack = (room - COLUMNS * STEP).max(0) / 2;
        let mut left = MARGIN + slack;
        for digit in digits {
            let (ink, lean) = (chance.random_range(0..70), chance.random_range(-3..=3));
            let top = MARGIN - 2 + chance.random_range(-3..=3);
            let aside = chance.random_range(-slack..=slack);
            for (row, line) in (0..).zip(GLYPHS.lines().skip(digit * ROWS).take(ROWS)) {
                for (column, _) in (0..).zip(line.bytes()).filter(|(_, dot)| *dot == b'#') {
                    // It leans about its middle by half a pixel a row and step.
                    self.dot(left + aside + column * STEP + lean * (9 - row) / 4, top + row * STEP, 2, ink);
                }
            }
            left += room;
        }
    }

    /// A line through all of them.
    fn strike(&mut self, chance: &mut StdRng) {
        let (height, period, shift) =
            (chance.random_range(4.0..14.0), chance.random_range(80.0..180.0), chance.random_range(0.0..6.0));
        let middle = HEIGHT / 2 + chance.random_range(-8..=8);
        for x in 0..WIDTH {
            self.dot(x, middle + wave(x, height, period, shift), 1, 40);
        }
    }

    /// The same in waves, both ways.
    fn waved(&self, chance: &mut StdRng) -> Self {
        let mut mood = || (chance.random_range(2.0..5.0), chance.random_range(70.0..140.0), chance.random_range(0.0..6.0));
        let (across, down) = (mood(), mood());
        let mut waved = Self::white();
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let from = (x + wave(y, across.0, across.1, across.2), y + wave(x, down.0, down.1, down.2));
                if let (Some(to), Some(from)) = (at(x, y), at(from.0, from.1)) {
                    waved.0[to] = self.0[from];
                }
            }
        }
        waved
    }

    fn speckle(&mut self, chance: &mut StdRng) {
        for _ in 0..60 {
            let (x, y) = (chance.random_range(0..WIDTH), chance.random_range(0..HEIGHT));
            self.dot(x, y, chance.random_range(0..=1), chance.random_range(0..160));
        }
    }

    fn dot(&mut self, x: i16, y: i16, radius: i16, ink: u8) {
        for (aside, below) in (-radius..=radius).flat_map(|aside| (-radius..=radius).map(move |below| (aside, below))) {
            if aside * aside + below * below <= radius * radius + 1
                && let Some(place) = at(x + aside, y + below)
            {
                self.0[place] = ink;
            }
        }
    }

    fn to_png(&self) -> Vec<u8> {
        let mut png = Vec::new();
        let size = (u32::from(WIDTH.unsigned_abs()), u32::from(HEIGHT.unsigned_abs()));
        PngEncoder::new(&mut png)
            .write_image(&self.0, size.0, size.1, ExtendedColorType::L8)
            .expect("memory takes what is written");
        png
    }
}

/// Where a pixel is kept; none beside the canvas.
fn at(x: i16, y: i16) -> Option<usize> {
    let is_within = (0..WIDTH).contains(&x) && (0..HEIGHT).contains(&y);
    is_within.then(|| usize::from(y.unsigned_abs()) * usize::from(WIDTH.unsigned_abs()) + usize::from(x.unsigned_abs()))
}

#[expect(clippy::cast_possible_truncation, reason = "no higher than a wave of the picture")]
fn wave(at: i16, height: f32, period: f32, shift: f32) -> i16 {
    (height * (f32::from(at) * std::f32::consts::TAU / period + shift).sin()) as i16
}
