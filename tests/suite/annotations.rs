//! Annotations: what reviewers say at a place in a text is there for the writer and the next reviewer, for nobody of another site,
//! and is never in the way of writing.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Clock, FixedClock, ResourceId, SystemClock, WorkState};
use testkit::{Answer, Article, Backend, Desk, House};

use crate::sharing::declare;

const BODY: &str = "<p>一期工程已完工。</p><p>二期<strong>工程</strong>预计六月完工 &amp; 验收。</p>";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_reviewer_says_at_a_place_is_mended_by_the_writer_and_seen_done_by_the_next_reviewer() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let reviewer = house.desk("wangxi", "review1").await;
        let id = editor.write(&house, &article("工程进展", BODY)).await;
        editor.hand_in(&house, id).await;

        // Twice: at words that stand there a second time, and at the title as a whole.
        let words = annotate(&house, &reviewer, id, ("body", "二期 工程", "0"), "请写明开工日期").await;
        assert!(words.location().ends_with("?done=annotated#annotations"), "{backend:?}: {}", words.text());
        annotate(&house, &reviewer, id, ("body", "工程", "1"), "请写全称").await;
        annotate(&house, &reviewer, id, ("title", "", ""), "标题请写明<区县>").await;
        let page = screen(&reviewer, id).await;
        assert!(page.contains("附有 3 条批注") && page.contains("还有 3 条"), "{backend:?}: {page}");
        for marked in ["<mark id=\"place-1\">二期</mark>", "<strong><mark><mark id=\"place-2\">工程</mark></mark></strong>"] {
            assert!(page.contains(marked), "{backend:?}: {marked} in {page}");
        }
        assert!(page.contains("标题请写明&lt;区县&gt;"), "{page}");
        let listed = page.split("id=\"annotations\"").nth(1).unwrap();
        let places = ["标题请写明", "请写明开工日期", "请写全称"].map(|text| listed.find(text).unwrap());
        assert!(places.is_sorted(), "they stand in the order of their places, {backend:?}: {listed}");

        // Saying it at the places is saying why.
        assert_eq!(reviewer.send_back(id, 0, " ").await.status, 303, "{backend:?}");
        let page = screen(&editor, id).await;
        assert!(page.contains("请按批注修改（3条）") && page.contains("附有 3 条批注待处理"), "{backend:?}: {page}");
        for told in ["“二期 工程”：请写明开工日期", "标题：标题请写明&lt;区县&gt;", "wangxi-review1"] {
            assert!(page.contains(told), "{backend:?}: {told} in {page}");
        }
        for list in ["/console/wangxi", "/console/wangxi/library"] {
            assert!(editor.browser.screen(list).await.text().contains("3条批注待处理"), "{list} on {backend:?}");
        }
        let form = editor.browser.screen(&format!("{}/edit", address(id))).await.text();
        assert!(form.contains("data-quote=\"二期 工程\" data-occurrence=\"0\"") && form.contains("请写明开工日期"), "{form}");

        // What is said while the form is open does not change the version of what is written in it.
        settle(&editor, id, 1, "done").await;
        let told = say(&editor, id, "2/answer", "已改为全称").await;
        assert_eq!(told.status, 303, "{backend:?}: {}", told.text());
        let part = settle_from_form(&editor, id, 2, "done").await;
        assert_eq!(part.location(), format!("{}/annotations", address(id)), "{backend:?}");
        let part = editor.browser.screen(&part.location()).await.text();
        assert!(part.contains("已改为全称") && part.contains("已处理 2 条") && !part.contains("<html"), "{backend:?}: {part}");
        let mended = "<p>一期工程已完工。</p><p>二期建设工程三月开工，预计六月完工。</p>";
        assert_eq!(editor.rewrite(&house, id, &article("望溪区工程进展", mended)).await.status, 303, "{backend:?}");
        settle(&editor, id, 3, "done").await;
        assert_eq!(editor.hand_in(&house, id).await.status, 303);

        let second = house.desk("wangxi", "review2").await;
        let page = screen(&second, id).await;
        assert!(
            page.contains("批注已全部处理") && page.contains("已处理 3 条") && page.contains("已改为全称"),
            "{backend:?}: {page}"
        );
        assert!(!page.contains("附有") && !page.contains("条批注待处理") && !page.contains("<mark"), "{backend:?}: {page}");
        for told in ["将批注标为已处理", "答复批注", "答复：已改为全称"] {
            assert!(page.contains(told), "{backend:?}: {told} in {page}");
        }
        // The first reason is no reason for the next; and what was settled too soon is opened again.
        assert_eq!(second.send_back(id, 0, "").await.status, 422, "{backend:?}");
        settle(&second, id, 1, "open").await;
        let page = screen(&second, id).await;
        assert!(
            page.contains("重新打开批注") && page.contains("原文已改动"),
            "the words are gone, the annotation is not: {page}"
        );
        assert_eq!(second.approve(id, 0).await.status, 303, "an open annotation is no obstacle");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_moved_are_found_again_and_those_that_are_gone_are_told() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &article("位置", "<p>甲工程。乙工程。</p>")).await;
        annotate(&house, &editor, id, ("body", "工程", "1"), "第二处").await;
        let second = "<p>甲工程。乙<mark id=\"place-1\">工程</mark>。</p>";
        assert!(screen(&editor, id).await.contains(second), "{backend:?}: {}", screen(&editor, id).await);
        for (body, shown, is_gone) in [
            ("<p>新的一段。</p><p>甲工程。乙工程。</p>", second, false),
            ("<p>只剩丙工程。</p>", "<p>只剩丙<mark id=\"place-1\">工程</mark>。</p>", false),
            ("<p>全部改写。</p>", "<p>全部改写。</p>", true),
        ] {
            editor.rewrite(&house, id, &article("位置", body)).await;
            let page = screen(&editor, id).await;
            assert!(page.contains(shown) && page.contains("原文已改动") == is_gone, "{backend:?}: {body}: {page}");
            assert!(page.contains("第二处") && page.contains("第1版"), "{backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_told_at_its_field_and_nothing_typed_is_lost() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &article("边界", BODY)).await;
        let long = "长".repeat(1001);
        let quote = "引".repeat(501);
        for (anchor, text, told) in [
            (("body", "工程", "0"), "", "请填写内容"),
            (("body", "工程", "0"), long.as_str(), "不超过1000字，现有1001字"),
            (("body", quote.as_str(), "0"), "意见", "引用的原文不超过500字"),
            (("body", "三期工程", "0"), "意见", "正文中没有这段文字"),
            (("title", "边界", "0"), "意见", "只有正文可以引用原文"),
            (("colour", "", ""), "意见", "请选择批注的对象"),
        ] {
            let refused = annotate(&house, &editor, id, anchor, text).await;
            let page = refused.text();
            assert!(refused.status == 422 && page.contains(told), "{backend:?}: {told}: {page}");
            assert!(page.contains("-problem\">") && page.contains(text) && page.contains(anchor.1), "{backend:?}: {told}");
        }
        annotate(&house, &editor, id, ("body", "工程", "0"), "一条").await;
        let refused = say(&editor, id, "1/answer", &long).await;
        assert!(refused.status == 422 && refused.text().contains("id=\"answer-1-problem\""), "{backend:?}: {}", refused.text());

        // Two hundred are enough for any text.
        let site = house.site("wangxi").id;
        let copies = format!(
            "INSERT INTO annotations (site_id, resource_id, revision_id, field, quote, occurrence, text, written_by, written_at, state) \
             SELECT site_id, resource_id, revision_id, field, quote, occurrence, text, written_by, written_at, state \
             FROM annotations WHERE site_id = {site}"
        );
        for _ in 0..8 {
            house.engine().store.administer(&copies).unwrap();
        }
        let refused = annotate(&house, &editor, id, ("body", "工程", "0"), "再一条").await;
        assert!(refused.status == 422 && refused.text().contains("最多200条批注"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_author_changes_an_annotation_and_only_until_somebody_answers() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let reviewer = house.desk("wangxi", "review1").await;
        let id = editor.write(&house, &article("谁能修改", BODY)).await;
        for text in ["写错的批注", "不该有的批注"] {
            annotate(&house, &reviewer, id, ("body", "工程", "0"), text).await;
        }
        for deed in ["1", "1/delete"] {
            let refused = say(&editor, id, deed, "别人的").await;
            assert!(refused.status == 409 && refused.text().contains("只有批注人可以"), "{backend:?}: {}", refused.text());
        }
        assert_eq!(say(&reviewer, id, "1", "改对的批注").await.status, 303);
        assert_eq!(say(&reviewer, id, "2/delete", "").await.status, 303);
        let page = screen(&editor, id).await;
        let beside = page.split("id=\"annotations\"").nth(1).unwrap().split("id=\"trace\"").next().unwrap();
        assert!(beside.contains("改对的批注") && !beside.contains("不该有的批注"), "{backend:?}: {beside}");
        assert!(page.contains("修改批注") && page.contains("删除批注"), "{backend:?}: each is on record");
        say(&editor, id, "1/answer", "收到").await;
        for deed in ["1", "1/delete"] {
            let refused = say(&reviewer, id, deed, "再改").await;
            assert!(refused.status == 409 && refused.text().contains("批注已有答复"), "{backend:?}: {}", refused.text());
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_annotation_is_nobodys_business_on_another_site_even_where_the_text_is_reviewed_there() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        declare(&house, "qingyu", |manifest| {
            manifest.channels.iter_mut().for_each(|channel| channel.open_to_offers = channel.key == "zt");
        });
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &article("两区共建", BODY)).await;
        annotate(&house, &editor, id, ("body", "工程", "0"), "内部意见").await;
        // Offered to another district, where it is under review.
        let channel = house.channel("qingyu", "zt").id.to_string();
        let pushed = editor.browser.submit(&format!("{}/push", address(id)), &[("channel", &channel), ("note", "")]).await;
        assert_eq!(pushed.status, 303, "{backend:?}: {}", pushed.text());
        let offers = house.engine().store.read(|c| store::offers::list_by_resource(c, ResourceId(id))).unwrap();
        let receiver = house.desk("qingyu", "admin").await;
        let offered = format!("/console/qingyu/offers/{}", offers[0].id);
        assert_eq!(receiver.browser.submit(&format!("{offered}/begin"), &[]).await.status, 303, "{backend:?}");
        let page = receiver.browser.screen(&offered).await.text();
        assert!(page.contains("两区共建") && !page.contains("内部意见") && !page.contains("<mark"), "{backend:?}: {page}");

        for site in ["qingyu", "wangxi"] {
            let foreign = format!("/console/{site}/resources/{id}/annotations");
            assert_eq!(receiver.browser.screen(&foreign).await.status, 404, "{foreign} on {backend:?}");
            let fields = [("revision", "1"), ("field", "body"), ("quote", ""), ("text", "外来的"), ("state", "done")];
            for deed in ["", "/1", "/1/delete", "/1/answer", "/1/settle"] {
                let answer = receiver.browser.submit(&format!("{foreign}{deed}"), &fields).await;
                assert_eq!(answer.status, 404, "{foreign}{deed} on {backend:?}: {}", answer.text());
            }
        }
        // Nor is it to be had under a text of one's own.
        let own = receiver.write(&house, &article("本区稿件", BODY)).await;
        let answer =
            receiver.browser.submit(&format!("/console/qingyu/resources/{own}/annotations/1/answer"), &[("text", "借用")]).await;
        assert_eq!(answer.status, 404, "{backend:?}");
        assert!(!screen(&editor, id).await.contains("外来的"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_said_in_the_review_of_an_offer_stays_on_the_site_that_reviews_until_it_declines() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        declare(&house, "qingyu", |manifest| {
            manifest.channels.iter_mut().for_each(|channel| channel.open_to_offers = channel.key == "zt");
        });
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &article("未公开的初稿", "<p>未公开的初稿。</p>")).await;
        let draft = find(&house, id).latest_revision_id.unwrap().to_string();
        assert_eq!(editor.rewrite(&house, id, &article("请各区刊发", BODY)).await.status, 303, "{backend:?}");
        editor.pass_reviews(&house, id).await;
        let offer = push(&house, &editor, id).await;
        let live = find(&house, id).live_revision_id.unwrap().to_string();
        let reviewer = house.desk("qingyu", "review1").await;
        let early = annotate_offer(&reviewer, &offer, &live, ("body", "工程", "1"), "还没有审核").await;
        assert!(early.status == 409 && early.text().contains("该推送不在本站审核中"), "{backend:?}: {}", early.text());
        assert_eq!(reviewer_begins(&house, &offer).await, 303, "{backend:?}");

        // Its reviewers say it where it stands, about what was offered and nothing else.
        let said = annotate_offer(&reviewer, &offer, &live, ("body", "工程", "1"), "请写全称").await;
        assert_eq!(said.location(), format!("{offer}?done=offer-annotated#annotations"), "{backend:?}: {}", said.text());
        for (revision, quote, status, told) in [
            (&live, "三期", 422, "正文中没有这段文字"),
            (&draft, "未公开", 409, "原稿已更新"),
            (&draft, "猜测", 409, "原稿已更新"),
        ] {
            let refused = annotate_offer(&reviewer, &offer, revision, ("body", quote, "0"), "意见").await;
            assert!(refused.status == status && refused.text().contains(told), "{backend:?}: {quote}: {}", refused.text());
        }
        let colleague = house.desk("qingyu", "review2").await;
        let page = colleague.browser.screen(&offer).await.text();
        assert!(page.contains("<strong><mark id=\"place-1\">工程</mark></strong>"), "{backend:?}: {page}");
        assert!(page.contains("请写全称") && page.contains("附有 1 条批注"), "{backend:?}: {page}");
        assert!(page.contains("<dd>请酌情刊发</dd>"), "{backend:?}: {page}");
        let address = format!("{offer}/annotations/1");
        assert_eq!(colleague.browser.submit(&format!("{address}/answer"), &[("text", "同意")]).await.status, 303, "{backend:?}");
        let others = reviewer.browser.submit(&format!("{address}/delete"), &[]).await;
        assert!(others.status == 409 && others.text().contains("批注已有答复"), "{backend:?}: {}", others.text());

        // Nobody of the owner's site, or of a third, sees any of it or takes part.
        let owner = house.desk("wangxi", "admin").await;
        for path in ["/console/wangxi", "/console/wangxi/library", &self::address(id), &places(id)] {
            let page = owner.browser.screen(path).await.text();
            assert!(!page.contains("请写全称") && !page.contains("条批注待处理"), "{path} on {backend:?}: {page}");
        }
        for site in ["wangxi", "donglan"] {
            let stranger = house.desk(site, "admin").await;
            let foreign = address.replace("qingyu", site);
            for deed in ["", "/delete", "/answer", "/settle"] {
                let fields = [("text", "外来的"), ("state", "done")];
                assert_eq!(
                    stranger.browser.submit(&format!("{foreign}{deed}"), &fields).await.status,
                    404,
                    "{deed} on {backend:?}"
                );
            }
            let own =
                stranger.browser.submit(&format!("{}/annotations/1/answer", self::address(id)), &[("text", "外来的")]).await;
            assert_eq!(own.status, 404, "{site} on {backend:?}");
        }

        // Declined, its places go with the reason, and that can be said by them alone.
        let word = [("step", "0"), ("verdict", "return"), ("reason", " ")];
        assert_eq!(reviewer.browser.submit(&format!("{offer}/review"), &word).await.status, 303, "{backend:?}");
        let told = editor.browser.screen(&places(id)).await.text();
        for part in ["请按批注修改（1条）", "附批注 1 条", "<q>工程</q>", "请写全称", "同意"] {
            assert!(told.contains(part), "{part} on {backend:?}: {told}");
        }
        let late = annotate_offer(&reviewer, &offer, &live, ("body", "工程", "0"), "补充").await;
        assert_eq!(late.status, 409, "{backend:?}: {}", late.text());

        // It is the owner's to deal with from then on, beside the text and where that is written, and to be changed by nobody.
        let form = format!("{}/edit", self::address(id));
        for path in [&self::address(id), &form] {
            let page = editor.browser.screen(path).await.text();
            assert!(page.contains("请写全称") && page.contains("推送退回时附"), "{path} on {backend:?}: {page}");
        }
        say(&editor, id, "1/answer", "下一稿写全").await;
        let change = editor.browser.submit(&format!("{}/annotations/1/delete", self::address(id)), &[]).await;
        assert!(change.status == 409 && change.text().contains("不能修改或删除"), "{backend:?}: {}", change.text());

        // What is accepted keeps what was said on the way to itself, and each review has its own.
        let again = push(&house, &editor, id).await;
        assert_eq!(reviewer_begins(&house, &again).await, 303, "{backend:?}");
        assert!(!reviewer.browser.screen(&again).await.text().contains("请写全称"), "{backend:?}");
        assert_eq!(annotate_offer(&reviewer, &again, &live, ("title", "", ""), "只在本区讨论").await.status, 303, "{backend:?}");
        for step in ["0", "1", "2"] {
            let desk = house.desk("qingyu", &format!("review{}", step.parse::<i32>().unwrap() + 1)).await;
            let given = desk.browser.submit(&format!("{again}/review"), &[("step", step), ("verdict", "approve")]).await;
            assert_eq!(given.status, 303, "{backend:?}: {}", given.text());
        }
        let told = editor.browser.screen(&places(id)).await.text();
        assert!(told.contains("请写全称") && !told.contains("只在本区讨论"), "{backend:?}: {told}");
        // Offered again, what was said before is still there until the owner has dealt with it.
        let page = editor.browser.screen(&form).await.text();
        assert!(page.contains("data-state=\"open\"") && !page.contains("只在本区讨论"), "{backend:?}: {page}");
        settle(&editor, id, 1, "done").await;
        let page = editor.browser.screen(&form).await.text();
        assert!(!page.contains("data-state=\"open\"") && page.contains("下一稿写全"), "{backend:?}: {page}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_goes_for_good_takes_its_annotations_with_it() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &article("不要的草稿", BODY)).await;
        annotate(&house, &editor, id, ("body", "工程", "0"), "随稿删除").await;
        say(&editor, id, "1/answer", "好").await;
        assert_eq!(editor.browser.submit(&format!("{}/discard", address(id)), &[]).await.status, 303);
        assert_eq!(annotate(&house, &editor, id, ("title", "", ""), "回收站里").await.status, 409, "{backend:?}");
        assert!(screen(&editor, id).await.contains("随稿删除"), "it can still be read: {backend:?}");
        clock.advance(TimeDelta::days(31));
        house.quiet().await;
        let site = house.site("wangxi").id;
        let store = &house.engine().store;
        assert!(store.read(|c| store::resources::find(c, site, ResourceId(id))).unwrap().is_none(), "{backend:?}");
        assert_eq!(store.read(|c| store::annotations::list(c, site, ResourceId(id), None)).unwrap(), [], "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn annotating_what_somebody_is_writing_is_no_conflict_for_them() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let reviewer = house.desk("wangxi", "review1").await;
        let id = editor.write(&house, &article("同时", BODY)).await;
        let before = find(&house, id);
        assert_eq!(editor.browser.screen(&format!("{}/edit", address(id))).await.status, 200);
        annotate(&house, &reviewer, id, ("body", "工程", "0"), "边写边批").await;
        settle(&reviewer, id, 1, "done").await;
        assert_eq!((find(&house, id).version, find(&house, id).work), (before.version, WorkState::Draft), "{backend:?}");
        assert_eq!(find(&house, id).updated_at, before.updated_at, "{backend:?}");
        house.close().await;
    }
}

fn article(title: &str, body: &str) -> Article {
    Article { body: body.into(), ..Article::news(title) }
}

fn address(id: i64) -> String {
    format!("/console/wangxi/resources/{id}")
}

fn places(id: i64) -> String {
    format!("{}/places", address(id))
}

/// Offers a text to 专题 of 青屿区; gives where that is decided.
async fn push(house: &House, editor: &Desk, id: i64) -> String {
    let channel = house.channel("qingyu", "zt").id.to_string();
    let pushed = editor.browser.submit(&format!("{}/push", address(id)), &[("channel", &channel), ("note", "请酌情刊发")]).await;
    assert_eq!(pushed.status, 303, "{}", pushed.text());
    let offers = house.engine().store.read(|c| store::offers::list_by_resource(c, ResourceId(id))).unwrap();
    format!("/console/qingyu/offers/{}", offers[0].id)
}

async fn reviewer_begins(house: &House, offer: &str) -> u16 {
    house.desk("qingyu", "editor").await.browser.submit(&format!("{offer}/begin"), &[]).await.status
}

/// Says something about what was offered.
async fn annotate_offer(desk: &Desk, offer: &str, revision: &str, at: (&str, &str, &str), text: &str) -> Answer {
    let (field, quote, occurrence) = at;
    let fields = [("revision", revision), ("field", field), ("quote", quote), ("occurrence", occurrence), ("text", text)];
    desk.browser.submit(&format!("{offer}/annotations"), &fields).await
}

fn find(house: &House, id: i64) -> model::Resource {
    let site = house.site("wangxi").id;
    house.engine().store.read(|connection| store::resources::find(connection, site, ResourceId(id))).unwrap().unwrap()
}

async fn screen(desk: &Desk, id: i64) -> String {
    desk.browser.screen(&address(id)).await.text()
}

/// Says something about the latest revision, at a field, words of it and how often they stand before.
async fn annotate(house: &House, desk: &Desk, id: i64, (field, quote, occurrence): (&str, &str, &str), text: &str) -> Answer {
    let revision = find(house, id).latest_revision_id.unwrap().to_string();
    let fields =
        [("revision", revision.as_str()), ("field", field), ("quote", quote), ("occurrence", occurrence), ("text", text)];
    desk.browser.submit(&format!("{}/annotations", address(id)), &fields).await
}

async fn say(desk: &Desk, id: i64, deed: &str, text: &str) -> Answer {
    desk.browser.submit(&format!("{}/annotations/{deed}", address(id)), &[("text", text)]).await
}

async fn settle(desk: &Desk, id: i64, annotation: i64, state: &str) {
    let address = format!("{}/annotations/{annotation}/settle", address(id));
    let answer = desk.browser.submit(&address, &[("state", state)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
}

async fn settle_from_form(desk: &Desk, id: i64, annotation: i64, state: &str) -> Answer {
    let address = format!("{}/annotations/{annotation}/settle", address(id));
    desk.browser.submit(&address, &[("state", state), ("back", "form")]).await
}
