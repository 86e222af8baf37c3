//! Recovery codes: sixteen characters that are not mistaken for each other, some 79 bits, so that a plain hash keeps them.

use rand::seq::IndexedRandom;

const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Characters of a code, in groups of four.
const LENGTH: usize = 16;

/// New codes, as their person writes them down.
pub fn generate_codes(count: usize) -> Vec<String> {
    let mut random = rand::rng();
    let mut code = || {
        let letters: Vec<char> = (0..LENGTH).filter_map(|_| LETTERS.choose(&mut random)).map(|byte| char::from(*byte)).collect();
        letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
    };
    (0..count).map(|_| code()).collect()
}

/// What is kept of a code, however it was typed; none for what can be no code.
pub fn hash_code(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect::<String>().to_ascii_lowercase();
    let is_code = plain.len() == LENGTH && plain.bytes().all(|byte| LETTERS.contains(&byte));
    is_code
        .then(|| blake3::Hash::from_bytes(blake3::derive_key("tongyuan 2026-11-26 recovery code", plain.as_bytes())).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_is_no_other() {
        let codes = generate_codes(10);
        assert_eq!(codes.iter().collect::<std::collections::HashSet<_>>().len(), 10);
        assert_eq!(codes[0].len(), 19, "{}", codes[0]);
        let hash = hash_code(&codes[0]).unwrap();
        assert_eq!(hash_code(&codes[0].replace('-', " ").to_uppercase()), Some(hash.clone()));
        assert_ne!(hash_code(&codes[1]), Some(hash));
        for no_code in ["", "123456", "aaaa-aaaa-aaaa-aaa", "0000-0000-0000-0000", "一二三四五六七八"] {
            assert_eq!(hash_code(no_code), None, "{no_code}");
        }
    }
}
