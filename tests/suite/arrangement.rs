//! 首页编排 and 外观: what an administrator arranges is a draft until it goes live, and then what the public sees.

use testkit::{Article, Backend, Desk, House};

use crate::channels::seal;
use crate::sharing::assert_rebuild_changes_nothing;

const ARRANGEMENT: &str = "/console/wangxi/home-page";

async fn home(house: &House) -> String {
    house.quiet().await;
    house.browser().get("wangxi", "/").await.text()
}

async fn screen(desk: &Desk) -> String {
    desk.browser.screen(ARRANGEMENT).await.text()
}

/// Presses a button as it stands before the person now; answers where that leads.
async fn press(desk: &Desk, step: &str) -> String {
    let seen = seal(&screen(desk).await);
    let answer = desk.browser.submit(&format!("{ARRANGEMENT}/steps"), &[("seen", &seen), ("step", step)]).await;
    assert_eq!(answer.status, 303, "{step}: {}", answer.text());
    answer.location().clone()
}

async fn go_live(desk: &Desk) -> u16 {
    let seen = seal(&screen(desk).await);
    desk.browser.submit(&format!("{ARRANGEMENT}/live"), &[("seen", &seen)]).await.status
}

/// The place of the block that was put there last, from the address its form is at.
async fn add(desk: &Desk, slot: &str, kind: &str) -> String {
    let leads = press(desk, &format!("add:{slot}:{kind}")).await;
    leads.trim_end_matches("?new=yes").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_a_draft_until_it_goes_live_and_then_follows_what_it_shows() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let before = home(&house).await;
        assert!(before.contains("政府信息公开") && !before.contains("友情链接"), "{backend:?}");

        let block = add(&administrator, "main", "links").await;
        let form = administrator.browser.screen(&block).await.text();
        let seen = seal(&form);
        let mistaken =
            [("seen", seen.as_str()), ("slot", "main"), ("title", "常用网站"), ("links", "国务院 javascript:alert(1)")];
        let refused = administrator.browser.submit(&block, &mistaken).await;
        assert!(
            refused.status == 422 && refused.text().contains("第1行应为") && refused.text().contains("常用网站"),
            "{backend:?}"
        );
        // What is not ready does not go live.
        assert_eq!(go_live(&administrator).await, 409, "{backend:?}");
        let links = "中国政府网  https://www.gov.cn/\r\n\r\n<锦川> 门户 /gaikuang/";
        let told = [("seen", seen.as_str()), ("slot", "main"), ("title", "常用网站"), ("links", links)];
        assert_eq!(administrator.browser.submit(&block, &told).await.location(), format!("{ARRANGEMENT}?at=9"), "{backend:?}");

        assert_eq!(home(&house).await, before, "{backend:?}: a draft is nobody's business");
        let preview = administrator.browser.screen(&format!("{ARRANGEMENT}/preview")).await.text();
        assert!(
            preview.contains("常用网站") && preview.contains("https://www.gov.cn/") && !preview.contains("<script"),
            "{backend:?}"
        );

        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        let after = home(&house).await;
        assert!(after.contains("常用网站") && after.contains("&lt;锦川&gt; 门户"), "{backend:?}: {after}");

        // A block renews when what it shows does.
        let list = add(&administrator, "main", "list").await;
        let seen = seal(&administrator.browser.screen(&list).await.text());
        let told = [
            ("seen", seen.as_str()),
            ("slot", "top"),
            ("channel", "tzgg"),
            ("title", "最新公示"),
            ("limit", "3"),
            ("skip", "0"),
            ("origin", "no"),
            ("width", "full"),
        ];
        assert_eq!(administrator.browser.submit(&list, &told).await.status, 303, "{backend:?}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert!(home(&house).await.contains("最新公示"), "{backend:?}");
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article { channel: "tzgg".into(), ..Article::news("关于绿地养护的公示") }).await;
        assert_eq!(
            home(&house).await.matches("关于绿地养护的公示</a>").count(),
            2,
            "{backend:?}: in the old list and in the new"
        );
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_arranges_second_is_told_and_only_those_of_the_site_may() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (first, second) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
        let seen = seal(&screen(&second).await);
        press(&first, "remove:0").await;
        let late = second.browser.submit(&format!("{ARRANGEMENT}/steps"), &[("seen", &seen), ("step", "remove:0")]).await;
        assert!(late.status == 409 && late.text().contains("他人刚刚调整了该页面"), "{backend:?}: {}", late.text());

        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen(ARRANGEMENT).await.status, 403, "{backend:?}");
        let other = house.desk("qingyu", "admin").await;
        let answer = other.browser.submit(&format!("{ARRANGEMENT}/steps"), &[("seen", &seen), ("step", "reset")]).await;
        assert_eq!(answer.status, 404, "{backend:?}");

        // The theme's own is a press away, and what is not offered cannot be put anywhere.
        press(&first, "reset").await;
        let now = screen(&first).await;
        assert!(now.contains("与网站一致"), "{backend:?}");
        for wrong in ["add:nowhere:list", "add:main:nothing", "up:99", "remove:99", "add:band:headline"] {
            let answer = first.browser.submit(&format!("{ARRANGEMENT}/steps"), &[("seen", &seal(&now)), ("step", wrong)]).await;
            assert_eq!(answer.status, 409, "{backend:?}: {wrong}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_whose_channel_is_retired_leaves_the_page_and_comes_back_with_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let gaikuang = house.channel("wangxi", "gaikuang");
        // Going live makes the arrangement the site's own; it no longer follows what the theme begins with.
        press(&administrator, "remove:0").await;
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        let told = &gaikuang.description;
        assert!(home(&house).await.contains(told), "{backend:?}");
        let retire = format!("/console/wangxi/channels/{}/retire", gaikuang.id);
        assert_eq!(administrator.browser.submit(&retire, &[]).await.status, 303, "{backend:?}");
        assert!(!home(&house).await.contains(told), "{backend:?}");
        assert!(screen(&administrator).await.contains("栏目已停用或不存在"), "{backend:?}");
        let restore = format!("/console/wangxi/channels/{}/restore", gaikuang.id);
        assert_eq!(administrator.browser.submit(&restore, &[]).await.status, 303, "{backend:?}");
        assert!(home(&house).await.contains(told), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_that_cannot_be_read_is_refused_and_another_reaches_every_page() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let address = "/console/wangxi/look";
        let seen = seal(&administrator.browser.screen(address).await.text());
        let pale = [("seen", seen.as_str()), ("primary", "#ffcc00"), ("slogan", "碧水望溪"), ("hotline", "12345")];
        let refused = administrator.browser.submit(address, &pale).await;
        assert!(
            refused.status == 422 && refused.text().contains("主色太浅") && refused.text().contains("碧水望溪"),
            "{backend:?}"
        );
        let deep = [("seen", seen.as_str()), ("primary", "#005a4c"), ("slogan", "碧水望溪"), ("hotline", "12345")];
        let preview = administrator.browser.submit(&format!("{address}/preview"), &deep).await.text();
        assert!(preview.contains("--primary: #005a4c") && preview.contains("碧水望溪"), "{backend:?}");
        assert!(!home(&house).await.contains("碧水望溪"), "{backend:?}");
        assert_eq!(administrator.browser.submit(address, &deep).await.status, 303, "{backend:?}");
        assert!(home(&house).await.contains("碧水望溪"), "{backend:?}");
        let sheet = house.browser().get("wangxi", "/_site/state.css").await.text();
        assert!(sheet.contains("--primary: #005a4c") && sheet.contains("--primary-deep: #004137"), "{backend:?}: {sheet}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}
