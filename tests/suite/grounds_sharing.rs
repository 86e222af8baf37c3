//! What sites show of each other, to whoever holds a role for some channels alone.

use config::SubscriptionManifest;
use model::{Actor, Anchor, Content, Duty, Field, OfferId, Permission, ResourceId, ResourceKind, Role, RoleContent};
use publish::CommandError;
use publish::commands::annotation::{self, Annotated};
use publish::commands::{offer, offer_review, pin, role};
use testkit::{Backend, Desk, House};

use crate::grounds::{SITE, in_channel, limited};
use crate::sharing::{asking, declare, put};

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
