//! Tests over the whole collection of real laws, which is not part of the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

#[test]
fn nothing_of_any_real_law_is_lost() {
    let Some(files) = collection() else { return };
    assert_eq!(files.len(), 1602);
    for (path, text) in files {
        let html = parse(&path, &text).unwrap().body_html;
        assert_eq!(letters_of_html(&html), letters_of_source(&text), "{path}");
    }
}

#[test]
fn every_real_law_has_what_a_document_needs() {
    let Some(files) = collection() else { return };
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files {
        let law = parse(&path, &text).unwrap();
        assert!(!law.summary.is_empty() && law.summary.chars().count() <= 100, "{path}");
        assert!(law.written_on.is_some() || law.warnings.iter().any(|w| w.starts_with("没有日期")), "{path}");
        for warning in law.warnings {
            let kind = warning.split('：').next().unwrap().to_owned();
            kinds.entry(kind).or_default().insert(path.clone());
        }
    }
    let counts: Vec<_> = kinds.iter().map(|(kind, paths)| (kind.as_str(), paths.len())).collect();
    let expected = [
        ("文件名日期早于题注", 26),
        ("施行日期不明", 78),
        ("有无法显示的字符", 2),
        ("条号不连续", 10),
        ("条号中有空格", 1),
        ("没有制定机关", 74),
        ("没有施行日期条款", 86),
        ("题注事件不明", 7),
        ("题注缺少最近一次修改", 292),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn versions_of_the_real_laws_are_found() {
    let Some(files) = collection() else { return };
    let texts = files.iter().map(|(path, text)| parse(path, text).unwrap()).collect();
    let grouping = group_versions(texts);
    let several = grouping.laws.iter().filter(|law| law.versions.len() > 1);
    assert_eq!((grouping.laws.len(), several.count()), (1568, 33));
    let superseded: usize = grouping.laws.iter().map(|law| law.superseded().len()).sum();
    assert_eq!(superseded, 34);
    let unclear = ["山东/青岛市实施《水法》的若干规定(2017-12-01).md", "山东/青岛市实施《水法》若干规定.md"];
    assert_eq!(grouping.ambiguous.len(), 1);
    assert_eq!(grouping.ambiguous[0].paths, unclear);
}

/// Every law of the collection: relative path and text, sorted; `None` when it is not there.
fn collection() -> Option<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/laws");
    if !root.is_dir() {
        eprintln!("SKIPPED: there is no collection of laws at {}", root.display());
        return None;
    }
    let mut paths = Vec::new();
    list_files(&root, &mut paths);
    paths.sort();
    let relative = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    Some(paths.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect())
}

fn list_files(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list_files(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// What a reader sees of the source, in order: no title line, heading marks or white space.
///
/// The brackets at the ends of the preamble are left out on both sides, because the page adds them.
fn letters_of_source(text: &str) -> String {
    let (_, rest) = text.split_once('\n').unwrap();
    let (preamble, body) = rest.split_once(PREAMBLE_END).unwrap();
    let body: String = body.lines().map(|line| line.trim_start_matches('#')).collect();
    let preamble = visible(preamble);
    preamble.trim_matches(['（', '）']).to_owned() + &visible(&body)
}

/// What a reader sees of the page, in order.
fn letters_of_html(html: &str) -> String {
    let (preamble, body) = match html.strip_prefix("<p>（") {
        Some(rest) => rest.split_once("</p>").unwrap(),
        None => ("", html),
    };
    without_tags(preamble).trim_matches(['（', '）']).to_owned() + &without_tags(body)
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, behind)| behind));
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    let plain = entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter));
    visible(&plain)
}

fn visible(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{200b}').collect()
}
