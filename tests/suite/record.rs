//! 站点资料: what is recorded of a site is changed by whoever founds sites, and then stands on every page.

use testkit::{Backend, House};

use crate::channels::seal;
use crate::sharing::assert_rebuild_changes_nothing;

const ADDRESS: &str = "/console/wangxi/record";

const RECORD: &[(&str, &str)] = &[
    ("name", "锦川市望溪区人民政府网"),
    ("short_name", "望溪"),
    ("domain", "www.wangxi-demo.gov.cn"),
    ("hosts", "wangxi-demo.gov.cn，望溪区.政务"),
    ("site_code", "9901020001"),
    ("icp_number", "锦ICP备26000077号-1"),
    ("police_number", ""),
    ("conac_url", "https://bszs.conac.cn/"),
];

/// The record with some fields typed otherwise, as it was seen.
fn typed<'a>(seen: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let now = |name: &str, value: &'a str| changed.iter().find(|one| one.0 == name).map_or(value, |one| one.1);
    RECORD.iter().map(|(name, value)| (*name, now(name, value))).chain([("seen", seen)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_of_a_site_is_changed_in_the_console_and_stands_on_every_page() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "admin").await;
        let seen = seal(&city.browser.screen(ADDRESS).await.text());
        assert_eq!(city.browser.submit(ADDRESS, &typed(&seen, &[])).await.location(), format!("{ADDRESS}?done=record-saved"));
        house.quiet().await;
        for path in ["/", "/tzgg/", "/sitemap.html"] {
            let page = house.browser().get("wangxi", path).await.text();
            assert!(page.contains("锦川市望溪区人民政府网") && page.contains("锦ICP备26000077号-1"), "{backend:?}: {path}");
        }
        let city_home = house.browser().get("jinchuan", "/").await.text();
        assert!(city_home.contains("锦川市望溪区人民政府网"), "{backend:?}: where other sites name it");
        let hosts = house.engine().store.read(store::sites::hosts).unwrap();
        assert_eq!(hosts.iter().filter(|(_, site)| *site == house.site("wangxi").id).count(), 3, "{backend:?}");

        // Who saves second is shown what the first wrote; nothing typed is lost.
        let late = city.browser.submit(ADDRESS, &typed(&seen, &[("short_name", "望溪新区")])).await;
        assert!(late.status == 409 && late.text().contains("望溪新区") && late.text().contains("网站简称：望溪"), "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_holds_or_no_site_may_have_is_refused_at_its_field() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let city = house.desk("platform", "admin").await;
        let seen = seal(&city.browser.screen(ADDRESS).await.text());
        let other = house.site("qingyu");
        for (field, value, told) in [
            ("site_code", other.site_code.as_str(), "该标识码已被"),
            ("name", other.name.as_str(), "该名称已被"),
            ("domain", other.domain.as_str(), "已被其他站点使用"),
            ("hosts", other.domain.as_str(), "已被其他站点使用"),
            ("domain", "www.wangxi.com", "域名应以"),
            ("site_code", "123", "10位数字"),
            ("name", "", "请填写网站全称"),
            ("short_name", "望\0溪", "不能显示的字符"),
            ("conac_url", "javascript:alert(1)", "https://"),
        ] {
            let answer = city.browser.submit(ADDRESS, &typed(&seen, &[(field, value)])).await;
            assert!(answer.status == 422 && answer.text().contains(told), "{backend:?}: {field} {value}: {}", answer.text());
        }
        let administrator = house.desk("wangxi", "admin").await;
        assert_eq!(administrator.browser.screen(ADDRESS).await.status, 403, "{backend:?}");
        house.close().await;
    }
}
