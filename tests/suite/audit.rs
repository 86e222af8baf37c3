//! The audit log as auditors use it: verified every night, looked through, taken away as a table, and what it says of reading.

use std::sync::Arc;

use chrono::{Days, TimeDelta};
use model::{Actor, Clock as _, FixedClock, SystemClock};
use publish::audit_log;
use serde_json::json;
use store::audit::{self, Chain, Head, Record};
use store::{alarms, audit_verifications};
use testkit::{Backend, House};

use crate::verify::until;

const FORM: &str = "/console/audit";

fn note(house: &House, action: &str, number: i64) {
    let record = Record { action, subject: format!("test:{number}"), site: None, before: json!(null), after: json!(number) };
    let now = house.engine().clock.now();
    house.engine().store.command(|command| audit::append(command, &Actor::operator("test"), record, now)).unwrap();
}

/// Takes the guards of the log away, as somebody with the keys to the database would.
fn unguarded(house: &House, backend: Backend) {
    let drops: &[&str] = match backend {
        Backend::Sqlite => &["DROP TRIGGER audit_entries_no_update", "DROP TRIGGER audit_entries_no_delete"],
        Backend::Postgres => &["DROP TRIGGER audit_entries_no_change ON audit_entries"],
    };
    for drop in drops {
        house.engine().store.administer(drop).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_that_was_cut_off_is_missed_once_its_head_was_noted_and_an_alarm_says_so() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (auditor, operator) = (house.desk("platform", "auditor").await, house.desk("platform", "admin").await);
        for number in 0..5 {
            note(&house, "test", number);
        }
        let before = auditor.browser.screen(FORM).await.text();
        assert!(before.contains("尚未核验过"), "{before}");
        let verified = auditor.browser.submit("/console/audit/verify", &[]).await.text();
        assert!(verified.contains("核验通过") && verified.contains("封存摘要"), "{backend:?}: {verified}");
        let kept = house.engine().store.read(audit_verifications::find_last).unwrap().unwrap().head;
        let shown = format!("{}:{}", kept.number, kept.hash);
        assert!(auditor.browser.screen(FORM).await.text().contains(&shown), "the head can be copied down");
        assert!(operator.browser.screen("/console/operations").await.text().contains(&shown), "{backend:?}");

        unguarded(&house, backend);
        house.engine().store.administer(&format!("DELETE FROM audit_entries WHERE id >= {}", kept.number - 1)).unwrap();
        let whole = house.engine().store.read(audit::verify).unwrap();
        assert_eq!(whole, Chain::Intact(kept.number - 2), "in itself the chain is whole, {backend:?}");
        let told = auditor.browser.submit("/console/audit/verify", &[]).await.text();
        assert!(told.contains(&format!("自第 {} 条起", kept.number - 1)), "{backend:?}: {told}");
        let told = operator.browser.screen("/console/operations/alarms").await.text();
        assert!(told.contains("审计日志被改动") && told.contains("须人工处理"), "{backend:?}: {told}");
        audit_log::verify(house.engine(), &[]).unwrap();
        let open = house.engine().store.read(|c| alarms::list_all_unrestored(c, 10)).unwrap();
        assert_eq!(open.len(), 1, "one alarm is enough");

        // Other entries where those were cut off do not make it whole again.
        for number in 0..9 {
            note(&house, "forged", number);
        }
        let found = audit_log::verify(house.engine(), &[]).unwrap();
        assert!(matches!(found.chain, Chain::Broken(at) if at <= kept.number), "{:?} on {backend:?}", found.chain);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_sealed_anew_with_its_notes_is_told_by_a_head_that_was_kept_elsewhere() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    note(&house, "test", 1);
    let found = audit_log::verify(house.engine(), &[]).unwrap();
    let kept = Head { hash: found.head.hash.replace(|_: char| true, "0"), ..found.head.clone() };
    assert!(matches!(audit_log::verify(house.engine(), std::slice::from_ref(&found.head)).unwrap().chain, Chain::Intact(_)));
    let told = audit_log::verify(house.engine(), &[kept]).unwrap();
    assert_eq!(told.chain, Chain::Broken(found.head.number));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_verifications_found_cannot_be_changed_either() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        audit_log::verify(house.engine(), &[]).unwrap();
        for forbidden in
            ["UPDATE audit_verifications SET head = 'x'", "DELETE FROM audit_verifications", "DELETE FROM audit_entries"]
        {
            assert!(house.engine().store.administer(forbidden).is_err(), "{forbidden} on {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_walked_over_once_a_night_by_itself() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        // Entries of yesterday: the night between then and now was slept through.
        let yesterday = house.engine().clock.now() - Days::new(1) - TimeDelta::minutes(1);
        let store = &house.engine().store;
        assert!(store.read(audit_verifications::find_last).unwrap().is_none(), "nothing was there last night");
        unguarded(&house, backend);
        store.administer("DELETE FROM audit_entries").unwrap();
        let record = Record { action: "test", subject: "test".into(), site: None, before: json!(null), after: json!(null) };
        store.command(|command| audit::append(command, &Actor::operator("test"), record, yesterday)).unwrap();
        let sweeper = publish::sweep::Sweeper::start(house.engine()).unwrap();
        until(|| store.read(audit_verifications::find_last).unwrap().is_some()).await;
        let found = store.read(audit_verifications::find_last).unwrap().unwrap();
        assert_eq!((found.chain, found.head.number), (Chain::Intact(1), 1), "{backend:?}");
        tokio::task::spawn_blocking(|| sweeper.stop()).await.unwrap();
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_looked_through_by_who_what_where_and_when() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let auditor = house.desk("platform", "auditor").await;
        let editor = house.desk("wangxi", "editor").await;
        editor.write(&house, &testkit::Article::news("查找审计")).await;
        let find = async |query: &str| auditor.browser.screen(&format!("{FORM}?{query}")).await;
        let created = "新建稿件";
        for (query, wanted) in [
            ("kind=texts", true),
            ("kind=people", false),
            ("who=wangxi-editor", true),
            ("who=auditor", false),
            ("site=wangxi", true),
            ("site=qingyu", false),
            ("site=-", false),
            ("from=2020-01-01", true),
            ("until=2020-01-01", false),
            ("from=2020-01-01&until=2999-01-01&kind=texts&site=wangxi&who=wangxi-editor", true),
        ] {
            let answer = find(query).await;
            assert_eq!((answer.status, answer.text().contains(created)), (200, wanted), "{query} on {backend:?}");
        }
        let none = find("who=nobody").await.text();
        assert!(none.contains("没有符合条件的记录"), "{none}");
        for (query, told) in
            [("from=yesterday", "请填写日期"), ("from=2026-03-05&until=2026-03-01", "不能早于"), ("site=nowhere", "没有这个站点")]
        {
            let answer = find(query).await;
            assert!(answer.status == 422 && answer.text().contains(told), "{query}: {} {}", answer.status, answer.text());
        }
        assert_eq!(auditor.browser.screen(&format!("{FORM}/export?from=yesterday")).await.status, 409);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_what_was_found_and_is_an_entry_itself() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let auditor = house.desk("platform", "auditor").await;
        note(&house, "test", 1);
        let answer = auditor.browser.screen(&format!("{FORM}/export?kind=reads")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").contains("spreadsheet") && answer.bytes.starts_with(b"PK"), "{backend:?}");
        let newest = house.engine().store.read(|c| audit::list(c, None, None, 1)).unwrap().remove(0);
        assert_eq!((newest.action.as_str(), newest.after.as_deref()), ("audit.export", Some(r#"{"conditions":"kind=reads"}"#)));
        let elsewhere = house.desk("wangxi", "admin").await;
        assert_eq!(elsewhere.browser.screen(&format!("{FORM}/export")).await.status, 403, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proves_themselves_takes_the_library_away_and_leaves_is_on_record_for_each() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        let security = house.desk("platform", "security").await;
        let editor = house.desk("wangxi", "editor").await;
        assert_eq!(editor.browser.screen("/console/wangxi/library/export?kind=article").await.status, 200);
        assert_eq!(editor.browser.submit("/console/sign-out", &[]).await.status, 303);
        clock.advance(TimeDelta::minutes(11));
        let fields = [("_confirm_password", "Ceshi-2026-zhanghao"), ("next", "/console")];
        assert_eq!(security.browser.submit("/console/me/confirm", &fields).await.status, 303, "{backend:?}");
        let entries = house.engine().store.read(|c| audit::list(c, None, None, 3)).unwrap();
        let told: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
        assert_eq!(told, ["library.export", "session.leave", "session.prove"], "{backend:?}");
        assert!(entries[2].after.as_deref().unwrap().contains("kind=article"), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_what_is_known_of_others_is_on_record_once_a_day() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let of = |username: &str| {
            let found = house.engine().store.read(|c| store::people::find_by_username(c, username)).unwrap();
            found.unwrap().id
        };
        let (editor, own) = (of("wangxi-editor"), of("wangxi-admin"));
        let reads = || {
            let entries = house.engine().store.read(|c| audit::list(c, None, None, 500)).unwrap();
            entries.into_iter().filter(|entry| ["person.read", "people.export"].contains(&entry.action.as_str())).count()
        };
        assert_eq!(admin.browser.screen("/console/wangxi/people").await.status, 200);
        assert_eq!(admin.browser.screen(&format!("/console/wangxi/people/{own}")).await.status, 200);
        assert_eq!(reads(), 0, "neither a list nor oneself, {backend:?}");
        for _ in 0..3 {
            assert_eq!(admin.browser.screen(&format!("/console/wangxi/people/{editor}")).await.status, 200);
        }
        assert_eq!(reads(), 1, "{backend:?}");
        assert_eq!(admin.browser.screen("/console/wangxi/people/workload/export").await.status, 200);
        assert_eq!(reads(), 2, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_entries_are_looked_through_at_once() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let auditor = house.desk("platform", "auditor").await;
    house
        .engine()
        .store
        .administer(
            "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 101000) \
             INSERT INTO audit_entries SELECT i, '2026-01-01 00:00:00', 7, 'x', 'local', 'test', 'test', 1, NULL, NULL, '', '' FROM n",
        )
        .unwrap();
    for query in ["", "kind=people", "who=auditor", "who=nobody", "until=2025-01-01", "site=-", "kind=media&site=qingyu"] {
        let begun = std::time::Instant::now();
        assert_eq!(auditor.browser.screen(&format!("{FORM}?{query}")).await.status, 200);
        let took = begun.elapsed();
        // Far above what it takes, far below a look at every entry with its text.
        assert!(took < std::time::Duration::from_millis(1_500), "{query} took {took:?}");
    }
    house.close().await;
}
