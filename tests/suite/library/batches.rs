//! Batches: many things are done at once, each as if by hand and each once, and what can be taken back is.

use model::{BatchDeed, BatchId, ChannelId, ResourceId, ResourceKind, ResourceState, SiteId};
use publish::commands::{batch, intake};
use testkit::{Backend, Desk, House, HouseOptions};

use super::{find, policy, take};
use crate::process::{self, Node};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_are_withdrawn_at_once_each_as_if_by_hand() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = live(&house, 200);
        house.quiet().await;
        let admin = house.desk("wangxi", "admin").await;
        let query = "q=%E6%89%B9%E9%87%8F%E7%A8%BF%E4%BB%B6"; // 批量稿件
        let ask = format!("/console/wangxi/library/batch?deed=withdraw&all=1&query={}", query.replace('%', "%25"));
        let confirm = admin.browser.screen(&ask).await;
        assert!(confirm.status == 200 && confirm.text().contains("name=\"expected\" value=\"200\""), "{}", confirm.text());

        let all = [("deed", "withdraw"), ("all", "1"), ("query", query)];
        let without = [&all[..], &[("expected", "200"), ("reason", " ")]].concat();
        let refused = admin.browser.submit("/console/wangxi/library/batches", &without).await;
        assert!(refused.status == 422 && refused.text().contains("请填写撤回理由"), "{}", refused.text());
        let fewer = [&all[..], &[("expected", "199"), ("reason", "内容有误")]].concat();
        let changed = admin.browser.submit("/console/wangxi/library/batches", &fewer).await;
        assert!(changed.status == 422 && changed.text().contains("现为200条") && changed.text().contains("内容有误"));

        let given = [&all[..], &[("expected", "200"), ("reason", "内容有误")]].concat();
        let begun = admin.browser.submit("/console/wangxi/library/batches", &given).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let result = finished(&admin, &begun.location()).await;
        assert!(result.contains("全部完成") && result.contains("200 条"), "{backend:?}: {result}");
        house.quiet().await;
        for id in &ids {
            assert_eq!(find(&house, "wangxi", id.0).state, ResourceState::Withdrawn, "{backend:?}");
        }
        let history = admin.browser.screen(&format!("/console/wangxi/resources/{}", ids[0])).await.text();
        assert!(history.contains("内容有误") && history.contains("wangxi-admin"), "{history}");
        assert_eq!(receipts(&house, &ids), 400, "a publication and a withdrawal each");
        let path = house.engine().store.read(|c| store::placements::list_by_resource(c, ids[7])).unwrap().remove(0).path;
        assert_eq!(house.browser().get("wangxi", &path).await.status, 410);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_done_is_listed_with_its_reason_and_a_move_is_taken_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = live(&house, 3);
        let policy = policy(&house);
        let admin = house.desk("wangxi", "admin").await;
        let (from, to) = (house.channel("wangxi", "yaowen").id, house.channel("wangxi", "tzgg").id);
        let chosen: Vec<String> = ids.iter().map(ToString::to_string).chain([policy.to_string()]).collect();
        let mut fields = vec![("deed", "move")];
        fields.extend(chosen.iter().map(|id| ("id", id.as_str())));
        let refused = admin.browser.submit("/console/wangxi/library/batches", &fields).await;
        assert!(refused.status == 422 && refused.text().contains("请选择目标栏目"), "{}", refused.text());
        let target = to.to_string();
        fields.push(("channel", &target));
        let begun = admin.browser.submit("/console/wangxi/library/batches", &fields).await;
        let result = finished(&admin, &begun.location()).await;
        assert!(result.contains("1 条未完成") && result.contains("目标栏目不接收该类型的稿件"), "{backend:?}: {result}");
        assert!(ids.iter().all(|id| find(&house, "wangxi", id.0).channel_id == to), "{backend:?}");

        // One of them is moved on by hand: it stays where it is.
        let elsewhere = other_channel(&house, &[from, to]);
        publish::commands::relocation::relocate(
            house.engine(),
            &house.actor("wangxi-admin"),
            house.site("wangxi").id,
            ids[0],
            elsewhere,
            true,
        )
        .unwrap();
        let undone = admin.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        assert_eq!(undone.status, 303, "{}", undone.text());
        let result = finished(&admin, &undone.location()).await;
        assert!(result.contains("1 条未完成") && result.contains("之后又调整过栏目"), "{backend:?}: {result}");
        let channels: Vec<ChannelId> = ids.iter().map(|id| find(&house, "wangxi", id.0).channel_id).collect();
        assert_eq!(channels, [elsewhere, from, from], "{backend:?}");
        let twice = admin.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        assert_eq!(twice.status, 409);
        house.quiet().await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_are_pushed_at_once_to_channels_of_other_sites() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = live(&house, 3);
        house.quiet().await;
        let editor = house.desk("wangxi", "editor").await;
        let own = house.site("wangxi").id;
        let open = house.engine().store.read(store::channels::list_open_anywhere).unwrap();
        let target = open.iter().find(|channel| channel.site_id != own).expect("a channel is open to pushes").id.to_string();
        let chosen: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut fields = vec![("deed", "push"), ("note", "请予转载"), ("target", target.as_str())];
        fields.extend(chosen.iter().map(|id| ("id", id.as_str())));
        for wanted in ["全部完成", "3 条未完成"] {
            let begun = editor.browser.submit("/console/wangxi/library/batches", &fields).await;
            assert_eq!(begun.status, 303, "{}", begun.text());
            let result = finished(&editor, &begun.location()).await;
            assert!(result.contains(wanted), "{backend:?}: {result}");
        }
        for id in &ids {
            assert_eq!(house.engine().store.read(|c| store::offers::list_by_resource(c, *id)).unwrap().len(), 1);
        }
        // Withdrawing takes more than an editor holds.
        let withdraw = [("deed", "withdraw"), ("id", chosen[0].as_str()), ("reason", "试一试")];
        assert_eq!(editor.browser.submit("/console/wangxi/library/batches", &withdraw).await.status, 403);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_may_no_longer_do_when_its_turn_comes_is_not_done() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let ids = live(&house, 2);
    house.quiet().await;
    let house = house.without_workers().await;
    // An editor could not ask for this; one who was an administrator when asking could.
    let deed = BatchDeed::Withdraw { reason: "内容有误".into() };
    let site = house.site("wangxi").id;
    let id = batch::begin(house.engine(), &house.actor("wangxi-editor"), site, &deed, &ids).unwrap();
    let foreign = batch::begin(house.engine(), &house.actor("wangxi-admin"), house.site("qingyu").id, &deed, &ids);
    assert!(foreign.is_err(), "resources of another site are not in a batch");
    let config = process::settings(&house, "worker", process::free_address());
    let worker = Node::worker(&config);
    let failed = settled(&house, site, id).await;
    drop(worker);
    assert_eq!((failed.done, failed.failed), (0, 2));
    assert!(ids.iter().all(|id| find(&house, "wangxi", id.0).state == ResourceState::Live));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_worker_is_killed_again_and_again_does_each_once() {
    for backend in Backend::BOTH {
        let options = HouseOptions { backend, redis: false, sites: None, duty: server::Role::All };
        let Some(house) = House::open_with(options).await else { continue };
        let ids = live(&house, 150);
        house.quiet().await;
        let house = house.without_workers().await;
        let (site, deed) = (house.site("wangxi").id, BatchDeed::Withdraw { reason: "内容有误".into() });
        let id = batch::begin(house.engine(), &house.actor("wangxi-admin"), site, &deed, &ids).unwrap();
        let config = process::settings(&house, "worker", process::free_address());
        for milliseconds in [300, 450, 600] {
            let worker = Node::worker(&config);
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            drop(worker);
        }
        let worker = Node::worker(&config);
        let tally = settled(&house, site, id).await;
        house.quiet().await;
        drop(worker);
        assert_eq!((tally.done, tally.failed), (150, 0), "{backend:?}");
        assert_eq!(receipts(&house, &ids), 300, "one publication and one withdrawal each on {backend:?}");
        house.close().await;
    }
}

/// Live resources of `wangxi`.
fn live(house: &House, count: usize) -> Vec<ResourceId> {
    let (site, channel, actor) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor"));
    let ids = take(house, site, channel, &actor, count);
    intake::publish(house.engine(), &actor, site, &ids).unwrap();
    ids
}

fn other_channel(house: &House, except: &[ChannelId]) -> ChannelId {
    let site = house.site("wangxi").id;
    let tree = house.engine().store.read(|c| store::channels::tree(c, site)).unwrap();
    let fits = |channel: &&model::Channel| {
        channel.resource_kind == ResourceKind::Article && !channel.retired && !except.contains(&channel.id)
    };
    tree.all().iter().find(fits).expect("there is a third").id
}

/// Publications and withdrawals of all of these.
fn receipts(house: &House, ids: &[ResourceId]) -> usize {
    let site = house.site("wangxi").id;
    let of = |id: &ResourceId| house.engine().store.read(|c| store::publications::list_by_resource(c, site, *id)).unwrap().len();
    ids.iter().map(of).sum()
}

/// The result of a batch, once nothing of it waits.
pub async fn finished(desk: &Desk, address: &str) -> String {
    for _ in 0..1_200 {
        let screen = desk.browser.screen(address).await;
        assert_eq!(screen.status, 200, "{address}: {}", screen.text());
        if !screen.text().contains("正在执行") {
            return screen.text();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{address} is never finished");
}

async fn settled(house: &House, site: SiteId, id: BatchId) -> model::BatchTally {
    for _ in 0..1_200 {
        let batch = house.engine().store.read(|c| store::batches::find(c, site, id)).unwrap().unwrap();
        if batch.finished_at.is_some() {
            return house.engine().store.read(|c| store::batches::tally(c, id)).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the batch is never finished");
}
