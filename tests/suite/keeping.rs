//! Nobody's words are lost: working copies, who holds a text, and what is told before it is handed in.

use model::Clock;
use serde_json::Value;
use testkit::{Answer, Article, Backend, Desk, House};

const SHEET: &str = "0198f3c2-7d10-7a41-9d2f-0c5f3a6b7e11";
const OTHER: &str = "0198f3c2-7d10-7a41-9d2f-0c5f3a6b7e22";

/// Keeps a form as the script does.
async fn keep(desk: &Desk, writing: &str, fields: &[(&str, &str)]) -> Answer {
    desk.browser.submit(&format!("/console/wangxi/working-copies/{writing}"), fields).await
}

fn state(answer: &Answer) -> String {
    let told: Value = serde_json::from_str(&answer.text()).unwrap_or_else(|_| panic!("{}", answer.text()));
    told["state"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_kept_for_its_writer_alone_and_offered_again() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("已保存的标题")).await;
        let edit = format!("/console/wangxi/resources/{id}/edit");
        let typed = [
            ("sheet", SHEET),
            ("sequence", "2"),
            ("version", "1"),
            ("revision", "1"),
            ("title", "没有保存的标题"),
            ("body", "新的正文"),
        ];
        assert_eq!(state(&keep(&editor, &id.to_string(), &typed).await), "kept", "{backend:?}");
        // What was sent before it and arrives after it changes nothing.
        let late = [("sheet", SHEET), ("sequence", "1"), ("title", "迟到的标题")];
        assert_eq!(state(&keep(&editor, &id.to_string(), &late).await), "kept");

        let offered = editor.browser.screen(&edit).await.text();
        assert!(offered.contains("您有未保存的修改") && offered.contains("value=\"已保存的标题\""), "{offered}");
        let restored = editor.browser.screen(&format!("{edit}?restore=1")).await.text();
        assert!(restored.contains("value=\"没有保存的标题\"") && restored.contains("新的正文"), "{restored}");
        assert!(editor.browser.screen("/console/wangxi").await.text().contains("暂存的稿件"));

        // It is no revision, and nobody else's business.
        let revisions = editor.browser.screen(&format!("/console/wangxi/resources/{id}/revisions")).await.text();
        assert!(!revisions.contains("第2版"), "{revisions}");
        let admin = house.desk("wangxi", "admin").await;
        for path in [&edit, "/console/wangxi"] {
            assert!(!admin.browser.screen(path).await.text().contains("没有保存的标题"), "{path}");
        }
        let address = format!("/console/wangxi/working-copies/{id}");
        assert_eq!(admin.browser.screen(&address).await.status, 404);
        assert!(editor.browser.screen(&address).await.text().contains("没有保存的标题"));

        // Once it is saved, nothing is left to offer.
        let answer = editor.rewrite(&house, id, &Article::news("没有保存的标题")).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(editor.browser.screen(&address).await.status, 404);
        assert!(!editor.browser.screen("/console/wangxi").await.text().contains("暂存的稿件"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_text_is_listed_until_it_is_saved_or_discarded() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let typed = [("sheet", SHEET), ("begun", SHEET), ("sequence", "1"), ("title", "还没有保存的新稿件"), ("body", "甲")];
        assert_eq!(state(&keep(&editor, SHEET, &typed).await), "kept");
        let desk = editor.browser.screen("/console/wangxi").await.text();
        assert!(desk.contains("暂存的稿件") && desk.contains("还没有保存的新稿件"), "{backend:?}: {desk}");

        let begun = format!("/console/wangxi/resources/new?begun={SHEET}");
        let form = editor.browser.screen(&begun).await.text();
        assert!(form.contains("value=\"还没有保存的新稿件\""), "{form}");
        // The window it was begun in has been left: what it still sends is not kept over what another window goes on with.
        let again = [("sheet", SHEET), ("begun", SHEET), ("sequence", "9"), ("title", "旧窗口")];
        assert_eq!(state(&keep(&editor, SHEET, &again).await), "elsewhere");

        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let fields = [("begun", SHEET), ("channel", &channel), ("title", "还没有保存的新稿件"), ("body", "甲")];
        assert_eq!(editor.browser.submit("/console/wangxi/resources", &fields).await.status, 303);
        assert!(!editor.browser.screen("/console/wangxi").await.text().contains("暂存的稿件"));

        assert_eq!(state(&keep(&editor, OTHER, &[("sheet", OTHER), ("title", "不要了")]).await), "kept");
        let gone = editor.browser.submit(&format!("/console/wangxi/working-copies/{OTHER}/discard"), &[]).await;
        assert_eq!(gone.location(), "/console/wangxi?done=copy-discarded");
        assert!(!editor.browser.screen("/console/wangxi").await.text().contains("不要了"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_after_its_text_was_saved_is_not_kept_anew() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let id = editor.write(&house, &Article::news("已保存的标题")).await;
        let edit = format!("/console/wangxi/resources/{id}/edit");
        let long = "长".repeat(201);
        let channel = house.channel("wangxi", "yaowen").id.to_string();

        // A title that is too long is sent, refused, put right on the same sheet and saved; only then comes what was sent in between.
        let form = editor.browser.screen(&edit).await.text();
        let hidden =
            |name: &str| form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let (sheet, version) = (hidden("sheet"), hidden("version"));
        let wrong = [("sheet", sheet.as_str()), ("version", &version), ("sequence", "1"), ("title", &long), ("body", "甲")];
        let right = [("sheet", sheet.as_str()), ("version", &version), ("title", "改短的标题"), ("body", "甲")];
        let refused = editor.browser.submit(&edit, &wrong).await;
        assert!(
            refused.status == 422 && refused.text().contains(&format!("value=\"{sheet}\"")),
            "{backend:?}: {}",
            refused.text()
        );
        assert_eq!(state(&keep(&editor, &id.to_string(), &wrong).await), "kept", "{backend:?}");
        assert_eq!(editor.browser.submit(&edit, &right).await.status, 303, "{backend:?}");
        let late = [("sheet", sheet.as_str()), ("sequence", "2"), ("title", &long), ("body", "甲")];
        assert_eq!(state(&keep(&editor, &id.to_string(), &late).await), "saved", "{backend:?}");
        assert!(!editor.browser.screen("/console/wangxi").await.text().contains("暂存的稿件"), "{backend:?}");
        assert!(!editor.browser.screen(&edit).await.text().contains("您有未保存的修改"), "{backend:?}");
        // What is written from then on is.
        let (_, next) = open(&editor, id).await;
        let typed = [("sheet", next.as_str()), ("sequence", "1"), ("title", "再改的标题"), ("body", "甲")];
        assert_eq!(state(&keep(&editor, &id.to_string(), &typed).await), "kept", "{backend:?}");
        assert!(editor.browser.screen(&edit).await.text().contains("您有未保存的修改"), "{backend:?}");

        // A new text likewise; whoever comes back to its form finds what it became.
        let new =
            [("sheet", SHEET), ("begun", SHEET), ("channel", &channel), ("sequence", "1"), ("title", "新稿件"), ("body", "甲")];
        assert_eq!(state(&keep(&editor, SHEET, &new).await), "kept", "{backend:?}");
        let made = editor.browser.submit("/console/wangxi/resources", &new).await.location();
        let made = made.trim_end_matches("?done=saved").to_owned();
        assert_eq!(state(&keep(&editor, SHEET, &new).await), "saved", "{backend:?}");
        let desk = editor.browser.screen("/console/wangxi").await.text();
        assert!(!desk.contains("new?begun="), "{backend:?}: {desk}");
        let begun = format!("/console/wangxi/resources/new?begun={SHEET}");
        assert_eq!(editor.browser.screen(&begun).await.location(), format!("{made}/edit"), "{backend:?}");
        let other = house.desk("wangxi", "admin").await;
        assert_eq!(other.browser.screen(&begun).await.status, 200, "it is its writer's alone: {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_text_that_is_come_back_to_stays_one_even_where_what_was_sent_last_arrives_late() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let begun = format!("/console/wangxi/resources/new?begun={SHEET}");
        let form = editor.browser.screen(&begun).await.text();
        let sheet = form.split("name=\"sheet\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(form.contains(&format!("data-back=\"{begun}\"")), "{form}");
        let typed =
            |sheet: &'static str, title: &'static str| [("sheet", sheet), ("begun", SHEET), ("sequence", "9"), ("title", title)];
        assert_eq!(state(&keep(&editor, SHEET, &typed(SHEET, "离开时写到这里")).await), "kept", "{backend:?}");
        let on = [("sheet", sheet.as_str()), ("begun", SHEET), ("sequence", "1"), ("title", "回来接着写")];
        assert_eq!(state(&keep(&editor, SHEET, &on).await), "kept", "{backend:?}");
        assert_eq!(state(&keep(&editor, SHEET, &typed(SHEET, "迟到")).await), "elsewhere", "{backend:?}");
        let desk = editor.browser.screen("/console/wangxi").await.text();
        assert!(desk.contains("回来接着写") && desk.matches("new?begun=").count() == 1, "{backend:?}: {desk}");

        // Saved from the later window, it is not brought back by what the earlier one sent when it was left.
        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let saved = [&on[..], &[("channel", channel.as_str()), ("body", "<p>甲</p>")]].concat();
        let made = editor.browser.submit("/console/wangxi/resources", &saved).await.location();
        assert_eq!(state(&keep(&editor, SHEET, &typed(SHEET, "更迟到")).await), "saved", "{backend:?}");
        assert!(!editor.browser.screen("/console/wangxi").await.text().contains("new?begun="), "{backend:?}");
        assert_eq!(
            editor.browser.screen(&begun).await.location().trim_end_matches("/edit"),
            made.trim_end_matches("?done=saved")
        );

        // Sent twice it is one text; with other words it is another, and none of them is lost.
        let again = editor.browser.submit("/console/wangxi/resources", &saved).await;
        assert_eq!(again.location(), made.trim_end_matches("?done=saved"), "{backend:?}: {}", again.text());
        let other = [&saved[..3], &[("title", "又写的"), ("channel", channel.as_str()), ("body", "<p>乙</p>")]].concat();
        let other = editor.browser.submit("/console/wangxi/resources", &other).await;
        assert!(other.status == 303 && other.location() != made, "{backend:?}: {}", other.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_said() {
    let Some(house) = House::open_set(Backend::Sqlite, |settings| settings.writing.keep_days = 1).await else { return };
    let editor = house.desk("wangxi", "editor").await;
    assert_eq!(keep(&editor, "4711", &[("sheet", SHEET)]).await.status, 404, "there is no such resource");
    assert_eq!(keep(&editor, "..", &[("sheet", SHEET)]).await.status, 404);
    assert_eq!(keep(&editor, SHEET, &[("sheet", "x")]).await.status, 400);
    let long = "长".repeat(800_000);
    assert_eq!(state(&keep(&editor, SHEET, &[("sheet", SHEET), ("body", &long)]).await), "long");
    for number in 0..50 {
        let sheet = format!("0198f3c2-7d10-7a41-9d2f-{number:012}");
        assert_eq!(state(&keep(&editor, &sheet, &[("sheet", &sheet), ("title", "一篇")]).await), "kept");
    }
    assert_eq!(state(&keep(&editor, SHEET, &[("sheet", SHEET), ("title", "又一篇")]).await), "full");

    // Nobody went on with them for longer than the settings allow.
    let store = &house.engine().store;
    let days = |days| house.engine().clock.now() + chrono::TimeDelta::days(days);
    let swept = |days_from_now| {
        let moment = days(days_from_now - i64::from(house.settings.writing.keep_days));
        store.write(|connection| store::working_copies::delete_all_kept_before(connection, moment)).unwrap()
    };
    assert_eq!((swept(0), swept(2)), (0, 50));
    house.close().await;
}

/// Opens the form of a resource; says on which sheet.
async fn open(desk: &Desk, id: i64) -> (u16, String) {
    let answer = desk.browser.screen(&format!("/console/wangxi/resources/{id}/edit")).await;
    let text = answer.text();
    let sheet = text.split("name=\"sheet\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    (answer.status, sheet.unwrap_or_default().to_owned())
}

async fn beat(desk: &Desk, id: i64, sheet: &str) -> String {
    state(&desk.browser.submit(&format!("/console/wangxi/resources/{id}/lease"), &[("sheet", sheet)]).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_second_is_told_and_may_take_over_and_nobodys_words_are_lost() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (first, second) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
        let id = first.write(&house, &Article::news("两个人的稿件")).await;
        let (status, sheet) = open(&first, id).await;
        assert_eq!((status, beat(&first, id, &sheet).await.as_str()), (200, "mine"), "{backend:?}");

        let locked = second.browser.screen(&format!("/console/wangxi/resources/{id}/edit")).await;
        assert_eq!(locked.status, 423);
        let text = locked.text();
        assert!(text.contains("wangxi-editor 正在编辑此稿件") && text.contains("两个人的稿件的正文"), "{text}");
        assert!(!text.contains("name=\"body\""), "it is only read");
        let over = Article::news("抢先保存");
        assert_eq!(second.rewrite(&house, id, &over).await.status, 409, "nobody saves over who is editing");

        let taken = second.browser.submit(&format!("/console/wangxi/resources/{id}/take-over"), &[]).await;
        assert_eq!(taken.status, 303);
        let (status, _) = open(&second, id).await;
        assert_eq!((status, beat(&first, id, &sheet).await.as_str()), (200, "taken"));

        // What the first goes on typing is kept, but not over the second.
        let typed = [
            ("sheet", sheet.as_str()),
            ("sequence", "7"),
            ("version", "2"),
            ("revision", "1"),
            ("title", "先来者的话"),
            ("body", "甲"),
        ];
        assert_eq!(state(&keep(&first, &id.to_string(), &typed).await), "kept");
        assert_eq!(first.rewrite(&house, id, &Article::news("先来者硬要保存")).await.status, 409);
        assert_eq!(second.rewrite(&house, id, &Article::news("后来者的版本")).await.status, 303);

        // Saving ends it: the first goes on from their own words, which are not based on what is there now.
        let (status, _) = open(&first, id).await;
        assert_eq!(status, 200);
        let restored = first.browser.screen(&format!("/console/wangxi/resources/{id}/edit?restore=1")).await.text();
        assert!(restored.contains("先来者"), "{restored}");
        let on_record = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(on_record.contains("接手编辑"), "{on_record}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_passes_to_ones_other_window_and_ends_by_itself_or_when_it_is_left() {
    for backend in Backend::BOTH {
        let clock = std::sync::Arc::new(model::FixedClock::at(model::SystemClock.now()));
        let Some(house) = House::open_at(backend, std::sync::Arc::clone(&clock) as std::sync::Arc<dyn Clock>).await else {
            continue;
        };
        let (first, second) = (house.desk("wangxi", "editor").await, house.desk("wangxi", "admin").await);
        let id = first.write(&house, &Article::news("两个窗口")).await;
        let (_, old) = open(&first, id).await;
        let (_, new) = open(&first, id).await;
        assert_eq!(
            (beat(&first, id, &old).await.as_str(), beat(&first, id, &new).await.as_str()),
            ("elsewhere", "mine"),
            "{backend:?}"
        );
        assert_eq!(state(&keep(&first, &id.to_string(), &[("sheet", &old), ("title", "旧窗口")]).await), "elsewhere");
        assert_eq!(state(&keep(&first, &id.to_string(), &[("sheet", &new), ("title", "新窗口")]).await), "kept");

        // Somebody who says nothing any more locks nobody out; when they come back, they are told.
        assert_eq!(open(&second, id).await.0, 423);
        clock.advance(store::edit_leases::LEASE);
        let (status, seconds) = open(&second, id).await;
        assert_eq!((status, beat(&first, id, &new).await.as_str()), (200, "taken"));

        // A window that is left gives back what it holds, and no other window does.
        let release = format!("/console/wangxi/resources/{id}/lease/release");
        assert_eq!(first.browser.submit(&release, &[("sheet", &seconds)]).await.status, 204);
        assert_eq!(open(&first, id).await.0, 423);
        assert_eq!(second.browser.submit(&release, &[("sheet", &seconds)]).await.status, 204);
        assert_eq!(open(&first, id).await.0, 200);
        house.close().await;
    }
}

/// A number that belongs to nobody, with the right check digit.
const IDENTITY: &str = "11010519491231002X";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_in_a_text_is_told_by_weight_with_its_place_and_personal_data_masked() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let policy = house.channel("wangxi", "zcwj").id.to_string();
        let body = format!(
            "<p>截止目前，联系人身份证{IDENTITY}。</p><p><a href=\"/no/such/page.html\">旧通知</a><a href=\"/yaowen/\">要闻</a>\
             <a href=\"www.gov.cn\">国务院</a><a href=\"media:4711\">附件</a></p>"
        );
        let fields = [("channel", policy.as_str()), ("title", "关于绝密事项的通知"), ("body", &body), ("written_on", "昨天")];
        let panel = editor.browser.submit("/console/wangxi/proof", &fields).await.text();
        for wanted in [
            "请填写来源",
            "政策文件须填写发文机关",
            "日期应为",
            "没有编号为 4711 的文件",
            "“截止目前”应为“截至目前”",
            "疑似身份证号 110105********002X",
            "“绝密”：疑似不宜公开的内容",
            "链接“旧通知”（/no/such/page.html）本站没有这个地址",
            "链接“国务院”（www.gov.cn）网址缺少",
            "data-find=\"截止目前\" data-occurrence=\"0\"",
            "已核对，仍要送审",
            model::proof::version(),
        ] {
            assert!(panel.contains(wanted), "{backend:?}: {wanted} is missing in {panel}");
        }
        assert!(!panel.contains("“要闻”"), "{panel}");
        let order: Vec<_> =
            ["须补充修改</h3>", "须核对</h3>", "建议核对</h3>"].iter().map(|name| panel.find(name).unwrap()).collect();
        assert!(order.is_sorted(), "{panel}");
        let nowhere = editor.browser.submit("/console/wangxi/proof", &[("title", "通知")]).await.text();
        assert!(nowhere.contains("请选择栏目"), "{nowhere}");
        let clean = [("channel", policy.as_str()), ("title", "通知")];
        assert!(!editor.browser.submit("/console/wangxi/proof", &clean).await.text().contains("已核对"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_be_looked_at_keeps_a_text_from_review_until_somebody_says_that_they_did() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let body = format!("<p>截止目前，联系人身份证{IDENTITY}。</p>");
        let fields = [
            ("channel", channel.as_str()),
            ("title", "须核对的稿件"),
            ("source", "办公室"),
            ("body", &body),
            ("intent", "submit"),
        ];
        let kept = editor.browser.submit("/console/wangxi/resources", &fields).await;
        assert_eq!(kept.status, 303, "{backend:?}: what is kept has an address of its own");
        let text = editor.browser.screen(&kept.location()).await.text();
        assert!(
            text.contains("草稿已保存") && text.contains("有 2 处须核对") && !text.contains("身份证号 11010519491231"),
            "{text}"
        );
        let seal =
            text.split("id=\"looked_at\" name=\"looked_at\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let id: i64 = text.split("/resources/").nth(1).unwrap().split(['/', '"']).next().unwrap().parse().unwrap();
        assert_eq!(editor.hand_in(&house, id).await.status, 422, "the button on its page asks too");

        // What was looked at is just this: another wrong word is another matter.
        let edit = format!("/console/wangxi/resources/{id}/edit");
        let version = |text: &str| text.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let seen = version(&editor.browser.screen(&edit).await.text());
        let more = format!("{body}<p>一如继往。</p>");
        let changed = [
            ("version", seen.as_str()),
            ("title", "须核对的稿件"),
            ("source", "办公室"),
            ("body", &more),
            ("looked_at", &seal),
            ("intent", "submit"),
        ];
        let again = editor.browser.submit(&edit, &changed).await;
        assert_eq!(again.status, 422, "{}", again.text());

        let seen = version(&editor.browser.screen(&edit).await.text());
        let sure = [
            ("version", seen.as_str()),
            ("title", "须核对的稿件"),
            ("source", "办公室"),
            ("body", &body),
            ("looked_at", &seal),
            ("intent", "submit"),
        ];
        let answer = editor.browser.submit(&edit, &sure).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let history = editor.browser.screen(&format!("/console/wangxi/resources/{id}")).await.text();
        assert!(history.contains("已核对：“截止目前”应为“截至目前”；疑似身份证号 110105********002X"), "{history}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_shown_on_its_own_sites_page_and_written_nowhere() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let picture = editor.bring(&house, "图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>").await;
        let channel = house.channel("wangxi", "yaowen").id.to_string();
        let body = format!("<p>还没有人看过的正文。</p><p><img src=\"media:{picture}\" alt=\"图\"></p>");
        let fields = [("channel", channel.as_str()), ("title", "还没有人看过的标题"), ("body", &body)];
        let shown = editor.browser.submit("/console/wangxi/preview/page", &fields).await;
        let text = shown.text();
        assert_eq!(shown.status, 200, "{backend:?}: {text}");
        for wanted in [
            "<base href=\"http://wangxi.test/\"",
            "还没有人看过的标题",
            "还没有人看过的正文",
            "望溪区",
            &format!("src=\"http://localhost/console/wangxi/media/{picture}/file\""),
        ] {
            assert!(text.contains(wanted), "{backend:?}: {wanted} is missing in {text}");
        }
        assert!(!text.contains("<script"), "{text}");
        let policy = shown.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(
            editor.browser.screen("/console/wangxi").await.header("content-security-policy").contains("frame-ancestors 'none'")
        );

        let id = editor.write(&house, &Article::news("已有的稿件")).await;
        let of_resource = format!("/console/wangxi/preview/page?resource={id}");
        assert!(editor.browser.submit(&of_resource, &[("title", "改过的标题")]).await.text().contains("改过的标题"));
        assert!(
            editor.browser.submit("/console/wangxi/preview/page", &[("title", "无栏目")]).await.text().contains("请先选择栏目")
        );

        // On a site that shows it, with that site's own name and prefix.
        let (live, _) = editor.publish(&house, &Article::news("两站展示的稿件")).await;
        let placed =
            house.engine().store.read(|connection| store::placements::list_by_resource(connection, model::ResourceId(live)));
        let elsewhere = placed.unwrap().into_iter().find(|one| one.site_id == house.site("jinchuan").id).unwrap().id;
        let there = format!("/console/wangxi/preview/page?resource={live}&placement={elsewhere}");
        let text = editor.browser.submit(&there, &[("title", "将要修改的标题")]).await.text();
        assert!(text.contains("<base href=\"http://jinchuan.test/\"") && text.contains("将要修改的标题"), "{text}");
        let not_its_own = format!("/console/wangxi/preview/page?resource={id}&placement={elsewhere}");
        assert!(editor.browser.submit(&not_its_own, &[("title", "甲")]).await.text().contains("http://wangxi.test/"));
        house.quiet().await;
        let list = house.browser().get("wangxi", "/yaowen/").await.text();
        assert!(!list.contains("还没有人看过的标题") && !list.contains("改过的标题"));
        house.close().await;
    }
}
