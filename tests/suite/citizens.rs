//! 公众用户: registering once and being known on every site, what citizens see and change of themselves, and all of it being gone afterwards.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{CitizenId, Recipient};
use publish::commands::citizen;
use testkit::{Answer, Backend, Browser, House};

/// Where citizens sign in.
pub const CENTER: &str = "user.test";

/// A citizen at their browser. It keeps cookies by host, so there is one for each host they visit.
pub struct Visitor<'a> {
    house: &'a House,
    /// At 用户中心.
    pub center: Browser,
}

impl<'a> Visitor<'a> {
    pub fn new(house: &'a House) -> Self {
        Self { house, center: house.browser() }
    }

    /// What the script of a form finds.
    pub async fn work(&self) -> String {
        let asked = self.get("/_human/challenge?purpose=citizen-sign-in").await;
        let challenge: Challenge = serde_json::from_slice(&asked.bytes).unwrap();
        let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
        STANDARD.encode(serde_json::to_string(&Payload { challenge, solution }).unwrap())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.center.get_with(CENTER, path, &[]).await
    }

    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.center.submit_at(CENTER, path, fields).await
    }

    /// The code that was sent last.
    pub fn code(&self, address: &str) -> String {
        let recipient = Recipient::typed("recipient", address).unwrap();
        self.house.outbox.last_to(recipient.text()).expect("something was sent").values["code"].clone()
    }

    /// Asks for a code; gives the page that asks for it.
    pub async fn ask_code(&self, recipient: &str) -> Answer {
        forget_sent(self.house, recipient).await;
        let work = self.work().await;
        self.send("/sign-in/code", &[("recipient", recipient), ("human_work", &work)]).await
    }

    /// Types the code that was sent.
    pub async fn enter(&self, recipient: &str, next: &str) -> Answer {
        let asked = self.ask_code(recipient).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let (code, asked) = (self.code(recipient), field(&asked, "asked"));
        self.send("/sign-in", &[("recipient", recipient), ("asked", &asked), ("code", &code), ("next", next)]).await
    }

    /// Registers as a grown-up.
    pub async fn register(&self, recipient: &str, call: &str) -> Answer {
        let page = self.enter(recipient, "/").await;
        assert_eq!(page.status, 200, "{}", page.text());
        let fields = [("begun", field(&page, "begun")), ("call", call.into()), ("age", "adult".into()), ("agree", "1".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send("/register", &fields).await
    }

    /// Goes to a site and signs in there; gives that browser, and whether it was asked for anything on the way.
    pub async fn visit(&self, site: &str) -> (Browser, bool) {
        let browser = self.house.browser();
        let away = browser.get(site, "/_user/enter?to=/zwgk/").await;
        let at_center = away.location();
        let there = self.get(at_center.strip_prefix("http://user.test").expect("to 用户中心")).await;
        if there.status != 303 || there.location().starts_with("/sign-in") {
            return (browser, true);
        }
        let back = there.location();
        let came = browser.get(site, back.strip_prefix(&format!("http://{site}.test")).expect("back to the site")).await;
        assert_eq!((came.status, came.location().as_str()), (303, "/zwgk/"), "{}", came.text());
        (browser, false)
    }
}

/// A code may be asked for again at once.
async fn forget_sent(house: &House, recipient: &str) {
    if let Ok(recipient) = Recipient::typed("recipient", recipient) {
        ::citizen::forget_sent(house.engine(), &recipient).await;
    }
}

/// What a field of a page holds.
pub fn field(page: &Answer, name: &str) -> String {
    let text = page.text();
    let rest = text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("no field {name} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Who a recipient belongs to.
pub fn whose(house: &House, recipient: &str) -> Option<CitizenId> {
    let recipient = Recipient::typed("recipient", recipient).unwrap();
    let vault = &house.engine().vault;
    let found = house.engine().store.read(|connection| citizen::find_by_recipient(vault, connection, &recipient));
    found.unwrap().map(|(citizen, _)| citizen.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_once_is_known_on_every_site_and_signed_out_of_all() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        let registered = visitor.register("138 0013 8000", "李明").await;
        assert_eq!((registered.status, registered.location().as_str()), (303, "/?done=registered"), "{}", registered.text());
        assert!(visitor.get("/").await.text().contains("李明，您好"));

        let mut sites = Vec::new();
        for site in ["wangxi", "qingyu"] {
            let (browser, was_asked) = visitor.visit(site).await;
            assert!(!was_asked, "signed in once is enough, {backend:?}");
            let who = browser.get(site, "/_user/me").await;
            assert_eq!((who.status, who.header("cache-control").as_str()), (200, "no-store"));
            assert!(who.text().contains("李明"), "{}", who.text());
            sites.push((site, browser));
        }
        assert_eq!(house.browser().get("wangxi", "/_user/me").await.status, 204, "nobody else is");
        assert_eq!(visitor.send("/sign-out", &[]).await.status, 303);
        for (site, browser) in sites {
            assert_eq!(browser.get(site, "/_user/me").await.status, 204, "signed out everywhere, {backend:?}");
        }
        assert_eq!(visitor.get("/").await.location(), "/sign-in?next=/");
        // The next time there is no registering.
        let again = visitor.enter("13800138000", "/profile").await;
        assert_eq!((again.status, again.location().as_str()), (303, "/profile"), "{}", again.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_can_be_read_in_the_database_or_in_the_audit_log() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("li.ming@example.com", "李明").await;
        let id = whose(&house, "li.ming@example.com").unwrap();
        let kept = house.engine().store.read(|connection| store::citizens::find(connection, id)).unwrap().unwrap();
        let told = format!("{kept:?}");
        assert!(!told.contains("li.ming") && !told.contains("李明"), "{told}");
        let entries = house.engine().store.read(|connection| store::audit::list_by_citizen(connection, id, &[], 50)).unwrap();
        assert!(entries.iter().any(|entry| entry.action == "citizen.register"), "{backend:?}");
        let told = format!("{entries:?}");
        assert!(!told.contains("li.ming") && !told.contains("李明"), "{told}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_form_is_told_at_its_field_and_nothing_typed_is_lost() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let visitor = Visitor::new(&house);
    let wrong = visitor.send("/sign-in/code", &[("recipient", "1380013"), ("next", "/data")]).await;
    let text = wrong.text();
    assert!(wrong.status == 422 && text.contains("recipient-problem") && text.contains("value=\"1380013\""), "{text}");
    assert!(text.contains("name=\"next\" value=\"/data\""), "{text}");

    let page = visitor.enter("13800138000", "/data").await;
    let begun = field(&page, "begun");
    let refused = visitor.send("/register", &[("begun", &begun), ("call", "李明"), ("next", "/data")]).await;
    let text = refused.text();
    assert!(refused.status == 422 && text.contains("age-problem") && text.contains("agree-problem"), "{text}");
    assert!(text.contains("value=\"李明\""), "{text}");
    let long = "很".repeat(21);
    let fields = [("begun", begun.as_str()), ("call", &long), ("age", "adult"), ("agree", "1")];
    assert!(visitor.send("/register", &fields).await.text().contains("称呼不超过20字"));
    assert_eq!(whose(&house, "13800138000"), None, "nobody is registered by a form that was refused");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_young_registers_with_a_guardian_who_may_take_it_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        let page = visitor.enter("13900139000", "/").await;
        let fields = [("begun", field(&page, "begun")), ("call", "小明".into()), ("age", "minor".into()), ("agree", "1".into())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = visitor.send("/register", &fields).await;
        assert!(page.text().contains("监护人的手机号或电子邮箱"), "{}", page.text());
        assert_eq!(whose(&house, "13900139000"), None, "not before the guardian consents, {backend:?}");

        let begun = field(&page, "begun");
        let own = visitor.send("/register/guardian", &[("begun", &begun), ("guardian", "13900139000")]).await;
        assert!(own.status == 422 && own.text().contains("不能与您的相同"), "{}", own.text());
        let work = visitor.work().await;
        let fields = [("begun", begun.as_str()), ("guardian", "mama@example.com"), ("human_work", &work)];
        let page = visitor.send("/register/guardian", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let (begun, asked, code) = (field(&page, "begun"), field(&page, "asked"), visitor.code("mama@example.com"));
        let consent = |consent: &'static str| {
            [
                ("begun", begun.clone()),
                ("guardian", "mama@example.com".into()),
                ("asked", asked.clone()),
                ("code", code.clone()),
                ("consent", consent.into()),
            ]
        };
        for (given, status) in [("", 422), ("1", 303)] {
            let fields = consent(given);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(visitor.send("/register/consent", &fields).await.status, status, "{backend:?}");
        }
        assert!(visitor.get("/profile").await.text().contains("m***@example.com"));

        // The guardian looks, and takes it back.
        let guardian = Visitor::new(&house);
        forget_sent(&house, "mama@example.com").await;
        let work = guardian.work().await;
        let page = guardian.send("/guardian/code", &[("recipient", "mama@example.com"), ("human_work", &work)]).await;
        let asked = field(&page, "asked");
        let code = guardian.code("mama@example.com");
        let page = guardian.send("/guardian", &[("recipient", "mama@example.com"), ("asked", &asked), ("code", &code)]).await;
        assert!(page.text().contains("小明") && page.text().contains("139****9000"), "{}", page.text());
        let (shown, child) = (field(&page, "shown"), field(&page, "child"));
        let released = guardian.send("/guardian/release", &[("shown", "x"), ("child", &child)]).await;
        assert_eq!(released.location(), "/guardian", "only by who has shown who they are");
        let stranger = Visitor::new(&house);
        assert_ne!(stranger.send("/guardian/withdraw", &[("shown", "x"), ("child", &child), ("sure", "1")]).await.status, 200);
        assert!(whose(&house, "13900139000").is_some());
        // Nobody reaches into the account of another: neither whoever is somebody's guardian nor whoever is signed in.
        let another = Visitor::new(&house);
        another.register("13700137000", "").await;
        let theirs = whose(&house, "13700137000").unwrap().to_string();
        for deed in ["/guardian/withdraw", "/guardian/release"] {
            let tried = guardian.send(deed, &[("shown", &shown), ("child", &theirs), ("sure", "1")]).await;
            assert_eq!(tried.status, 404, "{deed}, {backend:?}: {}", tried.text());
        }
        let (child_id, long_ago) = (whose(&house, "13900139000").unwrap(), chrono::DateTime::UNIX_EPOCH.naive_utc());
        let open = house.engine().store.read(|c| store::citizen_sessions::list(c, child_id, long_ago)).unwrap();
        another.get("/security").await;
        another.send(&format!("/security/sessions/{}", open[0].id), &[]).await;
        assert_eq!((visitor.get("/").await.status, another.get("/").await.status), (200, 200), "{backend:?}");

        let gone = guardian.send("/guardian/withdraw", &[("shown", &shown), ("child", &child), ("sure", "1")]).await;
        assert_eq!(gone.location(), "/guardian?done=withdrawn", "{}", gone.text());
        assert_eq!(whose(&house, "13900139000"), None);
        assert_eq!(visitor.get("/").await.status, 303, "the child is signed out, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_takes_away_all_that_is_kept_and_closes_the_account() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("13800138000", "李明").await;
        let id = whose(&house, "13800138000").unwrap();
        let (site, _) = visitor.visit("wangxi").await;
        house.engine().store.administer("UPDATE citizens SET real_name = 'basic'").unwrap();

        let export = visitor.get("/data/export").await;
        assert!(export.header("content-disposition").starts_with("attachment"));
        let told: serde_json::Value = serde_json::from_slice(&export.bytes).unwrap();
        assert_eq!((told["手机号"].as_str(), told["称呼"].as_str()), (Some("13800138000"), Some("李明")), "{told}");
        assert_eq!(told["实名等级"], "初级实名");

        visitor.get("/data/close").await;
        assert_eq!(visitor.send("/data/close", &[]).await.status, 422, "whoever is not sure closes nothing");
        let closed = visitor.send("/data/close", &[("sure", "1")]).await;
        assert_eq!(closed.location(), "/sign-in?done=closed", "{}", closed.text());
        assert_eq!(whose(&house, "13800138000"), None);
        assert_eq!(site.get("wangxi", "/_user/me").await.status, 204);
        let entries = house.engine().store.read(|connection| store::audit::list_by_citizen(connection, id, &[], 50)).unwrap();
        let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
        assert!(actions.starts_with(&["citizen.close", "citizen.export"]), "{actions:?}");
        // The phone is free again, for whoever holds it now.
        assert_eq!(Visitor::new(&house).register("13800138000", "王芳").await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_a_second_means_are_added_after_proving_who_one_is() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let visitor = Visitor::new(&house);
        visitor.register("13800138000", "").await;
        visitor.get("/profile/recipient").await;
        let page = visitor.send("/profile/recipient/code", &[("recipient", "li@example.com")]).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let wrong = visitor.send("/profile/recipient", &[("recipient", "li@example.com"), ("code", "000000x")]).await;
        assert_eq!(wrong.status, 422, "a mailbox counts once it was shown to be theirs");
        let (code, asked) = (visitor.code("li@example.com"), field(&page, "asked"));
        let fields = [("recipient", "li@example.com"), ("asked", asked.as_str()), ("code", &code)];
        assert_eq!(visitor.send("/profile/recipient", &fields).await.status, 303);
        assert_eq!(whose(&house, "li@example.com"), whose(&house, "13800138000"));
        let told = |to: &str| house.outbox.last_to(to).unwrap().values.get("what").cloned().unwrap_or_default();
        assert_eq!(told("13800138000"), "的电子邮箱已设为l***@example.com", "where they were reached until now, {backend:?}");
        assert_eq!(told("li@example.com"), "", "whom it was not yet");

        visitor.get("/security/password").await;
        let weak = visitor.send("/security/password", &[("password", "abc"), ("repeated", "abc")]).await;
        assert!(weak.status == 422 && weak.text().contains("密码至少10个字符"), "{}", weak.text());
        let good = [("password", "Ceshi-2026-mima"), ("repeated", "Ceshi-2026-mima")];
        assert_eq!(visitor.send("/security/password", &good).await.status, 303);
        assert_eq!((told("13800138000"), told("li@example.com")), ("已设置新密码".into(), "已设置新密码".into()));

        let other = Visitor::new(&house);
        let enter = async |password: &str| {
            let work = other.work().await;
            other
                .send("/sign-in/password", &[("recipient", "li@example.com"), ("password", password), ("human_work", &work)])
                .await
        };
        assert_eq!(enter("cuo-wu-de-mima-1").await.status, 422);
        assert_eq!(enter("Ceshi-2026-mima").await.status, 303, "{backend:?}");
        let sessions = visitor.get("/security").await.text();
        assert!(sessions.contains("（本设备）") && sessions.contains("退出其他全部设备"), "{sessions}");
        assert_eq!(visitor.send("/security/sessions", &[]).await.status, 303);
        assert_eq!(other.get("/").await.status, 303, "ended elsewhere at once");
        visitor.get("/profile").await;
        assert_eq!(visitor.send("/profile/recipient/remove", &[("kind", "phone")]).await.status, 303);
        assert_eq!(told("13800138000"), "的手机号已移除", "whoever holds it still, {backend:?}");
        assert_eq!(visitor.send("/profile/recipient/remove", &[("kind", "mail")]).await.status, 409, "never the last");
        house.close().await;
    }
}
