//! 更换主题: a site puts on another theme in the console, seen before it is live; what the other has no place for is kept.

use model::Actor;
use publish::commands::site::apply;
use publish::manifest::of_site;
use testkit::{Article, Backend, Desk, House};

use crate::channels::seal;
use crate::journey::{link_to, pages_of};
use crate::process::{self, Node};
use crate::sharing::assert_rebuild_changes_nothing;

const SCREEN: &str = "/console/wangxi/look/theme";

/// Chooses a theme as it stands before the person now.
async fn wear(desk: &Desk, theme: &str) -> testkit::Answer {
    let seen = seal(&desk.browser.screen(&format!("{SCREEN}?theme={theme}")).await.text());
    desk.browser.submit(SCREEN, &[("seen", &seen), ("theme", theme)]).await
}

/// Takes a step in arranging the home page, and answers where that leads.
async fn step(desk: &Desk, deed: &str, step: &str) -> String {
    let seen = seal(&desk.browser.screen("/console/wangxi/home-page").await.text());
    let answer = desk.browser.submit(&format!("/console/wangxi/home-page/{deed}"), &[("seen", &seen), ("step", step)]).await;
    assert_eq!(answer.status, 303, "{step}: {}", answer.text());
    answer.location().clone()
}

async fn home(house: &House) -> String {
    house.quiet().await;
    house.browser().get("wangxi", "/").await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_puts_on_another_theme_seen_before_and_every_page_of_it_is_made_anew() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = house.browser();
        house.desk("wangxi", "editor").await.publish(&house, &Article::news("望溪湿地公园开园")).await;
        house.quiet().await;
        let article = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "望溪湿地公园开园").unwrap();
        let before = pages_of(&house, &["wangxi"]);
        let administrator = house.desk("wangxi", "admin").await;
        let look = administrator.browser.screen("/console/wangxi/look").await.text();
        assert!(look.contains("look/theme?theme=garden") && look.contains("正在使用"), "{backend:?}: {look}");

        // Seen by nobody else, and with its own style sheet, which no visitor finds yet.
        for (page, shows) in [("", "_icons"), ("list", "望溪湿地公园开园"), ("article", "望溪湿地公园开园")] {
            let preview = administrator.browser.screen(&format!("{SCREEN}/preview?theme=garden&page={page}")).await.text();
            assert!(preview.contains("/* 庭园主题") && !preview.contains("<script"), "{backend:?}: {page}: {preview}");
            assert!(page.is_empty() || preview.contains(shows), "{backend:?}: {page}");
        }
        assert!(pages_of(&house, &["wangxi"]) == before, "{backend:?}: looking changes nothing");
        assert_eq!(visitor.get("wangxi", "/assets/_garden/theme.css").await.status, 404, "{backend:?}");

        assert_eq!(wear(&administrator, "garden").await.location(), "/console/wangxi/look?done=theme-worn", "{backend:?}");
        house.quiet().await;
        let mut made = 0;
        for (path, bytes) in pages_of(&house, &["wangxi"]) {
            let text = String::from_utf8_lossy(&bytes);
            if path.ends_with(".html") && text.contains("/assets/_") {
                assert!(text.contains("/assets/_garden/theme.css?v=") && !text.contains("/_standard/"), "{backend:?}: {path}");
                made += 1;
            }
        }
        assert!(made >= 15, "{backend:?}: {made}");
        assert!(visitor.get("wangxi", &article).await.text().contains("/assets/_garden/theme.css?v="), "{backend:?}");
        assert_eq!(visitor.get("wangxi", "/assets/_garden/theme.css").await.status, 200, "{backend:?}");
        assert_eq!(visitor.get("wangxi", "/assets/_standard/theme.css").await.status, 410, "{backend:?}");
        assert!(
            visitor.get("jinchuan", "/").await.text().contains("/assets/_standard/theme.css?v="),
            "{backend:?}: no other site"
        );
        assert_rebuild_changes_nothing(&house, backend).await;

        // Written out it is what the console chose; its folder, applied again, wins.
        let manifest = house.engine().store.read(|connection| of_site(connection, &house.site("wangxi"))).unwrap();
        assert_eq!(manifest.theme, "garden", "{backend:?}");
        let applied = apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
        assert!(applied.changes.is_empty(), "{backend:?}: {:?}", applied.changes);
        house.declare_sites();
        assert!(home(&house).await.contains("/assets/_standard/theme.css?v="), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_the_other_theme_has_no_place_for_are_kept_and_come_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let told = house.channel("wangxi", "gaikuang").description;
        // Going live makes the arrangement the site's own.
        step(&administrator, "steps", "remove:0").await;
        step(&administrator, "live", "").await;
        let standard = home(&house).await;
        assert!(standard.contains("市区两级政府网站") && standard.contains(&told), "{backend:?}");
        let before = blocks(&house);

        let warned = administrator.browser.screen(&format!("{SCREEN}?theme=garden")).await.text();
        assert!(warned.contains("首页：本市政府网站") && !warned.contains("首页：概况"), "{backend:?}: {warned}");
        assert!(warned.contains("版位“首屏”还没有板块"), "{backend:?}: {warned}");
        assert_eq!(wear(&administrator, "garden").await.status, 303, "{backend:?}");
        let garden = home(&house).await;
        assert!(!garden.contains("市区两级政府网站") && garden.contains(&told), "{backend:?}: {garden}");
        let arranging = administrator.browser.screen("/console/wangxi/home-page").await.text();
        assert!(
            arranging.contains("个板块在当前主题中没有位置，已保留") && arranging.contains("与网站一致"),
            "{backend:?}: {arranging}"
        );

        // Arranged in this theme, they are kept all the same, and written out.
        step(&administrator, "steps", "remove:0").await;
        step(&administrator, "live", "").await;
        let manifest = house.engine().store.read(|connection| of_site(connection, &house.site("wangxi"))).unwrap();
        let applied = apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
        assert!(applied.changes.is_empty(), "{backend:?}: {:?}", applied.changes);
        assert_eq!(wear(&administrator, "standard").await.status, 303, "{backend:?}");
        let again = home(&house).await;
        assert!(again.contains("市区两级政府网站") && again.contains(&told), "{backend:?}: {again}");
        let after = blocks(&house);
        let gone = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
        let rest = [&before[..gone], &before[gone + 1..]].concat();
        assert_eq!(after, rest, "all but the one that was removed stand where they stood, on {backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

/// The blocks of the live home page in their order, by slot and kind.
fn blocks(house: &House) -> Vec<String> {
    let site = house.site("wangxi").id;
    let kept = house.engine().store.read(|c| store::arrangements::find(c, site, "")).unwrap();
    kept.live.unwrap().0.iter().map(|block| format!("{} {}", block.slot, block.kind)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_made_before_themes_had_places_of_their_own_gets_the_files_of_its_theme_at_the_next_start() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        house.engine().store.administer("UPDATE pages SET path = '/before' || path WHERE path LIKE '/assets/%'").unwrap();
        let config = process::settings(&house, "worker", process::free_address());
        let worker = Node::worker(&config);
        for site in house.engine().store.read(store::sites::list).unwrap() {
            let place = format!("/assets/_{}/theme.css", site.theme);
            let mut made = false;
            for _ in 0..600 {
                let id = site.id;
                made = house
                    .engine()
                    .store
                    .read(|c| store::pages::find(c, id, &place))
                    .unwrap()
                    .is_some_and(|page| page.version > 0);
                if made {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            assert!(made, "{place} of {} on {backend:?}", site.key);
        }
        drop(worker);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_that_is_not_there_is_refused_and_only_those_of_the_site_choose() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (first, second) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
        let seen = seal(&first.browser.screen(&format!("{SCREEN}?theme=garden")).await.text());
        for unknown in ["nowhere", "_base", "../../wangxi", ""] {
            let refused = first.browser.submit(SCREEN, &[("seen", &seen), ("theme", unknown)]).await;
            assert!(
                refused.status == 409 && refused.text().contains("没有这个主题"),
                "{backend:?}: {unknown}: {}",
                refused.text()
            );
            assert_eq!(first.browser.screen(&format!("{SCREEN}?theme={unknown}")).await.status, 404, "{backend:?}: {unknown}");
        }
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen(&format!("{SCREEN}?theme=garden")).await.status, 403, "{backend:?}");
        let other = house.desk("qingyu", "admin").await;
        let form = [("seen", seen.as_str()), ("theme", "garden")];
        assert_eq!(other.browser.submit(SCREEN, &form).await.status, 404, "{backend:?}");
        assert!(home(&house).await.contains("/_standard/"), "{backend:?}");

        assert_eq!(wear(&second, "garden").await.status, 303, "{backend:?}");
        let late = first.browser.submit(SCREEN, &form).await;
        assert!(late.status == 409 && late.text().contains("他人刚刚更换了本站的主题"), "{backend:?}: {}", late.text());
        let audited = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(audited.contains("更换主题"), "{backend:?}");
        house.close().await;
    }
}
