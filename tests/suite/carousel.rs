//! 轮播图: pictures of the media library as a block of a page, from the form to the public and away again; what is refused, and why.

use image::ImageFormat;
use testkit::{Answer, Article, Backend, Desk, House};

use crate::channels::seal;
use crate::journey::link_to;
use crate::media::{encoded, photo, picture};
use crate::sharing::assert_rebuild_changes_nothing;

const ARRANGEMENT: &str = "/console/wangxi/home-page";

/// A picture as it is typed: its number, 替代文字, link and 说明文字.
type Row<'a> = (i64, &'a str, &'a str, &'a str);

async fn home(house: &House) -> String {
    house.quiet().await;
    house.browser().get("wangxi", "/").await.text()
}

async fn seen(desk: &Desk) -> String {
    seal(&desk.browser.screen(ARRANGEMENT).await.text())
}

/// Puts a carousel into the main slot; answers where its form is.
async fn add(desk: &Desk) -> String {
    let seen = seen(desk).await;
    let pressed = [("seen", seen.as_str()), ("step", "add:main:carousel")];
    let answer = desk.browser.submit(&format!("{ARRANGEMENT}/steps"), &pressed).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().trim_end_matches("?new=yes").to_owned()
}

/// Sends the form of a carousel with a button pressed.
async fn press(desk: &Desk, block: &str, turn: &str, rows: &[Row<'_>]) -> Answer {
    let seen = seen(desk).await;
    let mut typed = vec![("seen", seen.as_str()), ("slot", "main"), ("title", "望溪风光"), ("turn", turn)];
    let numbers: Vec<String> = rows.iter().map(|row| row.0.to_string()).collect();
    for (number, (_, alt, link, caption)) in numbers.iter().zip(rows) {
        let parts = [("pictures.media", number.as_str()), ("pictures.alt", *alt), ("pictures.link", *link)];
        typed.extend(parts);
        typed.push(("pictures.caption", *caption));
    }
    desk.browser.submit(block, &typed).await
}

async fn go_live(desk: &Desk) -> u16 {
    let seen = seen(desk).await;
    desk.browser.submit(&format!("{ARRANGEMENT}/live"), &[("seen", &seen)]).await.status
}

/// The public address of a picture as a page names it.
fn address(page: &str, id: i64) -> Option<String> {
    let mut named = page.split('"').filter(|part| part.starts_with("/media/") && !part.contains(' '));
    named.find(|part| part.contains(&format!("-{id}.")) || part.contains(&format!("-{id}-"))).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carousel_goes_live_with_its_pictures_and_follows_what_is_said_of_them() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let editor = house.desk("wangxi", "editor").await;
        let river = editor.bring(&house, "春天的河.jpg", &photo()).await;
        let park = editor.bring(&house, "公园.png", &encoded(&picture(400, 200), ImageFormat::Png)).await;
        let (_, published) = editor.publish(&house, &Article::news("望溪湿地公园开园")).await;
        assert!(published.status < 400, "{backend:?}");
        house.quiet().await;
        let article = link_to(&house.browser().get("wangxi", "/yaowen/").await.text(), "望溪湿地公园开园").unwrap();

        let block = add(&administrator).await;
        assert_eq!(go_live(&administrator).await, 409, "{backend:?}: a carousel without pictures is not ready");
        let form = administrator.browser.screen(&block).await.text();
        assert!(form.contains("春天的河.jpg") && form.contains(&format!("value=\"pictures:add:{park}\"")), "{backend:?}: {form}");

        // A button of the form changes what is typed, and nothing else.
        let first = press(&administrator, &block, &format!("pictures:add:{river}"), &[]).await.text();
        assert!(first.contains(&format!("name=\"pictures.media\" value=\"{river}\"")), "{backend:?}: {first}");
        let chosen = press(&administrator, &block, &format!("pictures:add:{park}"), &[(river, "河", "", "")]).await;
        let text = chosen.text();
        assert_eq!(chosen.status, 200, "{backend:?}");
        assert_eq!(text.matches("name=\"pictures.media\"").count(), 2, "{backend:?}: {text}");
        let turned =
            press(&administrator, &block, "pictures:up:1", &[(river, "河", "", "春到望溪"), (park, "", "", "")]).await.text();
        let place = |id: i64| turned.find(&format!("name=\"pictures.media\" value=\"{id}\"")).unwrap();
        assert!(place(park) < place(river) && turned.contains("春到望溪"), "{backend:?}: {turned}");

        // Without 替代文字, here or in the library, it stays where it is.
        let rows = [(river, "", article.as_str(), "春到望溪"), (park, "公园的湖", "https://www.gov.cn/", "")];
        let refused = press(&administrator, &block, "save", &rows).await;
        assert!(refused.status == 422 && refused.text().contains("第1张图片：请填写替代文字"), "{backend:?}: {}", refused.text());
        assert!(refused.text().contains("春到望溪") && refused.text().contains("pictures-0-alt-problem"), "{backend:?}");
        assert_eq!(editor.describe(river, "望溪河两岸的桃花", ("50", "50")).await.status, 303, "{backend:?}");
        assert_eq!(
            press(&administrator, &block, "save", &rows).await.location(),
            format!("{ARRANGEMENT}?at=9&done=block-kept"),
            "{backend:?}"
        );
        let preview = administrator.browser.screen(&format!("{ARRANGEMENT}/preview")).await.text();
        assert!(
            preview.contains("望溪河两岸的桃花") && preview.contains(&format!("/console/wangxi/media/{river}/file")),
            "{backend:?}"
        );
        assert!(!home(&house).await.contains("望溪风光"), "{backend:?}: a draft is nobody's business");

        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        let live = home(&house).await;
        assert!(live.contains("alt=\"望溪河两岸的桃花\"") && live.contains("alt=\"公园的湖\""), "{backend:?}: {live}");
        assert!(
            live.contains("<figcaption>春到望溪</figcaption>") && live.contains("width=\"700\" height=\"500\""),
            "{backend:?}"
        );
        assert!(live.contains(&format!("<a href=\"{article}\"><img")), "{backend:?}: {live}");
        let shown = address(&live, river).unwrap();
        assert_eq!(house.browser().get("wangxi", &shown).await.status, 200, "{backend:?}");

        // The library's word is what the page says; only those may change it who may withdraw.
        assert_eq!(editor.describe(river, "桃花", ("50", "50")).await.status, 403, "{backend:?}");
        assert_eq!(administrator.describe(river, "望溪河的桃花开了", ("50", "50")).await.status, 303, "{backend:?}");
        assert!(home(&house).await.contains("alt=\"望溪河的桃花开了\""), "{backend:?}");

        // Another picture in its place: the old one is public no longer.
        let rows = [(park, "公园的湖", "", "")];
        assert_eq!(press(&administrator, &block, "save", &rows).await.status, 303, "{backend:?}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert!(!home(&house).await.contains("桃花"), "{backend:?}");
        assert_eq!(house.browser().get("wangxi", &shown).await.status, 410, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_a_carousel_follows_its_article_wherever_it_goes() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let editor = house.desk("wangxi", "editor").await;
        let river = editor.bring(&house, "河.jpg", &photo()).await;
        let (id, _) = editor.publish(&house, &Article::news("望溪湿地公园开园")).await;
        house.quiet().await;
        let article = link_to(&house.browser().get("wangxi", "/yaowen/").await.text(), "望溪湿地公园开园").unwrap();
        let block = add(&administrator).await;
        // The whole address of a page of this platform says the same.
        let whole = format!("{}{article}", house.settings.public_url("wangxi", &house.site("wangxi").domain));
        assert_eq!(press(&administrator, &block, "save", &[(river, "河", &whole, "")]).await.status, 303, "{backend:?}");
        let form = administrator.browser.screen(&block).await.text();
        assert!(
            form.contains("链接到稿件“望溪湿地公园开园”") && form.contains(&format!("value=\"{article}\"")),
            "{backend:?}: {form}"
        );
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert!(home(&house).await.contains(&format!("<a href=\"{article}\"><img")), "{backend:?}");
        let reason = administrator.withdraw("wangxi", id, "内容有误").await;
        assert_eq!(reason.status, 303, "{backend:?}");
        let after = home(&house).await;
        assert!(after.contains("alt=\"河\"") && !after.contains(&article), "{backend:?}: the picture stays, its link goes");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_others_and_what_is_no_picture_are_refused_and_what_is_shown_cannot_be_removed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let river = administrator.bring(&house, "河.jpg", &photo()).await;
        let paper = administrator.bring(&house, "通知.pdf", &crate::media::large_pdf(2_000)).await;
        let foreign =
            house.desk("qingyu", "editor").await.bring(&house, "青屿.png", &encoded(&picture(90, 60), ImageFormat::Png)).await;
        let block = add(&administrator).await;
        let many = [(river, "河", "", ""); 9];
        let wrong: [(&[Row<'_>], &str); 6] = [
            (&[], "请选择图片"),
            (&many, "图片应为1至8张"),
            (&[(foreign, "岛", "", "")], &format!("本站媒体库中没有编号为{foreign}的图片")),
            (&[(paper, "通知", "", "")], "所选文件不是图片"),
            (&[(river, "河", "javascript:alert(1)", "")], "链接应以"),
            (&[(river, "河", "resource:999", "")], "链接的稿件目前没有公开"),
        ];
        for (rows, why) in wrong {
            let refused = press(&administrator, &block, "save", rows).await;
            assert!(refused.status == 422 && refused.text().contains(why), "{backend:?}: {why}: {}", refused.text());
            assert!(refused.text().contains("望溪风光"), "{backend:?}: nothing typed is lost");
        }

        // In use from the draft on, and told where.
        let detail = format!("/console/wangxi/media/{river}");
        assert_eq!(press(&administrator, &block, "save", &[(river, "河", "", "")]).await.status, 303, "{backend:?}");
        let told = administrator.browser.screen(&detail).await.text();
        assert!(told.contains("未上线的板块使用") && told.contains(ARRANGEMENT), "{backend:?}: {told}");
        assert!(!administrator.browser.screen("/console/wangxi/media?unused=1").await.text().contains("河.jpg"), "{backend:?}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert!(administrator.browser.screen(&detail).await.text().contains("公众可见的板块正在使用"), "{backend:?}");
        let refused = administrator.browser.submit(&format!("{detail}/delete"), &[]).await;
        assert!(refused.status == 409 && refused.text().contains("正在被稿件、其历史版本或页面板块使用"), "{backend:?}");

        // Once no page shows it, it may go.
        let at = block.rsplit('/').next().unwrap();
        let seen = seen(&administrator).await;
        let pressed = [("seen", seen.as_str()), ("step", &format!("remove:{at}"))];
        assert_eq!(administrator.browser.submit(&format!("{ARRANGEMENT}/steps"), &pressed).await.status, 303, "{backend:?}");
        assert_eq!(administrator.browser.submit(&format!("{detail}/delete"), &[]).await.status, 409, "{backend:?}");
        assert_eq!(go_live(&administrator).await, 303, "{backend:?}");
        assert_eq!(administrator.browser.submit(&format!("{detail}/delete"), &[]).await.status, 303, "{backend:?}");
        house.close().await;
    }
}
