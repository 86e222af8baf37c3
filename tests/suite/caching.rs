//! Several nodes: what one publishes, the others stop showing the old form of, through Redis and without it.

use std::sync::Arc;

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
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
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
    let mut listener = two.listen();
    let message = cache::Message::Pages(vec![(model::SiteId(7), format!("/{}", uuid::Uuid::now_v7()))]);
    // The subscription is made in the background: speak until heard.
    let heard = tokio::time::timeout(std::time::Duration::from_secs(10), async {
        loop {
            one.announce(&message);
            let waited = tokio::time::timeout(std::time::Duration::from_millis(100), listener.next()).await;
            if waited.is_ok_and(|received| received.as_ref() == Some(&message)) {
                return;
            }
        }
    });
    heard.await.expect("the other node hears it");
    let key = uuid::Uuid::now_v7().to_string();
    let window = std::time::Duration::from_mins(1);
    assert_eq!((one.hit(&key, window).await, two.hit(&key, window).await, one.count(&key).await), (1, 2, 2), "counted together");
    two.clear(&key).await;
    assert_eq!(one.count(&key).await, 0);
}
