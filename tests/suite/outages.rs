//! Redis and PostgreSQL taken away under load and given back: visitors notice nothing, the console says what is wrong, and
//! everything goes on by itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use model::{ResourceId, ResourceKind};
use publish::CommandError;
use publish::commands::{draft, intake};
use server::{Platform, Role};
use testkit::{Browser, House};

use crate::caching::heard;
use crate::servers::{Postgres, Redis};

const LIST: &str = "/yaowen/";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_redis_and_without_the_database_visitors_notice_nothing_and_all_goes_on_afterwards() {
    let (Some(mut postgres), Some(mut redis)) = (Postgres::start(), Redis::start()) else { return };
    let house = House::open_on(&postgres.url(), &redis.url()).await;
    let second = Platform::start(house.settings.clone(), Arc::new(model::SystemClock), Role::Web).await.unwrap();
    let nodes = [house.platform.address.unwrap(), second.address.unwrap()];
    let desk = house.desk("wangxi", "editor").await;
    publish(&house, "一切正常").unwrap();
    shown_within(&nodes, "一切正常", Duration::from_secs(5)).await;
    let readers = Readers::start(&house, &nodes);

    // Redis is lost: nodes hear of changes from the database, and people can still sign in.
    redis.lose();
    publish(&house, "没有缓存服务").unwrap();
    shown_within(&nodes, "没有缓存服务", Duration::from_secs(5)).await;
    let begun = Instant::now();
    house.desk("wangxi", "review1").await;
    assert!(begun.elapsed() < Duration::from_secs(8), "signing in took {:?}", begun.elapsed());
    redis.resume();
    publish(&house, "缓存服务恢复").unwrap();
    shown_within(&nodes, "缓存服务恢复", Duration::from_secs(5)).await;
    heard(&house.engine().cache, &second.engine.cache).await;
    readers.check("while Redis was away");

    // The database is lost with work under way: the console says so quickly, commands fail cleanly.
    for number in 0..30 {
        publish(&house, &format!("发布途中 {number}")).unwrap();
    }
    postgres.lose();
    for path in ["/console/wangxi", "/console/wangxi/resources/new", "/console"] {
        let begun = Instant::now();
        let answer = desk.browser.screen(path).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert!(answer.text().contains("数据库暂时无法连接") && answer.text().contains("请求编号"), "{}", answer.text());
        assert!(begun.elapsed() < Duration::from_secs(3), "{path} was answered after {:?}", begun.elapsed());
    }
    let refused = tokio::task::block_in_place(|| publish(&house, "不应存在"));
    assert!(matches!(refused, Err(CommandError::Store(store::Error::Unavailable(_)))), "{refused:?}");
    let unknown = Browser::at(nodes[1]).get("wangxi", "/no/such/page.html").await;
    assert_eq!(unknown.status, 503, "whether it was ever there cannot be known now");
    tokio::time::sleep(Duration::from_secs(2)).await;
    readers.check("while PostgreSQL was away");

    // It comes back: nobody has to restart anything.
    postgres.resume();
    let begun = Instant::now();
    while desk.browser.screen("/console/wangxi").await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the console is back ten seconds after its database");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    publish(&house, "数据库恢复").unwrap();
    shown_within(&nodes, "数据库恢复", Duration::from_secs(10)).await;
    house.quiet().await;
    let list = Browser::at(nodes[0]).get("wangxi", LIST).await.text();
    assert!(!list.contains("不应存在"), "what was refused did not happen");
    assert!(list.contains("发布途中 29"), "what was under way when the database went was finished");
    assert!(readers.stop().await > 100, "there was a load");
    crate::rebuild::check_records(&house);
    second.stop().await.unwrap();
    house.close().await;
}

fn publish(house: &House, title: &str) -> Result<ResourceId, CommandError> {
    // What does not change is asked for while the database answers.
    static KNOWN: std::sync::OnceLock<(model::SiteId, model::ChannelId, model::Actor)> = std::sync::OnceLock::new();
    let (site, channel, actor) = KNOWN
        .get_or_init(|| (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor")))
        .clone();
    let content = model::Content {
        title: title.to_owned(),
        body: format!("<p>{title}</p>"),
        source: "测试".into(),
        ..model::Content::default()
    };
    let new = draft::NewDraft { channel, kind: ResourceKind::Article, content };
    let id = draft::create(house.engine(), &actor, site, new)?;
    intake::publish(house.engine(), &actor, site, &[id])?;
    Ok(id)
}

async fn shown_within(nodes: &[SocketAddr], title: &str, patience: Duration) {
    let begun = Instant::now();
    for node in nodes {
        let visitor = Browser::at(*node);
        while !visitor.get("wangxi", LIST).await.text().contains(title) {
            assert!(begun.elapsed() < patience, "{node} does not show {title} after {patience:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Visitors who ask both nodes for pages all the time.
struct Readers {
    over: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    failures: Arc<std::sync::Mutex<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    fn start(house: &House, nodes: &[SocketAddr]) -> Self {
        let paths: Arc<Vec<(String, String)>> = Arc::new(existing(house));
        let mut readers = Self { over: Arc::default(), answers: Arc::default(), failures: Arc::default(), tasks: Vec::new() };
        for node in nodes {
            let (over, answers, failures) =
                (Arc::clone(&readers.over), Arc::clone(&readers.answers), Arc::clone(&readers.failures));
            let (visitor, paths) = (Browser::at(*node), Arc::clone(&paths));
            readers.tasks.push(tokio::spawn(async move {
                for (site, path) in paths.iter().cycle() {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let answer = visitor.get(site, path).await;
                    answers.fetch_add(1, Ordering::SeqCst);
                    if answer.status != 200 {
                        failures.lock().unwrap().push(format!("{site}{path}: {}", answer.status));
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }));
        }
        readers
    }

    fn check(&self, when: &str) {
        assert_eq!(*self.failures.lock().unwrap(), Vec::<String>::new(), "{when}");
    }

    async fn stop(self) -> usize {
        self.check("at the end");
        self.over.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.answers.load(Ordering::SeqCst)
    }
}

/// Pages that are there: far more than are asked for before the outages, so that many come from the disk during them.
fn existing(house: &House) -> Vec<(String, String)> {
    ["wangxi", "jinchuan", "qingyu", "donglan"]
        .iter()
        .flat_map(|site| {
            let id = house.site(site).id;
            let pages =
                house.engine().store.read(|connection| store::pages::list_after(connection, Some(id), model::PageId(0), 1_000));
            let live = pages.unwrap().into_iter().filter(|page| page.state == model::PageState::Live);
            live.filter(|page| !page.path.starts_with("/_")).map(|page| ((*site).to_owned(), page.path)).collect::<Vec<_>>()
        })
        .collect()
}
