//! The interface for programs: what a token opens, for how long, and what is told of it.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Clock, FixedClock, Ground, Role, SystemClock, UserId};
use serde_json::{Value, json};
use store::{api_tokens, audit};
use testkit::{Answer, Article, Backend, Browser, Desk, House};

const RESOURCES: &str = "/api/v1/sites/wangxi/resources";

fn id_of(house: &House, username: &str) -> UserId {
    house.actor(username).user_id.unwrap()
}

async fn get(browser: &Browser, token: &str, path: &str) -> Answer {
    browser.get_with("localhost", path, &[("authorization", &format!("Bearer {token}"))]).await
}

async fn post(browser: &Browser, token: &str, path: &str, body: &Value) -> Answer {
    browser.send_json(path, &body.to_string(), &[("authorization", &format!("Bearer {token}"))]).await
}

fn told(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.bytes).unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

/// The number of the only token somebody has.
fn token_of(house: &House, id: UserId) -> i64 {
    house.engine().store.read(|connection| api_tokens::list(connection, id)).unwrap()[0].id.0
}

async fn revoke(desk: &Desk, id: i64) -> Answer {
    desk.browser.submit(&format!("/console/me/tokens/{id}/revoke"), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_what_it_was_made_for_and_nothing_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, program) = (house.desk("wangxi", "editor").await, house.browser());
        let id = editor.write(&house, &Article::news("供系统读取")).await;
        let token = editor.make_token("数据交换平台", "wangxi", &["read"]).await;

        let me = told(&get(&program, &token, "/api/v1/me").await);
        assert_eq!((&me["username"], &me["token"]["name"]), (&json!("wangxi-editor"), &json!("数据交换平台")), "{backend:?}");
        assert_eq!(me["rights"], json!([{ "permission": "read", "site": "wangxi", "channel": null }]), "{backend:?}");
        let list = told(&get(&program, &token, &format!("{RESOURCES}?q=供系统读取&channel=yaowen")).await);
        assert_eq!(list["resources"][0]["id"], json!(id), "{backend:?}: {list}");
        let one = told(&get(&program, &token, &format!("{RESOURCES}/{id}")).await);
        assert_eq!((&one["content"]["title"], &one["channel"]), (&json!("供系统读取"), &json!("yaowen")), "{backend:?}");

        let draft = json!({ "channel": "yaowen", "content": { "title": "不许写" } });
        let refused = post(&program, &token, RESOURCES, &draft).await;
        assert_eq!((refused.status, &told(&refused)["status"]), (403, &json!(403)), "it only reads, {backend:?}");
        assert_eq!(get(&program, &token, "/api/v1/sites/qingyu/resources").await.status, 404, "{backend:?}");
        let wrong = get(&program, &token, &format!("{RESOURCES}?from=昨天")).await;
        assert_eq!((wrong.status, &told(&wrong)["problems"][0]["field"]), (422, &json!("from")), "{backend:?}");

        assert_eq!(get(&program, &token, "/console/wangxi").await.status, 303, "it opens no screen, {backend:?}");
        let cookie = editor.browser.get_with("localhost", "/api/v1/me", &[]).await;
        assert_eq!((cookie.status, cookie.header("www-authenticate").as_str()), (401, "Bearer"), "{backend:?}");
        for none in ["tyk_0", "x", ""] {
            let answer = get(&program, none, "/api/v1/me").await;
            assert!(answer.status == 401 && told(&answer)["message"].is_string(), "{none}, {backend:?}");
        }
        assert_eq!(told(&get(&program, &token, "/api/v1/nothing").await)["status"], json!(404), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_begins_drafts_in_its_persons_name_and_the_log_says_with_which_token() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (editor, program) = (house.desk("wangxi", "editor").await, house.browser());
        let token = editor.make_token("公文系统", "wangxi", &["read", "write"]).await;
        let draft = json!({ "channel": "yaowen", "content": { "title": "系统报送", "body": "<p onclick=x>正文</p>" } });
        let made = post(&program, &token, RESOURCES, &draft).await;
        assert_eq!(made.status, 201, "{backend:?}: {}", made.text());
        let one = told(&get(&program, &token, &made.location()).await);
        assert_eq!((&one["content"]["body"], &one["work"]), (&json!("<p>正文</p>"), &json!("draft")), "{backend:?}");

        for (body, field) in [
            (json!({ "channel": "yaowen", "content": { "title": "" } }), "title"),
            (json!({ "channel": "mei-you", "content": { "title": "甲" } }), "channel"),
            (json!({ "channel": "yaowen", "content": { "title": "甲", "attachments": [999_999] } }), "attachments"),
        ] {
            let answer = post(&program, &token, RESOURCES, &body).await;
            assert_eq!(answer.status, 422, "{field}, {backend:?}: {}", answer.text());
            assert_eq!(told(&answer)["problems"][0]["field"], json!(field), "{backend:?}: {}", answer.text());
        }
        for broken in [json!("text"), json!({ "channel": "yaowen", "content": {}, "unknown": 1 })] {
            assert_eq!(post(&program, &token, RESOURCES, &broken).await.status, 400, "{broken}, {backend:?}");
        }
        let entries = house.engine().store.read(|connection| audit::list(connection, None, None, 50)).unwrap();
        let entry = entries.iter().find(|entry| entry.action == "resource.create").unwrap();
        assert_eq!(entry.actor_id, Some(id_of(&house, "wangxi-editor")), "{backend:?}");
        assert!(entry.actor_name.contains("访问令牌“公文系统”"), "{backend:?}: {}", entry.actor_name);
        assert!(entries.iter().any(|entry| entry.action == "token.make"), "{backend:?}");
        assert!(!format!("{entries:?}").contains(&token[..12]), "the token is in no log, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_channel_a_token_reaches_no_further_than_its_person() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let (editor, channel) = (house.desk("wangxi", "editor").await, house.channel("wangxi", "yaowen"));
    let hidden = editor.write(&house, &Article { channel: "tzgg".into(), ..Article::news("别的栏目") }).await;
    let shown = editor.write(&house, &Article::news("本栏目")).await;
    house.hire("lan-mu", Role::EDITOR, Ground::Channel(channel.site_id, channel.id));
    let token = house.desk("platform", "lan-mu").await.make_token("栏目系统", "wangxi", &["read", "write"]).await;
    let program = house.browser();
    let list = told(&get(&program, &token, RESOURCES).await).to_string();
    assert!(list.contains("本栏目") && !list.contains("别的栏目"), "{list}");
    assert_eq!(get(&program, &token, &format!("{RESOURCES}/{shown}")).await.status, 200);
    assert_eq!(get(&program, &token, &format!("{RESOURCES}/{hidden}")).await.status, 404);
    let draft = |channel: &str| json!({ "channel": channel, "content": { "title": "栏目稿件" } });
    assert_eq!(post(&program, &token, RESOURCES, &draft("tzgg")).await.status, 422);
    assert_eq!(post(&program, &token, RESOURCES, &draft("yaowen")).await.status, 201);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_its_day_at_once_when_it_is_revoked_and_with_what_its_person_holds() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let (editor, security) = (house.desk("wangxi", "editor").await, house.desk("platform", "security").await);
        let (program, id) = (house.browser(), id_of(&house, "wangxi-editor"));
        let opens = async |token: &str, path: &str| get(&program, token, path).await.status;

        let token = editor.make_token("一", "wangxi", &["read"]).await;
        let (own, other) = (token_of(&house, id), house.desk("qingyu", "editor").await);
        assert_eq!(revoke(&other, own).await.status, 409, "somebody else's number names none, {backend:?}");
        assert_eq!(opens(&token, RESOURCES).await, 200, "{backend:?}");
        assert_eq!(revoke(&editor, own).await.status, 303, "{backend:?}");
        assert_eq!(opens(&token, RESOURCES).await, 401, "{backend:?}");

        let token = editor.make_token("二", "wangxi", &["read"]).await;
        let page = security.browser.screen(&format!("/console/people/{id}")).await.text();
        let form = format!("/console/people/{id}/tokens/{}/revoke", token_of(&house, id));
        assert!(page.contains(&form) && !page.contains(&token), "{backend:?}: {page}");
        assert_eq!(security.browser.submit(&form, &[]).await.status, 303, "{backend:?}");
        assert_eq!(opens(&token, RESOURCES).await, 401, "{backend:?}");

        let token = editor.make_token("三", "wangxi", &["read"]).await;
        let (store, site) = (&house.engine().store, house.site("wangxi").id);
        let set = |state| store.command(|command| store::people::set_state(command, id, state)).unwrap();
        set(model::AccountState::Locked);
        assert_eq!(opens(&token, RESOURCES).await, 401, "who is locked out is so with every token, {backend:?}");
        set(model::AccountState::Normal);
        assert_eq!(opens(&token, RESOURCES).await, 200, "{backend:?}");
        store.command(|command| store::people::revoke(command, id, Role::EDITOR, Ground::Site(site))).unwrap();
        assert_eq!(opens(&token, RESOURCES).await, 404, "whoever lost the role holds nothing there, {backend:?}");
        let grant = model::Grant::lasting(Role::EDITOR, Ground::Site(site));
        store.command(|command| store::people::grant(command, id, grant)).unwrap();
        clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
        assert_eq!(opens(&token, RESOURCES).await, 200, "{backend:?}");
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(opens(&token, RESOURCES).await, 401, "its thirty days are over, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_a_token_for_more_than_they_hold_or_for_longer_than_the_rules_say() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        for (fields, told) in [
            (vec![("name", ""), ("ground", "wangxi"), ("days", "30"), ("permissions", "read")], "请填写名称"),
            (vec![("name", "甲"), ("ground", "wangxi"), ("days", "366"), ("permissions", "read")], "有效天数"),
            (vec![("name", "甲"), ("ground", "wangxi"), ("days", "x"), ("permissions", "read")], "有效天数"),
            (vec![("name", "甲"), ("ground", "wangxi"), ("days", "30")], "至少选择一项权限"),
            (vec![("name", "甲"), ("ground", "wangxi"), ("days", "30"), ("permissions", "review")], "没有这些权限：审核"),
            (vec![("name", "甲"), ("ground", "qingyu"), ("days", "30"), ("permissions", "read")], "没有这些权限：查看"),
            (vec![("name", "甲"), ("ground", ""), ("days", "30"), ("permissions", "audit")], "没有这些权限：审计"),
            (vec![("name", "甲"), ("ground", "meiyou"), ("days", "30"), ("permissions", "read")], "请从列表中选择适用范围"),
        ] {
            let answer = editor.browser.submit("/console/me/tokens", &fields).await;
            assert!(answer.status == 422 && answer.text().contains(told), "{told}, {backend:?}: {}", answer.text());
            assert!(!answer.text().contains("tyk_"), "{told}, {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_nothing_is_kept_but_a_hash_and_its_last_use_is_seen() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let token = editor.make_token("数据交换平台", "wangxi", &["read"]).await;
        let page = async || editor.browser.screen("/console/me/tokens").await.text();
        let before = page().await;
        assert!(before.contains("从未使用") && !before.contains("tyk_"), "it is shown once, {backend:?}: {before}");
        assert_eq!(get(&house.browser(), &token, "/api/v1/me").await.status, 200, "{backend:?}");
        let after = page().await;
        assert!(after.contains("127.0.0.1") && !after.contains("从未使用"), "{backend:?}: {after}");
        if let Some(path) = house.settings.database.strip_prefix("sqlite:") {
            for file in [path.to_owned(), format!("{path}-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{backend:?}");
            }
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_asks_too_often_waits() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let token = house.desk("wangxi", "editor").await.make_token("忙", "wangxi", &["read"]).await;
    let (program, most) = (house.browser(), model::sign_in_policy().tokens.requests);
    let mut last = 0;
    for _ in 0..=most {
        last = get(&program, &token, "/api/v1/me").await.status;
    }
    assert_eq!(last, 429);
    let another = house.desk("wangxi", "review1").await.make_token("闲", "wangxi", &["read"]).await;
    assert_eq!(get(&program, &another, "/api/v1/me").await.status, 200, "others go on");
    house.close().await;
}
