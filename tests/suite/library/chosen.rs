//! What is chosen in the library and done with at once: what is told to be left out before it begins, what goes to the bin and
//! comes back, and the way back to the list.

use model::{ResourceId, ResourceState, WorkState};
use testkit::{Article, Backend, Desk, House};

use super::batches::{finished, submit};
use super::find;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn drafts_go_to_the_bin_at_once_what_cannot_is_told_before_and_all_come_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let drafts = [written(&editor, &house, "不要的甲").await, written(&editor, &house, "不要的乙").await];
        let waiting = written(&editor, &house, "正在审核的丙").await;
        editor.hand_in(&house, waiting.0).await;
        let (live, _) = editor.publish(&house, &Article::news("已经发布的丁")).await;
        let foreign = ResourceId(house.desk("qingyu", "editor").await.write(&house, &Article::news("别站的稿件")).await);
        let chosen = [drafts[0], drafts[1], waiting, ResourceId(live), foreign];

        let query = chosen.map(|id| format!("&id={id}")).concat();
        let told = editor.browser.screen(&format!("/console/wangxi/library/batch?deed=discard{query}")).await.text();
        assert!(told.contains("其中 2 篇不会放入回收站") && told.contains("将这 2 篇放入回收站"), "{told}");
        assert!(told.contains("稿件正在审核，请先收回") && told.contains("发布过的稿件不能放入回收站"), "{told}");
        assert!(!told.contains("别站的稿件"), "{told}");
        let none = format!("/console/wangxi/library/batch?deed=discard&id={live}");
        let none = editor.browser.screen(&none).await;
        assert!(none.status == 422 && none.text().contains("所选稿件都不能放入回收站"), "{}", none.text());

        // Nobody begins with what they were not told.
        let unseen = submit(&editor, &[("deed", "discard")], &chosen).await;
        assert!(unseen.status == 422 && unseen.text().contains("与刚才看到的不同"), "{}", unseen.text());
        let begun = submit(&editor, &[("deed", "discard"), ("left_out", "2")], &chosen).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains("全部完成") && result.matches("已放入回收站").count() == 2, "{backend:?}: {result}");
        assert!(drafts.iter().all(|id| find(&house, "wangxi", id.0).work == WorkState::Discarded));
        assert_eq!(find(&house, "wangxi", waiting.0).work, WorkState::Reviewing);
        assert_eq!(find(&house, "wangxi", live).state, ResourceState::Live);
        assert_eq!(find(&house, "qingyu", foreign.0).work, WorkState::Draft, "{backend:?}");
        let bin = editor.browser.screen("/console/wangxi/library/bin").await.text();
        assert!(bin.contains("不要的甲") && bin.contains("不要的乙"), "{bin}");

        // One is taken out by hand and put there again: that is no longer what the batch did.
        for deed in ["restore", "discard"] {
            editor.browser.submit(&format!("/console/wangxi/resources/{}/{deed}", drafts[0]), &[]).await;
        }
        let elsewhere = begun.location().replace("wangxi", "qingyu");
        let other = house.desk("qingyu", "editor").await;
        assert_eq!(other.browser.submit(&format!("{elsewhere}/undo"), &[]).await.status, 404);
        let undone = editor.browser.submit(&format!("{}/undo", begun.location()), &[]).await;
        let result = finished(&editor, &undone.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("之后又恢复并重新放入回收站"), "{backend:?}: {result}");
        let works: Vec<WorkState> = drafts.iter().map(|id| find(&house, "wangxi", id.0).work).collect();
        assert_eq!(works, [WorkState::Discarded, WorkState::Draft], "{backend:?}");

        let reviewer = house.desk("wangxi", "review1").await;
        assert_eq!(submit(&reviewer, &[("deed", "discard")], &drafts).await.status, 403);
        assert_eq!(submit(&other, &[("deed", "discard")], &drafts).await.status, 404, "whoever is not of the site knows of none");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_draft_that_somebody_has_open_is_not_put_in_the_bin() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let draft = written(&editor, &house, "有人在写").await;
        assert_eq!(editor.browser.screen(&format!("/console/wangxi/resources/{draft}/edit")).await.status, 200);
        let admin = house.desk("wangxi", "admin").await;
        let begun = submit(&admin, &[("deed", "discard")], &[draft]).await;
        let result = finished(&admin, &begun.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("正在编辑此稿件"), "{backend:?}: {result}");
        assert_eq!(find(&house, "wangxi", draft.0).work, WorkState::Draft);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_came_back_and_was_not_changed_since_is_handed_in_only_by_whoever_asks_for_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let fresh = written(&editor, &house, "写好的稿件").await;
        let returned = written(&editor, &house, "退回来的稿件").await;
        editor.hand_in(&house, returned.0).await;
        house.desk("wangxi", "review1").await.send_back(returned.0, 0, "请补充来源").await;

        let ask = format!("/console/wangxi/library/batch?deed=submit&id={fresh}&id={returned}");
        let told = editor.browser.screen(&ask).await.text();
        assert!(told.contains("其中 1 篇被退回后尚未修改") && told.contains("一并送审"), "{told}");
        assert_eq!(submit(&editor, &[("deed", "submit")], &[fresh, returned]).await.status, 422, "nobody has been told");
        let alone = submit(&editor, &[("deed", "submit"), ("left_out", "1")], &[returned]).await;
        assert!(alone.status == 422 && alone.text().contains("请勾选“一并送审”"), "{}", alone.text());

        let begun = submit(&editor, &[("deed", "submit"), ("left_out", "1")], &[fresh, returned]).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains("全部完成") && !result.contains("退回来的稿件"), "{backend:?}: {result}");
        let works = |ids: [ResourceId; 2]| ids.map(|id| find(&house, "wangxi", id.0).work);
        assert_eq!(works([fresh, returned]), [WorkState::Reviewing, WorkState::Returned], "{backend:?}");

        let together = [("deed", "submit"), ("left_out", "1"), ("together", "1")];
        let begun = submit(&editor, &together, &[returned]).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains("全部完成"), "{backend:?}: {result}");
        assert_eq!(works([fresh, returned]), [WorkState::Reviewing; 2], "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_leads_back_to_the_list_as_it_was_and_nowhere_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let draft = written(&editor, &house, "要找的稿件").await;
        let list = "/console/wangxi/library?work=draft&amp;order=oldest&amp;before=4102444800000000-9";
        let query = "work=draft&order=oldest&before=4102444800000000-9";
        let seen = editor.browser.screen(&format!("/console/wangxi/library?{query}")).await.text();
        let carried = format!("name=\"query\" value=\"{}\"", query.replace('&', "&amp;"));
        assert!(seen.contains("要找的稿件") && seen.contains(&carried), "{seen}");

        let ask = format!("/console/wangxi/library/batch?deed=discard&id={draft}&query={}", query.replace('&', "%26"));
        let confirm = editor.browser.screen(&ask).await.text();
        assert!(confirm.contains(&carried) && confirm.contains(&format!("href=\"{list}\"")), "{confirm}");
        let begun = submit(&editor, &[("deed", "discard"), ("query", query)], &[draft]).await;
        let result = finished(&editor, &begun.location()).await;
        assert!(result.contains(&format!("href=\"{list}\">返回信息资源库")), "{result}");
        // What it takes to undo it leads back as well.
        let undo = format!("{}/undo", begun.location().split('?').next().unwrap());
        let undone = editor.browser.submit(&undo, &[("query", query)]).await;
        let result = finished(&editor, &undone.location()).await;
        assert!(result.contains(&format!("href=\"{list}\">返回信息资源库")), "{result}");

        for evil in ["//elsewhere.example/", "https://elsewhere.example/?q=1", "\"><script>"] {
            let begun = submit(&editor, &[("deed", "tag"), ("add", "便民"), ("query", evil)], &[draft]).await;
            let result = finished(&editor, &begun.location()).await;
            assert!(result.contains("href=\"/console/wangxi/library") && !result.contains("elsewhere"), "{evil}: {result}");
            assert!(!result.contains("<script>\""), "{evil}");
        }
        house.close().await;
    }
}

async fn written(desk: &Desk, house: &House, title: &str) -> ResourceId {
    ResourceId(desk.write(house, &Article::news(title)).await)
}
