//! Two people at once: the later revision wins everywhere, and nobody's change is lost unseen.

use std::path::Path;
use std::sync::Arc;

use model::ResourceId;
use publish::CommandError;
use publish::commands::{draft, intake};
use testkit::{Article, Backend, House, HouseOptions};

use crate::files;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_publishers_racing_on_one_resource_the_later_revision_wins_everywhere() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        // A second worker process in all but name: its own connections, cache and workers on the same database and pages.
        let second =
            server::Platform::start(house.settings.clone(), Arc::new(model::SystemClock), server::Role::Worker).await.unwrap();
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("竞争发布")).await;
        let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));

        for round in 0..15 {
            let tasks: Vec<_> = [Arc::clone(house.engine()), Arc::clone(&second.engine)]
                .into_iter()
                .enumerate()
                .map(|(side, engine)| {
                    let actor = actor.clone();
                    tokio::task::spawn_blocking(move || {
                        revise_and_publish(&engine, &actor, site, id, &format!("第{round}轮第{side}方"));
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        house.quiet().await;

        let (live, latest, title) = house
            .engine()
            .store
            .read(|connection| {
                let resource = store::resources::find(connection, site, ResourceId(id))?.unwrap();
                let live = store::resources::find_revision(connection, resource.id, resource.live_revision_id.unwrap())?.unwrap();
                let all = store::resources::list_revisions(connection, resource.id)?;
                Ok::<_, store::Error>((live.number, all[0].number, live.content.title))
            })
            .unwrap();
        assert_eq!(live, latest, "{backend:?}");
        for site in ["wangxi", "jinchuan"] {
            let pages = crate::journey::pages_of(&house, &[site]);
            let shown: Vec<_> = pages.iter().filter(|(path, _)| path.ends_with(&format!("_{id}.html"))).collect();
            assert_eq!(shown.len(), 1);
            assert!(String::from_utf8_lossy(shown[0].1).contains(&title), "{site} shows {title} on {backend:?}");
            let home = house.browser().get(site, "/").await.text();
            assert!(home.contains(&title), "the home page of {site} on {backend:?}");
        }
        second.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_opened_before_somebody_elses_save_is_not_laid_over_it() {
    let Some(house) =
        House::open_with(HouseOptions { backend: Backend::Sqlite, redis: false, sites: None, duty: server::Role::All }).await
    else {
        return;
    };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("两人同改")).await;
    let channel = house.channel("wangxi", "yaowen").id.to_string();
    let form = |title: &'static str| {
        vec![
            ("version", "1"),
            ("channel", channel.as_str()),
            ("title", title),
            ("body", "<p>各自的正文</p>"),
            ("source", "测试"),
            ("action", "save"),
        ]
    };
    let path = format!("/console/wangxi/resources/{id}/edit");
    assert_eq!(editor.browser.submit(&path, &form("第一人的标题")).await.status, 303);
    let late = editor.browser.submit(&path, &form("第二人的标题")).await;
    assert_ne!(late.status, 303, "the second form was opened before the first was saved");
    assert!(late.text().contains("第二人的标题") && late.text().contains("各自的正文"), "nothing typed is lost");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_bytes_that_came_over_newer_ones_are_found_when_their_job_is_tried_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news("较早的版本")).await;
        let (older, newer) = (crate::journey::pages_of(&house, &["wangxi"]), Article::news("较新的版本"));
        editor.publish(&house, &newer).await;
        let house = house.without_workers().await;
        let newest = crate::journey::pages_of(&house, &["wangxi"]);
        let changed: Vec<&String> = older.keys().filter(|path| newest.get(*path) != older.get(*path)).collect();
        assert!(changed.len() > 2, "home, list and feed at least");

        // A process that lost the database while it put bytes in place had held the rows no longer.
        for path in &changed {
            files::write(Path::new(path), &older[*path]);
        }
        try_again(&house, "wangxi").await;
        assert_eq!(crate::journey::pages_of(&house, &["wangxi"]), newest, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_came_back_after_it_was_gone_is_taken_away_when_its_job_is_tried_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("撤回之后")).await;
        let there = crate::journey::pages_of(&house, &["wangxi"]);
        let administrator = house.desk("platform", "admin").await;
        assert_eq!(administrator.withdraw("wangxi", id, "内容过期").await.status, 303);
        house.quiet().await;
        let house = house.without_workers().await;
        let article = format!("_{id}.html");
        let gone: Vec<&String> = there.keys().filter(|path| path.ends_with(&article)).collect();
        assert!(!gone.is_empty() && !gone.iter().any(|path| Path::new(path).exists()), "{backend:?}");

        // The page with its compressed form, and then such a form alone.
        for whole in [true, false] {
            for path in &gone {
                files::write(Path::new(&format!("{path}.gz")), b"left behind");
                if whole {
                    files::write(Path::new(path), &there[*path]);
                }
            }
            try_again(&house, "wangxi").await;
            for path in &gone {
                let left = |path: &str| Path::new(path).exists();
                assert!(!left(path) && !left(&format!("{path}.gz")), "{path} is there again on {backend:?}");
            }
        }
        house.close().await;
    }
}

/// Has a worker do a job again that was to render every page of a site and did not come to its end.
async fn try_again(house: &House, site: &str) {
    let (site, store) = (house.site(site).id, &house.engine().store);
    let all = store.read(|connection| store::pages::list_after(connection, Some(site), model::PageId(0), 10_000)).unwrap();
    let ids: Vec<i64> = all.iter().map(|page| page.id.0).collect();
    let payload = serde_json::json!({ "render": ids }).to_string();
    let now = house.engine().clock.now();
    store.write(|connection| store::jobs::enqueue(connection, model::Lane::Bulk, "render", &payload, now)).unwrap();
    store.administer("UPDATE jobs SET attempts = 1").unwrap();
    let worker =
        server::Platform::start(house.settings.clone(), Arc::new(model::SystemClock), server::Role::Worker).await.unwrap();
    house.quiet().await;
    worker.stop().await.unwrap();
}

/// Saves a new revision and publishes it, trying again when the other side came between.
fn revise_and_publish(engine: &publish::Engine, actor: &model::Actor, site: model::SiteId, id: i64, title: &str) {
    let id = ResourceId(id);
    loop {
        let resource = engine.store.read(|connection| store::resources::find(connection, site, id)).unwrap().unwrap();
        let content = model::Content {
            title: title.to_owned(),
            body: format!("<p>{title}</p>"),
            source: "测试".into(),
            ..model::Content::default()
        };
        match draft::save(engine, actor, site, id, resource.version, content) {
            Ok(_) => break,
            Err(CommandError::Stale) => {}
            Err(other) => panic!("{other}"),
        }
    }
    loop {
        match intake::publish(engine, actor, site, &[id]) {
            Ok(_) => return,
            Err(CommandError::Stale) => {}
            Err(other) => panic!("{other}"),
        }
    }
}
