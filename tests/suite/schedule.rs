//! Done at an exact second: not before, once, and after a downtime too; publication, expiry, pins, banners and the two switches.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use model::schedule::field_time;
use model::{FixedClock, Lane, PlacementId, ResourceId};
use server::{Platform, Role};
use testkit::{Answer, Article, Backend, Desk, House};

use crate::journey::{link_to, pages_of};

/// A house whose clock stands at ten in the morning in China.
async fn house_at_ten(backend: Backend) -> Option<(House, Arc<FixedClock>)> {
    let clock = Arc::new(FixedClock::at(ten()));
    Some((House::open_at(backend, Arc::clone(&clock) as _).await?, clock))
}

fn ten() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap().and_hms_opt(2, 0, 0).unwrap()
}

/// So many seconds after ten, as a form's field holds it.
fn at(seconds: i64) -> String {
    field_time(ten() + TimeDelta::seconds(seconds))
}

/// Lets the clock stand so many seconds after ten, and waits until what was due is done.
async fn turn_to(house: &House, clock: &FixedClock, seconds: i64) {
    clock.set(ten() + TimeDelta::seconds(seconds));
    house.engine().wake();
    house.quiet().await;
}

async fn ask(desk: &Desk, id: i64, publish_at: &str, withdraw_at: &str) -> Answer {
    let fields = [("publish_at", publish_at), ("withdraw_at", withdraw_at)];
    desk.browser.submit(&format!("/console/wangxi/resources/{id}/times"), &fields).await
}

/// Pushes a live resource of 望溪区 to 专题专栏 of a site; gives the offer's screen there.
async fn push_to(house: &House, receiver: &Desk, id: i64, site: &str) -> String {
    let channel = house.channel(site, "zt").id.to_string();
    let editor = house.desk("wangxi", "editor").await;
    let pushed = editor.browser.submit(&format!("/console/wangxi/resources/{id}/push"), &[("channel", &channel)]).await;
    assert_eq!(pushed.status, 303, "{}", pushed.text());
    let resource = ResourceId(id);
    let offers = house.engine().store.read(|connection| store::offers::list_by_resource(connection, resource)).unwrap();
    let offer = format!("/console/{site}/offers/{}", offers[0].id);
    assert_eq!(receiver.browser.screen(&offer).await.status, 200);
    offer
}

async fn accept(desk: &Desk, offer: &str, place_at: &str, slug: &str, title_prefix: &str) -> Answer {
    let fields = [("place_at", place_at), ("slug", slug), ("title_prefix", title_prefix)];
    desk.browser.submit(&format!("{offer}/accept"), &fields).await
}

async fn shows(house: &House, site: &str, path: &str, text: &str) -> bool {
    house.browser().get(site, path).await.text().contains(text)
}

/// The number in the form of the first schedule that waits on a site's screen.
async fn first_schedule(desk: &Desk, site: &str) -> i64 {
    let screen = desk.browser.screen(&format!("/console/{site}/schedules")).await.text();
    let rest = screen.split("/schedules/").find(|part| part.starts_with(|letter: char| letter.is_ascii_digit()));
    rest.expect("a schedule waits").split('/').next().unwrap().parse().unwrap()
}

fn placement_of(house: &House, site: &str, id: i64) -> PlacementId {
    let site = house.site(site).id;
    let all = house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(id))).unwrap();
    all.into_iter().find(|placement| placement.site_id == site).expect("it is shown there").id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_goes_live_at_its_second_and_is_gone_everywhere_at_another() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let untouched = pages_of(&house, &["qingyu", "donglan"]);
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("定时上线的公告")).await;
        assert_eq!(ask(&editor, id, &at(600), &at(1_200)).await.status, 303);
        let last = editor.pass_reviews(&house, id).await;
        assert!(last.location().contains("done=scheduled"), "{}", last.location());
        let told = editor.browser.screen(&last.location()).await.text();
        assert!(told.contains("将于2026年11月24日10:10自动发布"), "{told}");

        let desk = editor.browser.screen("/console/wangxi").await.text();
        assert!(desk.contains("待定时发布"), "the desk says what it waits for");
        let planned = editor.browser.screen("/console/wangxi/schedules").await.text();
        assert!(planned.contains("定时上线的公告") && planned.contains("2026-11-24 10:10:00") && planned.contains("到期撤下"));

        turn_to(&house, &clock, 599).await;
        assert!(!shows(&house, "wangxi", "/yaowen/", "定时上线的公告").await, "one second early on {backend:?}");
        turn_to(&house, &clock, 600).await;
        let front = house.browser().get("wangxi", "/yaowen/").await.text();
        let path = link_to(&front, "定时上线的公告").unwrap_or_else(|| panic!("on its second on {backend:?}"));
        let city = house.browser().get("jinchuan", "/quxian/").await.text();
        let city_path = link_to(&city, "定时上线的公告").expect("the city shows it too");
        assert_eq!(house.browser().get("wangxi", &path).await.meta("PubDate").as_deref(), Some("2026-11-24 10:10"));

        turn_to(&house, &clock, 1_199).await;
        assert_eq!(house.browser().get("wangxi", &path).await.status, 200);
        turn_to(&house, &clock, 1_200).await;
        for (site, path) in [("wangxi", &path), ("jinchuan", &city_path)] {
            assert_eq!(house.browser().get(site, path).await.status, 410, "{site} on {backend:?}");
            assert!(!shows(&house, site, "/feed.xml", "定时上线的公告").await);
        }
        let page = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(page.contains("按计划执行定时发布") && page.contains("到期自动撤下"), "the history tells both");
        assert_eq!(pages_of(&house, &["qingyu", "donglan"]), untouched);
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_revision_of_what_is_live_waits_for_its_second_and_the_live_one_stays() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("现行版本")).await;
        let path = link_to(&house.browser().get("wangxi", "/yaowen/").await.text(), "现行版本").unwrap();

        let second = Article { body: "<p>第二版的正文。</p>".into(), ..Article::news("现行版本") };
        assert_eq!(editor.rewrite(&house, id, &second).await.status, 303);
        assert_eq!(ask(&editor, id, &at(600), "").await.status, 303);
        editor.pass_reviews(&house, id).await;
        assert!(shows(&house, "wangxi", &path, "现行版本的正文。").await);

        // Moved to a later second by somebody who may; an editor may not.
        let schedule = first_schedule(&house.desk("wangxi", "review1").await, "wangxi").await;
        let change = format!("/console/wangxi/schedules/{schedule}/change");
        assert_eq!(editor.browser.submit(&change, &[("at", &at(900))]).await.status, 403);
        let reviewer = house.desk("wangxi", "review1").await;
        assert_eq!(reviewer.browser.submit(&change, &[("at", &at(900))]).await.status, 303);
        turn_to(&house, &clock, 600).await;
        assert!(shows(&house, "wangxi", &path, "现行版本的正文。").await, "the old second means nothing now");

        // A still later revision, approved at once, comes first; the older one has nothing to wait for.
        let third = Article { body: "<p>第三版的正文。</p>".into(), ..Article::news("现行版本") };
        assert_eq!(editor.rewrite(&house, id, &third).await.status, 303);
        editor.pass_reviews(&house, id).await;
        assert!(shows(&house, "wangxi", &path, "第三版的正文。").await);
        turn_to(&house, &clock, 900).await;
        assert!(
            shows(&house, "wangxi", &path, "第三版的正文。").await,
            "an earlier revision never replaces a later on {backend:?}"
        );
        let screen = reviewer.browser.screen("/console/wangxi/schedules").await.text();
        assert!(screen.contains("第3版已先行发布"), "people are told why: {screen}");
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_time_is_not_kept_and_the_text_goes_back_to_its_author() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("取消的定时")).await;
    ask(&editor, id, &at(600), &at(900)).await;
    editor.pass_reviews(&house, id).await;
    let reviewer = house.desk("wangxi", "review2").await;
    let schedule = first_schedule(&reviewer, "wangxi").await;
    let cancel = format!("/console/wangxi/schedules/{schedule}/cancel");
    assert_eq!(house.desk("qingyu", "review1").await.browser.submit(&cancel, &[]).await.status, 404, "not of their site");
    assert_eq!(reviewer.browser.submit(&cancel, &[]).await.status, 303);
    assert_eq!(reviewer.browser.submit(&cancel, &[]).await.status, 422, "once is enough");
    turn_to(&house, &clock, 1_500).await;
    assert!(!shows(&house, "wangxi", "/yaowen/", "取消的定时").await);
    let page = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
    assert!(page.contains("起草中") && page.contains("取消定时发布"), "{page}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_has_passed_is_refused_at_its_field_with_everything_typed() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("过去的时间")).await;
    let refused = ask(&editor, id, &at(0), &at(700)).await;
    assert_eq!(refused.status, 422);
    let text = refused.text();
    assert!(text.contains("时间已过") && text.contains("publish_at-problem"), "{text}");
    assert!(text.contains(&at(0)) && text.contains(&at(700)), "both times are still there");
    assert_eq!(ask(&editor, id, "后天上午", "").await.status, 422);
    assert_eq!(ask(&editor, id, &at(700), &at(600)).await.status, 422, "the end before the beginning");

    // The last reviewer sees what was asked for; when its second has passed meanwhile, they say what is to be done.
    assert_eq!(ask(&editor, id, &at(600), "").await.status, 303);
    assert_eq!(editor.hand_in(&house, id).await.status, 303);
    for step in 0..2 {
        house.desk("wangxi", &format!("review{}", step + 1)).await.approve(id, step).await;
    }
    clock.set(ten() + TimeDelta::seconds(700));
    let third = house.desk("wangxi", "review3").await;
    let review = format!("/console/wangxi/resources/{id}/review");
    let seen = third.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
    assert!(seen.contains(&format!("name=\"publish_at\" value=\"{}\"", at(600))), "{seen}");
    let fields = |publish: &str| {
        vec![
            ("step", "2".to_owned()),
            ("verdict", "approve".to_owned()),
            ("reason", "同意".to_owned()),
            ("publish_at", publish.to_owned()),
            ("withdraw_at", String::new()),
        ]
    };
    let send = async |publish: &str| {
        let fields = fields(publish);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        third.browser.submit(&review, &fields).await
    };
    let late = send(&at(600)).await;
    assert_eq!(late.status, 422);
    assert!(late.text().contains("review-publish_at-problem") && late.text().contains("同意"), "{}", late.text());
    let approved = send(&at(800)).await;
    assert!(approved.location().contains("done=scheduled"), "{}", approved.text());
    turn_to(&house, &clock, 800).await;
    assert!(shows(&house, "wangxi", "/yaowen/", "过去的时间").await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_nodes_one_keeps_a_schedule_and_only_once() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let second = Platform::start(house.settings.clone(), Arc::clone(&clock) as _, Role::Worker).await.unwrap();
        let editor = house.desk("wangxi", "editor").await;
        let mut ids = Vec::new();
        for number in 0..6 {
            let id = editor.write(&house, &Article::news(&format!("双机第{number}篇"))).await;
            ask(&editor, id, &at(600), "").await;
            editor.pass_reviews(&house, id).await;
            ids.push(id);
        }
        // Every schedule has several jobs, as if leases had ended and workers had been thought dead.
        let site = house.site("wangxi").id;
        let open = house
            .engine()
            .store
            .read(|connection| store::schedules::list_open(connection, site, &model::Within::Whole, 50))
            .unwrap();
        assert_eq!(open.len(), ids.len());
        for schedule in &open {
            for _ in 0..3 {
                let payload = format!("{{\"keep\":{}}}", schedule.id);
                let enqueue = |c: &mut store::Connection| store::jobs::enqueue(c, Lane::Urgent, "keep", &payload, schedule.at);
                house.engine().store.write(enqueue).unwrap();
            }
        }
        clock.set(ten() + TimeDelta::seconds(600));
        house.engine().wake();
        second.engine.wake();
        house.quiet().await;
        for id in ids {
            let done = house
                .engine()
                .store
                .read(|connection| store::publications::list_by_resource(connection, site, ResourceId(id)))
                .unwrap();
            assert_eq!(done.len(), 1, "{backend:?}");
            assert_eq!(done[0].requested_at, ten() + TimeDelta::seconds(600));
        }
        second.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_downtime_missed_is_done_at_the_next_start_in_its_order() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let first = editor.write(&house, &Article::news("停机期间应发布")).await;
        ask(&editor, first, &at(600), "").await;
        editor.pass_reviews(&house, first).await;
        let both = editor.write(&house, &Article::news("停机期间发布又到期")).await;
        ask(&editor, both, &at(610), &at(620)).await;
        editor.pass_reviews(&house, both).await;

        let house = house.without_workers().await;
        clock.set(ten() + TimeDelta::seconds(4_000));
        // Somebody discarded the jobs meanwhile; the schedules are what counts.
        house.engine().store.administer("DELETE FROM jobs").unwrap();
        assert!(!shows(&house, "wangxi", "/yaowen/", "停机期间应发布").await);

        let worker = Platform::start(house.settings.clone(), Arc::clone(&clock) as _, Role::Worker).await.unwrap();
        wait_until(&worker.engine).await;
        let pages = pages_of(&house, &["wangxi"]);
        let list = String::from_utf8_lossy(
            &pages[&house.settings.pages.join("wangxi/yaowen/index.html").to_string_lossy().into_owned()],
        );
        assert!(list.contains("停机期间应发布"), "{backend:?}");
        assert!(!list.contains("停机期间发布又到期"), "published before it expired on {backend:?}");
        let site = house.site("wangxi").id;
        let done = house.engine().store.read(|c| store::publications::list_by_resource(c, site, ResourceId(both))).unwrap();
        assert_eq!(done.len(), 2, "a publication and a withdrawal on {backend:?}");
        worker.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deed_that_has_become_impossible_is_closed_with_its_reason() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let (id, _) = editor.publish(&house, &Article::news("先撤回的稿件")).await;
    let again = Article { body: "<p>改过。</p>".into(), ..Article::news("先撤回的稿件") };
    editor.rewrite(&house, id, &again).await;
    ask(&editor, id, &at(600), "").await;
    editor.pass_reviews(&house, id).await;
    let admin = house.desk("platform", "admin").await;
    assert_eq!(admin.withdraw("wangxi", id, "内容有误").await.status, 303);
    turn_to(&house, &clock, 600).await;
    assert!(!shows(&house, "wangxi", "/yaowen/", "先撤回的稿件").await, "a withdrawal is the last word");
    assert!(admin.browser.screen("/console/wangxi/schedules").await.text().contains("内容已撤回"));
    assert!(editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text().contains("内容已撤回"));

    // The channel a text waited for is retired.
    let topic = Article { channel: "zt".into(), ..Article::news("专题里的定时稿") };
    let id = editor.write(&house, &topic).await;
    ask(&editor, id, &at(900), "").await;
    editor.pass_reviews(&house, id).await;
    let mut manifest = config::SiteManifest::load(&house.settings.sites.join("wangxi")).unwrap();
    manifest.channels.retain(|channel| channel.key != "zt");
    publish::commands::site::apply(house.engine(), &model::Actor::operator("test"), &manifest).unwrap();
    turn_to(&house, &clock, 900).await;
    let page = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
    assert!(page.contains("所属栏目已停用") && page.contains("起草中"), "{page}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_live_can_be_given_an_end_everywhere_or_on_one_site_alone() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("有期限的内容")).await;
        let admin = house.desk("platform", "admin").await;
        let city = placement_of(&house, "jinchuan", id);
        let own = placement_of(&house, "wangxi", id);

        // The city takes it off its own site; nobody of the district can decide that.
        let address = format!("/console/jinchuan/placements/{city}/expiry");
        assert_eq!(editor.browser.submit(&address, &[("until", &at(600))]).await.status, 404);
        assert_eq!(admin.browser.submit(&address, &[("until", &at(-5))]).await.status, 422);
        assert_eq!(admin.browser.submit(&address, &[("until", &at(600))]).await.status, 303);
        let own_address = format!("/console/wangxi/placements/{own}/expiry");
        assert_eq!(
            admin.browser.submit(&own_address, &[("until", &at(600))]).await.status,
            409,
            "that is the resource's own end"
        );
        let foreign = format!("/console/wangxi/placements/{city}/expiry");
        assert_eq!(admin.browser.submit(&foreign, &[("until", &at(600))]).await.status, 404, "another site's placement");
        assert_eq!(
            admin.browser.submit(&format!("/console/wangxi/resources/{id}/expiry"), &[("until", &at(900))]).await.status,
            303
        );

        let path = link_to(&house.browser().get("jinchuan", "/quxian/").await.text(), "有期限的内容").unwrap();
        turn_to(&house, &clock, 600).await;
        assert_eq!(house.browser().get("jinchuan", &path).await.status, 410, "{backend:?}");
        assert!(!shows(&house, "jinchuan", "/quxian/", "有期限的内容").await);
        assert!(shows(&house, "wangxi", "/yaowen/", "有期限的内容").await, "its own site keeps it on {backend:?}");

        // A later revision does not bring it back where its time was over.
        let changed = Article { body: "<p>修订后的正文。</p>".into(), ..Article::news("有期限的内容") };
        editor.rewrite(&house, id, &changed).await;
        editor.pass_reviews(&house, id).await;
        assert_eq!(house.browser().get("jinchuan", &path).await.status, 410, "{backend:?}");
        turn_to(&house, &clock, 900).await;
        assert!(!shows(&house, "wangxi", "/yaowen/", "有期限的内容").await, "gone everywhere on {backend:?}");
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_site_accepts_for_a_second_is_shown_from_then_on_as_it_wished_and_only_once() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let second = Platform::start(house.settings.clone(), Arc::clone(&clock) as _, Role::Worker).await.unwrap();
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("周一上线的内容")).await;
        let reviewer = house.desk("donglan", "review1").await;
        let offer = push_to(&house, &reviewer, id, "donglan").await;

        // What is wrong is said at its field, and nothing typed is lost.
        let refused = accept(&reviewer, &offer, &at(-1), "Zhou Yi", "倒\u{202E}写").await;
        assert_eq!(refused.status, 422);
        for wanted in ["place_at-problem", "slug-problem", "title_prefix-problem", "Zhou Yi", &at(-1)] {
            assert!(refused.text().contains(wanted), "{wanted}: {}", refused.text());
        }
        assert_eq!(accept(&reviewer, &offer, "下周一", "", "").await.status, 422);
        let accepted = accept(&reviewer, &offer, &at(600), "zhouyi", "【转载】").await;
        assert!(accepted.location().contains("done=offer-scheduled"), "{}", accepted.text());
        house.quiet().await;

        // Both sites see what it waits for, and it is neither accepted nor offered twice.
        let number = offer.rsplit('/').next().unwrap();
        for (desk, screen) in [
            (&editor, "/console/wangxi/offers/sent".to_owned()),
            (&editor, format!("/console/wangxi/resources/{id}/places")),
            (&reviewer, "/console/donglan/offers/decided".to_owned()),
            (&reviewer, offer.clone()),
        ] {
            let shown = desk.browser.screen(&screen).await.text();
            assert!(shown.contains("已接收，待上线") && shown.contains("2026-11-24 10:10:00"), "{screen}: {shown}");
        }
        let planned = reviewer.browser.screen("/console/donglan/schedules").await.text();
        assert!(
            planned.contains("本站定时上线") && planned.contains("周一上线的内容") && planned.contains("专题专栏"),
            "{planned}"
        );
        assert_eq!(accept(&reviewer, &offer, "", "", "").await.status, 409);
        let channel = house.channel("donglan", "zt").id.to_string();
        let again = editor.browser.submit(&format!("/console/wangxi/resources/{id}/push"), &[("channel", &channel)]).await;
        assert_eq!(again.status, 422, "it waits already");

        // As if leases had ended and workers had been thought dead.
        let site = house.site("donglan").id;
        let schedule = house
            .engine()
            .store
            .read(|connection| store::schedules::list_open(connection, site, &model::Within::Whole, 5))
            .unwrap()[0]
            .clone();
        for _ in 0..3 {
            let payload = format!("{{\"keep\":{}}}", schedule.id);
            let enqueue = |c: &mut store::Connection| store::jobs::enqueue(c, Lane::Urgent, "keep", &payload, schedule.at);
            house.engine().store.write(enqueue).unwrap();
        }
        turn_to(&house, &clock, 599).await;
        assert!(!shows(&house, "donglan", "/zt/", "周一上线的内容").await, "one second early on {backend:?}");
        clock.set(ten() + TimeDelta::seconds(600));
        house.engine().wake();
        second.engine.wake();
        house.quiet().await;
        // Without a bus between the two, a node hears within a second or two what the other has written.
        let mut front = String::new();
        for _ in 0..60 {
            front = house.browser().get("donglan", "/zt/").await.text();
            if front.contains("周一上线的内容") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let path = link_to(&front, "【转载】周一上线的内容").unwrap_or_else(|| panic!("on its second on {backend:?}: {front}"));
        assert_eq!(path, "/zt/zhouyi.html");
        let page = house.browser().get("donglan", &path).await;
        assert_eq!(page.meta("ArticleTitle").as_deref(), Some("【转载】周一上线的内容"));
        assert_eq!(page.meta("PubDate").as_deref(), Some("2026-11-24 10:10"));
        let pages = house.engine().store.read(|c| store::pages::list_after(c, Some(site), model::PageId(0), 9_999)).unwrap();
        let articles = pages.iter().filter(|page| page.kind == model::PageKind::Article && page.path.starts_with("/zt/"));
        assert_eq!(
            articles.map(|page| page.path.as_str()).collect::<Vec<_>>(),
            ["/zt/zhouyi.html"],
            "it never had another address"
        );

        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert_eq!(log.matches("按计划执行本站定时上线").count(), 1, "once on {backend:?}");
        assert!(log.contains("接收推送，定时上线"));
        assert!(editor.browser.screen("/console/wangxi/offers/sent").await.text().contains("已接收"), "{number}");
        second.stop().await.unwrap();
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_for_later_can_be_moved_taken_back_and_is_ended_by_a_withdrawal() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let reviewer = house.desk("donglan", "review1").await;
        let title = "时间有变的内容";
        let (id, _) = editor.publish(&house, &Article::news(title)).await;
        let offer = push_to(&house, &reviewer, id, "donglan").await;

        // Taken back: it waits for a decision again, with what was wished for.
        assert_eq!(accept(&reviewer, &offer, &at(600), "bianhua", "").await.status, 303);
        let cancel = format!("/console/donglan/schedules/{}/cancel", first_schedule(&reviewer, "donglan").await);
        assert_eq!(house.desk("qingyu", "review1").await.browser.submit(&cancel, &[]).await.status, 404);
        assert_eq!(reviewer.browser.submit(&cancel, &[]).await.status, 303);
        turn_to(&house, &clock, 600).await;
        assert!(!shows(&house, "donglan", "/zt/", title).await, "taken back on {backend:?}");
        assert!(reviewer.browser.screen("/console/donglan/offers").await.text().contains(title));
        assert!(reviewer.browser.screen(&offer).await.text().contains("value=\"bianhua\""));

        // Moved: only its new second counts; corrections meanwhile are in it.
        assert_eq!(accept(&reviewer, &offer, &at(700), "", "").await.status, 303);
        let change = format!("/console/donglan/schedules/{}/change", first_schedule(&reviewer, "donglan").await);
        assert_eq!(house.desk("donglan", "editor").await.browser.submit(&change, &[("at", &at(900))]).await.status, 403);
        assert_eq!(reviewer.browser.submit(&change, &[("at", &at(900))]).await.status, 303);
        let corrected = Article { body: "<p>上线前已更正。</p>".into(), ..Article::news(title) };
        editor.rewrite(&house, id, &corrected).await;
        editor.pass_reviews(&house, id).await;
        turn_to(&house, &clock, 700).await;
        assert!(!shows(&house, "donglan", "/zt/", title).await, "the old second means nothing on {backend:?}");
        turn_to(&house, &clock, 900).await;
        let path = link_to(&house.browser().get("donglan", "/zt/").await.text(), title).expect("at its new second");
        assert!(shows(&house, "donglan", &path, "上线前已更正。").await);

        // Withdrawn meanwhile: never, also when it is published again; and nobody reads what its owner writes next.
        let title = "中途撤回的内容";
        let (id, _) = editor.publish(&house, &Article::news(title)).await;
        let offer = push_to(&house, &reviewer, id, "donglan").await;
        assert_eq!(accept(&reviewer, &offer, &at(1_200), "chehui", "").await.status, 303);
        assert_eq!(house.desk("platform", "admin").await.withdraw("wangxi", id, "内容有误").await.status, 303);
        editor.rewrite(&house, id, &Article::news("尚未公开的新标题")).await;
        for screen in ["/console/donglan/offers/decided", "/console/donglan/schedules", &offer] {
            let shown = reviewer.browser.screen(screen).await.text();
            assert!(shown.contains(title) && !shown.contains("尚未公开的新标题"), "{screen} on {backend:?}: {shown}");
        }
        assert!(reviewer.browser.screen("/console/donglan/offers/decided").await.text().contains("原稿已撤回"));
        assert!(reviewer.browser.screen("/console/donglan/schedules").await.text().contains("内容已撤回"));
        editor.pass_reviews(&house, id).await;
        turn_to(&house, &clock, 1_200).await;
        assert!(!shows(&house, "donglan", "/zt/", "尚未公开的新标题").await, "{backend:?}");
        assert_eq!(house.browser().get("donglan", "/zt/chehui.html").await.status, 404);
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_review_may_end_with_a_second_that_a_downtime_does_not_lose() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("本站审核后定时")).await;
        let beginner = house.desk("donglan", "editor").await;
        let offer = push_to(&house, &beginner, id, "donglan").await;
        assert_eq!(beginner.browser.submit(&format!("{offer}/begin"), &[]).await.status, 303);
        let give = async |step: usize, place_at: &str| {
            let reviewer = house.desk("donglan", &format!("review{}", step + 1)).await;
            let step = step.to_string();
            let fields =
                [("step", step.as_str()), ("verdict", "approve"), ("reason", ""), ("place_at", place_at), ("slug", "shenhe")];
            reviewer.browser.submit(&format!("{offer}/review"), &fields).await
        };
        for step in 0..2 {
            assert_eq!(give(step, "").await.status, 303);
        }
        let refused = give(2, &at(0)).await;
        assert!(refused.status == 422 && refused.text().contains("place_at-problem"), "{}", refused.text());
        let approved = give(2, &at(600)).await;
        assert!(approved.location().contains("done=offer-scheduled"), "{}", approved.text());

        let house = house.without_workers().await;
        clock.set(ten() + TimeDelta::seconds(4_000));
        house.engine().store.administer("DELETE FROM jobs").unwrap();
        let worker = Platform::start(house.settings.clone(), Arc::clone(&clock) as _, Role::Worker).await.unwrap();
        wait_until(&worker.engine).await;
        assert!(shows(&house, "donglan", "/zt/shenhe.html", "本站审核后定时").await, "{backend:?}");
        worker.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_taken_meanwhile_sends_what_was_accepted_back_to_those_who_decide() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let reviewer = house.desk("donglan", "review1").await;
    let mut offers = Vec::new();
    for title in ["先上线的内容", "后上线的内容"] {
        let (id, _) = editor.publish(&house, &Article::news(title)).await;
        offers.push(push_to(&house, &reviewer, id, "donglan").await);
    }
    assert_eq!(accept(&reviewer, &offers[1], &at(600), "tongming", "").await.status, 303);
    assert_eq!(accept(&reviewer, &offers[0], "", "tongming", "").await.status, 303);
    turn_to(&house, &clock, 600).await;
    assert!(shows(&house, "donglan", "/zt/tongming.html", "先上线的内容").await);
    let planned = reviewer.browser.screen("/console/donglan/schedules").await.text();
    assert!(planned.contains("该网址名在本栏目已被使用"), "{planned}");
    assert!(reviewer.browser.screen("/console/donglan/offers").await.text().contains("后上线的内容"), "it waits again");
    let refused = accept(&reviewer, &offers[1], &at(900), "tongming", "").await;
    assert!(refused.status == 422 && refused.text().contains("slug-problem"), "said at once this time: {}", refused.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_approved_for_a_second_cannot_be_moved_past_the_review_of_another_channel() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article::news("为本栏目审核的稿件")).await;
    assert_eq!(ask(&editor, id, &at(600), "").await.status, 303);
    editor.pass_reviews(&house, id).await;
    let target = house.channel("wangxi", "zt").id.to_string();
    let moved = editor.browser.submit(&format!("/console/wangxi/resources/{id}/move"), &[("channel", &target)]).await;
    assert_eq!(moved.status, 409);
    assert!(moved.text().contains("待定时发布") && moved.text().contains("重新送审"), "{}", moved.text());
    turn_to(&house, &clock, 600).await;
    assert!(shows(&house, "wangxi", "/yaowen/", "为本栏目审核的稿件").await);
    assert!(!shows(&house, "wangxi", "/zt/", "为本栏目审核的稿件").await);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_told_to_feed_readers_and_crawlers_on_every_site() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("有待更正的消息")).await;
        turn_to(&house, &clock, 3_600).await;
        // By then everybody has to sign in again.
        let editor = house.desk("wangxi", "editor").await;
        let corrected = Article { body: "<p>更正后的正文。</p>".into(), ..Article::news("有待更正的消息") };
        assert_eq!(editor.rewrite(&house, id, &corrected).await.status, 303);
        editor.pass_reviews(&house, id).await;
        let (first, changed) = ("2026-11-24T10:00:00+08:00", "2026-11-24T11:00:00+08:00");
        for (site, feed) in [("wangxi", "/yaowen/feed"), ("wangxi", "/feed"), ("jinchuan", "/quxian/feed")] {
            let atom = house.browser().get(site, &format!("{feed}.xml")).await.text();
            let entry = atom.split("<entry>").find(|entry| entry.contains("有待更正的消息")).expect("it is in the feed");
            assert!(entry.contains(&format!("<published>{first}</published>")), "{site}{feed} on {backend:?}: {entry}");
            assert!(entry.contains(&format!("<updated>{changed}</updated>")), "{site}{feed} on {backend:?}: {entry}");
            assert!(atom.split("<entry>").next().unwrap().contains(&format!("<updated>{changed}</updated>")), "the feed itself");

            let answer = house.browser().get(site, &format!("{feed}.json")).await;
            let json: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
            assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
            assert!(json["feed_url"].as_str().unwrap().ends_with(&format!("{site}.test{feed}.json")), "{json}");
            assert!(json["home_page_url"].as_str().unwrap().starts_with("http"), "{json}");
            let item = json["items"].as_array().unwrap().iter().find(|item| item["title"] == "有待更正的消息").unwrap();
            assert_eq!((item["date_published"].as_str(), item["date_modified"].as_str()), (Some(first), Some(changed)));
            assert_eq!(item["summary"], "有待更正的消息的摘要。");
            assert_eq!(item["authors"][0]["name"], "测试单位");
            let url = item["url"].as_str().unwrap();
            let path = url.strip_prefix(&format!("http://{site}.test")).unwrap();
            assert_eq!(house.browser().get(site, path).await.status, 200);
        }
        for site in ["wangxi", "jinchuan"] {
            let map = house.browser().get(site, "/sitemap_0.xml").await.text();
            assert!(map.contains(&format!("<lastmod>{changed}</lastmod>")), "{site} on {backend:?}: {map}");
        }
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_of_several_chunks_holds_each_address_once_and_a_correction_renews_one_chunk() {
    let Some((house, clock)) = house_at_ten(Backend::Sqlite).await else { return };
    let (site, channel, actor) = (house.site("jinchuan"), house.channel("jinchuan", "tzgg"), house.actor("jinchuan-editor"));
    let intake = |number: usize, text: &str| publish::commands::intake::Intake {
        source: format!("test:{number}"),
        hash: text.to_owned(),
        draft: publish::commands::draft::NewDraft {
            channel: channel.id,
            kind: model::ResourceKind::Article,
            content: model::Content {
                title: format!("第{number:04}号通知"),
                body: format!("<p>{text}</p>"),
                source: "测试".into(),
                ..model::Content::default()
            },
        },
    };
    let put = |new: Vec<publish::commands::intake::Intake>| {
        let taken = publish::commands::intake::take(house.engine(), &actor, site.id, new).unwrap();
        let ids: Vec<_> = taken.iter().map(|one| one.resource()).collect();
        publish::commands::intake::publish(house.engine(), &actor, site.id, &ids).unwrap();
    };
    put((1..=1_010).map(|number| intake(number, "正文")).collect());
    house.quiet().await;

    let locations = async |path: &str| -> Vec<String> {
        let page = house.browser().get("jinchuan", path).await;
        assert_eq!(page.status, 200, "{path}");
        let text = page.text();
        let found = text.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap());
        found.map(|url| url.strip_prefix("http://jinchuan.test").expect("of this site").to_owned()).collect()
    };
    let chunks = locations("/sitemap.xml").await;
    assert_eq!(chunks, ["/sitemap_0.xml", "/sitemap_1.xml"]);
    let mut articles = Vec::new();
    for chunk in &chunks {
        articles.extend(locations(chunk).await.into_iter().filter(|path| publish::address::is_article(path)));
    }
    let once: std::collections::BTreeSet<_> = articles.iter().collect();
    assert_eq!((articles.len(), once.len()), (1_010, 1_010), "each once");
    assert_eq!(house.browser().get("jinchuan", articles.last().unwrap()).await.status, 200);

    let first = house.browser().get("jinchuan", "/sitemap_0.xml").await.bytes;
    let before = house.engine().tally().0;
    turn_to(&house, &clock, 60).await;
    put(vec![intake(1_008, "更正")]);
    house.quiet().await;
    let second = house.browser().get("jinchuan", "/sitemap_1.xml").await.text();
    assert_eq!(second.matches("<lastmod>2026-11-24T10:01:00+08:00</lastmod>").count(), 1, "{second}");
    assert_eq!(house.browser().get("jinchuan", "/sitemap_0.xml").await.bytes, first);
    let rendered = house.engine().tally().0 - before;
    assert!(rendered <= 30, "{rendered} pages for one correction among a thousand items");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_item_stands_first_for_its_time_once_and_then_returns_to_its_place() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let notice = |number: usize| Article { channel: "tzgg".into(), ..Article::news(&format!("第{number:02}号通知")) };
        let mut ids = Vec::new();
        for number in 1..=4 {
            ids.push(editor.publish(&house, &notice(number)).await.0);
        }
        let unpinned = pages_of(&house, &["wangxi"]);
        let reviewer = house.desk("wangxi", "review1").await;
        let oldest = placement_of(&house, "wangxi", ids[0]);
        let pin = format!("/console/wangxi/placements/{oldest}/pin");
        assert_eq!(editor.browser.submit(&pin, &[("pin_until", &at(900))]).await.status, 403);
        let without_end = reviewer.browser.submit(&pin, &[("pin_from", &at(600)), ("pin_until", "")]).await;
        assert_eq!(without_end.status, 422);
        assert!(without_end.text().contains("请填写置顶结束时间") && without_end.text().contains(&at(600)));
        assert_eq!(reviewer.browser.submit(&pin, &[("pin_from", &at(600)), ("pin_until", &at(900))]).await.status, 303);

        turn_to(&house, &clock, 599).await;
        assert_eq!(pages_of(&house, &["wangxi"]), unpinned, "not before its second on {backend:?}");
        let before = house.engine().tally().0;
        turn_to(&house, &clock, 600).await;
        assert!(house.engine().tally().0 - before <= 4, "a pin touches the pages that list its channel");
        for path in ["/", "/tzgg/"] {
            let page = house.browser().get("wangxi", path).await.text();
            let places: Vec<_> = (1..=4).map(|number| page.find(&format!("第{number:02}号通知")).unwrap()).collect();
            assert!(places[0] < places[3] && places[3] < places[2] && places[2] < places[1], "{path} on {backend:?}: {places:?}");
            assert!(page.contains("置顶"), "{path}");
        }
        let front = house.browser().get("wangxi", "/tzgg/").await.text();
        assert_eq!(front.matches("第01号通知</a>").count(), 1, "never twice on one page");
        assert_nothing_forgotten(&house).await;
        turn_to(&house, &clock, 900).await;
        assert_eq!(pages_of(&house, &["wangxi"]), unpinned, "as if it had never been on {backend:?}");

        // Pinned at once, and let go at once.
        assert_eq!(reviewer.browser.submit(&pin, &[("pin_until", &at(5_000))]).await.status, 303);
        house.quiet().await;
        assert!(shows(&house, "wangxi", "/tzgg/", "置顶").await);
        assert_eq!(reviewer.browser.submit(&format!("/console/wangxi/placements/{oldest}/unpin"), &[]).await.status, 303);
        house.quiet().await;
        assert_eq!(pages_of(&house, &["wangxi"]), unpinned, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_item_of_an_old_chunk_is_first_on_the_front_page_and_stays_in_its_chunk() {
    let Some((house, _)) = house_at_ten(Backend::Sqlite).await else { return };
    let (site, channel, actor) = (house.site("jinchuan"), house.channel("jinchuan", "tzgg"), house.actor("jinchuan-editor"));
    let intake = |number: usize| publish::commands::intake::Intake {
        source: format!("test:{number}"),
        hash: String::new(),
        draft: publish::commands::draft::NewDraft {
            channel: channel.id,
            kind: model::ResourceKind::Article,
            content: model::Content {
                title: format!("第{number:03}号通知"),
                body: "<p>正文</p>".into(),
                source: "测试".into(),
                ..model::Content::default()
            },
        },
    };
    let taken = publish::commands::intake::take(house.engine(), &actor, site.id, (1..=90).map(intake).collect()).unwrap();
    let ids: Vec<_> = taken.iter().map(|one| one.resource()).collect();
    publish::commands::intake::publish(house.engine(), &actor, site.id, &ids).unwrap();
    house.quiet().await;
    let chunk = house.browser().get("jinchuan", "/tzgg/list_0.html").await;
    assert!(chunk.text().contains("第003号通知"), "{}", chunk.text());

    let admin = house.desk("platform", "admin").await;
    let placement = placement_of(&house, "jinchuan", ids[2].0);
    let before = house.engine().tally().0;
    let pin = format!("/console/jinchuan/placements/{placement}/pin");
    assert_eq!(admin.browser.submit(&pin, &[("pin_until", &at(900))]).await.status, 303);
    house.quiet().await;
    assert!(house.engine().tally().0 - before <= 4, "the chunks stay as they are");
    let front = house.browser().get("jinchuan", "/tzgg/").await.text();
    assert!(front.find("第003号通知").unwrap() < front.find("第090号通知").unwrap());
    assert_eq!(house.browser().get("jinchuan", "/tzgg/list_0.html").await.bytes, chunk.bytes);

    // Five at most, and the sixth is told why.
    for id in &ids[3..7] {
        let pin = format!("/console/jinchuan/placements/{}/pin", placement_of(&house, "jinchuan", id.0));
        assert_eq!(admin.browser.submit(&pin, &[("pin_until", &at(900))]).await.status, 303);
    }
    let pin = format!("/console/jinchuan/placements/{}/pin", placement_of(&house, "jinchuan", ids[8].0));
    let sixth = admin.browser.submit(&pin, &[("pin_until", &at(900))]).await;
    assert_eq!(sixth.status, 409);
    assert!(sixth.text().contains("已达5条"));
    house.quiet().await;
    assert_nothing_forgotten(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banner_stands_on_the_home_page_for_its_time() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let admin = house.desk("platform", "admin").await;
        let plain = pages_of(&house, &["wangxi"]);
        let banner = |starts: &str, link: &str| -> Vec<(&'static str, String)> {
            vec![
                ("kind", "banner".to_owned()),
                ("title", "国庆期间服务安排".to_owned()),
                ("text", "政务大厅照常办理".to_owned()),
                ("link", link.to_owned()),
                ("starts_at", starts.to_owned()),
                ("ends_at", at(900)),
            ]
        };
        let address = "/console/wangxi/notices/banners";
        let refused = send(&admin, address, banner(&at(-60), "javascript:alert(1)")).await;
        assert_eq!(refused.status, 422);
        let text = refused.text();
        assert!(
            text.contains("banner-starts_at-problem")
                && text.contains("banner-link-problem")
                && text.contains("政务大厅照常办理")
        );
        let reviewer = house.desk("wangxi", "review1").await;
        assert_eq!(send(&reviewer, address, banner(&at(600), "/tzgg/")).await.status, 403);
        assert_eq!(send(&admin, address, banner(&at(600), "/tzgg/")).await.status, 303);
        house.quiet().await;
        assert_eq!(pages_of(&house, &["wangxi"]), plain, "not before its time on {backend:?}");
        turn_to(&house, &clock, 600).await;
        let home = house.browser().get("wangxi", "/").await.text();
        assert!(home.contains("国庆期间服务安排") && home.contains("href=\"/tzgg/\""), "{backend:?}");
        assert!(!shows(&house, "qingyu", "/", "国庆期间服务安排").await, "on this site alone");
        turn_to(&house, &clock, 900).await;
        assert_eq!(pages_of(&house, &["wangxi"]), plain, "{backend:?}");

        // For all sites, in both themes.
        assert_eq!(send(&admin, "/console/notices/banners", banner("", "")).await.status, 422, "its end lies behind by now");
        let everywhere = vec![("kind", "banner".to_owned()), ("title", "全市统一横幅".to_owned())];
        assert_eq!(send(&admin, "/console/notices/banners", everywhere).await.status, 303);
        house.quiet().await;
        for site in ["jinchuan", "wangxi", "qingyu", "donglan"] {
            assert!(shows(&house, site, "/", "全市统一横幅").await, "{site} on {backend:?}");
        }
        assert_nothing_forgotten(&house).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mourning_turns_every_page_grey_by_rendering_next_to_nothing() {
    for backend in Backend::BOTH {
        let Some((house, clock)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        editor.publish(&house, &Article::news("哀悼日的文章")).await;
        let visitor = house.browser();
        let path = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "哀悼日的文章").unwrap();
        for page in ["/", "/yaowen/", &path, "/sitemap.html", "/no-such-page"] {
            for site in ["wangxi", "qingyu"].into_iter().take(if page == path { 1 } else { 2 }) {
                let text = visitor.get(site, page).await.text();
                assert!(text.contains("<link rel=\"stylesheet\" href=\"/_site/state.css\">"), "{site}{page} on {backend:?}");
                assert!(text.contains("/assets/notice.js?v="), "{site}{page}");
            }
        }
        let style = visitor.get("wangxi", "/_site/state.css").await;
        assert_eq!((style.status, style.header("content-type").as_str()), (200, "text/css; charset=utf-8"));
        assert_eq!(style.header("cache-control"), "no-cache", "asked for each time, so that it is grey at once");
        assert!(!style.text().contains("grayscale"));

        let admin = house.desk("platform", "admin").await;
        let mourning = |ends: &str| -> Vec<(&'static str, String)> {
            vec![("kind", "mourning".to_owned()), ("title", "国家公祭日".to_owned()), ("ends_at", ends.to_owned())]
        };
        let before = house.engine().tally().0;
        let district = house.desk("wangxi", "admin").await;
        assert_eq!(send(&district, "/console/notices/emergencies", mourning("")).await.status, 403, "all sites are the city's");
        assert_eq!(send(&district, "/console/qingyu/notices/emergencies", mourning("")).await.status, 404, "another district");
        assert_eq!(send(&editor, "/console/wangxi/notices/emergencies", mourning("")).await.status, 403, "no editor's switch");
        assert_eq!(send(&district, "/console/wangxi/notices/emergencies", mourning(&at(600))).await.status, 303);
        house.quiet().await;
        assert!(grey(&house, "wangxi").await && !grey(&house, "qingyu").await, "{backend:?}");
        assert!(house.engine().tally().0 - before <= 2, "one page is enough");
        turn_to(&house, &clock, 600).await;
        assert!(!grey(&house, "wangxi").await, "over at its second on {backend:?}");

        let before = house.engine().tally().0;
        assert_eq!(send(&admin, "/console/notices/emergencies", mourning("")).await.status, 303);
        house.quiet().await;
        for site in ["jinchuan", "wangxi", "qingyu", "donglan"] {
            assert!(grey(&house, site).await, "{site} on {backend:?}");
        }
        assert!(house.engine().tally().0 - before <= 8, "one page a site");
        assert_nothing_forgotten(&house).await;

        // Ended by one click; a banner is not posted through the other door.
        assert!(
            district.browser.screen("/console/wangxi/notices").await.text().contains("全市统一"),
            "the district sees the city's"
        );
        let screen = admin.browser.screen("/console/notices").await.text();
        let end =
            screen.split("action=\"").map(|part| part.split('"').next().unwrap()).find(|part| part.ends_with("/end")).unwrap();
        assert_eq!(admin.browser.submit(end, &[]).await.status, 303);
        assert_eq!(admin.browser.submit(end, &[]).await.status, 409);
        house.quiet().await;
        assert!(!grey(&house, "donglan").await);
        let banner = vec![("kind", "banner".to_owned()), ("title", "错门".to_owned())];
        assert_eq!(send(&admin, "/console/notices/emergencies", banner).await.status, 400);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_notice_is_on_the_fronts_without_a_script_and_every_other_page_can_fetch_it() {
    for backend in Backend::BOTH {
        let Some((house, _)) = house_at_ten(backend).await else { continue };
        let editor = house.desk("qingyu", "editor").await;
        for number in 0..30 {
            editor.write(&house, &Article::news(&format!("草稿{number}"))).await;
        }
        let (_, _) = editor.publish(&house, &Article::news("青屿的文章")).await;
        let visitor = house.browser();
        let path = link_to(&visitor.get("qingyu", "/yaowen/").await.text(), "青屿的文章").unwrap();
        let article = visitor.get("qingyu", &path).await.bytes;
        let plain = pages_of(&house, &["qingyu"]);
        assert!(!shows(&house, "qingyu", "/_site/notice.html", "data-emergency").await);

        let admin = house.desk("platform", "admin").await;
        let warning = vec![
            ("kind", "emergency".to_owned()),
            ("title", "台风红色预警".to_owned()),
            ("text", "请勿<外出>".to_owned()),
            ("link", "/tzgg/".to_owned()),
        ];
        let fronts = house.engine().store.read(|c| store::channels::tree(c, house.site("qingyu").id)).unwrap().all().len();
        let before = house.engine().tally().0;
        assert_eq!(send(&admin, "/console/qingyu/notices/emergencies", warning).await.status, 303);
        house.quiet().await;
        for page in ["/", "/yaowen/", "/_site/notice.html"] {
            let text = visitor.get("qingyu", page).await.text();
            assert!(text.contains("台风红色预警") && text.contains("请勿&lt;外出&gt;"), "{page} on {backend:?}");
            assert!(
                text.contains("aria-labelledby=\"emergency\"") && text.contains("<h2 id=\"emergency\">"),
                "a labelled region"
            );
            assert_eq!(text.matches("data-emergency=\"").count(), 1, "once on {page}");
        }
        assert_eq!(visitor.get("qingyu", &path).await.bytes, article, "articles are not rendered again");
        assert!(!shows(&house, "wangxi", "/", "台风红色预警").await);
        let rendered = house.engine().tally().0 - before;
        assert!(rendered <= fronts as u64 + 4, "{rendered} pages for {fronts} fronts");
        assert_nothing_forgotten(&house).await;

        let screen = admin.browser.screen("/console/qingyu/notices").await.text();
        let end =
            screen.split("action=\"").map(|part| part.split('"').next().unwrap()).find(|part| part.ends_with("/end")).unwrap();
        assert_eq!(admin.browser.submit(end, &[]).await.status, 303);
        house.quiet().await;
        assert_eq!(pages_of(&house, &["qingyu"]), plain, "{backend:?}");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("发布紧急公告") && log.contains("结束紧急公告"), "{log}");
        house.close().await;
    }
}

async fn grey(house: &House, site: &str) -> bool {
    shows(house, site, "/_site/state.css", "grayscale").await
}

async fn send(desk: &Desk, address: &str, fields: Vec<(&'static str, String)>) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    desk.browser.submit(address, &fields).await
}

/// Rendering everything again changes nothing: no page had been forgotten.
async fn assert_nothing_forgotten(house: &House) {
    let all = ["jinchuan", "wangxi", "qingyu", "donglan"];
    let incremental = pages_of(house, &all);
    publish::commands::refresh::refresh(house.engine(), &model::Actor::operator("test"), None).unwrap();
    house.quiet().await;
    assert_eq!(pages_of(house, &all), incremental);
}

async fn wait_until(engine: &publish::Engine) {
    for _ in 0..3_000 {
        if engine.is_idle().unwrap() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the queue is not empty");
}
