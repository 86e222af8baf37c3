//! Reviewing on the desk: several texts at once, each just as the reviewer saw it; what is urgent, and what is late.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use config::SubscriptionManifest;
use model::{Acceptance, Clock, FixedClock, ResourceId, ResourceState, Seen, Submission, Times, Verdict, WorkState};
use publish::commands::batch;
use testkit::{Answer, Article, Backend, Desk, House};

use crate::library::batches::finished;
use crate::sharing::{asking, declare};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_texts_are_approved_at_once_and_the_last_approval_publishes_each() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = handed_in(&house, &["批审甲", "批审乙", "批审丙"]).await;
        for (step, name) in ["一审", "二审", "三审"].into_iter().enumerate() {
            let reviewer = house.desk("wangxi", &format!("review{}", step + 1)).await;
            let picks = picks(&reviewer).await;
            assert_eq!(picks.len(), 3, "{backend:?}: {name}");
            assert_eq!(live(&house, &ids), 0, "{backend:?}: before {name}");
            let result = done(&reviewer, &picks, "approve", "").await;
            assert!(result.contains("全部完成") && result.contains("批量审核通过"), "{backend:?}: {result}");
            let history = reviewer.browser.screen(&format!("/console/wangxi/resources/{}", ids[0])).await.text();
            assert!(history.contains(&format!("{name}通过")), "{backend:?}: {history}");
            assert!(picks_of(&reviewer.browser.screen("/console/wangxi").await.text()).is_empty(), "nothing waits for them");
        }
        house.quiet().await;
        assert_eq!(live(&house, &ids), 3, "{backend:?}");
        let list = house.browser().get("wangxi", "/yaowen/").await.text();
        for title in ["批审甲", "批审乙", "批审丙"] {
            assert!(list.contains(title), "{title} on {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_changed_since_it_was_seen_is_refused_with_the_reason_and_never_approved_unseen() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = handed_in(&house, &["已被他人审过", "又改过一版", "已经收回", "没有变化"]).await;
        let [taken, rewritten, back, same] = ids[..] else { panic!("four were handed in") };
        let first = house.desk("wangxi", "review1").await;
        let picks = picks(&first).await;
        let old = waiting(&house, rewritten);

        assert_eq!(house.desk("wangxi", "review2").await.approve(taken, 0).await.status, 303);
        let editor = house.desk("wangxi", "editor").await;
        for id in [rewritten, back] {
            let cancelled = editor.browser.submit(&format!("/console/wangxi/resources/{id}/cancel"), &[]).await;
            assert_eq!(cancelled.status, 303, "{}", cancelled.text());
        }
        let unseen = Article { body: "<p>审核员没有看过的一版。</p>".into(), ..Article::news("又改过一版") };
        assert_eq!(editor.rewrite(&house, rewritten, &unseen).await.status, 303);
        assert_eq!(editor.hand_in(&house, rewritten).await.status, 303);

        let result = done(&first, &picks, "approve", "").await;
        assert!(result.contains("3 篇未完成"), "{backend:?}: {result}");
        for reason in ["该审次已由他人审核", "稿件已修改并重新送审", "该稿件不在审核中"] {
            assert!(result.contains(reason), "{reason} on {backend:?}: {result}");
        }
        assert_eq!(waiting(&house, taken).step, 1, "{backend:?}");
        assert_eq!((waiting(&house, rewritten).step, waiting(&house, rewritten).reviews.len()), (0, 0), "{backend:?}");
        assert_eq!(waiting(&house, same).step, 1, "{backend:?}");

        // Nor is it from the page of the text, when that was opened before.
        let seen = [("submission", old.id.to_string()), ("step", "0".into()), ("verdict", "approve".into())];
        let fields: Vec<(&str, &str)> = seen.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let stale = first.browser.submit(&format!("/console/wangxi/resources/{rewritten}/review"), &fields).await;
        assert!(stale.status == 409 && stale.text().contains("稿件已修改并重新送审"), "{backend:?}: {}", stale.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sending_several_back_takes_a_reason_and_nothing_ticked_or_typed_is_lost_until_it_is_given() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = handed_in(&house, &["退回甲", "退回乙", "留下的"]).await;
        let reviewer = house.desk("wangxi", "review1").await;
        let picks = picks(&reviewer).await;
        let chosen = &picks[..2];

        let without = give(&reviewer, chosen, "return", "  ").await;
        assert!(without.status == 422 && without.text().contains("退回稿件须填写退回意见"), "{}", without.text());
        assert!(without.text().contains("id=\"reason-problem\""), "the problem stands at its field");
        assert_eq!(without.text().matches(" checked").count(), 2, "{}", without.text());
        let nothing = give(&reviewer, &[], "return", "请核对数据").await;
        assert!(nothing.status == 422 && nothing.text().contains("请至少选择一篇稿件"), "{}", nothing.text());
        assert!(nothing.text().contains("请核对数据"), "what was typed is kept");

        let result = done(&reviewer, chosen, "return", "请核对数据").await;
        assert!(result.contains("全部完成") && result.contains("退回意见：请核对数据"), "{backend:?}: {result}");
        let states: Vec<WorkState> = ids.iter().map(|id| find(&house, *id).work).collect();
        assert_eq!(states, [WorkState::Returned, WorkState::Returned, WorkState::Reviewing], "{backend:?}");
        let editor = house.desk("wangxi", "editor").await;
        let page = editor.browser.screen(&format!("/console/wangxi/resources/{}", ids[0])).await.text();
        assert!(page.contains("一审退回") && page.contains("请核对数据"), "{backend:?}: {page}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_may_review_is_asked_again_when_the_turn_of_each_comes() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let id = handed_in(&house, &["四眼原则"]).await[0];
        let seen = |of: &Submission| Seen { submission: of.id, step: of.step };
        let site = house.site("wangxi").id;
        let begin = |username: &str, of: &Submission| {
            let looked_at = [(of.resource_id, seen(of))];
            let actor = house.actor(username);
            batch::begin_review(house.engine(), &actor, site, Verdict::Approve, "", &looked_at).unwrap()
        };
        let first = house.desk("wangxi", "review1").await;
        let result = async |batch| finished(&first, &format!("/console/wangxi/library/batches/{batch}")).await;

        // An editor holds no right to review, neither when asking nor when the turn comes.
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(give(&editor, &["1-1-0".into()], "approve", "").await.status, 403);
        let told = result(begin("wangxi-editor", &waiting(&house, id))).await;
        assert!(told.contains("没有此项操作权限"), "{backend:?}: {told}");

        // One person does not review two steps.
        let told = result(begin("wangxi-review1", &waiting(&house, id))).await;
        assert!(told.contains("全部完成"), "{backend:?}: {told}");
        let told = result(begin("wangxi-review1", &waiting(&house, id))).await;
        assert!(told.contains("各审次须由不同人员审核"), "{backend:?}: {told}");
        assert_eq!((waiting(&house, id).step, waiting(&house, id).reviews.len()), (1, 1), "{backend:?}");

        // What waits on one site is not there for another, whatever its box says.
        let foreign = house.desk("qingyu", "review1").await;
        let pick = format!("{id}-{}-1", waiting(&house, id).id);
        assert_eq!(give(&foreign, &[pick], "approve", "").await.status, 422);
        assert_eq!(waiting(&house, id).step, 1, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_is_due_in_its_hours_urgent_before_the_rest_and_late_in_words() {
    for backend in Backend::BOTH {
        let start = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap().and_hms_opt(2, 0, 0).unwrap();
        let clock = Arc::new(FixedClock::at(start));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let plain = handed_in(&house, &["平常的稿件"]).await[0];
        clock.advance(TimeDelta::hours(1));
        let editor = house.desk("wangxi", "editor").await;
        let urgent = editor.write(&house, &Article::news("要紧的稿件")).await;
        let version = find(&house, urgent).version.to_string();
        let submit = format!("/console/wangxi/resources/{urgent}/submit");
        let answer = editor.browser.submit(&submit, &[("version", &version), ("urgent", "1")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = editor.browser.screen(&format!("/console/wangxi/resources/{urgent}")).await.text();
        assert!(page.contains("加急送审第1版") && page.contains("办理时限"), "{backend:?}: {page}");

        // 10:00 and a day; 11:00 and four hours.
        let desk = waiting_part(&house, "review1").await;
        assert!(desk.find("要紧的稿件") < desk.find("平常的稿件"), "{backend:?}: {desk}");
        assert!(desk.contains("2026-03-02 15:00") && desk.contains("2026-03-03 10:00"), "{backend:?}: {desk}");
        assert_eq!((desk.matches("state-urgent").count(), desk.matches("已超时").count()), (1, 0), "{backend:?}: {desk}");

        clock.advance(TimeDelta::hours(4) + TimeDelta::seconds(1));
        let desk = waiting_part(&house, "review1").await;
        assert_eq!(desk.matches("已超时").count(), 1, "{backend:?}: {desk}");
        clock.advance(TimeDelta::hours(20));
        let desk = waiting_part(&house, "review1").await;
        assert_eq!(desk.matches("已超时").count(), 2, "{backend:?}: {desk}");

        // The next step has a time of its own, from now.
        for id in [plain, urgent] {
            assert_eq!(house.desk("wangxi", "review1").await.approve(id, 0).await.status, 303);
        }
        let desk = waiting_part(&house, "review2").await;
        assert_eq!(desk.matches("已超时").count(), 0, "{backend:?}: {desk}");
        assert_eq!(waiting(&house, urgent).due_at, Some(clock.now() + TimeDelta::hours(4)), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_not_complete_keeps_its_mark_of_urgency_for_the_next_try() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(&house, &Article { body: String::new(), ..Article::news("缺正文的稿件") }).await;
    let version = find(&house, id).version.to_string();
    let fields = [("version", version.as_str()), ("urgent", "1")];
    let answer = editor.browser.submit(&format!("/console/wangxi/resources/{id}/submit"), &fields).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("name=\"urgent\" value=\"1\" checked"), "{}", answer.text());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_review_is_handed_over_to_somebody_who_may_give_it_and_stands_first_on_their_desk() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = handed_in(&house, &["排在前面的", "转办的稿件"]).await;
        let first = house.desk("wangxi", "review1").await;
        let of = async |to: &str, note: &str| {
            let (to, open) = (house.actor(to).author().to_string(), waiting(&house, ids[1]));
            let (submission, step) = (open.id.to_string(), open.step.to_string());
            let fields = [("submission", submission.as_str()), ("step", &step), ("to", &to), ("note", note)];
            first.browser.submit(&format!("/console/wangxi/resources/{}/hand-over", ids[1]), &fields).await
        };
        // Not to the author, nor to oneself, nor to whoever reviews elsewhere; and what was typed stays.
        for nobody in ["wangxi-editor", "wangxi-review1", "qingyu-review1"] {
            let refused = of(nobody, "请代审").await;
            assert_eq!(refused.status, 422, "{nobody} on {backend:?}");
            assert!(refused.text().contains("请选择可以审核本环节的人员") && refused.text().contains("请代审"));
        }
        assert_eq!(of("wangxi-review2", &"长".repeat(201)).await.status, 422);
        let handed = of("wangxi-review2", "我下午开会，请代审").await;
        assert_eq!(handed.status, 303, "{}", handed.text());
        let page = first.browser.screen(&format!("/console/wangxi/resources/{}", ids[1])).await.text();
        assert!(page.contains("将一审转办给wangxi-review2") && page.contains("我下午开会，请代审"), "{backend:?}: {page}");

        let desk = waiting_part(&house, "review2").await;
        assert!(desk.contains("转给我") && desk.find("转办的稿件") < desk.find("排在前面的"), "{backend:?}: {desk}");
        assert!(!waiting_part(&house, "review3").await.contains("转给我"), "{backend:?}");
        // Others still may, and the next step is nobody's in particular.
        assert_eq!(house.desk("wangxi", "review3").await.approve(ids[1], 0).await.status, 303);
        assert_eq!(waiting(&house, ids[1]).handed_to, None, "{backend:?}");
        let again = of("wangxi-review3", "").await;
        assert_eq!(again.status, 422, "whoever approved a step does not review another");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_the_last_approval_is_told_where_and_when_the_text_goes_live() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let local = SubscriptionManifest { acceptance: Acceptance::Local, from_site: Some("wangxi".into()), ..asking() };
        declare(&house, "qingyu", |manifest| manifest.subscriptions = vec![local.clone()]);
        house.quiet().await;
        let id = handed_in(&house, &["知道发到哪里"]).await[0];
        let address = format!("/console/wangxi/resources/{id}");
        for step in 0..2 {
            let reviewer = house.desk("wangxi", &format!("review{}", step + 1)).await;
            let screen = reviewer.browser.screen(&address).await.text();
            assert!(screen.contains(">通过</button>") && !screen.contains("通过后将"), "{backend:?}: step {step}");
            assert!(!waiting_part(&house, &format!("review{}", step + 1)).await.contains("通过后在"), "{backend:?}: step {step}");
            assert_eq!(reviewer.approve(id, step).await.status, 303, "{backend:?}");
        }
        let last = house.desk("wangxi", "review3").await;
        let screen = last.browser.screen(&address).await.text();
        assert!(screen.contains("通过后将立即在 <strong>望溪区、锦川市</strong> 发布"), "{backend:?}: {screen}");
        assert!(screen.contains("另推送给订阅此类稿件的 青屿区"), "{backend:?}: {screen}");
        assert!(waiting_part(&house, "review3").await.contains("通过后在望溪区、锦川市发布"), "{backend:?}");

        let (site, actor) = (house.site("wangxi").id, house.actor("wangxi-editor"));
        let at = NaiveDate::from_ymd_opt(2099, 3, 5).unwrap().and_hms_opt(1, 0, 0);
        let asked = |publish_at| {
            let times = Times { publish_at, withdraw_at: None };
            publish::commands::times::ask(house.engine(), &actor, site, ResourceId(id), times).unwrap();
        };
        asked(at);
        let screen = last.browser.screen(&address).await.text();
        assert!(screen.contains("通过后将于 2099年3月5日9:00 在 <strong>望溪区、锦川市</strong> 发布"), "{backend:?}: {screen}");
        asked(None);

        // And so it comes.
        assert_eq!(last.approve(id, 2).await.status, 303, "{backend:?}");
        house.quiet().await;
        let placed = house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(id)));
        let mut sites: Vec<_> = placed.unwrap().into_iter().filter(|one| one.live).map(|one| one.site_id).collect();
        sites.sort();
        let mut told = vec![house.site("wangxi").id, house.site("jinchuan").id];
        told.sort();
        assert_eq!(sites, told, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_last_approvals_are_asked_for_with_their_number_and_sites_before_any_is_given() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let ids = handed_in(&house, &["先问清楚", "再行发布"]).await;
        for step in 0..2 {
            let reviewer = house.desk("wangxi", &format!("review{}", step + 1)).await;
            for id in &ids {
                assert_eq!(reviewer.approve(*id, step).await.status, 303, "{backend:?}");
            }
        }
        let last = house.desk("wangxi", "review3").await;
        let picks = picks(&last).await;
        let mut fields = vec![("verdict", "approve")];
        fields.extend(picks.iter().map(|pick| ("pick", pick.as_str())));
        let asked = last.browser.submit("/console/wangxi/reviews", &fields).await;
        let told = asked.text();
        assert!(asked.status == 200 && told.contains("通过这 2 篇") && told.contains("通过后在望溪区"), "{backend:?}: {told}");
        for id in &ids {
            assert_eq!(waiting(&house, *id).step, 2, "{backend:?}: nothing is given yet");
        }
        fields.push(("sure", "1"));
        let begun = last.browser.submit("/console/wangxi/reviews", &fields).await;
        assert_eq!(begun.status, 303, "{backend:?}");
        let done = finished(&last, &begun.location()).await;
        assert!(done.contains("全部完成"), "{backend:?}: {done}");
        house.close().await;
    }
}

/// Texts of the editor of 望溪, handed in.
async fn handed_in(house: &House, titles: &[&str]) -> Vec<i64> {
    let editor = house.desk("wangxi", "editor").await;
    let mut ids = Vec::new();
    for title in titles {
        let id = editor.write(house, &Article::news(title)).await;
        let answer = editor.hand_in(house, id).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        ids.push(id);
    }
    ids
}

/// What the desk of a person of 望溪 shows under 待我审核.
async fn waiting_part(house: &House, person: &str) -> String {
    let page = house.desk("wangxi", person).await.browser.screen("/console/wangxi").await.text();
    let part = page.split("<h2 id=\"waiting\"").nth(1).and_then(|rest| rest.split("</section>").next());
    part.expect("reviewers have that part").to_owned()
}

/// What the boxes on a person's desk say.
pub async fn picks(desk: &Desk) -> Vec<String> {
    picks_of(&desk.browser.screen(&format!("/console/{}", desk.site)).await.text())
}

fn picks_of(page: &str) -> Vec<String> {
    let boxes = page.split("name=\"pick\" value=\"").skip(1);
    boxes.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

async fn give(desk: &Desk, picks: &[String], verdict: &str, reason: &str) -> Answer {
    let mut fields = vec![("verdict", verdict), ("reason", reason), ("sure", "1")];
    fields.extend(picks.iter().map(|pick| ("pick", pick.as_str())));
    desk.browser.submit(&format!("/console/{}/reviews", desk.site), &fields).await
}

/// The result, once all had their turn.
async fn done(desk: &Desk, picks: &[String], verdict: &str, reason: &str) -> String {
    let begun = give(desk, picks, verdict, reason).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    finished(desk, &begun.location()).await
}

fn find(house: &House, id: i64) -> model::Resource {
    let site = house.site("wangxi").id;
    house.engine().store.read(|c| store::resources::find(c, site, id.into())).unwrap().expect("it is there")
}

fn live(house: &House, ids: &[i64]) -> usize {
    ids.iter().filter(|id| find(house, **id).state == ResourceState::Live).count()
}

/// The submission that waits for its next review.
fn waiting(house: &House, id: i64) -> Submission {
    house.engine().store.read(|c| store::submissions::find_open(c, id.into())).unwrap().expect("it is in review")
}
