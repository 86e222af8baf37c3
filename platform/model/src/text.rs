//! Letters that texts may hold, and those that deceive the eye.

/// Whether a text may hold this letter: no feed, and one of the databases, can hold other control characters.
pub fn is_text(letter: char) -> bool {
    (!letter.is_control() || matches!(letter, '\n' | '\r' | '\t')) && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
}

/// Letters that make the eye read a text in another order, or that it does not see.
pub fn turns_around(letter: char) -> bool {
    matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether this is one line that reads as it is written.
pub fn is_plain_line(text: &str) -> bool {
    text.chars().all(|letter| is_text(letter) && !letter.is_control() && !turns_around(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_is_one_line_and_hides_nothing() {
        for good in ["", "【转载】", "Ａ\u{3000}B"] {
            assert!(is_plain_line(good), "{good:?}");
        }
        for bad in ["两\n行", "制\t表", "\u{FFFE}", "\u{FFFF}", "\u{202E}倒写", "零\u{200B}宽", "\u{2066}隔离", "\u{FEFF}", "\0"]
        {
            assert!(!is_plain_line(bad), "{bad:?}");
        }
    }
}
