//! The channel tree in the console: what is added, described, put elsewhere, retired and taken up again is what the public sees.

use model::ChannelId;
use testkit::{Article, Backend, Desk, House};

use crate::journey::link_to;
use crate::sharing::assert_rebuild_changes_nothing;

pub const NEW: &[(&str, &str)] = &[
    ("parent", ""),
    ("key", "hygq"),
    ("resource_kind", "article"),
    ("name", "回应关切"),
    ("description", "回应社会关注的热点问题"),
    ("keywords", "热点，回应"),
    ("kind", "回应关切"),
    ("update_cycle_days", "14"),
    ("step", "初审"),
    ("group", ""),
    ("step", "终审"),
    ("group", ""),
    ("navigation", "yes"),
];

/// The form with some fields typed otherwise.
fn but<'a>(form: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form: Vec<_> =
        form.iter().map(|(name, value)| (*name, changed.iter().find(|one| one.0 == *name).map_or(*value, |one| one.1))).collect();
    form.extend(changed.iter().filter(|one| !NEW.iter().any(|known| known.0 == one.0)));
    form
}

async fn place(desk: &Desk, id: ChannelId, to: &str) -> u16 {
    desk.browser.submit(&format!("/console/wangxi/channels/{id}/place"), &[("to", to)]).await.status
}

/// The names of the main navigation, in order.
async fn navigation(house: &House) -> Vec<String> {
    let home = house.browser().get("wangxi", "/").await.text();
    let start = home.find("<nav").unwrap_or_default();
    let end = home[start..].find("</nav>").map_or(home.len(), |end| start + end);
    let mut names: Vec<String> = Vec::new();
    for part in home[start..end].split("<a ").skip(1) {
        let text = part.split_once('>').and_then(|(_, rest)| rest.split_once("</a>")).map_or("", |(text, _)| text);
        names.push(text.trim().to_owned());
    }
    names
}

/// Publishes a text in the new channel, by its two steps.
async fn answer_the_public(house: &House) {
    let editor = house.desk("wangxi", "editor").await;
    let id = editor.write(house, &Article { channel: "hygq".into(), ..Article::news("关于供水的回应") }).await;
    assert_eq!(editor.hand_in(house, id).await.status, 303);
    for (step, reviewer) in [(0, "review1"), (1, "review2")] {
        assert_eq!(house.desk("wangxi", reviewer).await.approve(id, step).await.status, 303);
    }
    house.quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_channel_is_in_the_navigation_takes_its_own_steps_and_shows_what_is_published_in_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        let added = administrator.browser.submit("/console/wangxi/channels", NEW).await;
        assert_eq!(added.location(), "/console/wangxi/channels?done=channel-added", "{backend:?}: {}", added.text());
        house.quiet().await;
        let channel = house.channel("wangxi", "hygq");
        assert_eq!(channel.steps, ["初审", "终审"].map(model::Step::from));
        assert_eq!(navigation(&house).await.last().map(String::as_str), Some("回应关切"), "{backend:?}");
        let page = house.browser().get("wangxi", "/hygq/").await;
        assert_eq!((page.status, page.meta("ColumnKeywords").as_deref()), (200, Some("热点,回应")), "{backend:?}");

        answer_the_public(&house).await;
        let list = house.browser().get("wangxi", "/hygq/").await.text();
        assert!(link_to(&list, "关于供水的回应").is_some(), "{backend:?}: {list}");
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_channel_is_told_at_its_field_and_nothing_typed_is_lost() {
    let Some(house) = House::open(Backend::Sqlite).await else { return };
    let administrator = house.desk("wangxi", "admin").await;
    let foreign = house.channel("qingyu", "yaowen").id.to_string();
    for (field, value, told) in [
        ("name", " ", "请填写栏目名称"),
        ("name", "要闻动态", "同级已有名为“要闻动态”的栏目"),
        ("key", "回应", "网址名只能用小写字母"),
        ("key", "media", "且不是 assets 或 media"),
        ("key", "yaowen", "已使用该网址名"),
        ("description", "", "请填写栏目描述"),
        ("keywords", "，", "请填写栏目关键词"),
        ("kind", "", "请填写栏目类别"),
        ("update_cycle_days", "两周", "请填写天数"),
        ("update_cycle_days", "-1", "更新周期应为0至3650天"),
        ("step", " ", "请填写1至9个审核环节"),
        ("step", "初审", "审核环节不能重名"),
        ("group", "4711", "所选的工作组已被删除"),
        ("resource_kind", "poem", "请选择稿件类型"),
        ("parent", "x", "请选择上级栏目"),
        ("parent", foreign.as_str(), "上级栏目已停用"),
    ] {
        let answer = administrator.browser.submit("/console/wangxi/channels", &but(NEW, &[(field, value)])).await;
        let text = answer.text();
        assert!(answer.status == 422 && text.contains(told), "{field} = {value}: {} {text}", answer.status);
        assert!(
            text.contains(&format!("id=\"{}-problem\"", if ["step", "group"].contains(&field) { "steps" } else { field })),
            "{field} = {value} is told at the field"
        );
        if field != "description" {
            assert!(text.contains("回应社会关注的热点问题"), "what was typed is kept: {text}");
        }
    }
    for path in ["channels/4711", "channels/4711/retire", "channels/4711/restore"] {
        assert_eq!(administrator.browser.submit(&format!("/console/wangxi/{path}"), NEW).await.status, 404, "{path}");
    }
    assert_eq!(administrator.browser.submit(&format!("/console/wangxi/channels/{foreign}/retire"), &[]).await.status, 404);
    assert_eq!(administrator.browser.screen(&format!("/console/wangxi/channels/{foreign}")).await.status, 404);
    assert_eq!(house.desk("wangxi", "editor").await.browser.screen("/console/wangxi/channels").await.status, 403);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_described_anew_renews_its_pages_and_who_saves_second_is_told_what_changed() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (id, _) = editor.publish(&house, &Article::news("一则消息")).await;
        let (first, second) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
        let channel = house.channel("wangxi", "yaowen").id;
        let address = format!("/console/wangxi/channels/{channel}");
        let before = seal(&first.browser.screen(&address).await.text());
        let form = but(NEW, &[("name", "望溪要闻"), ("seen", &before)]);
        assert_eq!(first.browser.submit(&address, &form).await.location(), "/console/wangxi/channels?done=channel-saved");
        house.quiet().await;
        assert!(navigation(&house).await.contains(&"望溪要闻".to_owned()), "{backend:?}");
        let list = house.browser().get("wangxi", "/yaowen/").await;
        assert_eq!(list.meta("ColumnName").as_deref(), Some("望溪要闻"), "{backend:?}");
        let article = house.browser().get("wangxi", &link_to(&list.text(), "一则消息").unwrap()).await;
        assert_eq!(article.meta("ColumnName").as_deref(), Some("望溪要闻"), "the article {id} says so, {backend:?}");

        assert_rebuild_changes_nothing(&house, backend).await;
        let refused = second.browser.submit(&address, &but(NEW, &[("name", "头条"), ("seen", &before)])).await;
        let text = refused.text();
        assert!(refused.status == 409 && text.contains("他人刚刚修改了该栏目"), "{backend:?}: {text}");
        assert!(text.contains("栏目名称：望溪要闻") && text.contains("value=\"头条\""), "{text}");
        let knowing = seal(&text);
        let again = but(NEW, &[("name", "头条"), ("seen", &knowing)]);
        assert_eq!(second.browser.submit(&address, &again).await.status, 303, "{backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_put_elsewhere_is_there_in_navigation_and_trail_and_all_addresses_stay() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        for key in ["hygq", "zxft"] {
            let name = if key == "hygq" { "回应关切" } else { "在线访谈" };
            administrator.browser.submit("/console/wangxi/channels", &but(NEW, &[("key", key), ("name", name)])).await;
        }
        let (first, second) = (house.channel("wangxi", "hygq").id, house.channel("wangxi", "zxft").id);
        house.quiet().await;
        let before = navigation(&house).await;
        assert_eq!(before[before.len() - 2..], ["回应关切", "在线访谈"]);

        // The buttons that the screen offers lead where they say.
        let screen = administrator.browser.screen("/console/wangxi/channels").await.text();
        assert!(screen.contains("value=\"down:0.0\"") && screen.contains(&format!("value=\"into:{first}.0\"")), "{screen}");
        assert_eq!(place(&administrator, second, &format!("up:0.{first}")).await, 303);
        house.quiet().await;
        let after = navigation(&house).await;
        assert_eq!(after[after.len() - 2..], ["在线访谈", "回应关切"], "{backend:?}");

        assert_eq!(place(&administrator, second, &format!("drag:{first}.0")).await, 303);
        house.quiet().await;
        let page = house.browser().get("wangxi", "/zxft/").await;
        assert_eq!(page.status, 200, "it is still found where the public knows it, {backend:?}");
        assert!(
            page.text().contains("<li><a href=\"/hygq/\">回应关切</a></li>"),
            "its trail names the channel above, {backend:?}: {}",
            page.text()
        );
        assert_eq!(house.channel("wangxi", "zxft").parent_id, Some(first));
        assert_rebuild_changes_nothing(&house, backend).await;

        for (id, to, status) in [
            (first, format!("into:{second}.0"), 409),
            (first, format!("into:{first}.0"), 409),
            (first, "up:0.4711".to_owned(), 409),
            (first, format!("drag:{}.0", house.channel("qingyu", "yaowen").id), 404),
            (house.channel("qingyu", "yaowen").id, "drag:0.0".to_owned(), 404),
            (first, "nowhere".to_owned(), 400),
        ] {
            assert_eq!(place(&administrator, id, &to).await, status, "{id} to {to} on {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_channel_is_gone_from_the_site_what_was_published_in_it_stays_and_it_can_be_had_back() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        administrator.browser.submit("/console/wangxi/channels", NEW).await;
        let channel = house.channel("wangxi", "hygq").id;
        let below = channel.to_string();
        let added = but(NEW, &[("parent", &below), ("key", "gongshui"), ("name", "供水")]);
        assert_eq!(administrator.browser.submit("/console/wangxi/channels", &added).await.status, 303);
        let inner = house.channel("wangxi", "gongshui");
        assert_eq!(inner.path, "/hygq/gongshui/");
        answer_the_public(&house).await;
        let list = house.browser().get("wangxi", "/hygq/").await.text();
        let article = link_to(&list, "关于供水的回应").unwrap();

        let retire =
            async |id: ChannelId| administrator.browser.submit(&format!("/console/wangxi/channels/{id}/retire"), &[]).await;
        let refused = retire(channel).await;
        assert!(refused.status == 409 && refused.text().contains("请先停用或移走下级栏目"), "{}", refused.text());
        assert_eq!(retire(inner.id).await.status, 303);
        assert_eq!(retire(channel).await.status, 303);
        assert_eq!(retire(channel).await.status, 404, "twice");
        house.quiet().await;
        assert_eq!(house.browser().get("wangxi", "/hygq/").await.status, 410, "{backend:?}");
        assert!(!navigation(&house).await.contains(&"回应关切".to_owned()), "{backend:?}");
        assert_eq!(house.browser().get("wangxi", &article).await.status, 200, "{backend:?}");
        assert_rebuild_changes_nothing(&house, backend).await;
        let restore =
            async |id: ChannelId| administrator.browser.submit(&format!("/console/wangxi/channels/{id}/restore"), &[]).await;
        let refused = restore(inner.id).await;
        assert!(refused.status == 409 && refused.text().contains("请先恢复它的上级栏目"), "{}", refused.text());
        assert_eq!(restore(channel).await.status, 303);
        house.quiet().await;
        let list = house.browser().get("wangxi", "/hygq/").await;
        assert!(list.status == 200 && link_to(&list.text(), "关于供水的回应").is_some(), "{backend:?}: {}", list.text());
        assert_rebuild_changes_nothing(&house, backend).await;
        house.close().await;
    }
}

/// The seal in a form: what was before the eyes of whoever sends it.
pub fn seal(text: &str) -> String {
    let rest = text.split_once("name=\"seen\" value=\"").map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_missed_its_cycle_is_told_on_the_desk_and_among_all_sites_until_something_is_published() {
    for backend in Backend::BOTH {
        let clock = std::sync::Arc::new(model::FixedClock::at(model::Clock::now(&model::SystemClock)));
        let Some(house) = House::open_at(backend, clock.clone()).await else { continue };
        let administrator = house.desk("wangxi", "admin").await;
        administrator.browser.submit("/console/wangxi/channels", NEW).await;
        let late = async |days: i64| {
            clock.advance(chrono::TimeDelta::days(days));
            let text = house.desk("wangxi", "admin").await.browser.screen("/console/wangxi").await.text();
            let at = text.find(">回应关切</a>").unwrap_or(text.len());
            text[at..].chars().take(200).collect::<String>()
        };
        let told = late(0).await;
        assert!(
            told.contains("还没有已发布的内容，要求每 14 天更新") && told.contains("/resources/new?channel="),
            "{backend:?}: {told}"
        );
        answer_the_public(&house).await;
        assert_eq!(late(14).await, "", "{backend:?}");
        assert!(late(1).await.contains("已 15 天没有新内容，要求每 14 天更新"), "{backend:?}");
        let city = house.desk("platform", "admin").await.browser.screen("/console").await.text();
        assert!(city.contains("超期未更新栏目") && city.contains("counts-late"), "{backend:?}");
        house.close().await;
    }
}
