//! 站点状态: a site that is not open is not public at any address, comes back with one press, and closes on its day.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use model::schedule::field_time;
use model::{Clock, FixedClock, ResourceId, ResourceKind, ScheduleState, SystemClock};
use publish::commands::{draft, intake};
use testkit::{Answer, Article, Backend, Browser, Desk, House, HouseOptions};

use crate::founding::GOOD;
use crate::journey::link_to;
use crate::process::{self, Node};
use crate::sharing::assert_rebuild_changes_nothing;

/// Has something live in these channels, without the ways of reviewers.
pub fn fill(house: &House, site: &str, channels: &[&str]) {
    let (engine, id, actor) = (house.engine(), house.site(site).id, house.actor("admin"));
    for key in channels {
        let channel = house.channel(site, key);
        let content = model::Content {
            title: format!("{}说明", channel.name),
            body: "<p>内容</p>".into(),
            source: "测试".into(),
            ..Default::default()
        };
        let new = draft::NewDraft { channel: channel.id, kind: ResourceKind::Article, content };
        let resource = draft::create(engine, &actor, id, new).unwrap();
        assert_eq!(intake::publish(engine, &actor, id, &[resource]).unwrap(), 1);
    }
}

/// So many days from now, as a field holds it.
pub fn in_days(house: &House, days: i64) -> String {
    field_time(house.engine().clock.now() + TimeDelta::days(days))
}

/// Announces something and what goes with it.
pub async fn announce(desk: &Desk, site: &str, deed: &str, until: &str, moved_to: &str) -> Answer {
    let fields = [
        ("title", "关于网站服务调整的公告"),
        ("text", "经批准，网站服务作如下调整。"),
        ("basis", "锦政办函〔2026〕12号"),
        ("until", until),
        ("moved_to", moved_to),
    ];
    desk.browser.submit(&format!("/console/{site}/state/{deed}"), &fields).await
}

pub async fn press(desk: &Desk, site: &str, deed: &str) -> u16 {
    desk.browser.submit(&format!("/console/{site}/state/{deed}"), &[]).await.status
}

/// Every one of these addresses answers the notice, and nothing else of the site.
async fn assert_shut(visitor: &Browser, site: &str, paths: &[&str], words: &str) {
    for path in paths {
        let answer = visitor.get(site, path).await;
        assert!(answer.status == 503 && answer.text().contains(words), "{site}{path}: {} {}", answer.status, answer.text());
        assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{site}{path}");
        assert!(answer.text().contains("noindex"), "{site}{path}");
    }
    let style = visitor.get(site, "/").await.text();
    let style =
        style.split("href=\"").find(|part| part.starts_with("/assets/shutter.css?v=")).unwrap().split('"').next().unwrap();
    for path in [style, "/_site/state.css"] {
        assert_eq!(visitor.get(site, path).await.status, 200, "what the notice is drawn with: {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_founded_site_is_prepared_out_of_sight_and_opens_when_it_has_what_a_site_must_have() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("platform", "admin").await;
        let form: Vec<_> = GOOD.iter().copied().chain([("step", "3")]).collect();
        let made = administrator.browser.submit("/console/sites/new/found", &form).await;
        assert_eq!(made.location(), "/console/hedong/state?done=founded", "{backend:?}: {}", made.text());
        let visitor = house.browser();
        assert_eq!(visitor.get("hedong", "/").await.status, 503, "not even while its pages are being made");
        house.quiet().await;
        assert_shut(&visitor, "hedong", &["/", "/yaowen/", "/robots.txt", "/feed.xml", "/no/such/page.html"], "正在建设").await;
        assert_eq!(visitor.head("hedong.test", "/").await.status, 503);

        let screen = administrator.browser.screen("/console/hedong/state").await.text();
        assert!(screen.contains("筹建中") && screen.contains("信息公开指南") && screen.contains("还有 2 项必须完成"), "{screen}");
        // What is missing leads to the form with its channel chosen, for whoever may write.
        let guide = house.channel("hedong", "zhinan").id;
        let to_guide = format!("/console/hedong/resources/new?channel={guide}\">信息公开指南");
        assert!(screen.contains(&to_guide), "{screen}");
        let form = administrator.browser.screen(&format!("/console/hedong/resources/new?channel={guide}")).await.text();
        assert!(form.contains(&format!("<option value=\"{guide}\" data-kind=\"article\" selected>")), "{form}");
        let foreign = house.channel("wangxi", "yaowen").id;
        let form = administrator.browser.screen(&format!("/console/hedong/resources/new?channel={foreign}")).await.text();
        assert!(!form.contains(&format!("<option value=\"{foreign}\"")), "{form}");
        let reviewer = house.desk("wangxi", "review1").await.at("hedong");
        let seen = reviewer.browser.screen("/console/hedong/state").await.text();
        assert!(seen.contains("信息公开指南") && !seen.contains("resources/new"), "{backend:?}: {seen}");
        let early = administrator.browser.submit("/console/hedong/state/open", &[]).await;
        assert!(early.status == 409 && early.text().contains("还有2项必备事项没有完成"), "{}", early.text());
        assert!(administrator.browser.screen("/console").await.text().contains("筹建中"));
        assert!(!visitor.get("qingyu", "/").await.text().contains("河东区"), "{backend:?}: no other site leads to it yet");

        // What goes live waits behind the door, and its receipt says so.
        let editor = house.desk("wangxi", "editor").await.at("hedong");
        let id = editor.write(&house, &Article::news("河东区门户网站开通")).await;
        assert_eq!(editor.hand_in(&house, id).await.status, 303);
        let mut receipt = String::new();
        for step in 0..3 {
            let reviewer = house.desk("wangxi", &format!("review{}", step + 1)).await.at("hedong");
            receipt = reviewer.approve(id, step).await.location();
        }
        fill(&house, "hedong", &["zhinan", "jgzn"]);
        house.quiet().await;
        let told = editor.browser.screen(receipt.split('?').next().unwrap()).await.text();
        assert!(told.contains("已备好") && told.contains("站点当时筹建中，未从公众入口核验"), "{backend:?}: {told}");
        assert!(told.contains("一致") && !told.contains("不一致") && !told.contains("未核验"), "{backend:?}: {told}");
        assert_shut(&visitor, "hedong", &["/yaowen/"], "正在建设").await;

        let site_administrator = house.desk("wangxi", "admin").await;
        assert_eq!(press(&site_administrator, "hedong", "open").await, 404, "nothing of this site is theirs");
        assert_eq!(press(&editor, "hedong", "open").await, 403);
        assert_eq!(press(&administrator, "hedong", "open").await, 303);
        let list = visitor.get("hedong", "/yaowen/").await;
        assert!(list.status == 200 && link_to(&list.text(), "河东区门户网站开通").is_some(), "{backend:?}: open at once");
        assert_eq!(press(&administrator, "hedong", "open").await, 409, "it is open already");
        house.quiet().await;
        assert!(visitor.get("qingyu", "/").await.text().contains("河东区"), "{backend:?}: now the others do");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("站点状态：筹建中变为运行中"), "{log}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_never_opened_is_deleted_with_all_that_is_its_own_and_may_be_founded_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("platform", "admin").await;
        let form: Vec<_> = GOOD.iter().copied().chain([("step", "3")]).collect();
        let found = async || administrator.browser.submit("/console/sites/new/found", &form).await.status;
        let remove = async |desk: &Desk, site: &str, name: &str| {
            desk.browser.submit(&format!("/console/{site}/state/remove"), &[("name", name)]).await
        };
        assert_eq!(found().await, 303, "{backend:?}");
        house.quiet().await;
        let editor = house.desk("wangxi", "editor").await.at("hedong");
        editor.write(&house, &Article::news("还没写完的稿件")).await;
        let id = house.site("hedong").id;
        let files = std::collections::BTreeMap::from([("assets/logo.svg".to_owned(), "hash".to_owned())]);
        let note = || {
            let note = |command: &mut store::Command<'_>| store::sites::note_each_file(command, "site/hedong", &files);
            house.engine().store.command(note).unwrap()
        };
        assert_eq!((note().len(), note().len()), (1, 0), "{backend:?}");
        let screen = async || administrator.browser.screen("/console/hedong/state").await.text();
        assert!(screen().await.contains("输入网站全称以确认"), "{backend:?}");

        assert_eq!(
            remove(&house.desk("wangxi", "admin").await, "hedong", "锦川市河东区人民政府").await.status,
            404,
            "{backend:?}"
        );
        assert_eq!(remove(&editor, "hedong", "锦川市河东区人民政府").await.status, 403, "{backend:?}");
        let other = remove(&administrator, "hedong", "河东").await;
        assert!(
            other.status == 422 && other.text().contains("请输入网站全称") && other.text().contains("\"河东\""),
            "{backend:?}"
        );
        let opened = remove(&administrator, "qingyu", &house.site("qingyu").name).await;
        assert!(opened.status == 409 && opened.text().contains("站点已经开通过"), "{backend:?}");

        let gone = remove(&administrator, "hedong", "锦川市河东区人民政府").await;
        assert_eq!(gone.location(), "/console?done=site-removed", "{backend:?}: {}", gone.text());
        house.quiet().await;
        assert_eq!(administrator.browser.screen("/console/hedong/state").await.status, 404, "{backend:?}");
        assert_eq!(house.browser().get("hedong", "/").await.status, 404, "{backend:?}");
        assert!(!house.settings.pages.join("hedong/index.html").exists(), "{backend:?}");
        let agency = house.engine().store.read(|connection| store::sites::find_agency(connection, "99010900X"));
        assert_eq!(agency.unwrap(), None, "{backend:?}: nor is its agency left");
        assert_eq!(note().len(), 1, "{backend:?}: nor what was known of its files");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("删除站点"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;

        // What was published belongs to the library, even where the public never came.
        assert_eq!(found().await, 303, "{backend:?}: its key and its hosts are free again");
        assert_ne!(house.site("hedong").id, id, "{backend:?}");
        fill(&house, "hedong", &["zhinan"]);
        house.quiet().await;
        let told = screen().await;
        assert!(told.contains("须留存备查") && !told.contains("输入网站全称"), "{backend:?}: {told}");
        let kept = remove(&administrator, "hedong", "锦川市河东区人民政府").await;
        assert!(kept.status == 409 && kept.text().contains("须留存备查"), "{backend:?}: {}", kept.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_goes_offline_with_a_notice_at_every_address_and_comes_back_with_what_was_published_meanwhile() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, administrator) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
        editor.publish(&house, &Article::news("下线以前的稿件")).await;
        let visitor = house.browser();
        let article = link_to(&visitor.get("wangxi", "/yaowen/").await.text(), "下线以前的稿件").unwrap();
        assert_eq!(visitor.get("wangxi", &article).await.status, 200, "now it is in memory");

        for (who, status) in [(&editor, 403), (&house.desk("qingyu", "admin").await, 404)] {
            assert_eq!(announce(who, "wangxi", "offline", &in_days(&house, 3), "").await.status, status);
        }
        let until = in_days(&house, 3);
        let strange = [("title", "公\0告"), ("text", "内\0容"), ("basis", "依\0据"), ("until", &until), ("moved_to", "")];
        let answer = administrator.browser.submit("/console/wangxi/state/offline", &strange).await;
        for field in ["公告标题", "公告内容", "批准文号或依据"] {
            let told = format!("{field}中有不能使用的字符");
            assert!(answer.status == 422 && answer.text().contains(&told), "{backend:?}: {}", answer.text());
        }
        let down = announce(&administrator, "wangxi", "offline", &in_days(&house, 3), "").await;
        assert_eq!(down.location(), "/console/wangxi/state?done=site-offline", "{backend:?}: {}", down.text());
        assert_eq!(visitor.get("wangxi", &article).await.status, 503, "at once, whether or not the notice is made already");
        house.quiet().await;
        let everywhere =
            ["/", "/yaowen/", article.as_str(), "/feed.xml", "/sitemap.xml", "/_error/404.html", "/_site/shutter.html"];
        assert_shut(&visitor, "wangxi", &everywhere, "关于网站服务调整的公告").await;
        let wait: i64 = visitor.get("wangxi", "/").await.header("retry-after").parse().unwrap();
        assert!((3 * 86_400 - 120..=3 * 86_400).contains(&wait), "{wait}");
        assert_eq!(visitor.get("qingyu", "/").await.status, 200, "no other site is concerned");
        let screen = administrator.browser.screen("/console/wangxi/state").await.text();
        assert!(screen.contains("锦政办函〔2026〕12号") && screen.contains("恢复访问"), "{screen}");

        let (withdrawn, _) = editor.publish(&house, &Article::news("下线期间又撤回的稿件")).await;
        editor.publish(&house, &Article::news("下线期间的稿件")).await;
        let answer = administrator.withdraw("wangxi", withdrawn, "测试").await;
        house.quiet().await;
        let told = editor.browser.screen(answer.location().split('?').next().unwrap()).await.text();
        assert!(told.contains("已撤下") && !told.contains("不一致"), "{told}");
        assert_shut(&visitor, "wangxi", &["/yaowen/"], "关于网站服务调整的公告").await;

        assert_eq!(press(&house.desk("qingyu", "admin").await, "wangxi", "resume").await, 404);
        assert_eq!(press(&administrator, "wangxi", "resume").await, 303);
        let list = visitor.get("wangxi", "/yaowen/").await;
        assert!(list.status == 200 && list.text().contains("下线期间的稿件"), "{backend:?}: {}", list.text());
        assert!(!list.text().contains("又撤回"), "{backend:?}");
        house.quiet().await;
        assert_eq!(visitor.get("wangxi", "/_site/shutter.html").await.status, 404, "there is no notice of an open site");
        let screen = administrator.browser.screen("/console/wangxi/state").await.text();
        assert!(screen.contains("历次变更") && screen.contains("临时下线"), "{screen}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_do_not_allow_is_refused_at_its_field_and_nothing_typed_is_lost() {
    let clock = Arc::new(FixedClock::at("2026-03-02T01:00:00".parse().unwrap()));
    let Some(house) = House::open_at(Backend::Sqlite, clock.clone()).await else { return };
    let (own, city) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
    let refused = async |desk: &Desk, deed: &str, until: &str, told: &str| {
        let answer = announce(desk, "wangxi", deed, until, "").await;
        let (text, id) = (answer.text(), if deed == "close" { "close-until-problem" } else { "offline-until-problem" });
        assert!(answer.status == 422 && text.contains(told) && text.contains(id), "{deed} {until}: {text}");
        assert!(text.contains("经批准，网站服务作如下调整。"), "what was typed is there: {text}");
    };
    refused(&own, "offline", &in_days(&house, 31), "临时下线每次不超过30天").await;
    refused(&city, "offline", &in_days(&house, 31), "临时下线每次不超过30天").await;
    refused(&own, "offline", "2026-03-01T00:00:00", "时间已过").await;
    refused(&own, "offline", "", "请填写预计恢复时间").await;
    refused(&city, "close", &in_days(&house, 29), "关停公示期不少于30天").await;
    let empty = own.browser.submit("/console/wangxi/state/offline", &[]).await;
    for told in ["请填写公告标题", "请填写公告内容", "请填写批准文号或依据"] {
        assert!(empty.status == 422 && empty.text().contains(told), "{told}");
    }
    let astray = announce(&own, "wangxi", "offline", &in_days(&house, 1), "javascript:alert(1)").await;
    assert!(astray.status == 422 && astray.text().contains("offline-moved_to-problem"), "{}", astray.text());
    assert_eq!(announce(&own, "wangxi", "close", &in_days(&house, 40), "").await.status, 403, "the city closes sites");
    assert_eq!(house.browser().get("wangxi", "/").await.status, 200, "none of this did anything");

    assert_eq!(announce(&own, "wangxi", "offline", &in_days(&house, 30), "").await.status, 303);
    assert_eq!(announce(&own, "wangxi", "offline", &in_days(&house, 1), "").await.status, 409, "it is offline already");
    assert_eq!(press(&own, "wangxi", "resume").await, 303);
    clock.advance(TimeDelta::days(200));
    let city = house.desk("platform", "admin").await;
    refused(&city, "offline", &in_days(&house, 1), "每年不超过1次，本站今年已于3月2日临时下线").await;
    clock.advance(TimeDelta::days(150));
    let own = house.desk("wangxi", "admin").await;
    assert_eq!(announce(&own, "wangxi", "offline", &in_days(&house, 1), "").await.status, 303, "another year");
    house.quiet().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_is_announced_on_an_open_site_and_comes_on_its_day() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let (editor, city) = (house.desk("qingyu", "editor").await, house.desk("platform", "admin").await);
        editor.publish(&house, &Article::news("关停以前的稿件")).await;
        let visitor = house.browser();
        let article = link_to(&visitor.get("qingyu", "/yaowen/").await.text(), "关停以前的稿件").unwrap();
        let (portal, words) = ("https://www.jinchuan-demo.gov.cn/qingyu/", "关于网站服务调整的公告");
        let tells = async |path: &str| {
            let page = visitor.get("qingyu", path).await;
            assert_eq!(page.status, 200, "{backend:?} {path}");
            page.text().contains(words) && page.text().contains(portal)
        };

        // Announced, and called off.
        assert_eq!(announce(&city, "qingyu", "close", &in_days(&house, 31), portal).await.status, 303);
        house.quiet().await;
        for path in ["/", "/yaowen/", "/_site/notice.html"] {
            assert!(tells(path).await, "{backend:?} {path} tells what will be");
        }
        assert!(visitor.get("qingyu", "/_site/state.css").await.text().contains("emergency"));
        assert_eq!(press(&editor, "qingyu", "call-off").await, 403);
        assert_eq!(press(&city, "qingyu", "call-off").await, 303);
        house.quiet().await;
        assert!(!tells("/").await && !tells("/yaowen/").await, "{backend:?}");
        clock.advance(TimeDelta::days(32));
        house.quiet().await;
        assert!(
            visitor.get("qingyu", "/").await.text().contains("关停以前的稿件"),
            "the day of what was called off does nothing"
        );

        let city = house.desk("platform", "admin").await;
        assert_eq!(announce(&city, "qingyu", "close", &in_days(&house, 31), portal).await.status, 303);
        clock.advance(TimeDelta::days(30));
        house.quiet().await;
        assert!(visitor.get("qingyu", "/").await.text().contains("关停以前的稿件"), "{backend:?}: it is open until its day");
        clock.advance(TimeDelta::days(2));
        house.quiet().await;
        let home = visitor.get("qingyu", "/").await.text();
        assert!(home.contains(words) && home.contains(portal) && !home.contains("关停以前的稿件"), "{backend:?}: {home}");
        assert!(tells("/yaowen/").await && tells("/_site/notice.html").await, "{backend:?}");
        assert_eq!(visitor.get("qingyu", &article).await.status, 200, "{backend:?}: old pages are where they were");
        assert_rebuild_changes_nothing(&house, backend).await;

        let city = house.desk("platform", "admin").await;
        let screen = city.browser.screen("/console/qingyu/state").await.text();
        assert!(screen.contains("已关停") && screen.contains("重新开通"), "{screen}");
        assert_eq!(press(&city, "qingyu", "open").await, 303);
        house.quiet().await;
        assert!(visitor.get("qingyu", "/").await.text().contains("关停以前的稿件"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_site_publishes_nothing_and_shows_nothing_new_until_it_is_taken_up_again() {
    const REFUSED: &str = "本站已关停，不再发布内容";
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let (editor, author) = (house.desk("jinchuan", "editor").await, house.desk("wangxi", "editor").await);
        let scheduled = editor.write(&house, &Article::news("到时已关停的稿件")).await;
        let times = [("publish_at", in_days(&house, 40)), ("withdraw_at", String::new())];
        let times = times.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(editor.browser.submit(&format!("/console/jinchuan/resources/{scheduled}/times"), &times).await.status, 303);
        assert!(editor.pass_reviews(&house, scheduled).await.location().contains("done=scheduled"));
        let reviewed = editor.write(&house, &Article::news("关停时还在审核的稿件")).await;
        assert_eq!(editor.hand_in(&house, reviewed).await.status, 303);
        for (step, person) in (0..).zip(["review1", "review2"]) {
            assert_eq!(house.desk("jinchuan", person).await.approve(reviewed, step).await.status, 303);
        }
        let (shared, _) = author.publish(&house, &Article::news("关停以前共享的稿件")).await;
        let channel = house.channel("jinchuan", "zt").id.to_string();
        let push = author.browser.submit(&format!("/console/wangxi/resources/{shared}/push"), &[("channel", &channel)]).await;
        assert_eq!(push.status, 303, "{}", push.text());
        let offers = house.engine().store.read(|c| store::offers::list_by_resource(c, ResourceId(shared))).unwrap();
        let city = house.desk("platform", "admin").await;
        assert_eq!(announce(&city, "jinchuan", "close", &in_days(&house, 31), "").await.status, 303);
        clock.advance(TimeDelta::days(32));
        house.quiet().await;

        let answer = house.desk("jinchuan", "review3").await.approve(reviewed, 2).await;
        assert!(answer.status == 409 && answer.text().contains(REFUSED), "{backend:?}: {} {}", answer.status, answer.text());
        let accept = format!("/console/jinchuan/offers/{}/accept", offers[0].id);
        let accepted = house.desk("jinchuan", "review1").await.browser.submit(&accept, &[]).await;
        assert!(accepted.status == 409 && accepted.text().contains(REFUSED), "{backend:?}: {}", accepted.text());
        house.desk("wangxi", "editor").await.publish(&house, &Article::news("关停期间别处的稿件")).await;
        let visitor = house.browser();
        let list = visitor.get("jinchuan", "/quxian/").await.text();
        assert!(list.contains("关停以前共享的稿件") && !list.contains("关停期间别处的稿件"), "{backend:?}: {list}");
        let withdrawn = house.desk("wangxi", "admin").await.withdraw("wangxi", shared, "测试").await;
        assert_eq!(withdrawn.status, 303, "{}", withdrawn.text());
        house.quiet().await;
        assert!(!visitor.get("jinchuan", "/quxian/").await.text().contains("关停以前共享的稿件"), "{backend:?}");

        clock.advance(TimeDelta::days(9));
        house.engine().wake();
        house.quiet().await;
        let site = house.site("jinchuan").id;
        let kept = house.engine().store.read(|c| store::schedules::list_by_resource(c, site, ResourceId(scheduled))).unwrap();
        assert!(kept.iter().any(|one| one.state == ScheduleState::Cancelled && one.reason == REFUSED), "{backend:?}: {kept:?}");

        let city = house.desk("platform", "admin").await;
        assert_eq!(press(&city, "jinchuan", "open").await, 303);
        house.quiet().await;
        assert!(visitor.get("jinchuan", "/quxian/").await.text().contains("关停期间别处的稿件"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_node_shuts_and_opens_a_site_within_a_second() {
    let options = HouseOptions { backend: Backend::Postgres, redis: true, sites: None, duty: server::Role::All };
    let Some(house) = House::open_with(options).await else { return };
    let address = process::free_address();
    let _node = Node::web(&process::settings(&house, "web", address));
    let other = Browser::at(address);
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(other.get("wangxi", "/").await.status, 200, "now it is in the other node's memory");
    let answers = async |status: u16| {
        let begun = Instant::now();
        while other.get("wangxi", "/").await.status != status {
            assert!(begun.elapsed() < Duration::from_secs(1), "the other node does not answer {status} within a second");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let administrator = house.desk("wangxi", "admin").await;
    assert_eq!(announce(&administrator, "wangxi", "offline", &in_days(&house, 3), "").await.status, 303);
    answers(503).await;
    house.quiet().await;
    assert_shut(&other, "wangxi", &["/", "/yaowen/"], "关于网站服务调整的公告").await;
    assert_eq!(press(&administrator, "wangxi", "resume").await, 303);
    answers(200).await;
    house.quiet().await;
    house.close().await;
}
