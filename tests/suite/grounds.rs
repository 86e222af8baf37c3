//! Roles held for some channels alone or until a time: what lies elsewhere is not there, and what is over permits nothing.

use chrono::TimeDelta;
use model::{
    Actor, Clock as _, Duty, Grant, Ground, Permission, Resource, ResourceId, ResourceKind, Role, RoleContent, RoleId,
    SystemClock,
};
use publish::commands::role;
use testkit::{Article, Backend, Desk, House};

use crate::keys::tongyuan;
use crate::process;

pub const SITE: &str = "/console/wangxi";

/// Somebody of 望溪区 who holds this in one channel and all below it.
pub async fn limited(house: &House, username: &str, role: RoleId, channel: &str) -> Desk {
    house.hire(username, role, Ground::Channel(house.site("wangxi").id, house.channel("wangxi", channel).id));
    let desk = house.desk("platform", username).await;
    Desk { site: "wangxi".into(), ..desk }
}

pub fn in_channel(title: &str, channel: &str) -> Article {
    Article { channel: channel.into(), ..Article::news(title) }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_in_one_channel_sees_and_writes_nothing_of_others() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (here, _) = editor.publish(&house, &in_channel("要闻甲", "yaowen")).await;
        let (there, approved) = editor.publish(&house, &in_channel("通知乙", "tzgg")).await;
        let there_draft = editor.write(&house, &in_channel("通知丙", "tzgg")).await;
        let person = limited(&house, "of-yaowen", Role::EDITOR, "yaowen").await;
        let entered = person.browser.screen("/console").await;
        assert_eq!(entered.location(), SITE, "{backend:?}");

        for page in [SITE, "/console/wangxi/library", "/console/wangxi/library/bin"] {
            let text = person.browser.screen(page).await.text();
            assert!(!text.contains("通知乙") && !text.contains("通知丙"), "{page}, {backend:?}: {text}");
        }
        assert!(person.browser.screen("/console/wangxi/library").await.text().contains("要闻甲"), "{backend:?}");
        let tzgg = house.channel("wangxi", "tzgg").id.to_string();
        let chosen = person.browser.screen(&format!("/console/wangxi/library?channel={tzgg}")).await.text();
        assert!(!chosen.contains("通知乙"), "a channel that is asked for by number, {backend:?}");
        for id in [there, there_draft] {
            for below in ["", "/edit", "/revisions", "/places", "/page", "/proof"] {
                let status = person.browser.screen(&format!("{SITE}/resources/{id}{below}")).await.status;
                assert_eq!(status, 404, "{below}, {backend:?}");
            }
            let status = person.browser.screen(&format!("{SITE}/working-copies/{id}")).await.status;
            assert_eq!(status, 404, "{backend:?}");
        }
        let receipt = approved.location();
        assert_eq!(person.browser.screen(receipt.split('?').next().unwrap()).await.status, 404, "{backend:?}");
        assert_eq!(person.browser.screen(&format!("{SITE}/resources/{here}")).await.status, 200, "{backend:?}");

        // The form offers their channels alone, and a number that it does not offer is refused at its field.
        let form = person.browser.screen(&format!("{SITE}/resources/new")).await.text();
        assert!(!form.contains(&format!("value=\"{tzgg}\"")), "{backend:?}: {form}");
        let fields = [("channel", tzgg.as_str()), ("title", "越界"), ("body", "<p>x</p>"), ("source", "x"), ("action", "save")];
        let refused = person.browser.submit(&format!("{SITE}/resources"), &fields).await;
        assert!(refused.status == 422 && refused.text().contains("您没有在该栏目撰写的权限"), "{backend:?}: {}", refused.text());
        let own = person.write(&house, &in_channel("要闻丁", "yaowen")).await;
        let moved = person.browser.submit(&format!("{SITE}/resources/{own}/move"), &[("channel", &tzgg)]).await;
        assert_eq!(moved.status, 404, "{backend:?}: {}", moved.text());
        for closed in ["/views", "/redirects", "/channels", "/people"] {
            assert_eq!(person.browser.screen(&format!("{SITE}{closed}")).await.status, 403, "{closed}, {backend:?}");
        }
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reviews_a_channel_reviews_what_lies_below_it_too_and_nothing_beside_it() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let reviewer = limited(&house, "of-zwgk", Role::REVIEWER, "zwgk").await;
        let tree = house.engine().store.read(|connection| store::channels::tree(connection, house.site("wangxi").id)).unwrap();
        let zwgk = house.channel("wangxi", "zwgk").id;
        let is_below = |one: &&model::Channel| one.parent_id == Some(zwgk) && one.resource_kind == ResourceKind::Article;
        let below = tree.all().iter().find(is_below).unwrap().key.clone();
        let mut ids = Vec::new();
        for (title, channel) in [("下级稿件", below.as_str()), ("别处稿件", "yaowen")] {
            let id = editor.write(&house, &in_channel(title, channel)).await;
            assert_eq!(editor.hand_in(&house, id).await.status, 303, "{backend:?}");
            ids.push(id);
        }
        let desk = reviewer.browser.screen(SITE).await.text();
        assert!(desk.contains("下级稿件") && !desk.contains("别处稿件"), "{backend:?}: {desk}");
        assert_eq!(reviewer.browser.screen(&format!("{SITE}/resources/{}", ids[1])).await.status, 404, "{backend:?}");
        // Several at once: what lies elsewhere is none of them, and its title is told nowhere.
        let pick = format!("{}-1-0", ids[1]);
        let begun = reviewer.browser.submit(&format!("{SITE}/reviews"), &[("verdict", "approve"), ("pick", &pick)]).await;
        assert!(begun.status == 422 && begun.text().contains("请至少选择一篇稿件"), "{backend:?}: {}", begun.text());
        let page = reviewer.browser.screen(&format!("{SITE}/resources/{}", ids[0])).await;
        assert!(page.status == 200 && page.text().contains("/review\""), "{backend:?}: {}", page.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_until_a_time_is_over_at_that_second_and_is_told() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let admin = house.desk("wangxi", "admin").await;
        let id = house.actor("wangxi-editor").user_id.unwrap();
        let page = format!("{SITE}/people/{id}");
        let give = async |fields: &[(&str, &str)]| admin.browser.submit(&format!("{page}/grants"), fields).await;
        let yaowen = house.channel("wangxi", "yaowen").id.to_string();

        // Mistakes are told at their fields, and what was typed stays.
        let past = give(&[("limited", "reviewer"), ("ground", &yaowen), ("until", "2020-01-01T08:00")]).await;
        assert!(past.status == 422 && past.text().contains("截止时间须晚于现在"), "{backend:?}: {}", past.text());
        assert!(past.text().contains("2020-01-01T08:00"), "{backend:?}");
        let none = give(&[("ground", &yaowen), ("until", "")]).await;
        assert!(none.status == 422 && none.text().contains("请至少选择一个角色"), "{backend:?}");
        let endless = give(&[("limited", "reviewer"), ("ground", ""), ("until", "")]).await;
        assert!(endless.status == 422 && endless.text().contains("须填写截止时间"), "{backend:?}");
        let had = give(&[("limited", "editor"), ("ground", &yaowen), ("until", "")]).await;
        assert!(had.status == 422 && had.text().contains("已长期担任“编辑”"), "{backend:?}");
        let foreign = house.channel("qingyu", "yaowen").id.to_string();
        let foreign = give(&[("limited", "reviewer"), ("ground", &foreign), ("until", "")]).await;
        assert!(foreign.status == 422 && foreign.text().contains("没有这个栏目"), "{backend:?}: {}", foreign.text());
        let whole = give(&[("limited", "administrator"), ("ground", &yaowen), ("until", "")]).await;
        assert!(whole.status == 422 && whole.text().contains("不能在单个栏目范围内授予"), "{backend:?}: {}", whole.text());

        let given = give(&[("limited", "reviewer"), ("ground", &yaowen), ("until", "")]).await;
        assert_eq!(given.location(), format!("{page}?done=grant-given"), "{backend:?}: {}", given.text());
        let shown = admin.browser.screen(&page).await.text();
        assert!(shown.contains("要闻动态”及下级栏目"), "{backend:?}: {shown}");
        let taken = admin.browser.submit(&format!("{page}/grants/take"), &[("role", "reviewer"), ("ground", &yaowen)]).await;
        assert_eq!(taken.location(), format!("{page}?done=grant-taken"), "{backend:?}: {}", taken.text());
        let gone = admin.browser.submit(&format!("{page}/grants/take"), &[("role", "reviewer"), ("ground", &yaowen)]).await;
        assert_eq!(gone.status, 409, "{backend:?}");

        // A role ends at its second, whether or not anything ran; then it is taken away and told.
        house.hire("standing-in", Role::EDITOR, Ground::Site(house.site("wangxi").id));
        let deputy = house.desk("platform", "standing-in").await;
        let deputy_id = house.actor("standing-in").user_id.unwrap();
        assert_eq!(deputy.browser.screen(&format!("{SITE}/schedules")).await.status, 200, "{backend:?}");
        let soon = model::local(SystemClock.now() + TimeDelta::seconds(3)).format("%Y-%m-%dT%H:%M:%S").to_string();
        let given = admin
            .browser
            .submit(
                &format!("{SITE}/people/{deputy_id}/grants"),
                &[("limited", "administrator"), ("ground", ""), ("until", &soon)],
            )
            .await;
        assert_eq!(given.status, 303, "{backend:?}: {}", given.text());
        assert_eq!(deputy.browser.screen(&format!("{SITE}/channels")).await.status, 200, "{backend:?}");
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        assert_eq!(deputy.browser.screen(&format!("{SITE}/channels")).await.status, 403, "{backend:?}");
        house.quiet().await;
        let entries = house.engine().store.read(|connection| store::audit::list(connection, None, None, 5)).unwrap();
        assert!(entries.iter().any(|entry| entry.action == "grant.lapse"), "{backend:?}: {entries:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_for_a_channel_or_until_a_time_is_given_and_taken_on_the_server_too() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (config, channel) =
            (process::settings(&house, "operator", process::free_address()), house.channel("wangxi", "yaowen"));
        let here = ["--role", "editor", "--site", "wangxi", "--channel", "yaowen"];
        let run = |words: &[&str]| tongyuan(&[&["user"], words].concat(), &config).status.success();
        house.hire("zhao", Role::EDITOR, Ground::Site(house.site("qingyu").id));
        let held = || {
            let id = house.actor("zhao").user_id.unwrap();
            let grants = house.engine().store.read(|connection| store::people::list_grants(connection, id)).unwrap();
            grants.into_iter().find(|grant| grant.ground == Ground::Channel(channel.site_id, channel.id))
        };
        assert!(run(&[&["grant", "zhao", "--until", "2099-12-31 18:00"], &here[..]].concat()), "{backend:?}");
        assert_eq!(
            held().unwrap().until.unwrap().to_string(),
            "2099-12-31 10:00:00",
            "as the clock in Beijing says, {backend:?}"
        );
        assert!(!run(&[&["grant", "zhao", "--until", "2020-01-01 00:00"], &here[..]].concat()), "it is over, {backend:?}");
        assert!(!run(&["grant", "zhao", "--role", "editor", "--channel", "yaowen"]), "a channel is a site's, {backend:?}");
        assert!(!run(&["grant", "zhao", "--role", "administrator", "--site", "wangxi", "--channel", "yaowen"]), "{backend:?}");
        assert!(run(&[&["revoke", "zhao"], &here[..]].concat()) && held().is_none(), "{backend:?}");
        assert!(!run(&[&["revoke", "zhao"], &here[..]].concat()), "there is nothing more to take, {backend:?}");
        house.close().await;
    }
}

/// A role of the city's own for whoever looks after channels.
pub fn of_channels(house: &House) -> RoleId {
    let permissions = [Permission::Read, Permission::Write, Permission::Review, Permission::Withdraw, Permission::Push];
    role_of(house, "栏目负责人", &permissions)
}

pub fn role_of(house: &House, name: &str, permissions: &[Permission]) -> RoleId {
    let permissions = permissions.iter().copied().collect();
    let content = RoleContent { name: name.into(), note: String::new(), duty: Duty::Business, permissions };
    role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    house.engine().store.read(store::roles::all).unwrap().by_name(name).unwrap().id
}

pub fn give(house: &House, username: &str, role: RoleId, ground: Ground) {
    let id = house.actor(username).author();
    house.engine().store.command(|command| store::people::grant(command, id, Grant::lasting(role, ground))).unwrap();
}

pub fn take(house: &House, username: &str, role: RoleId, ground: Ground) {
    let id = house.actor(username).author();
    house.engine().store.command(|command| store::people::revoke(command, id, role, ground)).unwrap();
}

pub fn text(house: &House, id: i64) -> Resource {
    house.engine().store.read(|c| store::resources::find_anywhere(c, ResourceId(id))).unwrap().unwrap()
}
