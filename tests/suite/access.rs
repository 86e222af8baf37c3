//! Every route of the console against every role, held on the site that is asked for, on another, and on the platform; what is expected
//! follows from what the route declares and the role permits.

use axum::http::Method;
use model::{Actor, ChannelId, Duty, Ground, Permission, ResourceId, Role, RoleContent, SiteId, Within};
use publish::commands::{offer, role};
use store::offers::Tray;
use testkit::{Article, Backend, Browser, Desk, House};
use web::{Access, Door, Proof, Thing, Where};

/// Somebody who holds one role in one place.
struct Who {
    role: Role,
    ground: Ground,
    desk: Desk,
    /// What a program asks with on their behalf, for all that they may do where they may do it.
    token: String,
}

/// What is asked for: a site, and one of everything that lies in a channel of it.
struct Asked {
    site: SiteId,
    channel: ChannelId,
    text: i64,
    placement: i64,
    received: i64,
    sent: i64,
}

impl Asked {
    /// A text that is written, one that is shown and pushed to another site, and one that another site pushed here.
    async fn prepare(house: &House) -> Self {
        let (site, channel) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id);
        let editor = house.desk("wangxi", "editor").await;
        let text = editor.write(house, &Article::news("权限测试")).await;
        let (shown, _) = editor.publish(house, &Article::news("推给青屿的稿件")).await;
        let (foreign, _) = house.desk("qingyu", "editor").await.publish(house, &Article::news("青屿推来的稿件")).await;
        let (engine, other) = (house.engine(), house.site("qingyu").id);
        engine.store.administer("UPDATE channels SET open_to_offers = TRUE").unwrap();
        let theirs = house.channel("qingyu", "yaowen").id;
        offer::push(engine, &house.actor("wangxi-editor"), site, ResourceId(shown), &[theirs], "").unwrap();
        offer::push(engine, &house.actor("qingyu-editor"), other, ResourceId(foreign), &[channel], "").unwrap();
        let one = |tray| {
            let found =
                engine.store.read(|connection| store::offers::list(connection, site, &Within::Whole, tray, 0, 2)).unwrap();
            assert_eq!(found.len(), 1, "{tray:?}");
            found[0].offer.id.0
        };
        let placed = engine.store.read(|connection| store::placements::list_by_resource(connection, ResourceId(shown))).unwrap();
        let placement = placed.iter().find(|placement| placement.site_id == site).unwrap().id.0;
        Self { site, channel, text, placement, received: one(Tray::Waiting), sent: one(Tray::Sent) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_exactly_those_its_declaration_names() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let asked = Asked::prepare(&house).await;
        let routes = routes(&house);
        assert!(routes.len() > 150, "the route table is there");

        let stranger = house.browser();
        for (method, path, access, proof) in &routes {
            let status = ask(&stranger, None, method, &filled(path, *access, &asked)).await;
            let is_sent_away = status == if *proof == Proof::Token { 401 } else { 303 };
            assert!(is_sent_away || *access == Access::Anyone, "{method} {path} to a stranger, {backend:?}: {status}");
        }
        own_roles(&house);
        for who in everybody(&house, &asked).await {
            for (method, path, access, proof) in &routes {
                // Signing out in the middle would spoil the rest.
                if path.contains("sign-out") {
                    continue;
                }
                let (own, foreign) = match proof {
                    Proof::Session => (None, Some(who.token.as_str())),
                    Proof::Token => (Some(who.token.as_str()), None),
                    Proof::Citizen => panic!("{path} stands on the console and is for citizens"),
                };
                // A token opens no screen, and a cookie nothing that programs ask.
                if *access != Access::Anyone {
                    let asking = if *proof == Proof::Session { &stranger } else { &who.desk.browser };
                    let status = ask(asking, foreign, method, &filled(path, *access, &asked)).await;
                    assert!(matches!(status, 303 | 401), "{method} {path} with what opens others, {backend:?}: {status}");
                }
                let status = ask(&who.desk.browser, own, method, &filled(path, *access, &asked)).await;
                let told = format!("{method} {path} to {} on {:?}, {backend:?}: {status}", who.role.word, who.ground);
                match expected(&who, &asked, *access) {
                    Expected::Passes => assert!(status != 403 && status < 500, "{told}"),
                    Expected::Forbidden => assert_eq!(status, 403, "{told}"),
                    Expected::Unknown => assert_eq!(status, 404, "{told}"),
                }
            }
        }
        house.close().await;
    }
}

/// Roles that the city made for itself are in it like any other: one that takes and sends but does not write, one that manages people
/// and sees texts, one of another duty.
fn own_roles(house: &House) {
    let made: [(&str, Duty, &[Permission]); 3] = [
        ("联络员", Duty::Business, &[Permission::Read, Permission::Push, Permission::Subscribe]),
        ("人事专员", Duty::Business, &[Permission::Read, Permission::Staff]),
        ("应急专员", Duty::System, &[Permission::Takedown]),
    ];
    for (name, duty, permissions) in made {
        let permissions = permissions.iter().copied().collect();
        let content = RoleContent { name: name.into(), note: String::new(), duty, permissions };
        role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    }
}

/// Whatever the console answers.
pub fn routes(house: &House) -> Vec<(Method, &'static str, Access, Proof)> {
    let plugins = server::plugins(house.engine());
    let routes = plugins.iter().flat_map(|plugin| plugin.routes()).filter(|route| route.door == Door::Console);
    routes.map(|route| (route.method.clone(), route.path, route.access, route.proof)).collect()
}

/// Every role in every kind of place it can be held: the site that is asked for, the channel of the text, another channel, another
/// site, and the platform.
async fn everybody(house: &House, asked: &Asked) -> Vec<Who> {
    let roles = house.engine().store.read(store::roles::all).unwrap();
    let places = [
        Ground::Site(asked.site),
        Ground::Channel(asked.site, asked.channel),
        Ground::Channel(asked.site, house.channel("wangxi", "tzgg").id),
        Ground::Site(house.site("qingyu").id),
        Ground::Platform,
    ];
    let mut everybody = Vec::new();
    for role in roles.0 {
        for (at, ground) in places.into_iter().enumerate().filter(|(_, ground)| role.fits(*ground)) {
            let username = format!("{}-{at}", role.word);
            house.hire(&username, role.id, ground);
            let desk = house.desk("platform", &username).await;
            let site = if ground == Ground::Platform {
                ""
            } else if ground.site() == Some(asked.site) {
                "wangxi"
            } else {
                "qingyu"
            };
            let permissions: Vec<&str> = role.permissions.iter().map(|permission| permission.as_str()).collect();
            let token = desk.make_token("权限测试", site, &permissions).await;
            everybody.push(Who { desk, role: role.clone(), ground, token });
        }
    }
    everybody
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_numbers_open_nothing_on_ones_own() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let (id, approved) = editor.publish(&house, &Article::news("望溪的稿件")).await;
    let receipt = approved.location().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();

    let stranger = house.desk("qingyu", "editor").await;
    for path in ["", "/edit", "/revisions", "/revisions/compare?from=1&to=1"] {
        let answer = stranger.browser.screen(&format!("/console/qingyu/resources/{id}{path}")).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert_eq!(stranger.browser.screen(&format!("/console/qingyu/receipts/{receipt}")).await.status, 404);
    for (path, fields) in [
        ("submit", vec![("version", "1")]),
        ("cancel", vec![]),
        ("edit", vec![("version", "1"), ("title", "改"), ("channel", "1"), ("action", "save"), ("body", "x")]),
        ("move", vec![("channel", "1")]),
    ] {
        let answer = stranger.browser.submit(&format!("/console/qingyu/resources/{id}/{path}"), &fields).await;
        assert!(matches!(answer.status, 404 | 422 | 409), "{path}: {}", answer.status);
    }
    // A channel of another site in a form of one's own.
    let foreign = house.channel("wangxi", "yaowen").id.to_string();
    let fields = [("channel", foreign.as_str()), ("title", "借用他站栏目"), ("body", "x"), ("source", "x"), ("action", "save")];
    let answer = stranger.browser.submit("/console/qingyu/resources", &fields).await;
    assert_ne!(answer.status, 303, "{}", answer.text());
    house.close().await;
}

enum Expected {
    Passes,
    Forbidden,
    Unknown,
}

fn expected(who: &Who, asked: &Asked, access: Access) -> Expected {
    let holds = |permission: Permission| who.role.permissions.contains(&permission);
    let is_whole = who.ground.is_whole(asked.site);
    let holds_one = |any: &[Permission]| any.iter().any(|permission| holds(*permission));
    let reads = holds(Permission::Read) && (is_whole || who.ground == Ground::Channel(asked.site, asked.channel));
    match access {
        Access::Anyone | Access::Threshold | Access::SignedIn => Expected::Passes,
        Access::Platform(permission) if who.ground == Ground::Platform && holds(permission) => Expected::Passes,
        Access::Platform(_) => Expected::Forbidden,
        _ => {
            let (place, enough) = access.on_site().expect("all others are a site's");
            match place {
                _ if who.ground.site().is_some_and(|site| site != asked.site) => Expected::Unknown,
                Where::Whole if is_whole && holds_one(enough) => Expected::Passes,
                Where::Somewhere if holds_one(enough) => Expected::Passes,
                Where::With(_) if reads && holds_one(enough) => Expected::Passes,
                Where::With(_) if !reads => Expected::Unknown,
                Where::Whole | Where::Somewhere | Where::With(_) => Expected::Forbidden,
            }
        }
    }
}

/// A route's path with every parameter filled in.
fn filled(path: &str, access: Access, asked: &Asked) -> String {
    let is_sent = matches!(access.on_site(), Some((Where::With(Thing::Sent), _)));
    let parts = path.split('/').map(|part| match part {
        "{site}" => "wangxi".to_owned(),
        "{offer}" if is_sent => asked.sent.to_string(),
        "{offer}" => asked.received.to_string(),
        "{placement}" => asked.placement.to_string(),
        part if part.starts_with('{') => asked.text.to_string(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(browser: &Browser, token: Option<&str>, method: &Method, path: &str) -> u16 {
    let Some(token) = token else {
        return if *method == Method::GET { browser.screen(path).await.status } else { browser.submit(path, &[]).await.status };
    };
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    if *method == Method::GET {
        browser.get_with("localhost", path, &headers).await.status
    } else {
        browser.send_json(path, "{}", &headers).await.status
    }
}
