//! Batches: many things are done at once, each as if by hand and each once, and what can be taken back is.

use model::{BatchDeed, BatchId, BatchItemState, ChannelId, ResourceId, ResourceKind, ResourceState, SiteId, WorkState};
use publish::commands::{batch, intake};
use testkit::{Answer, Article, Backend, Desk, House, HouseOptions};

use super::{find, policy, take};
use crate::media::png_head;
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
        assert!(changed.status == 422 && changed.text().contains("现为200篇") && changed.text().contains("内容有误"));

        let given = [&all[..], &[("expected", "200"), ("reason", "内容有误")]].concat();
        let begun = admin.browser.submit("/console/wangxi/library/batches", &given).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        let result = finished(&admin, &begun.location()).await;
        assert!(result.contains("全部完成") && result.contains("200 篇"), "{backend:?}: {result}");
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
        let before = sequences(&house, &ids);
        let begun = admin.browser.submit("/console/wangxi/library/batches", &fields).await;
        let result = finished(&admin, &begun.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("目标栏目不接收该类型的稿件"), "{backend:?}: {result}");
        assert!(ids.iter().all(|id| find(&house, "wangxi", id.0).channel_id == to), "{backend:?}");

        // One of them is moved on by hand: it stays where it is.
        let elsewhere = other_channel(&house, &[from, to]);
        publish::commands::relocation::relocate(
            house.engine(),
            &house.actor("wangxi-admin"),
            house.site("wangxi").id,
            ids[0],
            elsewhere,
        )
        .unwrap();
        let undone = admin.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        assert_eq!(undone.status, 303, "{}", undone.text());
        let result = finished(&admin, &undone.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("之后又调整过栏目"), "{backend:?}: {result}");
        let channels: Vec<ChannelId> = ids.iter().map(|id| find(&house, "wangxi", id.0).channel_id).collect();
        assert_eq!(channels, [elsewhere, from, from], "{backend:?}");
        assert_eq!(sequences(&house, &ids[1..]), before[1..], "each where it stood in its list on {backend:?}");
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
        for wanted in ["全部完成", "3 篇未完成"] {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_are_copied_as_drafts_and_copies_that_nobody_touched_are_taken_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let mut ids = live(&house, 2);
        ids.push(ResourceId(policy(&house)));
        let editor = house.desk("wangxi", "editor").await;
        let to = house.channel("wangxi", "tzgg").id.to_string();
        let copies = |channel| [vec![("deed", "copy")], channel].concat();
        let refused = submit(&editor, &copies(vec![]), &ids).await;
        assert!(refused.status == 422 && refused.text().contains("请选择目标栏目"), "{}", refused.text());
        let begun = submit(&editor, &copies(vec![("channel", to.as_str())]), &ids).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("目标栏目不接收该类型的稿件"), "{backend:?}: {result}");
        assert_eq!(result.matches("已复制为草稿").count(), 2, "{result}");

        let made = made(&house, "wangxi", &begun.location());
        for copy in &made {
            let resource = find(&house, "wangxi", copy.0);
            assert_eq!((resource.state, resource.work), (ResourceState::Unpublished, WorkState::Draft), "{backend:?}");
            assert_eq!((resource.index_number, resource.published_at), (None, None));
            let told = editor.browser.screen(&format!("/console/wangxi/resources/{copy}")).await.text();
            assert!(told.contains("批量稿件") && told.contains("（副本）") && told.contains("由批量复制新建"), "{told}");
        }
        let article = Article { channel: "tzgg".into(), ..Article::news("副本里写了新的内容") };
        assert_eq!(editor.rewrite(&house, made[0].0, &article).await.status, 303);
        let undone = editor.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        let result = finished(&editor, &undone.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("副本此后有过改动"), "{backend:?}: {result}");
        let works: Vec<WorkState> = made.iter().map(|copy| find(&house, "wangxi", copy.0).work).collect();
        assert_eq!(works, [WorkState::Draft, WorkState::Discarded], "{backend:?}");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("发起批量复制") && log.contains("发起撤销复制") && log.contains("放入回收站"), "{log}");
        house.quiet().await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_goes_to_another_site_only_by_whoever_writes_there_and_without_media() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let picture = editor.bring(&house, "图.png", &png_head(8, 8)).await;
        let body = format!("<p>正文</p><p><img src=\"media:{picture}\" alt=\"图\"></p>");
        let with_picture = editor.write(&house, &Article { body, ..Article::news("有图的消息") }).await;
        let plain = editor.write(&house, &Article::news("没有图的消息")).await;
        let ids = [ResourceId(with_picture), ResourceId(plain)];
        let foreign = house.channel("qingyu", "yaowen").id.to_string();
        let fields = [("deed", "copy"), ("to", "qingyu"), ("channel", foreign.as_str())];
        assert_eq!(submit(&editor, &fields, &ids).await.status, 404, "a site where one is nobody does not exist");
        let smuggled = submit(&editor, &[fields[0], fields[2]], &ids).await;
        assert!(smuggled.status == 422 && smuggled.text().contains("请选择目标栏目"), "{}", smuggled.text());

        let city = house.desk("platform", "admin").await;
        let listed = submit(&city, &[&fields[..2], &[("action", "search")]].concat(), &ids).await;
        assert!(listed.status == 200 && listed.text().contains(&format!("<option value=\"{foreign}\"")), "{}", listed.text());
        let begun = submit(&city, &fields, &ids).await;
        let result = finished(&city, &begun.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("不能复制到其他站点"), "{backend:?}: {result}");
        let made = made(&house, "wangxi", &begun.location());
        assert_eq!(made.len(), 1, "{backend:?}");
        assert_eq!(find(&house, "qingyu", made[0].0).channel_id.to_string(), foreign);
        let told = house.desk("qingyu", "editor").await.browser.screen(&format!("/console/qingyu/resources/{}", made[0])).await;
        assert!(told.status == 200 && told.text().contains("没有图的消息") && !told.text().contains("（副本）"));
        // Whoever writes on the first site alone takes nothing back on the second.
        let undone = editor.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        let result = finished(&editor, &undone.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("没有此项操作权限"), "{backend:?}: {result}");
        assert_eq!(find(&house, "qingyu", made[0].0).work, WorkState::Draft);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keywords_are_given_and_taken_and_what_is_live_waits_for_its_review() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let shown = live(&house, 1)[0];
        house.quiet().await;
        let editor = house.desk("wangxi", "editor").await;
        let draft = ResourceId(policy(&house));
        let in_review = ResourceId(editor.write(&house, &Article::news("审核中的消息")).await);
        editor.hand_in(&house, in_review.0).await;
        let opened = ResourceId(editor.write(&house, &Article::news("有人正在编辑的消息")).await);
        let admin = house.desk("wangxi", "admin").await;
        assert_eq!(admin.browser.screen(&format!("/console/wangxi/resources/{opened}/edit")).await.status, 200);
        let ids = [shown, draft, in_review, opened];

        for (add, remove, told) in [
            (" ", "，", "请填写要增加或移除的关键词"),
            ("供热、民生", "民生", "“民生”不能既增加又移除"),
            (&"长".repeat(31), "", "每个关键词不超过30字"),
        ] {
            let refused = submit(&editor, &[("deed", "tag"), ("add", add), ("remove", remove)], &ids).await;
            assert!(refused.status == 422 && refused.text().contains(told), "{}", refused.text());
            assert!(refused.text().contains(&format!("value=\"{add}\"")), "nothing typed is lost: {}", refused.text());
        }
        let fields = [("deed", "tag"), ("add", "供热，民生"), ("remove", "住房租赁")];
        let reviewer = house.desk("wangxi", "review1").await;
        assert_eq!(submit(&reviewer, &fields, &ids).await.status, 403);

        let live_before = find(&house, "wangxi", shown.0).live_revision_id;
        let begun = submit(&editor, &fields, &ids).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains("2 篇未完成"), "{backend:?}: {result}");
        for told in ["已存为新版本，需送审后上线", "已存入草稿", "正在审核，如需修改请先收回", "wangxi-admin正在编辑此稿件"]
        {
            assert!(result.contains(told), "{told} on {backend:?}: {result}");
        }
        assert_eq!(keywords(&house, shown), ["供热", "民生"]);
        assert_eq!(keywords(&house, draft), ["住房", "供热", "民生"]);
        let resource = find(&house, "wangxi", shown.0);
        assert_eq!((resource.state, resource.work), (ResourceState::Live, WorkState::Draft), "{backend:?}");
        assert_eq!(resource.live_revision_id, live_before, "the public sees what was reviewed");
        let history = editor.browser.screen(&format!("/console/wangxi/resources/{shown}")).await.text();
        assert!(history.contains("保存第2版"), "{history}");

        let next = editor.browser.screen("/console/wangxi/library/batch?deed=submit&done_in=1").await.text();
        assert!(result.contains("送审其中待送审的 2 篇") && next.contains("送审这 2 篇"), "{backend:?}: {result} {next}");
        assert!(!next.contains(&format!("value=\"{opened}\"")), "only what the batch changed: {next}");
        let elsewhere = house.desk("qingyu", "editor").await;
        let nothing = elsewhere.browser.screen("/console/qingyu/library/batch?deed=submit&done_in=1").await.text();
        assert!(nothing.contains("没有选择任何稿件"), "{nothing}");
        let handed = submit(&editor, &[("deed", "submit"), ("urgent", "1")], &ids).await;
        let outcome = finished(&editor, &handed.location()).await;
        for told in ["稿件已在审核中", "wangxi-admin正在编辑此稿件", "加急送审"] {
            assert!(outcome.contains(told), "{told} on {backend:?}: {outcome}");
        }
        assert_eq!(find(&house, "wangxi", shown.0).work, WorkState::Reviewing, "{backend:?}: {outcome}");
        let is_urgent =
            |c: &mut store::Connection| Ok::<_, store::Error>(store::submissions::find_open(c, shown)?.unwrap().urgent);
        assert!(house.engine().store.read(is_urgent).unwrap());
        editor.browser.submit(&format!("/console/wangxi/resources/{shown}/cancel"), &[]).await;
        editor.browser.submit(&format!("/console/wangxi/resources/{draft}/cancel"), &[]).await;

        let by_another = submit(&admin, &[("deed", "tag"), ("add", "冬季")], &ids[..2]).await;
        finished(&admin, &by_another.location()).await;
        let writer = house.engine().store.read(|c| store::resources::writer(c, draft)).unwrap();
        assert_eq!(writer, Some(house.actor("wangxi-editor").author()), "a keyword does not make a writer, on {backend:?}");

        let resource = find(&house, "wangxi", shown.0);
        let again = submit(&editor, &fields, &ids[..2]).await;
        let result = finished(&editor, &again.location()).await;
        assert_eq!(result.matches("关键词无需变动").count(), 2, "{backend:?}: {result}");
        assert_eq!(find(&house, "wangxi", shown.0).latest_revision_id, resource.latest_revision_id, "no revision for nothing");
        assert_eq!(editor.browser.submit(&format!("{}/undo", again.location()), &[]).await.status, 409);
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

/// Asks for a deed with these.
pub async fn submit(desk: &Desk, fields: &[(&str, &str)], ids: &[ResourceId]) -> Answer {
    let chosen: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let chosen = chosen.iter().map(|id| ("id", id.as_str()));
    desk.browser.submit("/console/wangxi/library/batches", &fields.iter().copied().chain(chosen).collect::<Vec<_>>()).await
}

/// The copies that a batch made.
fn made(house: &House, site: &str, address: &str) -> Vec<ResourceId> {
    let id = BatchId(address.rsplit('/').next().unwrap().parse().unwrap());
    house
        .engine()
        .store
        .read(|c| {
            assert!(store::batches::find(c, house.site(site).id, id)?.is_some());
            let done = store::batches::list_items(c, id, BatchItemState::Done, None, 100)?;
            Ok::<_, store::Error>(done.into_iter().filter_map(|item| item.copy).collect())
        })
        .unwrap()
}

/// Where each stands in the list of its channel.
fn sequences(house: &House, ids: &[ResourceId]) -> Vec<i64> {
    let set = ids.iter().copied().collect();
    let own = house.engine().store.read(|c| store::placements::list_own(c, &set)).unwrap();
    ids.iter().map(|id| own[id].sequence).collect()
}

/// The keywords of the latest revision.
fn keywords(house: &House, id: ResourceId) -> Vec<String> {
    let latest = find(house, "wangxi", id.0).latest_revision_id.unwrap();
    house.engine().store.read(|c| store::resources::find_revision(c, id, latest)).unwrap().unwrap().content.keywords
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
