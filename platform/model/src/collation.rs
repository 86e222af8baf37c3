//! The order of names as a Chinese reader expects it: by pinyin, syllable by syllable (音序).

use pinyin::ToPinyin;

/// Surnames that are not read as the character mostly is.
const SURNAMES: &[(char, &str)] = &[
    ('仇', "qiu"),
    ('任', "ren"),
    ('区', "ou"),
    ('华', "hua"),
    ('单', "shan"),
    ('召', "shao"),
    ('尉', "wei"),
    ('尹', "yin"),
    ('折', "she"),
    ('曾', "zeng"),
    ('朴', "piao"),
    ('查', "zha"),
    ('洗', "xian"),
    ('燕', "yan"),
    ('盖', "ge"),
    ('秘', "bi"),
    ('缪', "miao"),
    ('种', "chong"),
    ('翟', "zhai"),
    ('葛', "ge"),
    ('覃', "qin"),
    ('解', "xie"),
    ('逄', "pang"),
    ('那', "na"),
    ('阚', "kan"),
    ('隗', "wei"),
    ('黑', "he"),
];

/// What a person's name is sorted by, compared byte by byte: the syllables apart, so that 西安 stands before 先; the name itself
/// at the end, so that those who sound alike are kept apart by their characters.
pub fn sort_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() * 4);
    for (at, letter) in name.chars().enumerate() {
        let surname = SURNAMES.iter().find(|(surname, _)| at == 0 && *surname == letter);
        match (surname, letter.to_pinyin()) {
            (Some((_, read)), _) => syllable(&mut key, read),
            (None, Some(read)) => syllable(&mut key, read.plain()),
            (None, None) => key.extend(letter.to_lowercase()),
        }
    }
    key.push('\t');
    key.push_str(name);
    key
}

/// A space sorts before every letter.
fn syllable(key: &mut String, read: &str) {
    key.push_str(read);
    key.push(' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_they_are_read() {
        let mut names = ["周文", "张伟", "李岚", "admin", "曾小满", "赵一", "陈立", "单雄", "先明", "西安", "张三"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["admin", "陈立", "李岚", "单雄", "西安", "先明", "曾小满", "张三", "张伟", "赵一", "周文"]);
    }

    #[test]
    fn those_who_sound_alike_are_kept_apart() {
        assert_ne!(sort_key("张伟"), sort_key("章伟"));
        assert_eq!(sort_key("Admin").split('\t').next(), sort_key("admin").split('\t').next());
    }
}
