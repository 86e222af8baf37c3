//! The main job: written in a district, reviewed three times, live on every site that shows it, withdrawn from all of them at once.

use std::collections::BTreeMap;

use testkit::{Article, Backend, Browser, House};

use crate::files;

const TITLE: &str = "望溪区启动老旧小区加装电梯集中申报";

#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_one_district_goes_live_where_it_is_asked_for_and_vanishes_when_withdrawn() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = house.browser();
        let untouched = pages_of(&house, &["qingyu", "donglan"]);

        let editor = house.desk("wangxi", "editor").await;
        let (id, approved) = editor.publish(&house, &Article::news(TITLE)).await;

        // Live on its own site and on the city's, each in its own theme, with valid official tags.
        let home = visitor.get("wangxi", "/").await;
        let path = link_to(&home.text(), TITLE).expect("the home page links to the article");
        let city_list = visitor.get("jinchuan", "/quxian/").await;
        let city_path = link_to(&city_list.text(), TITLE).expect("the city's list links to the article");
        for (site, path, list) in [("wangxi", path.as_str(), "/yaowen/"), ("jinchuan", city_path.as_str(), "/quxian/")] {
            let article = visitor.get(site, path).await;
            assert_eq!(article.status, 200, "{site}{path} on {backend:?}");
            assert!(article.text().contains(&format!("{TITLE}的正文。")));
            check_tags(&house, site, &article);
            for page in ["/", list, "/feed.xml"] {
                assert!(visitor.get(site, page).await.text().contains(TITLE), "{site}{page} on {backend:?}");
            }
            assert!(sitemap(&visitor, site).await.contains(path), "the map of {site}");
        }
        assert!(
            visitor.get("jinchuan", &city_path).await.text().contains(&format!("http://wangxi.test{path}")),
            "canonical address"
        );

        // The receipt says so, with the time it took.
        let receipt = editor.receipt(&approved.location()).await.text();
        assert!(receipt.contains("wangxi.test") && receipt.contains("jinchuan.test") && receipt.contains("毫秒"), "{receipt}");

        // The others did not change by a byte.
        assert_eq!(pages_of(&house, &["qingyu", "donglan"]), untouched, "{backend:?}");

        // A further edit leaves the live text alone until it is approved.
        let changed = Article { body: "<p>修改后的正文。</p>".into(), ..Article::news(TITLE) };
        assert_eq!(editor.rewrite(&house, id, &changed).await.status, 303);
        house.quiet().await;
        assert!(visitor.get("wangxi", &path).await.text().contains(&format!("{TITLE}的正文。")));
        editor.pass_reviews(&house, id).await;
        for (site, path) in [("wangxi", &path), ("jinchuan", &city_path)] {
            assert!(visitor.get(site, path).await.text().contains("修改后的正文。"), "{site} on {backend:?}");
        }

        // Withdrawn once, gone everywhere.
        let administrator = house.desk("platform", "admin").await;
        let withdrawn = administrator.withdraw("wangxi", id, "内容有误，需重新核实").await;
        assert_eq!(withdrawn.status, 303, "{}", withdrawn.text());
        house.quiet().await;
        for (site, path, list) in [("wangxi", &path, "/yaowen/"), ("jinchuan", &city_path, "/quxian/")] {
            let gone = visitor.get(site, path).await;
            assert_eq!(gone.status, 410, "{site} on {backend:?}");
            assert!(gone.text().contains("内容已撤下"), "the site's own page says so");
            for page in ["/", list, "/feed.xml"] {
                assert!(!visitor.get(site, page).await.text().contains(TITLE), "{site}{page} on {backend:?}");
            }
            assert!(!sitemap(&visitor, site).await.contains(path.as_str()), "the map of {site}");
        }
        assert_eq!(pages_of(&house, &["qingyu", "donglan"]), untouched, "{backend:?}");

        // Rendering everything again changes nothing: no page had been forgotten.
        let all = ["jinchuan", "wangxi", "qingyu", "donglan"];
        let incremental = pages_of(&house, &all);
        publish::commands::refresh::refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
        house.quiet().await;
        assert_eq!(pages_of(&house, &all), incremental, "{backend:?}");

        let chain = house.engine().store.read(store::audit::verify).unwrap();
        assert!(matches!(chain, store::audit::Chain::Intact(entries) if entries > 10), "{chain:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_back_needs_a_reason_and_returns_the_text_to_its_author() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("需要修改的稿件")).await;
    assert_eq!(editor.hand_in(&house, id).await.status, 303);

    let reviewer = house.desk("wangxi", "review1").await;
    assert_ne!(reviewer.send_back(id, 0, "").await.status, 303, "a reason is required");
    assert_eq!(reviewer.send_back(id, 0, "请补充联系电话").await.status, 303);

    let page = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
    assert!(page.contains("请补充联系电话") && page.contains("已退回"), "{page}");
    editor.pass_reviews(&house, id).await;
    let list = house.browser().get("wangxi", "/yaowen/").await.text();
    assert!(list.contains("需要修改的稿件"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_reviews_are_three_people_and_none_is_the_author() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let administrator = house.desk("platform", "admin").await;
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("四眼原则")).await;
    editor.hand_in(&house, id).await;

    let first = house.desk("wangxi", "review1").await;
    assert_eq!(first.approve(id, 0).await.status, 303);
    assert_ne!(first.approve(id, 1).await.status, 303, "the same person twice");
    assert_ne!(editor.approve(id, 1).await.status, 303, "the author");
    let second = house.desk("wangxi", "review2").await;
    assert_ne!(second.approve(id, 0).await.status, 303, "a step already taken");
    assert_eq!(second.approve(id, 1).await.status, 303);
    assert_eq!(visit(&house, "wangxi", "/yaowen/", "四眼原则").await, 0, "two of three are not enough");
    let review = administrator
        .browser
        .submit(&format!("/console/wangxi/resources/{id}/review"), &[("step", "2"), ("verdict", "approve"), ("reason", "")])
        .await;
    assert_eq!(review.status, 303, "a third person: {}", review.text());
    house.quiet().await;
    assert_eq!(visit(&house, "wangxi", "/yaowen/", "四眼原则").await, 1);
    house.close().await;
}

/// How often a text stands on a page, at most once counted.
async fn visit(house: &House, site: &str, path: &str, text: &str) -> usize {
    usize::from(house.browser().get(site, path).await.text().contains(text))
}

fn check_tags(house: &House, site: &str, article: &testkit::Answer) {
    let declared = house.site(site);
    assert_eq!(article.meta("SiteName").as_deref(), Some(declared.name.as_str()));
    assert_eq!(article.meta("SiteDomain").as_deref(), Some(declared.domain.as_str()));
    assert_eq!(article.meta("SiteIDCode").as_deref(), Some(declared.site_code.as_str()));
    for name in
        ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType", "ArticleTitle", "ContentSource", "PubDate", "Url"]
    {
        assert!(article.meta(name).is_some_and(|value| !value.is_empty()), "{name} on {site}");
    }
    let published = article.meta("PubDate").unwrap();
    assert!(chrono::NaiveDateTime::parse_from_str(&published, "%Y-%m-%d %H:%M").is_ok(), "{published}");
}

async fn sitemap(visitor: &Browser, site: &str) -> String {
    let index = visitor.get(site, "/sitemap.xml").await.text();
    let mut all = String::new();
    for part in index.split("<loc>").skip(1) {
        let address = part.split("</loc>").next().unwrap();
        let path = address.strip_prefix(&format!("http://{site}.test")).unwrap();
        all.push_str(&visitor.get(site, path).await.text());
    }
    all
}

/// The address behind a title on a page.
pub fn link_to(page: &str, title: &str) -> Option<String> {
    let at = page.find(title)?;
    let before = &page[..at];
    let from = before.rfind("href=\"")? + 6;
    before[from..].split('"').next().map(str::to_owned)
}

/// Every public file of these sites with its bytes.
pub fn pages_of(house: &House, sites: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut pages = BTreeMap::new();
    for site in sites {
        files::collect(&house.settings.pages.join(site), &mut pages);
    }
    pages
}
