//! Names of uploads, as they are offered for download again.

use model::text::turns_around;

use crate::Refusal;

/// Characters of a name, its extension included.
const LONGEST: usize = 80;

/// Names that some systems keep for devices.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

/// The name as it is kept. One that leads elsewhere, or shows another ending than it has, is refused; the rest is mended.
pub(crate) fn check(name: &str) -> Result<String, Refusal> {
    if name.contains(['/', '\\']) || name.chars().any(|letter| letter.is_control() || turns_around(letter)) {
        return Err(Refusal::Name);
    }
    let plain: String = name.chars().map(|letter| if "<>:\"|?*%;".contains(letter) { '_' } else { letter }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((stem, extension)) = plain.trim_matches(['.', ' ']).rsplit_once('.') else { return Err(Refusal::NoExtension) };
    let stem = stem.trim_matches(['.', ' ']);
    if stem.is_empty() || extension.is_empty() || extension.len() > 10 {
        return Err(Refusal::NoExtension);
    }
    let room = LONGEST - extension.chars().count() - 1;
    let stem: String = stem.chars().take(room).collect();
    let mark = if is_reserved(&stem) { "_" } else { "" };
    Ok(format!("{mark}{stem}.{extension}"))
}

fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        first.strip_prefix(port).is_some_and(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_port || RESERVED.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for bad in
            ["../../etc/passwd.png", "C:\\x\\y.jpg", "/a.png", "a\0.png", "a\n.png", "报表\u{202E}gpj.exe", "..\\..\\x.pdf"]
        {
            assert_eq!(check(bad), Err(Refusal::Name), "{bad:?}");
        }
    }

    #[test]
    fn a_name_keeps_its_extension_and_loses_what_systems_cannot_hold() {
        assert_eq!(check("  关于“十五五”规划的通知 (终稿).PDF ").unwrap(), "关于“十五五”规划的通知 (终稿).PDF");
        assert_eq!(check("a<b>:c?.png").unwrap(), "a_b__c_.png");
        assert_eq!(check("con.png").unwrap(), "_con.png");
        assert_eq!(check("COM1.backup.zip").unwrap(), "_COM1.backup.zip");
        let long = check(&format!("{}.docx", "长".repeat(300))).unwrap();
        assert_eq!((long.chars().count(), long.ends_with("长.docx")), (80, true));
        for bad in ["", "readme", ".png", "..", "a."] {
            assert_eq!(check(bad), Err(Refusal::NoExtension), "{bad:?}");
        }
    }
}
