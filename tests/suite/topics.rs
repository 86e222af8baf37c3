//! 专题: opened from a template of the theme, with channels below it and a page that is arranged like the home page; prepared out of sight
//! until it goes live.

use config::{ChannelManifest, SiteManifest};
use model::subscription::Query;
use model::{Acceptance, Actor, Channel, Placement, ResourceId, ResourceKind, Subscription, SubscriptionId};
use publish::CommandError;
use publish::commands::site::{Applied, apply};
use publish::preview::{self, Proposal};
use testkit::{Answer, Article, Backend, Desk, House};

use crate::channels::seal;
use crate::journey::link_to;
use crate::sharing::{assert_rebuild_changes_nothing, declare};

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

async fn open(house: &House, desk: &Desk, template: &str, key: &str) -> Answer {
    let form = form(house, template, key);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    desk.browser.submit(TOPICS, &form).await
}

/// Has a topic go live as it was seen.
async fn go_live(desk: &Desk, key: &str, seen: &str) -> Answer {
    desk.browser.submit(&format!("{TOPICS}/{key}/opening"), &[("seen", seen)]).await
}

/// Opens a topic and has it go live.
async fn show(house: &House, desk: &Desk, template: &str, key: &str) {
    begin(house, desk, template, key).await;
    conclude(desk, key).await;
}

/// Opens a topic, to be prepared.
async fn begin(house: &House, desk: &Desk, template: &str, key: &str) {
    let opened = open(house, desk, template, key).await;
    assert_eq!(opened.location(), format!("{TOPICS}/{key}?done=topic-opened"), "{}", opened.text());
}

/// Has a topic go live.
async fn conclude(desk: &Desk, key: &str) {
    let seen = seal(&desk.browser.screen(&format!("{TOPICS}/{key}/opening")).await.text());
    let live = go_live(desk, key, &seen).await;
    assert_eq!(live.location(), format!("{TOPICS}/{key}?done=topic-live"), "{}", live.text());
}

/// What a text written for a channel of the topic is.
fn written_in(channel: &str, title: &str) -> Article {
    Article { channel: channel.into(), ..Article::news(title) }
}

fn places(house: &House, id: i64) -> Vec<Placement> {
    house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(id))).unwrap()
}

async fn move_to(house: &House, desk: &Desk, id: i64, channel: &str) -> Answer {
    let target = house.channel("wangxi", channel).id.to_string();
    desk.browser.submit(&format!("/console/wangxi/resources/{id}/move"), &[("channel", &target)]).await
}

/// Retires a channel, or takes it up again.
async fn press(house: &House, desk: &Desk, channel: &str, deed: &str) {
    let id = house.channel("wangxi", channel).id;
    let answer = desk.browser.submit(&format!("/console/wangxi/channels/{id}/{deed}"), &[]).await;
    assert_eq!(answer.status, 303, "{deed} {channel}: {}", answer.text());
}

/// A channel as a folder declares it.
fn declared(key: &str, parent: &str) -> ChannelManifest {
    ChannelManifest {
        key: key.into(),
        name: format!("栏目{key}"),
        description: "由文件夹声明。".into(),
        keywords: vec!["声明".into()],
        kind: "专题专栏".into(),
        update_cycle_days: 0,
        parent: Some(parent.into()),
        resources: ResourceKind::Article,
        navigation: true,
        page_size: 20,
        steps: None,
        open_to_offers: false,
        topic: String::new(),
        preparing: false,
        blocks: None,
    }
}

/// Applies a site as it is written out now, with a change.
fn apply_written(house: &House, change: impl FnOnce(&mut SiteManifest)) -> Result<Applied, CommandError> {
    let site = house.site("wangxi");
    let mut manifest = house.engine().store.read(|connection| publish::manifest::of_site(connection, &site)).unwrap();
    change(&mut manifest);
    manifest.check(None).unwrap();
    apply(house.engine(), &Actor::operator("test"), &manifest)
}

/// Another site asks for what is in a channel, and for all that its site writes.
fn listen(house: &House, to: &Channel) {
    let channel_id = house.channel("qingyu", "tzgg").id;
    let query = |from_site, from_channel| Query {
        from_site,
        from_agency: None,
        from_channel,
        theme_class: None,
        kind: Some(ResourceKind::Article),
        tags: Vec::new(),
    };
    let insert = |command: &mut store::Command<'_>| {
        for query in [query(None, Some(to.id)), query(Some(to.site_id), None)] {
            let asking = Subscription { id: SubscriptionId(0), channel_id, query, acceptance: Acceptance::Automatic };
            store::subscriptions::insert(command, &asking)?;
        }
        Ok::<_, store::Error>(())
    };
    house.engine().store.command(insert).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_opened_with_its_channels_and_its_page_is_arranged_like_the_home_page() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        assert!(administrator.browser.screen(TOPICS).await.text().contains("本站还没有专题"), "{backend:?}");
        show(&house, &administrator, "campaign", "yshj").await;
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
async fn what_is_prepared_is_nowhere_on_the_site_or_any_other_until_the_topic_goes_live_with_all_that_waits_in_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let visitor = house.browser();
        house.quiet().await;
        let pages = ["/", "/zt/", "/sitemap.html", "/sitemap_0.xml", "/sitemap.xml", "/feed.xml", "/feed.json"];
        let mut before = Vec::new();
        for page in pages {
            before.push(visitor.get("wangxi", page).await.text());
        }
        assert_eq!(open(&house, &administrator, "campaign", "yshj").await.status, 303, "{backend:?}");
        assert!(administrator.browser.screen(TOPICS).await.text().contains("筹备中"), "{backend:?}");

        // It is written in; others ask for what is written in it.
        let editor = house.desk("wangxi", "editor").await;
        let news = house.channel("wangxi", "yshj-news");
        listen(&house, &news);
        let (id, answer) =
            editor.publish(&house, &Article { channel: "yshj-news".into(), ..Article::news("企业开办一日办结") }).await;
        assert_eq!(answer.status, 303, "{backend:?}: {}", answer.text());
        house.quiet().await;
        for (page, before) in pages.iter().zip(&before) {
            let now = visitor.get("wangxi", page).await.text();
            assert!(!now.contains("yshj") && !now.contains("企业开办一日办结"), "{backend:?}: {page}");
            if !page.ends_with(".xml") {
                assert_eq!(now, *before, "{backend:?}: {page}");
            }
        }
        let placement =
            house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(id))).unwrap();
        assert!(placement.len() == 1 && placement[0].waits && !placement[0].live, "{backend:?}: {placement:?}");
        let path = placement[0].path.clone();
        for page in ["/zt/yshj/", "/zt/yshj/yshj-news/", "/zt/yshj/feed.xml", path.as_str()] {
            assert_eq!(visitor.get("wangxi", page).await.status, 404, "{backend:?}: {page}");
        }
        assert!(!visitor.get("qingyu", "/tzgg/").await.text().contains("企业开办一日办结"), "{backend:?}");
        let told = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(told.contains("所属专题正在筹备"), "{backend:?}");
        // Those who prepare it see it as it will be.
        let preview = administrator.browser.screen(&format!("{TOPICS}/yshj/preview")).await.text();
        assert!(preview.contains("企业开办一日办结") && preview.contains("topic-head"), "{backend:?}: {preview}");
        let home = preview::arranged(house.engine(), house.site("wangxi").id, Proposal::default()).unwrap().unwrap();
        assert!(!home.page.contains("yshj"), "{backend:?}");
        // What is live is not hidden by moving it there.
        let (live, _) = editor.publish(&house, &Article::news("已公开的稿件")).await;
        let moved = administrator
            .browser
            .submit(&format!("/console/wangxi/resources/{live}/move"), &[("channel", &news.id.to_string())])
            .await;
        assert!(moved.status == 409 && moved.text().contains("正在筹备"), "{backend:?}: {} {}", moved.status, moved.text());
        assert_rebuild_changes_nothing(&house, backend).await;

        // Nobody else has it go live, and nobody does what they have not seen.
        let address = format!("{TOPICS}/yshj/opening");
        let screen = administrator.browser.screen(&address).await.text();
        assert!(screen.contains("1 篇稿件") && screen.contains("空栏目"), "{backend:?}: {screen}");
        let seen = seal(&screen);
        assert_eq!(go_live(&editor, "yshj", &seen).await.status, 403, "{backend:?}");
        let elsewhere = house.desk("qingyu", "admin").await;
        for of in ["wangxi", "qingyu"] {
            let address = format!("/console/{of}/topics/yshj/opening");
            assert_eq!(elsewhere.browser.submit(&address, &[("seen", &seen)]).await.status, 404, "{backend:?}: {of}");
        }
        editor.publish(&house, &Article { channel: "yshj-files".into(), ..Article::news("审批事项再减一半") }).await;
        let stale = go_live(&administrator, "yshj", &seen).await;
        assert!(stale.status == 409 && stale.text().contains("尚未上线"), "{backend:?}: {}", stale.status);
        let seen = seal(&stale.text());
        assert_eq!(go_live(&administrator, "yshj", &seen).await.status, 303, "{backend:?}");
        assert_eq!(go_live(&administrator, "yshj", &seen).await.status, 404, "{backend:?}: it is live");
        house.quiet().await;
        for (page, words) in [
            ("/zt/yshj/", "企业开办一日办结"),
            ("/zt/yshj/yshj-news/", "企业开办一日办结"),
            ("/zt/yshj/feed.xml", "yshj"),
            (path.as_str(), "企业开办一日办结"),
            ("/sitemap.html", "/zt/yshj/"),
            ("/sitemap_0.xml", path.as_str()),
            ("/", "汇集优化营商环境的政策和进展"),
        ] {
            let page = visitor.get("wangxi", page).await;
            assert!(page.status == 200 && page.text().contains(words), "{backend:?}: {words}");
        }
        assert!(visitor.get("qingyu", "/tzgg/").await.text().contains("企业开办一日办结"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_cannot_be_is_told_at_its_field_and_only_those_of_the_site_arrange_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        for (template, key, told) in [
            ("nothing", "yshj", "请选择专题模板"),
            ("event", "", "请填写网址名"),
            ("event", "Y S", "网址名只能"),
            ("event", "tzgg", "已使用该网址名"),
        ] {
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

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_took_before_comes_back_there_only_when_the_topic_goes_live() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        for site in ["qingyu", "donglan"] {
            declare(&house, site, |manifest| manifest.channels.iter_mut().for_each(|one| one.open_to_offers = one.key == "zt"));
        }
        let administrator = house.desk("wangxi", "admin").await;
        begin(&house, &administrator, "campaign", "yshj").await;
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("先推送后入专题")).await;
        let page = format!("/console/wangxi/resources/{id}/push");
        let channel = |site: &str| house.channel(site, "zt").id.to_string();
        let pushed = editor.browser.submit(&page, &[("channel", &channel("qingyu")), ("channel", &channel("donglan"))]).await;
        assert_eq!(pushed.status, 303, "{backend:?}: {}", pushed.text());
        let taker = house.desk("qingyu", "review1").await;
        let inbox = taker.browser.screen("/console/qingyu/offers").await.text();
        let offer = link_to(&inbox, "先推送后入专题").unwrap();
        assert_eq!(taker.browser.submit(&format!("{offer}/accept"), &[]).await.status, 303, "{backend:?}");
        house.quiet().await;
        let there = link_to(&house.browser().get("qingyu", "/zt/").await.text(), "先推送后入专题").unwrap();

        house.desk("platform", "admin").await.withdraw("wangxi", id, "改由专题发布").await;
        assert_eq!(move_to(&house, &administrator, id, "yshj-news").await.status, 303, "{backend:?}");
        editor.rewrite(&house, id, &written_in("yshj-news", "先推送后入专题")).await;
        editor.pass_reviews(&house, id).await;
        let visitor = house.browser();
        assert_eq!(visitor.get("qingyu", &there).await.status, 410, "{backend:?}: it is not shown before the topic");
        assert!(places(&house, id).iter().all(|placement| !placement.live), "{backend:?}");
        assert_eq!(editor.browser.submit(&page, &[("channel", &channel("donglan"))]).await.status, 409, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;

        conclude(&administrator, "yshj").await;
        house.quiet().await;
        let back = visitor.get("qingyu", &there).await;
        let own = link_to(&visitor.get("wangxi", "/zt/yshj/yshj-news/").await.text(), "先推送后入专题").unwrap();
        assert!(back.status == 200 && back.text().contains(&format!("http://wangxi.test{own}")), "{backend:?}: canonical");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_retired_channel_waits_beyond_the_topic_until_the_channel_is_taken_up_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        begin(&house, &administrator, "campaign", "yshj").await;
        let editor = house.desk("wangxi", "editor").await;
        let (shown, _) = editor.publish(&house, &written_in("yshj-news", "企业开办一日办结")).await;
        let (kept, _) = editor.publish(&house, &written_in("yshj-files", "审批事项再减一半")).await;
        // Taken up again while the topic is prepared, it waits on with it.
        press(&house, &administrator, "yshj-files", "retire").await;
        press(&house, &administrator, "yshj-files", "restore").await;
        assert!(places(&house, kept).iter().all(|one| one.waits && !one.live), "{backend:?}");
        assert!(house.channel("wangxi", "yshj-files").preparing, "{backend:?}");

        press(&house, &administrator, "yshj-files", "retire").await;
        let screen = administrator.browser.screen(&format!("{TOPICS}/yshj/opening")).await.text();
        assert!(screen.contains("1 篇已通过审核的稿件"), "{backend:?}: {screen}");
        let seen = seal(&screen);
        // Another text instead of the one that was seen is not what was seen.
        house.desk("platform", "admin").await.withdraw("wangxi", shown, "内容有误").await;
        let (instead, _) = editor.publish(&house, &written_in("yshj-news", "企业开办半日办结")).await;
        assert_eq!(go_live(&administrator, "yshj", &seen).await.status, 409, "{backend:?}");
        // Nor is another revision of it.
        let seen = seal(&administrator.browser.screen(&format!("{TOPICS}/yshj/opening")).await.text());
        editor.rewrite(&house, instead, &written_in("yshj-news", "企业开办即时办结")).await;
        editor.pass_reviews(&house, instead).await;
        let stale = go_live(&administrator, "yshj", &seen).await;
        assert_eq!(stale.status, 409, "{backend:?}");
        assert_eq!(go_live(&administrator, "yshj", &seal(&stale.text())).await.status, 303, "{backend:?}");
        house.quiet().await;
        let visitor = house.browser();
        assert!(visitor.get("wangxi", "/zt/yshj/").await.text().contains("企业开办即时办结"), "{backend:?}");
        let path = places(&house, kept)[0].path.clone();
        assert!(places(&house, kept).iter().all(|one| one.waits && !one.live), "{backend:?}");
        assert_eq!(visitor.get("wangxi", &path).await.status, 404, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;

        press(&house, &administrator, "yshj-files", "restore").await;
        house.quiet().await;
        assert!(visitor.get("wangxi", &path).await.text().contains("审批事项再减一半"), "{backend:?}");
        assert!(visitor.get("wangxi", "/zt/yshj/yshj-files/").await.text().contains("审批事项再减一半"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_neither_shows_what_is_in_preparation_nor_hides_what_is_live() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        begin(&house, &administrator, "campaign", "yshj").await;
        assert!(apply_written(&house, |_| ()).unwrap().changes.iter().all(|told| !told.starts_with("channel")), "{backend:?}");
        // A new channel is prepared with the topic that it stands in, declared so or not.
        apply_written(&house, |manifest| manifest.channels.push(declared("yshj-more", "yshj"))).unwrap();
        house.quiet().await;
        assert!(house.channel("wangxi", "yshj-more").preparing, "{backend:?}");
        let visitor = house.browser();
        assert_eq!(visitor.get("wangxi", "/zt/yshj/yshj-more/").await.status, 404, "{backend:?}");

        let put = |key: &'static str, parent: &'static str| {
            apply_written(&house, |manifest| {
                let at = manifest.channels.iter().position(|one| one.key == key).unwrap();
                let moved = ChannelManifest { parent: Some(parent.into()), preparing: false, ..manifest.channels.remove(at) };
                manifest.channels.push(moved);
            })
        };
        let refused = put("tzgg", "yshj").unwrap_err().to_string();
        assert!(refused.contains("`tzgg`") && refused.contains("is live"), "{backend:?}: {refused}");
        let refused = put("yshj-news", "zt").unwrap_err().to_string();
        assert!(refused.contains("`yshj-news`") && refused.contains("in preparation"), "{backend:?}: {refused}");
        let ordinary = apply_written(&house, |manifest| {
            manifest.channels.iter_mut().filter(|one| one.key.starts_with("yshj")).for_each(|one| {
                one.preparing = false;
                one.topic.clear();
            });
        });
        assert!(
            ordinary.unwrap_err().to_string().contains("in preparation"),
            "{backend:?}: a topic goes live in the console alone"
        );

        // Declared again after its topic went live without it, a channel is shown with what has waited in it.
        let editor = house.desk("wangxi", "editor").await;
        let (kept, _) = editor.publish(&house, &written_in("yshj-files", "审批事项再减一半")).await;
        let mut whole = Vec::new();
        apply_written(&house, |manifest| {
            whole.clone_from(&manifest.channels);
            manifest.channels.retain(|channel| channel.key != "yshj-files");
        })
        .unwrap();
        conclude(&administrator, "yshj").await;
        house.quiet().await;
        assert!(places(&house, kept).iter().all(|one| one.waits && !one.live), "{backend:?}");
        apply_written(&house, |manifest| manifest.channels = whole).unwrap();
        house.quiet().await;
        let path = places(&house, kept)[0].path.clone();
        assert!(visitor.get("wangxi", &path).await.text().contains("审批事项再减一半"), "{backend:?}");
        assert_eq!(visitor.get("wangxi", "/zt/yshj/yshj-more/").await.status, 200, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_moves_within_its_topic_is_in_no_preview_of_another_and_is_told_where_it_is_linked() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        begin(&house, &administrator, "campaign", "yshj").await;
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &written_in("yshj-news", "企业开办一日办结")).await;
        let moved = move_to(&house, &administrator, id, "yshj-files").await;
        assert_eq!(moved.status, 303, "{backend:?}: {}", moved.text());
        let placed = places(&house, id);
        let files = house.channel("wangxi", "yshj-files").id;
        assert!(placed.len() == 1 && placed[0].waits && placed[0].channel_id == files, "{backend:?}: {placed:?}");

        // A list of the whole site, seen as it will be with another topic, is without it.
        let query = |ahead: Vec<model::ChannelId>| store::placements::CardQuery { ahead, limit: 50, ..Default::default() };
        let listed = |ahead| {
            let site = house.site("wangxi").id;
            let cards = house.engine().store.read(|connection| store::placements::list_cards(connection, site, &query(ahead)));
            cards.unwrap().iter().any(|card| card.resource_id == ResourceId(id))
        };
        assert!(
            listed(vec![files]) && !listed(vec![house.channel("wangxi", "yshj-news").id]) && !listed(Vec::new()),
            "{backend:?}"
        );

        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let body = format!("<p><a href=\"resource:{id}\">详见专题</a></p>");
        let fields = [("channel", channel.as_str()), ("title", "通知"), ("body", &body)];
        let told = editor.browser.submit("/console/wangxi/proof", &fields).await.text();
        assert!(told.contains("所指的稿件目前没有公开内容"), "{backend:?}: {told}");
        conclude(&administrator, "yshj").await;
        let told = editor.browser.submit("/console/wangxi/proof", &fields).await.text();
        assert!(!told.contains("所指的稿件目前没有公开内容"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_cannot_go_live_yet_is_told_why_on_its_own_screen() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        begin(&house, &administrator, "campaign", "yshj").await;
        let parent = house.channel("wangxi", "yshj").id.to_string();
        let mut within = form(&house, "event", "qyrh");
        within.iter_mut().filter(|(name, _)| *name == "parent").for_each(|(_, value)| value.clone_from(&parent));
        let within: Vec<(&str, &str)> = within.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let opened = administrator.browser.submit(TOPICS, &within).await;
        assert_eq!(opened.status, 303, "{backend:?}: {}", opened.text());
        let connection = |connection: &mut store::Connection| {
            Ok::<_, store::Error>(publish::commands::topic::prepared(connection, house.site("wangxi").id, "qyrh").unwrap().seal())
        };
        let seen = house.engine().store.read(connection).unwrap();
        let refused = go_live(&administrator, "qyrh", &seen).await;
        assert_eq!(refused.status, 409, "{backend:?}");
        let text = refused.text();
        assert!(text.contains("id=\"refusal\"") && text.contains("也在筹备") && text.contains("空栏目"), "{backend:?}: {text}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_topic_is_told_so_to_its_own_people_and_not_named_to_those_of_another_site() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        assert_eq!(open(&house, &administrator, "campaign", "yshj").await.status, 303, "{backend:?}");
        let editor = house.desk("wangxi", "editor").await;
        let news = Article { channel: "yshj-news".into(), ..Article::news("企业开办一日办结") };
        let (id, answer) = editor.publish(&house, &news).await;
        let text = format!("/console/wangxi/resources/{id}");

        let receipt = editor.browser.screen(&answer.location()).await.text();
        assert!(
            receipt.contains("已备好") && receipt.contains("随专题上线") && receipt.contains("专题上线时一并公开"),
            "{backend:?}: {receipt}"
        );
        assert!(!receipt.contains("公众可以访问") && !receipt.contains("正在查找"), "{backend:?}: {receipt}");
        for list in ["/console/wangxi", "/console/wangxi/library?q=企业开办", &text] {
            let screen = editor.browser.screen(list).await.text();
            assert!(screen.contains("state-waiting\">待专题上线<"), "{backend:?}: {list}: {screen}");
            assert!(!screen.contains("state-live\">已发布<"), "{backend:?}: {list}: {screen}");
        }
        for screen in [text.clone(), format!("{text}/places")] {
            let shown = editor.browser.screen(&screen).await.text();
            assert!(!shown.contains(&format!("{text}/push\"")), "{backend:?}: {screen}");
        }
        let push = editor.browser.screen(&format!("{text}/push")).await;
        assert!(push.status == 409 && push.text().contains("上线后才能推送"), "{backend:?}: {}", push.text());
        let own = placed(&house, id, "wangxi");
        assert!(own.waits, "{backend:?}");
        let settings = administrator.browser.screen(&format!("/console/wangxi/placements/{}", own.id)).await;
        assert!(settings.status == 200 && settings.text().contains("待专题上线"), "{backend:?}: {}", settings.text());
        assert!(!settings.text().contains("栏目置顶"), "{backend:?}: nothing is first before it is shown");

        // What is linked to is looked for on all sites.
        let linkable = async |desk: &Desk| {
            let base = format!("/console/{}/resources", desk.site);
            let found = desk.browser.screen(&format!("{base}/linkable?sought=企业开办")).await.text();
            let chosen = desk.browser.screen(&format!("{base}/chosen?field=explains&explains={id}")).await.text();
            (found.contains("企业开办一日办结"), chosen.contains("企业开办一日办结"))
        };
        let stranger = house.desk("qingyu", "editor").await;
        assert_eq!(linkable(&stranger).await, (false, false), "{backend:?}");
        assert_eq!(linkable(&editor).await, (true, true), "{backend:?}");
        let city = house.desk("platform", "admin").await.at("qingyu");
        assert_eq!(linkable(&city).await, (true, true), "{backend:?}: they may read everywhere");
        let takedown = city.browser.screen("/console/takedown?q=企业开办").await.text();
        assert!(takedown.contains("企业开办一日办结"), "{backend:?}: it can be taken down all the same");

        let seen = seal(&administrator.browser.screen(&format!("{TOPICS}/yshj/opening")).await.text());
        assert_eq!(go_live(&administrator, "yshj", &seen).await.status, 303, "{backend:?}");
        house.quiet().await;
        assert_eq!(linkable(&stranger).await, (true, true), "{backend:?}");
        let shown = editor.browser.screen(&text).await.text();
        assert!(shown.contains("state-live\">已发布<") && shown.contains("/push\""), "{backend:?}: {shown}");
        let receipt = editor.browser.screen(&answer.location()).await.text();
        assert!(receipt.contains("已上线") && receipt.contains("公众可以访问"), "{backend:?}: {receipt}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_text_waits_in_a_topic_of_another_site_is_shown_nothing_of_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let theirs = house.desk("qingyu", "admin").await;
        let parent = house.channel("qingyu", "zt").id.to_string();
        let form = [
            ("template", "campaign"),
            ("key", "yshj"),
            ("name", "优化营商环境"),
            ("description", "优化营商环境的进展。"),
            ("keywords", "营商环境"),
        ];
        let form: Vec<_> = form.into_iter().chain([("parent", parent.as_str())]).collect();
        let opened = theirs.browser.submit("/console/qingyu/topics", &form).await;
        assert_eq!(opened.status, 303, "{backend:?}: {}", opened.text());
        let (prepared, asked) = (house.channel("qingyu", "yshj-news"), house.channel("wangxi", "yaowen"));
        let ask = |command: &mut store::Command<'_>| {
            let open = Channel { name: "营商要闻".into(), open_to_offers: true, ..prepared.clone() };
            store::channels::save(command, prepared.site_id, &open)?;
            let query = Query {
                from_site: None,
                from_agency: None,
                from_channel: Some(asked.id),
                theme_class: None,
                kind: None,
                tags: Vec::new(),
            };
            let acceptance = Acceptance::Automatic;
            store::subscriptions::insert(
                command,
                &Subscription { id: SubscriptionId(0), channel_id: prepared.id, query, acceptance },
            )
        };
        house.engine().store.command(ask).unwrap();
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("企业开办一日办结")).await;
        let there = placed(&house, id, "qingyu");
        assert!(there.waits, "{backend:?}: {there:?}");
        let text = format!("/console/wangxi/resources/{id}");

        let preview = format!("/console/wangxi/preview/page?resource={id}&placement={}", there.id);
        let page = editor.browser.submit(&preview, &[("title", "企业开办一日办结")]).await.text();
        assert!(page.contains("http://wangxi.test/") && !page.contains("营商"), "{backend:?}: {page}");
        let places = editor.browser.screen(&format!("{text}/places")).await.text();
        assert!(places.contains(">待上线<") && !places.contains("营商"), "{backend:?}: {places}");
        assert!(!places.contains("yshj"), "{backend:?}: {places}");
        // The text itself is public.
        let shown = editor.browser.screen(&text).await.text();
        assert!(shown.contains("state-live\">已发布<") && !shown.contains("待专题上线"), "{backend:?}: {shown}");
        let push = format!("{text}/push");
        assert!(!editor.browser.screen(&push).await.text().contains("营商"), "{backend:?}");
        let pushed = editor.browser.submit(&push, &[("channel", &prepared.id.to_string())]).await;
        assert!(pushed.status == 422 && pushed.text().contains("不接收推送"), "{backend:?}: {}", pushed.text());
        assert!(!pushed.text().contains("营商"), "{backend:?}: {}", pushed.text());

        // Those who prepare it find it among what comes from elsewhere, and set it as they want it.
        let shared = theirs.browser.screen("/console/qingyu/shared").await.text();
        assert!(shared.contains("企业开办一日办结") && shared.contains("待专题上线"), "{backend:?}: {shared}");
        let settings = format!("/console/qingyu/placements/{}", there.id);
        assert_eq!(theirs.browser.screen(&settings).await.status, 200, "{backend:?}");
        let set = theirs.browser.submit(&settings, &[("slug", ""), ("title_prefix", "【转载】")]).await;
        assert_eq!(set.location(), format!("{settings}?done=placement-set"), "{backend:?}: {}", set.text());
        assert_eq!(editor.browser.screen(&format!("/console/wangxi/placements/{}", there.id)).await.status, 404, "{backend:?}");
        house.close().await;
    }
}

/// Where a text stands on a site.
fn placed(house: &House, id: i64, site: &str) -> Placement {
    let read = |connection: &mut store::Connection| store::placements::list_by_resource(connection, ResourceId(id));
    let site = house.site(site).id;
    house.engine().store.read(read).unwrap().into_iter().find(|one| one.site_id == site).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_of_the_home_page_that_names_a_channel_in_preparation_waits_for_it_and_says_so() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (administrator, editor) = (house.desk("wangxi", "admin").await, house.desk("wangxi", "editor").await);
        let arrangement = "/console/wangxi/home-page";
        let sealed = || async { seal(&administrator.browser.screen(arrangement).await.text()) };
        begin(&house, &administrator, "campaign", "yingshang").await;
        editor.publish(&house, &written_in("yingshang-news", "一网通办再提速")).await;
        let seen = sealed().await;
        let pressed = [("seen", seen.as_str()), ("step", "add:main:list")];
        let block = administrator.browser.submit(&format!("{arrangement}/steps"), &pressed).await;
        let block = block.location().trim_end_matches("?new=yes").to_owned();
        let seen = sealed().await;
        let told =
            [("seen", seen.as_str()), ("slot", "main"), ("channel", "yingshang-news"), ("title", "营商动态"), ("limit", "4")];
        let more = [("skip", "0"), ("origin", "no"), ("width", "half")];
        let answer = administrator.browser.submit(&block, &[&told[..], &more[..]].concat()).await;
        assert_eq!(answer.status, 303, "{backend:?}: {}", answer.text());
        let told = administrator.browser.screen(arrangement).await.text();
        assert!(told.contains("所选栏目正在筹备，上线后不显示该板块"), "{backend:?}: {told}");
        let seen = sealed().await;
        let live = administrator.browser.submit(&format!("{arrangement}/live"), &[("seen", &seen)]).await;
        assert_eq!(live.status, 303, "{backend:?}");
        house.quiet().await;
        assert!(!house.browser().get("wangxi", "/").await.text().contains("营商动态"), "{backend:?}");
        conclude(&administrator, "yingshang").await;
        house.quiet().await;
        let home = house.browser().get("wangxi", "/").await.text();
        assert!(home.contains("营商动态") && home.contains("一网通办再提速"), "{backend:?}: {home}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}
