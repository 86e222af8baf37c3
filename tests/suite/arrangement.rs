//! 首页编排 and 外观: what an administrator arranges is a draft until it goes live, and then what the public sees.

use image::ImageFormat;
use testkit::{Article, Backend, Desk, House};

use crate::channels::seal;
use crate::media::{encoded, picture};
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
        assert_eq!(
            administrator.browser.submit(&block, &told).await.location(),
            format!("{ARRANGEMENT}?at=9&done=block-kept"),
            "{backend:?}"
        );

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
        assert!(!home(&house).await.contains("最新公示"), "{backend:?}: nothing to show yet");
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article { channel: "tzgg".into(), ..Article::news("关于绿地养护的公示") }).await;
        let after = home(&house).await;
        assert!(after.contains("最新公示"), "{backend:?}: {after}");
        assert_eq!(after.matches("关于绿地养护的公示</a>").count(), 2, "{backend:?}: in the old list and in the new");
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

/// The step that a button of a screen takes, by what stands around it.
fn step_of(screen: &str, step: &str, told: &str) -> String {
    let buttons = screen.split("value=\"").filter(|rest| rest.starts_with(step));
    let found = buttons.filter(|rest| rest.contains(told)).find(|rest| rest.find(told) < rest.find("</button>"));
    found.unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_with_nothing_to_show_is_not_on_the_page_and_comes_with_its_first_content() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (administrator, editor) = (house.desk("wangxi", "admin").await, house.desk("wangxi", "editor").await);
        editor.publish(&house, &Article::news("没有封面的要闻")).await;
        let bands = home(&house).await.matches("class=\"band\"").count();
        for (slot, kind, title) in [("main", "pictures", "镜头里的望溪"), ("band", "list", "色带里的公告")] {
            let block = add(&administrator, slot, kind).await;
            let seen = seal(&administrator.browser.screen(&block).await.text());
            let channel = if kind == "list" { "tzgg" } else { "yaowen" };
            let told = [("seen", seen.as_str()), ("slot", slot), ("channel", channel), ("title", title), ("limit", "4")];
            let more = [("skip", "0"), ("origin", "no"), ("width", "half")];
            let answer = administrator.browser.submit(&block, &[&told[..], &more[..]].concat()).await;
            assert_eq!(answer.status, 303, "{backend:?}: {}", answer.text());
        }
        let told = screen(&administrator).await;
        assert!(told.contains("暂无带封面图片的稿件，上线后不显示该板块"), "{backend:?}: {told}");
        assert!(told.contains("该栏目暂无稿件，上线后不显示该板块"), "{backend:?}: {told}");
        let preview = administrator.browser.screen(&format!("{ARRANGEMENT}/preview")).await.text();
        assert!(!preview.contains("镜头里的望溪") && preview.contains("没有封面的要闻"), "{backend:?}: {preview}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        let bare = home(&house).await;
        assert!(!bare.contains("镜头里的望溪") && !bare.contains("色带里的公告"), "{backend:?}: {bare}");
        assert_eq!(bare.matches("class=\"band\"").count(), bands, "{backend:?}: an empty band is none");
        assert!(screen(&administrator).await.contains("暂无带封面图片的稿件，网站上不显示该板块"), "{backend:?}");

        // The page follows by itself: a cover arrives, and goes.
        let cover = editor.bring(&house, "湿地.jpg", &encoded(&picture(1_200, 900), ImageFormat::Jpeg)).await;
        assert_eq!(editor.describe(cover, "湿地全景", ("50", "50")).await.status, 303, "{backend:?}");
        let pictured = Article { cover: cover.to_string(), ..Article::news("湿地公园开园") };
        let (id, _) = editor.publish(&house, &pictured).await;
        editor.publish(&house, &Article { channel: "tzgg".into(), ..Article::news("停水通知") }).await;
        let full = home(&house).await;
        assert!(full.contains("镜头里的望溪") && full.contains("alt=\"湿地全景\""), "{backend:?}: {full}");
        assert!(full.contains("色带里的公告"), "{backend:?}: {full}");
        assert_eq!(full.matches("class=\"band\"").count(), bands + 1, "{backend:?}");
        assert!(!screen(&administrator).await.contains("暂无带封面图片的稿件"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        assert_eq!(administrator.withdraw("wangxi", id, "内容有误").await.status, 303, "{backend:?}");
        assert!(!home(&house).await.contains("镜头里的望溪"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_much_of_a_line_a_block_takes_is_said_in_the_list_and_where_it_is_added() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let told = screen(&administrator).await;
        let after = |name: &str| told.split(&format!(">{name}</a> <span class=\"block-width\">")).nth(1).unwrap()[..9].to_owned();
        assert!(after("稿件列表").starts_with("半行") && after("头条").starts_with("整行"), "{backend:?}: {told}");
        assert!(told.contains("每条一行标题和日期。可改为整行。") && told.contains("单独一个占满整行"), "{backend:?}: {told}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_live_before_is_looked_at_brought_back_and_put_live_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (administrator, second) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
        let previous = format!("{ARRANGEMENT}/previous");
        let steps = format!("{ARRANGEMENT}/steps");
        let about = house.channel("wangxi", "gaikuang").description;
        let before = home(&house).await;
        assert!(before.contains(&about), "{backend:?}");
        assert!(!screen(&administrator).await.contains("恢复上一版"), "{backend:?}: there is none yet");
        let none = administrator.browser.screen(&previous).await.text();
        assert!(none.contains("还没有可以恢复的上一版") && !none.contains("value=\"restore:"), "{backend:?}: {none}");

        let step = step_of(&screen(&administrator).await, "remove:", "“概况”");
        press(&administrator, &step).await;
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        let mistaken = home(&house).await;
        assert!(!mistaken.contains(&about), "{backend:?}");

        // It is looked at, and what is being arranged now is not lost without a word.
        assert!(screen(&administrator).await.contains(&previous), "{backend:?}");
        let looked = administrator.browser.screen(&previous).await.text();
        assert!(looked.contains("恢复为草稿") && !looked.contains("这些改动不再保留"), "{backend:?}: {looked}");
        let preview = administrator.browser.screen(&format!("{ARRANGEMENT}/preview?previous=true")).await.text();
        assert!(preview.contains(&about), "{backend:?}: {preview}");
        let stale = seal(&looked);
        let restore = step_of(&looked, "restore:", "恢复为草稿");
        press(&second, "remove:0").await;
        let late = administrator.browser.submit(&steps, &[("seen", &stale), ("step", &restore)]).await;
        assert!(late.status == 409 && late.text().contains("他人刚刚调整了该页面"), "{backend:?}: {}", late.text());
        let looked = administrator.browser.screen(&previous).await.text();
        assert!(looked.contains("这些改动不再保留"), "{backend:?}: {looked}");

        // Into the draft, which the public is not shown, and live like any other.
        let told = administrator.browser.submit(&steps, &[("seen", &seal(&looked)), ("step", &restore)]).await;
        assert_eq!(told.location(), format!("{ARRANGEMENT}?done=arrangement-restored"), "{backend:?}");
        assert_eq!(home(&house).await, mistaken, "{backend:?}");
        let restored = administrator.browser.screen(&previous).await.text();
        assert!(restored.contains("现在的草稿就是上一版"), "{backend:?}: {restored}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert_eq!(home(&house).await, before, "{backend:?}");
        let audit = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(audit.contains("首页编排上线") && audit.contains("首页编排恢复上一版"), "{backend:?}: {audit}");

        // What was replaced is the one before now: what was looked at earlier is not what would come back.
        let now = seal(&screen(&administrator).await);
        for wrong in [restore.as_str(), "restore:", "restore:0"] {
            let answer = administrator.browser.submit(&steps, &[("seen", &now), ("step", wrong)]).await;
            assert_eq!(answer.status, 409, "{backend:?}: {wrong}");
        }
        let again = step_of(&administrator.browser.screen(&previous).await.text(), "restore:", "恢复为草稿");
        assert_eq!(administrator.browser.submit(&steps, &[("seen", &now), ("step", &again)]).await.status, 303, "{backend:?}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert_eq!(home(&house).await, mistaken, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;

        // Nobody else's business.
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen(&previous).await.status, 403, "{backend:?}");
        let other = house.desk("qingyu", "admin").await;
        assert_eq!(other.browser.screen(&previous).await.status, 404, "{backend:?}");
        let now = seal(&screen(&administrator).await);
        assert_eq!(other.browser.submit(&steps, &[("seen", &now), ("step", &restore)]).await.status, 404, "{backend:?}");
        let own = other.browser.screen("/console/qingyu/home-page/previous").await.text();
        assert!(own.contains("还没有可以恢复的上一版"), "{backend:?}: another site has its own");
        assert_eq!(administrator.browser.screen("/console/wangxi/topics/none/previous").await.status, 404, "{backend:?}");
        house.close().await;
    }
}
