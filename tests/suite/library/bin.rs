//! The bin: what is put there is in no list, comes back, and goes for good after its days; what was public never goes there.

use model::ResourceId;
use testkit::{Article, Backend, House};

use super::find;

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
        assert_eq!(
            find(&house, "wangxi", id).work,
            model::WorkState::Returned,
            "what was taken out stays, and still waits for its writer"
        );

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
