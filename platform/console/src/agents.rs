//! What a browser calls itself, as people know it.

/// Found in what they call themselves, in this order: later ones call themselves by the names of earlier ones too.
const BROWSERS: [(&str, &str); 5] =
    [("Edg", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "命令行程序")];

const SYSTEMS: [(&str, &str); 9] = [
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("Windows", "Windows"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("UOS", "统信 UOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// “Chrome（Windows）”
pub(crate) fn tell(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}（{system}）"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "未知浏览器".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::tell;

    #[test]
    fn a_browser_is_told_by_the_name_people_know_it_by() {
        let like = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        assert_eq!(tell(&format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {like}")), "Chrome（Windows）");
        assert_eq!(tell(&format!("Mozilla/5.0 (X11; Linux x86_64) {like} Edg/141.0")), "Edge（Linux）");
        assert_eq!(tell("<script>"), "未知浏览器");
    }
}
