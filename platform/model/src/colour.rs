//! Colours as `#17508f`: mixing them, and whether white letters can be read on them.

/// A colour of the screen: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// White.
    pub const WHITE: Self = Self([255; 3]);
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// Reads `#17508f`; nothing else.
    pub fn read(text: &str) -> Option<Self> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// With so much of another in it, in percent.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u32) -> Self {
        let percent = percent.min(100);
        let part = |own: u8, other: u8| (u32::from(own) * (100 - percent) + u32::from(other) * percent + 50) / 100;
        Self(std::array::from_fn(|at| u8::try_from(part(self.0[at], other.0[at])).unwrap_or(u8::MAX)))
    }

    /// The contrast with white, between 1 and 21 (WCAG 2.2, relative luminance).
    pub fn contrast_with_white(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_mixed_and_written() {
        let red = Colour::read("#9d1c1f").unwrap();
        assert_eq!(red.to_string(), "#9d1c1f");
        assert_eq!(red.mixed(Colour::BLACK, 28).to_string(), "#711416");
        assert_eq!(red.mixed(Colour::WHITE, 95).to_string(), "#faf4f4");
        for wrong in ["red", "#123", "#17508g", "17508f", "#17508f;", "#é17508"] {
            assert_eq!(Colour::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let of = |text: &str| Colour::read(text).unwrap().contrast_with_white();
        assert!((of("#000000") - 21.0).abs() < 0.01);
        assert!((of("#ffffff") - 1.0).abs() < 0.01);
        assert!((of("#767676") - 4.54).abs() < 0.01);
    }
}
