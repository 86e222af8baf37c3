//! Page views: articles read by people are counted, programs and other pages are not, and nothing of a visitor is kept.

use testkit::{Answer, Article, Backend, House};

use crate::journey::link_to;

const PERSON: (&str, &str) = ("user-agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36");
const TITLE: &str = "被阅读的稿件";

#[tokio::test(flavor = "multi_thread")]
async fn articles_read_by_people_are_counted_by_site_and_told_in_the_console() {
    for backend in Backend::BOTH {
        let Some(house) = House::open_set(backend, |settings| {
            settings.web.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        })
        .await
        else {
            continue;
        };
        let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
        let (id, _) = editor.publish(&house, &Article::news(TITLE)).await;
        let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
        let city = link_to(&visitor.get("jinchuan", "/quxian/").await.text(), TITLE).unwrap();
        let ask =
            async |host: &str, path: &str, headers: &[(&str, &str)]| -> Answer { visitor.get_with(host, path, headers).await };

        // Two readings, one of them answered with "you have it already"; one on the city's site; one told by the proxy.
        let first = ask("wangxi.test", &path, &[PERSON]).await;
        assert!(first.header("set-cookie").is_empty());
        let tag = first.header("etag");
        assert_eq!(ask("wangxi.test", &path, &[PERSON, ("if-none-match", &tag)]).await.status, 304);
        ask("jinchuan.test", &city, &[PERSON]).await;
        let told = ask("wangxi.test", "/_count", &[PERSON, ("x-original-uri", &format!("{path}?from=list"))]).await;
        assert_eq!((told.status, told.bytes.len()), (204, 0));

        // None of these is a reading of an article.
        ask("wangxi.test", &path, &[("user-agent", "Baiduspider/2.0")]).await;
        ask("wangxi.test", &path, &[]).await;
        ask("wangxi.test", &path, &[PERSON, ("sec-purpose", "prefetch")]).await;
        ask("wangxi.test", &path, &[PERSON, ("range", "bytes=0-9")]).await;
        ask("wangxi.test", "/yaowen/", &[PERSON]).await;
        ask("wangxi.test", "/_count", &[PERSON, ("x-original-uri", "/yaowen/202611/t20261124_999999.html")]).await;
        visitor.head("wangxi.test", &path).await;

        house.engine().views.flush(&house.engine().store).unwrap();
        house.engine().views.flush(&house.engine().store).unwrap();
        let screen = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(screen.contains("近 30 天浏览 3 次") && screen.contains("近 30 天浏览 1 次"), "{backend:?}: {screen}");
        ask("wangxi.test", &path, &[PERSON]).await;
        house.engine().views.flush(&house.engine().store).unwrap();
        let screen = editor.browser.screen("/console/wangxi/views").await.text();
        assert!(screen.contains(TITLE) && screen.contains("<dd>4</dd>"), "{screen}");
        let city = house.desk("jinchuan", "editor").await.browser.screen("/console/jinchuan/views").await.text();
        assert!(city.contains(TITLE) && !city.contains(&format!("resources/{id}")), "it was written elsewhere: {city}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_stays_with_an_article_that_gets_a_name_and_moves() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
        let admin = house.desk("platform", "admin").await;
        let (id, _) = editor.publish(&house, &Article::news(TITLE)).await;
        let site = house.site("wangxi").id;
        let read = async |path: &str| assert_eq!(visitor.get_with("wangxi.test", path, &[PERSON]).await.status, 200, "{path}");
        let first = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
        read(&first).await;

        let own = house
            .engine()
            .store
            .read(|connection| store::placements::list_by_resource(connection, model::ResourceId(id)))
            .unwrap()
            .into_iter()
            .find(|placement| placement.site_id == site)
            .unwrap();
        let set = admin.browser.submit(&format!("/console/wangxi/placements/{}", own.id), &[("slug", "tushuguan")]).await;
        assert_eq!(set.status, 303, "{}", set.text());
        house.quiet().await;
        read("/yaowen/tushuguan.html").await;
        read("/yaowen/tushuguan.html").await;
        let target = house.channel("wangxi", "tzgg").id.to_string();
        let moved = admin.browser.submit(&format!("/console/wangxi/resources/{id}/move"), &[("channel", &target)]).await;
        assert_eq!(moved.status, 303, "{}", moved.text());
        house.quiet().await;
        read("/tzgg/tushuguan.html").await;
        for old in [first.as_str(), "/yaowen/tushuguan.html"] {
            assert_eq!(visitor.get_with("wangxi.test", old, &[PERSON]).await.status, 301, "being led on is not reading");
        }

        house.engine().views.flush(&house.engine().store).unwrap();
        let screen = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(screen.contains("近 30 天浏览 4 次"), "{backend:?}: {screen}");
        let since = "2020-01-01".parse().unwrap();
        let most = house.engine().store.read(|connection| store::views::list_most_read(connection, site, since, 10)).unwrap();
        let most: Vec<_> = most.iter().map(|one| (one.path.as_str(), one.views)).collect();
        assert_eq!(most, [("/tzgg/tushuguan.html", 4)], "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_a_trusted_proxy_reports_views_and_what_was_counted_outlives_a_stop() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, visitor) = (house.desk("wangxi", "editor").await, house.browser());
    editor.publish(&house, &Article::news(TITLE)).await;
    let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), TITLE).unwrap();
    let told = visitor.get_with("wangxi.test", "/_count", &[PERSON, ("x-original-uri", &path)]).await;
    assert_eq!(told.status, 404);
    visitor.get_with("wangxi.test", &path, &[PERSON]).await;
    let house = house.without_workers().await;
    let since = "2020-01-01".parse().unwrap();
    let site = house.site("wangxi").id;
    let read = house.engine().store.read(|connection| store::views::list_most_read(connection, site, since, 10)).unwrap();
    assert_eq!(read.iter().map(|one| (one.title.as_str(), one.views)).collect::<Vec<_>>(), [(TITLE, 1)]);
    house.close().await;
}
