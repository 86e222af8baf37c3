//! Roles held for some channels alone or until a time: what lies elsewhere is not there, and what is over permits nothing.

use chrono::TimeDelta;
use config::SubscriptionManifest;
use model::{
    Actor, Anchor, Clock as _, Content, Duty, Field, Grant, Ground, OfferId, Permission, Resource, ResourceId, ResourceKind,
    ResourceState, Role, RoleContent, RoleId, SystemClock, WorkState,
};
use publish::CommandError;
use publish::commands::annotation::{self, Annotated};
use publish::commands::{offer, offer_review, pin, role};
use testkit::{Article, Backend, Desk, House};

use crate::keys::tongyuan;
use crate::library::batches::{finished, submit};
use crate::process;
use crate::sharing::{asking, declare, put};

const SITE: &str = "/console/wangxi";

/// Somebody of 望溪区 who holds this in one channel and all below it.
async fn limited(house: &House, username: &str, role: RoleId, channel: &str) -> Desk {
    house.hire(username, role, Ground::Channel(house.site("wangxi").id, house.channel("wangxi", channel).id));
    let desk = house.desk("platform", username).await;
    Desk { site: "wangxi".into(), ..desk }
}

fn in_channel(title: &str, channel: &str) -> Article {
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

/// Somebody of 望溪区 who holds in one channel and all below it whatever can be held there.
async fn everything_in(house: &House, channel: &str) -> Desk {
    let mut permissions = vec![Permission::Read, Permission::Write, Permission::Review, Permission::Withdraw];
    permissions.extend([Permission::Schedule, Permission::Push, Permission::Subscribe]);
    let content = RoleContent {
        name: "栏目主编".into(),
        note: String::new(),
        duty: Duty::Business,
        permissions: permissions.into_iter().collect(),
    };
    let role = role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    limited(house, "chief", role, channel).await
}

/// Publishes on one site and pushes it to a channel of another.
async fn push(house: &House, from: (&str, &str), title: &str, to: (&str, &str)) -> OfferId {
    let (resource, _) = house.desk(from.0, "editor").await.publish(house, &in_channel(title, from.1)).await;
    let (actor, site, target) = (house.actor(&format!("{}-editor", from.0)), house.site(from.0).id, house.channel(to.0, to.1).id);
    house.engine().store.administer("UPDATE channels SET open_to_offers = TRUE").unwrap();
    offer::push(house.engine(), &actor, site, ResourceId(resource), &[target], "").unwrap();
    let made = house.engine().store.read(|connection| store::offers::list_by_resource(connection, ResourceId(resource)));
    made.unwrap().into_iter().find(|offer| offer.channel_id == target).unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_to_a_channel_is_seen_and_decided_by_those_of_that_channel_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let chief = everything_in(&house, "yaowen").await;
        let writer = limited(&house, "writer", Role::EDITOR, "yaowen").await;
        let here = push(&house, ("qingyu", "yaowen"), "推给要闻甲", ("wangxi", "yaowen")).await;
        let reviewed = push(&house, ("qingyu", "yaowen"), "推给要闻乙", ("wangxi", "yaowen")).await;
        let there = push(&house, ("qingyu", "yaowen"), "推给通知丙", ("wangxi", "tzgg")).await;
        let page = |id: OfferId| format!("{SITE}/offers/{id}");

        let entered = chief.browser.screen(SITE).await.text();
        assert!(entered.contains("有 2 条推送等待本站处理"), "{backend:?}: {entered}");
        assert!(entered.contains("/console/wangxi/offers/count"), "the menu counts them, {backend:?}");
        let counted = chief.browser.screen(&format!("{SITE}/offers/count")).await.text();
        assert!(counted.contains('2') && !counted.contains('3'), "{backend:?}: {counted}");
        let listed = chief.browser.screen(&format!("{SITE}/offers")).await.text();
        assert!(listed.contains("推给要闻甲") && !listed.contains("推给通知丙"), "{backend:?}: {listed}");

        // What is offered to another channel is not there, whatever is done with it.
        assert_eq!(chief.browser.screen(&page(there)).await.status, 404, "{backend:?}");
        let whole = house.desk("wangxi", "editor").await;
        for deed in ["/accept", "/decline", "/begin", "/review", "/annotations"] {
            let fields = [("reason", "不合适"), ("step", "0"), ("verdict", "approve"), ("revision", "1"), ("text", "x")];
            let status = chief.browser.submit(&format!("{}{deed}", page(there)), &fields).await.status;
            assert_eq!(status, 404, "{deed}, {backend:?}");
        }
        // A command asks for itself.
        let (actor, site) = (house.actor("chief"), house.site("wangxi").id);
        let begun = offer_review::begin(house.engine(), &actor, site, there);
        assert!(matches!(begun, Err(CommandError::Forbidden)), "{backend:?}: {begun:?}");

        // Who may read there sees what they may not decide, without the means to.
        let read = writer.browser.screen(&page(here)).await.text();
        assert!(read.contains("转入本站审核") && !read.contains("/accept\""), "{backend:?}: {read}");
        assert_eq!(writer.browser.submit(&format!("{}/accept", page(here)), &[]).await.status, 403, "{backend:?}");

        let accepted = chief.browser.submit(&format!("{}/accept", page(here)), &[]).await;
        assert_eq!(accepted.location(), format!("{SITE}/offers?done=offer-accepted"), "{backend:?}: {}", accepted.text());
        assert!(chief.browser.screen(&format!("{SITE}/offers/decided")).await.text().contains("推给要闻甲"), "{backend:?}");

        // One's own review is begun, annotated and given there.
        assert_eq!(writer.browser.submit(&format!("{}/begin", page(reviewed)), &[]).await.status, 303, "{backend:?}");
        assert_eq!(whole.browser.submit(&format!("{}/begin", page(there)), &[]).await.status, 303, "{backend:?}");
        for (id, status) in [(reviewed, 303), (there, 404)] {
            let revision = house.engine().store.read(|connection| store::submissions::find_by_offer(connection, id)).unwrap();
            let revision = revision.unwrap().revision_id;
            let said = [("revision", &*revision.to_string()), ("field", "title"), ("text", "标题欠准确")];
            let given = writer.browser.submit(&format!("{}/annotations", page(id)), &said).await;
            assert_eq!(given.status, status, "{backend:?}: {}", given.text());
            let note = annotation::Note {
                revision,
                anchor: Anchor { field: Field::Title, quote: String::new(), occurrence: 0 },
                text: "越界".into(),
            };
            let asked = annotation::add(house.engine(), &actor, site, Annotated::Offered(id), note);
            assert_eq!(matches!(asked, Err(CommandError::Forbidden)), status == 404, "{backend:?}: {asked:?}");
        }
        let word = [("step", "0"), ("verdict", "approve"), ("reason", "")];
        let given = chief.browser.submit(&format!("{}/review", page(reviewed)), &word).await;
        assert_eq!(given.status, 303, "{backend:?}: {}", given.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pushed_is_listed_and_taken_back_by_those_of_its_texts_channel_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let pusher = limited(&house, "pusher", Role::EDITOR, "yaowen").await;
        let reader = limited(&house, "reader", Role::REVIEWER, "yaowen").await;
        let own = push(&house, ("wangxi", "yaowen"), "推出的要闻", ("qingyu", "yaowen")).await;
        let other = push(&house, ("wangxi", "tzgg"), "推出的通知", ("qingyu", "yaowen")).await;
        let foreign = push(&house, ("donglan", "yaowen"), "东岚推出的", ("qingyu", "yaowen")).await;

        let cancel = |id: OfferId| format!("{SITE}/offers/{id}/cancel");
        for (desk, may) in [(&pusher, true), (&reader, false)] {
            let listed = desk.browser.screen(&format!("{SITE}/offers/sent")).await.text();
            assert!(listed.contains("推出的要闻") && !listed.contains("推出的通知"), "{backend:?}: {listed}");
            assert_eq!(listed.contains(&cancel(own)), may, "{backend:?}: {listed}");
            for id in [other, foreign] {
                assert_eq!(desk.browser.submit(&cancel(id), &[]).await.status, 404, "{backend:?}");
            }
        }
        assert_eq!(reader.browser.submit(&cancel(own), &[]).await.status, 403, "{backend:?}");
        let cancelled = pusher.browser.submit(&cancel(own), &[]).await;
        assert_eq!(cancelled.location(), format!("{SITE}/offers/sent?done=offer-cancelled"), "{backend:?}");
        assert_eq!(pusher.browser.submit(&cancel(own), &[]).await.status, 409, "it is taken back, {backend:?}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_shows_is_listed_and_arranged_by_those_of_that_channel_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let chief = everything_in(&house, "yaowen").await;
        let reviewer = limited(&house, "reviewer", Role::REVIEWER, "yaowen").await;
        let admin = house.desk("wangxi", "admin").await;
        let editor = house.desk("wangxi", "editor").await;
        let (own, _) = editor.publish(&house, &in_channel("在线要闻", "yaowen")).await;
        let (other, _) = editor.publish(&house, &in_channel("在线通知", "tzgg")).await;
        let mut shared = Vec::new();
        for (title, channel) in [("共享到要闻", "yaowen"), ("共享到通知", "tzgg")] {
            let id = push(&house, ("qingyu", "yaowen"), title, ("wangxi", channel)).await;
            let accepted = admin.browser.submit(&format!("{SITE}/offers/{id}/accept"), &[]).await;
            assert_eq!(accepted.status, 303, "{backend:?}: {}", accepted.text());
            let offer =
                house.engine().store.read(|connection| store::offers::find_received(connection, house.site("wangxi").id, id));
            shared.push(offer.unwrap().unwrap().resource_id.0);
        }
        house.quiet().await;
        let placed = |resource: i64| {
            let all =
                house.engine().store.read(|connection| store::placements::list_by_resource(connection, ResourceId(resource)));
            all.unwrap().into_iter().find(|placement| placement.site_id == house.site("wangxi").id).unwrap().id
        };
        let page = |resource: i64| format!("{SITE}/placements/{}", placed(resource));

        let listed = chief.browser.screen(&format!("{SITE}/placements")).await.text();
        assert!(listed.contains("在线要闻") && listed.contains("共享到要闻"), "{backend:?}: {listed}");
        assert!(!listed.contains("在线通知") && !listed.contains("共享到通知"), "{backend:?}: {listed}");
        let taken = chief.browser.screen(&format!("{SITE}/shared")).await.text();
        assert!(taken.contains("共享到要闻") && !taken.contains("共享到通知"), "{backend:?}: {taken}");
        assert!(taken.contains(&page(shared[0])), "it can be set, {backend:?}: {taken}");
        let seen = reviewer.browser.screen(&format!("{SITE}/shared")).await.text();
        assert!(seen.contains("共享到要闻") && !seen.contains(&page(shared[0])), "{backend:?}: {seen}");

        // However much other channels show, it fills no page of theirs.
        let beside = limited(&house, "of-tzgg", Role::REVIEWER, "tzgg").await;
        for number in 0..21 {
            put(&house, "wangxi", ResourceKind::Article, &format!("要闻之{number}"), Content::default());
        }
        let listed = beside.browser.screen(&format!("{SITE}/placements")).await.text();
        assert!(listed.contains("在线通知") && !listed.contains("rel=\"next\""), "{backend:?}: {listed}");

        // What another channel shows is not there.
        let span = [("pin_from", ""), ("pin_until", "2099-01-01T08:00")];
        for elsewhere in [other, shared[1]] {
            assert_eq!(chief.browser.screen(&page(elsewhere)).await.status, 404, "{backend:?}");
            assert_eq!(chief.browser.screen(&format!("{SITE}/resources/{elsewhere}/places")).await.status, 404, "{backend:?}");
            for deed in ["", "/pin", "/unpin", "/expiry", "/remove"] {
                let status = chief.browser.submit(&format!("{}{deed}", page(elsewhere)), &span).await.status;
                assert_eq!(status, 404, "{deed}, {backend:?}");
            }
        }
        let (actor, site) = (house.actor("chief"), house.site("wangxi").id);
        let asked = pin::unpin(house.engine(), &actor, site, placed(other));
        assert!(matches!(asked, Err(CommandError::Forbidden)), "a command asks for itself, {backend:?}: {asked:?}");

        // Each deed by whoever may do it there; a screen offers no other.
        assert_eq!(reviewer.browser.submit(&format!("{}/pin", page(own)), &span).await.status, 303, "{backend:?}");
        let drawn = reviewer.browser.screen(&page(shared[0])).await.text();
        assert!(drawn.contains("/pin\"") && !drawn.contains("/remove\"") && !drawn.contains("/expiry\""), "{backend:?}: {drawn}");
        for deed in ["", "/expiry", "/remove"] {
            assert_eq!(reviewer.browser.submit(&format!("{}{deed}", page(shared[0])), &[]).await.status, 403, "{backend:?}");
        }
        let set = chief.browser.submit(&page(shared[0]), &[("slug", ""), ("title_prefix", "【转载】")]).await;
        assert_eq!(set.location(), format!("{}?done=placement-set", page(shared[0])), "{backend:?}: {}", set.text());
        let until = chief.browser.submit(&format!("{}/expiry", page(shared[0])), &[("until", "2099-01-01T08:00")]).await;
        assert_eq!(until.status, 303, "{backend:?}: {}", until.text());
        let removed = chief.browser.submit(&format!("{}/remove", page(shared[0])), &[]).await;
        let left = chief.browser.screen(removed.location().as_str()).await;
        assert!(left.status == 200 && left.text().contains("该站已撤下"), "{backend:?}: {}", left.text());
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_shown_in_a_channel_of_ones_own_tells_where_it_is_shown_there_and_nothing_else() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let own = SubscriptionManifest {
            from_site: Some("wangxi".into()),
            from_channel: Some("tzgg".into()),
            channel: "yaowen".into(),
            ..asking()
        };
        let into_topics = SubscriptionManifest { from_site: Some("donglan".into()), ..asking() };
        declare(&house, "wangxi", |manifest| manifest.subscriptions = vec![own, into_topics]);
        house.quiet().await;
        let person = limited(&house, "of-yaowen", Role::EDITOR, "yaowen").await;
        let asks = person.browser.screen(&format!("{SITE}/subscriptions")).await.text();
        assert!(asks.contains("要闻动态") && !asks.contains("东岚区"), "{backend:?}: {asks}");

        let (id, _) = house.desk("wangxi", "editor").await.publish(&house, &in_channel("通知也上要闻", "tzgg")).await;
        house.quiet().await;
        let places = person.browser.screen(&format!("{SITE}/resources/{id}/places")).await;
        assert_eq!(places.status, 200, "{backend:?}: {}", places.text());
        let places = places.text();
        assert!(places.contains("/yaowen/") && !places.contains("/tzgg/"), "{backend:?}: {places}");
        assert!(!places.contains(&format!("/resources/{id}\"")), "its text lies elsewhere, {backend:?}: {places}");
        assert_eq!(person.browser.screen(&format!("{SITE}/resources/{id}")).await.status, 404, "{backend:?}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_texts_of_ones_channel_are_dealt_with_at_once_and_none_of_others() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (here, _) = editor.publish(&house, &in_channel("要闻甲", "yaowen")).await;
        let (there, _) = editor.publish(&house, &in_channel("通知乙", "tzgg")).await;
        let draft = editor.write(&house, &in_channel("要闻丙", "yaowen")).await;
        let foreign = house.desk("qingyu", "editor").await.write(&house, &in_channel("青屿的要闻", "yaowen")).await;
        let chosen = [here, there, draft, foreign].map(ResourceId);
        let lead = of_channels(&house);
        let person = limited(&house, "of-yaowen", lead, "yaowen").await;

        let library = person.browser.screen(&format!("{SITE}/library")).await.text();
        for deed in ["批量调整栏目", "批量复制", "批量送审", "批量推送", "批量放入回收站", "批量撤回", "批量操作记录"]
        {
            assert!(library.contains(deed), "{deed}, {backend:?}: {library}");
        }
        let ids = chosen.map(|id| format!("&id={id}")).concat();
        let asked = person.browser.screen(&format!("{SITE}/library/batch?deed=withdraw{ids}")).await.text();
        assert!(asked.contains("撤回这 2 篇") && asked.contains("要闻甲"), "{backend:?}: {asked}");
        assert!(!asked.contains("通知乙") && !asked.contains("青屿的要闻"), "{backend:?}: {asked}");
        let all = person.browser.screen(&format!("{SITE}/library/batch?deed=withdraw&all=1")).await.text();
        assert!(all.contains("name=\"expected\" value=\"2\""), "all that is found is all of theirs, {backend:?}: {all}");

        // The forms offer their channels alone, and take no other.
        let channels = [("wangxi", "yaowen"), ("wangxi", "tzgg"), ("qingyu", "yaowen")];
        let [own, other, theirs] = channels.map(|(site, key)| house.channel(site, key).id.to_string());
        for deed in ["move", "copy"] {
            let form = person.browser.screen(&format!("{SITE}/library/batch?deed={deed}&id={draft}")).await.text();
            let offers = |channel: &str| form.contains(&format!("<option value=\"{channel}\""));
            assert!(offers(&own) && !offers(&other), "{deed}, {backend:?}: {form}");
            for slipped_in in [&other, &theirs] {
                let refused = submit(&person, &[("deed", deed), ("channel", slipped_in)], &chosen[..1]).await;
                assert!(
                    refused.status == 422 && refused.text().contains("请选择目标栏目"),
                    "{deed}, {backend:?}: {}",
                    refused.text()
                );
            }
        }
        let elsewhere = submit(&person, &[("deed", "copy"), ("to", "qingyu"), ("channel", &theirs)], &chosen[..1]).await;
        assert_eq!(elsewhere.status, 404, "{backend:?}");
        let nothing = submit(&person, &[("deed", "withdraw"), ("reason", "越界")], &[chosen[1], chosen[3]]).await;
        assert!(nothing.status == 422 && nothing.text().contains("请至少选择一篇稿件"), "{backend:?}: {}", nothing.text());

        // What is not theirs to see is not in it, and the rest is done or not as by hand.
        let begun = submit(&person, &[("deed", "withdraw"), ("reason", "内容有误")], &chosen).await;
        let result = finished(&person, &begun.location()).await;
        assert!(
            result.contains("1 篇未完成") && result.contains("已撤回") && !result.contains("通知乙"),
            "{backend:?}: {result}"
        );
        assert_eq!(text(&house, here).state, ResourceState::Withdrawn, "{backend:?}");
        assert_eq!(text(&house, there).state, ResourceState::Live, "{backend:?}");
        let discarded = submit(&person, &[("deed", "discard"), ("left_out", "1")], &chosen).await;
        assert!(finished(&person, &discarded.location()).await.contains("全部完成"), "{backend:?}");
        assert_eq!(text(&house, draft).work, WorkState::Discarded, "{backend:?}");
        let restored = person.browser.submit(&format!("{}/undo", discarded.location()), &[]).await;
        assert!(finished(&person, &restored.location()).await.contains("已恢复为草稿"), "{backend:?}");
        let refused = person.browser.submit(&format!("{}/undo", discarded.location()), &[]).await;
        assert_eq!(refused.status, 409, "{backend:?}");

        // They look at their own batches alone, and take nothing back for others.
        let others = submit(&editor, &[("deed", "tag"), ("add", "供热")], &chosen[1..3]).await;
        finished(&editor, &others.location()).await;
        let moved = submit(&editor, &[("deed", "move"), ("channel", &other)], &chosen[2..3]).await;
        finished(&editor, &moved.location()).await;
        let list = person.browser.screen(&format!("{SITE}/library/batches")).await.text();
        assert!(
            list.contains("批量撤回") && !list.contains("批量调整关键词") && !list.contains("wangxi-editor"),
            "{backend:?}: {list}"
        );
        assert!(editor.browser.screen(&format!("{SITE}/library/batches")).await.text().contains("of-yaowen"), "{backend:?}");
        assert_eq!(person.browser.screen(&others.location()).await.status, 404, "{backend:?}");
        let undone = person.browser.submit(&format!("{}/undo", moved.location()), &[]).await;
        assert_eq!(undone.status, 404, "{backend:?}: {}", undone.text());
        // What lies elsewhere since has lost its title.
        let result = person.browser.screen(&discarded.location()).await.text();
        assert!(!result.contains("要闻丙") && result.contains("不在您可查看的栏目"), "{backend:?}: {result}");
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_many_texts_is_judged_in_its_own_channel() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let editor = house.desk("wangxi", "editor").await;
        let (there, _) = editor.publish(&house, &in_channel("通知乙", "tzgg")).await;
        let there_draft = editor.write(&house, &in_channel("通知丙", "tzgg")).await;
        let chosen = [there, there_draft].map(ResourceId);
        let wangxi = house.site("wangxi").id;
        let lead = of_channels(&house);
        let reader = role_of(&house, "只读", &[Permission::Read]);
        let person = limited(&house, "of-yaowen", lead, "yaowen").await;
        give(&house, "of-yaowen", reader, Ground::Site(wangxi));
        let (yaowen, tzgg) = (house.channel("wangxi", "yaowen").id, house.channel("wangxi", "tzgg").id);
        let (own, other) = (yaowen.to_string(), tzgg.to_string());
        let open = house.engine().store.read(store::channels::list_open_anywhere).unwrap();
        let target = open.iter().find(|channel| channel.site_id != wangxi).unwrap().id.to_string();

        // They read the whole of the site and see these texts: what they may not do with them is told of each.
        let deeds: [&[(&str, &str)]; 6] = [
            &[("deed", "withdraw"), ("reason", "越界")],
            &[("deed", "move"), ("channel", &own)],
            &[("deed", "tag"), ("add", "越界")],
            &[("deed", "submit")],
            &[("deed", "push"), ("target", &target)],
            &[("deed", "discard"), ("left_out", "1")],
        ];
        let before = chosen.map(|id| text(&house, id.0));
        for fields in deeds {
            let begun = submit(&person, fields, &chosen).await;
            assert_eq!(begun.status, 303, "{fields:?}, {backend:?}: {}", begun.text());
            let result = finished(&person, &begun.location()).await;
            let told = result.matches("您在稿件所在栏目没有此项操作权限").count();
            assert_eq!(told, if fields.contains(&("deed", "discard")) { 1 } else { 2 }, "{fields:?}, {backend:?}: {result}");
        }
        assert_eq!(editor.hand_in(&house, there_draft).await.status, 303, "{backend:?}");
        let submission = house.engine().store.read(|c| store::submissions::find_open(c, chosen[1])).unwrap().unwrap();
        let pick = format!("{there_draft}-{}-0", submission.id);
        for verdict in ["approve", "return"] {
            let fields = [("verdict", verdict), ("pick", pick.as_str()), ("reason", "越界"), ("sure", "1")];
            let begun = person.browser.submit(&format!("{SITE}/reviews"), &fields).await;
            assert_eq!(begun.status, 303, "{verdict}, {backend:?}: {}", begun.text());
            let result = finished(&person, &begun.location()).await;
            assert!(result.contains("您在稿件所在栏目没有此项操作权限"), "{verdict}, {backend:?}: {result}");
        }
        editor.browser.submit(&format!("{SITE}/resources/{there_draft}/cancel"), &[]).await;
        let offers = house.engine().store.read(|c| store::offers::list_by_resource(c, chosen[0])).unwrap();
        assert!(offers.is_empty(), "{backend:?}: {offers:?}");
        for (id, before) in chosen.iter().zip(before) {
            let now = text(&house, id.0);
            let stands = |one: &Resource| (one.state, one.work, one.channel_id, one.latest_revision_id);
            assert_eq!(stands(&now), stands(&before), "{backend:?}");
        }

        // A copy takes nothing from what it is made of.
        let taken_over = submit(&person, &[("deed", "copy"), ("channel", &own)], &chosen).await;
        assert!(finished(&person, &taken_over.location()).await.contains("全部完成"), "{backend:?}");
        let by_others = submit(&editor, &[("deed", "copy"), ("channel", &own)], &chosen).await;
        finished(&editor, &by_others.location()).await;
        assert_eq!(person.browser.screen(&by_others.location()).await.status, 200, "they read the whole of it, {backend:?}");
        let refused = person.browser.submit(&format!("{}/undo", by_others.location()), &[]).await;
        assert_eq!(refused.status, 403, "{backend:?}: {}", refused.text());

        // What they hold in the other channel for a while, they take back as long as they hold it.
        give(&house, "of-yaowen", lead, Ground::Channel(wangxi, tzgg));
        let mine = person.write(&house, &in_channel("要闻丁", "yaowen")).await;
        let moved = submit(&person, &[("deed", "move"), ("channel", &other)], &[ResourceId(mine)]).await;
        assert!(finished(&person, &moved.location()).await.contains("已移动"), "{backend:?}");
        let copies = submit(&person, &[("deed", "copy"), ("channel", &other)], &[ResourceId(there_draft)]).await;
        assert!(finished(&person, &copies.location()).await.contains("全部完成"), "{backend:?}");
        let binned = submit(&person, &[("deed", "discard")], &[ResourceId(there_draft)]).await;
        assert!(finished(&person, &binned.location()).await.contains("全部完成"), "{backend:?}");
        take(&house, "of-yaowen", lead, Ground::Channel(wangxi, tzgg));
        for (batch, told) in [
            (&moved, "您在稿件所在栏目没有此项操作权限"),
            (&copies, "没有此项操作权限"),
            (&binned, "您在稿件所在栏目没有此项操作权限"),
        ] {
            let undone = person.browser.submit(&format!("{}/undo", batch.location()), &[]).await;
            let result = finished(&person, &undone.location()).await;
            assert!(result.contains("1 篇未完成") && result.contains(told), "{backend:?}: {result}");
        }
        assert_eq!(text(&house, mine).channel_id, tzgg, "{backend:?}");
        assert_eq!(text(&house, there_draft).work, WorkState::Discarded, "{backend:?}");

        // Nor is anything moved back to where they write no longer.
        give(&house, "of-yaowen", lead, Ground::Channel(wangxi, tzgg));
        let again = person.write(&house, &in_channel("要闻戊", "yaowen")).await;
        let moved = submit(&person, &[("deed", "move"), ("channel", &other)], &[ResourceId(again)]).await;
        finished(&person, &moved.location()).await;
        take(&house, "of-yaowen", lead, Ground::Channel(wangxi, yaowen));
        let undone = person.browser.submit(&format!("{}/undo", moved.location()), &[]).await;
        let result = finished(&person, &undone.location()).await;
        assert!(result.contains("1 篇未完成") && result.contains("您在目标栏目没有撰写权限"), "{backend:?}: {result}");
        assert_eq!(text(&house, again).channel_id, tzgg, "{backend:?}");

        // Who may withdraw here and only write there puts nothing live there, by hand or with others.
        give(&house, "of-yaowen", Role::EDITOR, Ground::Channel(wangxi, yaowen));
        let form = person.browser.screen(&format!("{SITE}/resources/{there}")).await.text();
        assert!(!form.contains(&format!("<option value=\"{own}\"")), "{backend:?}: {form}");
        let by_hand = person.browser.submit(&format!("{SITE}/resources/{there}/move"), &[("channel", &own)]).await;
        assert_eq!(by_hand.status, 403, "{backend:?}: {}", by_hand.text());
        let begun = submit(&person, &[("deed", "move"), ("channel", &own)], &chosen[..1]).await;
        assert!(finished(&person, &begun.location()).await.contains("没有此项操作权限"), "{backend:?}");
        assert_eq!(text(&house, there).channel_id, tzgg, "{backend:?}");
        house.close().await;
    }
}

/// A role of the city's own for whoever looks after channels.
fn of_channels(house: &House) -> RoleId {
    let permissions = [Permission::Read, Permission::Write, Permission::Review, Permission::Withdraw, Permission::Push];
    role_of(house, "栏目负责人", &permissions)
}

fn role_of(house: &House, name: &str, permissions: &[Permission]) -> RoleId {
    let permissions = permissions.iter().copied().collect();
    let content = RoleContent { name: name.into(), note: String::new(), duty: Duty::Business, permissions };
    role::add(house.engine(), &Actor::operator("test"), &content).unwrap();
    house.engine().store.read(store::roles::all).unwrap().by_name(name).unwrap().id
}

fn give(house: &House, username: &str, role: RoleId, ground: Ground) {
    let id = house.actor(username).author();
    house.engine().store.command(|command| store::people::grant(command, id, Grant::lasting(role, ground))).unwrap();
}

fn take(house: &House, username: &str, role: RoleId, ground: Ground) {
    let id = house.actor(username).author();
    house.engine().store.command(|command| store::people::revoke(command, id, role, ground)).unwrap();
}

fn text(house: &House, id: i64) -> Resource {
    house.engine().store.read(|c| store::resources::find_anywhere(c, ResourceId(id))).unwrap().unwrap()
}
