//! What a text says beside its words: links into the library lead wherever what they name is, and footnotes are numbered.

use testkit::{Article, Backend, House};

use crate::journey::link_to;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_into_the_library_follows_what_it_names_and_leaves_its_words_when_that_is_gone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
        let notice = Article { channel: "tzgg".into(), ..Article::news("被引用的通告") };
        let (named, _) = editor.publish(&house, &notice).await;
        let body = format!(
            "<p class=\"indent\">详见<a href=\"resource:{named}\">《通告》</a>。</p><p class=\"right\">望溪区</p><p class=\"evil\">尾</p>"
        );
        let (id, _) = editor.publish(&house, &Article { body, ..Article::news("引用通告的要闻") }).await;
        let page = async |site: &str, front: &str| {
            let path = link_to(&visitor.get(site, front).await.text(), "引用通告的要闻").unwrap();
            visitor.get(site, &path).await.text()
        };

        let before = link_to(&visitor.get("wangxi", "/tzgg/").await.text(), "被引用的通告").unwrap();
        let shown = page("wangxi", "/yaowen/").await;
        assert!(shown.contains(&format!("详见<a href=\"{before}\">《通告》</a>")), "{backend:?}: {shown}");
        assert!(shown.contains("<p class=\"indent\">") && shown.contains("<p class=\"right\">") && !shown.contains("evil"));
        // The city shows the news and not the notice: there the link leads to the district.
        let elsewhere = page("jinchuan", "/quxian/").await;
        assert!(elsewhere.contains(&format!("<a href=\"http://wangxi.test{before}\">《通告》</a>")), "{backend:?}: {elsewhere}");
        let screen = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(screen.contains(&format!("/console/resources/{named}\"")), "{screen}");
        let led = editor.browser.screen(&format!("/console/resources/{named}")).await;
        assert_eq!(led.location(), format!("/console/wangxi/resources/{named}"));
        let stranger = house.desk("qingyu", "editor").await;
        let led = stranger.browser.screen(&format!("/console/resources/{named}")).await;
        assert_eq!(
            led.location(),
            format!("http://wangxi.test{before}"),
            "to the public page for whoever may not see the screen"
        );

        let administrator = house.desk("platform", "admin").await;
        let target = house.channel("wangxi", "yaowen").id.to_string();
        let moved =
            administrator.browser.submit(&format!("/console/wangxi/resources/{named}/move"), &[("channel", &target)]).await;
        assert_eq!(moved.status, 303, "{}", moved.text());
        house.quiet().await;
        let after = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "被引用的通告").unwrap();
        assert_ne!(after, before);
        assert!(page("wangxi", "/yaowen/").await.contains(&format!("<a href=\"{after}\">《通告》</a>")), "{backend:?}");

        assert_eq!(administrator.withdraw("wangxi", named, "内容过期").await.status, 303);
        house.quiet().await;
        for (site, front) in [("wangxi", "/yaowen/"), ("jinchuan", "/quxian/")] {
            let shown = page(site, front).await;
            assert!(shown.contains("详见《通告》。"), "{site} on {backend:?}: {shown}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn footnotes_are_numbered_on_the_page_and_stand_below_the_text() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
    let body = "<p>老年人<span class=\"footnote\">年满六十周岁 &amp; 以上</span>与外埠人员<span class=\"footnote\">须持居住证</span>。</p>".to_owned();
    editor.publish(&house, &Article { body, ..Article::news("有脚注的要闻") }).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "有脚注的要闻").unwrap();
    let shown = visitor.get("wangxi", &path).await.text();
    for part in [
        "老年人<sup class=\"footnote-number\" id=\"fnref-1\"><a href=\"#fn-1\" aria-label=\"脚注1\">1</a></sup>与外埠人员<sup",
        "<section class=\"footnotes\" aria-label=\"脚注\"><ol><li id=\"fn-1\">年满六十周岁 &amp; 以上 <a href=\"#fnref-1\"",
        "<li id=\"fn-2\">须持居住证 <a href=\"#fnref-2\"",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    house.close().await;
}
