//! Redirects: old addresses of a site lead to new ones where no page is, and never in a circle.

use testkit::{Article, Backend, House};

use crate::journey::link_to;

#[tokio::test(flavor = "multi_thread")]
async fn an_old_address_leads_to_the_new_one_by_its_query_first() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
        let old = "/show.aspx";
        assert_eq!(visitor.get("wangxi", "/show.aspx?id=12").await.status, 404);
        for (from, to) in [
            ("/show.aspx?id=12", "/yaowen/"),
            ("http://wangxi.test/show.aspx", "/tzgg/"),
            ("/要闻/旧.html", "http://jinchuan.test/quxian/"),
            ("/index.html", "https://www.example.gov.cn/wangxi"),
        ] {
            let answer = editor.browser.submit("/console/wangxi/redirects", &[("old", from), ("new", to)]).await;
            assert_eq!(answer.status, 303, "{from} on {backend:?}: {}", answer.text());
        }
        for (asked, leads) in [
            ("/show.aspx?id=12", "/yaowen/"),
            ("/show.aspx?id=13", "/tzgg/"),
            (old, "/tzgg/"),
            ("/%e8%a6%81%E9%97%BB/%E6%97%A7.html?from=list", "http://jinchuan.test/quxian/"),
            ("/index.html", "https://www.example.gov.cn/wangxi"),
        ] {
            let answer = visitor.get("wangxi", asked).await;
            assert_eq!((answer.status, answer.location().as_str()), (301, leads), "{asked} on {backend:?}");
        }
        assert_eq!(visitor.get("qingyu", old).await.status, 404, "of one site alone");

        // Changed and taken away, each at once.
        let answer = editor.browser.submit("/console/wangxi/redirects", &[("old", old), ("new", "/")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(visitor.get("wangxi", old).await.location(), "/");
        let screen = editor.browser.screen("/console/wangxi/redirects?q=id%3D12").await.text();
        assert!(screen.contains("/show.aspx?id=12") && !screen.contains("index.html"), "{screen}");
        let delete =
            screen.split("action=\"").find(|part| part.contains("/delete\"")).unwrap().split('"').next().unwrap().to_owned();
        let stranger = house.desk("qingyu", "editor").await;
        assert_ne!(stranger.browser.submit(&delete.replace("wangxi", "qingyu"), &[]).await.status, 303, "another site's number");
        assert_eq!(visitor.get("wangxi", "/show.aspx?id=12").await.location(), "/yaowen/");
        assert_eq!(editor.browser.submit(&delete, &[]).await.status, 303);
        assert_eq!(visitor.get("wangxi", "/show.aspx?id=12").await.location(), "/", "the one without a query is left");

        let chain = house.engine().store.read(store::audit::verify).unwrap();
        assert!(matches!(chain, store::audit::Chain::Intact(_)));
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("设置跳转") && log.contains("删除跳转"), "{log}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_at_its_row_and_nothing_is_lost() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let import = async |rows: &str| editor.browser.submit("/console/wangxi/redirects/import", &[("rows", rows)]).await;
        let rows = "原地址,新地址\n/a.html,/b.html\n/b.html,/a.html\n/yaowen/,/tzgg/\n/c.html,https://evil.example/\nhttp://qingyu.test/x,/y\n/ok.html,/tzgg/\n/assets/x,/y\n/self,/self";
        let answer = import(rows).await;
        assert_eq!(answer.status, 422);
        let text = answer.text();
        for (line, reason) in [
            (2, "形成循环"),
            (3, "形成循环"),
            (4, "已有页面"),
            (5, "只能跳转到平台内的站点"),
            (6, "不是本站的域名"),
            (8, "由平台使用"),
            (9, "形成循环"),
        ] {
            let told = text.split("<p class=\"invalid\">").find(|part| part.starts_with(&format!("第{line}行：")));
            assert!(told.is_some_and(|told| told.contains(reason)), "row {line} on {backend:?}: {text}");
        }
        assert!(!text.contains("第7行："), "a good row has no problem");
        assert!(text.contains("/ok.html,/tzgg/"), "what was typed is still there");
        assert_eq!(house.browser().get("wangxi", "/ok.html").await.status, 404, "all or none");

        assert_eq!(import("/a.html,/b.html\n/b.html?x=1,/c.html\n\"/ok.html\",/tzgg/").await.status, 303);
        assert_eq!(house.browser().get("wangxi", "/ok.html").await.location(), "/tzgg/");
        // A circle through a redirect that is there already, on another site.
        let other = house.desk("qingyu", "editor").await;
        let there = [("old", "/there"), ("new", "http://wangxi.test/back")];
        assert_eq!(other.browser.submit("/console/qingyu/redirects", &there).await.status, 303);
        let answer =
            editor.browser.submit("/console/wangxi/redirects", &[("old", "/back"), ("new", "http://qingyu.test/there")]).await;
        assert!(answer.status == 422 && answer.text().contains("形成循环"), "{}", answer.text());
        assert!(answer.text().contains("value=\"http://qingyu.test/there\""), "what was typed is still there");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_wins_over_a_redirect_and_one_that_was_withdrawn_may_be_led_on() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
    let (id, _) = editor.publish(&house, &Article::news("将被撤回的旧闻")).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "将被撤回的旧闻").unwrap();
    let wish = [("old", path.as_str()), ("new", "/tzgg/")];
    assert_eq!(editor.browser.submit("/console/wangxi/redirects", &wish).await.status, 422, "a page is there");
    let administrator = house.desk("platform", "admin").await;
    assert_eq!(administrator.withdraw("wangxi", id, "内容过期").await.status, 303);
    house.quiet().await;
    assert_eq!(visitor.get("wangxi", &path).await.status, 410);
    assert_eq!(editor.browser.submit("/console/wangxi/redirects", &wish).await.status, 303);
    assert_eq!(visitor.get("wangxi", &path).await.location(), "/tzgg/");

    // Published again, the page is back at its address.
    assert_eq!(editor.rewrite(&house, id, &Article::news("将被撤回的旧闻")).await.status, 303);
    editor.pass_reviews(&house, id).await;
    assert_eq!(visitor.get("wangxi", &path).await.status, 200);
    house.close().await;
}
