//! Citizens sign in through services above us: who was linked comes in, who was not links by coming in otherwise, and what such a service says is
//! how well it is known who they are, no more.

use std::sync::Arc;

use model::{CitizenId, RealName, Recipient};
use publish::commands::citizen::{self, Registration};
use store::{citizen_links, citizens};
use testkit::{Answer, Backend, House};

use crate::citizens::{CENTER, Visitor, field, whose};
use crate::upstream::{NAME, Service, form, register, seen as seal_of};

const PHONE: &str = "13800138000";
const LEVELS: [(&str, &str); 7] = [
    ("key", "people"),
    ("clientele", "citizens"),
    ("claim", "groups"),
    ("said", "L1"),
    ("level", "basic"),
    ("said", "L2"),
    ("level", "verified"),
];

/// Goes to the service, signs in there and comes back.
async fn come(visitor: &Visitor<'_>, service: &Service, next: &str) -> Answer {
    let sent = visitor.get(&format!("/sign-in/via/people?next={next}")).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    visitor.get(&service.answer(&sent.location())).await
}

/// Asks to be linked while signed in; gives where the service sends them back to.
async fn ask_link(visitor: &Visitor<'_>, service: &Service, key: &str) -> String {
    visitor.get("/security").await;
    let onward = visitor.send(&format!("/security/links/begin/{key}"), &[]).await;
    assert!(onward.status == 200 && onward.text().contains("正在前往"), "{}", onward.text());
    let text = onward.text();
    let address = text.split("content=\"0;url=").nth(1).unwrap().split('"').next().unwrap();
    service.answer(&address.replace("&#x2f;", "/").replace("&amp;", "&"))
}

async fn link(visitor: &Visitor<'_>, service: &Service) -> Answer {
    let back = ask_link(visitor, service, "people").await;
    visitor.get(&back).await
}

async fn is_in(visitor: &Visitor<'_>) -> bool {
    visitor.get("/profile").await.status == 200
}

/// What a browser was given to keep.
fn cookie(answer: &Answer, name: &str) -> String {
    let given = answer.headers.get_all("set-cookie").iter().filter_map(|one| one.to_str().ok());
    let mut pairs = given.filter_map(|one| one.split(';').next());
    pairs.find(|pair| pair.starts_with(&format!("{name}="))).unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn level(house: &House, id: CitizenId) -> RealName {
    house.engine().store.read(|connection| citizens::find(connection, id)).unwrap().unwrap().real_name
}

fn links(house: &House, id: CitizenId) -> Vec<i64> {
    let found = house.engine().store.read(|connection| citizen_links::list(connection, id)).unwrap();
    found.into_iter().map(|link| link.id.0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_linked_comes_in_and_the_service_says_how_well_it_is_known_who_they_are() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &LEVELS).await;
        Visitor::new(&house).register(PHONE, "李明").await;
        let id = whose(&house, PHONE).unwrap();

        // For the first time: nobody is in, and no phone or mailbox is asked of the service.
        let visitor = Visitor::new(&house);
        let page = visitor.get("/sign-in?next=/profile").await.text();
        assert!(page.contains("其他方式登录") && page.contains(&format!("用“{NAME}”登录")), "{page}");
        service.says_groups(Some(&["L1", "unheard of"]));
        let first = come(&visitor, &service, "/profile").await;
        assert_eq!(first.location(), "/sign-in/first?next=%2Fprofile", "{}", first.text());
        let page = visitor.get(&first.location()).await.text().replace("&#x2f;", "/");
        assert!(page.contains(&format!("首次使用“{NAME}”登录")), "{page}");
        assert!(page.contains("href=\"/sign-in?next=%2Flink%3Fnext%3D%252Fprofile\""), "{page}");
        assert!(!is_in(&visitor).await && links(&house, id).is_empty(), "{backend:?}");

        // In the same browser with a code, and confirmed.
        let came = visitor.enter(PHONE, "/link?next=%2Fprofile").await;
        assert_eq!(came.location(), "/link?next=%2Fprofile", "{}", came.text());
        let page = visitor.get(&came.location()).await;
        assert!(
            page.text().contains(NAME) && page.text().contains("李明") && page.text().contains("138****8000"),
            "{}",
            page.text()
        );
        assert!(links(&house, id).is_empty(), "nothing is linked unasked");
        let seen = field(&page, "seen");
        let confirmed = visitor.send("/link", &[("seen", &seen), ("next", "/profile")]).await;
        assert_eq!(confirmed.location(), "/profile", "{}", confirmed.text());
        assert_eq!((links(&house, id).len(), level(&house, id)), (1, RealName::Basic), "{backend:?}");
        let kept = house.engine().store.tell("SELECT subject_sealed AS told FROM citizen_links").unwrap().remove(0);
        assert!(kept.contains('.') && !kept.contains("4401"), "it is sealed: {kept}");
        let waiting = house.engine().store.tell("SELECT subject_sealed AS told FROM pending_links").unwrap();
        assert!(waiting.is_empty(), "it is used up: {waiting:?}");

        // From then on directly, with what the service says now; it proves nothing before grave deeds.
        for (said, known) in [
            (Some(&["L2", "L1"][..]), RealName::Verified),
            (Some(&["L1"][..]), RealName::Basic),
            (Some(&["L9"][..]), RealName::None),
            (None, RealName::None),
            (Some(&["L2"][..]), RealName::Verified),
        ] {
            service.says_groups(said);
            let comer = Visitor::new(&house);
            let came = come(&comer, &service, "/profile").await;
            assert_eq!(came.location(), "/profile", "{backend:?}: {}", came.text());
            assert!(is_in(&comer).await);
            assert_eq!(level(&house, id), known, "{said:?}, {backend:?}");
            assert_eq!(comer.get("/data/export").await.location(), "/confirm?next=/data/export", "{backend:?}");
        }
        let comer = Visitor::new(&house);
        come(&comer, &service, "/").await;
        let page = comer.get("/security").await.text();
        for words in [&format!("登录（{NAME}）"), &format!("关联认证服务（{NAME}）"), "实名等级更新", "高级实名", "最近由此登录"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let log = house.desk("platform", "auditor").await.browser.screen("/console/audit").await.text();
        for words in ["公众用户关联认证服务", &format!("经{NAME}"), "更新公众用户实名等级"] {
            assert!(log.contains(words) && !log.contains("4401"), "{words}: {log}");
        }
        // Sites know them as ever.
        let (site, was_asked) = comer.visit("wangxi").await;
        assert!(!was_asked && site.get("wangxi", "/_user/me").await.text().contains("李明"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_new_registers_on_the_way_and_is_linked() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &LEVELS).await;
        service.says_groups(Some(&["L2"]));
        let visitor = Visitor::new(&house);
        come(&visitor, &service, "/").await;
        let page = visitor.enter(PHONE, "/link?next=%2F").await;
        let (begun, next) = (field(&page, "begun"), field(&page, "next").replace("&#x2f;", "/"));
        let fields = [("begun", begun.as_str()), ("next", &next), ("call", "王芳"), ("age", "adult"), ("agree", "1")];
        let registered = visitor.send("/register", &fields).await;
        assert_eq!(registered.location(), "/link?next=%2F", "{}", registered.text());
        let page = visitor.get("/link?next=%2F").await;
        let confirmed = visitor.send("/link", &[("seen", &field(&page, "seen")), ("next", "/")]).await;
        assert_eq!(confirmed.location(), "/security?done=linked", "{}", confirmed.text());
        assert_eq!(level(&house, whose(&house, PHONE).unwrap()), RealName::Verified, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_for_our_own_people_or_for_citizens_and_never_for_both() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &LEVELS).await;
        register(&house, &service, &[("name", "市工作人员平台")]).await;
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "李明").await;
        let editor = house.desk("wangxi", "editor").await.browser;

        // Neither is offered to the others, nor may be used by them.
        let door = house.browser().screen("/console/sign-in").await.text();
        assert!(door.contains("市工作人员平台") && !door.contains(NAME), "{door}");
        assert!(!editor.screen("/console/me").await.text().contains(NAME));
        assert_eq!(house.browser().screen("/console/sign-in/via/people").await.status, 404);
        assert_eq!(editor.submit("/console/me/links/begin/people", &[]).await.status, 404);
        let door = Visitor::new(&house).get("/sign-in").await.text();
        assert!(door.contains(NAME) && !door.contains("市工作人员平台"), "{door}");
        assert!(!visitor.get("/security").await.text().contains("市工作人员平台"));
        assert_eq!(visitor.get("/sign-in/via/province").await.status, 404);
        assert_eq!(visitor.send("/security/links/begin/province", &[]).await.status, 404);

        // Nor by whoever was sent before.
        let turned = async |key: &str, to: &str| {
            house.engine().store.administer(&format!("UPDATE upstreams SET clientele = '{to}' WHERE key = '{key}'")).unwrap();
        };
        let stranger = Visitor::new(&house);
        let sent = stranger.get("/sign-in/via/people").await;
        let back = service.answer(&sent.location());
        turned("people", "staff").await;
        assert_eq!(stranger.get(&back).await.status, 404, "{backend:?}");
        turned("people", "citizens").await;
        let comer = house.browser();
        let sent = comer.screen("/console/sign-in/via/province").await;
        let back = service.answer(&sent.location());
        turned("province", "citizens").await;
        assert_eq!(comer.screen(&back).await.status, 404, "{backend:?}");
        turned("province", "staff").await;
        // And not while it is asked.
        let engine = Arc::clone(house.engine());
        let turn = move || engine.store.administer("UPDATE upstreams SET clientele = 'staff' WHERE key = 'people'").unwrap();
        *service.meanwhile.lock().unwrap() = Some(Box::new(turn));
        let refused = come(&stranger, &service, "/").await;
        assert!(refused.status == 409 && refused.text().contains("刚刚被修改"), "{}", refused.text());
        turned("people", "citizens").await;

        // It is said once, and what is for the others is not kept.
        let page = security.screen("/console/upstreams/people").await;
        assert!(page.text().contains("http://user.test/sign-in/via/people/back") && !page.text().contains("name=\"role\""));
        let mut fields = form(&service.issuer, &LEVELS);
        let seal = seal_of(&page);
        fields.extend([("seen", seal.as_str()), ("value", "大组"), ("role", "editor"), ("place", "wangxi")]);
        let fields: Vec<_> =
            fields.into_iter().map(|one| if one.0 == "clientele" { ("clientele", "staff") } else { one }).collect();
        assert_eq!(security.submit("/console/upstreams/people", &fields).await.status, 303);
        let told = house.engine().store.tell("SELECT clientele AS told FROM upstreams WHERE key = 'people'").unwrap();
        assert_eq!(told, ["citizens"]);
        assert!(house.engine().store.tell("SELECT value AS told FROM upstream_rules").unwrap().is_empty(), "{backend:?}");
        for (more, at) in [
            (&[("key", "x1"), ("name", "又一个"), ("clientele", "everybody")][..], "clientele"),
            (
                &[("key", "x1"), ("name", "又一个"), ("clientele", "citizens"), ("claim", "l"), ("said", "L1"), ("level", "")],
                "levels",
            ),
            (&[("key", "x1"), ("name", "又一个"), ("clientele", "citizens"), ("said", "L1"), ("level", "basic")], "claim"),
        ] {
            let refused = security.submit("/console/upstreams", &form(&service.issuer, more)).await;
            assert!(refused.status == 422 && refused.text().contains(&format!("href=\"#{at}\"")), "{at}: {}", refused.text());
            assert!(refused.text().contains("value=\"又一个\""), "nothing is lost");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_confirmed_once_in_its_browser_by_whom_it_was_shown_to() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &LEVELS).await;
        let (owner, other) = (Visitor::new(&house), Visitor::new(&house));
        owner.register(PHONE, "李明").await;
        other.register("13900139000", "王芳").await;
        let (id, another) = (whose(&house, PHONE).unwrap(), whose(&house, "13900139000").unwrap());
        let over = |answer: &Answer| matches!(answer.status, 400 | 409) && answer.text().contains("已超时或已办理");

        // Who is signed in already is asked directly.
        let asked = come(&owner, &service, "/profile").await;
        assert_eq!(asked.location(), "/link?next=%2Fprofile", "{}", asked.text());
        let page = owner.get(&asked.location()).await;
        let seen = field(&page, "seen");
        // Another browser knows of nothing, whatever number it sends.
        assert!(over(&other.get("/link").await));
        other.get("/security").await;
        assert!(over(&other.send("/link", &[("seen", &seen)]).await));
        // Nor is another number taken than the one that was shown; with that it is used up.
        assert!(over(&owner.send("/link", &[("seen", "999")]).await));
        owner.get("/security").await;
        assert!(over(&owner.send("/link", &[("seen", &seen)]).await));
        assert_eq!((links(&house, id), links(&house, another)), (vec![], vec![]), "{backend:?}");

        // Shown to one citizen it is not confirmed, nor seen, by the next at the same browser.
        let browser = Visitor::new(&house);
        come(&browser, &service, "/").await;
        browser.enter(PHONE, "/link").await;
        let page = browser.get("/link").await;
        let seen = field(&page, "seen");
        assert_eq!(browser.send("/sign-out", &[]).await.status, 303);
        assert!(over(&browser.get("/sign-in/first").await));
        browser.enter("13900139000", "/link").await;
        assert!(over(&browser.get("/link").await), "{backend:?}");
        browser.get("/security").await;
        assert!(over(&browser.send("/link", &[("seen", &seen)]).await));
        assert_eq!((links(&house, id), links(&house, another)), (vec![], vec![]), "{backend:?}");

        // A foreign page confirms nothing, nor does one of another session.
        let browser = Visitor::new(&house);
        let waiting = cookie(&come(&browser, &service, "/").await, "tongyuan-link");
        let session = cookie(&browser.enter(PHONE, "/link").await, "tongyuan-citizen");
        let page = browser.get("/link").await;
        let (seen, token) = (field(&page, "seen"), field(&page, "_token"));
        for (fields, from) in
            [(&[("seen", seen.as_str())][..], "same-origin"), (&[("seen", &seen), ("_token", &token)], "cross-site")]
        {
            let refused = browser.center.send_form_to(CENTER, "/link", fields, &[("sec-fetch-site", from)]).await;
            assert!(refused.status == 403 && links(&house, id).is_empty(), "{from}: {}", refused.text());
        }

        // Once: whoever confirms again, with the cookie it had, links nobody.
        browser.get("/link").await;
        assert_eq!(browser.send("/link", &[("seen", &seen)]).await.location(), "/security?done=linked");
        let own = links(&house, id);
        assert_eq!(own.len(), 1);
        browser.get("/security").await;
        assert_eq!(browser.send(&format!("/security/links/{}/remove", own[0]), &[]).await.location(), "/security?done=unlinked");
        let both = format!("{session}; {waiting}");
        let again = [("cookie", both.as_str()), ("sec-fetch-site", "same-origin")];
        let fields = [("seen", seen.as_str()), ("_token", &token)];
        assert!(over(&browser.center.send_form_to(CENTER, "/link", &fields, &again).await));
        assert!(links(&house, id).is_empty(), "{backend:?}");

        // Declined, too late, or said before the service was changed.
        let declined = Visitor::new(&house);
        let waiting = cookie(&come(&declined, &service, "/").await, "tongyuan-link");
        assert_eq!(declined.send("/link/decline", &[]).await.location(), "/sign-in?done=declined&next=%2F");
        let session = cookie(&declined.enter(PHONE, "/link").await, "tongyuan-citizen");
        let both = format!("{session}; {waiting}");
        assert!(over(&declined.center.get_with(CENTER, "/link", &[("cookie", &both)]).await), "{backend:?}");
        let late = Visitor::new(&house);
        come(&late, &service, "/").await;
        house.engine().store.administer("UPDATE pending_links SET begun_at = '2026-01-01 00:00:00'").unwrap();
        assert!(over(&late.get("/sign-in/first").await));
        let before = Visitor::new(&house);
        come(&before, &service, "/").await;
        assert_eq!(before.get("/sign-in/first").await.status, 200);
        let seal = seal_of(&security.screen("/console/upstreams/people").await);
        let mut fields = form(&service.issuer, &LEVELS);
        fields.retain(|(name, _)| *name != "client");
        fields.extend([("client", "tongyuan-2"), ("seen", &seal)]);
        assert_eq!(security.submit("/console/upstreams/people", &fields).await.status, 303);
        assert!(over(&before.get("/sign-in/first").await), "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_is_one_account_and_unlinking_leaves_what_another_service_says() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        let security = register(&house, &service, &LEVELS).await;
        let mut second = LEVELS;
        second[0].1 = "city";
        register(&house, &service, &[&second[..], &[("name", "市平台")]].concat()).await;
        let (owner, other) = (Visitor::new(&house), Visitor::new(&house));
        owner.register(PHONE, "李明").await;
        other.register("13900139000", "王芳").await;
        let (id, another) = (whose(&house, PHONE).unwrap(), whose(&house, "13900139000").unwrap());

        service.says_groups(Some(&["L2"]));
        let linked = link(&owner, &service).await;
        assert_eq!(linked.location(), "/security?done=linked", "{}", linked.text());
        assert_eq!(level(&house, id), RealName::Verified);
        let taken = link(&other, &service).await;
        assert!(taken.status == 409 && taken.text().contains("已关联到本平台的另一个账号"), "{}", taken.text());
        service.means("u-4402");
        let twice = link(&owner, &service).await;
        assert!(twice.status == 409 && twice.text().contains("另一个账号"), "{}", twice.text());
        // What one citizen asked for is not finished by another.
        let back = ask_link(&other, &service, "people").await;
        other.get("/security").await;
        assert_eq!(other.send("/sign-out", &[]).await.status, 303);
        assert_eq!(other.get(&back).await.status, 403);
        other.enter("13900139000", "/").await;
        let back = ask_link(&other, &service, "people").await;
        other.enter(PHONE, "/").await;
        let refused = other.get(&back).await;
        assert!(refused.status == 403 && refused.text().contains("关联未完成"), "{}", refused.text());
        assert_eq!((links(&house, id).len(), links(&house, another).len()), (1, 0), "{backend:?}");

        // Of two services the better counts, and what is left of them.
        service.means("u-4401");
        service.says_groups(Some(&["L1"]));
        let back = ask_link(&owner, &service, "city").await;
        assert_eq!(owner.get(&back).await.status, 303);
        assert_eq!(level(&house, id), RealName::Verified, "{backend:?}");
        let ids = links(&house, id);
        let comer = Visitor::new(&house);
        service.says_groups(Some(&["L2"]));
        assert_eq!(come(&comer, &service, "/").await.location(), "/");
        comer.get("/security").await;
        let asked = comer.send(&format!("/security/links/{}/remove", ids[0]), &[]).await;
        assert!(asked.status == 303 && asked.location().starts_with("/confirm?next="), "{}", asked.location());
        comer.get("/security").await;
        let asked = comer.send("/security/links/begin/city", &[]).await;
        assert!(asked.status == 303 && asked.location().starts_with("/confirm?next="), "nor is a way in added by it");
        let stranger = Visitor::new(&house);
        stranger.enter("13900139000", "/").await;
        stranger.get("/security").await;
        stranger.send(&format!("/security/links/{}/remove", ids[0]), &[]).await;
        assert_eq!(links(&house, id), ids, "nobody removes another's");
        owner.get("/security").await;
        assert_eq!(owner.send(&format!("/security/links/{}/remove", ids[0]), &[]).await.location(), "/security?done=unlinked");
        assert_eq!(level(&house, id), RealName::Basic, "the city still says so, {backend:?}");
        assert!(!is_in(&comer).await && is_in(&owner).await, "who came in by it is in no more");
        assert!(come(&Visitor::new(&house), &service, "/").await.location().starts_with("/sign-in/first"));

        // What no rule of a service gives any more is taken back at once.
        let seal = seal_of(&security.screen("/console/upstreams/city").await);
        let fields =
            [("key", "city"), ("name", "市平台"), ("claim", "groups"), ("said", "L2"), ("level", "verified"), ("seen", &seal)];
        assert_eq!(security.submit("/console/upstreams/city", &form(&service.issuer, &fields)).await.status, 303);
        assert_eq!(level(&house, id), RealName::None, "{backend:?}");
        assert_eq!(links(&house, id), [ids[1]]);
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_end_with_the_account_and_are_among_what_is_taken_away() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &LEVELS).await;
        service.says_groups(Some(&["L1"]));
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "李明").await;
        assert_eq!(link(&visitor, &service).await.status, 303);
        let told: serde_json::Value = serde_json::from_slice(&visitor.get("/data/export").await.bytes).unwrap();
        let link = &told["关联的认证服务"][0];
        assert_eq!((link["名称"].as_str(), link["在该服务的账号标识"].as_str()), (Some(NAME), Some("u-4401")), "{told}");
        assert_eq!(link["核验的实名等级"], "初级实名");
        visitor.get("/data/close").await;
        assert_eq!(visitor.send("/data/close", &[("sure", "1")]).await.status, 303);
        assert!(house.engine().store.tell("SELECT subject_mark AS told FROM citizen_links").unwrap().is_empty(), "{backend:?}");
        // Whom the service means is nobody here, and may link another account.
        assert!(come(&Visitor::new(&house), &service, "/").await.location().starts_with("/sign-in/first"));
        let again = Visitor::new(&house);
        again.register(PHONE, "李明").await;
        assert_eq!(self::link(&again, &service).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minor_links_as_everybody_does_and_all_ends_where_the_guardian_consents_no_more() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &LEVELS).await;
        service.says_groups(Some(&["L1"]));
        let recipient = |text: &str| Recipient::typed("recipient", text).unwrap();
        let registration = Registration {
            recipient: recipient(PHONE),
            call: "小明".into(),
            guardian: Some(recipient("13900139000")),
            terms: "2026-11-26".into(),
            address: "127.0.0.1".into(),
        };
        let id = citizen::register(house.engine(), &registration).unwrap();
        let child = Visitor::new(&house);
        child.enter(PHONE, "/").await;
        assert_eq!(link(&child, &service).await.location(), "/security?done=linked", "{backend:?}");
        assert_eq!(level(&house, id), RealName::Basic);
        let comer = Visitor::new(&house);
        assert_eq!(come(&comer, &service, "/profile").await.location(), "/profile");
        citizen::withdraw_consent(house.engine(), &recipient("13900139000"), id, "127.0.0.1").unwrap();
        assert!(!is_in(&comer).await && links(&house, id).is_empty(), "{backend:?}");
        assert!(come(&Visitor::new(&house), &service, "/").await.location().starts_with("/sign-in/first"));
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_open_once_and_leads_nowhere_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let service = Service::open().await;
        register(&house, &service, &LEVELS).await;
        let visitor = Visitor::new(&house);
        visitor.register(PHONE, "李明").await;
        assert_eq!(link(&visitor, &service).await.status, 303);
        for elsewhere in ["https://evil.example/", "//evil.example", "/%5Cevil.example"] {
            let comer = Visitor::new(&house);
            assert_eq!(come(&comer, &service, elsewhere).await.location(), "/", "{elsewhere}");
        }
        service.means("u-4409");
        for elsewhere in ["https://evil.example/", "//evil.example", "/%5Cevil.example"] {
            let comer = Visitor::new(&house);
            let first = come(&comer, &service, elsewhere).await.location();
            assert_eq!(first, "/sign-in/first?next=%2F", "{elsewhere}");
            let page = comer.get(&format!("/sign-in/first?next={elsewhere}")).await.text().replace("&#x2f;", "/");
            assert!(page.contains("/sign-in?next=%2Flink%3Fnext%3D%252F\""), "{page}");
            let declined = comer.send("/link/decline", &[("next", &elsewhere.replace("%5C", "\\"))]).await;
            assert_eq!(declined.location(), "/sign-in?done=declined&next=%2F");
        }
        come(&visitor, &service, "/").await;
        let seen = field(&visitor.get("/link").await, "seen");
        let refused = visitor.send("/link", &[("seen", &seen), ("next", "https://evil.example/")]).await;
        assert!(refused.status == 409 && refused.text().contains("请先解除关联"), "{}", refused.text());

        // Once, and in the browser that was sent.
        service.means("u-4401");
        let (comer, thief) = (Visitor::new(&house), Visitor::new(&house));
        let back = service.answer(&comer.get("/sign-in/via/people").await.location());
        assert_eq!(thief.get(&back).await.status, 400);
        assert_eq!(comer.get(&back).await.status, 303);
        assert_eq!(comer.get(&back).await.status, 400, "{backend:?}");
        assert!(!is_in(&thief).await && is_in(&comer).await);
        house.close().await;
    }
}
