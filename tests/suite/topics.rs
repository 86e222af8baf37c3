//! 专题: opened from a template of the theme, with channels below it and a page that is arranged like the home page.

use testkit::{Article, Backend, Desk, House};

use crate::channels::seal;
use crate::sharing::assert_rebuild_changes_nothing;

const TOPICS: &str = "/console/wangxi/topics";

fn form<'a>(house: &House, template: &'a str, key: &'a str) -> Vec<(&'a str, String)> {
    let parent = house.channel("wangxi", "zt").id.to_string();
    [
        ("template", template),
        ("key", key),
        ("name", "优化营商环境"),
        ("description", "汇集优化营商环境的政策和进展。"),
        ("keywords", "营商环境，放管服"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .chain([("parent", parent)])
    .collect()
}

async fn open(house: &House, desk: &Desk, template: &str, key: &str) -> testkit::Answer {
    let form = form(house, template, key);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    desk.browser.submit(TOPICS, &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_opened_with_its_channels_and_its_page_is_arranged_like_the_home_page() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        assert!(administrator.browser.screen(TOPICS).await.text().contains("本站还没有专题"), "{backend:?}");
        let opened = open(&house, &administrator, "campaign", "yshj").await;
        assert_eq!(opened.location(), format!("{TOPICS}/yshj?done=topic-opened"), "{backend:?}: {}", opened.text());
        house.quiet().await;
        let visitor = house.browser();
        let page = visitor.get("wangxi", "/zt/yshj/").await;
        assert!(page.status == 200 && page.text().contains("topic-head") && page.text().contains("查看政策文件"), "{backend:?}");
        assert_eq!(page.meta("ColumnName").as_deref(), Some("优化营商环境"), "{backend:?}");
        assert!(visitor.get("wangxi", "/").await.text().contains("汇集优化营商环境的政策和进展"), "{backend:?}: among topics");
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article { channel: "yshj-news".into(), ..Article::news("企业开办一日办结") }).await;
        house.quiet().await;
        assert!(visitor.get("wangxi", "/zt/yshj/").await.text().contains("企业开办一日办结"), "{backend:?}");

        // Arranged, it is a draft until it goes live; the home page is another matter.
        let home = visitor.get("wangxi", "/").await.text();
        let base = format!("{TOPICS}/yshj");
        for deed in ["steps", "live"] {
            let seen = seal(&administrator.browser.screen(&base).await.text());
            let form = [("seen", seen.as_str()), ("step", "remove:0")];
            assert_eq!(administrator.browser.submit(&format!("{base}/{deed}"), &form).await.status, 303, "{backend:?}");
        }
        house.quiet().await;
        let arranged = visitor.get("wangxi", "/zt/yshj/").await.text();
        assert!(!arranged.contains("查看政策文件") && arranged.contains("企业开办一日办结"), "{backend:?}");
        assert_eq!(visitor.get("wangxi", "/").await.text(), home, "{backend:?}");
        let preview = administrator.browser.screen(&format!("{base}/preview")).await.text();
        assert!(preview.contains("企业开办一日办结") && preview.contains("topic-head"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_cannot_be_is_told_at_its_field_and_only_those_of_the_site_arrange_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        for (template, key, told) in
            [("nothing", "yshj", "请选择专题模板"), ("event", "Y S", "网址名只能"), ("event", "tzgg", "已使用该网址名")]
        {
            let answer = open(&house, &administrator, template, key).await;
            assert!(answer.status == 422 && answer.text().contains(told), "{backend:?}: {key}: {}", answer.text());
            assert!(answer.text().contains("优化营商环境"), "{backend:?}: nothing typed is lost");
        }
        assert_eq!(open(&house, &administrator, "event", "yshj").await.status, 303, "{backend:?}");
        let twice = open(&house, &administrator, "event", "yshj").await;
        assert!(twice.status == 422 && twice.text().contains("已使用该网址名"), "{backend:?}");

        let base = format!("{TOPICS}/yshj");
        assert_eq!(house.desk("wangxi", "editor").await.browser.screen(&base).await.status, 403, "{backend:?}");
        let other = house.desk("qingyu", "admin").await;
        assert_eq!(other.browser.screen(&base).await.status, 404, "{backend:?}");
        assert_eq!(other.browser.screen("/console/qingyu/topics/yshj").await.status, 404, "{backend:?}");
        // An ordinary channel has no page to arrange.
        assert_eq!(administrator.browser.screen(&format!("{TOPICS}/tzgg")).await.status, 404, "{backend:?}");
        house.close().await;
    }
}
