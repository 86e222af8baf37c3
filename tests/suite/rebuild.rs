//! What every page must be: what a render from nothing gives, no more and no less.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use config::Settings;
use model::{Actor, PageId, PageState};
use publish::Workers;
use publish::commands::refresh::refresh;
use testkit::House;

/// Renders every page of every site from nothing into an empty `folder`, from this database. Nobody else may be working on it.
pub async fn rebuilt(house: &House, database: &str, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut settings = Settings { database: database.to_owned(), pages: folder.to_owned(), ..house.settings.clone() };
    settings.cache = "memory:".into();
    settings.publish.door = None;
    let engine = server::platform::open_engine(Arc::new(settings), Arc::clone(&house.engine().clock), None).await.unwrap();
    refresh(&engine, &Actor::operator("rebuild"), None).unwrap();
    let workers = Workers::start(&engine).unwrap();
    for _ in 0..6_000 {
        if engine.is_idle().unwrap() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::task::spawn_blocking(move || workers.stop()).await.unwrap();
    assert!(engine.is_idle().unwrap(), "a render from nothing comes to its end");
    files_of(folder)
}

/// Every public file below a page folder with its bytes, by its path within.
pub fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with(".staging") {
            let mut found = BTreeMap::new();
            crate::files::collect(&path, &mut found);
            let within = |file: String| Path::new(&file).strip_prefix(folder).unwrap().display().to_string();
            files.extend(found.into_iter().map(|(file, bytes)| (within(file), bytes)));
        }
    }
    files
}

/// How two sets of files differ, in a few lines; empty when they do not.
pub fn difference(present: &BTreeMap<String, Vec<u8>>, wanted: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let missing = wanted.keys().filter(|path| !present.contains_key(*path)).map(|path| format!("{path} is missing"));
    let extra = present.keys().filter(|path| !wanted.contains_key(*path)).map(|path| format!("{path} should not be there"));
    let other = wanted.iter().filter_map(|(path, bytes)| {
        let shown = present.get(path).filter(|shown| *shown != bytes)?;
        Some(format!("{path} is not what it should be: {}", first_difference(shown, bytes)))
    });
    missing.chain(extra).chain(other).take(10).collect()
}

/// The records say what is on the disk: each live page has its file with the recorded bytes, and no file is without a record.
pub fn check_records(house: &House) {
    let (pages, sites) = house
        .engine()
        .store
        .read(|connection| {
            Ok::<_, store::Error>((
                store::pages::list_after(connection, None, PageId(0), 1_000_000)?,
                store::sites::list(connection)?,
            ))
        })
        .unwrap();
    let mut files = files_of(&house.settings.pages);
    for page in pages {
        let key = &sites.iter().find(|site| site.id == page.site_id).unwrap().key;
        let name = house.engine().pages().name(key, &page.path).unwrap();
        let bytes = files.remove(&name);
        for form in ["gz", "br"] {
            files.remove(&format!("{name}.{form}"));
        }
        let shown = bytes.map(|bytes| blake3::hash(&bytes).to_hex().to_string());
        let recorded = page.hash.filter(|_| page.state == PageState::Live);
        assert_eq!(shown, recorded, "{name} against its record, which says {:?}", page.state);
        assert!(page.due <= page.version && page.failure.is_none(), "{name} still waits");
    }
    assert!(files.is_empty(), "files that nobody has recorded: {:?}", files.keys().take(5).collect::<Vec<_>>());
}

fn first_difference(one: &[u8], other: &[u8]) -> String {
    let at = one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()));
    let around = |bytes: &[u8]| {
        String::from_utf8_lossy(&bytes[at.saturating_sub(60).min(bytes.len())..bytes.len().min(at + 60)]).into_owned()
    };
    format!("at byte {at} …{}… instead of …{}…", around(one), around(other))
}
