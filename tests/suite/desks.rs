//! What a person has before them when they come: their work on every site, and what became of what they wrote.

use testkit::{Article, Backend, House};

#[tokio::test(flavor = "multi_thread")]
async fn who_works_for_two_sites_lands_on_the_texts_of_both_what_came_back_first() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, stranger) = (house.desk("wangxi", "editor").await, house.desk("donglan", "editor").await);
        let joined = [("username", "wangxi-editor"), ("roles", "editor"), ("roles", "reviewer")];
        let answer = house.desk("qingyu", "admin").await.browser.submit("/console/qingyu/people/known", &joined).await;
        assert_eq!(answer.status, 303, "{}", answer.text());

        let returned = editor.write(&house, &Article::news("退回后要改的稿件")).await;
        assert_eq!(editor.hand_in(&house, returned).await.status, 303);
        assert_eq!(house.desk("wangxi", "review1").await.send_back(returned, 0, "请核实数字").await.status, 303);
        editor.clone().at("qingyu").write(&house, &Article::news("青屿区的草稿")).await;
        let colleague = house.desk("qingyu", "editor").await;
        let awaited = colleague.write(&house, &Article::news("青屿区同事的送审稿")).await;
        assert_eq!(colleague.hand_in(&house, awaited).await.status, 303);
        stranger.write(&house, &Article::news("东岚区的草稿")).await;

        let page = editor.browser.screen("/console").await.text();
        let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}, {backend:?}: {page}"));
        assert!(place("青屿区同事的送审稿") < place("退回后要改的稿件"), "what waits for review comes first, {backend:?}");
        assert!(place("退回后要改的稿件") < place("青屿区的草稿"), "what came back comes before drafts, {backend:?}");
        assert!(!page.contains("东岚区"), "{backend:?}: {page}");
        let one = stranger.browser.screen("/console").await;
        assert_eq!(one.location(), "/console/donglan", "who works for one site lands on its desk, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_down_says_by_whom_and_why() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, admin) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
        let (id, _) = editor.publish(&house, &Article::news("撤回后列出的稿件")).await;
        assert_eq!(admin.withdraw("wangxi", id, "数字有误，核实后重发").await.status, 303);
        let page = editor.browser.screen("/console/wangxi").await.text();
        assert!(page.contains("wangxi-admin撤回：数字有误，核实后重发"), "{backend:?}: {page}");
        house.close().await;
    }
}
