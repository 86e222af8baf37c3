//! What is taken from somebody on one node is refused on every other within two seconds, and on a node alone: a session, a role, an
//! account, and what a role permits.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use model::{Actor, Duty, Ground, Permission, RoleContent, RoleId, UserId};
use publish::commands::role;
use server::Role as Task;
use testkit::{Backend, Desk, House, HouseOptions};

use crate::process::{self, Node};

/// How long it may take.
const MOST: Duration = Duration::from_secs(2);

/// What the person whose right it is does.
const WRITES: &str = "/console/wangxi/resources/new";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_taken_on_one_node_is_refused_on_the_other_within_two_seconds() {
    let options = HouseOptions { backend: Backend::Postgres, redis: true, sites: None, duty: Task::All };
    let Some(house) = House::open_with(options).await else { return };
    let house = house.without_workers().await;
    let (here, there) = (Server::start(&house, "here").await, Server::start(&house, "there").await);
    check(&house, here.address, there.address).await;
    drop((here, there));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_taken_is_refused_at_once_on_a_node_without_redis() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let house = house.without_workers().await;
    let alone = Server::start(&house, "alone").await;
    check(&house, alone.address, alone.address).await;
    drop(alone);
    house.close().await;
}

/// A process that answers requests.
struct Server {
    address: SocketAddr,
    _node: Node,
}

impl Server {
    async fn start(house: &House, name: &str) -> Self {
        let address = process::free_address();
        let node = Node::web(&process::settings(house, name, address));
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "{name} answers");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { address, _node: node }
    }
}

/// Takes at one node what somebody uses at the other.
async fn check(house: &House, here: SocketAddr, there: SocketAddr) {
    let security = house.desk_at(here, "platform", "security").await;
    let site = house.site("wangxi").id;
    let content = RoleContent {
        name: "撰稿员".into(),
        note: String::new(),
        duty: Duty::Business,
        permissions: [Permission::Read, Permission::Write].into(),
    };
    let own = role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    let hired = async |username: &str, role: RoleId| {
        house.hire(username, role, Ground::Site(site));
        let desk = house.desk_at(there, "platform", username).await;
        assert_eq!(desk.browser.screen(WRITES).await.status, 200, "{username} writes");
        (desk, house.actor(username).user_id.unwrap())
    };

    let (desk, id) = hired("signed-out", model::Role::EDITOR).await;
    press(&security, id, "sessions/end", &[]).await;
    refused(&desk, 303, "a session that is ended").await;

    let (desk, id) = hired("locked-out", model::Role::EDITOR).await;
    press(&security, id, "lock", &[]).await;
    refused(&desk, 303, "an account that is locked").await;

    let admin = house.desk_at(here, "wangxi", "admin").await;
    let (desk, id) = hired("role-taken", model::Role::EDITOR).await;
    let page = format!("/console/wangxi/people/{id}");
    let seen = seen(&admin.browser.screen(&page).await.text(), "/roles");
    let fields = [("seen", seen.as_str()), ("roles", "reviewer")];
    assert_eq!(admin.browser.submit(&format!("{page}/roles"), &fields).await.status, 303);
    refused(&desk, 403, "a role that is taken").await;

    let (desk, _) = hired("role-changed", own).await;
    let page = format!("/console/people/roles/{own}");
    let seen = self::seen(&security.browser.screen(&page).await.text(), &page);
    let fields = [("seen", seen.as_str()), ("name", "撰稿员"), ("permissions", "read")];
    assert_eq!(security.browser.submit(&page, &fields).await.status, 303);
    refused(&desk, 403, "what a role permits no more").await;
}

/// Presses a button on somebody's page.
async fn press(desk: &Desk, id: UserId, deed: &str, fields: &[(&str, &str)]) {
    let page = format!("/console/people/{id}");
    let shown = desk.browser.screen(&page).await.text();
    let seen = seen(&shown, &format!("/{deed}"));
    let fields = [&[("seen", seen.as_str())], fields].concat();
    let answer = desk.browser.submit(&format!("{page}/{deed}"), &fields).await;
    assert_eq!(answer.status, 303, "{deed}: {}", answer.text());
}

/// The seal in the form that is sent to an address ending so; empty where it has none.
fn seen(page: &str, action: &str) -> String {
    let form = page.split("<form").find(|form| form.contains(&format!("{action}\"")));
    let form = form.unwrap_or_else(|| panic!("no {action} in {page}")).split("</form>").next().unwrap_or_default();
    form.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Asks until it is refused.
async fn refused(desk: &Desk, status: u16, what: &str) {
    let begun = Instant::now();
    loop {
        let answer = desk.browser.screen(WRITES).await.status;
        if answer == status {
            return;
        }
        assert!(begun.elapsed() < MOST, "{what} is still answered with {answer} after two seconds");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
