//! Three workers and two web nodes as processes, killed one after another while people publish, edit and withdraw: afterwards
//! every page is right, every decision has its output, and nothing happened twice.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{Actor, ChannelId, PublicationKind, ResourceId, ResourceKind, SiteId};
use publish::Engine;
use publish::commands::{draft, intake, withdrawal};
use server::Role;
use testkit::{Backend, Browser, Dice, House, HouseOptions};

use crate::process::{self, Node};
use crate::rebuild;

/// Publications, edits and withdrawals.
const DEEDS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_killed_one_after_another_leave_every_page_right_and_nothing_twice() {
    let options = HouseOptions { backend: Backend::Postgres, redis: true, sites: None, duty: Role::All };
    let Some(house) = House::open_with(options).await else { return };
    let house = house.without_workers().await;
    let dice = Dice::thrown("nodes");
    let mut fleet = Fleet::start(&house);
    let webs = fleet.webs.clone();

    // People work while nodes die.
    let over = Arc::new(AtomicBool::new(false));
    let killing = tokio::task::spawn_blocking({
        let (over, dice) = (Arc::clone(&over), dice.clone());
        move || {
            let kills = fleet.kill_until(&over, dice);
            (fleet, kills)
        }
    });
    let mut people = People::of(&house);
    let people = tokio::task::spawn_blocking({
        let (engine, mut dice) = (Arc::clone(house.engine()), dice);
        move || {
            for _ in 0..DEEDS {
                people.act(&engine, &mut dice);
            }
            people
        }
    });
    let mut people = people.await.unwrap();
    over.store(true, Ordering::SeqCst);
    let (fleet, kills) = killing.await.unwrap();
    assert!(kills >= 10, "only {kills} nodes were killed");
    house.quiet().await;

    // Calm: both web nodes show the newest of everything, and what is new within two seconds.
    for web in &webs {
        check_shown(&house, &Browser::at(*web), &people).await;
    }
    check_new_is_shown(&house, &webs, &mut people).await;
    house.quiet().await;
    drop(fleet);

    check_receipts(&house, &people);
    rebuild::check_records(&house);
    let present = rebuild::files_of(&house.settings.pages);
    let again = rebuild::rebuilt(&house, &house.settings.database, &house.settings.pages).await;
    assert_eq!(rebuild::difference(&present, &again), Vec::<String>::new(), "after {kills} kills a full render changes nothing");
    let fresh = rebuild::rebuilt(&house, &house.settings.database, &house.folder().join("fresh")).await;
    assert_eq!(rebuild::difference(&present, &fresh), Vec::<String>::new(), "after {kills} kills against a render from nothing");
    house.close().await;
}

/// The processes.
struct Fleet {
    settings: Vec<(Kind, PathBuf)>,
    nodes: Vec<Option<Node>>,
    webs: Vec<SocketAddr>,
}

#[derive(Clone, Copy)]
enum Kind {
    Worker,
    Web,
}

impl Fleet {
    fn start(house: &House) -> Self {
        let webs = vec![process::free_address(), process::free_address()];
        let worker = process::settings(house, "worker", webs[0]);
        let mut settings = vec![(Kind::Worker, worker); 3];
        for (number, address) in webs.iter().enumerate() {
            settings.push((Kind::Web, process::settings(house, &format!("web{number}"), *address)));
        }
        let mut fleet = Self { nodes: Vec::new(), settings, webs };
        fleet.nodes = (0..fleet.settings.len()).map(|number| Some(fleet.node(number))).collect();
        fleet
    }

    fn node(&self, number: usize) -> Node {
        let (kind, settings) = &self.settings[number];
        match kind {
            Kind::Worker => Node::worker(settings),
            Kind::Web => Node::web(settings),
        }
    }

    /// Kills one node after another, each to come back a little later, until told to stop. Leaves all of them running.
    #[expect(clippy::disallowed_methods, reason = "a test's own pace")]
    fn kill_until(&mut self, over: &AtomicBool, mut dice: Dice) -> usize {
        let mut kills = 0;
        while !over.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(200 + dice.below(500) as u64));
            let number = dice.below(self.nodes.len());
            self.nodes[number] = None;
            std::thread::sleep(Duration::from_millis(dice.below(200) as u64));
            self.nodes[number] = Some(self.node(number));
            kills += 1;
        }
        kills
    }
}

/// Who publishes where, and what must be the end of it.
struct People {
    desks: Vec<(SiteId, ChannelId, Actor)>,
    /// Every resource: its site, and the title that is live.
    resources: BTreeMap<ResourceId, (SiteId, Option<String>)>,
    publications: usize,
    withdrawals: usize,
}

impl People {
    fn of(house: &House) -> Self {
        let desks = [("wangxi", "yaowen"), ("qingyu", "yaowen"), ("donglan", "yaowen"), ("jinchuan", "tzgg")];
        let desk = |(site, channel): (&str, &str)| {
            (house.site(site).id, house.channel(site, channel).id, house.actor(&format!("{site}-editor")))
        };
        Self { desks: desks.map(desk).into(), resources: BTreeMap::new(), publications: 0, withdrawals: 0 }
    }

    fn act(&mut self, engine: &Engine, dice: &mut Dice) {
        let live: Vec<ResourceId> = self.resources.iter().filter(|(_, (_, title))| title.is_some()).map(|(id, _)| *id).collect();
        match dice.below(10) {
            0..4 => self.publish(engine, dice),
            _ if live.len() < 10 => self.publish(engine, dice),
            4..7 => self.edit(engine, *dice.pick(&live)),
            _ => self.withdraw(engine, *dice.pick(&live)),
        }
    }

    fn publish(&mut self, engine: &Engine, dice: &mut Dice) {
        let (site, channel, actor) = dice.pick(&self.desks).clone();
        let title = format!("第{}号公告", self.publications + 1);
        let new = draft::NewDraft { channel, kind: ResourceKind::Article, content: content(&title) };
        let id = draft::create(engine, &actor, site, new).unwrap();
        self.go_live(engine, &actor, site, id, title);
    }

    fn edit(&mut self, engine: &Engine, id: ResourceId) {
        let (site, _, actor) = self.desk_of(id);
        let title = format!("第{}号更正", self.publications + 1);
        let seen = engine.store.read(|connection| store::resources::find(connection, site, id)).unwrap().unwrap().version;
        draft::save(engine, &actor, site, id, seen, content(&title)).unwrap();
        self.go_live(engine, &actor, site, id, title);
    }

    fn go_live(&mut self, engine: &Engine, actor: &Actor, site: SiteId, id: ResourceId, title: String) {
        assert_eq!(intake::publish(engine, actor, site, &[id]).unwrap(), 1);
        self.resources.insert(id, (site, Some(title)));
        self.publications += 1;
    }

    fn withdraw(&mut self, engine: &Engine, id: ResourceId) {
        let (site, _, actor) = self.desk_of(id);
        withdrawal::withdraw(engine, &actor, site, id, "测试").unwrap();
        self.resources.insert(id, (site, None));
        self.withdrawals += 1;
    }

    fn desk_of(&self, id: ResourceId) -> (SiteId, ChannelId, Actor) {
        self.desks.iter().find(|(site, ..)| *site == self.resources[&id].0).unwrap().clone()
    }
}

fn content(title: &str) -> model::Content {
    model::Content {
        title: title.to_owned(),
        body: format!("<p>{title}的正文。</p>"),
        source: "测试".into(),
        ..model::Content::default()
    }
}

/// Each resource on every site that shows it, as this node answers.
async fn check_shown(house: &House, visitor: &Browser, people: &People) {
    for (id, (_, title)) in people.resources.iter().rev().take(60) {
        let placements = house.engine().store.read(|connection| store::placements::list_by_resource(connection, *id)).unwrap();
        assert!(!placements.is_empty());
        for placement in placements {
            let site =
                house.engine().store.read(|connection| store::sites::find(connection, placement.site_id)).unwrap().unwrap();
            let answer = visitor.get(&site.key, &placement.path).await;
            match title {
                Some(title) => {
                    assert!(answer.status == 200 && answer.text().contains(title.as_str()), "{}{}", site.key, placement.path);
                }
                None => assert_eq!(answer.status, 410, "{}{}", site.key, placement.path),
            }
        }
    }
}

async fn check_new_is_shown(house: &House, webs: &[SocketAddr], people: &mut People) {
    let (site, channel, actor) = people.desks[0].clone();
    let list = "/yaowen/";
    let visitors: Vec<Browser> = webs.iter().map(|web| Browser::at(*web)).collect();
    for visitor in &visitors {
        assert_eq!(visitor.get("wangxi", list).await.status, 200, "now it is in every node's memory");
    }
    let title = "平静之后的新公告";
    let new = draft::NewDraft { channel, kind: ResourceKind::Article, content: content(title) };
    let id = draft::create(house.engine(), &actor, site, new).unwrap();
    people.go_live(house.engine(), &actor, site, id, title.to_owned());
    let begun = Instant::now();
    for visitor in &visitors {
        while !visitor.get("wangxi", list).await.text().contains(title) {
            assert!(begun.elapsed() < Duration::from_secs(2), "a node still shows the old list after two seconds");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One closed receipt for each decision, no more, each with pages that are done.
fn check_receipts(house: &House, people: &People) {
    let (mut publications, mut withdrawals) = (0, 0);
    for (id, (site, title)) in &people.resources {
        let store = &house.engine().store;
        let decisions = store.read(|connection| store::publications::list_by_resource(connection, *site, *id)).unwrap();
        let newest = decisions.first().unwrap();
        assert_eq!(newest.kind == PublicationKind::Publication, title.is_some(), "{id}");
        for decision in decisions {
            let receipt = store.read(|connection| store::publications::find_receipt(connection, *site, decision.id));
            let receipt = receipt.unwrap().unwrap();
            assert!(receipt.publication.completed_at.is_some(), "closed: {:?}", receipt.publication);
            assert!(!receipt.pages.is_empty() && receipt.count(model::Outcome::Pending) == 0, "no event without output");
            match decision.kind {
                PublicationKind::Publication => publications += 1,
                PublicationKind::Withdrawal | PublicationKind::Takedown => withdrawals += 1,
            }
        }
    }
    assert_eq!((publications, withdrawals), (people.publications, people.withdrawals), "one receipt for each decision");
}
