//! A new site from a template: made at once with its people, refused with a reason at the field, and never half.

use testkit::{Article, Backend, House};

use crate::journey::link_to;

pub const GOOD: &[(&str, &str)] = &[
    ("name", "锦川市河东区人民政府"),
    ("short_name", "河东区"),
    ("key", "hedong"),
    ("agency_name", "锦川市河东区人民政府办公室"),
    ("agency_code", "99010900X"),
    ("agency_phone", "0990-5559090"),
    ("domain", "www.hedong-demo.gov.cn"),
    ("site_code", "9901090001"),
    ("icp_number", "锦ICP备99000009号-1"),
    ("police_number", "锦公网安备 99010902000009号"),
    ("template", "portal"),
    ("editors", "wangxi-editor"),
    ("reviewers", "wangxi-review1，wangxi-review2，wangxi-review3"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_made_in_four_steps_and_its_first_article_goes_live_on_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("platform", "admin").await;
        let press = async |step: &str, go: &str| {
            let form: Vec<_> = GOOD.iter().copied().chain([("step", step), ("go", go)]).collect();
            administrator.browser.submit("/console/sites/new", &form).await
        };
        let found = async || administrator.browser.submit("/console/sites/new/found", GOOD).await;
        for (step, next) in [("0", "域名与备案"), ("1", "模板与人员"), ("2", "确认")] {
            let shown = press(step, "next").await;
            assert_eq!(shown.status, 200, "{}", shown.text());
            assert!(shown.text().contains(&format!("<h2>{next}</h2>")), "after step {step}");
        }
        let confirm = press("2", "next").await.text();
        let named = confirm.contains("（wangxi-editor）") && confirm.contains("（wangxi-review3）");
        assert!(named, "people are told by name: {confirm}");
        assert!(press("3", "back").await.text().contains("<h2>模板与人员</h2>"));
        let made = found().await;
        assert_eq!(
            (made.status, made.location().as_str()),
            (303, "/console/hedong/state?done=founded"),
            "{backend:?}: {}",
            made.text()
        );
        house.quiet().await;

        // Nobody sees it yet; what is published on it waits for the day it opens.
        let visitor = house.browser();
        let home = visitor.get_with("www.hedong-demo.gov.cn", "/", &[]).await;
        assert!(home.status == 503 && home.text().contains("锦川市河东区人民政府"), "{backend:?}: {}", home.text());
        let editor = house.desk("wangxi", "editor").await.at("hedong");
        let id = editor.write(&house, &Article::news("河东区门户网站开通")).await;
        assert_eq!(editor.hand_in(&house, id).await.status, 303);
        for step in 0..3 {
            let reviewer = house.desk("wangxi", &format!("review{}", step + 1)).await.at("hedong");
            assert_eq!(reviewer.approve(id, step).await.status, 303, "{backend:?}, step {step}");
        }
        crate::states::fill(&house, "hedong", &["zhinan", "jgzn"]);
        house.quiet().await;
        assert_eq!(administrator.browser.submit("/console/hedong/state/open", &[]).await.status, 303, "{backend:?}");
        let list = visitor.get_with("www.hedong-demo.gov.cn", "/yaowen/", &[]).await.text();
        assert!(link_to(&list, "河东区门户网站开通").is_some(), "{backend:?}: {list}");

        let again = found().await;
        assert_eq!(again.status, 422, "the same site twice");
        assert!(again.text().contains("该站点标识已被“锦川市河东区人民政府”使用"), "{}", again.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_step_shows_everything_typed_takes_people_told_by_name_and_the_city_stays_first() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("platform", "admin").await;
        let offered = administrator.browser.screen("/console/sites/new/people?sought=wangxi-editor").await.text();
        let told = offered.split("data-told=\"").nth(1).unwrap().split('"').next().unwrap();
        let more =
            [("agency_address", "河东区政务路1号"), ("agency_postcode", "990109"), ("agency_email", "bgs@hedong-demo.gov.cn")];
        let form: Vec<_> = GOOD
            .iter()
            .map(|(name, good)| match *name {
                "editors" => ("editors", told),
                "site_code" => ("site_code", "1101020009"),
                name => (name, *good),
            })
            .chain(more)
            .collect();
        let pressed: Vec<_> = form.iter().copied().chain([("step", "2"), ("go", "next")]).collect();
        let confirm = administrator.browser.submit("/console/sites/new", &pressed).await.text();
        for (name, value) in more {
            assert!(confirm.contains(&format!("<dd>{value}</dd>")), "{name}, {backend:?}: {confirm}");
        }
        assert!(confirm.contains(&format!("<dd>{told}</dd>")), "{backend:?}: {confirm}");
        let made = administrator.browser.submit("/console/sites/new/found", &form).await;
        assert_eq!(made.status, 303, "{backend:?}: {}", made.text());
        let sites = house.engine().store.read(store::sites::list).unwrap();
        let keys: Vec<_> = sites.iter().map(|site| site.key.as_str()).collect();
        assert!(keys.first() == Some(&"jinchuan") && keys.last() == Some(&"hedong"), "{backend:?}: {keys:?}");
        let editor = house.actor("wangxi-editor").user_id.unwrap();
        let grants = house.engine().store.read(|connection| store::people::list_grants(connection, editor)).unwrap();
        assert!(grants.iter().any(|grant| grant.ground.site() == sites.last().map(|site| site.id)), "{backend:?}: {grants:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_new_site_is_told_at_its_field_in_its_step_and_nothing_is_lost() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let administrator = house.desk("platform", "admin").await;
    for (step, field, value, told) in [
        ("0", "name", "", "请填写网站全称"),
        ("0", "agency_code", "JC0105", "机构代码为7至18位数字或大写字母"),
        ("0", "agency_phone", "", "请填写联系电话"),
        ("0", "agency_phone", "abc", "至少5位数字"),
        ("0", "agency_postcode", "12", "邮政编码为6位数字"),
        ("0", "key", "河东", "站点标识只能用小写字母"),
        ("0", "key", "audit", "不是系统保留的名称"),
        ("0", "key", "wangxi", "已被“锦川市望溪区人民政府”使用"),
        ("0", "agency_code", "99010200X", "该单位已主办“锦川市望溪区人民政府”"),
        ("1", "domain", "www.hedong.com", "域名应以 .gov.cn 或 .政务 结尾"),
        ("1", "domain", "www.wangxi-demo.gov.cn", "已被其他站点使用"),
        ("1", "hosts", "http://a.gov.cn", "不是域名"),
        ("1", "site_code", "99010900", "应为10位数字"),
        ("1", "conac_url", "javascript:x", "应以 https:// 开头"),
        ("2", "template", "../../wangxi", "请选择站点模板"),
        ("2", "reviewers", "wangxi-review1", "请至少填写3名审核员"),
        ("2", "reviewers", "wangxi-review1，wangxi-review2，wangxi-review2", "请至少填写3名审核员"),
        ("2", "editors", "另一人（wangxi-editor）", "没有用户名或姓名为“另一人（wangxi-editor）”的账号"),
        ("2", "editors", "nobody", "没有用户名或姓名为“nobody”的账号"),
    ] {
        let form: Vec<_> = GOOD
            .iter()
            .map(|(name, good)| (*name, if *name == field { value } else { good }))
            .chain((!GOOD.iter().any(|(name, _)| *name == field)).then_some((field, value)))
            .chain([("step", step), ("go", "next")])
            .collect();
        let answer = administrator.browser.submit("/console/sites/new", &form).await;
        let text = answer.text();
        assert_eq!(answer.status, 422, "{field}: {text}");
        assert!(text.contains(told) && text.contains(&format!("id=\"{field}-problem\"")), "{field} = {value}: {text}");
        assert!(text.contains("锦ICP备99000009号-1"), "what was typed elsewhere travels with it");
    }
    // Pressing the last button with what an earlier step would have refused makes nothing.
    let form: Vec<_> = GOOD
        .iter()
        .map(|(name, good)| (*name, if *name == "domain" { "www.hedong.com" } else { good }))
        .chain([("step", "3")])
        .collect();
    let answer = administrator.browser.submit("/console/sites/new/found", &form).await;
    assert!(answer.status == 422 && answer.text().contains("<h2>域名与备案</h2>"), "{}", answer.text());
    let sites = house.engine().store.read(store::sites::list).unwrap();
    assert!(sites.iter().all(|site| site.key != "hedong"));
    house.close().await;
}
