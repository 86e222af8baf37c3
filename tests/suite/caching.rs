//! Several nodes: what one publishes, the others stop showing the old form of, through Redis and without it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use server::{Platform, Role};
use testkit::{Article, Backend, Browser, House, HouseOptions};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_web_node_shows_what_the_first_one_publishes() {
    for (backend, redis) in [(Backend::Sqlite, false), (Backend::Postgres, true)] {
        let options = HouseOptions { backend, redis, sites: None, duty: Role::All };
        let Some(house) = House::open_with(options).await else { continue };
        let second = Platform::start(house.settings.clone(), Arc::new(model::SystemClock), Role::Web).await.unwrap();
        let visitor = Browser::at(second.address.unwrap());
        assert!(!visitor.get("wangxi", "/yaowen/").await.text().contains("两个节点"), "now it is in the second node's memory");

        house.desk("wangxi", "editor").await.publish(&house, &Article::news("两个节点")).await;
        let mut shown = false;
        for _ in 0..150 {
            shown = visitor.get("wangxi", "/yaowen/").await.text().contains("两个节点");
            if shown {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(shown, "within three seconds on {backend:?}, redis: {redis}");
        second.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_travel_between_nodes_through_redis() {
    let Some(url) = testkit::redis_url() else { return };
    let (one, two) = (cache::Cache::open(&url).await.unwrap(), cache::Cache::open(&url).await.unwrap());
    heard(&one, &two).await;
    let key = uuid::Uuid::now_v7().to_string();
    let window = Duration::from_mins(1);
    assert_eq!((one.hit(&key, window).await, two.hit(&key, window).await, one.count(&key).await), (1, 2, 2), "counted together");
    two.clear(&key).await;
    assert_eq!(one.count(&key).await, 0);
}

/// Waits until what one node announces reaches the other: the line between them is made in the background.
pub async fn heard(speaker: &cache::Cache, other: &cache::Cache) {
    let message = cache::Message::Pages(vec![(model::SiteId(7), format!("/{}", uuid::Uuid::now_v7()))]);
    let (ear, mut received) = tokio::sync::mpsc::unbounded_channel();
    let wanted = message.clone();
    other.listen(move |message| {
        if *message == wanted {
            let _ = ear.send(());
        }
    });
    let begun = Instant::now();
    loop {
        speaker.announce(&message);
        if tokio::time::timeout(Duration::from_millis(100), received.recv()).await.is_ok() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "nothing is heard for ten seconds");
    }
}
