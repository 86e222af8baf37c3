//! The library: everything a person may see is found by what it is, and nothing else; many things are done at once, each as if by
//! hand; views are kept.

use std::time::Instant;

use model::{BatchDeed, BatchId, ChannelId, Content, ResourceId, ResourceKind, ResourceState, SiteId};
use publish::commands::draft::NewDraft;
use publish::commands::intake::{self, Intake};
use publish::commands::{batch, draft};
use testkit::{Article, Backend, Desk, House, HouseOptions};

use crate::process::{self, Node};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_finds_what_is_on_the_sites_they_may_read_and_nothing_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        house.desk("wangxi", "editor").await.write(&house, &Article::news("望溪的一条消息")).await;
        house.desk("qingyu", "editor").await.write(&house, &Article::news("清屿的一条消息")).await;

        let editor = house.desk("wangxi", "editor").await;
        for path in ["/console/library", "/console/wangxi/library"] {
            let found = editor.browser.screen(path).await;
            assert_eq!(found.status, 200, "{backend:?}: {}", found.text());
            assert!(found.text().contains("望溪的一条消息") && !found.text().contains("清屿的一条消息"), "{}", found.text());
        }
        // Another site is not there for them, by whatever way it is asked for.
        assert_eq!(editor.browser.screen("/console/qingyu/library").await.status, 404);
        assert_eq!(editor.browser.screen("/console/library?site=qingyu").await.status, 404);
        let qingyu = house.channel("qingyu", "yaowen").id;
        let foreign = editor.browser.screen(&format!("/console/wangxi/library?channel={qingyu}")).await;
        assert!(foreign.status == 422 && !foreign.text().contains("清屿的一条消息"), "{}", foreign.text());

        let city = house.desk("platform", "admin").await;
        let all = city.browser.screen("/console/library").await.text();
        assert!(all.contains("望溪的一条消息") && all.contains("清屿的一条消息"), "{all}");
        let chosen = city.browser.screen("/console/library?site=qingyu&q=%E6%B6%88%E6%81%AF").await;
        assert_eq!(chosen.location(), "/console/qingyu/library?q=%E6%B6%88%E6%81%AF");
        let auditor = house.desk("platform", "auditor").await.browser.screen("/console/library").await;
        assert!(auditor.status == 200 && !auditor.text().contains("的一条消息"), "{}", auditor.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_is_found_by_each_of_its_marks() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let policy = policy(&house);
        let (news, _) = editor.publish(&house, &Article::news("图书馆100%_开放")).await;
        let number = find(&house, "wangxi", news).index_number.unwrap();
        let channel = house.channel("wangxi", "yaowen").id;
        let today = model::local(house.engine().clock.now()).date_naive();
        let of = |query: String| {
            let editor = editor.clone();
            async move {
                let page = editor.browser.screen(&format!("/console/wangxi/library?{query}")).await;
                assert_eq!(page.status, 200, "{query}: {}", page.text());
                let text = page.text();
                let has = |id: i64| text.contains(&format!("href=\"/console/wangxi/resources/{id}\""));
                (has(policy), has(news))
            }
        };
        for (query, wanted) in [
            (String::new(), (true, true)),
            ("q=%E7%A7%9F%E8%B5%81+%E8%A1%A5%E8%B4%B4".into(), (true, false)), // 租赁 补贴
            ("q=%E7%A7%9F%E8%B5%81+%E5%BC%80%E6%94%BE".into(), (false, false)), // 租赁 开放: both must be there
            ("q=100%25_".into(), (false, true)),
            ("q=1%25%25".into(), (false, false)),
            ("q=%E6%9C%9B%E6%94%BF%E5%8F%91".into(), (true, false)), // 望政发
            (format!("q={}", number.replace('/', "%2F")), (false, true)),
            ("kind=policy".into(), (true, false)),
            ("state=live".into(), (false, true)),
            ("work=draft".into(), (true, false)),
            ("keyword=%E4%BD%8F%E6%88%BF".into(), (true, false)), // 住房
            ("keyword=%E4%BD%8F".into(), (false, false)),         // 住 alone is no keyword
            ("author=wangxi-editor".into(), (true, true)),
            ("author=wangxi-admin".into(), (false, false)),
            (format!("channel={channel}"), (false, true)),
            (format!("from={today}&to={today}"), (true, true)),
            ("to=2001-01-01".into(), (false, false)),
            ("by=published".into(), (false, true)),
            ("order=oldest&col=index_number&col=places".into(), (true, true)),
        ] {
            assert_eq!(of(query.clone()).await, wanted, "{query} on {backend:?}");
        }
        let odd = editor.browser.screen("/console/wangxi/library?kind=x&from=tomorrow&q=%E5%9B%BE").await;
        assert_eq!(odd.status, 422);
        assert!(
            odd.text().contains("日期应为") && odd.text().contains("value=\"tomorrow\"") && odd.text().contains("value=\"图\"")
        );
        let shown = editor.browser.screen("/console/wangxi/library?col=index_number&col=places").await.text();
        assert!(shown.contains(&number) && shown.contains("/places\">") && !shown.contains("data-label=\"撰稿人\""), "{shown}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition_forwards_and_backwards() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        // Many are of the very same moment.
        drafts(&house, 130);
        let editor = house.desk("wangxi", "editor").await;
        // Where few are found, and where they are searched by a word: two ways to the same pages.
        for order in ["", "order=oldest&", "q=%E6%89%B9%E9%87%8F&", "q=%E6%89%B9%E9%87%8F&order=oldest&"] {
            let (mut forwards, mut page) = (Vec::new(), format!("/console/wangxi/library?{order}"));
            let mut last = page.clone();
            for _ in 0..3 {
                let text = editor.browser.screen(&page).await.text();
                assert!(text.contains("共 130 条"), "{text}");
                forwards.push(numbers(&text));
                last.clone_from(&page);
                page = link(&text, "next").unwrap_or_default();
            }
            assert!(page.is_empty(), "three pages hold all");
            let all: Vec<i64> = forwards.concat();
            let distinct: std::collections::BTreeSet<i64> = all.iter().copied().collect();
            assert_eq!((all.len(), distinct.len()), (130, 130), "{backend:?}");
            let back = editor.browser.screen(&last).await.text();
            let back = editor.browser.screen(&link(&back, "prev").unwrap()).await.text();
            assert_eq!(numbers(&back), forwards[1], "{backend:?}");
            let end = editor.browser.screen(&format!("/console/wangxi/library?{order}end=1")).await.text();
            assert_eq!(numbers(&end), all[80..], "the last page is a whole one");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_kept_for_its_person_replaced_by_its_name_and_forgotten() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let keep = |name: &'static str, query: &'static str| {
            let editor = editor.clone();
            async move { editor.browser.submit("/console/wangxi/library/views", &[("name", name), ("query", query)]).await }
        };
        let kept = keep("退回的稿件", "work=returned&col=author&nonsense=1").await;
        assert_eq!(kept.location(), "/console/wangxi/library?work=returned&col=author&done=view-saved", "{backend:?}");
        keep("退回的稿件", "work=returned").await;
        let screen = editor.browser.screen("/console/wangxi/library?work=returned").await.text();
        assert!(screen.contains("href=\"/console/wangxi/library?work=returned\" aria-current"), "{screen}");
        assert_eq!(screen.matches("视图“退回的稿件”").count(), 1, "the second replaced the first");
        let refused = keep("", "kind=policy").await;
        assert!(refused.status == 422 && refused.text().contains("请填写视图名称") && refused.text().contains("kind=policy"));

        let colleague = house.desk("wangxi", "review1").await;
        assert!(!colleague.browser.screen("/console/wangxi/library").await.text().contains("退回的稿件"));
        let forget = between(&screen, "action=\"/console/wangxi/library/views/", "\"");
        let forget = format!("/console/wangxi/library/views/{forget}");
        assert_eq!(colleague.browser.submit(&forget, &[]).await.status, 404);
        assert_eq!(editor.browser.submit(&forget, &[]).await.status, 303);
        assert!(!editor.browser.screen("/console/wangxi/library").await.text().contains("退回的稿件"));
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("保存常用视图") && log.contains("删除常用视图"), "{log}");
        house.close().await;
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_becomes_a_table_for_excel_in_which_nothing_is_a_formula() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        drafts(&house, 620);
        let editor = house.desk("wangxi", "editor").await;
        editor.write(&house, &Article::news("=HYPERLINK(1)<&")).await;
        house.desk("qingyu", "editor").await.write(&house, &Article::news("清屿的一条消息")).await;
        let answer = editor.browser.screen("/console/library/export").await;
        assert_eq!(answer.status, 200, "{backend:?}");
        assert!(
            answer.header("content-type").contains("spreadsheetml") && answer.header("content-disposition").contains(".xlsx")
        );
        let (sheet, strings) = table(&answer.bytes);
        assert_eq!(sheet.matches("<row ").count(), 622, "heads and all lines on {backend:?}");
        let text = format!("{sheet}{strings}");
        assert!(text.contains("=HYPERLINK(1)&lt;&amp;") && !sheet.contains("<f>"), "what was typed stays text");
        assert!(text.contains("批量稿件619") && !text.contains("清屿的一条消息"));

        let narrow = editor.browser.screen("/console/wangxi/library/export?q=HYPERLINK").await;
        assert_eq!(table(&narrow.bytes).0.matches("<row ").count(), 2);
        assert_eq!(editor.browser.screen("/console/wangxi/library/export?kind=x").await.status, 409);
        assert_eq!(editor.browser.screen("/console/qingyu/library/export").await.status, 404);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_in_the_bin_is_in_no_list_comes_back_and_goes_for_good_after_its_days() {
    for backend in Backend::BOTH {
        let clock = std::sync::Arc::new(model::FixedClock::at(model::Clock::now(&model::SystemClock)));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("不要的草稿")).await;
        editor.hand_in(&house, id).await;
        let address = format!("/console/wangxi/resources/{id}");
        let discard = format!("{address}/discard");
        assert_eq!(editor.browser.submit(&discard, &[]).await.status, 409, "what is in review is not thrown away");
        // Sent back, it has a submission with a review, and times that were asked for.
        house.desk("wangxi", "review1").await.send_back(id, 0, "重复").await;
        editor.browser.submit(&format!("{address}/times"), &[("publish_at", ""), ("withdraw_at", "2099-01-01T00:00:00")]).await;
        let reviewer = house.desk("wangxi", "review1").await;
        assert_eq!(reviewer.browser.submit(&discard, &[]).await.status, 403);
        assert_eq!(editor.browser.submit(&discard, &[]).await.location(), "/console/wangxi/library/bin?done=discarded-draft");
        for path in
            ["/console/wangxi", "/console/wangxi/library", "/console/library", "/console/wangxi/library?q=%E4%B8%8D%E8%A6%81"]
        {
            assert!(!editor.browser.screen(path).await.text().contains("不要的草稿"), "{path} on {backend:?}");
        }
        assert_eq!(editor.browser.screen("/console/wangxi/library?work=discarded").await.status, 422);
        assert!(reviewer.browser.screen("/console/wangxi/library/bin").await.text().contains("不要的草稿"));
        // Nothing is done with it there.
        let edited = editor.rewrite(&house, id, &Article::news("改了的草稿")).await;
        assert!(edited.status == 409 || edited.status == 422, "{}", edited.status);
        assert_eq!(editor.hand_in(&house, id).await.status, 409);

        assert_eq!(editor.browser.submit(&format!("{address}/restore"), &[]).await.status, 303);
        assert!(editor.browser.screen("/console/wangxi").await.text().contains("不要的草稿"), "{backend:?}");
        clock.advance(chrono::TimeDelta::days(31));
        house.quiet().await;
        assert_eq!(find(&house, "wangxi", id).work, model::WorkState::Draft, "what was taken out stays");

        // Somebody has it open and has typed, and another draft says that it explains it.
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen(&format!("{address}/edit")).await.status, 200);
        let typed = [("sheet", "0198f3c2-7d10-7a41-9d2f-0c5f3a6b7e11"), ("sequence", "1"), ("title", "还没保存")];
        assert_eq!(editor.browser.submit(&format!("/console/wangxi/working-copies/{id}"), &typed).await.status, 200);
        let other = editor.write(&house, &Article::news("解读稿")).await;
        let explaining = format!("INSERT INTO revision_explains SELECT id, {id} FROM revisions WHERE resource_id = {other}");
        house.engine().store.administer(&explaining).unwrap();
        assert_eq!(editor.browser.submit(&discard, &[]).await.status, 303);
        assert_eq!(editor.browser.screen(&format!("{address}/edit")).await.status, 409, "in the bin it is not opened to write");
        clock.advance(chrono::TimeDelta::days(29));
        house.quiet().await;
        assert_eq!(find(&house, "wangxi", id).work, model::WorkState::Discarded);
        clock.advance(chrono::TimeDelta::days(2));
        house.quiet().await;
        let site = house.site("wangxi").id;
        assert!(house.engine().store.read(|c| store::resources::find(c, site, ResourceId(id))).unwrap().is_none(), "{backend:?}");
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen(&address).await.status, 404);
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("彻底删除回收站稿件") && log.contains("不要的草稿"), "{log}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_public_once_is_never_thrown_away() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("发布过的消息")).await;
        let discard = format!("/console/wangxi/resources/{id}/discard");
        let refused = editor.browser.submit(&discard, &[]).await;
        assert!(refused.status == 409 && refused.text().contains("发布过的稿件不能放入回收站"), "{}", refused.text());
        house.desk("wangxi", "admin").await.withdraw("wangxi", id, "内容有误").await;
        house.quiet().await;
        assert_eq!(editor.browser.submit(&discard, &[]).await.status, 409, "withdrawn, it is still what was public");
        let store = &house.engine().store;
        let erased = store.command(|command| store::resources::erase(command, ResourceId(id)));
        assert!(erased.is_err(), "the database itself refuses on {backend:?}");
        store.administer(&format!("UPDATE resources SET work = 'discarded' WHERE id = {id}")).unwrap();
        assert!(store.command(|command| store::resources::erase(command, ResourceId(id))).is_err(), "{backend:?}");
        assert!(store.administer(&format!("DELETE FROM revisions WHERE resource_id = {id}")).is_err());
        house.close().await;
    }
}

/// Prints how long lists take with 100,000 resources: `cargo test -p server --test suite -- --ignored --nocapture measure_lists`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of some minutes"]
async fn measure_lists_of_a_hundred_thousand_resources() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let house = house.without_workers().await;
        let begun = Instant::now();
        fill(&house, 100_000);
        invite(&house, 100_000);
        println!("\n{backend:?}: filled in {:.0?}", begun.elapsed());
        let (city, editor) = (house.desk("platform", "admin").await, house.desk("wangxi", "editor").await);
        let channel = house.channel("wangxi", "yaowen").id;
        let deep = deep(&city, 20).await;
        for (name, desk, path) in [
            ("all sites, newest first", &city, "/console/library".to_owned()),
            ("all sites, a page in the middle", &city, deep),
            ("all sites, the last page", &city, "/console/library?end=1".into()),
            ("all sites, oldest first", &city, "/console/library?order=oldest".into()),
            ("all sites, by publication", &city, "/console/library?by=published".into()),
            ("one site", &editor, "/console/wangxi/library".into()),
            ("a channel with its subtree", &editor, format!("/console/wangxi/library?channel={channel}")),
            ("a kind that half are of", &city, "/console/library?kind=policy".into()),
            ("a kind that none is of", &city, "/console/library?kind=guide".into()),
            ("withdrawn, which few are", &city, "/console/library?state=withdrawn".into()),
            ("a word that many have", &city, "/console/library?q=%E9%80%9A%E7%9F%A5".into()), // 通知
            ("a word that one has", &city, "/console/library?q=%E7%AC%AC77777%E5%8F%B7".into()), // 第77777号
            ("a word that none has", &city, "/console/library?q=%E4%B8%8D%E5%AD%98%E5%9C%A8".into()), // 不存在
            ("word, kind, state, author, days", &city, "/console/library?q=%E7%AC%AC7&kind=policy&state=live&author=editor&from=2024-01-01".into()),
            ("a keyword that few have", &city, "/console/library?keyword=%E7%BD%95%E8%A7%81".into()), // 罕见
            ("by publication, few", &city, "/console/library?by=published&keyword=%E7%BD%95%E8%A7%81".into()),
            ("a month of publication", &city, "/console/library?by=published&from=2025-03-01&to=2025-03-31".into()),
            ("people, a first page", &city, "/console/people".into()),
            ("people, a page in the middle", &city, "/console/people?page=1000".into()),
            ("people by last sign-in", &city, "/console/people?by=signed_in&order=falling".into()),
            ("people, a word that one has", &city, "/console/people?q=person-77777".into()),
            ("people of a site", &city, "/console/people?site=wangxi".into()),
            ("all details", &city, "/console/library?col=site&col=channel&col=kind&col=state&col=index_number&col=document_number&col=keywords&col=author&col=places&col=published&col=updated".into()),
        ] {
            let mut times = Vec::new();
            for _ in 0..40 {
                let begun = Instant::now();
                let answer = desk.browser.screen(&path).await;
                times.push(begun.elapsed());
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
            times.sort();
            println!("{name:40} p50 {:>8.1?}  p95 {:>8.1?}", times[20], times[37]);
        }
        let (before, begun) = (peak(), Instant::now());
        let answer = city.browser.screen("/console/library/export").await;
        println!(
            "all 100,000 as a table: {:.1?}, {} bytes, peak memory of this process {before} before and {} after",
            begun.elapsed(),
            answer.bytes.len(),
            peak()
        );
        house.close().await;
    }
}

/// Adds accounts that hold nothing.
fn invite(house: &House, count: usize) {
    let now = house.engine().clock.now();
    let added = house.engine().store.command(|command| {
        for number in 0..count {
            store::people::insert(command, &format!("person-{number:05}"), &format!("人员{number:05}"), "-", &[], now)?;
        }
        Ok::<_, store::Error>(())
    });
    added.unwrap();
}

/// The most memory this process has held, as the kernel counts it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim().to_owned()
}

/// The address of a page this many pages into the middle of the list.
async fn deep(desk: &Desk, pages: usize) -> String {
    let mut page = "/console/library?to=2025-06-30".to_owned();
    for _ in 0..pages {
        let text = desk.browser.screen(&page).await.text();
        page = link(&text, "next").unwrap_or(page);
    }
    page
}

/// Resources on two sites, half of them policy files, over two years, most of them published.
fn fill(house: &House, count: usize) {
    let places: Vec<(SiteId, ChannelId, model::AgencyId, model::UserId)> = ["wangxi", "qingyu"]
        .into_iter()
        .map(|key| {
            let site = house.site(key);
            let by = house.actor(&format!("{key}-editor")).author();
            (site.id, house.channel(key, "yaowen").id, site.agency.id, by)
        })
        .collect();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let body = format!("<p>{}</p>", "正文一段。".repeat(120));
    for from in (0..count).step_by(500) {
        house
            .engine()
            .store
            .command(|command| {
                for number in from..count.min(from + 500) {
                    let (site, channel, agency, by) = places[usize::from(number % 10 == 0)];
                    let now = first + chrono::TimeDelta::minutes(10 * i64::try_from(number).unwrap());
                    let new = store::resources::NewResource {
                        public_id: &format!("made-{number}"),
                        site,
                        channel,
                        agency,
                        kind: if number % 2 == 0 { ResourceKind::Policy } else { ResourceKind::Article },
                        created_by: by,
                    };
                    let id = store::resources::insert(command, &new, now)?;
                    let rare = if number % 5_000 == 0 { "罕见" } else { "常见" };
                    let content = Content {
                        title: format!("关于做好今冬明春安全生产和防火防汛工作的通知（第{number}号）"),
                        body: body.clone(),
                        keywords: vec!["安全生产".into(), rare.into()],
                        document_number: (number % 2 == 0).then(|| format!("望政发〔2025〕{number}号")),
                        ..Content::default()
                    };
                    let revision = store::resources::insert_revision(command, id, &content, by, now)?;
                    let mut resource = store::resources::find_anywhere(command, id)?.unwrap();
                    resource.latest_revision_id = Some(revision.id);
                    if number % 50 != 0 {
                        resource.state = if number % 1_000 == 1 { ResourceState::Withdrawn } else { ResourceState::Live };
                        resource.live_revision_id = Some(revision.id);
                        resource.index_number = Some(format!("99010200X/2025-{number:06}"));
                        resource.published_at = Some(now);
                        resource.work = model::WorkState::Idle;
                    }
                    store::resources::update(command, &resource, now)?;
                }
                Ok::<_, store::Error>(())
            })
            .unwrap();
    }
    // What PostgreSQL would do by itself within a minute.
    if house.settings.database.starts_with("postgres") {
        house.engine().store.administer("VACUUM ANALYZE").unwrap();
    }
}

fn drafts(house: &House, count: usize) {
    let (site, channel, actor) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor"));
    take(house, site, channel, &actor, count);
}

/// Live resources of `wangxi`.
fn live(house: &House, count: usize) -> Vec<ResourceId> {
    let (site, channel, actor) = (house.site("wangxi").id, house.channel("wangxi", "yaowen").id, house.actor("wangxi-editor"));
    let ids = take(house, site, channel, &actor, count);
    intake::publish(house.engine(), &actor, site, &ids).unwrap();
    ids
}

fn take(house: &House, site: SiteId, channel: ChannelId, actor: &model::Actor, count: usize) -> Vec<ResourceId> {
    let one = |number: usize| Intake {
        source: format!("batch:{number}"),
        hash: String::new(),
        draft: NewDraft {
            channel,
            kind: ResourceKind::Article,
            content: Content {
                title: format!("批量稿件{number}"),
                body: "<p>正文</p>".into(),
                source: "测试".into(),
                ..Content::default()
            },
        },
    };
    let taken = intake::take(house.engine(), actor, site, (0..count).map(one).collect()).unwrap();
    taken.iter().map(|one| one.resource()).collect()
}

/// A policy file in the first channel that takes one.
fn policy(house: &House) -> i64 {
    let site = house.site("wangxi").id;
    let tree = house.engine().store.read(|c| store::channels::tree(c, site)).unwrap();
    let channel =
        tree.all().iter().find(|channel| channel.resource_kind == ResourceKind::Policy).expect("policies have a channel");
    let content = Content {
        title: "望溪区住房租赁补贴办法".into(),
        body: "<p>正文</p>".into(),
        keywords: vec!["住房租赁".into(), "住房".into()],
        document_number: Some("望政发〔2026〕5号".into()),
        ..Content::default()
    };
    let new = NewDraft { channel: channel.id, kind: ResourceKind::Policy, content };
    draft::create(house.engine(), &house.actor("wangxi-editor"), site, new).unwrap().0
}

fn other_channel(house: &House, except: &[ChannelId]) -> ChannelId {
    let site = house.site("wangxi").id;
    let tree = house.engine().store.read(|c| store::channels::tree(c, site)).unwrap();
    let fits = |channel: &&model::Channel| {
        channel.resource_kind == ResourceKind::Article && !channel.retired && !except.contains(&channel.id)
    };
    tree.all().iter().find(fits).expect("there is a third").id
}

fn find(house: &House, site: &str, id: i64) -> model::Resource {
    let site = house.site(site).id;
    house.engine().store.read(|c| store::resources::find(c, site, ResourceId(id))).unwrap().unwrap()
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

/// The sheet of a workbook, and the texts that are kept beside it.
fn table(bytes: &[u8]) -> (String, String) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook is an archive");
    let mut read = |name: &str| {
        let mut text = String::new();
        if let Ok(mut file) = archive.by_name(name) {
            std::io::Read::read_to_string(&mut file, &mut text).unwrap();
        }
        text
    };
    (read("xl/worksheets/sheet1.xml"), read("xl/sharedStrings.xml"))
}

/// Numbers of the resources a list shows, in its order.
fn numbers(text: &str) -> Vec<i64> {
    let links = text.split("class=\"lines-title\"><a href=\"/console/wangxi/resources/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

/// Where a link of the pager leads.
fn link(text: &str, rel: &str) -> Option<String> {
    let rest = text.split(&format!("rel=\"{rel}\" href=\"")).nth(1)?;
    Some(rest.split('"').next()?.replace("&amp;", "&").split('#').next()?.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_default()
}
