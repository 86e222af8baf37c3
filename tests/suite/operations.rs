//! Progress as it happens, and what the operations page says of queues, workers and failed jobs.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use model::{Clock, JobState, Lane, PublicationId, ResourceKind, SystemClock};
use publish::commands::{draft, intake};
use server::{Platform, Role};
use store::jobs;
use testkit::{Backend, House};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publication_is_followed_until_it_is_live_and_read_back_on_a_node_that_only_answers() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        let editor = house.desk("wangxi", "editor").await;
        let id = publish(&house);
        let address = format!("/console/wangxi/receipts/{id}/progress");

        let receipt = editor.browser.screen(&format!("/console/wangxi/receipts/{id}")).await.text();
        assert!(receipt.contains("data-receipt") && receipt.contains("http-equiv=\"refresh\""), "{receipt}");
        let follower = tokio::spawn({
            let (browser, address) = (editor.browser.clone(), address.clone());
            async move { browser.screen(&address).await }
        });
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert!(!follower.is_finished(), "nothing is done yet, so the line stays open");
        let mut settings = house.settings.clone();
        settings.publish.door = Some(format!("http://{}", house.platform.address.unwrap()));
        let worker = Platform::start(settings, Arc::new(SystemClock), Role::Worker).await.unwrap();
        let told = tokio::time::timeout(Duration::from_mins(1), follower).await.expect("it ends").unwrap();
        assert_eq!((told.status, told.header("content-type").as_str()), (200, "text/event-stream"), "{backend:?}");
        let text = told.text();
        let (first, last) = (text.find("event: progress").unwrap(), text.find("event: done").expect("the last word"));
        assert!(first < last && text.contains("正在查找受影响的页面"), "{text}");
        assert!(text[last..].contains("锦川市望溪区人民政府") && text[last..].contains("正在核验"), "{text}");

        // Asked for again, the end is told at once; the receipt needs no following any more.
        let again = editor.browser.screen(&address).await.text();
        assert!(again.starts_with("event: done"), "{again}");
        let receipt = editor.browser.screen(&format!("/console/wangxi/receipts/{id}")).await.text();
        assert!(receipt.contains("已上线") && !receipt.contains("data-receipt"), "{receipt}");

        // A receipt belongs to its site.
        let elsewhere = house.desk("qingyu", "editor").await;
        assert_eq!(elsewhere.browser.screen(&address).await.status, 404);
        let foreign = format!("/console/qingyu/receipts/{id}/progress");
        assert_eq!(elsewhere.browser.screen(&foreign).await.status, 404);
        worker.stop().await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_stops_although_somebody_follows_a_publication() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let house = house.without_workers().await;
    let editor = house.desk("wangxi", "editor").await;
    let address = format!("/console/wangxi/receipts/{}/progress", publish(&house));
    let follower = tokio::spawn(async move { editor.browser.screen(&address).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    tokio::time::timeout(Duration::from_secs(5), house.close()).await.expect("the node stops");
    assert!(follower.await.unwrap().text().contains("event: progress"), "what was told arrived");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_line_that_is_open_ends_within_two_seconds_of_the_session_it_was_opened_in() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        let editor = house.desk("wangxi", "editor").await;
        let address = format!("/console/wangxi/receipts/{}/progress", publish(&house));
        let browser = editor.browser.clone();
        let follower = tokio::spawn(async move { browser.screen(&address).await });
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert!(!follower.is_finished(), "{backend:?}");
        assert_eq!(editor.browser.submit("/console/sign-out", &[]).await.status, 303);
        let told = tokio::time::timeout(Duration::from_secs(2), follower).await.expect("it ends").unwrap().text();
        assert!(told.contains("event: progress") && !told.contains("event: done"), "{backend:?}: {told}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operations_page_says_how_long_jobs_wait_who_does_them_and_why_they_failed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        let operator = house.desk("platform", "admin").await;
        let quiet = operator.browser.screen("/console/operations").await.text();
        assert!(quiet.contains("当前没有正在执行的任务") && !quiet.contains("积压"), "{quiet}");

        let now = SystemClock.now();
        let store = &house.engine().store;
        let (dead, vital) = store
            .write(|c| {
                let held = jobs::enqueue(c, Lane::Urgent, "render", "{}", now - TimeDelta::minutes(3))?;
                let claimed = jobs::claim(c, "0190aaaa-7", "", now - TimeDelta::minutes(2))?;
                assert_eq!(claimed.map(|job| job.id), Some(held), "held by a worker that is not heard of any more");
                jobs::enqueue(c, Lane::Bulk, "read_back", "{}", now - TimeDelta::seconds(90))?;
                let dead = jobs::enqueue(c, Lane::Bulk, "render", "{}", now)?;
                jobs::set_aside(c, dead, "模板第3行有误")?;
                // Put off until later, so nobody waits for it.
                jobs::enqueue(c, Lane::Bulk, "keep", "{}", now + TimeDelta::hours(1))?;
                jobs::enqueue(c, Lane::After, "compress", "{}", now)?;
                let vital = jobs::enqueue(c, Lane::Urgent, "resolve", "{}", now)?;
                jobs::set_aside(c, vital, "数据库拒绝")?;
                Ok::<_, store::Error>((dead, vital))
            })
            .unwrap();
        let page = operator.browser.screen("/console/operations").await.text();
        for wanted in ["1 分 3", "积压", "线程 7", "已失联", "模板第3行有误", Lane::After.chinese()] {
            assert!(page.contains(wanted), "{wanted} is missing on {backend:?}: {page}");
        }
        let waiting = page.split("data-label=\"等待中\">").skip(1).map(|rest| rest.split('<').next().unwrap());
        assert_eq!(waiting.collect::<Vec<_>>(), ["0", "1", "1"], "{backend:?}");

        // Without this one a publication would stay without pages.
        let refuse = format!("/console/operations/jobs/{vital}/discard");
        assert!(page.contains(&format!("/jobs/{vital}/retry")) && !page.contains(&refuse), "{page}");
        let kept = operator.browser.submit(&refuse, &[]).await;
        assert!(operator.browser.screen(&kept.location()).await.text().contains("该任务不能移除"));
        assert!(store.read(|c| jobs::find(c, vital)).unwrap().is_some());

        let retried = operator.browser.submit(&format!("/console/operations/jobs/{dead}/retry"), &[]).await;
        assert_eq!(retried.status, 303, "{}", retried.text());
        let job = store.read(|c| jobs::find(c, dead)).unwrap().unwrap();
        assert_eq!((job.state, job.attempts), (JobState::Ready, 0));
        store.write(|c| jobs::set_aside(c, dead, "仍然有误")).unwrap();
        let discarded = operator.browser.submit(&format!("/console/operations/jobs/{dead}/discard"), &[]).await;
        assert_eq!(discarded.status, 303);
        assert!(store.read(|c| jobs::find(c, dead)).unwrap().is_none());
        let audit = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(
            audit.contains("重新执行任务") && audit.contains("移除任务") && audit.contains("仍然有误"),
            "who did it is on record"
        );
        house.close().await;
    }
}

/// A publication that waits for workers.
pub fn publish(house: &House) -> PublicationId {
    let (site, channel, actor) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor"));
    let content = model::Content {
        title: "进度可见".into(),
        body: "<p>正文</p>".into(),
        source: "测试".into(),
        ..model::Content::default()
    };
    let new = draft::NewDraft { channel, kind: ResourceKind::Article, content };
    let id = draft::create(house.engine(), &actor, site, new).unwrap();
    intake::publish(house.engine(), &actor, site, &[id]).unwrap();
    let decisions = house.engine().store.read(|c| store::publications::list_by_resource(c, site, id)).unwrap();
    decisions[0].id
}
