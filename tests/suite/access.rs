//! Every route of the console against every kind of person, on their own site and on another's.

use axum::http::Method;
use model::{Permission, Role};
use testkit::{Article, Backend, Browser, House};
use web::{Access, Door};

/// A person: how they are called and what they hold on `wangxi`, the site that is tried.
struct Who {
    site: &'static str,
    person: &'static str,
    here: Option<Role>,
    everywhere: Option<Role>,
}

const PEOPLE: &[Who] = &[
    Who { site: "wangxi", person: "editor", here: Some(Role::Editor), everywhere: None },
    Who { site: "wangxi", person: "review1", here: Some(Role::Reviewer), everywhere: None },
    Who { site: "qingyu", person: "editor", here: None, everywhere: None },
    Who { site: "platform", person: "admin", here: Some(Role::Administrator), everywhere: Some(Role::Administrator) },
    Who { site: "platform", person: "auditor", here: Some(Role::Auditor), everywhere: Some(Role::Auditor) },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_exactly_those_its_declaration_names() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("权限测试")).await;
    let routes: Vec<_> = server::plugins(house.engine())
        .iter()
        .flat_map(|plugin| plugin.routes())
        .filter(|route| route.door == Door::Console)
        .map(|route| (route.method.clone(), route.path, route.access))
        .collect();
    assert!(routes.len() > 15, "the route table is there");

    for (method, path, access) in &routes {
        let path = filled(path, id);
        let status = ask(&house.browser(), method, &path).await;
        let wants_sign_in = *access != Access::Anyone;
        assert_eq!(status == 303 && wants_sign_in, wants_sign_in, "{method} {path} to a stranger: {status}");
    }
    for who in PEOPLE {
        let desk = house.desk(who.site, who.person).await;
        for (method, path, access) in &routes {
            // Signing out in the middle would spoil the rest.
            if path.contains("sign-out") {
                continue;
            }
            let path = filled(path, id);
            let status = ask(&desk.browser, method, &path).await;
            match expected(who, *access) {
                Expected::Passes => assert!(!matches!(status, 403), "{method} {path} to {}-{}: {status}", who.site, who.person),
                Expected::Forbidden => assert_eq!(status, 403, "{method} {path} to {}-{}", who.site, who.person),
                Expected::Unknown => assert_eq!(status, 404, "{method} {path} to {}-{}", who.site, who.person),
            }
        }
    }
    house.close().await;
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

fn expected(who: &Who, access: Access) -> Expected {
    let holds = |role: Option<Role>, permission: Permission| role.is_some_and(|role| role.permissions().contains(&permission));
    let holds_everywhere = |permission: Permission| {
        holds(who.everywhere, permission) || who.everywhere.is_some_and(|role| role.platform_permissions().contains(&permission))
    };
    match access {
        Access::Platform(permission) if !holds_everywhere(permission) => Expected::Forbidden,
        Access::Site(_) if who.here.is_none() => Expected::Unknown,
        Access::Site(permission) if !holds(who.here, permission) && !holds_everywhere(permission) => Expected::Forbidden,
        Access::Anyone | Access::SignedIn | Access::Platform(_) | Access::Site(_) => Expected::Passes,
    }
}

/// A route's path with every parameter filled in.
fn filled(path: &str, id: i64) -> String {
    let parts = path.split('/').map(|part| match part {
        "{site}" => "wangxi".to_owned(),
        part if part.starts_with('{') => id.to_string(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(browser: &Browser, method: &Method, path: &str) -> u16 {
    if *method == Method::GET { browser.screen(path).await.status } else { browser.submit(path, &[]).await.status }
}
