//! kill -9 in the middle of a large publication, again and again: afterwards every page is right, none is half, no job is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use model::ResourceKind;
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake};
use publish::commands::refresh::refresh;
use server::Role;
use testkit::{Backend, House, HouseOptions};

use crate::process::{self, Node};

/// More than this many pages are published while the process is killed.
const ITEMS: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_in_a_large_publication_every_page_ends_right() {
    for backend in Backend::BOTH {
        let options = HouseOptions { backend, redis: false, sites: None, duty: Role::All };
        let Some(house) = House::open_with(options).await else { continue };
        let house = house.without_workers().await;
        let config = process::settings(&house, "worker", process::free_address());
        let ids = fill(&house);
        intake::publish(house.engine(), &house.actor("jinchuan-editor"), house.site("jinchuan").id, &ids).unwrap();

        // Each process is killed after a little longer, somewhere in its work; then one is left to finish.
        let mut kills = 0;
        for milliseconds in [250, 400, 700, 300, 1_100, 500, 900] {
            let worker = Node::worker(&config);
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            drop(worker);
            kills += 1;
            check_none_is_half(&house);
        }
        assert!(!house.engine().is_idle().unwrap(), "the kills came in the middle of the work on {backend:?}");
        let worker = Node::worker(&config);
        house.quiet().await;
        drop(worker);

        let (waiting, failed) = house.engine().store.read(store::pages::count_waiting).unwrap();
        assert_eq!((waiting, failed), (0, 0), "after {kills} kills on {backend:?}");
        let site = house.site("jinchuan").id;
        for id in &ids {
            let decisions =
                house.engine().store.read(|connection| store::publications::list_by_resource(connection, site, *id)).unwrap();
            assert!(decisions.len() == 1 && decisions[0].completed_at.is_some(), "one closed receipt each: {decisions:?}");
        }
        let after_crashes = snapshot(&house);
        assert!(after_crashes.len() >= ITEMS, "{}", after_crashes.len());

        // The same library rendered from nothing gives the same bytes.
        std::fs::remove_dir_all(&house.settings.pages).unwrap();
        refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
        let worker = Node::worker(&config);
        house.quiet().await;
        drop(worker);
        let fresh = snapshot(&house);
        assert_eq!(after_crashes.keys().collect::<Vec<_>>(), fresh.keys().collect::<Vec<_>>(), "{backend:?}");
        for (path, bytes) in &fresh {
            assert!(after_crashes[path] == *bytes, "{path} differs on {backend:?}");
        }
        house.close().await;
    }
}

fn fill(house: &House) -> Vec<model::ResourceId> {
    let (site, channel, actor) = (house.site("jinchuan"), house.channel("jinchuan", "tzgg"), house.actor("jinchuan-editor"));
    let intake = |number: usize| Intake {
        source: format!("crash:{number}"),
        hash: String::new(),
        draft: NewDraft {
            channel: channel.id,
            kind: ResourceKind::Article,
            content: model::Content {
                title: format!("第{number}号通知"),
                body: format!("<p>{}</p>", "正文".repeat(200)),
                source: "测试".into(),
                ..model::Content::default()
            },
        },
    };
    let taken = intake::take(house.engine(), &actor, site.id, (0..ITEMS).map(intake).collect()).unwrap();
    taken.iter().map(|one| one.resource()).collect()
}

/// Every page a visitor can see now ends as a page ends.
fn check_none_is_half(house: &House) {
    for (path, bytes) in snapshot(house) {
        if path.ends_with(".html") {
            let end = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(20)..]).trim_end().to_owned();
            assert!(end.ends_with("</html>"), "{path} ends with {end}");
        }
    }
}

/// Every published file with its bytes; what is only staged is nobody's to see.
fn snapshot(house: &House) -> BTreeMap<String, Vec<u8>> {
    crate::journey::pages_of(house, &["jinchuan", "wangxi", "qingyu", "donglan"])
}
