//! The database: both schemas alike, up and down and up again, the audit chain, and what may never be changed.

use std::collections::BTreeSet;

use model::Actor;
use serde_json::json;
use store::audit::{self, Chain, Record};
use testkit::{Article, Backend, House, project_root};

#[test]
fn both_databases_have_the_same_migrations_each_with_its_way_back() {
    let names = |kind: &str| -> BTreeSet<String> {
        let folder = project_root().join("migrations").join(kind);
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        entries
            .map(|entry| {
                for file in ["up.sql", "down.sql"] {
                    assert!(entry.path().join(file).is_file(), "{} lacks {file}", entry.path().display());
                }
                entry.file_name().to_string_lossy().into_owned()
            })
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables_and_columns_and_go_up_down_and_up() {
    let mut described = Vec::new();
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (settings, engine) = (house.settings.clone(), house.engine().clone());
        let store = store::Store::open(&settings.database).unwrap();
        let before = store.describe().unwrap();
        assert!(before.len() > 100, "{before:?}");
        drop(engine);
        house.platform.stop().await.unwrap();
        store.unmigrate().unwrap();
        assert_eq!(store.describe().unwrap(), Vec::<String>::new(), "down leaves nothing behind on {backend:?}");
        store.migrate().unwrap();
        assert_eq!(store.describe().unwrap(), before, "{backend:?}");
        assert!(store.pending_migrations().unwrap().is_empty());
        described.push(before);
    }
    if let [sqlite, postgres] = described.as_slice() {
        assert_eq!(sqlite, postgres);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_cannot_be_changed_and_tells_when_it_was() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let store = &house.engine().store;
        let now = house.engine().clock.now();
        for number in 0..20 {
            let record = Record {
                action: "test",
                subject: format!("test:{number}"),
                site: None,
                before: json!(null),
                after: json!({ "number": number }),
            };
            store.command(|command| audit::append(command, &Actor::operator("test"), record, now)).unwrap();
        }
        let Chain::Intact(entries) = store.read(audit::verify).unwrap() else { panic!("the chain is broken on {backend:?}") };
        assert!(entries >= 20);

        for forbidden in ["UPDATE audit_entries SET actor_name = 'x' WHERE id = 3", "DELETE FROM audit_entries WHERE id = 3"] {
            assert!(store.administer(forbidden).is_err(), "{forbidden} on {backend:?}");
        }
        // Somebody with the keys to the database itself takes the guards away first.
        for step in without_guards(backend, "UPDATE audit_entries SET actor_name = 'x' WHERE id = 3") {
            store.administer(&step).unwrap();
        }
        assert_eq!(store.read(audit::verify).unwrap(), Chain::Broken(3), "a changed entry on {backend:?}");
        store.administer("DELETE FROM audit_entries WHERE id = 3").unwrap();
        assert_eq!(store.read(audit::verify).unwrap(), Chain::Broken(3), "a missing entry on {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_once_written_is_never_changed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        house.desk("wangxi", "editor").await.write(&house, &Article::news("不可变的版本")).await;
        for forbidden in ["UPDATE revisions SET title = 'x'", "DELETE FROM revisions"] {
            assert!(house.engine().store.administer(forbidden).is_err(), "{forbidden} on {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn index_numbers_are_issued_once_in_order_and_unlike_each_other() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let mut numbers = Vec::new();
    for title in ["甲", "乙", "丙"] {
        let (id, _) = editor.publish(&house, &Article::news(title)).await;
        let site = house.site("wangxi").id;
        let resource = house.engine().store.read(|connection| store::resources::find(connection, site, model::ResourceId(id)));
        numbers.push(resource.unwrap().unwrap().index_number.unwrap());
    }
    for (at, number) in numbers.iter().enumerate() {
        assert!(number.starts_with("99010200X/") && number.ends_with(&format!("-{:05}", at + 1)), "{number}");
        assert!(number.parse::<model::IndexNumber>().is_ok());
    }
    house.close().await;
}

fn without_guards(backend: Backend, change: &str) -> Vec<String> {
    let drops: &[&str] = match backend {
        Backend::Sqlite => &["DROP TRIGGER audit_entries_no_update", "DROP TRIGGER audit_entries_no_delete"],
        Backend::Postgres => &["DROP TRIGGER audit_entries_no_change ON audit_entries"],
    };
    drops.iter().copied().chain([change]).map(str::to_owned).collect()
}
