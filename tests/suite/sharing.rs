//! Sharing across sites: standing queries, offers, placements of a site's own, and the city's takedown.

use std::sync::Arc;

use config::{SiteManifest, SubscriptionManifest};
use model::{Acceptance, Actor, Content, Origin, Placement, ResourceId, ResourceKind, SystemClock};
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake};
use publish::commands::site::apply;
use server::{Platform, Role};
use store::placements::CardQuery;
use testkit::{Article, Backend, Desk, House};

use crate::journey::{link_to, pages_of};

const ALL: [&str; 4] = ["jinchuan", "wangxi", "qingyu", "donglan"];

#[tokio::test(flavor = "multi_thread")]
async fn a_standing_query_finds_what_matches_every_criterion_and_nothing_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let agency = house.site("wangxi").agency.code;
        let other = "财政、金融、审计\\财政";
        let tagged = |tag: &str| Content { keywords: vec!["其他".into(), tag.into()], ..Content::default() };
        let classed = |class: &str| Content { theme_class: Some(class.into()), ..Content::default() };
        let (plain, empty) = (Content::default, asking());
        // What is asked; what matches it; what does not: site, kind, content.
        let cases = [
            (
                SubscriptionManifest { from_site: Some("wangxi".into()), ..empty.clone() },
                ("wangxi", ResourceKind::Article, plain()),
                ("donglan", ResourceKind::Article, plain()),
            ),
            (
                SubscriptionManifest { from_agency: Some(agency), ..empty.clone() },
                ("wangxi", ResourceKind::Guide, plain()),
                ("donglan", ResourceKind::Guide, plain()),
            ),
            (
                SubscriptionManifest { kind: Some(ResourceKind::Policy), ..empty.clone() },
                ("donglan", ResourceKind::Policy, plain()),
                ("donglan", ResourceKind::Article, plain()),
            ),
            (
                SubscriptionManifest { theme_class: Some("综合政务".into()), ..empty.clone() },
                ("donglan", ResourceKind::Article, classed("综合政务\\政务公开")),
                ("donglan", ResourceKind::Article, classed(other)),
            ),
            (
                SubscriptionManifest { tags: vec!["营商环境".into(), "放管服".into()], ..empty.clone() },
                ("donglan", ResourceKind::Article, tagged("放管服")),
                ("donglan", ResourceKind::Article, tagged("放管服改革")),
            ),
            (
                SubscriptionManifest {
                    from_site: Some("wangxi".into()),
                    from_channel: Some("yaowen".into()),
                    tags: vec!["营商环境".into()],
                    ..empty.clone()
                },
                ("wangxi", ResourceKind::Article, tagged("营商环境")),
                ("wangxi", ResourceKind::Article, plain()),
            ),
        ];
        for (number, (subscription, (site, kind, yes), (other_site, other_kind, no))) in (0..).zip(cases) {
            // What is there already is found, too.
            let old = format!("旧的相符内容{number}");
            put(&house, site, kind, &old, yes.clone());
            declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![subscription.clone()]);
            house.quiet().await;
            let (new, wrong) = (format!("新的相符内容{number}"), format!("不相符内容{number}"));
            put(&house, site, kind, &new, yes);
            put(&house, other_site, other_kind, &wrong, no);
            house.quiet().await;
            let list = house.browser().get("qingyu", "/zt/").await.text();
            assert!(list.contains(&old) && list.contains(&new), "{subscription:?} on {backend:?}: {list}");
            assert!(!list.contains(&wrong), "{subscription:?} on {backend:?}");
        }
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_that_comes_to_match_is_placed_and_circles_end() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let channel = |from: &str| SubscriptionManifest { from_site: Some(from.into()), from_channel: Some("zt".into()), ..asking() };
    let tags = SubscriptionManifest { tags: vec!["集中宣传".into()], ..asking() };
    declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![channel("donglan"), tags]);
    declare(&house, "donglan", |manifest| manifest.subscriptions = vec![channel("qingyu")]);
    house.quiet().await;

    let id = put(&house, "wangxi", ResourceKind::Article, "后来加上关键词", Content::default());
    house.quiet().await;
    assert_eq!(places(&house, id).iter().filter(|placement| placement.origin == Origin::Own).count(), 1);
    let before = places(&house, id).len();
    put(
        &house,
        "wangxi",
        ResourceKind::Article,
        "后来加上关键词",
        Content { keywords: vec!["集中宣传".into()], ..Content::default() },
    );
    house.quiet().await;
    assert_eq!(places(&house, id).len(), before + 2, "found by its keyword, and from there by the channel that listens");
    for site in ["qingyu", "donglan"] {
        assert!(house.browser().get(site, "/zt/").await.text().contains("后来加上关键词"), "{site}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_standing_queries_of_one_channel_find_is_offered_to_it_once() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let local = |query: SubscriptionManifest| SubscriptionManifest { acceptance: Acceptance::Local, ..query };
        let site = local(SubscriptionManifest { from_site: Some("wangxi".into()), ..asking() });
        let kind = local(SubscriptionManifest { kind: Some(ResourceKind::Article), ..asking() });
        declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![site.clone(), kind.clone()]);
        house.quiet().await;
        let author = house.desk("wangxi", "editor").await;
        let (id, _) = author.publish(&house, &Article::news("两个条件都相符")).await;
        let offers = house.engine().store.read(|connection| store::offers::list_by_resource(connection, ResourceId(id))).unwrap();
        assert_eq!(offers.len(), 1, "{backend:?}: {offers:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_wants_to_decide_is_asked_first_and_once() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        put(&house, "wangxi", ResourceKind::Article, "早已发布的内容", Content::default());
        let local = SubscriptionManifest { from_site: Some("wangxi".into()), acceptance: Acceptance::Local, ..asking() };
        declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![local]);
        house.quiet().await;
        let reviewer = house.desk("qingyu", "review1").await;
        assert!(!inbox(&reviewer, "qingyu").await.contains("早已发布的内容"), "what is old is not offered");

        let author = house.desk("wangxi", "editor").await;
        let (id, _) = author.publish(&house, &Article::news("请确认的内容")).await;
        assert!(!house.browser().get("qingyu", "/zt/").await.text().contains("请确认的内容"));
        let listed = inbox(&reviewer, "qingyu").await;
        assert!(listed.contains("请确认的内容"), "{listed}");
        assert!(reviewer.browser.screen("/console/qingyu/offers/count").await.text().contains('1'));
        assert!(reviewer.browser.screen("/console/qingyu").await.text().contains("有 1 条推送等待本站处理"));
        let offer = link_to(&listed, "请确认的内容").unwrap();
        let page = reviewer.browser.screen(&offer).await.text();
        assert!(page.contains("请确认的内容的正文。") && page.contains("需确认"), "a preview: {page}");

        // Accepting is for reviewers, not for editors, nor for other sites.
        let editor = house.desk("qingyu", "editor").await;
        assert_eq!(editor.browser.submit(&format!("{offer}/accept"), &[]).await.status, 403);
        let number = offer.rsplit('/').next().unwrap().to_owned();
        let stranger = house.desk("donglan", "review1").await;
        assert_eq!(stranger.browser.submit(&format!("/console/donglan/offers/{number}/accept"), &[]).await.status, 404);
        assert_eq!(stranger.browser.screen(&format!("/console/donglan/offers/{number}")).await.status, 404);

        assert_eq!(reviewer.browser.submit(&format!("{offer}/accept"), &[]).await.status, 303);
        house.quiet().await;
        assert!(house.browser().get("qingyu", "/zt/").await.text().contains("请确认的内容"), "{backend:?}");
        assert_eq!(reviewer.browser.submit(&format!("{offer}/accept"), &[]).await.status, 409, "once is enough");

        // What was declined is not offered again with the next revision.
        let (second, _) = author.publish(&house, &Article::news("不需要的内容")).await;
        let offer = link_to(&inbox(&reviewer, "qingyu").await, "不需要的内容").unwrap();
        let declined = reviewer.browser.submit(&format!("{offer}/decline"), &[("reason", "与本区无关")]).await;
        assert_eq!(declined.status, 303, "{}", declined.text());
        author.rewrite(&house, second, &Article { summary: "新的摘要".into(), ..Article::news("不需要的内容") }).await;
        author.pass_reviews(&house, second).await;
        assert!(!inbox(&reviewer, "qingyu").await.contains("不需要的内容"));
        assert!(!house.browser().get("qingyu", "/zt/").await.text().contains("不需要的内容"));
        let told = author.browser.screen(&format!("/console/wangxi/resources/{second}/places")).await.text();
        assert!(told.contains("与本区无关"), "{told}");
        assert_eq!(places(&house, id).iter().filter(|placement| placement.live).count(), 3);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_accepted_declined_or_reviewed_by_the_site_that_receives_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        for site in ["qingyu", "donglan"] {
            declare(&house, site, |manifest| {
                manifest.channels.iter_mut().for_each(|channel| channel.open_to_offers = channel.key == "zt");
            });
        }
        let editor = house.desk("wangxi", "editor").await;
        let draft = editor.write(&house, &Article::news("还没有发布")).await;
        let (id, _) = editor.publish(&house, &Article::news("推送给各区的内容")).await;
        let page = format!("/console/wangxi/resources/{id}/push");
        let shown = editor.browser.screen(&page).await.text();
        assert!(shown.contains("望溪区") && shown.contains("name=\"channel\""), "{shown}");

        let channel = |site: &str, key: &str| house.channel(site, key).id.to_string();
        let (green, east) = (channel("qingyu", "zt"), channel("donglan", "zt"));
        for (fields, status) in [
            (vec![("note", "没有选择栏目")], 422),
            (vec![("channel", "999999")], 404),
            (vec![("channel", channel("qingyu", "yaowen").leak() as &str), ("note", "不接收推送的栏目")], 422),
            (vec![("channel", channel("wangxi", "yaowen").leak() as &str)], 422),
        ] {
            let answer = editor.browser.submit(&page, &fields).await;
            assert_eq!(answer.status, status, "{fields:?}: {}", answer.text());
            if status == 422 && fields.len() == 2 {
                assert!(answer.text().contains("不接收推送"), "what was typed stays: {}", answer.text());
            }
        }
        let refused = editor.browser.submit(&format!("/console/wangxi/resources/{draft}/push"), &[("channel", &green)]).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        let searched = editor.browser.submit(&page, &[("action", "search"), ("search", "青屿"), ("channel", &east)]).await;
        assert!(searched.text().contains("checked"), "what is chosen stays chosen");

        let pushed = editor.browser.submit(&page, &[("channel", &green), ("channel", &east), ("note", "请酌情刊发")]).await;
        assert_eq!(pushed.status, 303, "{}", pushed.text());
        let again = editor.browser.submit(&page, &[("channel", &green)]).await;
        assert_eq!(again.status, 422, "it waits already");

        // One declines, with a reason that the pusher reads.
        let decider = house.desk("qingyu", "review1").await;
        let offer = link_to(&inbox(&decider, "qingyu").await, "推送给各区的内容").unwrap();
        assert!(decider.browser.screen(&offer).await.text().contains("请酌情刊发"));
        assert_eq!(decider.browser.submit(&format!("{offer}/decline"), &[("reason", " ")]).await.status, 422);
        assert_eq!(decider.browser.submit(&format!("{offer}/decline"), &[("reason", "近期已有同类报道")]).await.status, 303);
        let told = editor.browser.screen("/console/wangxi/offers/sent").await.text();
        assert!(told.contains("近期已有同类报道") && told.contains("已退回"), "{told}");

        // The other reviews it by its own steps, each by another person.
        let beginner = house.desk("donglan", "editor").await;
        let offer = link_to(&inbox(&beginner, "donglan").await, "推送给各区的内容").unwrap();
        assert_eq!(beginner.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303);
        let early = house.desk("donglan", "review1").await;
        assert_eq!(early.browser.submit(&format!("{offer}/accept"), &[]).await.status, 409, "it is under review");
        for step in 0..3 {
            assert!(!house.browser().get("donglan", "/zt/").await.text().contains("推送给各区的内容"), "step {step}");
            let reviewer = house.desk("donglan", &format!("review{}", step + 1)).await;
            let step = step.to_string();
            let word = [("step", step.as_str()), ("verdict", "approve"), ("reason", "")];
            let given = reviewer.browser.submit(&format!("{offer}/review"), &word).await;
            assert_eq!(given.status, 303, "{}", given.text());
            let next = (step.parse::<i32>().unwrap() + 1).to_string();
            let twice = [("step", next.as_str()), ("verdict", "approve"), ("reason", "")];
            assert_eq!(reviewer.browser.submit(&format!("{offer}/review"), &twice).await.status, 409, "nobody twice");
        }
        house.quiet().await;
        let list = house.browser().get("donglan", "/zt/").await.text();
        let path = link_to(&list, "推送给各区的内容").expect("it is shown");
        let own = link_to(&house.browser().get("wangxi", "/yaowen/").await.text(), "推送给各区的内容").unwrap();
        assert!(house.browser().get("donglan", &path).await.text().contains(&format!("http://wangxi.test{own}")), "canonical");
        let shared = early.browser.screen("/console/donglan/shared").await.text();
        assert!(shared.contains("推送给各区的内容") && shared.contains("望溪区"), "{shared}");

        // A withdrawal ends what nobody has decided yet, and takes down what was accepted.
        assert_eq!(editor.browser.submit(&page, &[("channel", &green)]).await.status, 303, "asked again on purpose");
        house.desk("platform", "admin").await.withdraw("wangxi", id, "测试撤回").await;
        house.quiet().await;
        assert!(!inbox(&decider, "qingyu").await.contains("推送给各区的内容"));
        assert_eq!(house.browser().get("donglan", &path).await.status, 410);
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_revision_sends_a_review_back_to_its_beginning_and_a_push_can_be_taken_back() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let (id, _) = editor.publish(&house, &Article::news("审核途中更新")).await;
    let channel = house.channel("donglan", "zt").id.to_string();
    let page = format!("/console/wangxi/resources/{id}/push");
    assert_eq!(editor.browser.submit(&page, &[("channel", &channel)]).await.status, 303);
    let receiver = house.desk("donglan", "editor").await;
    let offer = link_to(&inbox(&receiver, "donglan").await, "审核途中更新").unwrap();
    assert_eq!(receiver.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303);

    let reviewer = house.desk("donglan", "review1").await;
    let opened = reviewer.browser.screen(&offer).await.text();
    let looked_at = opened.split_once("name=\"submission\" value=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap();

    editor.rewrite(&house, id, &Article { body: "<p>新的正文。</p>".into(), ..Article::news("审核途中更新") }).await;
    editor.pass_reviews(&house, id).await;
    let late = [("step", "0"), ("verdict", "approve"), ("reason", "")];
    assert_eq!(reviewer.browser.submit(&format!("{offer}/review"), &late).await.status, 409);
    assert!(reviewer.browser.screen(&offer).await.text().contains("新的正文。"));
    // Begun again, a page opened before approves nothing that was not on it.
    assert_eq!(receiver.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303);
    let unseen = [("submission", looked_at), ("step", "0"), ("verdict", "approve"), ("reason", "")];
    assert_eq!(reviewer.browser.submit(&format!("{offer}/review"), &unseen).await.status, 409);
    assert!(reviewer.browser.screen(&offer).await.text().contains("name=\"submission\""), "it waits as before");

    let number = offer.rsplit('/').next().unwrap().to_owned();
    let other = house.desk("qingyu", "editor").await;
    assert_eq!(other.browser.submit(&format!("/console/qingyu/offers/{number}/cancel"), &[]).await.status, 404);
    assert_eq!(editor.browser.submit(&format!("/console/wangxi/offers/{number}/cancel"), &[]).await.status, 303);
    assert_eq!(reviewer.browser.submit(&format!("{offer}/accept"), &[]).await.status, 409);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_to_another_channel_reaches_those_who_listen_to_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let listening = |acceptance| SubscriptionManifest {
            from_site: Some("wangxi".into()),
            from_channel: Some("zt".into()),
            acceptance,
            ..asking()
        };
        declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![listening(Acceptance::Automatic)]);
        declare(&house, "donglan", |manifest| manifest.subscriptions = vec![listening(Acceptance::Local)]);
        house.quiet().await;
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("后来归入专题的消息")).await;
        assert!(!house.browser().get("qingyu", "/zt/").await.text().contains("后来归入专题的消息"));

        let channel = house.channel("wangxi", "zt").id.to_string();
        let address = format!("/console/wangxi/resources/{id}/move");
        assert_eq!(
            editor.browser.submit(&address, &[("channel", &channel)]).await.status,
            403,
            "what is live takes another right"
        );
        let admin = house.desk("platform", "admin").await;
        assert_eq!(admin.browser.submit(&address, &[("channel", &channel)]).await.status, 303);
        house.quiet().await;
        assert!(house.browser().get("wangxi", "/zt/").await.text().contains("后来归入专题的消息"), "{backend:?}");
        assert!(
            house.browser().get("qingyu", "/zt/").await.text().contains("后来归入专题的消息"),
            "shown at once on {backend:?}"
        );
        let reviewer = house.desk("donglan", "review1").await;
        assert!(inbox(&reviewer, "donglan").await.contains("后来归入专题的消息"), "asked at once on {backend:?}");
        assert!(on(&house, id, "jinchuan").live, "where it was shown it stays");
        assert_channels_count_what_is_live(&house, backend);
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_site_can_read_what_it_asks_for_what_it_takes_and_who_asks_for_its_content() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let agency = house.site("wangxi").agency;
    declare(&house, "qingyu", |manifest| {
        manifest.subscriptions = vec![
            SubscriptionManifest {
                from_agency: Some(agency.code.clone()),
                theme_class: Some("综合政务".into()),
                kind: Some(ResourceKind::Policy),
                tags: vec!["营商环境".into(), "放管服".into()],
                acceptance: Acceptance::Local,
                ..asking()
            },
            SubscriptionManifest { from_site: Some("wangxi".into()), from_channel: Some("yaowen".into()), ..asking() },
        ];
    });
    declare(&house, "donglan", |manifest| {
        manifest.subscriptions.clear();
        manifest.channels.iter_mut().for_each(|channel| channel.open_to_offers = false);
    });
    house.quiet().await;
    let of = async |site: &str| {
        let reader = house.desk(site, "editor").await;
        let offers = reader.browser.screen(&format!("/console/{site}/offers")).await.text();
        assert!(offers.contains(&format!("/console/{site}/subscriptions")), "it is in the menu, beside what was pushed");
        reader.browser.screen(&format!("/console/{site}/subscriptions")).await.text()
    };
    let green = of("qingyu").await;
    for wanted in [
        &format!("发布机构：{}；主题分类：综合政务；类型：政策文件；关键词含“营商环境”或“放管服”", agency.name),
        "本站确认后展示",
        "栏目：望溪区 · 要闻动态",
        "自动展示",
        "专题专栏",
    ] {
        assert!(green.contains(wanted), "{wanted}: {green}");
    }
    let asked = of("wangxi").await;
    let asked = asked.split("订阅本站内容的站点").nth(1).unwrap();
    for wanted in ["青屿区", "发布机构", "栏目：望溪区 · 要闻动态", "锦川市"] {
        assert!(asked.contains(wanted), "{wanted}: {asked}");
    }
    declare(&house, "jinchuan", |manifest| manifest.subscriptions.clear());
    let empty = of("donglan").await;
    for wanted in ["本站没有订阅其他内容", "本站没有接收推送的栏目", "没有其他站点订阅本站内容"]
    {
        assert!(empty.contains(wanted), "{wanted}: {empty}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_has_its_own_address_and_prefix_and_follows_every_correction() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = house.browser();
        let editor = house.desk("wangxi", "editor").await;
        let admin = house.desk("platform", "admin").await;
        let (id, _) = editor.publish(&house, &Article::news("各站都展示的内容")).await;
        let (second, _) = editor.publish(&house, &Article::news("另一篇内容")).await;
        let shown = on(&house, id, "jinchuan");
        let form = format!("/console/jinchuan/placements/{}", shown.id);
        let city_editor = house.desk("jinchuan", "editor").await;
        assert_eq!(city_editor.browser.submit(&form, &[("slug", "x")]).await.status, 403, "it takes the right to withdraw");
        let foreign = format!("/console/qingyu/placements/{}", shown.id);
        assert_eq!(admin.browser.submit(&foreign, &[("slug", "x")]).await.status, 404);

        for bad in ["两\u{FFFE}", "\u{202E}倒写", "零\u{200B}宽"] {
            let answer = admin.browser.submit(&form, &[("slug", ""), ("title_prefix", bad)]).await;
            assert!(answer.status == 422 && answer.text().contains("title_prefix-problem"), "{bad:?}");
        }
        for bad in ["加装", "index", "A", "list_0"] {
            let answer = admin.browser.submit(&form, &[("slug", bad), ("title_prefix", "【区县】")]).await;
            assert_eq!(answer.status, 422, "{bad}");
            assert!(answer.text().contains("【区县】"), "nothing typed is lost");
        }
        let set = admin.browser.submit(&form, &[("slug", "dianti"), ("title_prefix", "【区县】")]).await;
        assert_eq!(set.status, 303, "{}", set.text());
        house.quiet().await;
        let moved = visitor.get("jinchuan", &shown.path).await;
        assert_eq!((moved.status, moved.location().as_str()), (301, "/quxian/dianti.html"), "{backend:?}");
        let taken = format!("/console/jinchuan/placements/{}", on(&house, second, "jinchuan").id);
        assert_eq!(admin.browser.submit(&taken, &[("slug", "dianti")]).await.status, 422, "one address, one content");

        let prefixed = "【区县】各站都展示的内容";
        let page = visitor.get("jinchuan", "/quxian/dianti.html").await;
        assert_eq!(page.meta("ArticleTitle").as_deref(), Some(prefixed));
        assert!(page.text().contains(&format!("<h1>{prefixed}</h1>")) || page.text().matches(prefixed).count() > 2);
        for path in ["/quxian/", "/feed.xml"] {
            assert!(visitor.get("jinchuan", path).await.text().contains(prefixed), "{path}");
        }
        for path in ["/", "/yaowen/", "/feed.xml"] {
            assert!(!visitor.get("wangxi", path).await.text().contains("【区县】"), "{path}");
        }
        assert!(visitor.get("jinchuan", "/sitemap_0.xml").await.text().contains("/quxian/dianti.html"));

        // Corrected once, corrected everywhere, under the same address and prefix.
        let corrected = Article { body: "<p>更正后的正文。</p>".into(), ..Article::news("各站都展示的新标题") };
        editor.rewrite(&house, id, &corrected).await;
        editor.pass_reviews(&house, id).await;
        let page = visitor.get("jinchuan", "/quxian/dianti.html").await.text();
        assert!(page.contains("【区县】各站都展示的新标题") && page.contains("更正后的正文。"), "{page}");
        assert!(visitor.get("wangxi", &on(&house, id, "wangxi").path).await.text().contains("更正后的正文。"));
        let listed = editor.browser.screen(&format!("/console/wangxi/resources/{id}/places")).await.text();
        for wanted in ["/quxian/dianti.html", "【区县】", "订阅", "本站发布"] {
            assert!(listed.contains(wanted), "{wanted}");
        }
        // The receiving site sees its own placement, a third site none.
        let theirs = city_editor.browser.screen(&format!("/console/jinchuan/resources/{id}/places")).await.text();
        assert!(theirs.contains("/quxian/dianti.html") && !theirs.contains("wangxi.test"), "{theirs}");
        let third = house.desk("qingyu", "editor").await;
        assert_eq!(third.browser.screen(&format!("/console/qingyu/resources/{id}/places")).await.status, 404);

        // Back to the usual address; the chosen one leads there.
        assert_eq!(admin.browser.submit(&form, &[("slug", ""), ("title_prefix", "")]).await.status, 303);
        house.quiet().await;
        assert_eq!(visitor.get("jinchuan", "/quxian/dianti.html").await.location(), shown.path);
        assert_eq!(visitor.get("jinchuan", &shown.path).await.status, 200);
        assert_rebuild_changes_nothing(&house, backend).await;

        assert_channels_count_what_is_live(&house, backend);

        // Taken off one site: gone there, up elsewhere, and not back with the next revision.
        assert_eq!(admin.browser.submit(&format!("{form}/remove"), &[]).await.status, 303);
        house.quiet().await;
        assert_eq!(visitor.get("jinchuan", &shown.path).await.status, 410);
        editor.rewrite(&house, id, &Article { summary: "再改".into(), ..corrected }).await;
        editor.pass_reviews(&house, id).await;
        assert_eq!(visitor.get("jinchuan", &shown.path).await.status, 410, "{backend:?}");
        assert!(!visitor.get("jinchuan", "/quxian/").await.text().contains("各站都展示的新标题"));
        assert_eq!(visitor.get("wangxi", &on(&house, id, "wangxi").path).await.status, 200);
        let own = format!("/console/wangxi/placements/{}/remove", on(&house, id, "wangxi").id);
        assert_eq!(admin.browser.submit(&own, &[]).await.status, 409, "the owner's stays");
        assert_channels_count_what_is_live(&house, backend);
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takedown_says_that_it_is_done_only_when_every_page_is_seen_to_be_gone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("必须立即下架的内容")).await;
        let paths: Vec<(String, String)> =
            ["wangxi", "jinchuan"].map(|site| (site.to_owned(), on(&house, id, site).path)).into_iter().collect();

        let house = house.without_workers().await;
        let admin = house.desk("platform", "admin").await;
        for (person, status) in [("editor", 403), ("review1", 403)] {
            let desk = house.desk("wangxi", person).await;
            assert_eq!(desk.browser.screen("/console/takedown").await.status, status);
            assert_eq!(desk.browser.submit(&format!("/console/takedown/{id}"), &[("reason", "x")]).await.status, status);
        }
        let address = format!("http://jinchuan.test{}", paths[1].1);
        for wanted in ["立即下架", address.as_str()] {
            let encoded = wanted.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
            let found = admin.browser.screen(&format!("/console/takedown?q={encoded}")).await.text();
            assert!(found.contains("必须立即下架的内容"), "{wanted}: {found}");
        }
        let confirm = format!("/console/takedown/{id}");
        assert!(admin.browser.screen(&confirm).await.text().contains("2 个站点"));
        assert_eq!(admin.browser.submit(&confirm, &[("reason", "")]).await.status, 422);
        let ordered = admin.browser.submit(&confirm, &[("reason", "内容严重失实")]).await;
        assert_eq!(ordered.status, 303, "{}", ordered.text());
        let progress = ordered.location();

        let waiting = admin.browser.screen(&progress).await.text();
        assert!(waiting.contains("正在下架") && !waiting.contains("已全部下架"), "{waiting}");
        assert!(waiting.contains("hx-trigger=\"every 1s\""), "one failure does not end it: {waiting}");
        for (site, path) in &paths {
            assert_eq!(house.browser().get(site, path).await.status, 200, "nobody works yet");
        }

        let mut settings = house.settings.clone();
        settings.web.listen = "127.0.0.1:0".into();
        let workers = Platform::start(settings, Arc::new(SystemClock), Role::All).await.unwrap();
        let mut done = String::new();
        for _ in 0..600 {
            let page = admin.browser.screen(&progress).await.text();
            if page.contains("已全部下架") {
                done = page;
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(done.contains("2 个站点") && !done.contains("every 1s"), "it says so in the end: {done}");
        for (site, path) in &paths {
            assert_eq!(house.browser().get(site, path).await.status, 410, "{site} on {backend:?}");
            assert!(!house.browser().get(site, "/").await.text().contains("必须立即下架的内容"));
        }
        assert_eq!(admin.browser.submit(&confirm, &[("reason", "再来一次")]).await.status, 409);
        assert_channels_count_what_is_live(&house, backend);
        let history = editor_page(&house, id).await;
        assert!(history.contains("紧急下架") && history.contains("内容严重失实"), "{history}");
        workers.stop().await.unwrap();
        house.close().await;
    }
}

async fn editor_page(house: &House, id: i64) -> String {
    house.desk("wangxi", "editor").await.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text()
}

async fn inbox(desk: &Desk, site: &str) -> String {
    desk.browser.screen(&format!("/console/{site}/offers")).await.text()
}

/// A subscription of 专题专栏 that asks for nothing yet.
pub fn asking() -> SubscriptionManifest {
    SubscriptionManifest {
        channel: "zt".into(),
        from_site: None,
        from_channel: None,
        from_agency: None,
        theme_class: None,
        kind: None,
        tags: Vec::new(),
        acceptance: Acceptance::Automatic,
    }
}

/// Declares a site otherwise than its folder does.
pub(crate) fn declare(house: &House, site: &str, change: impl FnOnce(&mut SiteManifest)) {
    let mut manifest = SiteManifest::load(&house.settings.sites.join(site)).unwrap();
    change(&mut manifest);
    apply(house.engine(), &Actor::operator("test"), &manifest).unwrap();
}

/// Publishes without a review; the same title again is the next revision.
pub(crate) fn put(house: &House, site: &str, kind: ResourceKind, title: &str, content: Content) -> i64 {
    let (owner, channel, actor) = (house.site(site), house.channel(site, "yaowen"), house.actor(&format!("{site}-editor")));
    let content = Content { title: title.into(), body: "<p>正文</p>".into(), source: "测试".into(), ..content };
    let one = Intake {
        source: format!("test:{title}"),
        hash: format!("{content:?}"),
        draft: NewDraft { channel: channel.id, kind, content },
    };
    let id = intake::take(house.engine(), &actor, owner.id, vec![one]).unwrap()[0].resource();
    intake::publish(house.engine(), &actor, owner.id, &[id]).unwrap();
    id.0
}

fn places(house: &House, id: i64) -> Vec<Placement> {
    house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(id))).unwrap()
}

fn on(house: &House, id: i64, site: &str) -> Placement {
    let site = house.site(site).id;
    places(house, id).into_iter().find(|placement| placement.site_id == site).unwrap()
}

/// What channel fronts say they hold, however it came and went.
fn assert_channels_count_what_is_live(house: &House, backend: Backend) {
    for site in ALL.map(|key| house.site(key).id) {
        let counted = house.engine().store.read(|connection| {
            let mut counted = Vec::new();
            for (channel, extent) in store::channels::extents(connection, site)? {
                let query = CardQuery { channels: vec![channel], limit: 1_000, ..CardQuery::default() };
                let live = i64::try_from(store::placements::list_cards(connection, site, &query)?.len()).unwrap();
                counted.push((channel, extent.live_items, live));
            }
            Ok::<_, store::Error>(counted)
        });
        for (channel, said, live) in counted.unwrap() {
            assert_eq!(said, live, "channel {channel} of site {site} on {backend:?}");
        }
    }
}

/// Rendering everything again writes not one byte: no page had been forgotten.
/// What changes made due is what a rendering of everything shows.
pub async fn assert_rebuild_changes_nothing(house: &House, backend: Backend) {
    let incremental = pages_of(house, &ALL);
    publish::commands::refresh::refresh(house.engine(), &Actor::operator("test"), None).unwrap();
    house.quiet().await;
    assert!(pages_of(house, &ALL) == incremental, "{backend:?}");
}
