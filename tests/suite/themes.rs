//! Theme authors: what a template asks for is what renews its page, without a line of Rust.

use std::collections::BTreeMap;

use model::ResourceKind;
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake};
use server::Role;
use testkit::{Article, Backend, House, HouseOptions, project_root};

use crate::files::{copy, write};
use crate::journey::link_to;

#[tokio::test(flavor = "multi_thread")]
async fn a_query_new_in_a_template_renews_its_page_when_the_answer_changes() {
    let folder = tempfile::TempDir::new().unwrap();
    copy(&project_root().join("sites"), folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::All };
    let Some(house) = House::open_with(options).await else { return };
    let visitor = house.browser();

    // The page for errors of one district now also lists its notices, an idea nobody had before.
    let template = folder.path().join("qingyu/templates/error.html");
    write(
        &template,
        "{% extends \"base.html\" %}{% block main %}<h1>{{ error.title }}</h1><ol id=\"new\">{% for card in resources(channel=\"tzgg\", limit=3) %}<li>{{ card.title }}</li>{% endfor %}</ol>{% endblock %}",
    );
    house.declare_sites();
    house.quiet().await;
    let before = visitor.get("qingyu", "/no-such-page").await.text();
    assert!(before.contains("id=\"new\"") && !before.contains("停电检修通知"), "{before}");

    let notice = Article { channel: "tzgg".into(), ..Article::news("停电检修通知") };
    let (id, _) = house.desk("qingyu", "editor").await.publish(&house, &notice).await;
    assert!(visitor.get("qingyu", "/no-such-page").await.text().contains("停电检修通知"), "the new item is there");

    house.desk("platform", "admin").await.withdraw("qingyu", id, "测试撤回").await;
    house.quiet().await;
    assert!(!visitor.get("qingyu", "/no-such-page").await.text().contains("停电检修通知"), "and gone again");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_new_in_a_theme_is_there_on_every_site_that_wears_it() {
    let folder = tempfile::TempDir::new().unwrap();
    copy(&project_root().join("sites"), folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::All };
    let Some(house) = House::open_with(options).await else { return };
    for (theme, sites) in
        [("garden", ["qingyu", "donglan"]), ("standard", ["jinchuan", "wangxi"]), ("_base", ["qingyu", "wangxi"])]
    {
        write(&folder.path().join(format!("_themes/{theme}/assets/new-in-{theme}.css")), "body { color: #000; }");
        house.declare_sites();
        house.quiet().await;
        for site in sites {
            let place = if theme == "_base" { String::new() } else { format!("_{theme}/") };
            let answer = house.browser().get(site, &format!("/assets/{place}new-in-{theme}.css")).await;
            assert_eq!(answer.status, 200, "{site} wears {theme}");
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_template_renews_the_pages_made_with_it_and_no_other() {
    let folder = tempfile::TempDir::new().unwrap();
    copy(&project_root().join("sites"), folder.path());
    for backend in Backend::BOTH {
        let options = HouseOptions { backend, redis: false, sites: Some(folder.path().into()), duty: Role::All };
        let Some(house) = House::open_with(options).await else { continue };
        for site in ["qingyu", "wangxi"] {
            house.desk(site, "editor").await.publish(&house, &Article::news("模板变更前的文章")).await;
        }
        let pages = || {
            let all = house.engine().store.read(|c| store::pages::list_after(c, None, model::PageId(0), 99_999)).unwrap();
            all.into_iter().map(|page| (page.id, page)).collect::<BTreeMap<_, _>>()
        };
        let (before, tally) = (pages(), house.engine().tally().0);
        let template = folder.path().join("_themes/garden/templates/article.html");
        let text = std::fs::read_to_string(&template).unwrap();
        write(&template, text.replace("{% include \"_neighbours.html\" %}", "<p>新版模板</p>{% include \"_neighbours.html\" %}"));
        house.declare_sites();
        house.quiet().await;

        let garden = [house.site("qingyu").id, house.site("donglan").id];
        let after = pages();
        assert_eq!(before.len(), after.len());
        let renewed: Vec<_> = after.values().filter(|page| page.version != before[&page.id].version).collect();
        let made_with_it = |page: &model::Page| page.kind == model::PageKind::Article && garden.contains(&page.site_id);
        assert!(renewed.iter().all(|page| made_with_it(page)), "{backend:?}: {renewed:?}");
        assert_eq!(renewed.len(), before.values().filter(|page| made_with_it(page)).count(), "{backend:?}");
        assert!(!renewed.is_empty());
        assert_eq!(house.engine().tally().0 - tally, renewed.len() as u64, "nothing else was even looked at");
        let page = house.browser().get("qingyu", &renewed.iter().find(|page| page.site_id == garden[0]).unwrap().path).await;
        assert!(page.text().contains("新版模板"));
        write(&template, text);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_themes_lead_from_an_article_to_the_one_before_and_the_one_behind_it() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    // 望溪区 wears `standard`, 青屿区 `garden`.
    for site in ["wangxi", "qingyu"] {
        let editor = house.desk(site, "editor").await;
        for title in ["较早的文章", "中间的文章", "较新的文章"] {
            editor.publish(&house, &Article { channel: "tzgg".into(), ..Article::news(title) }).await;
        }
        let front = house.browser().get(site, "/tzgg/").await.text();
        let [older, middle, newer] =
            ["较早的文章", "中间的文章", "较新的文章"].map(|title| link_to(&front, title).expect("it is listed"));
        let link = |path: &str, rel: &str, title: &str| format!("<a href=\"{path}\" rel=\"{rel}\">{title}</a>");
        let page = house.browser().get(site, &middle).await.text();
        assert!(page.contains(&format!("上一篇：{}", link(&older, "prev", "较早的文章"))), "{site}: {page}");
        assert!(page.contains(&format!("下一篇：{}", link(&newer, "next", "较新的文章"))), "{site}: {page}");
        assert!(house.browser().get(site, &newer).await.text().contains("下一篇：没有了"), "{site}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_template_leaves_the_old_page_up_and_says_where_it_is_broken() {
    let folder = tempfile::TempDir::new().unwrap();
    copy(&project_root().join("sites"), folder.path());
    let options = HouseOptions { backend: Backend::Sqlite, redis: false, sites: Some(folder.path().into()), duty: Role::All };
    let Some(house) = House::open_with(options).await else { return };
    let visitor = house.browser();
    let before = visitor.get("qingyu", "/").await;
    assert_eq!(before.status, 200);

    write(&folder.path().join("qingyu/templates/home.html"), "{% for %}");
    house.declare_sites();
    wait_for(|| house.engine().store.read(|connection| store::pages::list_failed(connection, 5)).unwrap().len() == 1).await;
    let failed = house.engine().store.read(|connection| store::pages::list_failed(connection, 5)).unwrap();
    assert!(failed[0].failure.as_deref().unwrap().contains("home.html"), "{failed:?}");
    assert_eq!(visitor.get("qingyu", "/").await.bytes, before.bytes, "visitors keep the last good page");

    std::fs::remove_file(folder.path().join("qingyu/templates/home.html")).unwrap();
    house.declare_sites();
    wait_for(|| house.engine().store.read(store::pages::count_waiting).unwrap() == (0, 0)).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_touches_few_pages_when_an_item_is_added_and_loses_none() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (site, channel, actor) = (house.site("jinchuan"), house.channel("jinchuan", "tzgg"), house.actor("jinchuan-editor"));
    let intake = |number: usize| Intake {
        source: format!("test:{number}"),
        hash: String::new(),
        draft: NewDraft {
            channel: channel.id,
            kind: ResourceKind::Article,
            content: model::Content {
                title: format!("第{number:03}号通知"),
                body: "<p>正文</p>".into(),
                source: "测试".into(),
                ..model::Content::default()
            },
        },
    };
    let taken = intake::take(house.engine(), &actor, site.id, (1..=130).map(intake).collect()).unwrap();
    let ids: Vec<_> = taken.iter().map(|one| one.resource()).collect();
    intake::publish(house.engine(), &actor, site.id, &ids).unwrap();
    house.quiet().await;

    // Walk the list from its front page to its oldest: every item once.
    let visitor = house.browser();
    let mut seen = String::new();
    let mut next = Some("/tzgg/".to_owned());
    let mut pages = 0;
    while let Some(path) = next {
        let page = visitor.get("jinchuan", &path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        seen.push_str(&text);
        pages += 1;
        let parts = text.split("href=\"/tzgg/list_").skip(1);
        let numbers = parts.filter_map(|part| part.split('.').next()?.parse::<i64>().ok());
        let here = path.strip_prefix("/tzgg/list_").and_then(|rest| rest.split('.').next()?.parse::<i64>().ok());
        next = numbers
            .filter(|number| here.is_none_or(|here| *number < here))
            .max()
            .map(|number| format!("/tzgg/list_{number}.html"));
    }
    assert!(pages >= 6, "{pages} pages");
    for number in 1..=130 {
        assert!(seen.contains(&format!("第{number:03}号通知")), "{number} is on no page");
    }

    let older: Vec<_> = (0..4).map(|chunk| house.settings.pages.join(format!("jinchuan/tzgg/list_{chunk}.html"))).collect();
    let before: Vec<_> = older.iter().map(|file| std::fs::metadata(file).unwrap().modified().unwrap()).collect();
    let one = intake::take(house.engine(), &actor, site.id, vec![intake(131)]).unwrap();
    intake::publish(house.engine(), &actor, site.id, &[one[0].resource()]).unwrap();
    house.quiet().await;
    let after: Vec<_> = older.iter().map(|file| std::fs::metadata(file).unwrap().modified().unwrap()).collect();
    assert_eq!(before, after, "older chunks are not written again");
    assert!(visitor.get("jinchuan", "/tzgg/").await.text().contains("第131号通知"));

    // Every receipt closes, also of those whose item brought an older chunk off the front page long ago.
    for id in ids.iter().chain([&one[0].resource()]) {
        let decisions =
            house.engine().store.read(|connection| store::publications::list_by_resource(connection, site.id, *id)).unwrap();
        assert!(decisions.iter().all(|publication| publication.completed_at.is_some()), "{id}: {decisions:?}");
    }
    house.close().await;
}

async fn wait_for(mut condition: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it does not happen within twenty seconds");
}
