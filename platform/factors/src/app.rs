//! Apps (验证器): a code of six digits from a secret and the time, RFC 6238 as every app speaks it (SHA-1, half a minute a step).

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};
use totp_rs::{Algorithm, Builder};

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

/// Seconds of a step.
const STEP: i64 = 30;

/// Steps by which the clock of a phone may be off, on either side.
const SKEW: i64 = 1;

const DIGITS: u8 = 6;

/// The secret that an app and the platform share.
pub struct AppSecret(Vec<u8>);

impl AppSecret {
    /// A new one.
    pub fn generate() -> Self {
        Self(rand::random::<[u8; SECRET_BYTES]>().to_vec())
    }

    /// As it was kept.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// To be sealed and kept.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// To be typed into an app by hand: groups of four.
    pub fn words(&self) -> String {
        let letters: Vec<char> = self.base32().chars().collect();
        letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
    }

    /// The address that a picture tells an app.
    fn address(&self, issuer: &str, account: &str) -> String {
        let issuer = encoded(issuer);
        format!(
            "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}",
            encoded(account),
            self.base32()
        )
    }

    /// The path of a picture that an app reads the secret from, and the width of the square it is drawn in, its margin included.
    pub fn picture(&self, issuer: &str, account: &str) -> Option<(String, usize)> {
        const MARGIN: usize = 4;
        let code = QrCode::with_error_correction_level(self.address(issuer, account), EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (at, colour) in code.to_colors().into_iter().enumerate() {
            if colour == Color::Dark {
                write!(path, "M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN).ok()?;
            }
        }
        Some((path, width + 2 * MARGIN))
    }

    /// The step whose code this is, around the moment in seconds.
    pub fn step_of(&self, code: &str, now: i64) -> Option<i64> {
        let current = step_at(now);
        // Each is looked at, whichever it is.
        (current - SKEW..=current + SKEW)
            .fold(None, |found, step| if is_same(&self.code(step), code) { Some(step) } else { found })
    }

    /// The code of a step.
    pub fn code(&self, step: i64) -> String {
        let time = u64::try_from(step.max(0) * STEP).unwrap_or_default();
        // Its length was chosen here or sealed here, so there is nothing to check.
        let code = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(DIGITS).with_step_duration(STEP.unsigned_abs());
        code.with_secret(self.0.as_slice()).build_noncompliant().generate(time).to_string()
    }

    fn base32(&self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = |at: usize| self.0.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
        let letter = |start: usize| (start..start + 5).fold(0usize, |sum, at| sum * 2 + usize::from(bits(at)));
        (0..self.0.len() * 8).step_by(5).map(|start| char::from(LETTERS[letter(start)])).collect()
    }
}

impl std::fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppSecret")
    }
}

/// The step of a moment in seconds.
pub fn step_at(now: i64) -> i64 {
    now.div_euclid(STEP)
}

/// The six digits of a code as it was typed; none for what can be no code.
pub fn typed_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|letter| *letter != ' ').collect();
    (plain.len() == usize::from(DIGITS) && plain.bytes().all(|byte| byte.is_ascii_digit())).then_some(plain)
}

/// Hashes are compared in constant time.
fn is_same(one: &str, other: &str) -> bool {
    blake3::hash(one.as_bytes()) == blake3::hash(other.as_bytes())
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> AppSecret {
        AppSecret::of_bytes(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six digits.
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")] {
            assert_eq!(secret().code(step_at(time)), code);
            assert_eq!(secret().step_of(code, time), Some(step_at(time)));
        }
    }

    #[test]
    fn a_clock_may_be_half_a_minute_off_and_no_more() {
        let (secret, now) = (secret(), 1_234_567_890);
        let code = secret.code(step_at(now));
        assert_eq!(secret.step_of(&code, now + 30), Some(step_at(now)));
        assert_eq!(secret.step_of(&code, now - 30), Some(step_at(now)));
        assert_eq!(secret.step_of(&code, now + 90), None);
        assert_eq!(secret.step_of("", now), None);
    }

    #[test]
    fn a_secret_is_told_in_letters_that_apps_know_and_in_a_picture() {
        assert_eq!(secret().words(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        assert_eq!(
            secret().address("同源", "security"),
            "otpauth://totp/%E5%90%8C%E6%BA%90:security?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E5%90%8C%E6%BA%90&algorithm=SHA1&digits=6&period=30"
        );
        let (path, width) = secret().picture("同源", "security").unwrap();
        assert!(path.starts_with("M4 4h1v1h-1z") && width > 40, "{width}");
        assert_eq!((typed_code("123 456"), typed_code("12345"), typed_code("１23456")), (Some("123456".into()), None, None));
    }
}
