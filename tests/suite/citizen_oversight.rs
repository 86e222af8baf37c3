//! 公众用户 as staff look after them: found by the whole of what is theirs, shut out everywhere at once and told why, and let in again.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{CitizenId, Clock, FixedClock, Recipient, SystemClock};
use publish::commands::citizen::{self, Registration};
use store::audit;
use testkit::{Backend, Browser, House};

use crate::citizens::{Visitor, field, whose};

const PHONE: &str = "13800138000";
const CITIZENS: &str = "/console/citizens";
const REASON: &str = "多次冒用他人名义提交诉求";

fn at(id: CitizenId) -> String {
    format!("{CITIZENS}/{id}")
}

/// Shuts somebody out as their page is now.
async fn suspend(security: &Browser, id: CitizenId, reason: &str) -> testkit::Answer {
    let seen = field(&security.screen(&at(id)).await, "seen");
    security.submit(&format!("{}/suspend", at(id)), &[("seen", &seen), ("reason", reason)]).await
}

/// What the log says of citizens, newest first.
fn entries(house: &House) -> Vec<model::AuditEntry> {
    let all = house.engine().store.read(|connection| audit::list(connection, None, None, 200)).unwrap();
    all.into_iter().filter(|entry| entry.action.starts_with("citizen.")).collect()
}

/// What they say, without what seals them: of that anything may be a part.
fn said(entries: &[model::AuditEntry]) -> String {
    let said = |entry: &model::AuditEntry| format!("{} {} {:?} {:?}", entry.actor_name, entry.subject, entry.before, entry.after);
    entries.iter().map(said).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_is_found_by_the_whole_of_what_is_theirs_and_by_nothing_less() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "李明").await;
        let id = whose(&house, PHONE).unwrap();
        let security = house.desk("platform", "security").await.browser;

        let empty = security.screen(CITIZENS).await;
        assert!(empty.status == 200 && empty.text().contains("不能浏览和模糊查找"), "{backend:?}: {}", empty.text());
        let browsed = security.screen(&format!("{CITIZENS}?asked={PHONE}")).await.text();
        assert!(!browsed.contains("138****8000") && !browsed.contains("李明"), "nothing is listed before one asks, {backend:?}");
        let ask = async |asked: &str| security.submit(CITIZENS, &[("asked", asked)]).await;
        for (part, status, told) in [
            ("", 422, "请填写手机号、电子邮箱或账号编号"),
            ("李明", 422, "请填写11位手机号或电子邮箱"),
            ("138****8000", 422, "请填写11位手机号或电子邮箱"),
            ("1380013", 200, "没有查到账号"),
            ("13800138001", 200, "没有查到账号"),
            ("li@example.com", 200, "没有查到账号"),
        ] {
            let answer = ask(part).await;
            assert!(answer.status == status && answer.text().contains(told), "{part}, {backend:?}: {}", answer.text());
            assert!(answer.text().contains(&format!("value=\"{part}\"")), "what was typed stays, {backend:?}");
        }
        for whole in ["138 0013 8000", &id.to_string()] {
            let found = ask(whole).await;
            assert_eq!((found.status, found.location()), (303, at(id)), "{whole}, {backend:?}");
        }
        let page = security.screen(&at(id)).await.text();
        for told in ["138****8000", "未实名", "1 台设备", "正常"] {
            assert!(page.contains(told), "{told}, {backend:?}: {page}");
        }
        assert!(!page.contains(PHONE) && !page.contains("李明"), "{backend:?}: {page}");
        let child = Registration {
            recipient: Recipient::typed("", "13900139000").unwrap(),
            call: "小明".into(),
            guardian: Some(Recipient::typed("", "mama@example.com").unwrap()),
            terms: "2026-11-26".into(),
            address: "local".into(),
        };
        let child = citizen::register(house.engine(), &child).unwrap();
        assert!(security.screen(&at(child)).await.text().contains("是，监护人 m***@example.com"), "{backend:?}");
        assert_eq!(security.screen(&at(CitizenId(4_711))).await.status, 404, "{backend:?}");

        // Looking is on record, and what was asked is not; whoever it is about is told of neither.
        let told = entries(&house);
        let sought = told.iter().filter(|entry| entry.action == "citizen.seek").count();
        assert_eq!(sought, 5, "{backend:?}: {told:?}");
        let of = |id: CitizenId| told.iter().filter(move |entry| entry.subject == format!("citizen:{id}"));
        assert_eq!(of(id).filter(|entry| entry.action == "citizen.look").count(), 1, "once a day, {backend:?}");
        assert!(of(id).any(|entry| entry.action == "citizen.seek" && entry.actor_name == "security"), "{backend:?}: {told:?}");
        let told = said(&told);
        for personal in [PHONE, "8000", "13800138001", "li@example.com", "李明", "小明"] {
            assert!(!told.contains(personal), "{personal}, {backend:?}: {told}");
        }
        let export = visitor.get("/data/export").await.text();
        assert!(export.contains("注册") && !export.contains("citizen."), "{backend:?}: {export}");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("查询公众用户") && log.contains("按手机号，未查到") && log.contains("查看公众用户资料"), "{log}");

        // Whoever does not manage all people is nobody here.
        for (site, person) in [("wangxi", "admin"), ("wangxi", "editor"), ("platform", "admin"), ("platform", "auditor")] {
            let other = house.desk(site, person).await.browser;
            assert_eq!(other.screen(CITIZENS).await.status, 403, "{person}, {backend:?}");
            assert_eq!(other.screen(&at(id)).await.status, 403, "{person}, {backend:?}");
            assert_eq!(other.submit(CITIZENS, &[("asked", PHONE)]).await.status, 403, "{person}, {backend:?}");
            for deed in ["suspend", "reinstate"] {
                let answer = other.submit(&format!("{}/{deed}", at(id)), &[("seen", "x"), ("reason", REASON)]).await;
                assert_eq!(answer.status, 403, "{deed} by {person}, {backend:?}");
            }
        }
        assert_eq!(visitor.get("/").await.status, 200, "and nothing came of it, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_through_the_citizens_one_by_one() {
    for backend in Backend::BOTH {
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let Some(house) = House::open_at(backend, Arc::clone(&clock) as _).await else { continue };
        Visitor::new(&house).register(PHONE, "").await;
        let id = whose(&house, PHONE).unwrap();
        let security = house.desk("platform", "security").await.browser;
        let ask = async || security.submit(CITIZENS, &[("asked", "13800138001")]).await;
        for _ in 0..model::citizen_policy().oversight.per_hour {
            assert_eq!(ask().await.status, 200, "{backend:?}");
        }
        let refused = ask().await;
        assert!(refused.status == 422 && refused.text().contains("已满60次"), "{backend:?}: {}", refused.text());
        let looked = security.screen(&at(id)).await;
        assert!(
            looked.status == 409 && looked.text().contains("已满60次"),
            "by its number neither, {backend:?}: {}",
            looked.text()
        );
        assert!(!looked.text().contains("138****8000"), "{backend:?}");
        let nobody = security.screen(&at(CitizenId(4_711))).await;
        assert_eq!(nobody.status, 409, "nor is it said who there is, {backend:?}: {}", nobody.text());

        clock.advance(TimeDelta::minutes(61));
        let security = house.desk("platform", "security").await.browser;
        assert_eq!(security.screen(&at(id)).await.status, 200, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_is_out_everywhere_at_once_and_told_why_whichever_way_they_come() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "").await;
        visitor.get("/security/password").await;
        visitor.send("/security/password", &[("password", "Ceshi-2026-mima"), ("repeated", "Ceshi-2026-mima")]).await;
        let id = whose(&house, PHONE).unwrap();
        let (wangxi, _) = visitor.visit("wangxi").await;
        let (qingyu, _) = visitor.visit("qingyu").await;
        // On the way to a site.
        let coming = house.browser();
        let away = coming.get("wangxi", "/_user/enter?to=/").await.location();
        let back = visitor.get(away.strip_prefix("http://user.test").unwrap()).await.location();

        let security = house.desk("platform", "security").await.browser;
        let seen = field(&security.screen(&at(id)).await, "seen");
        for (reason, told) in [(" ", "请填写停用原因"), ("冒用13900139000的身份", "请勿填写手机号、邮箱、证件号码等个人信息")]
        {
            let refused = suspend(&security, id, reason).await;
            assert!(refused.status == 422 && refused.text().contains(told), "{backend:?}: {}", refused.text());
            assert!(refused.text().contains("id=\"reason-problem\"") && refused.text().contains(reason), "{backend:?}");
        }
        let stale = security.submit(&format!("{}/suspend", at(id)), &[("seen", "x"), ("reason", REASON)]).await;
        assert!(stale.status == 409 && stale.text().contains(REASON), "{backend:?}: {}", stale.text());
        assert_eq!(visitor.get("/").await.status, 200, "nothing was done yet, {backend:?}");
        let done = suspend(&security, id, REASON).await;
        assert_eq!(done.location(), format!("{}?done=citizen-suspended", at(id)), "{backend:?}: {}", done.text());
        let again = security.submit(&format!("{}/suspend", at(id)), &[("seen", &seen), ("reason", REASON)]).await;
        assert_eq!(again.status, 409, "what was seen before is not so any more, {backend:?}");
        let page = security.screen(&at(id)).await.text();
        assert!(page.contains("已停用") && page.contains(REASON) && page.contains("0 台设备"), "{backend:?}: {page}");

        // Out everywhere.
        assert_eq!(visitor.get("/").await.location(), "/sign-in?next=/", "{backend:?}");
        for (site, browser) in [("wangxi", &wangxi), ("qingyu", &qingyu)] {
            assert_eq!(browser.get(site, "/_user/me").await.status, 204, "{site}, {backend:?}");
        }
        let lost = coming.get("wangxi", back.split_once(".test").unwrap().1).await.location();
        assert_eq!(lost, "http://user.test/lost", "{backend:?}");
        assert!(visitor.visit("wangxi").await.1, "asked to sign in, {backend:?}");

        // Refused by each way in, and told why once they have shown who they are.
        let other = Visitor::new(&house);
        let asked = other.ask_code(PHONE).await;
        assert!(asked.status == 200 && !asked.text().contains("停用"), "who has shown nothing is told nothing, {backend:?}");
        let by_code = other.enter(PHONE, "/").await;
        let enter = async |password: &str| {
            let work = other.work().await;
            let fields = [("recipient", PHONE), ("password", password), ("human_work", work.as_str())];
            other.send("/sign-in/password", &fields).await
        };
        assert!(!enter("Cuowu-2026-mima").await.text().contains("停用"), "{backend:?}");
        for answer in [by_code, enter("Ceshi-2026-mima").await] {
            let text = answer.text();
            assert!(answer.status == 403 && text.contains("您的账号已停用") && text.contains(REASON), "{backend:?}: {text}");
            assert!(text.contains("12345") && !text.contains("name=\"begun\""), "{backend:?}: {text}");
            assert_eq!(other.get("/").await.location(), "/sign-in?next=/", "{backend:?}");
        }
        let anew = Registration {
            recipient: Recipient::typed("", PHONE).unwrap(),
            call: String::new(),
            guardian: None,
            terms: "2026-11-26".into(),
            address: "local".into(),
        };
        assert!(citizen::register(house.engine(), &anew).is_err(), "nor registers anew, {backend:?}");
        let deed = citizen::Deed { citizen: id, address: "local".into() };
        assert!(citizen::close(house.engine(), &deed).is_err(), "nor closes the account to do so, {backend:?}");

        // Let in again by whoever saw how it is.
        let stale = security.submit(&format!("{}/reinstate", at(id)), &[("seen", &seen)]).await;
        assert_eq!(stale.status, 409, "{backend:?}");
        let seen = field(&security.screen(&at(id)).await, "seen");
        let done = security.submit(&format!("{}/reinstate", at(id)), &[("seen", &seen)]).await;
        assert_eq!(done.location(), format!("{}?done=citizen-reinstated", at(id)), "{backend:?}: {}", done.text());
        assert_eq!(visitor.get("/").await.status, 303, "what has ended stays so, {backend:?}");
        assert_eq!(visitor.enter(PHONE, "/").await.location(), "/", "{backend:?}");
        assert!(!visitor.visit("wangxi").await.1, "{backend:?}");
        let own = visitor.get("/security").await.text();
        assert!(own.contains("账号停用") && own.contains("账号恢复"), "{backend:?}: {own}");

        let told = entries(&house);
        for action in ["citizen.suspend", "citizen.reinstate"] {
            let entry = told.iter().find(|entry| entry.action == action).unwrap();
            assert_eq!((entry.actor_name.as_str(), entry.subject.clone()), ("security", format!("citizen:{id}")), "{backend:?}");
        }
        assert!(!said(&told).contains("8000"), "{backend:?}: {told:?}");
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        assert!(log.contains("停用公众用户账号") && log.contains(REASON) && log.contains("恢复公众用户账号"), "{log}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guardian_takes_no_consent_back_that_would_let_somebody_suspended_in_anew() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let guardian = Recipient::typed("", "mama@example.com").unwrap();
    let child = Registration {
        recipient: Recipient::typed("", PHONE).unwrap(),
        call: String::new(),
        guardian: Some(guardian.clone()),
        terms: "2026-11-26".into(),
        address: "local".into(),
    };
    let id = citizen::register(house.engine(), &child).unwrap();
    let security = house.desk("platform", "security").await.browser;
    assert_eq!(suspend(&security, id, REASON).await.status, 303);
    let refused = citizen::withdraw_consent(house.engine(), &guardian, id, "local").unwrap_err();
    assert!(refused.to_string().contains("恢复之前不能注销，请联系"), "{refused}");
    assert_eq!(whose(&house, PHONE), Some(id));
    let seen = field(&security.screen(&at(id)).await, "seen");
    security.submit(&format!("{}/reinstate", at(id)), &[("seen", &seen)]).await;
    citizen::withdraw_consent(house.engine(), &guardian, id, "local").unwrap();
    assert_eq!(whose(&house, PHONE), None);
    assert_eq!(security.screen(&at(id)).await.status, 404, "a closed account is not there");
    house.close().await;
}
