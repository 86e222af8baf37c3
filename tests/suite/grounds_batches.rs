//! What is done with many texts at once by whoever holds a role for some channels alone.

use model::{Ground, Permission, Resource, ResourceId, ResourceState, Role, WorkState};
use testkit::{Backend, House};

use crate::grounds::{SITE, give, in_channel, limited, of_channels, role_of, take, text};
use crate::library::batches::{finished, submit};

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
